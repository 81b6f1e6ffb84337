"""Checks of drivers of fields, of their floors, and of what is judged by them."""
import math
from decimal import Decimal
from fractions import Fraction

from oracles import (column, dot, exact, flat, gamma, product, require, rows, solve, tiny, to_decimal, transposed,
                     within)


def velocities(problem):
    return velocities_at(problem, rows(exact(problem["points"][0]), int(exact(problem["dimension"][0])[0])))


def velocities_at(problem, points):
    """At alpha = beta = 1/2 on the linear schedule, b = f - (x - beta f)/alpha = 2 f - 2 x, f by Bayes' rule: given
    component and x, x_1 has precision P = S^-1 + I and mean P^-1 (S^-1 m + 2 x), as x/beta = 2 x has unit noise; and
    p(x | component) ~ exp((h' P^-1 h - m' S^-1 m)/2)/sqrt(det S det P), h = S^-1 m + 2 x."""
    d = int(exact(problem["dimension"][0])[0])
    components = []
    for weight, mean, covariance in zip(problem["weight"], problem["mean"], problem["covariance"]):
        w, m = exact(weight)[0], exact(mean)
        identity = [[Fraction(i == j) for j in range(d)] for i in range(d)]
        inverse, det_s = solve(rows(exact(covariance), d), identity)
        precision = [[inverse[i][j] + (i == j) for j in range(d)] for i in range(d)]
        components.append((w, m, [dot(line, m) for line in inverse], precision, det_s))
    for x in points:
        logs, means = [], []
        for w, m, lifted, precision, det_s in components:
            h = [a + 2 * b for a, b in zip(lifted, x)]
            solved, det_p = solve(precision, column(h))
            means.append(flat(solved))
            logs.append(to_decimal(w).ln() + to_decimal(dot(h, means[-1]) - dot(m, lifted)) / 2
                        - to_decimal(det_s * det_p).ln() / 2)
        shares = [(log - max(logs)).exp() for log in logs]
        total = sum(shares)
        yield [2 * sum(s * to_decimal(mean[j]) for s, mean in zip(shares, means)) / total - 2 * to_decimal(x[j])
               for j in range(d)]


def divergence_at(problem, x):
    """sum_j db_j/dx_j by central differences: off by about 10^-36."""
    total, step = Decimal(0), Fraction(1, 2**60)
    for j in range(len(x)):
        moved = [[q + side * step * (i == j) for i, q in enumerate(x)] for side in (1, -1)]
        up, down = velocities_at(problem, moved)
        total += (up[j] - down[j]) / to_decimal(2 * step)
    return [total]


def quantities(problem, quantity):
    """At alpha = beta = 1/2, with f the denoiser: b = 2 f - 2 x and score = 2 f - 4 x."""
    points = rows(exact(problem["points"][0]), int(exact(problem["dimension"][0])[0]))
    for x, b in zip(points, velocities(problem)):
        if quantity == "divergence":
            yield divergence_at(problem, x)
        else:
            of_velocity, of_x = {"velocity": (1, 0), "score": (1, -2), "denoiser": (Decimal(0.5), 1)}[quantity]
            yield [of_velocity * p + of_x * to_decimal(q) for p, q in zip(b, x)]


def check_field(variant, quantity):
    printed = tiny("field", variant, f"quantity={quantity}")
    d, bounds = int(exact(printed["dimension"][0])[0]), exact(printed["bound"][0])
    got = rows(exact(printed[quantity][0]), 1 if quantity == "divergence" else d)
    expected = list(quantities(printed, quantity))
    require(len(got) == len(expected) == len(bounds) == 4, "4 points are expected")
    off = any(c[i * d + j] for c in map(exact, printed["covariance"]) for i in range(d) for j in range(d) if i != j)
    spread = any(c[i * d + i] != c[0] for c in map(exact, printed["covariance"]) for i in range(d))
    require((off, spread) == {"diagonal": (False, True), "full": (True, True)}.get(variant, (False, False)),
            "covariances of another kind")
    for i, (point, truth, bound) in enumerate(zip(got, expected, bounds)):
        # A bound worth the name leaves half of the digits.
        require(bound <= max(map(abs, point)) / 2**26, f"bound of point {i}: {float(bound):.3g}")
        for j in range(len(truth)):
            require(abs(to_decimal(point[j]) - truth[j]) <= to_decimal(bound), f"{quantity} ({i}, {j}): {float(point[j])!r}")


