"""docs/conventions.md by numbers: what each library trains on, averaged over x_0 and x_1 given x_t by plain sums over a
grid, is the combination of our quantities that the page says.

usage: conventions.py ASSAY [unittest options]
"""
import json
import math
import os
import subprocess
import sys
import tempfile
import unittest

import numpy as np

ASSAY = os.path.abspath(sys.argv.pop(1))
WEIGHT, MEAN, VARIANCE = (0.3, 0.7), (1.5, -0.75), (0.25, 0.5)
X = np.array([-1.2, -0.1, 0.4, 1.7])
DATA = np.linspace(-12, 12, 24001)  # sums of analytic functions that vanish at the ends: exact but for rounding
DENSITY = sum(w / math.sqrt(s) * np.exp(-((DATA - m) ** 2) / (2 * s)) for w, m, s in zip(WEIGHT, MEAN, VARIANCE))
CLOSE = 1e-10  # 1e-15, with three digits for sums of 24001 terms and two for divisions by beta


def mean_of(target, alpha, beta):
    """E[target(noise, data, x) | alpha noise + beta data = x] at each X."""
    def at(x):
        noise = (x - beta * DATA) / alpha
        mass = DENSITY * np.exp(-(noise**2) / 2)
        return np.sum(target(noise, DATA, x) * mass) / np.sum(mass)
    return np.array([at(x) for x in X])


def mean_with_extra_noise(target, alpha, sigma, beta):
    """E[target(x_0, data, x) | alpha x_0 + sigma epsilon + beta data = x] at each X."""
    noise, data = np.linspace(-9, 9, 901)[:, None], DATA[4000:20001:10][None, :]
    density = DENSITY[4000:20001:10][None, :] * np.exp(-(noise**2) / 2)
    def at(x):
        mass = density * np.exp(-(((x - alpha * noise - beta * data) / sigma) ** 2) / 2)
        return np.sum(target(noise, data, x) * mass) / np.sum(mass)
    return np.array([at(x) for x in X])


