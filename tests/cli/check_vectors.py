"""assay vectors: every committed number again by tests/cli/vectors_oracle.py, the files' form, and what --check notices.

usage: check_vectors.py ASSAY ASSAY_FALSE_PAPER [unittest options]
"""

import itertools
import json
import math
import os
import pathlib
import re
import shutil
import unittest
from fractions import Fraction

import mpmath

import vectors_oracle as oracle
from command import Command

COMMITTED = pathlib.Path(__file__).resolve().parents[2] / "results" / "vectors"
FIELDS = ["velocity", "score", "denoiser", "noise", "log-density", "divergence"]
FILES = [*FIELDS, "dae-theory", "bayes"]
SLACK = mpmath.mpf(10) ** -60  # of the oracle, relatively: far below 40 digits, far above its own errors
BINARY64, BINARY32 = (53, -1074, 1023), (24, -149, 127)  # precision, exponents of the least and the largest bit


def load(name):
    def no_duplicates(pairs):
        assert len({key for key, _ in pairs}) == len(pairs), f"{name}: a key twice in {pairs}"
        return dict(pairs)
    return json.loads((COMMITTED / f"{name}.json").read_text(encoding="ascii"), object_pairs_hook=no_duplicates)


def nearest(value, precision, least, most):
    """An mpf to a binary format, ties to even, as the double with that value."""
    sign, mantissa, exponent, bits = value._mpf_
    unit = max(exponent + bits - precision, least)
    cut = unit - exponent
    if cut > bits + 1:
        return 0.0  # below half the smallest number; the shift below could be huge
    whole = mantissa << -cut if cut <= 0 else round(Fraction(mantissa, 1 << cut))  # round() takes ties to even
    if whole.bit_length() + unit > most + 1:
        return -math.inf if sign else math.inf
    return math.ldexp(-whole if sign else whole, unit)


def is_binary32(value):
    return nearest(mpmath.mpf(value), *BINARY32) == value


class Numbers(Command):
    """Against the oracle."""

    def judge(self, where, entry, value):
        low, high = mpmath.mpf(entry["lo"]), mpmath.mpf(entry["hi"])
        room = abs(value) * SLACK
        self.assertTrue(low - room <= value <= high + room,
                        f"{where}: [{entry['lo']}, {entry['hi']}] and {mpmath.nstr(value, 45)}")
        self.assertEqual(float.fromhex(entry["double"]), nearest(value, *BINARY64), where)
        self.assertEqual(float.fromhex(entry["float"]), nearest(value, *BINARY32), where)
        self.judge_digits(where, entry["lo"], entry["hi"], low, high)

    def judge_digits(self, where, low_text, high_text, low, high):
        """40 digits each, and at most two units of the last one apart."""
        for text in (low_text, high_text):
            digits = re.sub(r"e.*|\D", "", text).lstrip("0")
            self.assertIn(len(digits), (0, 40), f"{where}: {text}")
        self.assertLessEqual((high - low) * 10**39, 2 * max(abs(low), abs(high)) * (1 + SLACK), where)

    def check_field(self, name):
        document = load(name)
        for group in document["groups"]:
            for case in group["cases"]:
                values = oracle.field(name, group["schedule"], group["mixture_hex"], case)
                self.assertEqual(len(values), len(case["expected"]), case["id"])
                for j, (entry, value) in enumerate(zip(case["expected"], values)):
                    self.judge(f"{case['id']}, component {j}", entry, value)
                self.check_place(group["schedule"], case)

    def check_place(self, schedule, case):
        alpha, beta, _, _ = oracle.place(schedule, case)
        self.judge(f"{case['id']}, alpha", case["alpha"], alpha)
        self.judge(f"{case['id']}, beta", case["beta"], beta)

    def test_velocity(self):
        self.check_field("velocity")

    def test_score(self):
        self.check_field("score")

    def test_denoiser(self):
        self.check_field("denoiser")

    def test_noise(self):
        self.check_field("noise")

    def test_log_density(self):
        self.check_field("log-density")

    def test_divergence(self):
        self.check_field("divergence")

    def test_dae_theory(self):
        for case in load("dae-theory")["cases"]:
            values = oracle.learner(case)
            self.assertEqual(list(case["expected"]), list(values), case["id"])
            for key, entry in case["expected"].items():
                self.judge(f"{case['id']}, {key}", entry, values[key])

    def test_bayes(self):
        for group in load("bayes")["groups"]:
            for case in group["cases"]:
                self.judge(case["id"], case["expected"], oracle.bayes(group["id"].split("/")[1], case))
                if "schedule" in case:
                    self.check_place(case["schedule"], case)


def kind_of(covariance):
    if not isinstance(covariance, list):
        return "isotropic"
    return "full" if isinstance(covariance[0], list) else "diagonal"


def matrix_of(component):
    covariance, d = component["covariance"], len(component["mean"])
    if kind_of(covariance) == "full":
        return covariance
    entries = covariance if isinstance(covariance, list) else [covariance] * d
    return [[entries[i] if i == j else 0 for j in range(d)] for i in range(d)]


