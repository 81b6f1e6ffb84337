"""Ratios and their intervals on made-up rounds; and records that are none: what record.py --check must refuse.

usage: check_record.py FOLDER PAGE.md [unittest options]
"""
import contextlib
import copy
import io
import itertools
import json
import math
import pathlib
import sys
import tempfile
import unittest

import growth
import plots
import ratios
import record

FOLDER, PAGE = pathlib.Path(sys.argv.pop(1)), pathlib.Path(sys.argv.pop(1))


def side(times, start=7.0, passes=4):
    """Runs whose differences are `times` a pass, after a start-up; system time has a quarter of each."""
    runs = [[start] * len(times), [start + passes * t for t in times]]
    return {"driver": [], "runs": [{"passes": r * passes, "wall": [2 * t for t in run], "user": [0.75 * t for t in run],
                                    "system": [0.25 * t for t in run]} for r, run in zip((1, 2), runs)]}


class Ratios(unittest.TestCase):
    def test_rank(self):
        """By all outcomes of n coins: the interval fails when fewer than r, or more than n - r, lie below the median."""
        for n in range(6, 15):
            counts = [sum(coins) for coins in itertools.product((0, 1), repeat=n)]
            fails = lambda r: sum(not r <= below <= n - r for below in counts) / 2**n
            rank = ratios.rank_of(n)
            self.assertGreaterEqual(rank, 1)
            self.assertLessEqual(fails(rank), 0.05)
            self.assertGreater(fails(rank + 1), 0.05)
        self.assertEqual(ratios.rank_of(5), 0)

    def test_start_up_cancels(self):
        work, floor = [0.5, 0.25, 1.0, 2.0, 0.75, 1.5, 3.0], [0.25] * 7
        for start in (0.0, 7.0):
            case = {"work": side(work, start), "floor": side(floor)}
            self.assertEqual(ratios.ratios(case, "processor"), (4.0, 1.0, 12.0))
            self.assertEqual(ratios.differences(case["work"], "wall"), [2 * t for t in work])
            self.assertEqual(ratios.differences(case["work"], "processor"), work)

    def test_rounds_that_say_nothing(self):
        """Each widens the interval by one on both sides; too many leave none."""
        floor = [1.0] * 11
        work = [float(k) for k in range(1, 12)]
        expected = {0: (6.0, 2.0, 10.0), 1: (6.5, 2.0, 11.0)}
        for bad in range(3):
            case = {"work": side([-1.0] * bad + work[bad:]), "floor": side(floor)}
            self.assertEqual(ratios.ratios(case, "processor"), expected.get(bad))
        case = {"work": side(work), "floor": side([0.0] + floor[1:])}
        self.assertEqual(ratios.ratios(case, "processor"), expected[1])


class Exponents(unittest.TestCase):
    def curve(self, exponent, rounds=8):
        """Rounds whose times are powers of the size, each with a factor and an exponent of its own."""
        times = lambda size: [(1 + k) * size**(exponent + k / 100) for k in range(rounds)]
        return {"points": [{"size": size, "work": side(times(size))} for size in (2, 4, 8, 16, 32)]}

    def test_powers(self):
        for exponent in (0.5, 1.0, 2.0):
            middle, low, high = ratios.exponents(self.curve(exponent), 3, growth.slope)
            self.assertAlmostEqual(middle, exponent + 0.035, 12)
            self.assertAlmostEqual(low, exponent, 12)
            self.assertAlmostEqual(high, exponent + 0.07, 12)

    def test_least_squares(self):
        """By hand: residuals of log y = a + b log x, x = 1, 2, 4, vanish in sum and along log x."""
        self.assertAlmostEqual(growth.slope([(1, 1), (2, 8), (4, 4)]), 1, 12)

    def test_expected(self):
        curve = growth.Curve("f", ("d",), "n", 3, lambda n: n**2 * 7, "")
        self.assertAlmostEqual(growth.expected(curve)[0], 2, 12)
        self.assertEqual(growth.values(curve), [3, 6, 12, 24, 48])
        self.assertEqual(growth.expected(curve._replace(count=(1, 2))), (1, 2))


