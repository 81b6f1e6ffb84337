"""Checks of drivers of flow-dae and gmm-diffusion, and of their floors."""
from decimal import Decimal
from fractions import Fraction

from oracles import (PI, column, dot, exact, flat, gamma, is_normal, normal, product, require, rows, solve, tiny, to_decimal,
                     transposed, within)


def training_set(printed):
    """noise, data, labels."""
    d = int(exact(printed["shape"][0])[1])
    return [rows(exact(printed[name][0]), d) for name in ("noise", "data")] + [exact(printed["labels"][0])]


def on_path(t, noise, data):
    return [[(1 - t) * p + t * q for p, q in zip(*lines)] for lines in zip(noise, data)]


def label_solution(t, noise, data, labels):
    """(c, w) solves the normal equations of sum_i |x_1^i - c x_t^i - s_i w|^2 + |w|^2/4 in d + 1 unknowns."""
    x, weight, d = on_path(t, noise, data), len(labels) + Fraction(1, 4), len(data[0])
    s_t, s_1 = ([dot(labels, side) for side in zip(*lines)] for lines in (x, data))
    matrix = [[sum(dot(line, line) for line in x), *s_t]]
    matrix += [[s_t[j], *(weight * (i == j) for i in range(d))] for j in range(d)]
    c, *w = flat(solve(matrix, column([sum(dot(*lines) for lines in zip(x, data)), *s_1]))[0])
    return c, w


def check_train():
    printed = tiny("train")
    noise, data, labels = training_set(printed)
    require(len(printed["time"][0]) == 10 and {abs(s) for s in labels} == {1}, "10 times, labels 1 and -1")
    for t, c, error in zip(*(exact(printed[name][0]) for name in ("time", "c", "error"))):
        truth, _ = label_solution(t, noise, data, labels)
        require(0 < error <= abs(truth) / 2**26 and abs(c - truth) <= error, f"c at t = {float(t)}: {float(c)!r}")


def check_flow():
    """Four Euler steps of dX/dt = (f - X)/(1 - t), f = c X + w sign<w, X>, one sample after the other."""
    printed = tiny("flow")
    noise, data, labels = training_set(printed)
    start, got = (rows(exact(printed[name][0]), len(data[0])) for name in ("start", "generated"))
    require(len(start) == len(got) == 3, "3 samples are expected")
    fits = [(Fraction(j, 4), *label_solution(Fraction(j, 4), noise, data, labels)) for j in range(4)]
    for i, x in enumerate(start):
        for j, entry in enumerate(x):
            require(is_normal(entry, 1, 3, i, j), f"start ({i}, {j})")
        for t, c, w in fits:
            side = 1 if dot(w, x) > 0 else -1
            x = [p + (c * p + side * q - p) / (1 - t) / 4 for p, q in zip(x, w)]
        for j, (entry, truth) in enumerate(zip(got[i], x)):
            within(entry, to_decimal(truth), max(map(abs, x)), f"generated ({i}, {j})")


def tanh(x):
    return 1 - 2 / ((2 * x).exp() + 1)


def adam_half_loss(theta, x_t, x_1, patterns):
    """patterns(w): phi of each sample."""
    c, *w = theta
    off = [[b - c * a - v * p for a, b, v in zip(lines[0], lines[1], w)] for *lines, p in zip(x_t, x_1, patterns(w))]
    return (sum(dot(line, line) for line in off) + dot(w, w) / 8) / 2


def gradient(function, theta):
    """Central differences: off by about 10^-60."""
    step = Decimal(10)**-30
    moved = [[[q + side * step * (i == j) for j, q in enumerate(theta)] for side in (1, -1)] for i in range(len(theta))]
    return [(function(up) - function(down)) / (2 * step) for up, down in moved]


def adam_steps(function_at, theta, steps):
    """Kingma and Ba's algorithm 1; function_at(theta) is what this step's gradient is taken of."""
    first, second = ([Decimal(0)] * len(theta) for _ in range(2))
    beta1, beta2, rate, epsilon = Decimal(0.9), Decimal(0.999), Decimal(0.04), Decimal(1e-8)
    for k in range(1, steps + 1):
        slopes = gradient(function_at(theta), theta)
        first = [beta1 * m + (1 - beta1) * g for m, g in zip(first, slopes)]
        second = [beta2 * v + (1 - beta2) * g * g for v, g in zip(second, slopes)]
        theta = [q - rate * m / (1 - beta1**k) / ((v / (1 - beta2**k)).sqrt() + epsilon)
                 for q, m, v in zip(theta, first, second)]
    return theta


def check_adam(activation):
    """Two epochs from w ~ N(0, I) and c = 1; (c, -w) is the same f, and w reproduces more labels."""
    printed = tiny("adam", activation)
    noise, data, labels = training_set(printed)
    x_t, x_1 = ([[to_decimal(q) for q in line] for line in lines] for lines in (on_path(Fraction(1, 2), noise, data), data))
    root, d = Decimal(len(data[0])).sqrt(), len(data[0])

    def at(theta):
        signs = [(1 if dot(theta[1:], x) > 0 else -1) for x in x_t]
        smooth = lambda w: [tanh(dot(w, x) / root) for x in x_t]
        return lambda moved: adam_half_loss(moved, x_t, x_1, smooth if activation == "tanh" else lambda w: signs)

    c, *w = adam_steps(at, [Decimal(1)] + [normal(2, 4, 0, j) for j in range(d)], 2)
    right = sum(1 if s * Fraction(dot(w, x)) > 0 else -1 for s, x in zip(labels, x_t))
    w = w if right > 0 else [-q for q in w]
    within(exact(printed["c"][0])[0], c, 1, "c")
    require(len(printed["w"][0]) == d == 7, "7 dimensions are expected")
    for j, (got, truth) in enumerate(zip(exact(printed["w"][0]), w)):
        within(got, truth, 1, f"w[{j}]")


