"""What follows from a record of ./run bench: its files in the formats of others and docs/performance.md.

usage: record.py [--check] FOLDER PAGE.md    FOLDER has record.json; --check: only compare
"""
import json
import pathlib
import statistics
import sys

from benchmarks import BENCHMARKS
from formats import FILES, text_of
from ratios import differences, ratios

LEAST_ROUNDS = 6  # below that, no interval of order statistics has 95 %
QUIET = 0.5       # load average below which nothing else ran


def seconds_text(seconds):
    for unit, scale in (("s", 1), ("ms", 1e3), ("us", 1e6)):
        if seconds * scale >= 1:
            break
    return f"{seconds * scale:.3g} {unit}"


def ratio_text(found):
    return "-" if found is None else f"{found[0]:.3g} ({found[1]:.3g} to {found[2]:.3g})"


def page(record):
    context = record["context"]
    table = {benchmark.name: benchmark for benchmark in BENCHMARKS}
    yield from ("# Performance", "",
                "Written by `./run bench` from results/bench/record.json; not by hand.", "",
                "Each benchmark is held against a floor measured beside it in the same minutes: bare work that the task cannot",
                "do without, or the plainest way to do it, by a driver of its own in bench/. Their ratio says how much the rest",
                "costs, and depends less on the machine than times do.", "")
    yield from ("| benchmark | time | floor | time/floor | by wall clock |", "|---|---|---|---|---|")
    for case in record["cases"]:
        times = [seconds_text(statistics.median(differences(case[side], "processor"))) for side in ("work", "floor")]
        yield (f"| {case['name']} | {times[0]} | {times[1]} | {ratio_text(ratios(case, 'processor'))} | "
               f"{ratio_text(ratios(case, 'wall'))} |")
    yield from ("", "| benchmark | what is timed | its floor |", "|---|---|---|")
    for name, benchmark in table.items():
        yield f"| {name} | {benchmark.what} | {benchmark.floor_what} |"
    quiet = "nothing else ran" if context["quiet"] else "**other work ran: the times are not those of a quiet machine**"
    yield from ("", "## How it is measured", "",
                "A driver does the same work R times, R fixed before so that this takes about "
                f"{context['seconds']:g} s. A time is T(2R) - T(R)", "over R: start-up and the making of inputs cancel. "
                f"In each of {context['rounds']} rounds every driver runs with R and with 2R under",
                "hyperfine, the benchmark and its floor next to each other, odd rounds backward. A round gives one ratio; the",
                "table has the median over rounds and, in brackets, the order statistics that enclose its law's median with",
                "at least 95 % probability, whatever that law is, if rounds are independent. Times and ratios are of processor time",
                "(user and system; one thread), which other processes disturb less; on a quiet machine the last column agrees",
                "(-: too disturbed to tell).",
                "A name with a core type ran with OPENBLAS_CORETYPE set to that; left alone, OpenBLAS chooses "
                f"{context['default_core']} here.", "",
                "CTest's label `bench` runs every driver at a tiny size and checks what it computes.", "",
                "## Machine", "",
                f"- {context['cpu']}, {context['cpus']} cores; load average before the run {context['load_average']}: {quiet}",
                f"- {context['openblas']}; {context['threads']} thread; vector instructions {context['isa']}",
                f"- {context['compiler']}, {context['flags']}",
                f"- {context['hyperfine']}; {context['date']}; commit {context['commit']}", "",
                "results/bench/ has every run, in the formats of hyperfine, Google Benchmark and github-action-benchmark too.")


def problems(record):
    """What makes a record no record of these benchmarks."""
    context = record["context"]
    expected = {}
    for benchmark in BENCHMARKS:
        for core in context["cores"] if benchmark.blas else [None]:
            expected[f"{benchmark.name}/{core}" if core else benchmark.name] = benchmark
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
        if ratios(case, "processor") is None:
            yield f"{case['name']}: too noisy for an interval: take more rounds or seconds, or a quiet machine"


def main():
    check = sys.argv[1] == "--check"
    folder, page_path = map(pathlib.Path, sys.argv[1 + check:])
    record = json.loads((folder / "record.json").read_text(encoding="ascii"))
    found = list(problems(record))
    if not found:
        made = {folder / name: text_of(form(record)) for name, form in FILES.items()}
        made[page_path] = "\n".join(page(record)) + "\n"
        for path, text in made.items():
            if not check:
                path.write_text(text, encoding="ascii")
            elif not path.exists() or path.read_text(encoding="utf-8") != text:
                found.append(f"{path}: is not made from the record; ./run bench makes it")
        strangers = {path.name for path in folder.iterdir()} - set(FILES) - {"record.json", "instructions.json"}
        found += [f"{folder / name}: no file of a record" for name in sorted(strangers)]
    print("\n".join(found) or f"bench: {len(record['cases'])} ratios, and their page")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
