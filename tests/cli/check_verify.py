"""assay claims and assay verify: tables, reports, exit statuses.

usage: check_verify.py ASSAY ASSAY_FALSE_PAPER [unittest options]
"""

import json
import os
import subprocess
import unittest

from command import FALSE_PAPER, Command


class Verify(Command):
    def test_a_table_that_is_read_by_eye(self):
        """The longest id, a proof by inequality, a measurement; controls with their reasons."""
        patterns = ["flow-dae/self-consistency-margin", "flow-dae/euler-cosine-product", "flow-dae/*-rate"]
        for more, verdict in (([], "PROVED|CONFIRMED"), (["--control"], "REFUTED")):
            out = self.run_assay("verify", *patterns, *more).stdout
            header, *rows, summary = [line for line in out.splitlines() if not line.startswith("    ")]
            self.assertEqual(len(rows), 4)
            column = header.index("verdict")
            self.assertLessEqual(column + len("CONFIRMED"), 120)
            for row in rows:
                self.assertRegex(row[:column], r"^flow-dae/\S+( +\S+){4} +$")
                self.assertRegex(row[column:], rf"^({verdict})$")
            self.assertRegex(summary, r"^4 claims.*: \d proved, \d confirmed, \d refuted, 0 undecided \(level quick, "
                                      r"seed 1, delta 1e-06, [\d.]+ s\)$")
            self.assertEqual("controls" in summary, bool(more))

    def test_reports(self):
        out = self.json_of("verify", "flow-dae/summary-ode", "flow-dae/summary-flow", "--record", "r.json", "--junit", "r.xml", "--html",
                           "r.html", "--figures", ".")
        with open(self.path("r.json"), encoding="utf-8") as stream:
            record = json.load(stream)
        self.assertEqual(out["claims"][0]["verdict"], "PROVED")
        self.assertEqual(record, out)
        for name in ("r.xml", "r.html"):
            self.assertGreater(os.path.getsize(self.path(name)), 200)
        figures = [name for name in self.files() if name.endswith(".svg")]
        self.assertEqual(figures, ["flow-dae-overlaps.svg"])  # of the claims that were run
        self.assertEqual(len(self.files()), 4)

    def test_without_gnuplot_no_minutes_are_spent_on_figures(self):
        environment, os.environ["PATH"] = os.environ["PATH"], self.directory.name
        try:
            self.refuse("verify", "--level", "full", "--figures", ".", says=["gnuplot"])
        finally:
            os.environ["PATH"] = environment

    def test_exit_statuses(self):
        """1 wins over 3; with --control, 1 is a control that holds."""
        for patterns, plain, control in ((["true"], 0, 0), (["open"], 3, 3), (["false"], 1, 1), (["true", "open"], 3, 3),
                                         (["true", "false"], 1, 1), (["open", "false"], 1, 1), (["*"], 1, 1)):
            for more, expected in (([], plain), (["--control"], control), (["--json"], plain), (["--quiet"], plain)):
                words = [FALSE_PAPER, "verify", *("false-paper/" + pattern for pattern in patterns), *more]
                done = subprocess.run(words, capture_output=True, text=True, check=False)
                self.assertEqual((done.returncode, done.stderr), (expected, ""), words)

    def test_undecided_is_three(self):
        out = self.run_assay("verify", "flow-dae/mse-rate", "flow-dae/nishimori", "--max-bits", "53", expect=3).stdout
        self.assertRegex(out, r"mse-rate .* UNDECIDED\n    \S.*max_bits = 53\n")

    def test_a_name_without_its_paper(self):
        """Where it matches no id; it may be a glob, and what does match an id means that alone."""
        for name, ids in (("nishimori", ["nishimori"]), ("*rate", ["mse-rate", "cosine-rate"]),
                          ("[mc]*-rate", ["mse-rate", "cosine-rate"]), ("euler-li?it", ["euler-limit"])):
            expected = ["flow-dae/" + each for each in ids]
            self.assertEqual([claim["id"] for claim in self.json_of("claims", name)["claims"]], expected)
            self.assertEqual(self.run_assay("claims", name).stdout, self.run_assay("claims", *expected).stdout)
        claims = self.json_of("verify", "nishimori", "flow-dae/mse-rate", "bayes-gap")["claims"]
        self.assertEqual(sorted(claim["id"] for claim in claims),
                         ["flow-dae/bayes-gap", "flow-dae/mse-rate", "flow-dae/nishimori"])
        for name, expected in (("true", 0), ("false", 1), ("open", 3)):
            done = subprocess.run([FALSE_PAPER, "verify", name], capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (expected, ""), name)
            self.assertIn(f"false-paper/{name} ", done.stdout)
        done = subprocess.run([FALSE_PAPER, "verify", "false*"], capture_output=True, text=True, check=False)
        self.assertIn("3 claims: ", done.stdout)  # ids, not the claim false
        for command in ("claims", "verify"):
            self.refuse(command, "nishimor", says=["'nishimor'"])
            self.refuse(command, "nishimori", "other/nishimori", says=["'other/nishimori'"])
            for word in ("/nishimori", "nishimor[/i]"):  # a slash, and so an id
                self.refuse(command, word, says=[f"'{word}'"])
            self.assertIn("behind the slash", self.run_assay(command, "--help").stdout)

    def test_unknown_claims_and_levels(self):
        self.refuse("verify", "flow-dae/nothing*", says=["flow-dae/nothing*"])
        self.refuse("verify", "*", "flow-dae/nothing*", says=["flow-dae/nothing*"])
        self.refuse("verify", "", says=["''"])
        self.refuse("claims", "nothing", says=["'nothing'"])
        self.refuse("claims", "*", "nothing", says=["'nothing'"])
        self.refuse("claims", "", says=["''"])
        self.refuse("claims", "-x", says=["unknown option '-x'"])
        self.refuse("claims", "--", "-x", says=["id matches '-x'"])
        for command in ("claims", "verify"):
            for bad in ("", "none", "no/*"):
                self.refuse(command, "self-consistency-margin", bad,
                            says=[f": no claim's id matches '{bad}'; see assay claims"])
        self.refuse("verify", "--level", "medium", says=["'medium'", "quick", "full"])
        self.refuse("verify", "--delta", "2", says=["--delta", "'2'"])

    def test_every_claim_is_listed_with_control_and_sizes(self):
        claims = self.json_of("claims")["claims"]
        self.assertGreaterEqual(len(claims), 18)
        for claim in claims:
            for key in ("id", "statement", "source", "kind", "control"):
                self.assertTrue(claim[key], claim["id"])
            self.assertEqual(set(claim["sizes"]), {"quick", "full"})


if __name__ == "__main__":
    unittest.main()
