"""What the peers share, as bench/driver.h for our drivers: a peer makes its inputs, does the same work PASSES times and
prints what the last pass gave, so that T(2 PASSES) - T(PASSES) is the time of PASSES passes.

usage: <peer>.py VARIANT... PASSES [--tiny]

--tiny: the inputs are those that our driver printed with --tiny, on standard input, and arrays are printed in full; else
they are made as our driver makes them, and each array is printed as its sum.
"""
import os
import sys

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[_name] = "1"  # read when NumPy and PyTorch are loaded

import numpy as np


class Arguments:
    def __init__(self, *variants):
        """variants: for each word that is expected before PASSES, those it may be."""
        words = sys.argv[1:]
        self.tiny = words[-1:] == ["--tiny"]
        *self.variant, passes = words[:-1] if self.tiny else words
        if len(self.variant) != len(variants) or any(word not in of for word, of in zip(self.variant, variants)):
            sys.exit(f"usage: {' '.join('|'.join(of) for of in variants)} PASSES [--tiny]")
        self.passes = int(passes)
        self.printed = parsed(sys.stdin) if self.tiny else None

    def show(self, name, numbers):
        numbers = np.asarray(numbers, dtype=float).ravel()
        print(name, *(float(v).hex() for v in (numbers if self.tiny else [numbers.sum()])))


def parsed(lines):
    """name -> one array for each line of that name."""
    out = {}
    for line in lines:
        name, *words = line.split()
        out.setdefault(name, []).append(np.array([float.fromhex(word) for word in words]))
    return out


def fill(count, seed):
    """bench_fill: multiples of 2^-31 in [-1, 1), `count` steps of a linear congruential generator at once: i steps are
    state -> factor[i] state + add[i], and those of i and of j steps make those of i + j."""
    factor, add = np.array([6364136223846793005], np.uint64), np.array([1442695040888963407], np.uint64)
    while len(factor) < count:
        factor, add = (np.concatenate([factor, factor * factor[-1]]), np.concatenate([add, factor * add[-1] + add]))
    state = factor[:count] * np.uint64(seed) + add[:count]
    return (state >> np.uint64(32)).astype(float) * 2.0**-31 - 1


def torch_on_one_thread():
    import torch
    torch.set_num_threads(1)
    return torch
