"""assay gmm against NumPy: the model's file read on its own, samples against the law, EM's likelihood, verdicts, refusals.

usage: check_gmm.py ASSAY ASSAY_FALSE_PAPER [unittest options]
"""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import numpy as np
from numpy.polynomial import hermite_e

from command import ASSAY, Command

MEANS, WEIGHTS = np.array([[-4.0, 0.0], [3.0, 1.0]]), np.array([0.4, 0.6])
DATA = ["gmm", "learn", "--data", "x.npy"]
LEARN = [*DATA, "--model", "m.gmm", "--degree", "4", "--tolerance", "0.3"]
NEW = [*DATA, "--model", "new.gmm"]
SAMPLE = ["gmm", "sample", "--model", "m.gmm", "--count", "1000", "--out", "y.npy"]
SCORE = ["gmm", "score", "--model", "m.gmm", "--points", "p.npy"]
EM = ["gmm", "em", "--data", "x.npy", "--components", "2"]


def draw(count, seed=1):
    random = np.random.default_rng(seed)
    return MEANS[random.choice(2, count, p=WEIGHTS)] + random.standard_normal((count, 2))


def contents_of(path):
    """The numbers and arrays of a model, by their keys."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        contents = json.load(stream)["contents"]
    return {key: np.array(value["values"]).reshape(value["shape"]) if isinstance(value, dict) else value
            for key, value in contents.items()}


def features_of(z, degree):
    """Normalised Hermite polynomials of two variables by total degree, higher powers of the first one first."""
    norms = np.sqrt([float(np.prod(np.arange(1, d + 1))) for d in range(degree + 1)])
    line = hermite_e.hermevander(z, degree) / norms  # points x variables x powers
    return np.stack([line[:, 0, d - b] * line[:, 1, b] for d in range(degree + 1) for b in range(d + 1)], axis=1)


def score_of(model, level, y):
    """The formula in include/assay/gmm_fast.h; and the sum of all its monomials' sizes (i z takes away the signs)."""
    tau, first = model["level.tau"][level], int(model["level.first_cell"][level])
    cells = slice(first, first + int(model["level.cells"][level]))
    centres, coefficients = model["centres"][cells], model["coefficients"][cells]
    nearest = ((y[:, None, :] - centres)**2).sum(2).argmin(1)
    z = (y - centres[nearest]) / np.sqrt(1 + tau)
    z *= np.minimum(1, model["clip"] / np.maximum(np.linalg.norm(z, axis=1), 1e-300))[:, None]
    mean = centres[nearest] + (features_of(z, model["degree"])[:, :, None] * coefficients[nearest]).sum(1)
    away = mean - model["mean"]
    mean = model["mean"] + away * np.minimum(1, model["limit"] / np.linalg.norm(away, axis=1))[:, None]
    monomials = np.abs(features_of(1j * np.abs(z), model["degree"]))[:, :, None] * np.abs(coefficients[nearest])
    return (mean - y) / (1 + tau), monomials.sum(1) + np.abs(y) + np.abs(centres[nearest])


LEARNED = tempfile.TemporaryDirectory()


def setUpModule():
    """One model for all tests."""
    np.save(os.path.join(LEARNED.name, "x.npy"), draw(2000))
    np.save(os.path.join(LEARNED.name, "p.npy"), np.random.default_rng(2).uniform(-12, 12, (300, 2)))
    done = subprocess.run([ASSAY, *LEARN, "--json"], cwd=LEARNED.name, capture_output=True, text=True, check=True)
    Gmm.report = json.loads(done.stdout)


def tearDownModule():
    LEARNED.cleanup()


class Gmm(Command):
    """x.npy, p.npy and a model m.gmm of x.npy, with what was said of it."""
    report = None

    def setUp(self):
        super().setUp()
        for name in ("x.npy", "p.npy", "m.gmm"):
            shutil.copy(os.path.join(LEARNED.name, name), self.path(name))

    def made(self):
        return [name for name in self.files() if name not in ("x.npy", "p.npy", "m.gmm")]

    def rewrite(self, change):
        """m.gmm with other contents, whole as a file."""
        with gzip.open(self.path("m.gmm"), "rt", encoding="utf-8") as stream:
            file = json.load(stream)
        change(file)
        with gzip.open(self.path("m.gmm"), "wt", encoding="utf-8") as stream:
            json.dump(file, stream)