def check_update():
    """The slope is that of |w|^2/2 + <w, noisy/2 - data>."""
    printed = tiny("update")
    start, data, noisy = ([to_decimal(q) for q in exact(printed[name][0])] for name in ("start", "data", "noisy"))
    shift = [a / 2 - b for a, b in zip(noisy, data)]
    truth = adam_steps(lambda _: lambda w: dot(w, w) / 2 + dot(w, shift), start, 2)
    require(len(printed["w"][0]) == len(truth) == 7, "7 dimensions are expected")
    for j, (got, expected) in enumerate(zip(exact(printed["w"][0]), truth)):
        within(got, expected, 1, f"w[{j}]")


def cut(y, centre, reach2):
    """y moved towards the centre where it is farther than the root of reach2."""
    offset = [p - c for p, c in zip(y, centre)]
    if dot(offset, offset) <= reach2:
        return y
    scale = Fraction(to_decimal(reach2 / dot(offset, offset)).sqrt())
    return [c + scale * p for c, p in zip(centre, offset)]


def check_gmm_learn():
    """The first level's map is the least squares line of x - xi/sqrt(tau) on x + sqrt(tau) xi, cut as assay/gmm_fast.h
    says: solved in the plain monomials 1, y_1, y_2, about 0. A fit worth the name has half of the digits."""
    printed = tiny("gmm_learn")
    x, got = rows(exact(printed["samples"][0]), 2), rows(exact(printed["mean"][0]), 2)
    (degree,), (tau,), (clip,), centre = (exact(printed[name][0]) for name in ("degree", "tau", "clip", "centre"))
    require((len(x), len(got), degree, tau) == (60, 60, 1, 64), "60 samples, degree 1, tau = 64")
    noise = [[Fraction(normal(1, 0x1000, i, j)) for j in range(2)] for i in range(60)]
    reach2 = clip**2 * (1 + tau)
    y = [[1, *cut([p + 8 * q for p, q in zip(*lines)], centre, reach2)] for lines in zip(x, noise)]
    target = [[p - q / 8 for p, q in zip(*lines)] for lines in zip(x, noise)]
    coefficients, _ = solve(product(transposed(y), y), product(transposed(y), target))
    truth = product([[1, *cut(line, centre, reach2)] for line in x], coefficients)
    largest = max(abs(entry) for line in truth for entry in line)
    for i in range(60):
        for j in range(2):
            require(abs(got[i][j] - truth[i][j]) <= largest / 2**26, f"mean ({i}, {j}): {float(got[i][j])!r}")


def check_gmm_products():
    """13 blocks of 60, 780 products in whatever order; of P P' the lower triangle."""
    printed = tiny("gmm_products")
    p, n, block = (int(q) for q in exact(printed["shape"][0]))
    features, targets = (rows(exact(printed[name][0]), block) for name in ("features", "targets"))
    gram, right = rows(exact(printed["gram"][0]), p), rows(exact(printed["right"][0]), n)
    require((p, n, block) == (3, 2, 60), "another shape")
    for i in range(p):
        pairs = [(gram[i][j], features[j]) for j in range(i + 1)] + [(right[i][j], targets[j]) for j in range(n)]
        for k, (got, other) in enumerate(pairs):
            size = 13 * dot(map(abs, features[i]), map(abs, other))
            require(abs(got - 13 * dot(features[i], other)) <= gamma(780) * size, f"product ({i}, {k})")


def log_densities(x, weights, means):
    """log of weight times N(x; mean, I) for each component, n = 2."""
    squares = [sum((to_decimal(p) - to_decimal(q))**2 for p, q in zip(x, mean)) for mean in means]
    return [to_decimal(w).ln() - square / 2 - (2 * PI).ln() for w, square in zip(weights, squares)]


def check_em():
    """The third iteration follows from what the second one gave."""
    before, after = (tiny("em", passes=passes) for passes in (2, 3))
    weights, means = [exact(line)[0] for line in before["weight"]], [exact(line) for line in before["mean"]]
    weights = [w / sum(weights) for w in weights]
    got = [exact(line)[0] for line in after["weight"]]
    require(len(weights) == len(got) == 3, "3 components are expected")
    x, likelihood = rows(exact(before["x"][0]), 2), Decimal(0)
    counts, sums = [Decimal(0)] * 3, [[Decimal(0)] * 2 for _ in range(3)]
    for point in x:
        logs = log_densities(point, weights, means)
        total = sum(log.exp() for log in logs)
        likelihood += total.ln()
        for k, log in enumerate(logs):
            share = log.exp() / total
            counts[k] += share
            sums[k] = [s + share * to_decimal(p) for s, p in zip(sums[k], point)]
    within(exact(before["likelihood"][0])[2], likelihood, likelihood, "likelihood")
    for k in range(3):
        within(got[k] / sum(got), counts[k] / len(x), 1, f"weight {k}")
        for j, entry in enumerate(exact(after["mean"][k])):
            within(entry, sums[k][j] / counts[k], 1, f"mean ({k}, {j})")
