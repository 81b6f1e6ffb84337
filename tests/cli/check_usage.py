"""The assay command in a user's hands: help, options, bad input.

usage: check_usage.py ASSAY ASSAY_FALSE_PAPER [unittest options]
"""

import os
import re
import subprocess
import unittest

import numpy as np

from command import ASSAY, FIELD, MODEL, USES, Command


class Help(Command):
    def test_every_command_has_help_and_examples_that_work(self):
        self.write("line.json", '{"dimension": 1, "components": [{"weight": 1, "mean": [0.5], "covariance": 2}]}')
        overview = self.run_assay("--help").stdout
        for command in USES:
            self.assertIn("  " + command + " ", overview)
            text = self.run_assay(*command.split(), "--help").stdout
            self.assertLessEqual(max(map(len, text.splitlines())), 100, command)
            for option in ("--seed N", "--threads N", "--max-bits B", "--quiet", "--json"):
                self.assertRegex(text, rf"\n  {option} +\S")
            examples = re.findall(r"^  assay (.*)$", text.split("\nExample:\n")[1], re.M)
            self.assertNotEqual(examples, [], command)
            for example in examples:
                done = subprocess.run(f"{ASSAY} {example}", shell=True, cwd=self.directory.name, capture_output=True,
                                      text=True, check=False)
                self.assertEqual(done.returncode, 0, f"{example}\n{done.stderr}")
            self.assertNotEqual(done.stdout, "")
        self.assertLessEqual(max(map(len, overview.splitlines())), 100)

    def test_help_of_field_makes_its_files(self):
        for name in ("mixture.json", "points.npy"):
            os.remove(self.path(name))
        text = self.run_assay("field", "--help").stdout
        lines = re.findall(r"^  ((?:echo|python3) .*)$", text, re.M)
        self.assertEqual(len(lines), 2)
        python = os.path.dirname(os.path.realpath(__import__("sys").executable))
        environment = {**os.environ, "PATH": python + ":" + os.environ["PATH"]}
        subprocess.run("; ".join(lines), shell=True, cwd=self.directory.name, check=True, env=environment)
        self.run_assay(*USES["field"])

    def test_help_of_gmm_learn_makes_its_samples(self):
        made = np.load(self.path("samples.npy"))
        os.remove(self.path("samples.npy"))
        line = re.search(r"^  (python3 -c '[^']*')$", self.run_assay("gmm", "learn", "--help").stdout, re.M).group(1)
        python = os.path.dirname(os.path.realpath(__import__("sys").executable))
        environment = {**os.environ, "PATH": python + ":" + os.environ["PATH"]}
        subprocess.run(line, shell=True, cwd=self.directory.name, check=True, env=environment)
        self.assertTrue(np.array_equal(np.load(self.path("samples.npy")), made))

    def test_help_is_found_anywhere(self):
        overview = self.run_assay("--help").stdout
        self.assertEqual(self.run_assay("-h").stdout, overview)
        text = self.run_assay("field", "--help").stdout
        self.assertEqual(self.run_assay("field", "-h").stdout, text)
        self.assertEqual(self.run_assay("field", "--out", "--help").stdout, text)
        for group in ("dae", "bayes", "gmm"):
            for word in ("--help", "-h"):
                self.assertIn(f"usage: assay {group} <command>", self.run_assay(group, word).stdout)

    def test_version_names_libraries_and_core(self):
        text = self.run_assay("--version").stdout
        for word in ("assay ", "mpfr ", "mpfi ", "gmp ", "jansson ", "zlib ", "OpenBLAS", "core ", "vector instructions "):
            self.assertIn(word, text)

    def test_unknown_words_are_refused(self):
        self.refuse("fly", says=["'fly'"])
        self.refuse("", says=["''"])
        self.refuse("--json", says=["'--json'"])
        self.refuse("--version", "twice", says=["'twice'"])
        self.refuse("claims", "--colour", says=["'--colour'"])
        self.refuse("dae", says=["dae", "theory, train, generate"])
        self.refuse("dae", "sing", says=["'sing'", "theory, train, generate"])
        self.refuse("da", says=["'da'"])
        self.assertIn("usage:", self.run_assay(expect=2).stderr)


