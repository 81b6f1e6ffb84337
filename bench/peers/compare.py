"""Times our drivers and the peers in the same minutes: ./run bench --peers.

usage: compare.py DRIVERS PEERS.json [--rounds N] [--seconds S] [--load L]
       compare.py DRIVERS --check [LIBRARY...]   only: do peers compute what our drivers do? Of these libraries (all that
                                                 are here), as far as the drivers are built

First every peer's numbers are held against ours (checks.py). Then as bench/measure.py: R passes take about S seconds, and
in each of N rounds every side of a task runs with R and with 2R under hyperfine, odd rounds backward."""
import argparse
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

import measure
from peers import checks
from peers.page import problems
from peers.tasks import TASKS, ours_of
from record import LEAST_ROUNDS

VERSIONS = """import importlib
for name in ("numpy", "torch", "mpmath", "sklearn"):
    try: print(name, importlib.import_module(name).__version__)
    except ImportError: pass
try: print("gmpy2", importlib.import_module("gmpy2").version())
except ImportError: pass"""
NEEDS = {"numpy": "numpy", "pcg64": "numpy", "philox": "numpy", "torch": "torch", "plain": "torch", "autograd": "torch", "float32": "torch",
         "float64": "torch", "sklearn": "sklearn", "mpmath": "mpmath"}


def command_of(drivers, words):
    program, *rest = words
    return [*([sys.executable, FOLDER / program] if program.endswith(".py") else [drivers / program]), *rest]


def libraries(drivers):
    done = subprocess.run([sys.executable, "-c", VERSIONS], capture_output=True, text=True, check=True)
    found = dict(line.split() for line in done.stdout.splitlines())
    arb = drivers / "peers/arb_field"
    if arb.exists():
        told = subprocess.run([arb, "1", "--tiny"], capture_output=True, text=True, check=True).stdout
        found["Arb"] = told.split("\n", 1)[0].split()[1]
    return found


def ask_of(drivers, core):
    def ask(words, *more, given=None):
        done = subprocess.run([*command_of(drivers, words), *more], input=given, capture_output=True, text=True,
                              check=False, env=measure.environment(core))
        if done.returncode:
            raise checks.Differs(f"exit status {done.returncode}: {done.stderr.strip()}")
        return done.stdout
    return ask


def differing(drivers, core, has):
    """Of those whose programs and libraries are there."""
    ask, count = ask_of(drivers, core), 0
    for task in TASKS:
        for name, words in task.peers.items():
            needed = {NEEDS[word] for word in words if word in NEEDS}
            programs = [side[0] for side in (task.shown, words) if side and not side[0].endswith(".py")]
            if not needed <= set(has) or not all((drivers / program).exists() for program in programs):
                continue
            count += 1
            try:
                getattr(checks, task.check)(ask, task.shown, words)
            except checks.Differs as error:
                yield f"{task.name}: {name}: {error}"
    print(f"peers: {count} held against ours", file=sys.stderr)
    if count == 0:
        yield "no peer could be held against ours"


def passes_for(command, core, seconds):
    """R for which R passes more take about `seconds`, and three fifths of a start: its noise must not drown them. Seen
    twice, since a disturbance may look like work."""
    time_of = lambda passes: measure.processor_time([*command, str(passes)], core)
    before, passes, more = time_of(1), 1, 2
    while more < measure.MOST_PASSES:
        now, wanted = time_of(more), max(seconds, 0.6 * before)
        found = now - before
        if found >= wanted / 2:
            found = min(found, time_of(more) - time_of(passes))
        if found >= wanted / 2:
            return max(1, round((more - passes) * wanted / found))
        before, passes, more = now, more, 4 * more
    raise SystemExit(f"peers: {shlex.join(map(str, command))}: {passes} passes take no time")


def prepared(drivers, task, name, words, core, seconds):
    first, second = task.passes.get(name, (0, 0))
    if not first:
        first = passes_for(command_of(drivers, words), core, seconds)
        second = 2 * first
    return {"name": name, "driver": list(words),
            "runs": [{"passes": r, "wall": [], "user": [], "system": []} for r in (first, second)]}


def measure_round(task, drivers, core, scratch, backward):
    order = [(side, which) for which in (0, 1) for side in task["ours"] + task["peers"]]
    for side, which in reversed(order) if backward else order:
        run = side["runs"][which]
        times = measure.timed([*command_of(drivers, side["driver"]), str(run["passes"])], core, scratch)
        for key, value in zip(("wall", "user", "system"), times):
            run[key].append(round(value, 7))


def measured(drivers, context):
    """All tasks of a record."""
    core, tasks = context["core"], []
    for task in TASKS:
        print(f"peers: {task.name}", file=sys.stderr)
        sides = (("ours", ours_of(task, context["isa"])), ("peers", task.peers))
        tasks.append({"name": task.name} | {key: [prepared(drivers, task, name, words, core, context["seconds"])
                                                  for name, words in group.items()] for key, group in sides})
    with tempfile.TemporaryDirectory() as folder:
        for number in range(context["rounds"]):
            print(f"peers: round {number + 1} of {context['rounds']}", file=sys.stderr)
            for task in reversed(tasks) if number % 2 else tasks:
                measure_round(task, drivers, core, f"{folder}/run.json", number % 2)
    return tasks


def options_of():
    parser = argparse.ArgumentParser()
    parser.add_argument("drivers", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("record", type=pathlib.Path, nargs="?")
    parser.add_argument("--check", nargs="*", metavar="LIBRARY")
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--seconds", type=float, default=0.15)
    parser.add_argument("--load", type=float, default=os.getloadavg()[0])
    options = parser.parse_args()
    if options.rounds < LEAST_ROUNDS or not 0 < options.seconds < 10 or (options.record is None) == (options.check is None):
        parser.error(f"a record or --check, at least {LEAST_ROUNDS} rounds, and 0 to 10 seconds")
    return options


def main():
    options, begin = options_of(), time.monotonic()
    drivers = options.drivers
    core, has = measure.cores_of(drivers, measure.machine(drivers, None)["core"])[-1], libraries(drivers)
    found = list(differing(drivers, core, options.check or has))
    if not found and options.check is None:
        context = measure.context_of(options) | {"core": core, "libraries": has}
        record = {"context": context, "tasks": measured(drivers, context)}
        context["took"] = round(time.monotonic() - begin)
        measure.write(options.record, record)
        found = list(problems(record))
    print("\n".join(found), end="\n" * bool(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
