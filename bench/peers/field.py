"""The velocities of bench/field.c, from the mixture to the last point, in double and by linear forms: matrix products
for the log weights, softmax, matrix products back. A block of rows stays in the processor's cache, and the results'
memory is used again: whole arrays take longer. No bounds of errors; ours come with them.

plain: the same forms by PyTorch on whole arrays, with new memory at each step, as one writes them. autograd
(isotropic): the score as the gradient of the log-density of torch.distributions, as it is often written; then
b = 2 x + score. sklearn (isotropic): p_k by GaussianMixture.predict_proba, the rest by NumPy."""
import numpy as np

from driver import Arguments, torch_on_one_thread
from mixtures import forms_of, mixture_of

KINDS = ("isotropic", "diagonal", "full")
BLOCKS = {"numpy": (1000, 1000, 500), "torch": (1000, 1000, 500), "sklearn": (1000,), "autograd": (25,),
          "plain": (0, 0, 0)}  # of KINDS


def blocks(points, size):
    return (slice(first, first + size) for first in range(0, points, size))


# ---- NumPy ----


def softmax(log):
    log -= log.max(1, keepdims=True)
    np.exp(log, out=log)
    log /= log.sum(1, keepdims=True)
    return log


def numpy_back(kind, out, x, p, forms):
    """2 x - sum p_k g_k, isotropic and diagonal."""
    pull = p @ forms.precision if kind == "diagonal" else (p @ forms.precision)[:, None]
    np.multiply(x, np.subtract(2, pull), out=out)
    out += p @ forms.slope


def numpy_field(kind, out, mixture, size):
    forms = forms_of(kind, mixture)
    half = -forms.precision / 2
    k, d = forms.slope.shape
    stacked = np.concatenate(forms.precision, axis=1) if kind == "full" else None
    for rows in blocks(len(mixture.points), size):
        x = mixture.points[rows]
        log = x @ forms.slope.T
        if kind == "full":
            g = (x @ stacked).reshape(-1, k, d)
            log -= np.einsum("ij,ikj->ik", x, g) / 2
            p = softmax(np.add(log, forms.constant, out=log))
            np.multiply(x, 2, out=out[rows])
            out[rows] += p @ forms.slope
            out[rows] -= np.matmul(p[:, None], g)[:, 0]
            continue
        log += np.square(x) @ half.T if kind == "diagonal" else np.multiply.outer(np.einsum("ij,ij->i", x, x), half)
        numpy_back(kind, out[rows], x, softmax(np.add(log, forms.constant, out=log)), forms)


# ---- PyTorch ----


def torch_field(kind, out, mixture, size):
    forms = forms_of(kind, mixture)
    constant, slope, precision = map(torch.from_numpy, forms)
    half = -precision / 2
    k, d = slope.shape
    stacked = torch.cat(tuple(precision), 1) if kind == "full" else None
    for rows in blocks(len(mixture.points), size):
        x, to = mixture.points[rows], out[rows]
        log = torch.addmm(constant, x, slope.T)
        if kind == "full":
            g = torch.mm(x, stacked).view(-1, k, d)
            p = torch.softmax(log.sub_((g * x[:, None]).sum(2), alpha=0.5), 1)
            torch.mul(x, 2, out=to)
            to.addmm_(p, slope)
            for i in range(k):
                to.addcmul_(g[:, i], p[:, i, None], value=-1)
            continue
        if kind == "diagonal":
            log.addmm_(x * x, half.T)
        else:
            log.addcmul_((x * x).sum(1)[:, None], half)
        p = torch.softmax(log, 1)
        pull = torch.mm(p, precision) if kind == "diagonal" else torch.mv(p, precision)[:, None]
        torch.mul(x, pull.neg_().add_(2), out=to)
        to.addmm_(p, slope)


def plain_field(kind, out, mixture, _):
    constant, slope, precision = map(torch.from_numpy, forms_of(kind, mixture))
    x = mixture.points
    log = constant + x @ slope.T
    if kind == "full":
        g = torch.einsum("kij,nj->nki", precision, x)
        p = torch.softmax(log - (g * x[:, None]).sum(2) / 2, 1)
        pull = (p[:, :, None] * g).sum(1)
    elif kind == "diagonal":
        p = torch.softmax(log - x**2 @ precision.T / 2, 1)
        pull = (p @ precision) * x
    else:
        p = torch.softmax(log - (x**2).sum(1)[:, None] * precision / 2, 1)
        pull = (p @ precision)[:, None] * x
    torch.add(2 * x - pull, p @ slope, out=out)


def autograd_field(_, out, mixture, size):
    weight, mean, variance = (torch.from_numpy(part) for part in mixture[:3])
    normal = torch.distributions.Normal(mean / 2, torch.sqrt(variance)[:, None].expand_as(mean))
    density = torch.distributions.MixtureSameFamily(torch.distributions.Categorical(weight),
                                                    torch.distributions.Independent(normal, 1))
    for rows in blocks(len(mixture.points), size):
        x = mixture.points[rows].detach().requires_grad_()
        score = torch.autograd.grad(density.log_prob(x).sum(), x)[0]
        torch.add(score, x.detach(), alpha=2, out=out[rows])


# ---- scikit-learn ----


def sklearn_field(kind, out, mixture, size):
    from sklearn.mixture import GaussianMixture
    model, forms = GaussianMixture(len(mixture.weight), covariance_type="spherical"), forms_of(kind, mixture)
    model.weights_, model.means_, model.covariances_ = mixture.weight, mixture.mean / 2, mixture.variance
    model.precisions_cholesky_ = 1 / np.sqrt(mixture.variance)
    for rows in blocks(len(mixture.points), size):
        x = mixture.points[rows]
        numpy_back(kind, out[rows], x, model.predict_proba(x), forms)


def main():
    global torch
    arguments = Arguments(KINDS, tuple(BLOCKS))
    kind, library = arguments.variant
    if KINDS.index(kind) >= len(BLOCKS[library]):
        raise SystemExit(f"{library}: isotropic alone")
    mixture = mixture_of(kind, arguments)
    result = out = np.zeros_like(mixture.points)
    size = BLOCKS[library][KINDS.index(kind)]
    if library in ("torch", "plain", "autograd"):
        torch = torch_on_one_thread()
        torch.set_grad_enabled(library == "autograd")
        mixture, result = mixture._replace(points=torch.from_numpy(mixture.points)), torch.from_numpy(out)
    of = {"numpy": numpy_field, "torch": torch_field, "plain": plain_field, "sklearn": sklearn_field,
          "autograd": autograd_field}[library]
    for _ in range(arguments.passes):
        of(kind, result, mixture, size)
    arguments.show("velocity", out)


if __name__ == "__main__":
    main()
