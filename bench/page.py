"""docs/performance.md, part by part, from the records."""
import statistics

from benchmarks import BENCHMARKS
from growth import FIGURES, LAST
from growth import table as growth_table
from ratios import differences, ratios


def seconds_text(seconds):
    for unit, scale in (("s", 1), ("ms", 1e3), ("us", 1e6)):
        if seconds * scale >= 1:
            break
    return f"{seconds * scale:.3g} {unit}"


def ratio_text(found):
    return "-" if found is None else f"{found[0]:.3g} ({found[1]:.3g} to {found[2]:.3g})"


def time_text(case, side, clock="processor"):
    times = differences(case[side], clock)
    return seconds_text(statistics.median(times)) if statistics.median(times) > 0 else "-"


def by_floor(record):
    """benchmark -> its cases, of the best core type or instruction set last."""
    out = {benchmark.name: [] for benchmark in BENCHMARKS}
    for case in record["cases"]:
        if case["against"] == "floor":
            out[case["name"].split("/")[0]].append(case)
    return out


def introduction(*_):
    return ("# Performance", "",
            "Written by `./run bench` from results/bench/; not by hand.", "",
            "Each task is timed beside a floor: bare work that it cannot do without, or the plainest way to do it, by a driver",
            "of its own in bench/. Their ratio says how much the rest costs, and depends less on the machine than times do.", "")


def table(record, *_):
    yield from ("| benchmark | what is timed | its floor | time | floor | time/floor |", "|---|---|---|---|---|---|")
    found = by_floor(record)
    for benchmark in BENCHMARKS:
        case = found[benchmark.name][-1]
        yield (f"| {case['name']} | {benchmark.what} | {benchmark.floor_what} | {time_text(case, 'work')} | "
               f"{time_text(case, 'floor')} | {ratio_text(ratios(case, 'processor'))} |")
    yield from ("", "In brackets: where the median of the ratio lies, with at least 95 % probability. A name ends with the",
                "instruction set or OpenBLAS's core type, the best ones of this processor.", "")


def peers(*parts):
    return *parts[2], ""


def kinds(record, *_):
    yield from ("## Other instruction sets and core types", "", "| benchmark | time | floor | time/floor |", "|---|---|---|---|")
    for cases in by_floor(record).values():
        for case in cases if len(cases) > 1 else []:
            yield (f"| {case['name']} | {time_text(case, 'work')} | {time_text(case, 'floor')} | "
                   f"{ratio_text(ratios(case, 'processor'))} |")
    yield ""


def threads(record, *_):
    yield from ("## Two threads", "", "By wall clock; 0.5 is the best there is. Processor time is that of both threads over that of one.", "",
                "| benchmark | one thread | two | two/one | processor time, two/one |", "|---|---|---|---|---|")
    for case in record["cases"]:
        if case["against"] == "1 thread":
            yield (f"| {case['name'].split('/')[0]} | {time_text(case, 'floor', 'wall')} | {time_text(case, 'work', 'wall')} | "
                   f"{ratio_text(ratios(case, 'wall'))} | {ratio_text(ratios(case, 'processor'))} |")
    yield ""


def growth(_, sizes, __):
    yield from ("## Time against size", "",
                f"Exponents of the last {LAST - 1} octaves, by least squares, and what counting operations lets one expect. **above**:",
                "the interval lies above that; time grows faster than the work counted, as where data leave a cache, or where check",
                "has to settle more numbers by intervals. below: it lies below;",
                "what does not grow still has a part.", "")
    yield from growth_table(sizes)
    yield ""
    for figure in FIGURES:
        yield f"![{figure.title}](../results/bench/{figure.key}.svg)"
    yield from ("", "Lines have the exponent by counting, through the last point.", "")


def method(record, *_):
    context = record["context"]
    return ("## How it is measured", "",
            "A driver does the same work R times, R fixed before so that this takes about "
            f"{context['seconds']:g} s. A time is T(2R) - T(R)", "over R: start-up and the making of inputs cancel. "
            f"In each of {context['rounds']} rounds every driver runs with R and with 2R under",
            "hyperfine, the benchmark and its floor next to each other, odd rounds backward. A round gives one ratio; the",
            "tables have the median over rounds and, in brackets, the order statistics that enclose its law's median with",
            "at least 95 % probability, whatever that law is, if rounds are independent. Times and ratios are of processor time",
            "(user and system; one thread), which other processes disturb less, but where threads are compared",
            "(-: too disturbed to tell).",
            "A name with a core type ran with OPENBLAS_CORETYPE set to that; left alone, OpenBLAS chooses "
            f"{context['default_core']} here.", "",
            "CTest's label `bench` runs every driver at a tiny size and checks what it computes, and counts the instructions of",
            "the AVX2 path, which noise does not touch: 2 % more or less than in results/bench/instructions.json fails until",
            "`./run bench --accept` takes the change.", "")


def bandwidth(record):
    """Bytes read and written in a second by what copies beyond the last cache."""
    for case in record["cases"]:
        program, *words = case["floor"]["driver"]
        if program == "copy":
            numbers = int(dict(word.split("=") for word in words)["n"])
            return 16 * numbers / statistics.median(differences(case["floor"], "processor"))
    raise ValueError("no copy")


def machine(record, sizes, _):
    context = record["context"]
    quiet = "nothing else ran" if context["quiet"] else "**other work ran: the times are not those of a quiet machine**"
    return ("## Machine", "",
            f"- {context['cpu']}, {context['cpus']} cores; load average before the run {context['load_average']}: {quiet}",
            f"- copying beyond the last cache: {bandwidth(record) / 1e9:.3g} GB/s, read and written",
            f"- {context['openblas']}; vector instructions {context['isa']}",
            f"- {context['compiler']}, {context['flags']}",
            f"- {context['hyperfine']}; {context['date']}; commit {context['commit']}; {context['took']} s,",
            f"  sizes {sizes['context']['took']} s, commit {sizes['context']['commit']}", "",
            "results/bench/ has every run, in the formats of hyperfine, Google Benchmark and github-action-benchmark too.")


PARTS = (introduction, table, peers, kinds, threads, growth, method, machine)


def page(*records):
    """Of record.json and sizes.json, and the lines about peers."""
    return "\n".join(line for part in PARTS for line in part(*records)) + "\n"
