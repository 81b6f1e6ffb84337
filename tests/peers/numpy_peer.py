"""Fields of Gaussian mixtures as NumPy code computes them, in the format of its inputs.

plain:    exponentials as they are, squared distances expanded, everything from the denoiser, schedules as written.
shifted:  the same with the largest exponent subtracted first and squared distances of differences.
careful:  shifted, and each quantity by the sum that does not cancel, alpha likewise.
"""
import numpy as np

VARIANTS = ("plain", "shifted", "careful")
NAME, VERSION = "numpy", np.__version__


def array(values, dtype):
    return np.asarray(values, dtype=dtype)


def path(schedule, case, careful, dtype):
    """alpha, beta, alpha', beta' and alpha alpha'."""
    one, pi = dtype(1), dtype(np.pi)
    if schedule == "coefficients":
        return dtype(case["alpha"]), dtype(case["beta"]), None, None, None
    t = dtype(case["time"])
    kind, *parameters = schedule.split(":")
    if kind == "linear":
        return one - t, t, -one, one, t - one
    if kind == "trigonometric":
        alpha = np.sin(pi / 2 * (one - t)) if careful else np.cos(pi / 2 * t)
        beta = np.sin(pi / 2 * t)
        return alpha, beta, -pi / 2 * beta, pi / 2 * alpha, -pi / 2 * alpha * beta
    if kind == "polynomial":
        n = int(parameters[0])
        rate = n * t ** (n - 1)
        alpha = (one - t) * sum(t**k for k in range(n)) if careful else one - t**n
        return alpha, t**n, -rate, rate, -rate * alpha
    if kind == "linear-vp":
        square, beta, rate = (one - t) * (one + t) if careful else one - t * t, t, one
    else:
        low, high = (dtype(float(p)) for p in parameters)
        exponent = -((one - t) ** 2) * (high - low) / 4 - (one - t) * low / 2
        beta = np.exp(exponent)
        rate = beta * ((one - t) * (high - low) + low) / 2
        square = -np.expm1(2 * exponent) if careful else one - beta * beta
    alpha = np.sqrt(square)
    return alpha, beta, -beta * rate / alpha, rate, -beta * rate


class Posterior:
    def __init__(self, mixture, alpha, beta, x, variant):
        weight, self.mean, self.covariance = mixture
        d = x.shape[0]
        spread = alpha**2 * np.eye(d, dtype=x.dtype) + beta**2 * self.covariance
        self.inverse = np.linalg.inv(spread)
        self.g = np.einsum("kij,kj->ki", self.inverse, x - beta * self.mean)
        if variant == "plain":
            form = lambda a, b: np.einsum("ki,kij,kj->k", a, self.inverse, b)
            every = np.broadcast_to(x, self.mean.shape)
            square = form(every, every) - 2 * beta * form(every, self.mean) + beta**2 * form(self.mean, self.mean)
        else:
            square = np.sum((x - beta * self.mean) * self.g, axis=1)
        log = np.log(weight) - (square + np.linalg.slogdet(spread)[1] + x.dtype.type(d * np.log(2 * np.pi))) / 2
        shift = x.dtype.type(0) if variant == "plain" else log.max()
        mass = np.exp(log - shift)
        self.log_density = shift + np.log(mass.sum())
        self.p = mass / mass.sum()
        self.lifted = self.mean + beta * np.einsum("kij,kj->ki", self.covariance, self.g)
        self.score = -self.p @ self.g
        self.denoiser = self.p @ self.lifted


def field(quantity, variant, schedule, mixture, case, dtype):
    x = array(case["x"], dtype)
    d = x.shape[0]
    alpha, beta, alpha_rate, beta_rate, decay = path(schedule, case, variant == "careful", dtype)
    q = Posterior(tuple(array(part, dtype) for part in mixture), alpha, beta, x, variant)
    f, score = q.denoiser, q.score
    if variant != "careful" and quantity != "log-density":
        score = -(x - beta * f) / alpha**2
    if quantity == "log-density":
        return [q.log_density]
    if quantity == "score":
        return score
    if quantity == "denoiser":
        return f
    if quantity == "noise":
        return -alpha * score if variant == "careful" else (x - beta * f) / alpha
    if quantity == "velocity":
        if variant == "careful":
            return beta_rate * f - decay * score
        return (beta_rate - alpha_rate * beta / alpha) * f + alpha_rate / alpha * x
    traces = np.trace(q.inverse, axis1=1, axis2=2)
    if variant == "careful":
        lift = np.einsum("kij,kji->k", q.covariance, q.inverse)
        dg = q.g + score
        div_f = q.p @ (beta * lift - np.sum((q.lifted - f) * dg, axis=1))
        return [beta_rate * div_f + decay * (q.p @ (traces - np.sum(dg * dg, axis=1)))]
    laplacian = q.p @ (np.sum(q.g * q.g, axis=1) - traces) - np.sum(q.score * q.score)
    div_f = (d + alpha**2 * laplacian) / beta
    return [(beta_rate - alpha_rate * beta / alpha) * div_f + alpha_rate / alpha * d]
