"""What follows from the records of ./run bench: files in the formats of others, plots and docs/performance.md.

usage: record.py [--check] FOLDER PAGE.md    FOLDER has record.json, sizes.json and peers.json; --check: only compare
"""
import json
import pathlib
import sys

import growth
import plots
from benchmarks import cases
from formats import FILES, text_of
from page import page
from peers.page import peers_section, problems as peers_problems
from ratios import ratios

LEAST_ROUNDS = 6  # below that, no interval of order statistics has 95 %
RECORDS = ("record.json", "sizes.json", "peers.json")
QUIET = 0.5       # load average below which nothing else ran


def problems(record):
    """What makes a record no record of these benchmarks."""
    context = record["context"]
    expected = {case.name: case for case in cases(context["cores"], context["isas"])}
    names = [case["name"] for case in record["cases"]]
    if names != list(expected):
        yield f"benchmarks: {', '.join(names)}; {', '.join(expected)} are expected"
        return
    if context["rounds"] < LEAST_ROUNDS or context["quiet"] != (context["load_average"] < QUIET):
        yield "context: rounds or quiet"
    for case in record["cases"]:
        for side in ("work", "floor"):
            if case[side]["driver"] != list(getattr(expected[case["name"]], side)):
                yield f"{case['name']}: {side} is not by the driver {' '.join(getattr(expected[case['name']], side))}"
            first, second = case[side]["runs"]
            if second["passes"] != 2 * first["passes"] or first["passes"] < 1:
                yield f"{case['name']}: {side}: passes {first['passes']}, {second['passes']}"
            if any(len(run[key]) != context["rounds"] for run in (first, second) for key in ("wall", "user", "system")):
                yield f"{case['name']}: {side}: another number of runs than rounds"
                return
        # Two threads have no time of their own where other work runs; the page says so.
        if case["against"] == "floor" and ratios(case, "processor") is None:
            yield f"{case['name']}: too noisy for an interval: take more rounds or seconds, or a quiet machine"


def drawn(sizes):
    """path -> SVG; with another gnuplot than the record's, which draws otherwise, only the names."""
    same = plots.version() == sizes["context"]["gnuplot"]
    return {name: plots.svg(*curves) if same else None for name, curves in growth.drawings(sizes).items()}


def main():
    check = sys.argv[1] == "--check"
    folder, page_path = map(pathlib.Path, sys.argv[1 + check:])
    record, sizes, peers = (json.loads((folder / name).read_text(encoding="ascii")) for name in RECORDS)
    found = [*problems(record), *growth.problems(sizes), *peers_problems(peers)]
    if not found:
        made = {folder / name: text_of(form(record)) for name, form in FILES.items()}
        made |= {folder / name: text for name, text in drawn(sizes).items()}
        strangers = {path.name for path in folder.iterdir()} - {path.name for path in made} - {*RECORDS, "instructions.json"}
        made[page_path] = page(record, sizes, peers_section(peers))
        for path, text in made.items():
            if not check and text:
                path.write_text(text, encoding="utf-8")
            elif not path.exists() or text not in (None, path.read_text(encoding="utf-8")):
                found.append(f"{path}: is not made from the record; ./run bench makes it")
        found += [f"{folder / name}: no file of a record" for name in sorted(strangers)]
    print("\n".join(found) or f"bench: {len(record['cases'])} ratios, {len(sizes['curves'])} curves, and their page")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