class Options(Command):
    def test_forms(self):
        one = self.run_assay("bayes", "estimation", "--samples", "8", "--sigma", "3/2", "--digits", "5").stdout
        self.assertEqual(self.run_assay("bayes", "estimation", "--samples=8", "--sigma=3/2", "--digits=5").stdout, one)
        base = USES["bayes estimation"]
        self.refuse(*base, "--=3", says=["'--'"])
        self.refuse(*base, "-x", says=["'-x'"])
        self.refuse(*base, "-1", says=["'-1'"])
        self.refuse(*base, "extra", says=["'extra'"])
        self.refuse(*base, "--", "--json", says=["'--json'"])  # behind -- no option
        self.refuse(*base, "--quiet=1", says=["--quiet", "no value"])
        self.refuse(*base, "--json", "--json", says=["--json", "twice"])
        self.refuse(*base, "--digits", says=["--digits", "missing"])
        self.refuse(*base, "--digits", "--json", says=["--digits", "missing"])
        self.refuse(*base, "--digits=", says=["--digits", "''"])

    def test_common_values(self):
        base = USES["bayes estimation"]
        for option, bad, good in (("--seed", ["-1", "", "1.0", "0x1", "18446744073709551616"], "18446744073709551615"),
                                  ("--threads", ["0", "-1", "1025", "two"], "1024"),
                                  ("--max-bits", ["52", "-5", "16777217", "9" * 40], "16777216"),
                                  ("--digits", ["0", "-1", "100001", " 5", "5 "], "1000")):
            for value in bad:
                self.refuse(*base, option, value, says=[option, f"'{value}'"])
            self.run_assay(*base, option, good)

    def test_reals(self):
        base = ["dae", "theory", "--samples", "8", "--sigma", "1", "--lambda", "1"]
        for value in ("nan", "inf", "-inf", "", " 1", "1 ", "0x1p-2", "1e", "1/0", "1/2/3", "0,5", "1e999", "1e-400"):
            self.refuse(*base, "--time", value, says=["--time", f"'{value}'"])
        self.refuse(*base, "--time", "-0.5", says=["time", "-0.5"])  # a negative number is a value, not an option
        self.refuse(*base, "--time", "1.5", says=["time", "1.5"])
        self.run_assay(*base, "--time=-0")
        self.refuse("verify", "--delta", "1", says=["--delta", "'1'"])
        self.refuse("bayes", "estimation", "--samples", "8", "--sigma", "0", says=["sigma", "0"])
        self.refuse("bayes", "classification", "--norm2", "-1", "--sigma", "1", says=["norm2", "-1"])

    def test_schedules(self):
        known = ["linear", "trigonometric", "polynomial:N", "linear-vp", "vp:BMIN:BMAX"]
        for text, says in (("cosine", ["'cosine'", *known]), ("coefficients", known), ("polynomial", ["polynomial:N"]),
                           ("polynomial:0", ["degree", "0"]), ("polynomial:1.5", ["degree", "'1.5'"]),
                           ("polynomial:1001", ["1001"]), ("linear:2", ["'linear:2'"]), ("vp:1", ["BMAX"]),
                           ("vp:2:1", ["beta_min", "2"]), ("vp:0:0", ["beta_max", "0"]), ("vp:-1:1", ["-1"]),
                           ("vp:1/0:1", ["'1/0'"]), ("vp:x:1", ["'x'"]), ("vp:1/3:" + "1" * 300, ["characters"])):
            self.refuse(*FIELD, "--quantity", "score", "--time", "0.5", "--schedule", text, says=["--schedule", *says])

    def test_numbers_of_dae(self):
        base = ["dae", "theory", "--sigma", "1", "--lambda", "1"]
        self.refuse(*base, says=["--samples n is missing"])
        self.refuse(*base, "--samples", "0", says=["--samples", "'0'"])
        self.refuse(*base, "--samples", "2.5", says=["--samples", "'2.5'"])
        self.refuse(*base, "--samples", "99999999999999999999999", says=["--samples"])
        self.refuse(*base, "--samples", "8", "--samples", "9", says=["--samples", "twice"])
        self.refuse(*base, "--samples", "8", "--schedule", "cubic", says=["--schedule", "'cubic'", "trigonometric"])
        self.refuse(*base, "--samples", "8", "--schedule", "vp:0.1:20", says=["vp has beta(0) > 0"])
        self.refuse(*base, "--samples", "8", "--schedule", "polynomial:2", "--steps", "1", says=["steps: 1", "polynomial"])
        self.run_assay(*base, "--samples", "8", "--schedule", "linear-vp")
        for command in (["train"], ["generate", "--steps", "3"]):
            self.refuse("dae", *command, *MODEL, "--dimension", "9", "--schedule", "vp:0:1", says=["vp has beta(0) > 0"])
        self.refuse("dae", "theory", "--samples", "8", "--sigma", "-1", "--lambda", "1", says=["sigma", "-1"])
        self.refuse("dae", "theory", "--samples", "1", "--sigma", "1", "--lambda", "0", says=["samples", "lambda"])
        self.refuse("dae", "train", *MODEL, "--dimension", "9", "--time", "0.5", "--steps", "3",
                    says=["--time", "--steps"])
        self.refuse("dae", "generate", *MODEL, "--dimension", "9", "--steps", "1000001", says=["--steps"])
        self.refuse("dae", "generate", *MODEL, "--dimension", str(2**47), says=["memory"], expect=3)


