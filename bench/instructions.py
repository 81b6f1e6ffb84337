"""Instructions that one pass of each benchmark takes on the AVX2 path, against the committed counts: a gate that noise
cannot open.

usage: instructions.py DRIVERS COUNTS.json [--accept] [NAME...]

Each driver runs under cachegrind with one pass and with two; the difference is a pass without start-up. valgrind hides
AVX-512 and shows one and the same processor everywhere, so counts repeat to the last instruction as long as compiler,
libraries and valgrind are those of COUNTS.json; where they are not, nothing is compared (exit status 77). --accept: the
counts become those of COUNTS.json.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

from measure import cpu_field, environment, machine

LARGEST_CHANGE = 0.02
SKIPPED = 77  # CTest's SKIP_RETURN_CODE

# A pass of at most 50 ms without valgrind.
ROWS = {
    "normals": "normals 1 n=32",
    "field-isotropic": "field isotropic 1 N=1000",
    "field-diagonal": "field diagonal 1 N=500",
    "field-full": "field full 1 N=500",
    "gram": "gram 1 d=2048",
    "dae-train": "train 1 n=256 d=2000",
    "dae-flow": "flow 1 n=64 d=2000 N=100",
    "adam-sign": "adam sign 1 n=64 d=5000",
    "adam-tanh": "adam tanh 1 n=64 d=5000",
    "gmm-learn": "gmm_learn 1 N=1000 degree=2",
    "gmm-em": "em 1 N=5000",
    "reference-field": "reference 1 N=4",
    "quadrature": "bayes 1 bits=100",
    "check": "judge 1 N=200",
    "check-samples": "samples 1 N=500",
}


def tools(drivers):
    told = machine(drivers, "Haswell")
    valgrind = subprocess.run(["valgrind", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return {key: told[key] for key in ("compiler", "flags", "openblas", "mpfr", "gmp", "libc")} | {"valgrind": valgrind}


def instructions(words):
    done = subprocess.run(["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", *words],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
                          env=environment("Haswell"))
    found = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if done.returncode or not found:
        sys.exit(f"bench: {' '.join(map(str, words))}: under valgrind:\n{done.stderr}")
    return int(found.group(1).replace(",", ""))


def count(drivers, row):
    program, *words = ROWS[row].split()
    passes = words.index("1")
    once, twice = (instructions([drivers / program, *words[:passes], str(n), *words[passes + 1:]]) for n in (1, 2))
    return twice - once


def differences(committed, counts):
    """A line for each row that left the allowance or the list."""
    for row in sorted(committed.keys() - ROWS.keys()):
        yield f"{row}: is committed, and no benchmark"
    for row, now in counts.items():
        before = committed.get(row)
        if before is None:
            yield f"{row}: {now} instructions, and none committed"
        elif abs(now - before) > LARGEST_CHANGE * before:
            yield f"{row}: {now} instructions, {now / before - 1:+.1%} on the committed {before}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("drivers", type=pathlib.Path)
    parser.add_argument("counts", type=pathlib.Path)
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("rows", nargs="*", metavar="NAME", help=f"one of {', '.join(ROWS)} (all)")
    options = parser.parse_args()
    strangers = set(options.rows) - ROWS.keys()
    if strangers or (options.accept and options.rows):
        parser.error(f"no such benchmark: {', '.join(sorted(strangers))}" if strangers else "--accept takes all")
    committed = json.loads(options.counts.read_text(encoding="ascii")) if options.counts.exists() else {}
    if "avx2" not in cpu_field("flags").split():
        print("bench: not compared: this processor has no AVX2")
        return SKIPPED
    own, drivers = tools(options.drivers), options.drivers.resolve()
    if not options.accept and committed.get("tools") != own:
        other = [key for key in own if committed.get("tools", {}).get(key) != own[key]]
        print(f"bench: not compared: the committed counts are of another {', '.join(other)}")
        return SKIPPED
    rows = options.rows or list(ROWS)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = dict(zip(rows, pool.map(lambda row: count(drivers, row), rows)))
    for row, now in counts.items():
        before = committed.get("counts", {}).get(row)
        print(f"{row:16} {now:12} instructions a pass" + (f", {now / before - 1:+.2%}" if before else ""))
    if options.accept:
        options.counts.write_text(json.dumps({"tools": own, "counts": counts}, indent=1) + "\n", encoding="ascii")
        return 0
    found = list(differences(committed["counts"], counts))
    if found:
        print("\n".join(found))
        print("If the change is meant, ./run bench --accept takes it; fewer instructions too, so that they stay.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
