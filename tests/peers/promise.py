"""What docs/vectors.md tells authors to ask of double code, asked of the careful NumPy code.

usage: promise.py VECTORS
"""
import math
import pathlib
import sys

import numpy as np

import numpy_peer
import score

PROMISE = 2**17  # ULPs of the largest component, where nothing cancels


def main():
    judged, broken = 0, []
    for quantity, schedule, mixture, identity, flags, numbers, exact in score.cases_of(pathlib.Path(sys.argv[1])):
        largest = max(map(abs, exact))
        if "Cancellation" in flags or not 0 < largest < math.inf:
            continue
        judged += 1
        error = score.error_of(numpy_peer, "careful", quantity, schedule, mixture, numbers, exact, np.float64)
        if not error <= PROMISE:
            broken.append(f"{identity}: {error:.3g} ULPs without the flag Cancellation")
    print("\n".join([*broken, f"{judged} cases, {len(broken)} beyond {PROMISE} ULPs"]))
    return bool(broken) or judged < 500


if __name__ == "__main__":
    sys.exit(main())
