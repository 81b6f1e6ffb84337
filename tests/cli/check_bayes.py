"""The commands of assay bayes against definitions: integrals by mpmath, posteriors counted out or integrated by NumPy.

usage: check_bayes.py ASSAY ASSAY_FALSE_PAPER [unittest options]
"""

import json
import math
import re
import subprocess
import unittest
from fractions import Fraction

import mpmath
import numpy as np

from command import ASSAY, USES, Command

# Weights, means and variances; unequal ones, and a light needle.
LINE = [(1, -1, Fraction(1, 4)), (2, 2, 1), (0.5, 0.25, Fraction(1, 100))]


def fraction(value):
    return mpmath.mpf(Fraction(value).numerator) / Fraction(value).denominator


class Mixture(Command):
    def setUp(self):
        super().setUp()
        self.write_line("line.json", LINE)

    def write_line(self, name, components):
        self.write(name, json.dumps({"dimension": 1, "components": [
            {"weight": w, "mean": [m], "covariance": str(v)} for w, m, v in components]}))

    def value(self, command, *arguments):
        key, value = self.run_assay("bayes", command, *arguments).stdout.split()
        self.assertEqual(key, {"denoising": "mmse", "classification": "error"}[command])
        return mpmath.mpf(value)

    def densities(self, alpha, beta, components):
        """Normalised w_k N(x; beta m_k, alpha^2 + beta^2 S_k) as functions, and where to cut integrals."""
        total = sum(fraction(w) for w, _, _ in components)
        laws = [(fraction(w) / total, beta * m, mpmath.sqrt(alpha**2 + beta**2 * fraction(v)))
                for w, m, v in components]
        cuts = sorted({mean + step * deviation for _, mean, deviation in laws for step in range(-12, 13, 2)})
        return [lambda x, law=law: law[0] * mpmath.npdf(x, law[1], law[2]) for law in laws], cuts

    def mmse(self, alpha, beta, components):
        """E x_1^2 - E (sum q_k f_k)^2/(sum q_k)^2."""
        q, cuts = self.densities(alpha, beta, components)
        total = sum(fraction(w) for w, _, _ in components)
        square = sum(fraction(w) / total * (fraction(v) + mpmath.mpf(m)**2) for w, m, v in components)

        def guessed(x):
            held = [qk(x) for qk in q]
            guess = [m + beta * fraction(v) * (x - beta * m) / (alpha**2 + beta**2 * fraction(v))
                     for _, m, v in components]
            return sum(h * g for h, g in zip(held, guess))**2 / sum(held)
        return square - mpmath.quad(guessed, cuts)

    def test_denoising(self):
        with mpmath.workdps(30):
            for alpha, beta in (("1/2", "1/2"), ("1", "1/4"), ("1/10", "1")):
                out = self.value("denoising", "--mixture", "line.json", "--alpha", alpha, "--beta", beta, "--digits", "20")
                expected = self.mmse(fraction(alpha), fraction(beta), LINE)
                self.assertLess(abs(out / expected - 1), mpmath.mpf(10)**-18, f"{alpha} {beta}: {out}, not {expected}")

    def test_classification(self):
        """1 - int max_k q_k, integrated between the places where the largest changes, which bisection finds."""
        with mpmath.workdps(30):
            for alpha, beta in (("1/2", "1/2"), ("0", "1"), ("1/10", "1")):
                q, cuts = self.densities(fraction(alpha), fraction(beta), LINE)
                largest = lambda x: max(range(len(q)), key=lambda k: q[k](x))
                grid = [cuts[0] + (cuts[-1] - cuts[0]) * i / 2000 for i in range(2001)]
                names = [largest(x) for x in grid]
                for left, right, before, behind in zip(grid, grid[1:], names, names[1:]):
                    if before == behind:
                        continue
                    while right - left > mpmath.mpf(10)**-26:
                        middle = (left + right) / 2
                        left, right = (middle, right) if largest(middle) == before else (left, middle)
                    cuts.append(left)
                expected = 1 - mpmath.quad(lambda x: max(qk(x) for qk in q), sorted(cuts))
                out = self.value("classification", "--mixture", "line.json", "--alpha", alpha, "--beta", beta, "--digits",
                                 "20")
                self.assertLess(abs(out - expected), mpmath.mpf(10)**-18, f"{alpha} {beta}: {out}, not {expected}")

    def test_the_binary_mixture_either_way(self):
        """Two formulas for one number: the file, and the closed forms."""
        self.write("binary.json", '{"binary": {"mean": [1.5], "variance": "1/9"}}')
        binary = ["--norm2", "9/4", "--sigma", "1/3", "--digits", "40"]
        for point in (["--time", "1/3"], ["--schedule", "trigonometric", "--time", "9/10"],
                      ["--alpha", "1/7", "--beta", "3"]):
            file = ["--mixture", "binary.json", "--digits", "40", *point]
            for command, more in (("denoising", ["--dimension", "1"]), ("classification", [])):
                with mpmath.workdps(45):
                    self.assertEqual(self.value(command, *file), self.value(command, *binary, *more, *point))

    def test_ends(self):
        """Nothing is left open at t = 1; at t = 0 x_1's variance and the lighter weights are, and 1 is the default."""
        self.write_line("line.json", [(1, 0, 1), (3, 4, 2)])
        use = ["--mixture", "line.json"]
        self.assertEqual(self.run_assay("bayes", "denoising", *use, "--time", "1").stdout.split(), ["mmse", "0"])
        self.assertEqual(self.value("denoising", *use, "--time", "0"), mpmath.mpf("4.75"))
        self.assertEqual(self.value("classification", *use, "--time", "0"), mpmath.mpf("0.25"))
        self.assertEqual(self.value("classification", *use), self.value("classification", *use, "--time", "1"))

    def test_json_encloses(self):
        for command, key in (("denoising", "mmse"), ("classification", "error")):
            use = ["bayes", command, "--mixture", "line.json", "--time", "1/2"]
            out = self.json_of(*use)
            self.assertEqual(list(out), [key])
            low, high = Fraction(out[key]["lo"]), Fraction(out[key]["hi"])
            printed = Fraction(self.run_assay(*use).stdout.split()[1])
            self.assertTrue(low < high and high - low < low / 10**16 and abs(printed - low) < low / 10**16)

    def test_refusals(self):
        self.write_line("bad.json", [(-1, 0, 1)])
        for command, more in (("denoising", ["--time", "1/2"]), ("classification", [])):
            use = ["bayes", command, *more]
            file = [*use, "--mixture", "line.json"]
            self.refuse(*use, "--mixture", "mixture.json", says=["mixture.json: dimension is 2, expected 1"])
            self.refuse(*use, "--mixture", "bad.json", says=["bad.json", "components[0].weight", "-1"])
            self.refuse(*use, "--mixture", "none.json", says=["none.json"])
            self.refuse(*file, "--norm2", "1", says=["--norm2", "--mixture"])
            self.refuse(*file, "--sigma", "1", says=["--sigma", "--mixture"])
            self.refuse(*use, "--sigma", "1", says=["--norm2 R is missing", "--mixture"])
            self.refuse(*use, "--norm2", "1", says=["--sigma S is missing", "--mixture"])
            binary = [*use, *(["--dimension", "2"] if command == "denoising" else [])]
            self.refuse(*binary, "--norm2", "-1", "--sigma", "1", says=["--norm2: -1 must be at least 0"])
            self.refuse(*binary, "--norm2=-1/3", "--sigma", "1", says=["--norm2: -0.333"])
            self.refuse("bayes", command, "--mixture", "line.json", "--alpha", "1", says=["--beta is missing"])
            self.refuse("bayes", command, "--mixture", "line.json", "--alpha", "1", "--beta", "1", "--schedule", "linear",
                        says=["--alpha", "--schedule"])
            self.refuse("bayes", command, "--mixture", "line.json", "--alpha", "0", "--beta", "0", says=["alpha", "beta"])
        self.refuse("bayes", "denoising", "--mixture", "line.json", says=["--time T is missing"])
        self.refuse("bayes", "denoising", "--mixture", "line.json", "--time", "1/2", "--dimension", "1",
                    says=["--dimension", "--mixture"])
        self.refuse("bayes", "denoising", "--norm2", "1", "--sigma", "1", "--time", "1/2", says=["--dimension d is missing"])
        self.refuse("bayes", "denoising", "--mixture", "line.json", "--time", "1/2", "--max-bits", "70",
                    says=["bits", "--max-bits"], expect=3)

    def test_an_underflow_is_not_a_lack_of_bits(self):
        use = ["bayes", "classification", "--norm2", "1e30", "--sigma", "1"]
        self.refuse(*use, says=["below MPFR's smallest number", "10^-323228496"], expect=3)
        self.assertNotIn("max-bits", self.run_assay(*use, expect=3).stderr)


