"""Judges code of your own by Assay's test vectors: here the velocity of mixtures with diagonal covariances on the linear
schedule, x_t = (1 - t) x_0 + t x_1. Python's standard library is all it takes.

usage: vectors.py FOLDER careful|naive     FOLDER: results/vectors, or what `assay vectors --out FOLDER` wrote

Exit status: 1 when a case is beyond tolerance, 2 for bad usage.
"""
import json
import math
import sys

TOLERANCE = 2**15  # ULPs of the largest component: 4e-12 to 7e-12 relatively. The vectors are chosen to hurt.


# ---- the code being judged ----


def denoiser_and_slope(mixture, t, x):
    """f = E[x_1 | x_t = x], and g = -grad log p_t(x)."""
    logs, means, slopes = [], [], []
    for component in mixture:
        spread = [(1 - t) ** 2 + t * t * s for s in component["covariance"]]
        away = [a - t * m for a, m in zip(x, component["mean"])]
        g = [a / v for a, v in zip(away, spread)]
        logs.append(math.log(component["weight"]) - sum(a * b + math.log(v) for a, b, v in zip(away, g, spread)) / 2)
        means.append([m + t * s * b for m, s, b in zip(component["mean"], component["covariance"], g)])
        slopes.append(g)
    weights = [math.exp(value - max(logs)) for value in logs]
    average = lambda rows: [math.fsum(w * v for w, v in zip(weights, column)) / math.fsum(weights) for column in zip(*rows)]
    return average(means), average(slopes)


def careful(mixture, t, x):
    """E[x_1 | x] - E[x_0 | x], and E[x_0 | x] = (1 - t) g."""
    f, g = denoiser_and_slope(mixture, t, x)
    return [a - (1 - t) * b for a, b in zip(f, g)]


def naive(mixture, t, x):
    """The same in exact arithmetic; near t = 1 it subtracts what is nearly equal and divides by what is nearly 0."""
    f, _ = denoiser_and_slope(mixture, t, x)
    return [(a - b) / (1 - t) if t < 1 else math.nan for a, b in zip(f, x)]


# ---- judging it ----


def numbers(value, d):
    """Hexadecimal strings to exactly those doubles; one variance stands for d of them."""
    return [float.fromhex(text) for text in (value if isinstance(value, list) else [value] * d)]


def error_in_ulps(got, expected):
    """Of the largest component. "double" is the double nearest to the exact number, good for errors above half an ULP;
    for finer ones compare decimal.Decimal(got) with "lo" and "hi", which have 40 digits."""
    exact = [float.fromhex(entry["double"]) for entry in expected]
    error = max(abs(a - b) for a, b in zip(got, exact))
    if not all(map(math.isfinite, got)):
        return math.inf
    return error / math.ulp(max(map(abs, exact))) if error else 0


def main():
    implementations = {"careful": careful, "naive": naive}
    if len(sys.argv) != 3 or sys.argv[2] not in implementations:
        print("usage: vectors.py FOLDER careful|naive", file=sys.stderr)
        return 2
    folder, implementation = sys.argv[1], implementations[sys.argv[2]]
    with open(f"{folder}/velocity.json", encoding="ascii") as stream:
        document = json.load(stream)
    assert document["schema"] == 1
    judged, failed = 0, 0
    for group in document["groups"]:
        if group["schedule"] != "linear" or group["kind"] not in ("isotropic", "diagonal"):
            continue
        mixture = [{"weight": float.fromhex(c["weight"]), "mean": numbers(c["mean"], None),
                    "covariance": numbers(c["covariance"], group["dimension"])}
                   for c in group["mixture_hex"]["components"]]
        for case in group["cases"]:
            if "Cancellation" in case["flags"]:
                continue  # even careful double code loses digits there; remove this line to see how many
            got = implementation(mixture, float.fromhex(case["time"]), numbers(case["x"], None))
            error = error_in_ulps(got, case["expected"])
            judged += 1
            if not error <= TOLERANCE:
                failed += 1
                print(f"{case['id']}: {error:.3g} ULPs {' '.join(case['flags'])}")
    print(f"{judged} cases, {failed} beyond {TOLERANCE} ULPs")
    return failed > 0 or judged == 0


if __name__ == "__main__":
    sys.exit(main())
