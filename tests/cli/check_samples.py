"""assay check-samples against NumPy: what the samples give, what is refuted, files and refusals.

usage: check_samples.py ASSAY ASSAY_FALSE_PAPER [unittest options]
"""

import json
import os
import re
import shutil
import unittest
import xml.etree.ElementTree

import mpmath
import numpy as np

from command import Command

N, MEAN, VARIANCE, TIME = 20000, np.array([1.0, -0.5, 0.25]), 0.25, 0.5
USE = ["check-samples", "--samples", "x.npy", "--mixture", "m.json", "--time", "1/2"]


class Samples(Command):
    def setUp(self):
        super().setUp()
        self.write("m.json", json.dumps({"binary": {"mean": MEAN.tolist(), "variance": VARIANCE}}))
        self.random = np.random.default_rng(5)

    def draw(self, count=N, plus=0.5):
        """x_t = x_0/2 + x_1/2."""
        signs = np.where(self.random.random(count) < plus, 1.0, -1.0)[:, None]
        data = signs * MEAN + np.sqrt(VARIANCE) * self.random.standard_normal((count, 3))
        return (1 - TIME) * self.random.standard_normal((count, 3)) + TIME * data

    def save(self, x, dtype="<f8", name="x.npy"):
        np.save(self.path(name), x.astype(dtype))

    def report(self, *more, expect=0):
        return json.loads(self.run_assay(*USE, *more, "--json", expect=expect).stdout)


class Verdicts(Samples):
    def test_right_samples_pass(self):
        for dtype, stored in (("<f8", "float64"), ("<f4", "float32")):
            self.save(self.draw(), dtype)
            report = self.report()
            self.assertEqual((report["verdict"], report["failed"], report["stored"]), ("not refuted", 0, stored))
            self.assertEqual(report["total_variation"], {"at_least": 0.0, "by": None})
            self.assertTrue(all(not test["fails"] and test["p"] > report["share"] for test in report["tests"]))
            self.assertIn("\nnot refuted (delta 1e-06, ", self.run_assay(*USE).stdout)

    def test_wrong_samples_are_refuted_by_name(self):
        right = self.draw()
        for x, kind in ((right * 1.05, "radii"), (right + 0.1, "mean"), (self.draw(plus=0.6), "labels[0]"),
                        (np.where(np.arange(3 * N).reshape(N, 3) == 77, 30.0, right), "largest-radius")):
            self.save(x)
            report = self.report(expect=1)
            self.assertEqual(report["verdict"], "refuted")
            fails = [test["name"] for test in report["tests"] if test["fails"]]
            self.assertIn(kind, fails)
            self.assertEqual(len(fails), report["failed"])
            self.assertIn(report["worst"], fails)
            text = self.run_assay(*USE, expect=1).stdout
            self.assertRegex(text, rf"\n{re.escape(kind)} .* fails\n")
            self.assertIn(f"\nrefuted: {len(fails)} of {report['comparisons']} comparisons fail, worst ", text)

    def test_nothing_is_decided_where_rounding_hides_the_spread(self):
        self.write("m.json", json.dumps({"binary": {"mean": [1, 1, 1], "variance": 1e-18}}))
        x = np.where(self.random.random(N) < 0.5, 1.0, -1.0)[:, None] * np.ones(3)
        self.save(x + 1e-9 * self.random.standard_normal((N, 3)), "<f4")
        out = self.run_assay(*USE[:-2], "--time", "1", expect=3).stdout
        self.assertIn("\nundecided: ", out)

    def test_a_smaller_delta_refutes_less(self):
        self.save(self.draw() * 1.016)
        self.assertGreater(self.report("--delta", "0.01", expect=1)["failed"], 0)
        self.run_assay(*USE, "--delta", "1e-12", expect=0)