def diagonal_of(component):
    return [row[i] for i, row in enumerate(matrix_of(component))]


def shape_flags(components):
    """What the notes say of a mixture's shape."""
    matrices, variances = [matrix_of(c) for c in components], [diagonal_of(c) for c in components]
    pairs = list(itertools.combinations(range(len(components)), 2))
    distance2 = lambda k, l: sum((a - b) ** 2 for a, b in zip(components[k]["mean"], components[l]["mean"]))
    one, other = components[0], components[-1]
    return {
        "TinyVariance": min(map(min, variances)) <= 2**-20,
        "Anisotropic": any(max(v) >= 2**10 * min(v) for v in variances),
        "Correlated": any(m[i][j] ** 2 > 0.99**2 * m[i][i] * m[j][j] for m in matrices for i in range(len(m)) for j in range(i)),
        "WellSeparated": bool(pairs) and all(
            distance2(k, l) > 16**2 * max(*variances[k], *variances[l]) for k, l in pairs),
        "Symmetric": len(components) == 2 and one["weight"] == other["weight"] and matrices[0] == matrices[1]
        and all(a == -b for a, b in zip(one["mean"], other["mean"])),
    }


def groups_of(document):
    return document.get("groups") or [document]


class Form(unittest.TestCase):
    """What docs/vectors.md says of the files."""

    def test_heads(self):
        seen = set()
        for name in FILES:
            document = load(name)
            self.assertEqual((document["schema"], document["quantity"]), (1, name))
            cases = [case for group in groups_of(document) for case in group["cases"]]
            self.assertEqual(document["case_count"], len(cases))
            ids = [case["id"] for case in cases] + [group["id"] for group in document.get("groups", [])]
            self.assertEqual(len(set(ids)), len(ids))
            self.assertTrue(all(identity.startswith(name + "/") for identity in ids))
            used = {flag for case in cases for flag in case["flags"]}
            self.assertEqual(used, set(document["notes"]), name)
            seen |= used
        self.assertEqual(len(seen), 19, sorted(seen))

    def test_size(self):
        self.assertLess(sum(path.stat().st_size for path in COMMITTED.iterdir()), 1_500_000)

    def test_mixtures_are_the_same_twice_and_exact_in_binary32(self):
        def walk(decimal, hexadecimal, key=None):
            if isinstance(decimal, dict):
                self.assertEqual(list(decimal), list(hexadecimal))
                for name in decimal:
                    walk(decimal[name], hexadecimal[name], name)
            elif isinstance(decimal, list):
                self.assertEqual(len(decimal), len(hexadecimal))
                for one, other in zip(decimal, hexadecimal):
                    walk(one, other, key)
            elif key == "dimension":
                self.assertEqual(decimal, hexadecimal)
            else:
                self.assertEqual(decimal, float.fromhex(hexadecimal))
                self.assertTrue(is_binary32(decimal), group["id"])
        for name in FIELDS:
            for group in load(name)["groups"]:
                walk(group["mixture"], group["mixture_hex"])
                self.assertEqual(sum(Fraction(c["weight"]) for c in group["mixture"]["components"]), 1, group["id"])
                kinds = {kind_of(component["covariance"]) for component in group["mixture"]["components"]}
                self.assertEqual(kinds, {"isotropic", "diagonal", "full"} if group["kind"] == "mixed" else {group["kind"]})

    def test_flags(self):
        """Each flag from its note, where a case tells."""
        for name in FIELDS:
            for group in load(name)["groups"]:
                components = group["mixture"]["components"]
                for case in group["cases"]:
                    self.judge_flags(set(case["flags"]), group, components, case)

    def test_cancellation(self):
        """From the comment, or from a change of each component, followed by the oracle: in every fifth case."""
        count = 0
        for name in FIELDS:
            cases = [(group, case) for group in load(name)["groups"] for case in group["cases"]]
            for group, case in cases[::5]:
                lost = int(re.search(r"guarded (\d+)", case["comment"])[1]) >= 4
                cost = 0 if lost else oracle.cost_of_rounding(name, group, case)
                if not 0.99e4 < cost < 1.01e4:
                    self.assertEqual("Cancellation" in case["flags"], lost or cost > 1e4, f"{case['id']}: {cost:.3g}")
                count += cost > 1e4
        self.assertGreater(count, 5)

    def judge_flags(self, flags, group, components, case):
        where = case["id"]
        x = [float.fromhex(v) for v in case["x"]]
        alpha, beta = (Fraction(case[key]["lo"]) for key in ("alpha", "beta"))
        t = float.fromhex(case["time"]) if "time" in case else None
        inputs = [*x, *([t] if t is not None else [float.fromhex(case[key]["double"]) for key in ("alpha", "beta")])]
        exact = [Fraction(entry["lo"]) for entry in case["expected"]]
        rounded = [abs(float.fromhex(entry["float"])) for entry in case["expected"]]
        near = (0 < t < 1 / 64, 0 < 1 - t < 1 / 64, t in (0, 1)) if t is not None else \
            (0 < beta < alpha / 64, 0 < alpha < beta / 64, alpha * beta == 0)
        expected = {
            "NearTimeZero": near[0], "NearTimeOne": near[1], "TimeEnd": near[2],
            **shape_flags(components),
            "ManyComponents": len(components) >= 16,
            "HighDimension": group["dimension"] >= 64,
            "LargeNorm": max(map(abs, x)) > 16 * max(1, *(max(abs(m) for m in c["mean"]) for c in components),
                                                     *(math.sqrt(max(diagonal_of(c))) for c in components)),
            "LightComponent": min(c["weight"] for c in components) <= 2**-16,
            "Binary32Inputs": all(map(is_binary32, inputs)),
            "ExactZero": 0 in exact,
            "Binary32Range": any(e != 0 and (r < 2.0**-126 or r == math.inf) for e, r in zip(exact, rounded)),
        }
        for flag, holds in expected.items():
            if flag == "Binary32Inputs" and holds and flag not in flags:
                continue  # by chance
            self.assertEqual(flag in flags, holds, f"{where}: {flag}")
        if "Underflow" in flags:
            self.assertIn("UnderflowBinary32", flags, where)
        if case["id"].startswith("log-density"):
            self.assertEqual("Underflow" in flags, exact[0] < -750, where)
            self.assertEqual("UnderflowBinary32" in flags, exact[0] < -106, where)


