"""assay dae train and generate: every training against full vectors in NumPy, and every refusal.

usage: check_dae.py ASSAY ASSAY_FALSE_PAPER [unittest options]
"""

import os
import re
import signal
import subprocess
import time
import unittest

import numpy as np

import check_process
from command import ASSAY, Command
from dae_oracle import START, Learner, normals

# n = 5, d = 40, K = 4: sums of n d K = 800 terms below 10, in fits whose normal equations have a condition below 400,
# are right to 800 * 10 * 400 * 2^-53 = 4e-10 in double; the oracle's Newton stops at a gradient of 1e-12, over a
# curvature of at least lambda = 0.1.
TOLERANCE = 1e-9
SAMPLES, DIMENSION, SIGMA, PENALTY, STEPS, COUNT, SEED = 5, 40, 0.5, 0.1, 4, 6, 3
BASE = ["--samples", str(SAMPLES), "--dimension", str(DIMENSION), "--sigma", str(SIGMA), "--lambda", str(PENALTY)]
SMALL = [*BASE, "--steps", str(STEPS), "--seed", str(SEED)]
KEYS = ["mse", "cosine", "cluster_variance", "flow_mu", "flow_xi", "flow_eta", "flow_perp"]
FIT_KEYS = ["time", "c", "w_mu", "w_xi", "w_eta", "w_rest", "label_distance", "loss", "gradient_norm", "wrong_labels",
            "iterations", "stationary"]
ADAM = ["--solver", "adam", "--epochs", "60", "--learning-rate", "1/50"]


