"""The assay command as a user meets it: help, examples, digits, files, errors, exit statuses.

usage: check_cli.py ASSAY [unittest options]
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from fractions import Fraction

import mpmath
import numpy as np

ASSAY = os.path.abspath(sys.argv.pop(1))
COMMANDS = ["claims", "verify", "field", "dae theory", "dae train", "dae generate", "bayes estimation",
            "bayes denoising", "bayes classification"]


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

    def tearDown(self):
        self.directory.cleanup()

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as stream:
            stream.write(text)

    def run_assay(self, *arguments, expect=0):
        done = subprocess.run([ASSAY, *arguments], cwd=self.directory.name, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, expect, f"assay {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        return done

    def refuse(self, *arguments, says):
        """Exit 2, one line on stderr with each of `says`, nothing on stdout."""
        done = self.run_assay(*arguments, expect=2)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for part in says:
            self.assertIn(part, done.stderr)


class Help(Command):
    def test_every_command_has_help_and_an_example_that_works(self):
        overview = self.run_assay("--help").stdout
        for command in COMMANDS:
            self.assertIn("  " + command + " ", overview)
            text = self.run_assay(*command.split(), "--help").stdout
            example = re.search(r"^Example:\n  assay (.*)$", text, re.M)
            self.assertIsNotNone(example, command)
            done = subprocess.run(f"{ASSAY} {example.group(1)}", shell=True, cwd=self.directory.name,
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, f"{example.group(1)}\n{done.stderr}")
            self.assertNotEqual(done.stdout, "")

    def test_version_names_libraries_and_core(self):
        text = self.run_assay("--version").stdout
        for word in ("assay ", "mpfr ", "mpfi ", "gmp ", "OpenBLAS", "core ", "vector instructions "):
            self.assertIn(word, text)

    def test_unknown_words_are_refused(self):
        self.refuse("fly", says=["'fly'"])
        self.refuse("claims", "--colour", says=["'--colour'"])
        self.assertIn("dae train", self.run_assay("dae", expect=2).stderr)
        self.run_assay(expect=2)


class Theory(Command):
    def test_golden_digits(self):
        """R5 and R6 at n = 8, sigma = 3/2, lambda = 1/10, r = 1, in exact arithmetic."""
        n, s2, lam = 8, Fraction(9, 4), Fraction(1, 10)
        a, b = lam + n - 1, lam * (1 + s2) + (n - 1) * s2
        expected = {"mse": (lam**2 + n * s2 + n * b / a) / (lam + n)**2, "mse_bayes": s2 / (n + s2),
                    "cluster_variance": b / a}
        out = self.run_assay("dae", "theory", "--samples", "8", "--sigma", "1.5", "--lambda", "1/10", "--time", "1",
                             "--digits", "30").stdout
        values = dict(line.split() for line in out.splitlines())
        for key, value in expected.items():
            self.assertEqual(values[key], decimal(value, 30), key)
        self.assertTrue(values["mse"].startswith("0.5505666218"))
        self.assertTrue(values["mse_bayes"].startswith("0.2195121951"))

    def test_a_decimal_is_a_double_and_a_ratio_is_exact(self):
        arguments = ["dae", "theory", "--samples", "8", "--sigma", "1.5", "--digits", "30"]
        exact = self.run_assay(*arguments, "--lambda", "1/10").stdout
        double = self.run_assay(*arguments, "--lambda", "0.1").stdout
        self.assertNotEqual(exact, double)
        dyadic = Fraction(0.1)
        self.assertEqual(double, self.run_assay(*arguments, "--lambda", str(dyadic)).stdout)

    def test_json_encloses(self):
        out = json.loads(self.run_assay("dae", "theory", "--samples", "8", "--sigma", "3/2", "--lambda", "1/10",
                                        "--json").stdout)
        self.assertEqual(set(out), {"c", "w_mu", "w_xi", "w_eta", "flow_mu", "flow_xi", "flow_eta", "flow_perp", "mse",
                                    "cosine", "cluster_variance", "mse_bayes", "w2_squared"})
        exact = Fraction(9, 4) / (8 + Fraction(9, 4))
        low, high = Fraction(out["mse_bayes"]["lo"]), Fraction(out["mse_bayes"]["hi"])
        self.assertTrue(low <= exact <= high and high - low < Fraction(1, 10**15))

    def test_steps_need_a_grid_point(self):
        base = ["dae", "theory", "--samples", "8", "--sigma", "1", "--lambda", "1", "--steps", "10"]
        self.run_assay(*base, "--time", "3/10")
        self.refuse(*base, "--time", "0.3", says=["time"])  # the double is not 3/10

    def test_bad_numbers(self):
        base = ["dae", "theory", "--sigma", "1", "--lambda", "1"]
        self.refuse(*base, says=["--samples n is missing"])
        self.refuse(*base, "--samples", "0", says=["--samples", "'0'"])
        self.refuse(*base, "--samples", "2.5", says=["--samples", "'2.5'"])
        self.refuse(*base, "--samples", "99999999999999999999999", says=["--samples"])
        self.refuse(*base, "--samples", "8", "--samples", "9", says=["--samples", "twice"])
        self.refuse(*base, "--samples", "8", "--time", "1.5", says=["time", "1.5"])
        self.refuse(*base, "--samples", "8", "--time", "1/0", says=["--time", "'1/0'"])
        self.refuse(*base, "--samples", "8", "--time", "1e-400", says=["--time", "underflows"])
        self.refuse(*base, "--samples", "8", "--time", says=["--time", "missing"])
        self.refuse(*base, "--samples", "8", "--schedule", "cubic", says=["--schedule", "'cubic'", "trigonometric"])
        self.refuse("dae", "theory", "--samples", "8", "--sigma", "-1", "--lambda", "1", says=["sigma", "-1"])
        self.refuse(*base, "--samples", "8", "extra", says=["'extra'"])


class Field(Command):
    def reference(self, mixture, alpha, beta, x, digits):
        """The denoiser sum p_k f_k in plain mpmath at high precision."""
        with mpmath.workdps(digits + 60):
            weights, terms = [], []
            for weight, mean, variance in mixture:
                v = alpha**2 + beta**2 * variance
                square = sum((mpmath.mpf(xj) - beta * mpmath.mpf(mj))**2 for xj, mj in zip(x, mean))
                weights.append(mpmath.log(weight) - len(x) * mpmath.log(v) / 2 - square / (2 * v))
                terms.append([(beta * variance * mpmath.mpf(xj) + alpha**2 * mpmath.mpf(mj)) / v
                              for xj, mj in zip(x, mean)])
            top = max(weights)
            p = [mpmath.exp(w - top) for w in weights]
            total = sum(p)
            return [sum(pk * term[j] for pk, term in zip(p, terms)) / total for j in range(len(x))]

    def test_sixty_digits_on_random_mixtures(self):
        random = np.random.default_rng(5)
        for dimension, components in ((1, 1), (2, 3), (17, 4), (100, 5)):
            mixture = [(float(random.uniform(0.1, 2)), random.normal(size=dimension).tolist(),
                        float(random.uniform(0.01, 2))) for _ in range(components)]
            self.write("random.json", json.dumps({"dimension": dimension, "components": [
                {"weight": w, "mean": m, "covariance": v} for w, m, v in mixture]}))
            points = random.normal(size=(2, dimension))
            np.save(self.path("x.npy"), points)
            time_ = Fraction(int(random.integers(1, 99)), 100)
            out = self.run_assay("field", "--quantity", "denoiser", "--mixture", "random.json", "--points", "x.npy",
                                 "--time", str(time_), "--digits", "60").stdout
            with mpmath.workdps(140):
                beta = mpmath.mpf(time_.numerator) / time_.denominator
                for line, x in zip(out.splitlines(), points):
                    expected = self.reference(mixture, 1 - beta, beta, x.tolist(), 60)
                    for text, value in zip(line.split(), expected, strict=True):
                        error = abs(mpmath.mpf(text) - value) / abs(value)
                        self.assertLessEqual(error, mpmath.mpf(10)**-59 / 2, f"{text} is not {value}")

    def test_engines_agree_and_files_are_written_whole(self):
        arguments = ["field", "--quantity", "velocity", "--mixture", "mixture.json", "--points", "points.npy", "--time",
                     "1/3"]
        text = self.run_assay(*arguments).stdout
        self.assertEqual(self.run_assay(*arguments, "--out", "v.npy").stdout, "")
        values = np.load(self.path("v.npy"))
        self.assertEqual(values.dtype, np.float64)
        self.assertTrue(np.array_equal(values, np.array([[float(t) for t in line.split()]
                                                         for line in text.splitlines()])))
        self.assertTrue(np.array_equal(values[2], [0, 0]))  # exact by symmetry
        fast = json.loads(self.run_assay(*arguments, "--engine", "fast", "--json").stdout)
        for row, bound, exact in zip(fast["values"], fast["bounds"], values, strict=True):
            self.assertTrue(np.all(np.abs(np.array(row) - exact) <= bound + 1e-16))
            self.assertLess(bound, 1e-12)
        self.assertEqual(sorted(os.listdir(self.directory.name)), ["mixture.json", "points.npy", "v.npy"])

    def test_every_quantity_at_the_ends(self):
        for quantity in ("velocity", "score", "denoiser", "noise", "log-density", "divergence"):
            for time_ in ("0", "1"):
                for schedule in ("linear", "trigonometric"):
                    out = self.run_assay("field", "--quantity", quantity, "--mixture", "mixture.json", "--points",
                                         "points.npy", "--time", time_, "--schedule", schedule).stdout
                    self.assertEqual(len(out.splitlines()), 3)
        self.run_assay("field", "--quantity", "score", "--mixture", "mixture.json", "--points", "points.npy", "--alpha",
                       "1/2", "--beta", "1/2")

    def test_bad_input_is_named_and_nothing_is_written(self):
        base = ["field", "--quantity", "score", "--mixture", "mixture.json", "--points", "points.npy", "--out", "v.npy"]
        self.refuse(*base, says=["--time T is missing"])
        self.refuse(*base, "--time", "1/2", "--alpha", "1", says=["--alpha"])
        self.refuse(*base, "--alpha", "1", says=["--beta is missing"])
        self.refuse("field", "--quantity", "velocity", "--mixture", "mixture.json", "--points", "points.npy", "--alpha",
                    "1", "--beta", "1", says=["velocity"])
        self.refuse("field", "--quantity", "speed", "--mixture", "mixture.json", "--points", "points.npy", "--time",
                    "1", says=["'speed'", "velocity"])
        self.write("bad.json", '{"dimension": 2, "components": [{"weight": -1, "mean": [0, 0], "covariance": 1}]}')
        self.refuse("field", "--quantity", "score", "--mixture", "bad.json", "--points", "points.npy", "--time", "1",
                    says=["bad.json", "components[0].weight", "-1"])
        np.save(self.path("nan.npy"), np.array([[0.0, 1.0], [2.0, np.nan]]))
        self.refuse("field", "--quantity", "score", "--mixture", "mixture.json", "--points", "nan.npy", "--time", "1",
                    says=["nan.npy", "row 1", "column 1"])
        np.save(self.path("wide.npy"), np.zeros((2, 3)))
        self.refuse("field", "--quantity", "score", "--mixture", "mixture.json", "--points", "wide.npy", "--time", "1",
                    says=["wide.npy", "3", "2"])
        self.refuse("field", "--quantity", "score", "--mixture", "none.json", "--points", "points.npy", "--time", "1",
                    says=["none.json"])
        self.assertFalse(os.path.exists(self.path("v.npy")))


class Dae(Command):
    SMALL = ["--samples", "8", "--dimension", "20000", "--sigma", "0.5", "--lambda", "0.1", "--steps", "20"]

    def test_generate_measures_what_theory_predicts(self):
        out = json.loads(self.run_assay("dae", "generate", *self.SMALL, "--count", "50", "--json").stdout)
        for key in ("mse", "cosine", "cluster_variance", "flow_mu", "flow_xi", "flow_eta", "flow_perp"):
            predicted = (float(out[key]["predicted"]["lo"]) + float(out[key]["predicted"]["hi"])) / 2
            # 1/sqrt(d) = 0.007 times a few: the claims hold the tight budgets, this is the plumbing
            self.assertLess(abs(out[key]["measured"] - predicted), 0.05, key)

    def test_results_do_not_depend_on_threads_but_on_the_seed(self):
        one = self.run_assay("dae", "generate", *self.SMALL, "--count", "20", "--json", "--threads", "1").stdout
        two = self.run_assay("dae", "generate", *self.SMALL, "--count", "20", "--json", "--threads", "2").stdout
        other = self.run_assay("dae", "generate", *self.SMALL, "--count", "20", "--json", "--seed", "2").stdout
        self.assertEqual(one, two)
        self.assertNotEqual(one, other)

    def test_samples_are_written(self):
        self.run_assay("dae", "generate", *self.SMALL, "--count", "30", "--out", "x.npy")
        x = np.load(self.path("x.npy"))
        self.assertEqual(x.shape, (30, 20000))
        # around +-mean with M = 8/8.1 along (1, ..., 1): the overlap is that within 5/sqrt(d)
        self.assertLess(np.max(np.abs(np.abs(x.mean(axis=1)) - 8 / 8.1)), 0.05)

    def test_train_counts_and_fits(self):
        out = json.loads(self.run_assay("dae", "train", "--samples", "8", "--dimension", "20000", "--sigma", "0.5",
                                        "--lambda", "0.1", "--time", "0.5", "--json").stdout)
        (fit,) = out["times"]
        self.assertEqual(fit["wrong_labels"], 0)
        self.assertLess(fit["gradient_norm"], 1e-9)
        # R1 at n = 8, t = 1/2: c = 2 B/(A + B)
        a, b = 7.1, 0.1 * 1.25 + 7 * 0.25
        self.assertLess(abs(fit["c"]["value"] - 2 * b / (a + b)), 0.05)
        self.refuse("dae", "train", "--samples", "8", "--dimension", "9", "--sigma", "1", "--lambda", "1", "--time", "0.5",
                    "--steps", "3", says=["--time", "--steps"])

    def test_an_interrupt_leaves_no_half_file(self):
        process = subprocess.Popen([ASSAY, "dae", "generate", "--samples", "2", "--dimension", "1000000", "--sigma",
                                    "0.5", "--lambda", "0.1", "--steps", "5", "--count", "2000", "--out", "x.npy"],
                                   cwd=self.directory.name, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while len(os.listdir(self.directory.name)) == 2 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertIsNone(process.poll(), "finished before it could be interrupted")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(30), -signal.SIGINT)
        self.assertEqual(sorted(os.listdir(self.directory.name)), ["mixture.json", "points.npy"])


class Bayes(Command):
    def test_estimation_is_exact(self):
        out = self.run_assay("bayes", "estimation", "--samples", "8", "--sigma", "3/2", "--digits", "25").stdout
        self.assertEqual(out.split(), ["mse", decimal(Fraction(9, 41), 25)])

    def test_classification_and_denoising_against_mpmath(self):
        with mpmath.workdps(40):
            error = mpmath.erfc(mpmath.sqrt(2) / mpmath.mpf("0.5") / mpmath.sqrt(2)) / 2
            out = self.run_assay("bayes", "classification", "--norm2", "2", "--sigma", "1/2", "--digits", "20").stdout
            self.assertEqual(out.split(), ["error", mpmath.nstr(error, 20, strip_zeros=False, min_fixed=-6)])
            # mmse = E|x_1|^2 - E|f|^2 by integration over x along mu, |mu| = 2, sigma = 1, t = 1/2, d = 3
            alpha = beta = mpmath.mpf(1) / 2
            v = alpha**2 + beta**2

            def second_moment(x):
                near, far = (mpmath.npdf(x, sign * beta * 2, mpmath.sqrt(v)) / 2 for sign in (1, -1))
                p = near / (near + far)
                f = beta * x / v + alpha**2 / v * 2 * (2 * p - 1)
                return (near + far) * f * f

            along = 1 + 4 - mpmath.quad(second_moment, [-12, -3, 0, 3, 12])
            expected = along + 2 * (alpha**2 / v)
            out = self.run_assay("bayes", "denoising", "--dimension", "3", "--norm2", "4", "--sigma", "1", "--time",
                                 "1/2", "--digits", "15").stdout
            self.assertLess(abs(mpmath.mpf(out.split()[1]) - expected), mpmath.mpf(10)**-13)


class Verify(Command):
    def test_a_claim_and_its_control(self):
        out = self.run_assay("verify", "flow-dae/euler-cosine-product").stdout
        self.assertIn("PROVED", out)
        out = self.run_assay("verify", "flow-dae/euler-cosine-product", "--control").stdout
        self.assertIn("REFUTED", out)

    def test_reports(self):
        out = json.loads(self.run_assay("verify", "flow-dae/summary-ode", "--json", "--record", "r.json", "--junit",
                                        "r.xml", "--html", "r.html").stdout)
        with open(self.path("r.json"), encoding="utf-8") as stream:
            record = json.load(stream)
        self.assertEqual(out["claims"][0]["verdict"], "PROVED")
        self.assertEqual(record["claims"][0]["items"], out["claims"][0]["items"])
        for name in ("r.xml", "r.html"):
            self.assertGreater(os.path.getsize(self.path(name)), 200)

    def test_unknown_claims_and_levels(self):
        self.refuse("verify", "flow-dae/nothing*", says=["flow-dae/nothing*"])
        self.refuse("claims", "nothing", says=["nothing"])
        self.refuse("verify", "--level", "medium", says=["'medium'", "quick", "full"])
        self.refuse("verify", "--delta", "2", says=["--delta", "'2'"])

    def test_every_claim_is_listed_with_control_and_sizes(self):
        claims = json.loads(self.run_assay("claims", "--json").stdout)["claims"]
        self.assertGreaterEqual(len(claims), 18)
        for claim in claims:
            for key in ("id", "statement", "source", "kind", "control"):
                self.assertTrue(claim[key], claim["id"])
            self.assertEqual(set(claim["sizes"]), {"quick", "full"})


if __name__ == "__main__":
    unittest.main()