class Learning(Gmm):
    def test_the_report_agrees_with_the_model(self):
        report, model = self.report, contents_of(self.path("m.gmm"))
        self.assertEqual((report["samples"], report["dimension"], report["degree"], report["features"]), (2000, 2, 4, 15))
        self.assertEqual((report["verdict"], report["reason"], report["tolerance"]), ("within tolerance", None, 0.3))
        self.assertEqual([level["tau"] for level in report["levels"]], model["level.tau"].tolist())
        self.assertEqual([len(level["cells"]) for level in report["levels"]], model["level.cells"].tolist())
        cells = [cell for level in report["levels"] for cell in level["cells"]]
        self.assertEqual([cell["centre"] for cell in cells], model["centres"].tolist())
        self.assertEqual([cell["weight"] for cell in cells], model["cell.weight"].tolist())
        for part, value in report["certificate"].items():
            self.assertEqual(value, model["certificate." + part])
        parts = report["certificate"]
        whole = sum(parts[part] for part in ("initial", "degree", "data", "discretisation"))
        self.assertAlmostEqual(parts["total_variation"], min(1, np.sqrt(whole / 2)), 12)

    def test_it_finds_the_two_components(self):
        """Each cell of the last level has one mean; its share of the draws is the component's, but for the tails."""
        self.assertEqual(len(self.report["levels"][0]["cells"]), 1)
        last = self.report["levels"][-1]
        self.assertEqual((last["tau"], len(last["cells"])), (0.02, 2))
        for cell in last["cells"]:
            k = int(np.linalg.norm(MEANS - cell["centre"], axis=1).argmin())
            self.assertLess(np.linalg.norm(MEANS[k] - cell["centre"]), 1.5 * np.sqrt(1.02))  # the radius of the cover
            self.assertAlmostEqual(cell["weight"], WEIGHTS[k], delta=0.05)

    def test_the_text_says_the_same(self):
        out = self.run_assay(*NEW, *LEARN[6:], "--threads", "1").stdout
        with open(self.path("m.gmm"), "rb") as one, open(self.path("new.gmm"), "rb") as other:
            self.assertEqual(one.read(), other.read())  # whatever the number of threads
        self.assertIn("x.npy: 2000 samples (float64) in dimension 2\n", out)
        self.assertIn("degree 4 (15 features), ", out)
        counts = [len(level["cells"]) for level in self.report["levels"]]
        shown = [int(count) for count in re.findall(r"(\d+) \(tau", out.split("\ncells by level: ")[1])]
        self.assertEqual(shown, [count for k, count in enumerate(counts) if k == 0 or counts[k - 1] != count])
        for part in ("initial", "degree", "data", "discretisation"):
            self.assertRegex(out, rf"\n  {part} +{re.escape(format(self.report['certificate'][part], '.3g'))}\n")
        self.assertTrue(out.endswith(", tolerance 0.3\nwithin tolerance\n"))

    def test_degrees_of_cells_are_counted(self):
        np.save(self.path("x.npy"), draw(60))
        report = json.loads(self.run_assay(*LEARN[:-1], "0.9", "--json").stdout)
        cells = [cell for level in report["levels"] for cell in level["cells"]]
        counts = [sum(cell["degree"] == degree for cell in cells) for degree in range(5)]
        limited = sum(cell["weight"] * 60 * 4 < 10 * 15 for cell in cells)
        self.assertEqual((report["degrees"], report["limited_cells"]), (counts, limited))
        self.assertGreater(limited, 0)
        shown = ", ".join(f"{degree} in {counts[degree]}" for degree in range(4, -1, -1) if counts[degree])
        self.assertIn(f"\ndegrees of cells, by cross-validated risk: {shown}; {limited} have too few draws for degree 4 "
                      "(10 a feature)\n", self.run_assay(*LEARN[:-1], "0.9").stdout)