def check_reference():
    """low and high are the enclosure's ends, rounded outward to double; width its width, to 64 bits upward."""
    printed = tiny("reference")
    d = int(exact(printed["dimension"][0])[0])
    low, high, width = (rows(exact(printed[name][0]), d) for name in ("low", "high", "width"))
    expected = list(velocities(printed))
    require(len(low) == len(expected) == 2, "2 points are expected")
    for i, truth in enumerate(expected):
        for j in range(d):
            require(to_decimal(low[i][j]) <= truth[j] <= to_decimal(high[i][j]), f"enclosure ({i}, {j})")
            require(0 < to_decimal(width[i][j]) <= abs(truth[j]) / 2**256, f"width ({i}, {j})")


def check_products(variant):
    """Within gamma of the exact products of what is printed, for each of the two products in a row."""
    printed = tiny("products", variant)
    count, d, pairs = (int(q) for q in exact(printed["shape"][0]))
    require(pairs == {"isotropic": 1, "diagonal": 2, "full": 0}[variant], "another number of products")
    x, got = rows(exact(printed["x"][0]), d), rows(exact(printed["out"][0]), d)
    last = rows(exact(printed["a"][0]), d)[-(count if pairs else d):]
    first = transposed(last)
    second, inner = (last, count) if pairs else (first, d)
    size = lambda m: [[abs(entry) for entry in line] for line in m]
    truth, sizes = product(product(x, first), second), product(product(size(x), size(first)), size(second))
    lost = (1 + gamma(d)) * (1 + gamma(inner)) - 1
    require(len(got) == len(x) == 4, "4 rows are expected")
    for i in range(4):
        for j in range(d):
            require(abs(got[i][j] - truth[i][j]) <= lost * sizes[i][j], f"product ({i}, {j})")


def check_judge():
    """Errors as of assay/check.h, within 2^-25 of those of the exact velocities; of 20, the median is the 10th."""
    printed = tiny("judge")
    entries, nonfinite, largest, median = exact(printed["report"][0])
    truth = [entry for point in velocities(printed) for entry in point]
    errors = sorted(abs(to_decimal(got) - t) / to_decimal(Fraction(math.ulp(float(t))))
                    for got, t in zip(exact(printed["velocity"][0]), truth))
    require((entries, nonfinite, len(truth)) == (20, 0, 20), "20 entries are expected")
    for name, got, expected in (("largest", largest, errors[-1]), ("median", median, errors[9])):
        require(abs(to_decimal(got) - expected) <= Decimal(2)**-25, f"{name} error: {float(got)!r}, {expected:.9}")


def check_samples():
    """60 draws from one component: with V = 1/4 + S/4, sum |x - m/2|^2/V over its expectation."""
    printed = tiny("samples")
    mean, covariance = exact(printed["mean"][0]), exact(printed["covariance"][0])
    points, (count, _, failed) = rows(exact(printed["points"][0]), 3), exact(printed["report"][0])
    require((len(points), count, failed) == (60, 60, 0), "60 samples, nothing of which is refuted, are expected")
    squares = sum((p - m / 2)**2 for x in points for p, m in zip(x, mean))
    truth = to_decimal(squares / ((1 + covariance[0]) / 4) / 180)
    within(exact(printed["radii"][0])[0], truth, truth, "radii")
    require(exact(tiny("samples", "N=4000", "k=2")["report"][0])[2] == 0, "4000 samples of two components are refuted")


def check_sample_products():
    """The last tile's product with the mean, and the lower triangle of x' x."""
    printed = tiny("sample_products")
    k, d, tile = (int(q) for q in exact(printed["shape"][0]))
    x, means, with_means, square = (rows(exact(printed[name][0]), width)
                                    for name, width in (("x", d), ("m", d), ("with", k), ("square", d)))
    require((k, d, tile, len(x)) == (1, 3, 3, 60), "another shape")
    pairs = [(with_means[i][0], x[i - 3], means[0]) for i in range(3)]
    sides = transposed(x)
    pairs += [(square[i][j], sides[i], sides[j]) for i in range(d) for j in range(i + 1)]
    for number, (got, a, b) in enumerate(pairs):
        require(abs(got - dot(a, b)) <= gamma(60) * dot(map(abs, a), map(abs, b)), f"product {number}")
