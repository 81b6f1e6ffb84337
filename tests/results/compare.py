"""Are the committed results what the code makes?

usage: compare.py COMMITTED MADE

Both folders hold verdicts.json, proofs.json (condense.py: the proofs at the full level) and figures. Verdicts, texts and
item names must be the same; enclosures of the same number must overlap (both contain it); measurements are doubles of the
same computation, which may differ between kernels and machines by no more than their own rounding terms allow; terms of
budgets agree to a hundredth, but for measured ones. Figures must show the same numbers to a tenth of a pixel. Timings
are not compared.
"""

import json
import os
import re
import sys
from fractions import Fraction

LOOSE = 0.01  # of a budget's term: what it is made of is measured here and there
PIXEL = 0.1  # gnuplot writes coordinates with one or two decimals
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def problems_of_enclosures(where, old, new):
    if (old is None) != (new is None):
        yield f"{where}: one has none"
    elif old is not None:
        ends = [Fraction(text) for text in (old["lo"], old["hi"], new["lo"], new["hi"])]
        if ends[1] < ends[2] or ends[3] < ends[0]:
            yield f"{where}: [{old['lo']}, {old['hi']}] and [{new['lo']}, {new['hi']}] are disjoint"


def problems_of_items(where, old, new):
    if old["name"] != new["name"]:
        yield f"{where}: named {old['name']!r} and {new['name']!r}"
        return
    where = f"{where}, item {old['name']!r}"
    for key in ("predicted", "control", "left"):
        yield from problems_of_enclosures(f"{where}, {key}", old.get(key), new.get(key))
    for key in ("holds", "excludes_control"):
        if old.get(key) != new.get(key):
            yield f"{where}: {key} {old.get(key)} and {new.get(key)}"
    terms = [[(term["term"], term["basis"]) for term in one.get("budget", [])] for one in (old, new)]
    if terms[0] != terms[1]:
        yield f"{where}: budgets of {terms[0]} and {terms[1]}"
        return
    for one, other in zip(old.get("budget", []), new.get("budget", []), strict=True):
        sizes = sorted((one["bound"], other["bound"]))
        if not one["basis"].startswith("measured") and sizes[1] - sizes[0] > LOOSE * sizes[1]:
            yield f"{where}: {one['term']} of {one['bound']!r} and {other['bound']!r}"
    if old.get("measured") is not None:
        rounding = sum(term["bound"] for term in old["budget"] + new["budget"] if term["term"] == "rounding")
        if abs(old["measured"] - new["measured"]) > rounding:
            yield f"{where}: measured {old['measured']!r} and {new['measured']!r}, rounding allows {rounding:.2g}"


def problems_of_verdicts(committed, made):
    with open(committed, encoding="utf-8") as stream:
        old = json.load(stream)
    with open(made, encoding="utf-8") as stream:
        new = json.load(stream)
    for key in ("schema", "seed", "delta", "level"):
        if old[key] != new[key]:
            yield f"{key}: {old[key]} and {new[key]}"
    if [claim["id"] for claim in old["claims"]] != [claim["id"] for claim in new["claims"]]:
        yield "the lists of claims differ"
        return
    for one, other in zip(old["claims"], new["claims"], strict=True):
        for key in ("statement", "source", "kind", "control", "verdict", "sizes"):
            if one.get(key) != other.get(key):
                yield f"{one['id']}, {key}: {one.get(key)!r} and {other.get(key)!r}"
        if len(one["items"]) != len(other["items"]):
            yield f"{one['id']}: {len(one['items'])} and {len(other['items'])} items"
            continue
        for left, right in zip(one["items"], other["items"], strict=True):
            yield from problems_of_items(one["id"], left, right)


def problems_of_figures(name, committed, made):
    with open(committed, encoding="utf-8") as stream:
        old = stream.read()
    with open(made, encoding="utf-8") as stream:
        new = stream.read()
    if NUMBER.sub("#", old) != NUMBER.sub("#", new):
        yield f"{name}: drawn differently"
        return
    for left, right in zip(NUMBER.findall(old), NUMBER.findall(new), strict=True):
        if abs(float(left) - float(right)) > PIXEL:
            yield f"{name}: {left} and {right}"
            return


def problems(committed, made):
    for name in ("verdicts.json", "proofs.json"):
        yield from problems_of_verdicts(os.path.join(committed, name), os.path.join(made, name))
    old, new = ({name for name in os.listdir(folder) if name.endswith(".svg")} for folder in (committed, made))
    for name in sorted(old ^ new):
        yield f"{name}: only {'committed' if name in old else 'made'}"
    for name in sorted(old & new):
        yield from problems_of_figures(name, os.path.join(committed, name), os.path.join(made, name))


def main():
    found = list(problems(sys.argv[1], sys.argv[2]))
    for problem in found[:20]:
        print(problem)
    if len(found) > 20:
        print(f"... and {len(found) - 20} more")
    print("results: " + ("what the code makes" if not found else f"{len(found)} differences; ./run results remakes them"))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