class Check(Command):
    """A folder that differs by anything is found out, and where."""

    def setUp(self):
        super().setUp()
        shutil.copytree(COMMITTED, self.path("copy"))

    def differ(self, *says):
        done = self.run_assay("vectors", "--check", "copy", expect=1)
        for part in says:
            self.assertIn(part, done.stdout)
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()

    def edit(self, name, change):
        with open(self.path(f"copy/{name}"), encoding="ascii") as stream:
            text = stream.read()
        self.write(f"copy/{name}", change(text))

    def test_the_committed_files_are_what_is_written(self):
        self.assertEqual(sorted(os.listdir(COMMITTED)), sorted(f"{name}.json" for name in FILES))
        self.assertIn("exactly", self.run_assay("vectors", "--check", "copy").stdout)
        self.assertEqual(self.json_of("vectors", "--check", "copy"), {"same": True, "differences": []})
        self.run_assay("vectors", "--out", "written")
        for name in FILES:
            with open(self.path(f"written/{name}.json"), "rb") as stream:
                self.assertEqual(stream.read(), (COMMITTED / f"{name}.json").read_bytes(), name)
        self.assertEqual(self.json_of("vectors"), {"written": "vectors"})

    def test_one_digit(self):
        """The last digit of one line of every file, at several places."""
        for share in (0.2, 0.6, 1):
            expected = []
            for name in FILES:
                lines = (COMMITTED / f"{name}.json").read_text().split("\n")
                at = int(share * (len(lines) - 4))
                while not re.search(r"\d", lines[at]):
                    at -= 1
                place = [m.start() for m in re.finditer(r"\d", lines[at])][-1]
                digit = str((int(lines[at][place]) + 1) % 10)
                lines[at] = lines[at][:place] + digit + lines[at][place + 1:]
                self.write(f"copy/{name}.json", "\n".join(lines))
                case = re.findall(r'\{"id": "([^"]*)"', "\n".join(lines[:at + 1]))[-1]
                expected.append(f"{name}.json: line {at + 1}, case {case}: ")
            self.assertEqual(len(self.differ(*expected)), len(FILES))

    def test_cut_and_longer_files(self):
        self.edit("bayes.json", lambda text: text[:-1])
        self.assertEqual(len(self.differ("bayes.json: line ")), 1)
        self.edit("bayes.json", lambda text: text + "\n ")
        self.assertEqual(len(self.differ("bayes.json: line ")), 1)
        self.edit("bayes.json", lambda text: "")
        self.assertEqual(len(self.differ("bayes.json: line 1: ''")), 1)

    def test_missing_and_extra_files(self):
        os.remove(self.path("copy/noise.json"))
        self.write("copy/noise.json~", "")
        self.write("copy/a\nb", "")
        expected = ["a\\x0ab: not one of the test vectors", "noise.json~: not one of the test vectors", "noise.json: missing"]
        self.assertEqual(self.differ("noise.json: missing"), expected)
        listed = self.run_assay("vectors", "--check", "copy", "--json", expect=1)
        self.assertEqual(json.loads(listed.stdout), {"same": False, "differences": expected})

    def test_refusals(self):
        self.refuse("vectors", "--check", "nowhere", says=["nowhere"])
        self.refuse("vectors", "--check", "mixture.json", says=["mixture.json"])
        self.refuse("vectors", "--out", "no/where", says=["no/where"])
        self.refuse("vectors", "--out", "mixture.json", says=["mixture.json"])
        self.refuse("vectors", "--out", "a", "--check", "copy", says=["--out", "--check"])
        self.assertNotIn("a", self.files())


if __name__ == "__main__":
    unittest.main()
