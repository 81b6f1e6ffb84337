"""The benchmarks: what is timed and the floor it is held against, each a driver of this folder with its variant and what
of its sizes and choices is not the default (sizes.h)."""
from typing import NamedTuple


class Benchmark(NamedTuple):
    name: str
    work: tuple
    floor: tuple
    by: str  # measured at each "core" type of OpenBLAS, for each "isa", or once: at the last "core type", or ""
    what: str
    floor_what: str


class Case(NamedTuple):
    name: str
    core: str  # or None: whatever OpenBLAS chooses
    work: tuple
    floor: tuple
    against: str  # what `floor` is: "floor" or "1 thread"
    benchmark: Benchmark


def field(quantity, kind, sizes, floor_what, *words):
    name = f"field-{kind}" if quantity == "velocity" else f"{quantity}-{kind}"
    choice = () if quantity == "velocity" else (f"quantity={quantity}",)
    return Benchmark(name, ("field", kind, *choice, *words), ("products", kind, *words), "core" if not choice else "core type",
                     f"{quantity} and bound, {sizes}", floor_what)


ISOTROPIC = ("isotropic", "k = 16 isotropic components, d = 256, N = 20000", "two matrix products")
DIAGONAL = ("diagonal", "k = 16 diagonal components, d = 256, N = 4000",
            "the four matrix products that expanded squares would take (and digits lose)")
FULL = ("full", "k = 4 full covariances, d = 128, N = 4000; with their factorisation",
        "three products with a d x d matrix a component")

BENCHMARKS = (
    Benchmark("normals", ("normals",), ("bits",), "isa",
              "128 x 8192 standard normals", "the same number of 64-bit words of bare Philox4x32-10"),
    *(field("velocity", *kind) for kind in (ISOTROPIC, DIAGONAL, FULL)),
    *(field(quantity, *kind) for quantity in ("score", "denoiser") for kind in (ISOTROPIC, FULL)),
    *(field("divergence", *kind) for kind in (ISOTROPIC, DIAGONAL, FULL)),
    Benchmark("gram", ("gram",), ("gram_product",), "core",
              "products of 512 and 64 rows of 8192 columns in memory, block by block", "one matrix product"),
    Benchmark("dae-train", ("train",), ("draws",), "isa",
              "flow-dae, a pass of training at ten times from 1/16 on, n = 1024, d = 50000", "its 2 n d normals, drawn only"),
    Benchmark("dae-flow", ("flow", "n=1024", "d=50000"), ("draws", "n=1524"), "",
              "flow-dae, training along 100 steps and N = 1000 samples, n = 1024, d = 50000",
              "(2 n + N) d normals, drawn only"),
    Benchmark("adam-sign", ("adam", "sign", "n=64"), ("update", "d=50000"), "isa",
              "flow-dae, an epoch of Adam, sign, n = 64, d = 50000",
              "Adam's update of d coordinates from a slope of two vectors"),
    Benchmark("adam-tanh", ("adam", "tanh", "n=64"), ("copy", "n=3200000"), "",
              "flow-dae, an epoch of Adam, tanh, n = 64, d = 50000",
              "as many bytes copied as the training set has in memory, 2 n d numbers"),
    Benchmark("gmm-learn", ("gmm_learn", "N=50000"), ("gmm_products", "N=50000"), "core",
              "gmm-diffusion, a learner from 50000 x 5 samples, cubic polynomials (p = 56), 13 levels, a draw a sample",
              "the products of its normal equations"),
    Benchmark("gmm-em", ("em",), ("products", "isotropic", "k=8", "d=16", "N=50000"), "isa",
              "gmm-diffusion, an iteration of EM, k = 8 components, n = 16, N = 50000", "its two matrix products"),
    Benchmark("reference-field", ("reference",), ("multiplications",), "",
              "velocity to 256 bits by intervals, k = 8 isotropic components, d = 64, N = 16",
              "4 k d N bare MPFR multiplications at the working precision"),
    Benchmark("quadrature", ("bayes",), ("nodes",), "",
              "Bayes-optimal denoising error to 256 bits by certified quadrature",
              "bare exp and cosh of MPFR at the nodes x >= 0 of the trapezoidal rule"),
    Benchmark("check", ("judge",), ("field", "isotropic", "k=2", "d=64", "N=100000"), "",
              "all roundings and errors of 100000 x 64 velocities, k = 2 isotropic components",
              "the velocities and bounds in double"),
    Benchmark("check-samples", ("samples", "N=4000"), ("sample_products", "N=4000"), "core type",
              "all tests of 4000 samples from k = 4 isotropic components, d = 64",
              "two matrix products, with the means and with themselves"),
)

# Those that threads share.
THREADED = ("field-isotropic", "field-full", "dae-train", "dae-flow", "adam-tanh", "gmm-learn", "gmm-em",
            "reference-field", "check", "check-samples")

PROGRAMS = sorted({side[0] for benchmark in BENCHMARKS for side in (benchmark.work, benchmark.floor)})


def cases(cores, isas):
    """What is measured on a machine with these core types and instruction sets, the best ones last."""
    for b in BENCHMARKS:
        if b.by == "core":
            yield from (Case(f"{b.name}/{core}", core, b.work, b.floor, "floor", b) for core in cores)
        elif b.by == "isa":
            for isa in isas:
                floor = b.floor if b.floor[0] == "products" else (*b.floor, f"isa={isa}")
                yield Case(f"{b.name}/{isa}", cores[-1], (*b.work, f"isa={isa}"), floor, "floor", b)
        else:
            yield Case(b.name, cores[-1] if b.by else None, b.work, b.floor, "floor", b)
    for b in BENCHMARKS:
        if b.name in THREADED:
            yield Case(f"{b.name}/2 threads", cores[-1] if b.by else None, (*b.work, "threads=2"), b.work, "1 thread", b)
