"""Checks of the driver of quadrature and of its floor, |mu|^2 = 9, sigma = 1/2, t = 1/2, d = 2."""
from decimal import Decimal

from oracles import PI, exact, require, rows, tiny, to_decimal, within

V = Decimal("0.3125")  # alpha^2 + beta^2 sigma^2
KAPPA = Decimal(9) / 4 / V


def expectation(function):
    """E function(Z) by the trapezoidal rule with steps of 1/32 up to 16. Functions of sqrt(KAPPA) Z are analytic up to
    pi/(2 sqrt(KAPPA)) = 0.58 from the real line: it is off by about exp(-2 pi 0.58 32) = 10^-50."""
    step = Decimal(1) / 32
    return sum((-(k * step)**2 / 2).exp() * function(k * step) for k in range(-512, 513)) * step / (2 * PI).sqrt()


def cosh(x):
    return (x.exp() + (-x).exp()) / 2


def check_bayes():
    """low and high are the enclosure's ends, rounded outward to double; width its width, to 64 bits upward."""
    printed = tiny("bayes")
    (low,), (high,), (width,) = ([to_decimal(q) for q in exact(printed[name][0])] for name in ("low", "high", "width"))
    root = KAPPA.sqrt()
    overlap = expectation(lambda z: 1 - 2 / ((2 * (KAPPA + root * z)).exp() + 1))
    truth = 2 * Decimal("0.0625") / V + Decimal("0.0625") / V**2 * 9 * (1 - overlap)
    require(low <= truth <= high and 0 < width <= truth / 2**44, f"{float(low)!r} to {float(high)!r}, width {width:.3}")


def check_nodes():
    """Functions at their nodes, and that these are enough for 44 bits less the 4 of a pole so near."""
    printed = tiny("nodes")
    (q, step), nodes = ([to_decimal(p) for p in exact(printed["rule"][0])], rows(exact(printed["nodes"][0]), 2))
    total = Decimal(0)
    for k, pair in enumerate(nodes):
        weight, value = (to_decimal(p) for p in pair)
        for got, truth in ((weight, (-(k * step)**2 / 2).exp()), (value, cosh(q * k * step))):
            require(abs(got - truth) <= truth / 2**40, f"node {k}: {float(got)!r}")
        total += (2 if k else 1) * weight / value
    expected = expectation(lambda z: 1 / cosh(KAPPA.sqrt() * z))
    within(exact(printed["rule"][0])[0], KAPPA.sqrt(), 1, "q")
    require(abs(total * step / (2 * PI).sqrt() - expected) <= expected / 2**40, "the sum over nodes")
