"""Records of the peers that are none, what the page says of goals, and peers that compute something else: all refused.

usage: check_page.py PEERS.json [unittest options]
"""
import copy
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from peers import checks, page

RECORD = json.loads(pathlib.Path(sys.argv.pop(1)).read_text(encoding="ascii"))


class Records(unittest.TestCase):
    def test_good(self):
        self.assertEqual(list(page.problems(RECORD)), [])
        text = list(page.peers_section(RECORD))
        for task in RECORD["tasks"]:
            for ours in task["ours"]:
                for peer in task["peers"]:
                    self.assertEqual(sum(line.startswith(f"| {task['name']} | {ours['name']} | {peer['name']} |")
                                         for line in text), 1)

    def refused(self, change, word):
        changed = copy.deepcopy(RECORD)
        change(changed)
        self.assertIn(word, "\n".join(page.problems(changed)))

    def test_refused(self):
        self.refused(lambda r: r["tasks"].pop(), "tasks")
        self.refused(lambda r: r["tasks"].reverse(), "tasks")
        self.refused(lambda r: r["tasks"][0]["ours"].pop(), "ours are not")
        self.refused(lambda r: r["tasks"][0]["peers"].pop(), "peers are not")
        self.refused(lambda r: r["tasks"][0]["peers"][0].update(name="Numpy"), "peers are not")
        self.refused(lambda r: r["tasks"][0]["ours"][0]["driver"].append("n=1"), "ours are not")
        self.refused(lambda r: r["tasks"][0]["peers"][0]["runs"].reverse(), "passes")
        self.refused(lambda r: r["tasks"][5]["ours"][0]["runs"][1].update(passes=2), "passes")
        self.refused(lambda r: r["tasks"][0]["peers"][0]["runs"][1]["user"].pop(), "another number of runs")
        self.refused(lambda r: r["context"].update(rounds=99), "another number of runs")

    def test_noise(self):
        """A busy machine may leave a ratio open; a quiet one has to tell where there is a goal."""
        changed = copy.deepcopy(RECORD)
        still = [0.0] * changed["context"]["rounds"]
        changed["tasks"][0]["ours"][0]["runs"][1].update(user=still, system=still)
        changed["context"].update(quiet=False, load_average=9)
        self.assertEqual(list(page.problems(changed)), [])
        self.assertIn("too disturbed to tell", "\n".join(page.rows(changed)))
        changed["context"].update(quiet=True, load_average=0)
        self.assertIn("normals: too noisy", "\n".join(page.problems(changed)))

    def test_goals(self):
        self.assertEqual(page.goal_text(None, (2, 1, 3)), "-")
        self.assertEqual(page.goal_text(1.5, (2, 1.5, 3)), "1.5: met")
        self.assertEqual(page.goal_text(1.5, (2, 1.49, 3)), "1.5: open")
        self.assertEqual(page.goal_text(10, (9, 8, 10)), "10: open")
        self.assertEqual(page.goal_text(10, (9, 8, 9.99)), "10: **missed**")


class Checks(unittest.TestCase):
    """Each on outputs that are made up: right, then with one thing wrong."""

    def held(self, check, ours, theirs, peer=("peer",)):
        ask = lambda words, *_, given=None: ours if words == ("ours",) else theirs
        getattr(checks, check)(ask, ("ours",), peer)

    def differs(self, *arguments, **options):
        with self.assertRaises(checks.Differs):
            self.held(*arguments, **options)

    def test_field(self):
        right = "velocity 0x1p+0 0x1p-20\n"
        self.held("field", right, right)
        self.held("field", right, "velocity 0x1.0000000001p+0 0x1p-20\n")
        for wrong in ("velocity 0x1.000001p+0 0x1p-20\n", "velocity 0x1p+0\n", "speed 0x1p+0 0x1p-20\n",
                      "velocity nan 0x1p-20\n"):
            self.differs("field", right, wrong)

    def test_normals(self):
        lines = lambda *moments: "".join(f"moment{i + 1} {m.hex()}\n" for i, m in enumerate(moments))
        self.held("normals", "", lines(1e-3, 1.0, 0.01, 3.0))
        for wrong in ((6e-3, 1.0, 0.0, 3.0), (0.0, 1.01, 0.0, 3.0), (0.0, 1.0, 0.03, 3.0), (0.0, 1.0, 0.0, 2.9)):
            self.differs("normals", "", lines(*wrong))

    def test_others(self):
        for check, names in (("spherical", ("weight", "mean", "variance")), ("epochs", ("c", "w"))):
            right = "".join(f"{name} 0x1p+0\n" for name in names)
            self.held(check, right, right)
            for name in names:
                self.differs(check, right, right.replace(f"{name} 0x1p+0", f"{name} 0x1.0001p+0"))
        near = "c 0x1p+0\nw 0x1.00002p+0\n"
        self.held("epochs", right, near, peer=("peer", "float32"))
        self.differs("epochs", right, near)
        self.held("roundings", "report 0x1p+0\n", "report 0x1p+0\n")
        self.differs("roundings", "report 0x1p+0\n", "report 0x1p+1\n")

    def test_train(self):
        """n = 2, d = 1, one time t = 1/2: x_t = 1, -1 and w = (4 - 2 c)/2.25; c = 8/9 makes the margin 80/81."""
        data = "shape 0x1p+1 0x1p+0\nnoise 0x0p+0 0x0p+0\ndata 0x1p+1 -0x1p+1\nlabels 0x1p+0 -0x1p+0\ntime 0x1p-1\n"
        c = 8 / 9
        lines = lambda c, margin: f"c {c.hex()}\nmargin {margin.hex()}\n"
        self.held("train", data + f"c {c.hex()}\n", lines(c, 80 / 81))
        self.differs("train", data + f"c {c.hex()}\n", lines(c + 1e-6, 80 / 81))
        self.differs("train", data + f"c {c.hex()}\n", lines(c, 80 / 81 + 1e-6))

    def test_enclosures(self):
        """2^-256 of 1 is 1 in the 64th digit behind the point."""
        line = lambda low, high: f"enclosure 0x{low}p0 0x{high}p0\n"
        one, tiny = "1." + "0" * 64, "1." + "0" * 63
        right = line(one + "0", one + "1")
        self.held("enclosures", right, right)
        self.held("enclosures", right, line(one + "8", one + "8"))
        self.differs("enclosures", right, line(tiny + "4", tiny + "4"))
        self.differs("enclosures", right, line(one + "0", tiny + "2"))
        self.differs("enclosures", right, right + right)
        self.assertEqual(checks.exact("-0x1.8p+1"), -3)
        self.assertEqual(checks.exact("-1fp-1"), -15.5)


if __name__ == "__main__":
    unittest.main()
