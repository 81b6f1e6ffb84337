"""Scores NumPy and PyTorch code by the test vectors: ./run peers.

usage: score.py VECTORS PEERS.json

Every case of every field is computed by each variant of tests/peers/*_peer.py in binary64, and where its inputs are
exact in binary32 in binary32 too. Errors are those of the largest component, in ULPs of the format: |got - exact| over
the spacing at the largest |exact|. Cases whose largest component is beyond the format, or 0, are left out. A variant that
raises, and one that returns what is not finite, count as not finite.
"""
import importlib
import json
import math
import pathlib
import statistics
import sys
import warnings

import numpy as np

FIELDS = ("velocity", "score", "denoiser", "noise", "log-density", "divergence")
FORMATS = (("binary64", np.float64), ("binary32", np.float32))
DIGITS = {"binary64": 53 * math.log10(2), "binary32": 24 * math.log10(2)}


def peers():
    for name in ("numpy_peer", "torch_peer"):
        try:
            yield importlib.import_module(name)
        except ImportError as error:
            print(f"peers: {name.split('_')[0]} is not run: {error}", file=sys.stderr)


def matrix(covariance, d):
    if not isinstance(covariance, list):
        covariance = [covariance] * d
    return covariance if isinstance(covariance[0], list) else np.diag(covariance).tolist()


def cases_of(folder):
    """Field, schedule, mixture (weights, means, matrices) and case with numbers for strings."""
    for quantity in FIELDS:
        for group in json.loads((folder / f"{quantity}.json").read_text())["groups"]:
            parts = group["mixture"]["components"]
            mixture = ([c["weight"] for c in parts], [c["mean"] for c in parts],
                       [matrix(c["covariance"], group["dimension"]) for c in parts])
            for case in group["cases"]:
                numbers = {"x": [float.fromhex(v) for v in case["x"]]}
                if "time" in case:
                    numbers["time"] = float.fromhex(case["time"])
                else:
                    numbers |= {key: float.fromhex(case[key]["double"]) for key in ("alpha", "beta")}
                exact = [float.fromhex(entry["double"]) for entry in case["expected"]]
                yield quantity, group["schedule"], mixture, case["id"], case["flags"], numbers, exact


def error_of(peer, variant, quantity, schedule, mixture, numbers, exact, dtype):
    """In ULPs; infinity when not finite."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            got = [float(v) for v in peer.field(quantity, variant, schedule, mixture, numbers, dtype)]
        except (ArithmeticError, ValueError, RuntimeError, np.linalg.LinAlgError):
            return math.inf
    if not all(map(math.isfinite, got)):
        return math.inf
    ulp = float(np.spacing(dtype(max(map(abs, exact)))))
    return max(abs(a - b) for a, b in zip(got, exact)) / ulp


def summary(errors, form):
    """Of [(error, id)]."""
    finite = sorted(pair for pair in errors if math.isfinite(pair[0]))
    row = {"cases": len(errors), "not_finite": len(errors) - len(finite)}
    if finite:
        median, (worst, identity) = statistics.median(e for e, _ in finite), finite[-1]
        digits = lambda e: round(max(0.0, DIGITS[form] - math.log10(max(e, 1.0))), 1)
        row |= {"median_ulp": float(f"{median:.3g}"), "median_digits": digits(median), "worst_ulp": float(f"{worst:.3g}"),
                "worst_digits": digits(worst), "worst_case": identity}
    return row


def main():
    folder, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    cases, found, rows = list(cases_of(folder)), list(peers()), []
    for peer in found:
        for variant in peer.VARIANTS:
            for form, dtype in FORMATS:
                errors = {}
                for quantity, schedule, mixture, identity, flags, numbers, exact in cases:
                    largest = max(map(abs, exact))
                    if form == "binary32" and "Binary32Inputs" not in flags or not 0 < largest <= np.finfo(dtype).max:
                        continue
                    error = error_of(peer, variant, quantity, schedule, mixture, numbers, exact, dtype)
                    for flag in ("all", *flags):
                        errors.setdefault((quantity, flag), []).append((error, identity))
                        errors.setdefault(("every", flag), []).append((error, identity))
                for (quantity, flag), list_of in sorted(errors.items()):
                    if quantity == "every" or flag == "all" or quantity == "velocity":
                        rows.append({"library": peer.NAME, "variant": variant, "format": form, "quantity": quantity,
                                     "flag": flag, **summary(list_of, form)})
                print(f"peers: {peer.NAME} {variant} {form}", file=sys.stderr)
    versions = {peer.NAME: peer.VERSION for peer in found}
    record = {"schema": 1, "libraries": {name: versions.get(name, "not run") for name in ("numpy", "torch")},
              "variants": {peer.NAME: peer.__doc__ for peer in found}, "rows": rows}
    body = json.dumps({**record, "rows": []}, indent=1)[:-len('"rows": []\n}')]
    lines = ",\n  ".join(json.dumps(row) for row in rows)
    out.write_text(f'{body}"rows": [\n  {lines}\n ]\n}}\n')


if __name__ == "__main__":
    main()