class Conventions(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.mixture, self.points = folder.name + "/mixture.json", folder.name + "/points.npy"
        components = [{"weight": w, "mean": [m], "covariance": s} for w, m, s in zip(WEIGHT, MEAN, VARIANCE)]
        with open(self.mixture, "w", encoding="ascii") as stream:
            json.dump({"dimension": 1, "components": components}, stream)
        np.save(self.points, X[:, None])

    def ours(self, quantity, *place):
        done = subprocess.run([ASSAY, "field", "--quantity", quantity, "--mixture", self.mixture, "--points", self.points,
                               *map(str, place)], capture_output=True, text=True, check=True)
        return np.array(done.stdout.split(), dtype=float)

    def at(self, schedule, t):
        return self.ours("velocity", "--schedule", schedule, "--time", repr(t))

    def f_and_e(self, alpha, beta):
        place = ["--alpha", repr(alpha), "--beta", repr(beta)]
        return self.ours("denoiser", *place), self.ours("noise", *place)

    def same(self, got, expected):
        self.assertLess(np.max(np.abs(got - expected) / (1 + np.abs(expected))), CLOSE)

    def test_flow_matching(self):
        """Schedulers give the factor of the data, that of the noise and their derivatives."""
        def vp(low, high):
            def scheduler(t):
                exponent, slope = (1 - t) ** 2 * (high - low) / 2 + (1 - t) * low, (1 - t) * (high - low) + low
                beta, alpha = math.exp(-exponent / 2), math.sqrt(-math.expm1(-exponent))
                return beta, alpha, slope * beta / 2, -slope * beta**2 / (2 * alpha)
            return scheduler
        half = math.pi / 2
        schedulers = {
            "linear": lambda t: (t, 1 - t, 1, -1),
            "polynomial:3": lambda t: (t**3, 1 - t**3, 3 * t**2, -3 * t**2),
            "trigonometric": lambda t: (math.sin(half * t), math.cos(half * t), half * math.cos(half * t), -half * math.sin(half * t)),
            "linear-vp": lambda t: (t, math.sqrt(1 - t * t), 1, -t / math.sqrt(1 - t * t)),
            "vp:0.1:20": vp(0.1, 20),
            "vp:0.5:8": vp(0.5, 8),
        }
        for schedule, scheduler in schedulers.items():
            for t in (0.25, 0.5, 0.875):
                with self.subTest(schedule=schedule, t=t):
                    beta, alpha, beta_rate, alpha_rate = scheduler(t)
                    b = self.at(schedule, t)
                    self.same(mean_of(lambda noise, data, x: alpha_rate * noise + beta_rate * data, alpha, beta), b)
                    f, e = self.f_and_e(alpha, beta)
                    self.same(alpha_rate / alpha * X + (beta_rate - alpha_rate * beta / alpha) * f, b)
                    self.same(beta_rate / beta * X + (alpha_rate - beta_rate * alpha / beta) * e, b)

    def test_torchcfm(self):
        t, sigma, half = 0.625, 0.3, math.pi / 2
        sine, cosine = math.sin(half * t), math.cos(half * t)
        self.same(mean_of(lambda noise, data, x: (data - x) / (1 - t), 1 - t, t), self.at("linear", t))
        self.same(mean_of(lambda noise, data, x: half * (cosine * data - sine * noise), cosine, sine), self.at("trigonometric", t))
        a = math.hypot(1 - t, sigma)
        f, e = self.f_and_e(a, t)
        self.same(mean_with_extra_noise(lambda x_0, data, x: data - x_0, 1 - t, sigma, t), f - (1 - t) / a * e)
        a = 1 - (1 - sigma) * t
        f, e = self.f_and_e(a, t)
        self.same(mean_of(lambda noise, data, x: (data - (1 - sigma) * x) / a, a, t), f - (1 - sigma) * e)
        a = math.hypot(cosine, sigma)
        f, e = self.f_and_e(a, sine)
        target = lambda x_0, data, x: half * (cosine * data - sine * x_0)
        self.same(mean_with_extra_noise(target, cosine, sigma, sine), half * (cosine * f - sine * cosine / a * e))

    def test_diffusers(self):
        product = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))
        a = float(product[400])
        alpha, beta = math.sqrt(1 - a), math.sqrt(a)
        f, e = self.f_and_e(alpha, beta)
        self.same(mean_of(lambda noise, data, x: noise, alpha, beta), e)
        self.same(mean_of(lambda noise, data, x: data, alpha, beta), f)
        self.same(mean_of(lambda noise, data, x: beta * noise - alpha * data, alpha, beta), beta * e - alpha * f)
        u = np.arange(1, 1001) / 1000
        limit = np.exp(-(u**2) * 19.9 / 4 - 0.1 * u / 2)
        self.assertLess(np.max(np.abs(np.sqrt(product) - limit)), 0.001)
        self.assertLess(np.max(np.abs(np.sqrt(product) / limit - 1)), 0.035)
        half, t = math.pi / 2, 0.375
        sine, cosine = math.sin(half * t), math.cos(half * t)
        self.same(-half * mean_of(lambda noise, data, x: sine * noise - cosine * data, cosine, sine), self.at("trigonometric", t))

    def test_diffusers_with_sigmas(self):
        sigma, s = 0.7, 0.5
        f, e = self.f_and_e(sigma, 1)
        self.same((X - f) / sigma, e)
        skip, scale = s**2 / (sigma**2 + s**2), sigma * s / math.hypot(sigma, s)
        self.same(skip * X + scale * mean_of(lambda noise, data, x: (data - skip * x) / scale, sigma, 1), f)
        score = self.ours("score", "--alpha", sigma, "--beta", 1)
        self.same(mean_of(lambda noise, data, x: -noise / sigma, sigma, 1), score)
        sigma = 0.375
        self.same(mean_of(lambda noise, data, x: noise - data, sigma, 1 - sigma), -self.at("linear", 1 - sigma))
        self.same(X - sigma * mean_of(lambda noise, data, x: noise - data, sigma, 1 - sigma), self.f_and_e(sigma, 1 - sigma)[0])
        self.same(mean_of(lambda noise, data, x: data - noise, 1 - sigma, sigma), self.at("linear", sigma))
        beta = math.exp(-(0.375**2) * 19.9 / 4 - 0.375 * 0.1 / 2)
        e = self.ours("noise", "--schedule", "vp:0.1:20", "--time", "0.625")
        self.same(mean_of(lambda noise, data, x: noise, math.sqrt(1 - beta**2), beta), e)


if __name__ == "__main__":
    unittest.main()
