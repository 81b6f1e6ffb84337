"""assay check against mpmath: the errors it reports, the entries it names, what it refuses.

The oracle evaluates the field by the posterior over components in mpmath and divides by numpy.spacing.

usage: check_check.py ASSAY ASSAY_FALSE_PAPER [unittest options]
"""

import json
import math
import os
import re
import subprocess
import sys
import textwrap
import unittest
import xml.etree.ElementTree
from fractions import Fraction

import mpmath
import numpy as np

from command import ASSAY, Command

WEIGHTS, MEANS, VARIANCES = [1.0, 2.5], [[1.0, -0.5, 0.25], [-1.0, 0.75, 2.0]], [0.25, 1.5]
MIXTURE = {"dimension": 3, "components": [
    {"weight": w, "mean": m, "covariance": v} for w, m, v in zip(WEIGHTS, MEANS, VARIANCES)]}
PRECISION = {"binary16": 11, "binary32": 24, "binary64": 53}
DTYPE = {"binary16": "<f2", "binary32": "<f4", "binary64": "<f8"}
N = 80
BASE = ["check", "--mixture", "m.json", "--points", "x.npy", "--values", "v.npy"]


def velocity(x, t, number=mpmath.mpf):
    """E[x_1 - x_0 | x_t = x] on the linear path; number=float: the same in doubles, as naive code would."""
    exp = math.exp if number is float else mpmath.exp
    alpha, beta = 1 - number(t), number(t)
    x = [number(xj) for xj in x]
    terms = []
    for weight, mean, variance in zip(WEIGHTS, MEANS, VARIANCES):
        v = alpha * alpha + beta * beta * number(variance)
        gap = [xj - beta * number(mj) for xj, mj in zip(x, mean)]
        p = number(weight) * exp(-sum(g * g for g in gap) / (2 * v)) * v ** number(-1.5)
        terms.append((p, [number(mj) + (beta * number(variance) - alpha) * g / v for mj, g in zip(mean, gap)]))
    total = sum(p for p, _ in terms)
    return [sum(p * f[j] for p, f in terms) / total for j in range(len(x))]


def exact(points, times):
    with mpmath.workdps(60):
        return [velocity(x.tolist(), t) for x, t in zip(points, times)]


def rounded(truth, dtype):
    """To nearest in that type; through float64, whose second rounding spoils nothing but ties at 2^-29 odds."""
    return np.array([[float(q) for q in row] for row in truth]).astype(dtype)


def errors(values, truth):
    """ULPs and relative errors of the finite entries, by numpy.spacing at the correctly rounded value."""
    ulp, relative = [], []
    nearest = rounded(truth, values.dtype)
    with mpmath.workdps(60):
        for got, row, right in zip(values, truth, nearest):
            largest = max(abs(q) for q in row)
            for g, q, r in zip(got, row, right):
                error = abs(mpmath.mpf(float(g)) - q)
                ulp.append(float(error / mpmath.mpf(float(np.spacing(abs(r))))))
                relative.append(float(error / largest))
    return np.array(ulp).reshape(values.shape), np.array(relative).reshape(values.shape)


def order(sample, percent):
    """The smallest entry that at least that many percent do not exceed."""
    return np.sort(sample, axis=None)[math.ceil(sample.size * percent / 100) - 1]


class Check(Command):
    def setUp(self):
        super().setUp()
        self.write("m.json", json.dumps(MIXTURE))
        self.x = np.random.default_rng(11).normal(size=(N, 3))
        np.save(self.path("x.npy"), self.x)
        self.use = [*BASE, "--quantity", "velocity", "--time", "0.625"]

    def naive(self):
        return np.array([velocity(x, 0.625, float) for x in self.x.tolist()])

    def correct(self):
        self.run_assay("field", "--quantity", "velocity", "--mixture", "m.json", "--time", "0.625", "--points",
                       "x.npy", "--out", "v.npy")
        return np.load(self.path("v.npy"))

    def save(self, values):
        np.save(self.path("v.npy"), values)


