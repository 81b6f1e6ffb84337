"""NPY files by NumPy, as an independent witness: `write DIR` makes them, `verify FILE ROWS COLUMNS` checks one of ours.

The entry of row i, column j is the double (or, for f4, the float) nearest to (-1)^(i+j) (1 + i + 1000 j) / 7 * 2^(i-j).
"""
import sys
import warnings

import numpy as np


def entries(rows, columns):
    i, j = np.arange(rows)[:, None], np.arange(columns)[None, :]
    return (-1.0) ** (i + j) * ((1 + i + 1000 * j) / 7) * 2.0 ** (i - j)


def write(directory):
    for version in (1, 2, 3):
        for name in ("f4", "f8"):
            for kind, array in (("2d", entries(5, 7)), ("1d", entries(9, 1)[:, 0]), ("row", entries(1, 6))):
                with open(f"{directory}/{name}_{kind}_v{version}.npy", "wb") as file, warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # NumPy advises against version 2 and 3 where 1 would do
                    np.lib.format.write_array(file, array.astype("<" + name), version=(version, 0))
    refused = {
        "fortran": np.asfortranarray(entries(5, 7)),
        "big": entries(5, 7).astype(">f8"),
        "half": entries(2, 2).astype("<f2"),
        "int": np.arange(6).reshape(2, 3),
        "bool": np.array([True, False]),
        "structured": np.zeros(3, dtype=[("a", "<f8"), ("b", "<f4")]),
        "scalar": np.float64(3.0),
        "3d": np.zeros((2, 3, 4)),
        "empty": np.zeros((0, 3)),
        "nan": np.array([[1.0, 2.0], [3.0, np.nan]]),
    }
    halves = np.arange(2**16, dtype="<u2").view("<f2").reshape(256, 256)  # every number, infinity and NaN there is
    np.save(f"{directory}/halves.npy", halves)
    with np.errstate(invalid="ignore"):  # signalling NaNs
        np.save(f"{directory}/halves_f8.npy", halves.astype("<f8"))
    for name, array in refused.items():
        np.save(f"{directory}/refused_{name}.npy", array)


def verify(path, rows, columns):
    array = np.load(path, allow_pickle=False)
    expected = entries(rows, columns)
    assert array.dtype == np.dtype("<f8") and array.shape == (rows, columns) and array.flags.c_contiguous
    assert array.tobytes() == expected.tobytes()
    mapped = np.load(path, mmap_mode="r")
    assert mapped.offset % 64 == 0


if sys.argv[1] == "write":
    write(sys.argv[2])
else:
    verify(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
