"""The test vectors by another route, with mpmath: densities, their gradients and Laplacians from the definitions.

grad log p = (sum w_k grad N_k)/p and Laplace log p = (sum w_k Laplace N_k)/p - |grad log p|^2 give everything else:
e = -alpha grad log p, f = (x + alpha^2 grad log p)/beta, b = beta' f + alpha' e. Nothing is done about cancellation but
working with DIGITS digits. The learner's limits are followed step by step; Bayes rates are sums and error functions.
"""

import mpmath
from mpmath import mp, mpf

DIGITS = 200
mp.dps = DIGITS


def number(text):
    return mpf(float.fromhex(text))


def place(schedule, case):
    """alpha, beta, alpha alpha' and beta' of a case (the last two None for coefficients)."""
    if schedule == "coefficients":
        return number(case["alpha"]["double"]), number(case["beta"]["double"]), None, None
    return path(schedule, number(case["time"]))


def path(schedule, t):
    kind, *parameters = schedule.split(":")
    if kind == "linear":
        return 1 - t, t, t - 1, mpf(1)
    if kind == "trigonometric":
        angle = mp.pi * t / 2
        alpha, beta = (mpf(0), mpf(1)) if t == 1 else (mpmath.cos(angle), mpmath.sin(angle))
        return alpha, beta, -mp.pi / 2 * alpha * beta, mp.pi / 2 * alpha
    if kind == "polynomial":
        n = int(parameters[0])
        rate = n * t ** (n - 1)
        return 1 - t**n, t**n, -rate * (1 - t**n), rate
    if kind == "linear-vp":
        return mpmath.sqrt(1 - t * t), t, -t, mpf(1)
    low, high = (mpf(float(p)) for p in parameters)
    beta = mpmath.exp(-(1 - t) ** 2 * (high - low) / 4 - (1 - t) * low / 2)
    rate = beta * ((1 - t) * (high - low) + low) / 2
    return mpmath.sqrt(1 - beta * beta), beta, -beta * rate, rate


def inverse_of(matrix):
    """And the determinant, by Gauss and Jordan: positive definite matrices need no pivoting, and there are digits."""
    d = len(matrix)
    rows = [list(row) + [mpf(i == j) for j in range(d)] for i, row in enumerate(matrix)]
    determinant = mpf(1)
    for i in range(d):
        pivot = rows[i][i]
        determinant *= pivot
        rows[i] = [v / pivot for v in rows[i]]
        for k in range(d):
            if k != i:
                factor = rows[k][i]
                rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i])]
    return [row[d:] for row in rows], determinant


class Gaussian:
    """N(x; beta m, V): its logarithm, V^-1 (x - beta m) and tr V^-1."""

    def __init__(self, component, alpha, beta):
        mean = [number(m) for m in component["mean"]]
        d, covariance = len(mean), component["covariance"]
        self.weight, self.mean, self.centre, self.full = number(component["weight"]), mean, [beta * m for m in mean], False
        if isinstance(covariance, str):
            covariance = [covariance] * d
        if isinstance(covariance[0], list):
            self.full = True
            spread = [[beta**2 * number(entry) + (alpha**2 if i == j else 0) for j, entry in enumerate(row)]
                      for i, row in enumerate(covariance)]
            self.inverse, determinant = inverse_of(spread)
            self.trace = sum(self.inverse[i][i] for i in range(d))
        else:
            spread = [alpha**2 + beta**2 * number(s) for s in covariance]
            self.inverse = [1 / v for v in spread]
            determinant, self.trace = mpmath.fprod(spread), sum(self.inverse)
        self.log_volume = (d * mpmath.log(2 * mp.pi) + mpmath.log(determinant)) / 2

    def slope(self, x):
        away = [a - c for a, c in zip(x, self.centre)]
        if self.full:
            g = [mpmath.fdot(row, away) for row in self.inverse]
        else:
            g = [v * a for v, a in zip(self.inverse, away)]
        return g, mpmath.fdot(g, away)


def field(quantity, schedule, mixture, case):
    alpha, beta, decay, rate = place(schedule, case)
    x = [number(v) for v in case["x"]]
    d = len(x)
    parts = [Gaussian(component, alpha, beta) for component in mixture["components"]]
    slopes = [part.slope(x) for part in parts]
    logs = [mpmath.log(part.weight) - part.log_volume - square / 2 for part, (_, square) in zip(parts, slopes)]
    top = max(logs)
    masses = [mpmath.exp(value - top) for value in logs]
    total = sum(masses)
    score = [-sum(m * g[j] for m, (g, _) in zip(masses, slopes)) / total for j in range(d)]
    if quantity == "log-density":
        return [top + mpmath.log(total / sum(part.weight for part in parts))]
    if quantity == "score":
        return score
    if quantity == "noise":
        return [-alpha * s for s in score]
    if beta == 0:
        weights = sum(part.weight for part in parts)
        f = [sum(part.weight * part.mean[j] for part in parts) / weights for j in range(d)]
    else:
        f = [(a + alpha**2 * s) / beta for a, s in zip(x, score)]
    if quantity == "denoiser":
        return f
    if quantity == "velocity":
        return [rate * a - decay * s for a, s in zip(f, score)]
    curvature = sum(m * (mpmath.fdot(g, g) - part.trace) for m, part, (g, _) in zip(masses, parts, slopes)) / total
    laplacian = curvature - mpmath.fdot(score, score)
    spread = mpf(0) if beta == 0 else (d + alpha**2 * laplacian) / beta
    return [rate * spread - decay * laplacian]