class Numbers(Samples):
    def test_statistics_are_those_of_the_definition(self):
        """One component: z = (x - beta m)/sqrt(v) needs no labels."""
        v = (1 - TIME)**2 + TIME**2 * 0.5
        self.write("m.json", json.dumps({"dimension": 3, "components": [
            {"weight": 3, "mean": MEAN.tolist(), "covariance": 0.5}]}))
        x = TIME * MEAN + np.sqrt(v) * self.random.standard_normal((N, 3))
        self.save(x)
        z = (x - TIME * MEAN) / np.sqrt(v)
        report = self.report()
        tests = {test["name"]: test for test in report["tests"]}
        eigenvalues = np.linalg.eigvalsh(z.T @ z / N)
        for name, expected in (("radii", (z**2).sum() / (3 * N)), ("mean", (z.sum(0)**2).sum() / N),
                               ("largest-radius", np.sqrt((z**2).sum(1).max())),
                               ("mean-coordinate", np.abs(z.sum(0)).max() / np.sqrt(N)),
                               ("widest-direction", eigenvalues[-1]), ("narrowest-direction", eigenvalues[0])):
            self.assertAlmostEqual(tests[name]["statistic"] / expected, 1, 4, name)
        squares = (z**2).sum(0) / N
        self.assertTrue(any(abs(tests["variance-coordinate"]["statistic"] - s) < 1e-9 for s in squares))
        chi = [float(1 - mpmath.exp(-r * r / 2) * mpmath.sqrt(2 / mpmath.pi) * r - mpmath.erfc(r / mpmath.sqrt(2)))
               for r in np.sort(np.sqrt((z**2).sum(1)))]
        ranks = np.arange(N + 1) / N
        distance = max(np.max(ranks[1:] - chi), np.max(chi - ranks[:-1]))
        self.assertLessEqual(tests["radii-law"]["statistic"], distance + 1e-9)
        self.assertGreater(tests["radii-law"]["statistic"], distance - 1 / 1024)
        self.assertAlmostEqual(tests["radii-law"]["p"] / min(1, 2 * np.exp(-2 * N * tests["radii-law"]["statistic"]**2)),
                               1, 3)
        self.assertEqual(report["comparisons"], len(report["tests"]))
        self.assertEqual(report["comparisons"], 27)
        self.assertAlmostEqual(report["share"] * 27 / 1e-6, 1, 9)
        with mpmath.workdps(30):
            p = 2 * mpmath.gammainc(3 * N / 2, 0, (z**2).sum() / 2, regularized=True)
            p = float(min(p, 2 - p))
        self.assertAlmostEqual(tests["radii"]["p"] / p, 1, 6)

    def test_the_seed_moves_directions_and_labels_only(self):
        self.save(self.draw())
        one, two = self.report(), self.report("--seed", "2")
        same = {test["name"]: test["statistic"] for test in one["tests"]}
        other = {test["name"]: test["statistic"] for test in two["tests"]}
        self.assertEqual(same["projection means[1]-means[0]"], other["projection means[1]-means[0]"])
        self.assertNotEqual(same["projection random[0]"], other["projection random[0]"])
        self.assertNotEqual(same["labels[0]"], other["labels[0]"])
        self.assertEqual(one, self.report("--threads", "1"))

    def test_paths(self):
        self.save(self.draw())
        self.assertEqual(self.report()["path"], {"schedule": "linear", "time": "1/2"})
        direct = json.loads(self.run_assay(*USE[:-2], "--alpha", "1/2", "--beta", "0.5", "--json").stdout)
        self.assertEqual(direct["path"], {"alpha": "1/2", "beta": 0.5})
        self.assertEqual(direct["tests"], self.report()["tests"])
        self.run_assay(*USE, "--schedule", "trigonometric", expect=1)


class Files(Samples):
    def test_junit(self):
        for scale, expect in ((1, 0), (1.1, 1)):
            self.save(self.draw() * scale)
            report = self.report("--junit", "j.xml", expect=expect)
            suite, = xml.etree.ElementTree.parse(self.path("j.xml")).getroot()
            self.assertEqual(suite.attrib["tests"], str(report["comparisons"]))
            self.assertEqual(suite.attrib["failures"], str(report["failed"]))
            self.assertTrue(0 < float(suite.attrib["time"]) < 60)
            failed = [case.attrib["name"] for case in suite if len(case)]
            self.assertEqual(failed, [test["name"] for test in report["tests"] if test["fails"]])

    @unittest.skipUnless(shutil.which("gnuplot"), "gnuplot draws the plot")
    def test_svg(self):
        self.save(self.draw(plus=0.6))
        self.run_assay(*USE, "--svg", "p.svg", expect=1)
        with open(self.path("p.svg"), encoding="utf-8") as stream:
            text = stream.read()
        self.assertTrue(text.startswith("<svg") or text.startswith("<?xml"))
        self.assertIn("projection", text)
        self.assertIn("samples - exact", text)

    def test_refusals(self):
        x = self.draw(10)
        x[7, 2] = np.nan
        self.save(x)
        self.refuse(*USE, says=["x.npy", "row 7", "column 2", "nan"])
        x[7, 2] = -np.inf
        self.save(x, "<f4")
        self.refuse(*USE, "--junit", "j.xml", says=["x.npy", "row 7", "column 2", "inf"])
        self.save(np.zeros((4, 2)))
        self.refuse(*USE, says=["x.npy", "2 columns", "m.json", "3"])
        self.save(np.zeros((4, 3)), "<f2")
        self.refuse(*USE, says=["x.npy"])
        self.save(self.draw(10))
        self.refuse(*USE[:-2], says=["--time T is missing"])
        self.refuse(*USE, "--alpha", "1", says=["--alpha"])
        self.refuse(*USE, "--delta", "0", says=["--delta"])
        self.refuse(*USE, "--svg", "none/p.svg", says=["none/p.svg"])
        self.refuse(*USE, "--junit", "p", "--svg", "p", says=["--junit", "--svg"])
        self.refuse(*USE[:-1], "3/2", says=["time", "1.5"])
        self.write("m.json", '{"dimension": 3, "components": [{"weight": 1, "mean": [0, 0, 0], "covariance": '
                             '[[1, 2, 0], [2, 1, 0], [0, 0, 1]]}]}')
        self.refuse(*USE, says=["m.json: components[0].covariance", "positive definite"])
        self.assertEqual([name for name in self.files() if name not in ("x.npy", "m.json")], [])


class Documentation(Samples):
    PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "check-samples.md")

    def test_its_keys_are_all(self):
        self.save(self.draw())
        report = self.report()
        with open(self.PAGE, encoding="utf-8") as stream:
            text = stream.read()
        for key in (*report, *report["tests"][0], *report["total_variation"], *report["sliced_w2"]):
            self.assertIn(f"`{key}`", text)
        for kind in {test["kind"] for test in report["tests"]}:
            self.assertIn(f"`{kind}`", text)


if __name__ == "__main__":
    unittest.main()
