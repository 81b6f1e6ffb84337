"""Fields of Gaussian mixtures as PyTorch code computes them, in the format of its inputs.

distributions: log-density by torch.distributions.MixtureSameFamily, the score by its autograd, everything else from the
               score; the divergence by autograd of the velocity.
softmax:       a softmax of log-weights, the denoiser first, everything else from it; the divergence by autograd.
careful:       softmax, and each quantity by the sum that does not cancel, alpha likewise.
"""
import math

import torch

VARIANTS = ("distributions", "softmax", "careful")
NAME, VERSION = "torch", torch.__version__
torch.set_num_threads(1)


def path(schedule, case, careful, dtype):
    """alpha, beta, alpha', beta' and alpha alpha' as tensors."""
    number = lambda value: torch.tensor(value, dtype=dtype)
    if schedule == "coefficients":
        return number(case["alpha"]), number(case["beta"]), None, None, None
    t = number(case["time"])
    kind, *parameters = schedule.split(":")
    if kind == "linear":
        return 1 - t, t, number(-1.0), number(1.0), t - 1
    if kind == "trigonometric":
        alpha = torch.sin(math.pi / 2 * (1 - t)) if careful else torch.cos(math.pi / 2 * t)
        beta = torch.sin(math.pi / 2 * t)
        return alpha, beta, -math.pi / 2 * beta, math.pi / 2 * alpha, -math.pi / 2 * alpha * beta
    if kind == "polynomial":
        n = int(parameters[0])
        rate = n * t ** (n - 1)
        alpha = (1 - t) * sum(t**k for k in range(n)) if careful else 1 - t**n
        return alpha, t**n, -rate, rate, -rate * alpha
    if kind == "linear-vp":
        square, beta, rate = (1 - t) * (1 + t) if careful else 1 - t * t, t, number(1.0)
    else:
        low, high = map(float, parameters)
        exponent = -((1 - t) ** 2) * (high - low) / 4 - (1 - t) * low / 2
        beta = torch.exp(exponent)
        rate = beta * ((1 - t) * (high - low) + low) / 2
        square = -torch.expm1(2 * exponent) if careful else 1 - beta * beta
    alpha = torch.sqrt(square)
    return alpha, beta, -beta * rate / alpha, rate, -beta * rate


def spread_of(mixture, alpha, beta):
    d = mixture[1].shape[1]
    return alpha**2 * torch.eye(d, dtype=mixture[1].dtype) + beta**2 * mixture[2]


def by_distributions(mixture, alpha, beta, x):
    """log p_t(x) as the library has it."""
    weight, mean, _ = mixture
    parts = torch.distributions.MultivariateNormal(beta * mean, covariance_matrix=spread_of(mixture, alpha, beta))
    return torch.distributions.MixtureSameFamily(torch.distributions.Categorical(weight), parts).log_prob(x)


def by_softmax(mixture, alpha, beta, x):
    """Its sums over components: log p_t(x), f and the score."""
    weight, mean, covariance = mixture
    spread = spread_of(mixture, alpha, beta)
    away = x - beta * mean
    g = torch.linalg.solve(spread, away)
    log = torch.log(weight) - ((away * g).sum(1) + torch.logdet(spread) + x.shape[0] * math.log(2 * math.pi)) / 2
    p = torch.softmax(log, 0)
    lifted = mean + beta * torch.einsum("kij,kj->ki", covariance, g)
    return torch.logsumexp(log, 0), p @ lifted, -(p @ g)


def wide(quantity, variant, mixture, numbers, x):
    alpha, beta, alpha_rate, beta_rate, decay = numbers
    if variant == "distributions":
        score = torch.autograd.grad(by_distributions(mixture, alpha, beta, x), x, create_graph=True)[0]
        f = (x + alpha**2 * score) / beta
    else:
        _, f, score = by_softmax(mixture, alpha, beta, x)
        if variant == "softmax":
            score = -(x - beta * f) / alpha**2
    if quantity == "score":
        return score
    if quantity == "denoiser":
        return f
    if quantity == "noise":
        return (x - beta * f) / alpha if variant == "softmax" else -alpha * score
    if variant == "softmax":
        return (beta_rate - alpha_rate * beta / alpha) * f + alpha_rate / alpha * x
    return beta_rate * f - decay * score


def field(quantity, variant, schedule, mixture, case, dtype):
    dtype = {"float32": torch.float32, "float64": torch.float64}[dtype.__name__]
    mixture = tuple(torch.tensor(part, dtype=dtype) for part in mixture)
    x = torch.tensor(case["x"], dtype=dtype, requires_grad=True)
    numbers = path(schedule, case, variant == "careful", dtype)
    if quantity == "log-density":
        if variant == "distributions":
            return [by_distributions(mixture, *numbers[:2], x).item()]
        return [by_softmax(mixture, *numbers[:2], x)[0].item()]
    if quantity != "divergence":
        return wide(quantity, variant, mixture, numbers, x).detach().numpy()
    velocity = wide("velocity", variant, mixture, numbers, x)
    rows = [torch.autograd.grad(velocity[j], x, retain_graph=True)[0][j] for j in range(x.shape[0])]
    return [sum(rows).item()]
