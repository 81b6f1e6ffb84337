"""How the cost of a task grows with a size: which sizes are timed, and what counting its operations lets one expect."""
import math
import statistics
from typing import NamedTuple

from ratios import differences, exponents, interval


class Curve(NamedTuple):
    figure: str
    driver: tuple  # with the sizes that stay
    size: str
    start: int     # then doubled, STEPS times
    count: object  # operations (up to a factor) at a size: their slope is expected; or (low, high), two slopes
    what: str


class Figure(NamedTuple):
    key: str
    title: str


STEPS = 4
LAST = 3  # sizes of the last octaves, which exponents come from

linear = lambda size: size


def values(curve):
    return [curve.start * 2**step for step in range(STEPS + 1)]


def words(curve, value):
    return [*curve.driver, f"{curve.size}={value}"]


def slope(points):
    """Of the least squares line through the points' logarithms."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    middle = [sum(side) / len(logs) for side in zip(*logs)]
    return sum((x - middle[0]) * (y - middle[1]) for x, y in logs) / sum((x - middle[0])**2 for x, _ in logs)


def expected(curve):
    """The least and the largest exponent."""
    if isinstance(curve.count, tuple):
        return curve.count
    found = slope([(value, curve.count(value)) for value in values(curve)[-LAST:]])
    return found, found


def features(n):
    """Of degree 2."""
    return (n + 1) * (n + 2) / 2


FIGURES = (
    Figure("train", "flow-dae: a pass of training"),
    Figure("flow", "flow-dae: training along 100 steps and samples"),
    Figure("adam", "flow-dae: an epoch of Adam"),
    Figure("field-isotropic", "fields of isotropic components"),
    Figure("field-diagonal", "fields of diagonal components"),
    Figure("field-full", "fields of full covariances"),
    Figure("reference-field", "reference: fields of isotropic components"),
    Figure("check", "check: roundings and errors"),
    Figure("gmm-learn", "gmm-diffusion: a learner"),
)

CURVES = (
    Curve("train", ("train", "d=4000"), "n", 128, linear, "d = 4000"),
    Curve("train", ("train", "n=128"), "d", 4000, linear, "n = 128"),
    Curve("flow", ("flow", "d=4000", "N=64"), "n", 128, lambda n: 2 * n + 64, "d = 4000, N = 64: 2 n + N rows are drawn"),
    Curve("flow", ("flow", "n=64", "N=64"), "d", 4000, linear, "n = 64, N = 64"),
    Curve("flow", ("flow", "d=2000", "n=32"), "N", 256, lambda N: 64 + N, "d = 2000, n = 32: 2 n + N rows are drawn"),
    Curve("adam", ("adam", "tanh", "d=64000"), "n", 16, linear, "tanh, d = 64000"),
    Curve("adam", ("adam", "tanh", "n=32"), "d", 16000, linear, "tanh, n = 32"),
    Curve("adam", ("adam", "sign", "n=16"), "d", 16000, linear, "sign, n = 16"),
    Curve("field-isotropic", ("field", "isotropic", "d=64", "N=4000"), "k", 8, linear, "d = 64, N = 4000"),
    Curve("field-isotropic", ("field", "isotropic", "k=16", "N=2000"), "d", 32, linear, "k = 16, N = 2000"),
    Curve("field-isotropic", ("field", "isotropic", "k=16", "d=64"), "N", 1000, linear, "k = 16, d = 64"),
    Curve("field-diagonal", ("field", "diagonal", "d=64", "N=1000"), "k", 8, linear, "d = 64, N = 1000"),
    Curve("field-diagonal", ("field", "diagonal", "k=16", "N=1000"), "d", 32, linear, "k = 16, N = 1000"),
    Curve("field-diagonal", ("field", "diagonal", "k=16", "d=64"), "N", 500, linear, "k = 16, d = 64"),
    Curve("field-full", ("field", "full", "d=64", "N=500"), "k", 2, linear, "d = 64, N = 500"),
    Curve("field-full", ("field", "full", "k=2", "N=500"), "d", 32, lambda d: 3 * 500 * d**2 + d**3,
          "k = 2, N = 500: three products with a d x d matrix, and d^3 for it"),
    Curve("field-full", ("field", "full", "k=2", "d=64"), "N", 500, linear, "k = 2, d = 64"),
    Curve("reference-field", ("reference", "d=32", "N=4"), "k", 4, linear, "d = 32, N = 4, 256 bits"),
    Curve("reference-field", ("reference", "k=4", "N=4"), "d", 32, linear, "k = 4, N = 4, 256 bits"),
    Curve("reference-field", ("reference", "k=4", "d=32"), "N", 4, linear, "k = 4, d = 32, 256 bits"),
    Curve("reference-field", ("reference", "k=4", "d=32", "N=4"), "bits", 128, (1, 2),
          "k = 4, d = 32, N = 4: from linear to that of schoolbook multiplication"),
    Curve("reference-field", ("multiplications", "k=4", "d=32", "N=4"), "bits", 128, (1, 2),
          "bare multiplications, as many: likewise"),
    Curve("check", ("judge", "d=32", "N=250"), "k", 4, linear, "d = 32, N = 250"),
    Curve("check", ("judge", "k=4", "N=250"), "d", 32, linear, "k = 4, N = 250"),
    Curve("check", ("judge", "k=4", "d=32"), "N", 500, linear, "k = 4, d = 32"),
    Curve("gmm-learn", ("gmm_learn", "degree=2"), "N", 12500, linear, "n = 5, degree 2"),
    Curve("gmm-learn", ("gmm_learn", "degree=2", "N=2000"), "n", 2, lambda n: features(n)**2 + 2 * n * features(n),
          "degree 2, N = 2000: p^2 + 2 p n a draw, p = (n + 1) (n + 2)/2 features"),
)


def problems(record):
    """What makes a record no record of these curves."""
    found, needed = ([(curve["figure"], curve["size"], [[*point["work"]["driver"]] for point in curve["points"]])
                      for curve in record["curves"]],
                     [(curve.figure, curve.size, [words(curve, value) for value in values(curve)]) for curve in CURVES])
    if found != needed:
        yield "sizes: other curves than expected"
        return
    for curve, made in zip(CURVES, record["curves"]):
        if any(statistics.median(differences(point["work"], "processor")) <= 0 for point in made["points"]):
            yield f"{curve.figure}, {label(curve)}: too noisy for its times"
        elif not exponents(made, LAST, slope):
            yield f"{curve.figure}, {label(curve)}: too noisy for an exponent"


def label(curve):
    return f"{curve.size} from {curve.start} ({curve.what.split(':')[0]})"


def drawings(record):
    """File name -> title and curves for plots.svg: times in ms, bars from order statistics."""
    out = {}
    for figure in FIGURES:
        curves = []
        for curve, made in zip(CURVES, record["curves"]):
            if curve.figure != figure.key:
                continue
            points = []
            for point in made["points"]:
                times = [1e3 * t for t in differences(point["work"], "processor")]
                middle, low, high = interval(times, 0)
                points.append((point["size"] / curve.start, middle, low, high))
            low, high = expected(curve)
            curves.append((label(curve), points, low if low == high else None))
        out[f"{figure.key}.svg"] = (figure.title, curves)
    return out


def table(record):
    """Lines of the page."""
    yield from ("| task | size | exponent | by counting | at |", "|---|---|---|---|---|")
    for curve, made in zip(CURVES, record["curves"]):
        found, (low, high) = exponents(made, LAST, slope), expected(curve)
        off = " **above**" if found[1] > high else " below" if found[2] < low else ""
        last = values(curve)[-LAST:]
        yield (f"| {curve.figure} | {curve.size} = {last[0]} to {last[-1]} | "
               f"{found[0]:.2f} ({found[1]:.2f} to {found[2]:.2f}){off} | "
               f"{f'{low:.2f}' if low == high else f'{low:g} to {high:g}'} | {curve.what} |")