class Oracle(Command):
    def near(self, measured, expected, what):
        self.assertLess(abs(measured - expected), TOLERANCE, f"{what}: {measured}, in full vectors {expected}")

    def judge_fit(self, fit, expected, what):
        for key, value in expected.items():
            self.near(fit[key]["value"] if key in ("c", "w_mu", "w_xi", "w_eta") else fit[key], value, f"{what}: {key}")

    def judge_generation(self, learner, fits, more, published):
        out = self.json_of("dae", "generate", *SMALL, *more, "--count", str(COUNT), "--out", "x.npy")
        x, expected = learner.generate(fits, COUNT, published)
        self.assertLess(np.max(np.abs(np.load(self.path("x.npy")) - x)), TOLERANCE, more)
        self.near(out["sign_changes"], expected.pop("sign_changes"), f"{more}: sign_changes")
        for key, value in expected.items():
            measured = out[key]["measured"]
            if key == "flow_xi" and learner.fresh:  # a norm that may vanish: right in its square
                measured, value = measured**2, value**2
            self.near(measured, value, f"{more}: {key}")

    def judge(self, *more, published=False, **how):
        learner = Learner(SAMPLES, DIMENSION, SIGMA, PENALTY, SEED, **how)
        times = [j / STEPS for j in range(STEPS)]
        out, fits = self.json_of("dae", "train", *SMALL, *more), learner.train(times)
        for draw, (t, fit, ours) in enumerate(zip(times, out["times"], fits, strict=True)):
            self.assertEqual((list(fit), fit["time"]), (FIT_KEYS, t))
            self.judge_fit(fit, learner.report(t, draw, *ours), f"{more} at {t}")
        self.judge_generation(learner, fits, more, published)
        return out["times"]

    def test_the_label_solution(self):
        for schedule in ("linear", "trigonometric"):
            for fresh in ([], ["--noise", "fresh"]):
                for no_skip in ([], ["--no-skip"]):
                    fits = self.judge("--schedule", schedule, *fresh, *no_skip, schedule=schedule, fresh=bool(fresh),
                                      skip=not no_skip)
                    self.assertGreater(fits[0]["wrong_labels"], 0)  # else its gradient is not looked at
                    for fit in fits:
                        self.assertIs(fit["stationary"], fit["wrong_labels"] == 0)
                        for key in ("c", "w_mu", "w_xi", "w_eta"):
                            self.assertLess(fit[key]["error"], TOLERANCE)

    def test_the_published_grid_stops_short(self):
        self.judge("--grid", "published", published=True)
        self.judge("--grid", "published", "--schedule", "trigonometric", "--noise", "fresh", published=True,
                   schedule="trigonometric", fresh=True)

    def test_alternation(self):
        for start in ("random", "previous"):
            fits = self.judge("--start", start, start=start)
            self.assertGreater(max(fit["iterations"] for fit in fits), 2)
            self.assertGreater(fits[0]["label_distance"], 0.1)  # not the label solution
            self.assertIsNone(fits[0]["c"]["error"])
        self.judge("--start", "random", "--noise", "fresh", start="random", fresh=True)

    def test_stationary_points_of_tanh_and_erf(self):
        for name in ("tanh", "erf"):
            for start in ("labels", "random", "previous"):
                for fit in self.judge("--activation", name, "--start", start, phi=name, start=start):
                    self.assertTrue(fit["stationary"])
                    self.assertLess(fit["gradient_norm"], 1e-12)
                    self.assertGreater(fit["label_distance"], 1e-3)  # far from saturated
            self.judge("--activation", name, "--noise", "fresh", "--no-skip", phi=name, fresh=True, skip=False)

    def test_adam(self):
        how = {"solver": "adam", "epochs": 60, "rate": 0.02}
        # Not sign from the labels: a stationary point, where Adam divides rounding by rounding.
        for name, start in (("sign", "random"), ("sign", "previous"), ("tanh", "labels"), ("erf", "random"),
                            ("erf", "previous")):
            for fit in self.judge(*ADAM, "--activation", name, "--start", start, phi=name, start=start, **how):
                self.assertEqual((fit["iterations"], fit["stationary"]), (60, None))
        self.judge(*ADAM, "--start", "previous", "--noise", "fresh", "--no-skip", "--grid", "published",
                   published=True, start="previous", fresh=True, skip=False, **how)
        one = self.json_of("dae", "train", *SMALL, "--solver", "adam", "--start", "random")["times"][2]
        self.assertEqual(one["iterations"], 6000)  # and the rate 0.04:
        self.assertEqual(one, self.json_of("dae", "train", *SMALL, "--solver", "adam", "--start", "random", "--epochs",
                                           "6000", "--learning-rate", "0.04")["times"][2])

    def test_one_time(self):
        for more, how in (([], {}), (["--start", "random"], {"start": "random"}),
                          (["--activation", "tanh", "--noise", "fresh"], {"phi": "tanh", "fresh": True})):
            learner = Learner(SAMPLES, DIMENSION, SIGMA, PENALTY, SEED, **how)
            for text, t in (("1/3", 1 / 3), ("0.75", 0.75)):
                (fit,) = self.json_of("dae", "train", *BASE, "--seed", str(SEED), "--time", text, *more)["times"]
                (ours,) = learner.train([t])
                self.assertEqual(fit["time"], t)
                self.judge_fit(fit, learner.report(t, 0, *ours), f"{more} at {t}")


