"""Did the fast path's accuracy regress?

usage: compare.py COMMITTED MADE [--whole]

Both are records of tests/accuracy/main.c. An error above its bound has ended that program already. Here the numbers
that are no proof, only the largest seen, are compared:

- At a committed witness: error and bound. Over a search: error/bound for each dimension, and the error over u scale.
- The search is a pure function of its seed, and so are doubles of the same matrix kernels and C library: with the same
  "machine" none of these may increase at all. With --whole (MADE is the whole search) the records must be the same.
- On another machine roundings fall differently. A matrix kernel without fused multiply-add rounds each product of a sum
  too, which doubles the worst case of the sum, and the elementary functions of C libraries err by 0.5 to 1 ulp: a factor
  of 2 for error/bound, and for errors and bounds at the witnesses of the largest one. The largest error over u scale
  rests on a few problems for each dimension, whose descents end elsewhere: a factor of 4. (Measured, Haswell kernels
  with fused multiply-add against Prescott ones without, and the C library likewise, whole searches: at most 1.07 in 289
  maxima of error/bound and 2.6 in 256 of the other.)
"""

import argparse
import json
import sys

FACTORS = {"ratios": 2.0, "worst": 2.0, "units": 4.0, "ordinary": 4.0}
SAME = dict.fromkeys(FACTORS, 1.0)
KEY = ("group", "quantity", "covariance", "schedule")
RECORDS = ("worst", "ordinary")
SEARCHED = ("ratios", "units")


def increases(name, old, new, factor):
    if new > old * factor:
        yield f"{name}: {new!r}, committed {old!r}" + (f", allowed {factor:g} times that" if factor != 1 else "")


def problems_of_row(old, new, factors):
    """The maxima of a row; what was not searched is 0."""
    for key in SEARCHED:
        for place, (one, other) in enumerate(zip(old.get(key, []), new.get(key, []), strict=True)):
            yield from increases(f"largest {key} searched, place {place}", one, other, factors[key])
    for key in RECORDS:
        if key not in old:
            continue
        if not new.get(key):
            yield f"{key} witness: not measured"
            continue
        for field in ("error", "bound"):
            yield from increases(f"{field} at the {key} witness", old[key][field], new[key][field], factors[key])


def named(record):
    return {tuple(row[key] for key in KEY): row for row in record["rows"]}


def problems(committed, made, whole):
    if committed["schema"] != made["schema"]:
        yield f"schema {committed['schema']} and {made['schema']}"
        return
    same = committed["machine"] == made["machine"]
    old, new = named(committed), named(made)
    for key in sorted(old.keys() ^ new.keys()):
        yield f"{' '.join(key)}: only {'committed' if key in old else 'made'}"
    for key in sorted(old.keys() & new.keys()):
        name = " ".join(part for part in key if part)
        if whole and same:
            if old[key] != new[key]:
                found = list(problems_of_row(old[key], new[key], SAME)) or ["not what the search finds now"]
                yield from (f"{name}: {problem}" for problem in found)
            continue
        # another machine's whole search has witnesses of its own
        one = {k: v for k, v in old[key].items() if not (whole and k in RECORDS)}
        yield from (f"{name}: {problem}" for problem in problems_of_row(one, new[key], SAME if same else FACTORS))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("committed")
    parser.add_argument("made")
    parser.add_argument("--whole", action="store_true")
    options = parser.parse_args()
    with open(options.committed, encoding="utf-8") as stream:
        committed = json.load(stream)
    with open(options.made, encoding="utf-8") as stream:
        made = json.load(stream)
    found = list(problems(committed, made, options.whole))
    for problem in found[:20]:
        print(problem)
    if len(found) > 20:
        print(f"... and {len(found) - 20} more")
    where = "the same machine" if committed["machine"] == made["machine"] else f"another machine ({made['machine']})"
    verdict = f"{len(found)} problems; where they are meant, ./run results remakes the record" if found else "as committed"
    print(f"accuracy, on {where}: {verdict}")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
