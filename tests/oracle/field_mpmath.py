"""Fields of a mixture to 60 digits by plain mpmath: the definitions, at 400 digits, without any care.

Reads one case from standard input:
    quantity schedule time dimension count   (the schedule as users write it, the numbers in hexadecimal)
    weight mean_1 ... mean_d                 (count times, each followed by a line with the covariance:
    s | s_1 ... s_d | s_11 s_12 ... s_dd      variance, variances, or matrix)
    x_1 ... x_d
and prints one number per line. Expectations are sums over components of N(x; beta m, V) weighted conditional means
E[x_1 | x, k] = m + beta S V^{-1} (x - beta m) and E[x_0 | x, k] = (x - beta E[x_1 | x, k])/alpha; the score is the
quotient of the density's gradient and the density, the divergence the sum of numerical derivatives of the velocity.
Full covariances go through mpmath's inverse and determinant (by LU with pivoting).
"""
import sys

import mpmath
from mpmath import mp, mpf

mp.dps = 400


def read_number(text):
    return mpf(float.fromhex(text))


def read_parameter(text):
    """A ratio exactly, a decimal as the double next to it: the command line's rule."""
    numerator, slash, denominator = text.partition("/")
    return mpf(int(numerator)) / int(denominator) if slash else mpf(float(text))


class Component:
    """Weight, mean, and V = alpha^2 I + beta^2 S with its inverse: lists of diagonals, or matrices."""

    def __init__(self, first, second, alpha, beta):
        self.weight, self.mean = first[0], first[1:]
        size = len(self.mean)
        self.full = len(second) > size
        if self.full:
            self.covariance = mpmath.matrix(size, size)
            for i in range(size):
                for j in range(size):
                    self.covariance[i, j] = second[size * i + j]
            spread = alpha**2 * mpmath.eye(size) + beta**2 * self.covariance
            self.inverse, self.determinant = spread**-1, mpmath.det(spread)
        else:
            self.covariance = second * size if len(second) < size else second
            spread = [alpha**2 + beta**2 * s for s in self.covariance]
            self.inverse, self.determinant = [1 / v for v in spread], mpmath.fprod(spread)

    def times(self, which, vector):
        if self.full:
            return list(which * mpmath.matrix(vector))
        return [a * b for a, b in zip(which, vector)]

    def whitened(self, x, beta):
        """x - beta m, and V^{-1} of that."""
        u = [a - beta * m for a, m in zip(x, self.mean)]
        return u, self.times(self.inverse, u)


class Case:
    def __init__(self, lines):
        self.quantity, self.schedule, time, dimension, count = lines[0].split()
        self.time = read_number(time)
        rows = [[read_number(text) for text in line.split()] for line in lines[1:]]
        alpha, beta = self.path(self.time)
        self.components = [Component(rows[2 * k], rows[2 * k + 1], alpha, beta) for k in range(int(count))]
        self.x = rows[2 * int(count)]
        assert len(self.x) == int(dimension)

    def path(self, time):
        kind, *parameters = self.schedule.split(":")
        if kind == "trigonometric":
            return mpmath.cos(mpmath.pi * time / 2), mpmath.sin(mpmath.pi * time / 2)
        if kind == "linear":
            return 1 - time, time
        if kind == "polynomial":
            return 1 - time ** int(parameters[0]), time ** int(parameters[0])
        beta = time
        if kind == "vp":
            low, high = (read_parameter(text) for text in parameters)
            beta = mpmath.exp(-mpmath.quad(lambda v: low + v * (high - low), [0, 1 - time]) / 2)
        return mpmath.sqrt(1 - beta**2), beta

    def masses(self, x):
        """w_k N(x; beta m_k, V_k) for every component."""
        beta = self.path(self.time)[1]
        result = []
        for c in self.components:
            u, g = c.whitened(x, beta)
            volume = mpmath.sqrt((2 * mpmath.pi) ** len(x) * c.determinant)
            result.append(c.weight / volume * mpmath.exp(-mpmath.fdot(u, g) / 2))
        return result

    def data_mean(self, x):
        beta = self.path(self.time)[1]
        masses = self.masses(x)
        result = [mpf(0)] * len(x)
        for mass, c in zip(masses, self.components):
            lift = c.times(c.covariance, c.whitened(x, beta)[1])
            for j, m in enumerate(c.mean):
                result[j] += mass * (m + beta * lift[j])
        total = sum(masses)
        return [value / total for value in result]

    def noise_mean(self, x):
        alpha, beta = self.path(self.time)
        return [(a - beta * f) / alpha for a, f in zip(x, self.data_mean(x))]

    def velocity(self, x):
        """beta' f + alpha' e with the rates by differences of the path: central ones at step 10^-130, error 10^-258."""
        step = mpf(10) ** -130
        high, low = self.path(self.time + step), self.path(self.time - step)
        alpha_rate, beta_rate = ((a - b) / (2 * step) for a, b in zip(high, low))
        return [beta_rate * f + alpha_rate * e for f, e in zip(self.data_mean(x), self.noise_mean(x))]

    def score(self, x):
        beta = self.path(self.time)[1]
        masses = self.masses(x)
        gradient = [mpf(0)] * len(x)
        for mass, c in zip(masses, self.components):
            for j, slope in enumerate(c.whitened(x, beta)[1]):
                gradient[j] -= mass * slope
        total = sum(masses)
        return [value / total for value in gradient]

    def log_density(self, x):
        return [mpmath.log(sum(self.masses(x)) / sum(c.weight for c in self.components))]

    def divergence(self, x):
        step = mpf(10) ** -60
        total = mpf(0)
        for j in range(len(x)):
            high, low = list(x), list(x)
            high[j] += step
            low[j] -= step
            total += (self.velocity(high)[j] - self.velocity(low)[j]) / (2 * step)
        return [total]


def main():
    case = Case(sys.stdin.read().strip().split("\n"))
    functions = {
        "velocity": case.velocity,
        "score": case.score,
        "denoiser": case.data_mean,
        "noise": case.noise_mean,
        "log-density": case.log_density,
        "divergence": case.divergence,
    }
    for value in functions[case.quantity](case.x):
        print(mpmath.nstr(value, 60, min_fixed=1, max_fixed=0))


main()