class Records(unittest.TestCase):
    def setUp(self):
        self.record = json.loads((FOLDER / "record.json").read_text(encoding="ascii"))
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder, self.page = pathlib.Path(folder.name, "bench"), pathlib.Path(folder.name, "page.md")
        self.folder.mkdir()
        self.sizes = (FOLDER / "sizes.json").read_text(encoding="ascii")
        (self.folder / "sizes.json").write_text(self.sizes, encoding="ascii")
        (self.folder / "peers.json").write_text((FOLDER / "peers.json").read_text(encoding="ascii"), encoding="ascii")

    def run_on(self, changed, *options):
        (self.folder / "record.json").write_text(json.dumps(changed), encoding="ascii")
        sys.argv = ["record.py", *options, str(self.folder), str(self.page)]
        with contextlib.redirect_stdout(io.StringIO()) as told:
            status = record.main()
        return status, told.getvalue()

    def test_good(self):
        self.assertFalse(self.run_on(self.record)[0])
        self.assertFalse(self.run_on(self.record, "--check")[0])
        self.assertEqual(self.page.read_text(encoding="utf-8"), PAGE.read_text(encoding="utf-8"))
        rows = json.loads((self.folder / "github-action-benchmark.json").read_text(encoding="ascii"))
        self.assertTrue(all({"name", "unit", "value"} <= set(row) and math.isfinite(row["value"]) for row in rows))

    def refused(self, change, word):
        changed = copy.deepcopy(self.record)
        change(changed)
        status, told = self.run_on(changed)
        self.assertTrue(status, word)
        self.assertIn(word, told)
        self.assertFalse(self.page.exists())

    def test_refused(self):
        self.refused(lambda r: r["cases"].pop(), "are expected")
        self.refused(lambda r: r["cases"][0].update(name="normal"), "are expected")
        self.refused(lambda r: r["cases"].append(r["cases"][0]), "are expected")
        self.refused(lambda r: r["context"]["cores"].append("Zen"), "are expected")
        self.refused(lambda r: r["cases"][0].update(floor=r["cases"][1]["floor"]), "not by the driver")
        self.refused(lambda r: r["cases"][0]["work"]["runs"][1].update(passes=1), "passes")
        self.refused(lambda r: r["cases"][0]["work"]["runs"][1]["wall"].pop(), "another number of runs")
        self.refused(lambda r: r["cases"][0]["work"]["runs"].reverse(), "passes")
        self.refused(lambda r: r["context"].update(quiet=not r["context"]["quiet"]), "quiet")
        noise = lambda r: [0.0] * r["context"]["rounds"]
        self.refused(lambda r: r["cases"][0]["work"]["runs"][1].update(user=noise(r), system=noise(r)), "too noisy")

    def test_refused_sizes(self):
        times = ("wall", "user", "system")

        def refused(change, word):
            changed = json.loads(self.sizes)
            change(changed["curves"])
            (self.folder / "sizes.json").write_text(json.dumps(changed), encoding="ascii")
            self.refused(lambda _: None, word)

        refused(lambda curves: curves.pop(), "other curves")
        refused(lambda curves: curves[0].update(size="m"), "other curves")
        refused(lambda curves: curves[0]["points"].pop(), "other curves")
        refused(lambda curves: curves[0]["points"][1]["work"]["driver"].pop(), "other curves")
        flat = lambda run: run.update({key: [1.0] * len(run[key]) for key in times})
        refused(lambda curves: [flat(run) for run in curves[0]["points"][0]["work"]["runs"]], "too noisy for its times")

    def test_differences(self):
        self.run_on(self.record)
        drawn = plots.version() == json.loads(self.sizes)["context"]["gnuplot"]
        for path in [self.page, *(path for path in self.folder.iterdir() if path.name not in record.RECORDS)]:
            if path.suffix == ".svg" and not drawn:
                continue
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace("1", "2", 1), encoding="utf-8")
            self.assertIn(f"{path}: is not made from the record", self.run_on(self.record, "--check")[1])
            path.write_text(text, encoding="utf-8")
        (self.folder / "other.json").write_text("{}", encoding="ascii")
        self.assertIn("no file of a record", self.run_on(self.record, "--check")[1])


if __name__ == "__main__":
    unittest.main()
