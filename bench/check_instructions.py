"""The gate of instruction counts shuts: counts off by more than 2 %, rows that are missing or unknown, other tools.

usage: check_instructions.py DRIVERS COUNTS.json
"""
import contextlib
import copy
import io
import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import instructions

DRIVERS, COUNTS = (pathlib.Path(sys.argv.pop(1)) for _ in range(2))
ROW = "normals"  # counted in earnest; it takes a second


class Gate(unittest.TestCase):
    def setUp(self):
        self.committed = json.loads(COUNTS.read_text(encoding="ascii"))
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.counts = pathlib.Path(folder.name, "counts.json")
        self.told = ""

    def run_on(self, counts, *options):
        self.counts.write_text(json.dumps(counts), encoding="ascii")
        sys.argv = ["instructions.py", str(DRIVERS), str(self.counts), *options]
        with contextlib.redirect_stdout(io.StringIO()) as told:
            status = instructions.main()
        self.told = told.getvalue()
        if status == instructions.SKIPPED and counts["tools"] == self.committed["tools"]:
            self.skipTest(self.told)
        return status

    def off_by(self, factor):
        changed = copy.deepcopy(self.committed)
        changed["counts"][ROW] = round(factor * changed["counts"][ROW])
        return self.run_on(changed, ROW)

    def test_counts(self):
        for factor, refused in ((1, False), (1.015, False), (0.985, False), (1.04, True), (0.96, True)):
            self.assertEqual(self.off_by(factor), refused, f"{factor}: {self.told}")
            self.assertEqual(f"{ROW}: " in self.told, refused)

    def test_rows(self):
        changed = copy.deepcopy(self.committed)
        del changed["counts"][ROW]
        self.assertTrue(self.run_on(changed, ROW))
        self.assertIn(f"{ROW}: ", self.told)
        changed = copy.deepcopy(self.committed)
        changed["counts"]["normal"] = 1
        self.assertTrue(self.run_on(changed, ROW))
        self.assertIn("normal: is committed, and no benchmark", self.told)

    def test_tools(self):
        changed = copy.deepcopy(self.committed)
        changed["tools"]["compiler"] = "another"
        self.assertEqual(self.run_on(changed, ROW), instructions.SKIPPED)
        self.assertIn("another compiler", self.told)

    def test_accept(self):
        with mock.patch.object(instructions, "count", lambda drivers, row: len(row)):
            self.assertFalse(self.run_on(self.committed, "--accept"))
            accepted = json.loads(self.counts.read_text(encoding="ascii"))
            self.assertEqual(accepted["counts"], {row: len(row) for row in instructions.ROWS})
            self.assertEqual(accepted["tools"], instructions.tools(DRIVERS))
            self.assertFalse(self.run_on(accepted))


if __name__ == "__main__":
    unittest.main()
