"""Where the coefficients in normals_kernel.h come from, and the arithmetic of its error bound. Needs mpmath.

Prints the coefficients and, in units of e = 2^-53, the largest relative errors of logarithm, radius, sine and cosine.
"""
from math import atanh, cos, floor, log, log1p, log2, pi, sin, sqrt

import mpmath
from mpmath import mp

mp.prec = 400


def interpolate(function, top, count):
    """Coefficients, rounded to double, of the polynomial through `function` at Chebyshev nodes of [0, top]."""
    nodes = [top / 2 * (1 + mpmath.cos(mp.pi * (2 * k + 1) / (2 * count))) for k in range(count)]
    powers = mpmath.matrix([[x**j for j in range(count)] for x in nodes])
    return [float(c) for c in mpmath.lu_solve(powers, mpmath.matrix([function(x) for x in nodes]))]


def design(name, function, top, count, weight):
    coefficients = interpolate(function, top, count)
    points = [top * i / 4000 for i in range(1, 4001)]
    error = max(abs(weight(x) * (mpmath.polyval(coefficients[::-1], x) - function(x))) for x in points)
    print(f"{name}: {' '.join(c.hex() for c in coefficients)}\n  approximation: {float(error * 2**53):.4f} e")


def log_series(w):
    return (2 * mpmath.atanh(mpmath.sqrt(w)) / mpmath.sqrt(w) - 2) / w


def sine_series(y):
    return (mpmath.sin(mpmath.sqrt(y)) / mpmath.sqrt(y) - 1) / y


def cosine_series(y):
    return (mpmath.cos(mpmath.sqrt(y)) - 1 + y / 2) / y**2


def half_ulp(v):
    """Largest rounding error, in units of e, of a result near v."""
    return 2.0 ** floor(log2(abs(v)))


def rounding(v):
    """The same, relative to v."""
    return half_ulp(v) / abs(v)


def log_error(K, f):
    """(-log u, relative error of its value) for u = (1 + f) 2^-K."""
    s = f / (2 + f)
    w = s * s
    P = 2 / 3 + 0.4 * w if w < 1e-6 else (2 * atanh(s) / s - 2) / w
    s_error = rounding(2 + f) + rounding(s)
    P_error = rounding(P) + 0.4 * w / P * 4  # Horner: the last sum; four roundings in the part below it
    wP_error = 2 * s_error + rounding(w) + P_error + rounding(w * P)
    t = s * (f - w * P)
    t_error = s_error + (wP_error * w * P + half_ulp(f - w * P)) / abs(f - w * P) + rounding(t)
    L = K * log(2) - log1p(f)
    # t, the sum with it, the last sum; log 2's low part; approximation
    return L, (t_error * t + half_ulp(t) + half_ulp(L) + 2.0**-38) / L + 0.006


def sine_error(x):
    S = (sin(x) / x - 1) / (x * x)
    S_error = rounding(S) + x * x / 120 / abs(S) * 4
    cube = abs(x**3 * S)
    cube_error = rounding(x) + rounding(x * x) + rounding(x**3) + S_error + rounding(cube)
    return (cube_error * cube + half_ulp(cube) + half_ulp(sin(x))) / sin(x) + 0.057


def cosine_error(x):
    C = (cos(x) - 1 + x * x / 2) / x**4
    fourth = x**4 * C
    fourth_error = 2 * rounding(x * x) + rounding(x**4) + rounding(C) + x * x / 720 / C * 4 + rounding(fourth)
    return (fourth_error * fourth + 2 * half_ulp(fourth) + half_ulp(cos(x))) / cos(x) + 0.012


def bounds():
    fractions = [-0.3125 + 0.6875 * i / 50000 for i in range(50001)]
    logs = [log_error(K, f) for K in range(54) for f in fractions if abs(f) > 1e-6 and (K > 0 or f < 0)]
    radius = max(error / 2 + rounding(sqrt(2 * L)) for L, error in logs)
    angles = [pi / 4 * i / 200000 for i in range(200, 200001)]
    sine, cosine = max(map(sine_error, angles)), max(map(cosine_error, angles))
    print(f"logarithm {max(error for _, error in logs):.3f}, radius {radius:.3f}, sine {sine:.3f}, cosine {cosine:.3f}")
    print(f"normal {radius + max(sine, cosine) + 1:.3f}")


design("P", log_series, mpmath.mpf(5) ** 2 / 27**2, 8, lambda w: w / 2)
design("S", sine_series, mp.pi**2 / 16, 7, lambda y: y / (1 + y * sine_series(y)))
design("C", cosine_series, mp.pi**2 / 16, 6, lambda y: y**2 / mpmath.cos(mpmath.sqrt(y)))
bounds()
