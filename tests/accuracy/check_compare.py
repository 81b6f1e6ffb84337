"""compare.py says what it should of records that differ by one number.

usage: check_compare.py RECORD
"""

import copy
import json
import sys

from compare import FACTORS, problems

ANOTHER = {"blas": "another", "core": "another", "libc": "another"}


def changed(record, change, machine=None):
    out = copy.deepcopy(record)
    if machine:
        out["machine"] = machine
    change(out["rows"])
    return out


def first(key):
    """A row with this key, of every record the same."""

    def find(rows):
        return next(row for row in rows if key in row)

    return find


def scale(key, field, factor):
    def change(rows):
        place = first(key)(rows)[key]
        place[field] *= factor

    return change


def main():
    with open(sys.argv[1], encoding="utf-8") as stream:
        record = json.load(stream)
    nothing = lambda rows: None  # noqa: E731
    little, inside, outside = 1 + 2**-50, 1 - 2**-10, 1 + 2**-10
    cases = [("nothing", nothing, None, False, 0), ("nothing, whole", nothing, None, True, 0)]
    for key, field in (("worst", "error"), ("worst", "bound"), ("ordinary", "error"), ("ratios", 1), ("units", 1)):
        cases += [
            (f"{key} {field} up a little", scale(key, field, little), None, False, 1),
            (f"{key} {field} up a little, whole", scale(key, field, little), None, True, 1),
            (f"{key} {field} down", scale(key, field, 0.5), None, False, 0),
            (f"{key} {field} down, whole", scale(key, field, 0.5), None, True, 1),
            (f"{key} {field} up, elsewhere", scale(key, field, FACTORS[key] * inside), ANOTHER, False, 0),
            (f"{key} {field} far up, elsewhere", scale(key, field, FACTORS[key] * outside), ANOTHER, False, 1),
        ]
    cases += [
        ("a row is missing", lambda rows: rows.pop(), None, False, 1),
        ("a witness is missing", lambda rows: first("worst")(rows).update(worst=None), None, False, 1),
        ("another search's witness", scale("worst", "error", 100.0), ANOTHER, True, 0),
        ("another search's maximum", scale("ratios", 1, FACTORS["ratios"] * outside), ANOTHER, True, 1),
    ]
    wrong = 0
    for name, change, machine, whole, expected in cases:
        found = list(problems(record, changed(record, change, machine), whole))
        if len(found) != expected:
            print(f"{name}: {len(found)} problems, expected {expected}: {found}")
            wrong += 1
    print(f"{len(cases) - wrong} of {len(cases)} cases")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
