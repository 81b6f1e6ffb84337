"""Times the benchmarks and their floors: ./run bench.

usage: measure.py DRIVERS RECORD.json [--rounds N] [--seconds S] [--load L]

Each driver gets a number of passes R such that T(2R) - T(R) is about S (0.3) seconds. Then N (11) rounds: in each, every
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

from benchmarks import BENCHMARKS
from record import LEAST_ROUNDS, QUIET

# Core types of OpenBLAS that are worth a row, and what they need of the processor.
CORES = {"Haswell": ("avx2", "fma"), "SkylakeX": ("avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd")}
MOST_PASSES = 2**20


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


def cores_of(drivers, default):
    """Those this processor has, so that runs on different machines compare; else what OpenBLAS chooses."""
    flags = set(cpu_field("flags").split())
    cores = [core for core, needs in CORES.items() if set(needs) <= flags] or [default]
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


def context_of(drivers, rounds, seconds, load):
    told = machine(drivers, None)
    if told["blas_threads"] != "1":
        sys.exit(f"bench: OpenBLAS runs {told['blas_threads']} threads")
    version = subprocess.run(["hyperfine", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return {"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "commit": commit(),
            "cpu": cpu_field("model name"), "cpus": os.cpu_count(), "mhz": round(float(cpu_field("cpu MHz") or 0)),
            "load_average": round(load, 2), "quiet": load < QUIET, "compiler": told["compiler"], "flags": told["flags"],
            "openblas": told["openblas"], "default_core": told["core"], "cores": cores_of(drivers, told["core"]), "threads": 1, "isa": told["isa"],
            "hyperfine": version, "rounds": rounds, "seconds": seconds}


def processor_time(command, core):
    """Seconds, user and system, of one run."""
    before = os.times()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment(core))
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def passes_for(command, core, seconds):
    passes = 1
    while passes < MOST_PASSES:
        once, twice = (processor_time([*command, str(r * passes)], core) for r in (1, 2))
        if twice - once >= seconds / 2:
            return max(1, round(passes * seconds / (twice - once)))
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


def sides_of(drivers, benchmark, core, seconds):
    out = {}
    for side in ("work", "floor"):
        program, *variant = getattr(benchmark, side)
        command = [drivers / program, *variant]
        passes = passes_for(command, core, seconds)
        out[side] = {"driver": [program, *variant],
                     "runs": [{"passes": r, "wall": [], "user": [], "system": []} for r in (passes, 2 * passes)]}
    return out


def measure_round(case, drivers, scratch, backward):
    order = [(side, which) for which in (0, 1) for side in ("work", "floor")]
    for side, which in reversed(order) if backward else order:
        program, *variant = case[side]["driver"]
        run = case[side]["runs"][which]
        times = timed([drivers / program, *variant, str(run["passes"])], case["core"], scratch)
        for key, value in zip(("wall", "user", "system"), times):
            run[key].append(round(value, 7))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("drivers", type=pathlib.Path)
    parser.add_argument("record", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--load", type=float, default=os.getloadavg()[0])
    options = parser.parse_args()
    if options.rounds < LEAST_ROUNDS or not 0 < options.seconds < 10:
        parser.error(f"at least {LEAST_ROUNDS} rounds, and 0 to 10 seconds")
    if not shutil.which("hyperfine"):
        sys.exit("bench: hyperfine is not on PATH")
    drivers = options.drivers.resolve()
    context = context_of(drivers, options.rounds, options.seconds, options.load)
    cases = []
    for benchmark in BENCHMARKS:
        for core in context["cores"] if benchmark.blas else [None]:
            name = f"{benchmark.name}/{core}" if core else benchmark.name
            print(f"bench: {name}", file=sys.stderr)
            cases.append({"name": name, "core": core, **sides_of(drivers, benchmark, core, options.seconds)})
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.rounds):
            print(f"bench: round {number + 1} of {options.rounds}", file=sys.stderr)
            for case in reversed(cases) if number % 2 else cases:
                measure_round(case, drivers, f"{folder}/run.json", number % 2)
    text = json.dumps({"context": context, "cases": cases}, indent=1)
    text = re.sub(r"\[[^][{}]*\]", lambda found: re.sub(r"\s+", " ", found.group()), text)
    options.record.parent.mkdir(parents=True, exist_ok=True)
    options.record.write_text(text + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