class Judging(Check):
    def assert_errors(self, report, values, truth):
        """The command measures from Q, within 2^-25 ULP of q (check.h); its doubles are rounded."""
        ulp, relative = errors(values, truth)
        step = 2.0**-(PRECISION[report["format"]] + 24)
        for sample, got, slack in ((ulp, report["ulp"], 2.0**-24), (relative, report["relative"], 2 * step)):
            for key, value in (("maximum", sample.max()), ("p50", order(sample, 50)), ("p99", order(sample, 99)),
                               ("p999", order(sample, 99.9))):
                self.assertLessEqual(abs(got[key] - value), slack + 1e-14 * value, key)
            place = (got["place"]["row"], got["place"]["column"])
            self.assertGreaterEqual(sample[place], sample.max() - 2 * slack)
        for i, bin_ in enumerate(report["histogram"]):
            below = report["histogram"][i - 1]["to"] if i else -1
            sure = np.sum((ulp > below + 1e-7) & (ulp <= bin_["to"] - 1e-7))
            near = np.sum((abs(ulp - below) <= 1e-7) | (abs(ulp - bin_["to"]) <= 1e-7))
            self.assertTrue(sure <= bin_["entries"] <= sure + near, bin_)
        self.assertEqual(sum(bin_["entries"] for bin_ in report["histogram"]), values.size)

    def test_naive_code_has_its_true_errors_in_each_format(self):
        for format_ in ("binary64", "binary32", "binary16"):
            values = self.naive().astype(DTYPE[format_])
            self.save(values)
            report = self.json_of(*self.use)
            self.assertEqual((report["schema"], report["format"], report["entries"], report["holds"]),
                             (1, format_, 3 * N, True))
            self.assertEqual(report["path"], {"schedule": "linear", "time": 0.625})
            self.assert_errors(report, values, exact(self.x, [0.625] * N))
            self.assertGreater(report["ulp"]["maximum"], 0.5 if format_ == "binary64" else 0.4)

    def test_every_row_at_its_own_time(self):
        times = np.repeat(np.random.default_rng(3).uniform(size=N // 4), 4)
        times[:8] = [0] * 4 + [1] * 4
        truth = exact(self.x, times.tolist())
        values = rounded(truth, "<f8") * (1 + 1e-9)
        self.save(values)
        for shaped in (times, times[:, None]):
            np.save(self.path("t.npy"), shaped)
            report = self.json_of(*BASE, "--quantity", "velocity", "--times", "t.npy", "--schedule", "linear")
            self.assertEqual(report["path"], {"schedule": "linear", "times": "t.npy"})
            self.assert_errors(report, values, truth)
            for entry in report["worst"]:
                self.assertEqual(entry["time"], times[entry["row"]])
            out = self.run_assay(*BASE, "--quantity", "velocity", "--times", "t.npy", "--worst", "1").stdout
            shown = re.search(r"\n    time +(\S+)\n", out).group(1)
            self.assertEqual(float.fromhex(shown), times[report["worst"][0]["row"]])

    def test_alpha_and_beta_stand_for_a_time(self):
        self.run_assay("field", "--quantity", "score", "--mixture", "m.json", "--time", "0.625", "--points", "x.npy",
                       "--out", "v.npy")
        report = self.json_of(*BASE, "--quantity", "score", "--alpha", "3/8", "--beta", "0.625", "--tolerance-ulp", "0.5")
        self.assertEqual(report["path"], {"alpha": "3/8", "beta": 0.625})
        self.assertIs(report["holds"], True)

    def test_scalar_quantities_in_one_dimension(self):
        for quantity in ("log-density", "divergence"):
            self.run_assay("field", "--quantity", quantity, "--mixture", "m.json", "--time", "0.5", "--points", "x.npy",
                           "--out", "v.npy")
            for shape in ((N, 1), (N,)):
                self.save(np.load(self.path("v.npy")).reshape(shape))
                report = self.json_of(*BASE, "--quantity", quantity, "--time", "0.5", "--tolerance-ulp", "1/2")
                self.assertEqual((report["width"], report["beyond"], len(report["worst"][0]["x"])), (1, 0, 3))

    def test_correct_rounding_holds_and_its_neighbour_does_not(self):
        values = self.correct()
        self.run_assay(*self.use, "--tolerance-ulp", "0.5", "--tolerance-rel", "1.2e-16")
        values[17, 2] = np.nextafter(values[17, 2], np.inf)
        self.save(values)
        out = self.run_assay(*self.use, "--tolerance-ulp", "0.5", expect=1).stdout
        self.assertRegex(out, r"\n1\. row 17, column 2: (0\.[5-9]|1\.[0-4])\d* ULP")
        self.assertRegex(out, r"\n1 of 240 entries beyond tolerance \(0\.5 ULP\): FAILS\n\Z")
        self.run_assay(*self.use, "--tolerance-ulp", "1.5")

    def test_one_disturbed_entry_is_named(self):
        values = self.correct()
        values[63, 1] *= 1 + 1e-12
        self.save(values)
        out = self.run_assay(*self.use, "--tolerance-rel", "1e-15", "--worst", "1", expect=1).stdout
        self.assertIn("\n1. row 63, column 1: ", out)
        self.assertIn(" ".join(x.hex().replace("0x1.0000000000000p", "0x1p") for x in self.x[63].tolist()[:1]), out)
        self.assertIn("not enough for this error", out)
        self.assertNotIn("\n2. ", out)
        entry, = self.json_of_failing(*self.use, "--tolerance-rel", "1e-15", "--worst", "1")["worst"]
        self.assertEqual((entry["row"], entry["column"], entry["got"], entry["x"]),
                         (63, 1, values[63, 1], self.x[63].tolist()))
        self.assertIs(entry["explained"], False)
        with mpmath.workdps(60):
            q = exact(self.x[63:64], [0.625])[0][1]
            self.assertTrue(mpmath.mpf(entry["expected"]["lo"]) <= q <= mpmath.mpf(entry["expected"]["hi"]))
            width = mpmath.mpf(entry["expected"]["hi"]) - mpmath.mpf(entry["expected"]["lo"])
            self.assertLess(width, mpmath.mpf(2)**-95)

    def json_of_failing(self, *arguments):
        return json.loads(self.run_assay(*arguments, "--json", expect=1).stdout)

    def test_condition_is_that_of_the_oracle(self):
        """sum_j |dq/dx_j x_j/q| by mpmath's differences, and what rounding x to the format makes of it."""
        self.save(self.naive().astype("<f4"))
        for entry in self.json_of(*self.use, "--worst", "3")["worst"]:
            with mpmath.workdps(60):
                x = [mpmath.mpf(xj) for xj in entry["x"]]
                q = velocity(x, 0.625)[entry["column"]]
                condition = 0
                for j in range(3):
                    def along(value, j=j):
                        return velocity([*x[:j], value, *x[j + 1:]], 0.625)[entry["column"]]
                    condition += abs(mpmath.diff(along, x[j]) * x[j] / q)
                self.assertLess(abs(entry["condition"] - condition), 1e-8 * condition)
                ulp = float(np.spacing(np.float32(abs(q))))
                rounding = float(condition * abs(q)) * 2.0**-24 / ulp
            self.assertLess(abs(entry["rounding_ulp"] - rounding), 1e-6 * rounding)
            self.assertIs(entry["explained"], entry["ulp"] <= entry["rounding_ulp"] + 0.5)

    def test_half_an_ulp_is_the_result_s_own(self):
        """At t = 0 the denoiser is the mean, whatever x: only the rounding of the result is explained."""
        self.write("m.json", json.dumps({"dimension": 3, "components": [
            {"weight": 1, "mean": [0.1, 0.2, 0.7], "covariance": 1}]}))
        np.save(self.path("x.npy"), self.x[:1])
        right = np.array([[0.1, 0.2, 0.7]], "<f2")
        for values, explained in ((right, True), (np.nextafter(right, np.float16(2)), False)):
            self.save(values)
            for entry in self.json_of(*BASE, "--quantity", "denoiser", "--time", "0")["worst"]:
                self.assertEqual((entry["condition"], entry["rounding_ulp"], entry["ulp"] > 0.5), (0, 0, not explained))
                self.assertIs(entry["explained"], explained)

    def test_worst_are_sorted_and_as_many_as_asked(self):
        np.save(self.path("x.npy"), self.x[:8])
        values = self.naive()[:8]
        self.save(values)
        ulp, _ = errors(values, exact(self.x[:8], [0.625] * 8))
        for count in (0, 1, 23, 24, 25):
            worst = self.json_of(*self.use, "--worst", str(count))["worst"]
            self.assertEqual(len(worst), min(count, 24))
            for entry, value in zip(worst, sorted(ulp.ravel(), reverse=True)):
                self.assertLess(abs(entry["ulp"] - value), 1e-7)
                self.assertLess(abs(entry["ulp"] - ulp[entry["row"], entry["column"]]), 1e-7)

    def test_subnormal_halves_and_zeros(self):
        """Noise at t = 0 is x itself: exact values among the subnormals of float16, and at 0."""
        points = np.array([[2.0**-24, 3 * 2.0**-25, 0.0], [2.0**-26, -2.0**-14, 65519.0]])
        np.save(self.path("x.npy"), points)
        self.save(points.astype("<f2"))
        use = [*BASE, "--quantity", "noise", "--time", "0"]
        report = self.json_of(*use)
        self.assertEqual(report["ulp"]["maximum"], 0.5)  # 3 2^-25, a tie
        values = points.astype("<f2")
        values[0, 2] = 2.0**-24
        self.save(values)
        report = self.json_of(*use)
        self.assertEqual((report["ulp"]["maximum"], report["ulp"]["place"]), (1, {"row": 0, "column": 2}))
        entry = report["worst"][0]
        self.assertEqual((entry["got"], entry["expected"]), (2.0**-24, {"lo": "0", "hi": "0"}))


class Extremes(Check):
    def test_nan_and_infinity_come_first(self):
        values = self.naive()
        values[5, 2], values[7, 0], values[9, 1] = np.inf, np.nan, -np.inf
        values[70, 0] += 1e-9
        for dtype, worst in (("<f8", (70, 0)), ("<f4", None), ("<f2", None)):
            self.save(values.astype(dtype))
            report = json.loads(self.run_assay(*self.use, "--json", expect=1).stdout)
            self.assertEqual((report["holds"], report["beyond"], report["nonfinite"]), (False, 3, 3))
            self.assertEqual(report["first_nonfinite"], {"row": 5, "column": 2, "got": "inf"})
            if worst:
                self.assertEqual((report["worst"][0]["row"], report["worst"][0]["column"]), worst)
            out = self.run_assay(*self.use, expect=1).stdout
            self.assertLess(out.index("3 NaN or infinite, first inf at row 5, column 2"), out.index("maximum"))
            self.assertTrue(out.endswith("3 of 240 entries beyond tolerance (none but NaN and infinities): FAILS\n"))

    def test_nothing_finite(self):
        self.save(np.full((N, 3), np.nan))
        report = json.loads(self.run_assay(*self.use, "--json", "--junit", "j.xml", expect=1).stdout)
        self.assertEqual((report["nonfinite"], report["histogram"], report["worst"]), (3 * N, [], []))
        self.assertEqual(report["ulp"], {"maximum": 0, "p50": 0, "p99": 0, "p999": 0, "place": None})
        self.assertIn("first nan at row 0, column 0", self.run_assay(*self.use, expect=1).stdout)

    def test_an_infinity_of_the_format_may_be_right(self):
        """65520 rounds to float16's infinity; noise at t = 0 is x itself."""
        np.save(self.path("x.npy"), np.array([[65520.0, 1.0, -1e6]]))
        self.save(np.array([[np.inf, 1.0, -np.inf]], "<f2"))
        use = [*BASE, "--quantity", "noise", "--time", "0"]
        report = self.json_of(*use, "--tolerance-ulp", "0")
        self.assertEqual((report["nonfinite"], report["ulp"]["maximum"]), (0, 0))
        self.assertEqual([entry["got"] for entry in report["worst"]], ["inf", 1.0, "-inf"])
        self.save(np.array([[65504.0, 1.0, np.inf]], "<f2"))
        report = json.loads(self.run_assay(*use, "--json", expect=1).stdout)
        self.assertEqual(report["first_nonfinite"], {"row": 0, "column": 2, "got": "inf"})

    def test_infinite_relative_error_and_condition(self):
        """At x = 0 and t = 0 the noise is 0, and so is what it is relative to."""
        np.save(self.path("x.npy"), np.zeros((1, 3)))
        self.save(np.array([[0.0, 1e-300, 0.0]]))
        use = [*BASE, "--quantity", "noise", "--time", "0"]
        report = self.json_of(*use)
        self.assertEqual(report["relative"]["maximum"], "inf")
        self.assertEqual(report["worst"][0]["condition"], 0)  # x = 0
        self.run_assay(*use, "--tolerance-rel", "1e300", expect=1)
        self.write("pair.json", json.dumps({"binary": {"mean": [1, 0, 0], "variance": 1}}))
        np.save(self.path("x.npy"), np.array([[0.0, 2.0, 0.0]]))  # sum p_k m_k = 0, and moves with x_1 only
        self.save(np.array([[1e-10, 1.0, 0.0]]))
        use = ["check", "--mixture", "pair.json", "--points", "x.npy", "--values", "v.npy", "--quantity", "denoiser",
               "--time", "0.5"]
        entry = self.json_of(*use, "--worst", "1")["worst"][0]
        self.assertEqual((entry["column"], entry["expected"]), (0, {"lo": "0", "hi": "0"}))
        self.assertEqual(entry["ulp"], 1.7976931348623157e308)

    def test_undecided_is_neither(self):
        full = [[1, 0.5, 0], [0.5, 2, 0], [0, 0, 1]]  # always by intervals
        self.write("m.json", json.dumps({"dimension": 3, "components": [
            {"weight": 1, "mean": [1, 2, 3], "covariance": full}]}))
        self.correct()
        self.refuse(*self.use, "--max-bits", "60", "--junit", "j.xml", says=["bits", "--max-bits"], expect=3)
        case = xml.etree.ElementTree.parse(self.path("j.xml")).getroot().find(".//testcase")
        self.assertIn("bits", case.find("error").get("message"))


class Rendering(Check):
    def test_threads_and_certification_change_nothing(self):
        self.save(self.naive())
        times = np.repeat(np.linspace(0, 1, N // 4), 4)
        np.save(self.path("t.npy"), times)
        for path in (["--time", "0.625"], ["--times", "t.npy"]):
            use = [*BASE, "--quantity", "velocity", *path]
            one = self.run_assay(*use, "--json", "--threads", "1").stdout
            self.assertEqual(self.run_assay(*use, "--json", "--threads", "2").stdout, one)
            certified = json.loads(self.run_assay(*use, "--json", "--certify").stdout)
            self.assertEqual(certified.pop("escalated"), N)
            plain = json.loads(one)
            plain.pop("escalated")
            self.assertEqual(certified, plain)

    def test_json_keys(self):
        self.save(self.naive())
        report = self.json_of(*self.use, "--tolerance-ulp", "1e6")
        self.assertEqual(list(report), ["schema", "quantity", "mixture", "points", "values", "path", "format", "rows",
                                        "width", "entries", "tolerance", "holds", "beyond", "nonfinite",
                                        "first_nonfinite", "escalated", "ulp", "relative", "histogram", "worst"])
        self.assertEqual(list(report["worst"][0]), ["row", "column", "got", "expected", "ulp", "relative", "condition",
                                                    "rounding_ulp", "explained", "time", "x"])
        self.assertEqual(report["tolerance"], {"ulp": 1e6, "relative": None})
        self.assertIsNone(report["first_nonfinite"])

    def test_junit(self):
        values = self.correct()
        self.run_assay(*self.use, "--tolerance-ulp", "0.5", "--junit", "good.xml")
        values[3, 1] *= 1 + 1e-10
        self.save(values)
        self.run_assay(*self.use, "--tolerance-ulp", "0.5", "--junit", "bad.xml", expect=1)
        values[2, 0] = np.nan
        self.save(values)
        self.run_assay(*self.use, "--worst", "0", "--junit", "nan.xml", expect=1)
        roots = [xml.etree.ElementTree.parse(self.path(name)).getroot() for name in ("good.xml", "bad.xml", "nan.xml")]
        self.assertEqual([(r.get("tests"), r.get("failures"), r.get("errors")) for r in roots],
                         [("1", "0", "0"), ("1", "1", "0"), ("1", "1", "0")])
        self.assertEqual([len(r.findall("./testsuite/testcase")) for r in roots], [1, 1, 1])
        message = roots[1].find(".//failure").get("message")
        self.assertIn("ULP at row 3, column 1: got ", message)
        message = roots[2].find(".//failure").get("message")
        self.assertIn("1 NaN or infinite, first nan at row 2, column 0", message)

    def test_long_rows_show_their_beginning_and_the_entry_s_coordinate(self):
        d = 40
        self.write("m.json", json.dumps({"binary": {"mean": [0.5] * d, "variance": 1}}))
        x = np.random.default_rng(2).normal(size=(3, d))
        np.save(self.path("x.npy"), x)
        self.correct()
        values = np.load(self.path("v.npy"))
        values[1, 33] += 1e-3
        self.save(values)
        out = self.run_assay(*self.use, "--worst", "1").stdout
        line, = [line for line in out.splitlines() if line.startswith("    x ")]
        self.assertEqual([float.fromhex(word) for word in line.split()[1:4]], x[1, :3].tolist())
        self.assertEqual(float.fromhex(line.split(" ... ")[1].removeprefix("x_33 = ")), x[1, 33])
        self.assertTrue(line.endswith(f"(all {d}: --json)"))

    def test_histogram_for_the_eye(self):
        """Bars of all entries, whatever their spread; beyond 2^63 ULPs the last line has no upper bound."""
        values = self.correct()
        for i, exponent in enumerate((-53, -40, -30, -10, 0, 9, 12, 900)):
            values[i, 0] *= 1 + 2.0**exponent
            self.save(values)
            out = self.run_assay(*self.use, "--worst", "0").stdout
            lines = re.findall(r"^ ?([<>]=?) (\S+) +(\d+)(?:  (#+))?$", out, re.M)
            self.assertLessEqual(len(lines), 21)
            self.assertEqual(sum(int(count) for _, _, count, _ in lines), 3 * N)
            self.assertTrue(all((len(bar) > 0) == (int(count) > 0) and len(bar) <= 50 for _, _, count, bar in lines))
            bounds = [float(Fraction(text) if "^" not in text else 2.0**int(text[2:])) for _, text, _, _ in lines]
            self.assertEqual(bounds[0], 0.5)
            largest = self.json_of(*self.use)["ulp"]["maximum"]
            if largest > 2.0**63:
                self.assertEqual((lines[-1][0], bounds[-1], lines[-1][2]), (">", 2.0**63, str(i + 1 - 6)))
            else:
                self.assertEqual(sorted(bounds), bounds)
                self.assertTrue(lines[-1][0] == "<=" and bounds[-1] >= largest)

    def test_schedules_are_named_as_they_are_given(self):
        for schedule in ("trigonometric", "polynomial:3", "linear-vp", "vp:1/10:20"):
            self.run_assay("field", "--quantity", "velocity", "--mixture", "m.json", "--schedule", schedule, "--time",
                           "1/3", "--points", "x.npy", "--out", "v.npy")
            use = [*BASE, "--quantity", "velocity", "--schedule", schedule, "--time", "1/3", "--tolerance-ulp", "0.5"]
            self.assertEqual(self.json_of(*use)["path"], {"schedule": schedule, "time": "1/3"})
            self.assertIn(f"at x.npy, {schedule} schedule, time 1/3\n", self.run_assay(*use).stdout)

    def test_names_that_are_no_utf8(self):
        os.rename(self.path("x.npy"), os.fsencode(self.path("")) + b"x\xff.npy")
        self.save(self.naive())
        use = [os.fsdecode(b"x\xff.npy") if word == "x.npy" else word for word in self.use]
        self.assertEqual(self.json_of(*use, "--junit", "j.xml")["points"], r"x\xff.npy")
        xml.etree.ElementTree.parse(self.path("j.xml"))


class Documentation(Check):
    DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")

    def read(self, name):
        with open(os.path.join(self.DOCS, name), encoding="utf-8") as stream:
            return stream.read()

    def test_its_example_runs(self):
        block = re.search(r"\n\n((?:    .*\n|\n)*?    done\n)", self.read("check.md")).group(1)
        folders = [os.path.dirname(ASSAY), os.path.dirname(os.path.realpath(sys.executable)), os.environ["PATH"]]
        done = subprocess.run(["sh", "-c", textwrap.dedent(block)], cwd=self.directory.name, capture_output=True,
                              text=True, check=False, env={**os.environ, "PATH": ":".join(folders)})
        self.assertEqual(done.returncode, 0, done.stderr)
        verdicts = re.findall(r" of 2000 entries beyond tolerance \(relative 1e-14\): (\w+)\n", done.stdout)
        self.assertEqual(verdicts, ["FAILS", "holds"])

    def test_its_options_exist_and_its_keys_are_all(self):
        text, options = self.read("check.md"), self.run_assay("check", "--help").stdout
        for option in re.findall(r"--[a-z-]+[a-z]", text + self.read("check-workflow.yml").split("assay check")[1]):
            self.assertRegex(options, rf"\n  {option}[ \n]" if option != "--help" else "usage")
        self.save(self.naive())
        report = self.json_of(*self.use)
        for key in [*report, *report["worst"][0], *report["ulp"]]:
            self.assertRegex(text, rf'[`"]{key}[`"]')


class Refusals(Check):
    def refuse_use(self, *more, says):
        self.refuse(*BASE, "--quantity", "velocity", *more, "--junit", "j.xml", says=says)
        self.assertNotIn("j.xml", self.files())

    def test_options(self):
        self.save(self.naive())
        np.save(self.path("t.npy"), np.linspace(0, 1, N))
        self.refuse_use(says=["--time T is missing"])
        self.refuse_use("--time", "0.5", "--times", "t.npy", says=["--time:", "--times"])
        for option in ("--alpha", "--beta"):
            self.refuse_use(option, "1", "--times", "t.npy", says=[f"{option}:", "--times", "--schedule"])
        self.refuse_use("--alpha", "1", "--beta", "1", says=["velocity"])
        self.refuse_use("--time", "1.5", says=["time", "1.5"])
        self.refuse_use("--time", "0.5", "--tolerance-ulp", "-1", says=["--tolerance-ulp", "-1"])
        self.refuse_use("--time", "0.5", "--tolerance-rel", "inf", says=["--tolerance-rel", "'inf'"])
        self.refuse_use("--time", "0.5", "--worst", "-1", says=["--worst", "'-1'"])
        self.refuse(*self.use, "--junit", "none/j.xml", says=["none/j.xml"])
        self.refuse(*[word for word in self.use if word not in ("--values", "v.npy")], says=["--values V.npy is missing"])
        self.refuse(*BASE, "--quantity", "speed", "--time", "0", says=["'speed'"])

    def test_shapes_and_types(self):
        good = self.naive()
        for values, says in ((good[:-1], [f"v.npy: {N - 1} rows", f"x.npy has {N}"]),
                             (good[:, :2], ["v.npy: 2 columns", "3", "velocity"]),
                             (good.ravel(), [f"v.npy: {3 * N} rows", str(N)]),
                             (good.astype(">f8"), ["v.npy", "'>f8'", "'<f2'"]),
                             (good.astype("<i4"), ["v.npy", "'<i4'", "'<f2'"]),
                             (np.asfortranarray(good), ["v.npy", "fortran_order"])):
            self.save(values)
            self.refuse_use("--time", "0.5", says=says)
        self.save(good)
        np.save(self.path("x.npy"), self.x[:, :2])
        self.refuse_use("--time", "0.5", says=["x.npy: 2 columns", "m.json is 3"])
        np.save(self.path("x.npy"), self.x.astype("<f2"))
        self.refuse_use("--time", "0.5", says=["x.npy", "'<f2'", "expected '<f8' or '<f4'"])
        for bad in (np.nan, np.inf):
            self.x[70, 1] = bad
            np.save(self.path("x.npy"), self.x)
            self.refuse_use("--time", "0.5", says=["x.npy: row 70, column 1", str(bad)])
        os.remove(self.path("v.npy"))
        self.refuse_use("--time", "0.5", says=["v.npy"])

    def test_rows_are_those_of_the_file(self):
        """255 points of this dimension are read at a time."""
        d, rows = 8192, 300
        self.write("m.json", json.dumps({"dimension": d, "components": [
            {"weight": 1, "mean": [0] * d, "covariance": 1}]}))
        x = np.zeros((rows, d), "<f4")
        x[290, 77] = np.nan
        np.save(self.path("x.npy"), x)
        self.save(np.zeros(rows))
        self.refuse(*BASE, "--quantity", "log-density", "--time", "0.5", says=["x.npy: row 290, column 77 is nan"])

    def test_times(self):
        self.save(self.naive())
        times = np.linspace(0, 1, N)
        for bad, says in (({17: 1.5}, ["t.npy: entry 17 is 1.5", "[0, 1]"]), ({N - 1: -1e-9}, [f"t.npy: entry {N - 1}", "-1"]),
                          ({3: np.nan}, ["t.npy: entry 3 is nan"])):
            wrong = times.copy()
            for index, value in bad.items():
                wrong[index] = value
            np.save(self.path("t.npy"), wrong)
            self.refuse_use("--times", "t.npy", says=says)
        for wrong, says in ((times[:-1], [f"t.npy: {N - 1} times", f"x.npy has {N}"]),
                            (times.reshape(N // 2, 2), ["t.npy: 2 columns"]), (times.astype("<f2"), ["t.npy", "'<f2'"])):
            np.save(self.path("t.npy"), wrong)
            self.refuse_use("--times", "t.npy", says=says)
        self.refuse_use("--times", "none.npy", says=["none.npy"])

    def test_mixture_that_is_none(self):
        self.save(self.naive())
        flat = [[1, 2, 0], [2, 1, 0], [0, 0, 1]]
        self.write("m.json", json.dumps({"dimension": 3, "components": [
            {"weight": 1, "mean": [0, 0, 0], "covariance": flat}]}))
        self.refuse_use("--time", "0.5", says=["m.json: components[0].covariance", "positive definite"])


if __name__ == "__main__":
    unittest.main()