class Using(Gmm):
    def test_scores_are_those_of_the_definition(self):
        """Both sides sum 15 terms in some order after at most 30 roundings of each: 90 of 1.1e-16 of all sizes."""
        model, y = contents_of(self.path("m.gmm")), np.load(self.path("p.npy"))
        for level in (0, len(model["level.tau"]) // 2, len(model["level.tau"]) - 1):
            tau = model["level.tau"][level]
            out = self.run_assay(*SCORE, "--noise", f"{tau:.6g}").stdout
            values = np.array([[float(word) for word in line.split()] for line in out.splitlines()])
            expected, size = score_of(model, level, y)
            self.assertLess(np.max(np.abs(values - expected) / size), 1e-14, f"tau {tau}")
            report = self.json_of(*SCORE, "--noise", repr(tau))
            self.assertEqual((report["noise"], report["points"]), (tau, 300))
            self.assertEqual(report["values"], values.tolist())
        self.assertEqual(self.run_assay(*SCORE).stdout, out)  # the smallest level is the default
        self.assertEqual(self.run_assay(*SCORE, "--out", "v.npy").stdout, "")
        self.assertTrue(np.array_equal(np.load(self.path("v.npy")), values))
        self.assertNotIn("values", self.json_of(*SCORE, "--out", "v.npy"))

    def test_samples_depend_on_seed_and_row_alone(self):
        self.assertIn("y.npy: 1000 samples in dimension 2 by the sde sampler of m.gmm, learned from 2000\n",
                      self.run_assay(*SAMPLE).stdout)
        one = np.load(self.path("y.npy"))
        self.assertEqual((one.shape, one.dtype), ((1000, 2), np.dtype("<f8")))
        for more, same in (([], True), (["--threads", "1"], True), (["--sampler", "sde"], True), (["--seed", "2"], False),
                           (["--sampler", "ode"], False)):
            report = self.json_of(*SAMPLE, *more)
            self.assertEqual((report["count"], report["dimension"], report["learned_from"]), (1000, 2, 2000))
            self.assertEqual(report["total_variation"], self.report["certificate"]["total_variation"])
            self.assertEqual(np.array_equal(np.load(self.path("y.npy")), one), same, more)
        self.run_assay(*SAMPLE[:5], "300", *SAMPLE[6:])
        self.assertTrue(np.array_equal(np.load(self.path("y.npy")), one[:300]))

    def test_many_samples_are_written_piece_by_piece(self):
        """More rows than one piece holds: the rows behind it are as they would be alone, no repetition."""
        self.run_assay(*SAMPLE[:5], "140000", *SAMPLE[6:], "--sampler", "ode")
        y = np.load(self.path("y.npy"))
        self.assertEqual(y.shape, (140000, 2))
        self.assertEqual(len(np.unique(y[:, 0])), 140000)

    def test_the_samplers_are_what_they_are_called(self):
        """With E[u | y] = 0 at every level, the flow scales the start's N(m, (C + t) I), t the largest level, by
        1/sqrt(1 + t); the chain scales it by 1/(1 + t) and adds noise of variance 1 - 1/(1 + t). Six deviations."""
        spread, middle = 1e6, np.array([4000.0, -2000.0])

        def nothing_learned(file):
            for key in ("centres", "coefficients"):
                file["contents"][key]["values"] = [0] * len(file["contents"][key]["values"])
            file["contents"].update(limit=1e9)
            file["contents"]["mean"]["values"] = middle.tolist()
            file["contents"]["covariance"]["values"] = [spread, 0, 0, spread]

        self.rewrite(nothing_learned)
        top = self.report["levels"][0]["tau"]
        for sampler, scale, noise in (("ode", (1 + top)**-0.5, 0), ("sde", 1 / (1 + top), 1 - 1 / (1 + top))):
            self.run_assay(*SAMPLE, "--sampler", sampler)
            y = np.load(self.path("y.npy")) - scale * middle
            variance = scale**2 * (spread + top) + noise
            self.assertLess(np.abs(y.mean(0)).max(), 6 * np.sqrt(variance / len(y)), sampler)
            self.assertLess(abs(np.mean(y**2) / variance - 1), 6 * np.sqrt(2 / y.size), sampler)

    def test_both_samplers_give_the_mixture(self):
        """check-samples refutes right samples with probability 1e-6; ours are few enough not to show what was learned
        imperfectly, and samples of another law are refuted."""
        self.write("truth.json", json.dumps({"dimension": 2, "components": [
            {"weight": w, "mean": m.tolist(), "covariance": 1} for w, m in zip(WEIGHTS, MEANS)]}))
        check = ["check-samples", "--samples", "y.npy", "--mixture", "truth.json", "--time", "1"]
        for sampler in ("sde", "ode"):
            self.run_assay(*SAMPLE, "--sampler", sampler, "--seed", "5")
            self.run_assay(*check)
        self.rewrite(lambda file: file["contents"]["centres"].update(
            values=[1 + value for value in file["contents"]["centres"]["values"]]))
        self.run_assay(*SAMPLE)
        self.run_assay(*check, expect=1)


class Undecided(Gmm):
    def check(self, more, says, use=()):
        """learn says why and writes the model; its uses exit likewise, in one line, with their files written."""
        report = json.loads(self.run_assay(*DATA, "--model", "m.gmm", *more, "--json", expect=3).stdout)
        self.assertEqual(report["verdict"], "undecided")
        self.assertGreater(report["certificate"]["total_variation"], report["tolerance"])
        for part in says:
            self.assertIn(part, report["reason"])
        for command, file in use:
            done = self.run_assay(*command, expect=3)
            self.assertRegex(done.stderr, rf"\Aassay {' '.join(command[:2])}: UNDECIDED: m\.gmm: [^\n]*\n\Z")
            self.assertIn(report["reason"], done.stderr)
            self.assertIn(file, self.files())
            os.remove(self.path(file))
            self.assertEqual(json.loads(self.run_assay(*command, "--json", expect=3).stdout)["verdict"], "undecided")

    def test_steps_too_coarse(self):
        self.check(["--degree", "3", "--ratio", "2"], ["the steps are too coarse", "--ratio", "below 2"],
                   [(SAMPLE, "y.npy"), (SAMPLE + ["--sampler", "ode"], "y.npy"), ([*SCORE, "--out", "v.npy"], "v.npy")])
        self.assertEqual(len(self.run_assay(*SCORE, expect=3).stdout.splitlines()), 300)

    def test_degree_too_low(self):
        self.check(["--degree", "2"], ["polynomials of degree 2 do not follow", "--degree"])

    def test_start_not_gaussian(self):
        self.check(["--degree", "3", "--radius", "1"], ["tau = 4", "not Gaussian", "--radius above 1"])
        self.run_assay(*DATA, "--model", "m.gmm", "--degree", "3", "--radius", "1", "--tolerance", "0.99")
        self.run_assay(*SAMPLE)

    def test_too_few_samples(self):
        np.save(self.path("x.npy"), draw(40))
        self.check(LEARN[6:], ["40 samples are too few for a degree that follows"])
        out = self.run_assay(*LEARN, expect=3).stdout
        self.assertRegex(out, r"\nUNDECIDED: 40 samples are too few for a degree [^\n]*\n\Z")

    def test_chance_in_the_coefficients(self):
        self.rewrite(lambda file: file["contents"].update({"certificate.data": 0.4, "certificate.total_variation": 0.6}))
        self.assertRegex(self.run_assay(*SAMPLE, expect=3).stderr, "2000 samples leave too much chance in the coefficients")


class Fitting(Gmm):
    def test_the_likelihood_is_that_of_the_mixture_written(self):
        for kind in ("fixed", "own", "common"):
            report = self.json_of(*EM, "--variance", kind, "--restarts", "3", "--out", "f.json")
            with open(self.path("f.json"), encoding="utf-8") as stream:
                file = json.load(stream)
            renamed = [{"weight": c["weight"], "mean": c["mean"], "covariance": c["variance"]} for c in report["components"]]
            self.assertEqual(file, {"dimension": 2, "components": renamed})
            density = self.run_assay("field", "--quantity", "log-density", "--mixture", "f.json", "--time", "1",
                                     "--engine", "fast", "--points", "x.npy").stdout
            total = sum(float(line) for line in density.splitlines())
            self.assertAlmostEqual(report["log_likelihood"] / total, 1, 12)
            variances = [component["variance"] for component in report["components"]]
            self.assertEqual(len(set(variances)), 2 if kind == "own" else 1)
            self.assertEqual(variances[0] == 1, kind == "fixed")
            self.assertEqual((report["samples"], report["stopped"], report["floored"]), (2000, "converged", 0))

    def test_it_finds_the_components(self):
        """Six standard deviations of means (1/sqrt(n_k) each coordinate) and weights; clusters 7 apart do not mix."""
        report = self.json_of(*EM, "--restarts", "3")
        for component in report["components"]:
            k = int(np.linalg.norm(MEANS - component["mean"], axis=1).argmin())
            self.assertLess(np.abs(MEANS[k] - component["mean"]).max(), 6 / np.sqrt(2000 * WEIGHTS[k]))
            self.assertLess(abs(component["weight"] - WEIGHTS[k]), 6 * np.sqrt(0.24 / 2000))
        text = self.run_assay(*EM, "--restarts", "3").stdout
        for component in report["components"]:
            row = [component["weight"], component["variance"], *component["mean"]]
            self.assertRegex(text, "\n" + r" +".join(re.escape(f"{value:.10g}") for value in row) + "\n")
        self.assertIn(f"\nlog-likelihood {report['log_likelihood']:.12g} after {report['iterations']} iterations, from start "
                      f"{report['start'] + 1} of 3\nconverged: ", text)

    def test_a_fit_that_was_still_rising_is_undecided(self):
        done = self.run_assay(*EM, "--iterations", "1", "--variance", "own", "--out", "f.json", expect=3)
        self.assertTrue(done.stdout.endswith("\nUNDECIDED: not converged within --iterations 1\n"))
        self.assertIn("f.json", self.files())
        self.assertEqual(json.loads(self.run_assay(*EM, "--iterations", "1", "--variance", "own", "--json",
                                                   expect=3).stdout)["stopped"], "iterations")

    def test_a_fixed_variance_may_be_given(self):
        report = self.json_of(*EM, "--variance", "fixed:9/4")
        self.assertEqual([component["variance"] for component in report["components"]], [2.25, 2.25])


class Refusals(Gmm):
    def test_data(self):
        x = draw(50)
        x[17, 1] = np.nan
        for data, says in ((draw(14), ["14 rows", "15 features", "degree 4"]), (x, ["row 17", "column 1", "nan"]),
                           (np.ones((100, 2)), ["variance 0"]), (0.1 * draw(100), ["variance", "at least 1"]),
                           (np.zeros((0, 2)), ["x.npy"]), (np.zeros((4, 2), "i4"), ["x.npy"])):
            np.save(self.path("x.npy"), data)
            self.refuse(*NEW, *LEARN[6:], says=["x.npy", *says])
        np.save(self.path("x.npy"), x)
        self.refuse(*EM, "--out", "f.json", says=["x.npy", "row 17", "column 1", "nan"])
        np.save(self.path("x.npy"), np.ones((100, 2)))
        self.refuse(*EM, "--variance", "own", "--out", "f.json", says=["x.npy", "variance"])
        np.save(self.path("x.npy"), draw(1))
        self.refuse(*EM, "--out", "f.json", says=["x.npy", "1 rows", "2 components"])
        np.save(self.path("x.npy"), np.random.default_rng(1).standard_normal((5000, 20)))
        self.refuse(*NEW, "--degree", "6", says=["x.npy", "4096 features"])
        self.assertEqual(self.made(), [])

    def test_options(self):
        for more, says in ((["--ratio", "5"], ["--ratio: 5"]), (["--ratio", "1"], ["--ratio: 1"]),
                           (["--min-weight", "0"], ["--min-weight: 0"]), (["--min-weight", "3/2"], ["--min-weight: 1.5"]),
                           (["--degree", "0"], ["--degree", "'0'"]), (["--degree", "65"], ["--degree", "'65'"]),
                           (["--draws", "65"], ["--draws", "'65'"]), (["--radius", "0"], ["--radius: 0"]),
                           (["--radius", "0.5"], ["--radius: 0.5"]), (["--tolerance", "1"], ["--tolerance", "'1'"])):
            self.refuse(*NEW, *more, says=says)
        self.refuse(*NEW[:-1], "none/new.gmm", says=["none/new.gmm"])
        self.refuse(*SAMPLE[:-1], "none/y.npy", says=["none/y.npy"])
        self.refuse(*SAMPLE[:-2], says=["--out Y.npy is missing"])
        self.refuse(*SAMPLE, "--sampler", "pde", says=["--sampler", "'pde'", "ode", "sde"])
        self.refuse(*SCORE, "--out", "none/v.npy", says=["none/v.npy"])
        for value, says in (("wide", "'wide'"), ("fixed:-1", "fixed:-1"), ("fixed:x", "'x'"), ("fixed:", "''")):
            self.refuse(*EM, "--variance", value, says=["--variance", says])
        self.refuse(*EM[:-1], "0", says=["--components", "'0'"])
        self.refuse(*EM, "--out", "none/f.json", says=["none/f.json"])
        self.assertEqual(self.made(), [])

    def test_noise_between_levels(self):
        taus = [level["tau"] for level in self.report["levels"]]
        middle = (taus[3] * taus[4])**0.5
        self.refuse(*SCORE, "--noise", repr(middle), says=["--noise", f"{middle:.6g}", f"{taus[3]:.6g}", f"{taus[4]:.6g}"])
        self.refuse(*SCORE, "--noise", repr(taus[4] * (1 + 1e-5)), says=[f"{taus[3]:.6g} and {taus[4]:.6g}"])
        self.refuse(*SCORE, "--noise", "1e9", says=["1e+09", f"the nearest is {taus[0]:.6g}\n"])
        self.refuse(*SCORE, "--noise", "0", says=["the nearest is 0.02\n"])

    def test_points_that_do_not_fit(self):
        np.save(self.path("p.npy"), np.zeros((4, 3)))
        self.refuse(*SCORE, "--out", "v.npy", says=["p.npy: 3 columns", "m.gmm is 2"])
        np.save(self.path("p.npy"), np.array([[0, 1], [2, np.inf]]))
        self.refuse(*SCORE, "--out", "v.npy", says=["p.npy", "row 1", "column 1"])
        self.assertEqual(self.made(), [])

    def test_files_that_are_no_models(self):
        with open(self.path("m.gmm"), "rb") as stream:
            whole = stream.read()
        altered = bytearray(whole)
        altered[len(whole) // 2] ^= 4
        for data, says in ((whole[:-1], "is truncated"), (whole[:len(whole) // 2], "is truncated"), (altered, "was altered"),
                           (whole + b"\n", "behind its end"), (b"", "gzip"), (b"{}", "gzip"),
                           (gzip.compress(b"{}"), 'key "format" is missing'), (gzip.compress(b"model"), "not valid JSON")):
            with open(self.path("m.gmm"), "wb") as stream:
                stream.write(data)
            self.refuse(*SAMPLE, says=["m.gmm", says])
            self.refuse(*SCORE, says=["m.gmm", says])
        self.refuse("gmm", "sample", "--model", "none.gmm", *SAMPLE[4:], says=["none.gmm"])
        self.assertEqual(self.made(), [])

    def test_models_whose_numbers_do_not_fit(self):
        """The right CRC, the wrong contents: each with its key."""
        with open(self.path("m.gmm"), "rb") as stream:
            whole = stream.read()

        def restore():
            with open(self.path("m.gmm"), "wb") as stream:
                stream.write(whole)

        def contents(key, value):
            return lambda file: file["contents"].update({key: value})

        def entry(key, index, value):
            return lambda file: file["contents"][key]["values"].__setitem__(index, value)

        for key in ("tolerance", "coefficients", "level.kernel", "settings.seed", "cell.degree", "dimension"):
            self.rewrite(lambda file, key=key: file["contents"].pop(key))
            self.refuse(*SAMPLE, says=["m.gmm", f'key "{key}" is missing'])
            restore()
        for change, says in ((lambda file: file.update(format="other"), ["format", '"other"']),
                             (lambda file: file.update(version=2), ["version", "is 2"]),
                             (contents("colour", 1), ['"colour"']), (contents("dimension", 3), ["3"]),
                             (contents("dimension", 0), ["m.gmm"]), (contents("dimension", 10**15), ["degree", str(10**15)]),
                             (contents("degree", 5), ["coefficients.shape[1]", "15", "21"]),
                             (contents("levels", 10**18), ["level.tau.shape[0]"]), (contents("cells", 0), ["cell.degree.shape"]),
                             (contents("tolerance", 1), ["tolerance"]), (contents("clip", -1), ["clip", "-1"]),
                             (contents("limit", 0), ["limit", "0"]),
                             (contents("samples", 1.5), ["samples", "1.5"]),
                             (contents("certificate.total_variation", 7), ["total_variation", "7"]),
                             (contents("settings.ratio", "1.25"), ["settings.ratio", '"1.25"']),
                             (entry("level.cells", 3, 1.5), ["level.cells", "[3]", "1.5"]),
                             (entry("level.first_cell", 1, 5), ["level[1].first_cell", "5"]),
                             (entry("level.tau", 2, 1e9), ["level[2].tau", "1000000000"]),
                             (entry("cell.weight", 0, -1), ["cell[0].weight", "-1"]),
                             (entry("cell.degree", 0, 5), ["cell[0].degree", "5"]),
                             (entry("covariance", 1, 9), ["covariance[1][0]"]),
                             (entry("covariance", 0, -1e9), ["covariance", "positive definite"]),
                             (entry("centres", 0, None), ["centres[0]", "null"])):
            self.rewrite(change)
            self.refuse(*SAMPLE, says=["m.gmm", *says])
            restore()
        self.run_assay(*SAMPLE)
        self.assertEqual(self.made(), ["y.npy"])


class Documentation(Gmm):
    PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "gmm.md")

    def setUp(self):
        super().setUp()
        with open(self.PAGE, encoding="utf-8") as stream:
            self.page = stream.read()

    def test_its_keys_are_all(self):
        level = self.report["levels"][0]
        em, sample, score = self.json_of(*EM), self.json_of(*SAMPLE), self.json_of(*SCORE)
        for key in (*self.report, *level, *level["cells"][0], *self.report["certificate"], *em, *em["components"][0],
                    *sample, *score):
            self.assertIn(f"`{key}`", self.page)

    def test_its_example_runs_and_says_what_it_shows(self):
        """Numbers apart, which depend on the processor's BLAS in their last digits, all lines are as shown."""
        example = self.page.split("## An example\n\n")[1].split("\n\n")[0]
        blocks = re.split(r"^    \$ ", example, flags=re.M)[1:]
        self.assertEqual(len(blocks), 6)
        environment = {**os.environ, "PATH": os.pathsep.join(
            (os.path.dirname(sys.executable), os.path.dirname(ASSAY), os.environ["PATH"]))}
        for block in blocks:
            command, *shown = [re.sub("^    ", "", line) for line in block.splitlines()]
            if command == "cat make.py":
                self.write("make.py", "\n".join(shown) + "\n")
                continue
            done = subprocess.run(command, shell=True, cwd=self.directory.name, capture_output=True, text=True, check=False,
                                  env=environment)
            self.assertEqual((done.returncode, done.stderr), (0, ""), command)
            wordy = [[re.sub(r"-?\d+(\.\d*)?(e[+-]?\d+)?", "#", word) for word in line.split()]
                     for line in done.stdout.splitlines()]
            expected = [[re.sub(r"-?\d+(\.\d*)?(e[+-]?\d+)?", "#", word) for word in line.split()] for line in shown]
            if expected and expected[0] == ["..."]:
                expected, wordy = expected[1:], wordy[-len(expected) + 1:]
            self.assertEqual(wordy, expected, command)


if __name__ == "__main__":
    unittest.main()
