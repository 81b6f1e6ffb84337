"""Fields of an isotropic mixture to 60 digits by plain mpmath: the definitions, at 400 digits, without any care.

Reads one case from standard input, numbers in hexadecimal:
    quantity schedule time dimension count
    weight variance mean_1 ... mean_d        (count lines)
    x_1 ... x_d
and prints one number per line. Expectations are sums over components of N(x; beta m, v I) weighted conditional means
E[x_1 | x, k] = m + beta s/v (x - beta m) and E[x_0 | x, k] = (x - beta E[x_1 | x, k])/alpha; the score is the quotient
of the density's gradient and the density, the divergence the sum of numerical derivatives of the velocity.
"""
import sys

import mpmath
from mpmath import mp, mpf

mp.dps = 400


def read_number(text):
    return mpf(float.fromhex(text))


class Case:
    def __init__(self, lines):
        self.quantity, self.schedule, time, dimension, count = lines[0].split()
        self.time = read_number(time)
        rows = [[read_number(text) for text in line.split()] for line in lines[1:]]
        self.components = [(row[0], row[1], row[2:]) for row in rows[: int(count)]]
        self.x = rows[int(count)]
        assert len(self.x) == int(dimension)

    def path(self, time):
        if self.schedule == "linear":
            return 1 - time, time
        return mpmath.cos(mpmath.pi * time / 2), mpmath.sin(mpmath.pi * time / 2)

    def masses(self, x):
        """w_k N(x; beta m_k, v_k I) for every component."""
        alpha, beta = self.path(self.time)
        result = []
        for weight, s, mean in self.components:
            v = alpha**2 + beta**2 * s
            distance = sum((a - beta * m) ** 2 for a, m in zip(x, mean))
            result.append(weight * (2 * mpmath.pi * v) ** (-mpf(len(x)) / 2) * mpmath.exp(-distance / (2 * v)))
        return result

    def data_mean(self, x):
        alpha, beta = self.path(self.time)
        masses = self.masses(x)
        result = [mpf(0)] * len(x)
        for mass, (_, s, mean) in zip(masses, self.components):
            gain = beta * s / (alpha**2 + beta**2 * s)
            for j, m in enumerate(mean):
                result[j] += mass * (m + gain * (x[j] - beta * m))
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
        alpha, beta = self.path(self.time)
        masses = self.masses(x)
        gradient = [mpf(0)] * len(x)
        for mass, (_, s, mean) in zip(masses, self.components):
            for j, m in enumerate(mean):
                gradient[j] -= mass * (x[j] - beta * m) / (alpha**2 + beta**2 * s)
        total = sum(masses)
        return [value / total for value in gradient]

    def log_density(self, x):
        return [mpmath.log(sum(self.masses(x)) / sum(weight for weight, _, _ in self.components))]

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
