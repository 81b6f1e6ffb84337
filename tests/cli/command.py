"""What the tests of the assay command share: running it in a fresh folder, and judging how it refuses."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

import mpmath
import numpy as np

ASSAY = os.path.abspath(sys.argv.pop(1))
FALSE_PAPER = os.path.abspath(sys.argv.pop(1))  # the command with a paper of a true, a false and an open claim

# One quick use of each command.
MODEL = ["--samples", "8", "--sigma", "0.5", "--lambda", "0.1"]
FIELD = ["field", "--mixture", "mixture.json", "--points", "points.npy"]
USES = {
    "claims": ["claims", "flow-dae/*-rate"],
    "verify": ["verify", "flow-dae/*-rate"],
    "field": [*FIELD, "--quantity", "velocity", "--time", "1/3"],
    "check": ["check", *FIELD[1:], "--quantity", "noise", "--time", "0", "--values", "points.npy"],
    "check-samples": ["check-samples", "--samples", "points.npy", "--mixture", "mixture.json", "--time", "1/2"],
    "dae theory": ["dae", "theory", *MODEL],
    "dae train": ["dae", "train", *MODEL, "--dimension", "50", "--steps", "4"],
    "dae generate": ["dae", "generate", *MODEL, "--dimension", "50", "--steps", "4", "--count", "5"],
    "bayes estimation": ["bayes", "estimation", "--samples", "8", "--sigma", "3/2"],
    "bayes denoising": ["bayes", "denoising", "--dimension", "2", "--norm2", "2", "--sigma", "1/2", "--time", "0.5"],
    "bayes classification": ["bayes", "classification", "--norm2", "2", "--sigma", "1/2"],
    "gmm learn": ["gmm", "learn", "--data", "samples.npy", "--model", "model.gmm", "--degree", "6"],
    "gmm sample": ["gmm", "sample", "--model", "model.gmm", "--count", "10", "--out", "new.npy"],  # behind gmm learn
    "gmm score": ["gmm", "score", "--model", "model.gmm", "--points", "samples.npy"],
    "gmm em": ["gmm", "em", "--data", "samples.npy", "--components", "2"],
    "vectors": ["vectors"],
}


def decimal(fraction, digits):
    """A positive fraction to that many significant decimals, correctly rounded, as the command prints it."""
    with mpmath.workdps(digits + 40):
        return mpmath.nstr(mpmath.mpf(fraction.numerator) / fraction.denominator, digits, strip_zeros=False,
                           min_fixed=-6, max_fixed=21)


class Command(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.write("mixture.json", json.dumps({"binary": {"mean": [1, -0.5], "variance": "1/4"}}))
        np.save(self.path("points.npy"), np.array([[0.1, 0.2], [-1.5, 3.0], [0.0, 0.0]]))
        random = np.random.default_rng(1)
        np.save(self.path("samples.npy"), random.choice([-3.0, 3.0], (5000, 1)) + random.standard_normal((5000, 1)))

    def tearDown(self):
        self.directory.cleanup()

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as stream:
            stream.write(text)

    def files(self):
        """What the folder holds besides mixture.json, points.npy and samples.npy."""
        return sorted(set(os.listdir(self.directory.name)) - {"mixture.json", "points.npy", "samples.npy"})

    def run_assay(self, *arguments, expect=0):
        done = subprocess.run([ASSAY, *arguments], cwd=self.directory.name, capture_output=True, text=True, check=False,
                              timeout=300)
        self.assertEqual(done.returncode, expect, f"assay {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        return done

    def refuse(self, *arguments, says, expect=2):
        """That exit status, one line on stderr with each of `says`, nothing on stdout."""
        done = self.run_assay(*arguments, expect=expect)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr, r"\Aassay[ :][^\n]*\n\Z")
        for part in says:
            self.assertIn(part, done.stderr)

    def json_of(self, *arguments):
        """The one object on stdout; NaN and Infinity, which Python would take, are no JSON."""
        def no_constant(name):
            self.fail(f"{name} in the JSON of assay {' '.join(arguments)}")
        return json.loads(self.run_assay(*arguments, "--json").stdout, parse_constant=no_constant)