def cost_of_rounding(quantity, group, case):
    """The largest factor by which changes of one component's means, variance(s), or of each variance of a full covariance,
    grow in the largest component."""
    mixture, change = group["mixture_hex"], 1 + 2.0**-26
    exact = field(quantity, group["schedule"], mixture, case)
    largest = max(map(abs, exact))
    if largest == 0:
        return 0.0
    grow = lambda value: [grow(v) for v in value] if isinstance(value, list) else (float.fromhex(value) * change).hex()

    def factor(k, key, value):
        parts = [{**c, key: value} if i == k else c for i, c in enumerate(mixture["components"])]
        other = field(quantity, group["schedule"], {**mixture, "components": parts}, case)
        return float(max(abs(a - b) for a, b in zip(exact, other)) / largest / mpf(2) ** -26)

    def changes():
        for k, component in enumerate(mixture["components"]):
            yield k, "mean", grow(component["mean"])
            covariance = component["covariance"]
            if not isinstance(covariance, list) or not isinstance(covariance[0], list):
                yield k, "covariance", grow(covariance)
                continue
            for j, row in enumerate(covariance):
                larger = [*row[:j], grow(row[j]), *row[j + 1:]]
                yield k, "covariance", [*covariance[:j], larger, *covariance[j + 1:]]

    return max(factor(*change_of_one) for change_of_one in changes())


# ---- the learner's limits ----


def learner(case):
    """Section 4 of flow-dae: the flow dX/dt = gamma X + zeta w h solved through D(t), or stepped."""
    n, steps, fresh, skip = mpf(case["samples"]), case["steps"], case["noise"] == "fresh", case["skip"]
    sigma, penalty, r, time = (number(case[key]) for key in ("sigma", "lambda", "norm2", "time"))
    a = penalty + n - 1
    b = penalty * (r + sigma**2) + (n - 1) * sigma**2

    def at(t):
        alpha, beta, decay, rate = path(case["schedule"], t)
        d = alpha**2 * a + beta**2 * b
        c = beta * b / d if skip else mpf(0)
        mu = n * (1 - c * beta) / (penalty + n)
        xi = -n * alpha * c / (penalty + n)
        return alpha, beta, decay, rate, d, c, mu, xi

    def exact_end(t):
        alpha, beta, _, _, d, _, _, _ = at(t)
        perp = mpmath.sqrt(d / a) if skip else alpha
        mean = n * beta / (penalty + n)
        return mean, mpf(0) if fresh or not skip else -(n / (penalty + n)) * (perp - alpha), perp

    def stepped(t):
        mean, own, perp, variance = mpf(0), mpf(0), mpf(1), mpf(0)
        step = mpf(1) / steps
        for j in range(int(t * steps)):
            alpha, beta, decay, rate, _, c, mu, xi = at(step * j)
            zeta = rate - decay / alpha**2 * beta
            growth = 1 + step * (c * zeta + decay / alpha**2)
            mean, own, perp = growth * mean + step * zeta * mu, growth * own + step * zeta * xi, growth * perp
            variance = growth**2 * variance + step**2 * zeta**2 * xi**2
        return mean, mpmath.sqrt(variance) if fresh else own, perp

    flow = stepped if steps else exact_end
    mean, own, perp = flow(time)
    _, _, _, _, _, c, mu, xi = at(time)
    end, end_own, end_perp = flow(mpf(1))
    square = ((sigma * end) ** 2 + end_own**2) / n
    mse = r * (end - 1) ** 2 + square
    return {"c": c, "w_mu": mu, "w_xi": xi, "w_eta": mu * sigma, "flow_mu": mean, "flow_xi": own, "flow_eta": sigma * mean,
            "flow_perp": perp, "mse": mse, "cosine": r * end / mpmath.sqrt(r * (r * end**2 + square)),
            "cluster_variance": end_perp**2, "mse_bayes": 1 / (n / sigma**2 + 1 / r),
            "w2_squared": mse + (end_perp - sigma) ** 2}


# ---- Bayes rates ----


def gap(kappa):
    """1 - E tanh(kappa + sqrt(kappa) Z) = exp(-kappa/2)/sqrt(2 pi kappa) int exp(-u^2/(2 kappa)) sech(u) du, by the
    trapezoidal rule, whose error falls like exp(-2 pi a/h) in strips of half-width a < pi/2 without poles."""
    if kappa == 0:
        return mpf(1)
    digits = 60
    width = min(mpf(1), mpmath.sqrt(kappa))
    step, total, u, term = width / 24, mpf(1) / 2, mpf(0), mpf(1)
    while term > mpf(10) ** -digits * total:
        u += step
        term = mpmath.exp(-u * u / (2 * kappa)) * mpmath.sech(u)
        total += term
    return mpmath.exp(-kappa / 2) / mpmath.sqrt(2 * mp.pi * kappa) * 2 * step * total


def bayes(kind, case):
    sigma, norm2 = number(case["sigma"]), number(case["norm2"])
    if kind == "estimation":
        return 1 / (case["samples"] / sigma**2 + 1 / norm2)
    alpha, beta, _, _ = place(case["schedule"], case)
    v = alpha**2 + beta**2 * sigma**2
    if kind == "classification":
        return mpmath.erfc(beta * mpmath.sqrt(norm2 / v / 2)) / 2
    return case["dimension"] * alpha**2 * sigma**2 / v + (alpha**2 / v) ** 2 * norm2 * gap(beta**2 * norm2 / v)
