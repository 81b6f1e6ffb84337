"""Times the benchmarks and their floors: ./run bench.

usage: measure.py DRIVERS RECORD.json [--rounds N] [--seconds S] [--load L]

Each driver gets a number of passes R such that T(2R) - T(R) is about S (0.1) seconds. Then N (11) rounds: in each, every
driver runs once with R and once with 2R, each run under hyperfine, neighbours being the benchmark and its floor; odd
rounds go backward. The record holds every run. L: the load average before anything was built (now).
"""
import argparse
import datetime
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

from benchmarks import cases
from record import LEAST_ROUNDS, QUIET

# Core types of OpenBLAS that are worth a row, and what they need of the processor.
CORES = {"Haswell": ("avx2", "fma"), "SkylakeX": ("avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd")}
ISAS = {"sse2": (), "avx2": ("avx2", "fma"), "avx512": CORES["SkylakeX"]}
MOST_PASSES = 2**20
SIDES = ("work", "floor")


def environment(core):
    """One thread, and no setting of OpenBLAS or OpenMP that this shell happens to have."""
    out = {key: value for key, value in os.environ.items() if not key.startswith(("OPENBLAS_", "GOTO_", "OMP_", "GOMP_"))}
    return out | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"} | ({"OPENBLAS_CORETYPE": core} if core else {})


def machine(drivers, core):
    done = subprocess.run([drivers / "machine"], capture_output=True, text=True, check=True, env=environment(core))
    return {key: " ".join(value.split()) for key, value in (line.split(" ", 1) for line in done.stdout.splitlines())}


def cpu_field(name):
    found = re.search(rf"^{name}\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii"), re.MULTILINE)
    return found.group(1).strip() if found else ""


def had(table):
    """Names in the table that this processor has what they need for."""
    flags = set(cpu_field("flags").split())
    return [name for name, needs in table.items() if set(needs) <= flags]


def cores_of(drivers, default):
    """Those this processor has, so that runs on different machines compare; else what OpenBLAS chooses."""
    cores = had(CORES) or [default]
    for core in cores:
        if machine(drivers, core)["core"] != core:
            sys.exit(f"bench: OpenBLAS does not take the core type {core}")
    return cores


def git(*words):
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def commit():
    changed = git("status", "--porcelain", "--", "*.c", "*.h", "*CMakeLists.txt", "*.cmake")
    return (git("rev-parse", "HEAD") or "unknown") + (" with changes" if changed else "")


def context_of(options):
    drivers, load = options.drivers, options.load
    told = machine(drivers, None)
    if told["blas_threads"] != "1":
        sys.exit(f"bench: OpenBLAS runs {told['blas_threads']} threads")
    version = subprocess.run(["hyperfine", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return {"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "commit": commit(),
            "cpu": cpu_field("model name"), "cpus": os.cpu_count(), "mhz": round(float(cpu_field("cpu MHz") or 0)),
            "load_average": round(load, 2), "quiet": load < QUIET, "compiler": told["compiler"], "flags": told["flags"],
            "openblas": told["openblas"], "default_core": told["core"], "cores": cores_of(drivers, told["core"]), "threads": 1, "isa": told["isa"],
            "isas": [isa for isa in had(ISAS) if list(ISAS).index(isa) <= list(ISAS).index(told["isa"])],
            "hyperfine": version, "rounds": options.rounds, "seconds": options.seconds}


def processor_time(command, core):
    """Seconds, user and system, of one run."""
    before = os.times()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment(core))
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def passes_for(command, core, seconds):
    """Twice, since a disturbance may look like work."""
    def difference(passes):
        once, twice = (processor_time([*command, str(r * passes)], core) for r in (1, 2))
        return twice - once

    passes = 1
    while passes < MOST_PASSES:
        found = difference(passes)
        if found >= seconds / 2:
            found = min(found, difference(passes))
        if found >= seconds / 2:
            return max(1, round(passes * seconds / found))
        passes *= 2
    sys.exit(f"bench: {shlex.join(map(str, command))}: {MOST_PASSES} passes take no time")


def timed(command, core, scratch):
    """One run under hyperfine: wall, user and system seconds."""
    subprocess.run(["hyperfine", "--shell=none", "--runs=1", "--style=none", f"--export-json={scratch}",
                    shlex.join(map(str, command))], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
                   env=environment(core))
    with open(scratch, encoding="utf-8") as stream:
        result = json.load(stream)["results"][0]
    return result["times"][0], result["user"], result["system"]


def side_of(drivers, driver, core, seconds):
    """A driver, how often, and nothing measured yet."""
    program, *words = driver
    passes = passes_for([drivers / program, *words], core, seconds)
    return {"driver": list(driver),
            "runs": [{"passes": r, "wall": [], "user": [], "system": []} for r in (passes, 2 * passes)]}


def measure_round(case, sides, drivers, scratch, backward):
    order = [(side, which) for which in (0, 1) for side in sides]
    for side, which in reversed(order) if backward else order:
        program, *variant = case[side]["driver"]
        run = case[side]["runs"][which]
        times = timed([drivers / program, *variant, str(run["passes"])], case["core"], scratch)
        for key, value in zip(("wall", "user", "system"), times):
            run[key].append(round(value, 7))


def measure_rounds(found, sides, options):
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.rounds):
            print(f"bench: round {number + 1} of {options.rounds}", file=sys.stderr)
            for case in reversed(found) if number % 2 else found:
                measure_round(case, sides, options.drivers, f"{folder}/run.json", number % 2)


def write(path, record):
    text = json.dumps(record, indent=1)
    text = re.sub(r"\[[^][{}]*\]", lambda found: re.sub(r"\s+", " ", found.group()), text)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="ascii")


def options_of(rounds, seconds):
    """Of the command line, with these defaults."""
    parser = argparse.ArgumentParser()
    parser.add_argument("drivers", type=pathlib.Path)
    parser.add_argument("record", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--seconds", type=float, default=seconds)
    parser.add_argument("--load", type=float, default=os.getloadavg()[0])
    options = parser.parse_args()
    if options.rounds < LEAST_ROUNDS or not 0 < options.seconds < 10:
        parser.error(f"at least {LEAST_ROUNDS} rounds, and 0 to 10 seconds")
    if not shutil.which("hyperfine"):
        sys.exit("bench: hyperfine is not on PATH")
    options.drivers = options.drivers.resolve()
    return options


def main():
    options = options_of(rounds=11, seconds=0.1)
    context = context_of(options)
    begin, found = time.monotonic(), []
    for case in cases(context["cores"], context["isas"]):
        print(f"bench: {case.name}", file=sys.stderr)
        found.append({"name": case.name, "core": case.core, "against": case.against,
                      **{side: side_of(options.drivers, getattr(case, side), case.core, options.seconds) for side in SIDES}})
    measure_rounds(found, SIDES, options)
    context["took"] = round(time.monotonic() - begin)
    print(f"bench: {context['took']} s", file=sys.stderr)
    write(options.record, {"context": context, "cases": found})


if __name__ == "__main__":
    main()
