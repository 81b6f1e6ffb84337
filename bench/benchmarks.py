"""The benchmarks: what is timed and the floor it is held against, each a driver of this folder with its variant and what
of its sizes and choices is not the default (sizes.h)."""
from typing import NamedTuple


class Benchmark(NamedTuple):
    name: str
    work: tuple
    floor: tuple
    blas: bool  # measured at each core type of OpenBLAS
    what: str
    floor_what: str


BENCHMARKS = (
    Benchmark("normals", ("normals",), ("bits",), False,
              "128 x 8192 standard normals", "the same number of 64-bit words of bare Philox4x32-10"),
    Benchmark("field-isotropic", ("field", "isotropic"), ("products", "isotropic"), True,
              "velocity and bound, k = 16 isotropic components, d = 256, N = 20000", "its two matrix products"),
    Benchmark("field-diagonal", ("field", "diagonal"), ("products", "diagonal"), True,
              "velocity and bound, k = 16 diagonal components, d = 256, N = 4000",
              "the four matrix products that expanded squares would take (and digits lose)"),
    Benchmark("field-full", ("field", "full"), ("products", "full"), True,
              "velocity and bound, k = 4 full covariances, d = 128, N = 4000; with their factorisation",
              "three products with a d x d matrix a component"),
    Benchmark("gram", ("gram",), ("gram_product",), True,
              "products of 512 and 64 rows of 8192 columns in memory, block by block", "one matrix product"),
    Benchmark("dae-train", ("train",), ("draws",), False,
              "flow-dae, a pass of training at ten times, n = 1024, d = 50000", "its 2 n d normals, drawn only"),
    Benchmark("gmm-learn", ("gmm_learn",), ("gmm_products",), True,
              "gmm-diffusion, a learner from 100000 x 5 samples, cubic polynomials (p = 56), 13 levels, a draw a sample",
              "the products of its normal equations"),
    Benchmark("reference-field", ("reference",), ("multiplications",), False,
              "velocity to 256 bits by intervals, k = 8 isotropic components, d = 64, N = 16",
              "4 k d N bare MPFR multiplications at the working precision"),
    Benchmark("check", ("judge",), ("field", "isotropic", "k=2", "d=64", "N=100000"), False,
              "all roundings and errors of 100000 x 64 velocities, k = 2 isotropic components",
              "the velocities and bounds in double"),
)

PROGRAMS = sorted({side[0] for benchmark in BENCHMARKS for side in (benchmark.work, benchmark.floor)})
