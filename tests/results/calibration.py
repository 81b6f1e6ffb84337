"""How often verdicts err: results/calibration/, one record per experiment, made by `assay calibrate`.

usage: calibration.py make ASSAY FOLDER [CLAIM...]    run SEEDS at delta 0.1 for each experiment (or those named)
       calibration.py check ASSAY FOLDER              is there a good record of every experiment as it stands now?

A record is good when it is of this claim's control, sizes and number of comparisons; when no more seeds raised a false
alarm than the claim's share of delta explains; when nearly every seed refuted the control; and when its confidence
intervals are those of its counts. The share is comparisons x delta/(5 x those of its paper), and claims added since made
it smaller, which only widens budgets.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

from mpmath import betainc, mp

# Of each paper, as many as an hour or two run; the intervals say what that shows (none in 60: below 6 %).
SEEDS = {"flow-dae": 500, "gmm-diffusion": 60}
DELTA, LEVEL = 0.1, "quick"
PLACES = 5  # of papers, which share delta evenly (theory.h)
POWER = 0.95  # of the controls refuted
SURPRISE = 1e-6  # how unlikely more false alarms than accepted are, where budgets are as good as they say


def listed(assay):
    return json.loads(subprocess.run([assay, "claims", "--json"], check=True, stdout=subprocess.PIPE).stdout)["claims"]


def experiments(claims):
    return [claim for claim in claims if claim["kind"] == "experiment"]


def paper_of(claim):
    return claim["id"].split("/")[0]


def seeds_of(claim):
    return SEEDS[paper_of(claim)]


def record_of(folder, claim):
    return folder / (claim["id"].replace("/", "-") + ".json")


def make(assay, folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    found = [claim for claim in experiments(listed(assay)) if not names or {claim["id"], claim["id"].split("/")[1]} & set(names)]
    if not found:
        sys.exit(f"calibration: no experiment is named {' or '.join(names)}")
    for i, claim in enumerate(found):
        print(f"calibration {i + 1}/{len(found)}: {claim['id']}, {seeds_of(claim)} seeds", file=sys.stderr)
        command = [assay, "calibrate", claim["id"], "--seeds", str(seeds_of(claim)), "--delta", str(DELTA), "--level",
                   LEVEL, "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode not in (0, 1):  # 1: a bad rate is a result too
            sys.exit(f"calibration: {claim['id']}: assay calibrate ended with {done.returncode}")
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False) as stream:
            stream.write(done.stdout)
        pathlib.Path(stream.name).replace(record_of(folder, claim))


def alarms_accepted(claim, claims):
    """The least k with P(Binomial(seeds, share) > k) < SURPRISE, and never more than delta of the seeds."""
    seeds = seeds_of(claim)
    total = sum(c["comparisons"][LEVEL] for c in claims if paper_of(c) == paper_of(claim))
    share = claim["comparisons"][LEVEL] * DELTA / (PLACES * total)
    k = 0
    while betainc(k + 1, seeds - k, 0, share, True) >= SURPRISE:
        k += 1
    return min(k, DELTA * seeds)


def rate_problems(rate, seeds):
    """Clopper-Pearson at 95 %: the ends solve P(at least seen) = 0.025 and P(at most seen) = 0.025."""
    mp.dps = 30
    seen, of = rate["seen"], rate["of"]
    if not 0 <= seen <= of == seeds:
        yield f"{seen} of {of}"
        return
    for end, trivial, tail in (("low", seen == 0, lambda p: betainc(seen, of - seen + 1, 0, p, True)),
                               ("high", seen == of, lambda p: 1 - betainc(seen + 1, of - seen, 0, p, True))):
        expected = (0 if end == "low" else 1) if trivial else None
        if trivial and rate[end] != expected:
            yield f"{end} is {rate[end]}, not {expected}"
        if not trivial and abs(tail(rate[end]) - mp.mpf("0.025")) > 1e-9:
            yield f"{end} {rate[end]} has tail {float(tail(rate[end])):.6g}, not 0.025"


def problems(folder, claim, claims):
    path = record_of(folder, claim)
    if not path.exists():
        yield "no record"
        return
    record = json.loads(path.read_text())
    if (record["seeds"], record["delta"], record["level"], record["schema"]) != (seeds_of(claim), DELTA, LEVEL, 1):
        yield f"{record['seeds']} seeds, delta {record['delta']}, level {record['level']}"
    (row,) = record["claims"]
    now = {"id": claim["id"], "control": claim["control"], "sizes": claim["sizes"][LEVEL],
           "comparisons": claim["comparisons"][LEVEL]}
    for key, value in now.items():
        if row[key] != value:
            yield f"{key} was {row[key]!r} and is {value!r}"
    for key in ("false_alarms", "controls_refuted", "undecided"):
        for problem in rate_problems(row[key], seeds_of(claim)):
            yield f"{key}: {problem}"
    if row["false_alarms"]["seen"] > alarms_accepted(claim, claims):
        yield f"{row['false_alarms']['seen']} false alarms; accepted are {alarms_accepted(claim, claims)}"
    if row["controls_refuted"]["seen"] < POWER * seeds_of(claim):
        yield f"only {row['controls_refuted']['seen']} of {seeds_of(claim)} runs refuted the control"


def check(assay, folder):
    everything = listed(assay)
    claims = experiments(everything)
    found = [f"{claim['id']}: {problem}" for claim in claims for problem in problems(folder, claim, everything)]
    strangers = {path.name for path in folder.glob("*")} - {record_of(folder, claim).name for claim in claims}
    found += [f"{name}: of no experiment" for name in sorted(strangers)]
    print("\n".join(found) or f"calibration: {len(claims)} records are those of the experiments as they stand")
    return bool(found)


if __name__ == "__main__":
    verb, command, place = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    sys.exit(make(command, place, sys.argv[4:]) if verb == "make" else check(command, place))