class Prediction(Command):
    def test_it_is_that_of_theory(self):
        theory = ["--samples", "5", "--sigma", "0.5", "--lambda", "0.1", "--steps", "4"]
        seen = set()
        for schedule in ("linear", "trigonometric"):
            for noise in ("fixed", "fresh"):
                for skip in ([], ["--no-skip"]):
                    model = ["--schedule", schedule, "--noise", noise, *skip]
                    limits = self.json_of("dae", "theory", *theory, *model)
                    done = self.run_assay("dae", "generate", *SMALL, *model, "--count", "2", "--json")
                    self.assertEqual(done.stderr, "")
                    out = self.json_of("dae", "generate", *SMALL, *model, "--count", "2")
                    self.assertEqual(list(out), [*KEYS, "sign_changes"])
                    for key in KEYS:
                        low, high = (max(float(limits[key]["lo"]), float(out[key]["predicted"]["lo"])),
                                     min(float(limits[key]["hi"]), float(out[key]["predicted"]["hi"])))
                        self.assertLessEqual(low, high, (model, key))
                        self.assertLess(high - low, 1e-14)
                    seen.add(out["mse"]["predicted"]["lo"])
        self.assertEqual(len(seen), 6)  # without skip connection noise plays no part, Euler's schedule does

    def test_fluctuations_vanish_with_the_dimension(self):
        """n = 8, d = 40000, N = 40. P^2 is off by 2/sqrt((n - 1) d) of its 0.2 (a ratio of two sums of (n - 1) d
        squares), M, Q and E by the mean start's part along mu, xi, eta, P sqrt(n/(N d)) by chance and P sqrt(2/(pi d)) times w's
        share, below 1, by the choice of signs: a standard deviation is below 0.003, and five of them are allowed."""
        for more in (["--noise", "fresh"], ["--no-skip"], ["--schedule", "trigonometric"]):
            out = self.json_of("dae", "generate", "--samples", "8", "--sigma", "0.5", "--lambda", "0.1", "--dimension",
                               "40000", "--steps", "10", "--count", "40", *more)
            for key in KEYS:
                self.assertLess(abs(out[key]["measured"] - float(out[key]["predicted"]["lo"])), 0.015, (more, key))

    def test_there_is_no_perp_in_few_dimensions(self):
        for more, least in ((["--activation", "tanh"], 4), (["--start", "random"], 4), (ADAM, 4),
                            (["--noise", "fresh"], 3)):  # the span is that of mu and eta alone
            for dimension in (1, 2, 3, 4):
                use = ["dae", "generate", "--samples", "4", "--sigma", "0.5", "--lambda", "0.1", "--dimension",
                       str(dimension), "--steps", "3", "--count", "3", *more]
                perp = self.json_of(*use)["flow_perp"]["measured"]
                self.assertEqual(perp is None, dimension < least, use)
                text = self.run_assay(*use).stdout
                self.assertEqual(bool(re.search(r"(?m)^flow_perp +- ", text)), dimension < least)
                self.assertNotIn("nan", text)

    def test_there_is_none_beyond_the_label_solution(self):
        for more, why in ((["--activation", "tanh"], "--activation sign"),
                          (["--activation", "erf"], "--activation sign"),
                          (["--solver", "adam", "--epochs", "2"], "--solver exact"),
                          (["--start", "random"], "--start labels"), (["--start", "previous"], "--start labels"),
                          (["--grid", "published"], "published")):
            use = ["dae", "generate", *SMALL, *more, "--count", "2"]
            done = self.run_assay(*use)
            self.assertRegex(done.stderr, r"\Aassay dae generate: no prediction: [^\n]*\n\Z")
            self.assertIn(why, done.stderr)
            for key in KEYS:
                self.assertRegex(done.stdout, rf"(?m)^{key} +-?\d\S* +- +-$")
            self.assertNotIn("predictions are", done.stdout)
            out = self.json_of(*use)
            self.assertEqual(list(out), [*KEYS, "sign_changes"])
            for key in KEYS:
                self.assertIsNone(out[key]["predicted"])
                self.assertIsInstance(out[key]["measured"], float)


class Steps(Command):
    def test_their_number(self):
        """100, and on the published grid its 99."""
        for more, count in (([], 100), (["--grid", "published"], 99), (["--grid", "published", "--steps", "7"], 7)):
            times = self.json_of("dae", "train", *BASE, *more)["times"]
            self.assertEqual([fit["time"] for fit in times], [j / count for j in range(count)])
        for more, steps in (([], "100"), (["--grid", "published"], "99")):
            use = ["dae", "generate", *BASE, "--count", "2", *more]
            self.assertEqual(self.run_assay(*use).stdout, self.run_assay(*use, "--steps", steps).stdout)

    def test_threads_change_nothing_and_seeds_do(self):
        for more in (["--activation", "tanh", "--start", "random"], ["--noise", "fresh"],
                     ["--solver", "adam", "--start", "random", "--epochs", "5"]):
            use = ["dae", "generate", "--samples", "6", "--dimension", "9000", "--sigma", "0.5", "--lambda", "0.1",
                   "--steps", "2", "--count", "5", *more, "--json"]
            one = self.run_assay(*use, "--threads", "1").stdout
            self.assertEqual(one, self.run_assay(*use, "--threads", "2").stdout)
            self.assertNotEqual(one, self.run_assay(*use, "--seed", "2").stdout)