class Examples(Command):
    def test_files_and_examples_of_the_help(self):
        for command in ("bayes estimation", "bayes denoising", "bayes classification"):
            text = self.run_assay(*command.split(), "--help").stdout
            script = re.findall(r"^  (echo .*\\\n.*)$", text, re.M) + re.findall(r"^  (assay .*)$", text, re.M)
            self.assertEqual(len(script), 2 + ("--mixture" in text))
            for line in script:
                line = re.sub("^assay", ASSAY, line)
                done = subprocess.run(line, shell=True, cwd=self.directory.name, capture_output=True, check=False)
                self.assertEqual(done.returncode, 0, f"{line}\n{done.stderr}")


class UnknownLabels(Command):
    def estimate(self, samples, dimension, sigma, *more):
        out = self.json_of("bayes", "estimation", "--samples", str(samples), "--sigma", str(sigma), "--labels", "unknown",
                           "--dimension", str(dimension), *more)
        self.assertEqual((list(out), list(out["mse"])), (["mse"], ["mean", "standard_error"]))
        return out["mse"]["mean"], out["mse"]["standard_error"]

    def compare(self, ours, errors):
        """Squared errors of independent data sets; six standard deviations: one run in 10^9 is wrong."""
        error = math.hypot(ours[1], errors.std(ddof=1) / math.sqrt(len(errors)))
        self.assertLess(abs(ours[0] - errors.mean()), 6 * error)

    def test_against_patterns_counted_out(self):
        n, d, sigma, draws = 5, 3, 1.5, 4000
        random = np.random.default_rng(11)
        patterns = np.array([[1 - 2 * (k >> i & 1) for i in range(n)] for k in range(0, 2**n, 2)])  # the first is +1
        mu = random.normal(size=(draws, d))
        signs = np.where(random.random((draws, n)) < 0.5, -1, 1)
        signs[:, 0] = 1
        x = signs[:, :, None] * mu[:, None] + sigma * random.normal(size=(draws, n, d))
        sums = np.einsum("ei,kij->kej", patterns, x)
        weights = (sums**2).sum(2) / (2 * sigma**2 * (n + sigma**2))
        weights = np.exp(weights - weights.max(1, keepdims=True))
        mean = (weights[:, :, None] * sums).sum(1) / weights.sum(1)[:, None] / (n + sigma**2)
        self.compare(self.estimate(n, d, sigma), ((mean - mu)**2).sum(1) / d)

    def test_against_the_posterior_on_a_grid(self):
        """d = 1: mu's posterior from prior and likelihoods alone."""
        n, sigma, draws = 4, 1.0, 4000
        random = np.random.default_rng(12)
        mu = random.normal(size=draws)
        x = np.where(random.random((draws, n)) < 0.5, -1, 1) * mu[:, None] + sigma * random.normal(size=(draws, n))
        x[:, 0] = mu + sigma * random.normal(size=draws)
        grid = np.linspace(-8, 8, 401)
        near, far = (-(x[:, :, None] - side * grid)**2 / (2 * sigma**2) for side in (1, -1))
        log = near[:, 0] + np.logaddexp(near[:, 1:], far[:, 1:]).sum(1) - grid**2 / 2
        posterior = np.exp(log - log.max(1, keepdims=True))
        mean = (posterior * grid).sum(1) / posterior.sum(1)
        self.compare(self.estimate(n, 1, sigma, "--draws", "4000"), (mean - mu)**2)

    def test_seed_draws_and_text(self):
        use = ["bayes", "estimation", "--samples", "6", "--sigma", "3/2", "--labels", "unknown", "--dimension", "2"]
        mean, error = self.estimate(6, 2, "3/2")
        lines = [line.split() for line in self.run_assay(*use, "--draws", "1000", "--seed", "1").stdout.splitlines()]
        self.assertEqual([line[0] for line in lines], ["mse", "standard_error"])
        self.assertLess(abs(float(lines[0][1]) - mean), 1e-8)
        self.assertLess(abs(float(lines[1][1]) / error - 1), 1e-2)
        self.assertNotEqual(self.estimate(6, 2, "3/2", "--seed", "2")[0], mean)
        # the standard error shrinks like 1/sqrt(draws); its own relative error is a few percent
        self.assertLess(abs(self.estimate(6, 2, "3/2", "--draws", "16000")[1] / error - 0.25), 0.05)

    def test_known_is_the_default(self):
        use = USES["bayes estimation"]
        self.assertEqual(self.run_assay(*use, "--labels", "known").stdout, self.run_assay(*use).stdout)

    def test_refusals(self):
        known, unknown = USES["bayes estimation"], [*USES["bayes estimation"], "--labels", "unknown"]
        self.refuse(*unknown, says=["--dimension d is missing"])
        self.refuse(*known, "--dimension", "2", says=["--dimension", "--labels known"])
        self.refuse(*known, "--draws", "20", says=["--draws", "--labels known"])
        self.refuse(*known, "--labels", "guessed", says=["--labels", "'guessed'", "known unknown"])
        self.refuse(*unknown, "--dimension", "2", "--draws", "1", says=["--draws", "'1'"])
        self.refuse(*unknown, "--dimension", "2", "--digits", "5", says=["--digits"])
        self.refuse(*unknown, "--dimension", "0", says=["--dimension", "'0'"])
        self.refuse("bayes", "estimation", "--samples", "21", "--sigma", "1", "--labels", "unknown", "--dimension", "2",
                    says=["samples: 21", "20"])
        self.refuse("bayes", "estimation", "--samples", "2", "--sigma", "0", "--labels", "unknown", "--dimension", "2",
                    says=["sigma"])


if __name__ == "__main__":
    unittest.main()
