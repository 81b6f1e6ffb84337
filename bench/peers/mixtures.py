"""The mixtures and points of bench/problem.c, at t = 1/2 on the linear schedule, and what linear forms need of them.

Given x, component k has the log weight -<x - m_k/2, g_k>/2 - log det(V_k)/2 + log w_k with V_k = (I + S_k)/4 and
g_k = V_k^-1 (x - m_k/2); alpha = beta = 1/2, b = f - e, e = alpha sum p_k g_k and x = (f + e)/2 give the velocity
b = 2 x - sum p_k g_k."""
from typing import NamedTuple

import numpy as np

from driver import fill

SIZES = {"isotropic": (16, 256, 20000), "diagonal": (16, 256, 4000), "full": (4, 128, 4000)}  # k, d, N


class Mixture(NamedTuple):
    weight: np.ndarray    # k
    mean: np.ndarray      # k x d
    variance: np.ndarray  # of V: k, k x d or k x d x d
    points: np.ndarray    # N x d


def variance_of(kind, u):
    if kind == "isotropic":
        return (2 + u[0] / 2) / 4
    return (2 + u / 2) / 4 if kind == "diagonal" else (2 * np.eye(len(u)) + np.outer(u, u) / len(u)) / 4


def made(kind, k, d, points):
    weight = np.arange(1.0, k + 1)
    return Mixture(weight / weight.sum(), np.array([fill(d, 2 * i + 1) for i in range(k)]),
                   np.array([variance_of(kind, fill(d, 2 * i + 2)) for i in range(k)]),
                   2 * fill(points * d, 0).reshape(points, d))


def read(kind, printed):
    """From what our driver printed."""
    d, weight = int(printed["dimension"][0][0]), np.array(printed["weight"])[:, 0]
    variance = (np.eye(d) + np.array(printed["covariance"]).reshape(-1, d, d)) / 4
    diagonal = np.einsum("kii->ki", variance).copy()
    return Mixture(weight / weight.sum(), np.array(printed["mean"]),
                   {"isotropic": diagonal[:, 0], "diagonal": diagonal, "full": variance}[kind],
                   printed["points"][0].reshape(-1, d))


def mixture_of(kind, arguments):
    return read(kind, arguments.printed) if arguments.tiny else made(kind, *SIZES[kind])


class Forms(NamedTuple):
    """log weight = constant + <slope_k, x> - <x, precision_k x>/2."""
    constant: np.ndarray   # k
    slope: np.ndarray      # k x d: V_k^-1 m_k/2
    precision: np.ndarray  # V_k^-1, in the shape of V


def forms_of(kind, mixture):
    d, half = mixture.points.shape[1], mixture.mean / 2
    if kind == "full":
        precision = np.linalg.inv(mixture.variance)
        slope, log_det = np.einsum("kij,kj->ki", precision, half), np.linalg.slogdet(mixture.variance)[1]
    else:
        precision = 1 / mixture.variance
        slope = half * (precision if kind == "diagonal" else precision[:, None])
        log_det = np.log(mixture.variance).sum(1) if kind == "diagonal" else d * np.log(mixture.variance)
    return Forms(np.log(mixture.weight) - log_det / 2 - np.einsum("kj,kj->k", slope, half) / 2, slope, precision)