class Files(Command):
    def test_long_and_many_rows(self):
        """Files are written 2^20 entries at a time: here a row in two pieces, and two rows a piece. A generated sample
        lies in the span of its start and the means of noise and data (n = 1: the sample and its noise)."""
        for dimension, count in ((1100000, 1), (400000, 3)):
            self.run_assay("dae", "generate", "--samples", "1", "--dimension", str(dimension), "--sigma", "0.5",
                           "--lambda", "0.1", "--steps", "2", "--count", str(count), "--out", "x.npy")
            learner, starts = Learner(1, dimension, 0.5, 0.1), normals(1, START, count, dimension)
            for row, start in zip(np.load(self.path("x.npy")), starts, strict=True):
                span = np.array([start, learner.x0(0)[0], learner.x1[0]])
                coefficients = np.linalg.solve(span @ span.T, span @ row)  # a condition below 10: the three are random
                self.assertGreater(abs(coefficients[0]), 0.05)
                self.assertLess(np.max(np.abs(row - coefficients @ span)), TOLERANCE)


class Table(Command):
    def test_it_is_the_json(self):
        for more in ([], ["--activation", "erf"], ADAM):
            head, *rows = self.run_assay("dae", "train", *SMALL, *more).stdout.splitlines()
            self.assertEqual(head.split(), ["time", "c", "w_mu", "w_xi", "w_eta", "w_rest", "loss", "gradient", "wrong",
                                            "stationary"])
            self.assertLessEqual(len(head), 120)
            for row, fit in zip(rows, self.json_of("dae", "train", *SMALL, *more)["times"], strict=True):
                *cells, wrong, stationary = row.split()
                values = [fit["time"], *(fit[key]["value"] for key in ("c", "w_mu", "w_xi", "w_eta")), fit["w_rest"],
                          fit["loss"], fit["gradient_norm"]]
                for cell, value, digits in zip(cells, values, (8, 7, 7, 7, 7, 2, 7, 2), strict=True):
                    self.assertAlmostEqual(float(cell), value, delta=abs(value) * 10.0**(1 - digits))
                said = {True: "yes", False: "no", None: "-"}[fit["stationary"]]
                self.assertEqual((int(wrong), stationary), (fit["wrong_labels"], said))

    def test_at_the_end_every_label_is_lost(self):
        """w = 0: its distance from itself has no scale, and there is no -0."""
        for more in ([], ["--start", "random"]):
            done = self.run_assay("dae", "train", *BASE, "--time", "1", *more).stdout
            self.assertNotIn("nan", done)
            self.assertNotRegex(done, r"-0\s")
            (fit,) = self.json_of("dae", "train", *BASE, "--time", "1", *more)["times"]
            self.assertEqual((fit["c"]["value"], fit["w_mu"]["value"]), (1, 0))