class Field(Command):
    def test_combinations_of_options(self):
        base = [*FIELD, "--quantity", "score"]
        self.refuse(*base, says=["--time T is missing"])
        self.refuse(*base, "--time", "1/2", "--alpha", "1", says=["--alpha"])
        self.refuse(*base, "--alpha", "1", says=["--beta is missing"])
        self.refuse(*base, "--alpha", "-1", "--beta", "1", says=["alpha", "-1"])
        self.refuse(*base, "--alpha", "0", "--beta", "0", says=["alpha", "beta"])
        self.refuse(*FIELD, "--quantity", "velocity", "--alpha", "1", "--beta", "1", says=["velocity"])
        self.refuse(*FIELD, "--quantity", "speed", "--time", "1", says=["'speed'", "velocity"])
        self.refuse(*FIELD, "--quantity", "", "--time", "1", says=["--quantity", "empty"])
        self.refuse(*base, "--time", "1", "--out", "v.npy", "--digits", "3", says=["--digits", "v.npy"])
        self.refuse(*base, "--time", "1", "--engine", "fast", "--json", "--digits", "3", says=["--digits"])
        self.assertEqual(self.files(), [])

    def refuse_files(self, mixture, points, says):
        self.refuse("field", "--quantity", "score", "--time", "1", "--out", "v.npy", "--mixture", mixture, "--points",
                    points, says=says)

    def test_bad_files_are_named(self):
        self.write("bad.json", '{"dimension": 2, "components": [{"weight": -1, "mean": [0, 0], "covariance": 1}]}')
        np.save(self.path("nan.npy"), np.array([[0.0, 1.0], [2.0, np.nan]]))
        np.save(self.path("wide.npy"), np.zeros((2, 3)))
        np.save(self.path("none.npy"), np.zeros((0, 2)))
        self.refuse_files("bad.json", "points.npy", ["bad.json", "components[0].weight", "-1"])
        self.write("flat.json", '{"dimension": 2, "components": [{"weight": 1, "mean": [0, 0], "covariance": '
                                '[[1, 2], [2, 1]]}]}')
        self.refuse_files("flat.json", "points.npy", ["flat.json: components[0].covariance", "positive definite"])
        self.refuse_files("mixture.json", "nan.npy", ["nan.npy", "row 1", "column 1"])
        self.refuse_files("mixture.json", "wide.npy", ["wide.npy", "3", "2"])
        self.refuse_files("mixture.json", "none.npy", ["none.npy"])
        self.refuse_files("mixture.json", "mixture.json", ["mixture.json", "NPY"])
        self.refuse_files("none.json", "points.npy", ["none.json"])
        self.refuse_files(".", "points.npy", [".: is a directory"])
        self.refuse_files("mixture.json", "/dev/null", ["/dev/null"])
        self.refuse_files("", "points.npy", ["--mixture", "empty"])
        self.assertNotIn("v.npy", self.files())


if __name__ == "__main__":
    unittest.main()