class Refusals(Command):
    def refuse_both(self, *more, says):
        for command in (["train"], ["generate", "--out", "x.npy"]):
            self.refuse("dae", *command, *SMALL, *more, says=says)
        self.assertEqual(self.files(), [])

    def test_what_only_adam_takes(self):
        for more in ([], ["--activation", "tanh"], ["--start", "random"], ["--solver", "exact"]):
            self.refuse_both(*more, "--epochs", "10", says=["--epochs", "--solver adam"])
            self.refuse_both(*more, "--learning-rate", "0.1", says=["--learning-rate", "--solver adam"])

    def test_values(self):
        adam = ["--solver", "adam"]
        for option, bad in (("--epochs", ["0", "-1", "1.5", ""]), ("--learning-rate", ["nan", "inf", "", "1e400"]),
                            ("--grid", ["other", ""]), ("--activation", ["relu", ""]), ("--solver", ["sgd", ""]),
                            ("--start", ["zero", ""]), ("--noise", ["loud", ""])):
            for value in bad:
                more = [] if option == "--solver" else adam
                self.refuse_both(*more, option, value, says=[option, f"'{value}'"])
            self.refuse_both(option, says=[option, "missing"])
        for value in ("0", "-1", "-1/3"):
            self.refuse_both(*adam, "--learning-rate", value, says=["--learning-rate", "positive"])
        self.refuse_both("--activation", "relu", says=["sign", "tanh", "erf"])
        self.refuse_both("--start", "zero", says=["labels", "random", "previous"])

    def test_the_previous_start_needs_a_span_that_stays(self):
        for more in ([], ["--activation", "tanh"], ["--no-skip"]):
            self.refuse_both(*more, "--start", "previous", "--noise", "fresh",
                             says=["--start previous", "--noise fixed"])

    def test_times_and_grids(self):
        self.refuse("dae", "train", *BASE, "--time", "0.5", "--steps", "3", says=["--time", "--steps"])
        for more in ([], ADAM, ["--activation", "tanh"], ["--noise", "fresh"]):
            self.refuse("dae", "train", *BASE, *more, "--time", "0.5", "--start", "previous",
                        says=["--start previous", "--time"])
        self.refuse("dae", "train", *BASE, "--time", "0.5", "--grid", "published", says=["--time", "--grid"])
        for value in ("-0.1", "1.5"):
            for more in ([], ["--activation", "tanh"], ["--solver", "adam"]):
                self.refuse("dae", "train", *BASE, *more, "--time", value, says=["time", value])
        self.refuse("dae", "generate", *BASE, "--time", "1", says=["--time"])

    def test_models(self):
        for more in ([], ["--activation", "erf"], ["--solver", "adam"], ["--noise", "fresh"], ["--grid", "published"]):
            for command in (["train"], ["generate", "--out", "x.npy"]):
                for model, says in ((["--samples", "1", "--sigma", "1", "--lambda", "0"], ["samples", "lambda"]),
                                    (["--samples", "4", "--sigma", "0", "--lambda", "1"], ["sigma", "0"]),
                                    (["--samples", "4", "--sigma", "1", "--lambda", "-1"], ["lambda", "-1"])):
                    self.refuse("dae", *command, *model, "--dimension", "9", *more, says=says)
        self.assertEqual(self.files(), [])

    def test_an_adam_that_diverges_is_no_answer(self):
        for command in (["train"], ["generate", "--out", "x.npy"]):
            self.refuse("dae", *command, *SMALL, "--solver", "adam", "--learning-rate", "1e200", "--epochs", "9",
                        says=["Adam", "epoch"], expect=3)
        self.assertEqual(self.files(), [])


class Process(Command):
    LONG = ["dae", "generate", *BASE, "--steps", "3", "--solver", "adam", "--count", "2", "--epochs"]

    def peak(self, *arguments):
        """Bytes, at most."""
        process = subprocess.Popen([ASSAY, *arguments], cwd=self.directory.name, stdout=subprocess.DEVNULL)
        status, usage = os.wait4(process.pid, 0)[1:]
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        return 1024 * usage.ru_maxrss

    def test_the_label_solution_needs_no_room_for_the_data(self):
        """4 x 4 000 000 doubles of data and of noise are 256 MB."""
        for more in ([], ["--noise", "fresh"], ["--no-skip", "--schedule", "trigonometric"]):
            use = ["dae", "train", "--samples", "4", "--sigma", "0.5", "--lambda", "0.1", "--time", "0.5", *more,
                   "--dimension"]
            self.assertLess(self.peak(*use, "4000000") - self.peak(*use, "1000"), 64 * 10**6)

    def test_an_interrupt_leaves_no_file(self):
        with subprocess.Popen([ASSAY, *self.LONG, "100000000", "--out", "x.npy"], cwd=self.directory.name,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(30), -signal.SIGINT)
        self.assertEqual(self.files(), [])

    def test_what_cannot_be_written_is_told_before_the_work(self):
        self.refuse(*self.LONG, str(10**12), "--out", "none/x.npy", says=["none/x.npy"])  # or days

    def test_progress_counts_all_times(self):
        epochs, shown = 50000, []
        while len(set(shown)) < 4:  # some ten a second: long enough, however fast the machine
            epochs *= 4
            seen, _, status = check_process.Terminal.on_terminal(self, [*self.LONG, str(epochs)])
            self.assertEqual(status, 0)
            shown = [int(piece.split(b"%")[0]) for piece in seen.split(check_process.ERASE) if piece.endswith(b"Adam")]
            self.assertEqual(shown, sorted(shown))
            self.assertLessEqual(max(shown, default=0), 100)
        quiet = check_process.Terminal.on_terminal(self, [*self.LONG, "20000", "--quiet"])[0]
        self.assertNotIn(b"%", quiet)
        self.assertNotIn("%", self.run_assay(*self.LONG, "20000").stderr)


if __name__ == "__main__":
    unittest.main()
