"""flow-dae in full vectors with plain NumPy: data, training and generation as include/assay describes them.

Nothing is shared with the library: the normals are made from Philox' definition, fits of a pattern by least squares on
the whole design matrix, tanh and erf by Newton's method with a numerical Hessian, Adam coordinate by coordinate, and
samples are moved by X <- X + dt b(X) with b = beta' f + alpha' e, e = (X - beta f)/alpha.
"""

import math

import numpy as np

NOISE, DATA, LABELS, START, WEIGHTS, FRESH = 0, 1, 2, 3, 4, 2**31


def philox(counter, seed):
    """Philox4x32-10 (Salmon et al., SC 2011): counter words and result are four arrays of 32-bit numbers."""
    mask, c = np.uint64(0xFFFFFFFF), [np.asarray(word, dtype=np.uint64) for word in counter]
    k0, k1 = seed & 0xFFFFFFFF, seed >> 32
    for _ in range(10):
        a, b = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        high_a, high_b = a >> np.uint64(32), b >> np.uint64(32)
        c = [high_b ^ c[1] ^ np.uint64(k0), b & mask, high_a ^ c[3] ^ np.uint64(k1), a & mask]
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c


def words(counter, seed):
    """The two 64-bit words of each block, without their low 11 bits."""
    out = philox(counter, seed)
    return [((out[2 * k + 1] << np.uint64(32)) | out[2 * k]) >> np.uint64(11) for k in range(2)]


def normals(seed, stream, rows, columns):
    row, pair = np.meshgrid(np.arange(rows), np.arange((columns + 1) // 2), indexing="ij")
    a, b = words((pair, row, np.zeros_like(row), np.full_like(row, stream)), seed)
    radius = np.sqrt(-2 * np.log((a.astype(float) + 1) * 2.0**-53))
    angle = 2 * np.pi * (b.astype(float) * 2.0**-53)
    pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    return pairs.reshape(rows, -1)[:, :columns]


def activation(name, x):
    """phi and its derivative."""
    if name == "sign":
        return np.sign(x), np.zeros_like(x)
    if name == "tanh":
        return np.tanh(x), 1 / np.cosh(x)**2
    return np.array([math.erf(value) for value in x]), 2 / math.sqrt(math.pi) * np.exp(-x**2)


class Learner:
    """The fits of one command line; options as on it, with their defaults."""

    def __init__(self, samples, dimension, sigma, penalty, seed=1, schedule="linear", phi="sign", solver="exact",
                 start="labels", fresh=False, skip=True, epochs=6000, rate=0.04):
        self.n, self.d, self.sigma, self.penalty, self.seed = samples, dimension, sigma, penalty, seed
        self.schedule, self.phi, self.solver, self.start = schedule, phi, solver, start
        self.fresh, self.skip, self.epochs, self.rate = fresh, skip, epochs, rate
        coins = words((np.zeros(samples), np.arange(samples), np.zeros(samples), np.full(samples, LABELS)), seed)[0]
        self.labels = np.where(coins.astype(float) * 2.0**-53 < 0.5, 1.0, -1.0)
        self.mu = np.ones(dimension)
        self.x1 = np.outer(self.labels, self.mu) + sigma * normals(seed, DATA, samples, dimension)

    def x0(self, draw):
        return normals(self.seed, FRESH + draw if self.fresh else NOISE, self.n, self.d)

    def path(self, t):
        """alpha, beta and their derivatives."""
        if self.schedule == "linear":
            return 1 - t, t, -1.0, 1.0
        a, b = (0.0, 1.0) if t == 1 else (math.cos(math.pi * t / 2), math.sin(math.pi * t / 2))
        return a, b, -math.pi / 2 * b, math.pi / 2 * a

    def at(self, t, draw):
        alpha, beta, _, _ = self.path(t)
        return alpha * self.x0(draw) + beta * self.x1

    # ---- loss ----

    def loss(self, c, w, xt):
        p = activation(self.phi, xt @ w / math.sqrt(self.d))[0]
        return np.sum((self.x1 - c * xt - np.outer(p, w))**2) + self.penalty * w @ w

    def gradient(self, c, w, xt):
        """In (c, w), of loss/2."""
        p, slope = activation(self.phi, xt @ w / math.sqrt(self.d))
        rest = self.x1 - c * xt - np.outer(p, w)
        in_w = self.penalty * w - rest.T @ p - xt.T @ (slope * (rest @ w)) / math.sqrt(self.d)
        return np.concatenate([[-np.sum(rest * xt) if self.skip else 0], in_w])

    # ---- solvers ----

    def fit_pattern(self, pattern, xt):
        """Least squares in (c, w) on n d residuals and d more for the penalty."""
        n, d = self.n, self.d
        design = np.zeros((n * d + d, 1 + d))
        for i in range(n):
            design[i * d:(i + 1) * d, 0] = xt[i] if self.skip else 0
            design[i * d:(i + 1) * d, 1:] = pattern[i] * np.eye(d)
        design[n * d:, 1:] = math.sqrt(self.penalty) * np.eye(d)
        target = np.concatenate([self.x1.ravel(), np.zeros(d)])
        if self.skip:
            solution = np.linalg.lstsq(design, target, rcond=None)[0]
            return solution[0], solution[1:]
        return 0.0, np.linalg.lstsq(design[:, 1:], target, rcond=None)[0]

    def alternate(self, pattern, xt):
        before = None
        for _ in range(1000):
            c, w = self.fit_pattern(pattern, xt)
            after = np.sign(xt @ w)
            if np.array_equal(after, pattern) or (before is not None and np.array_equal(after, before)):
                break
            before, pattern = pattern, after
        return c, w

    def newton(self, c, w, xt):
        z, size = np.concatenate([[c], w]), 1 + self.d
        free = slice(0 if self.skip else 1, size)

        def slope(at):
            return self.gradient(at[0], at[1:], xt)[free]
        for _ in range(200):
            g = slope(z)
            if np.linalg.norm(g) < 1e-12:
                return z[0], z[1:]
            step = 1e-5
            hessian = np.array([(slope(z + step * e) - slope(z - step * e)) / (2 * step)
                                for e in np.eye(size)[free]])
            values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
            move = -vectors @ ((vectors.T @ g) / np.maximum(np.abs(values), 1e-3))
            now, length = self.loss(z[0], z[1:], xt), 1.0
            while length > 1e-6:
                next_z = z.copy()
                next_z[free] += length * move
                if self.loss(next_z[0], next_z[1:], xt) <= now + 1e-13 * abs(now):
                    break
                length /= 2
            z = next_z
        raise AssertionError("Newton's method did not settle")

    def adam(self, c, w, xt):
        z = np.concatenate([[c if self.skip else 0.0], w])
        first, second = np.zeros_like(z), np.zeros_like(z)
        for k in range(1, self.epochs + 1):
            g = self.gradient(z[0], z[1:], xt)
            first, second = 0.9 * first + 0.1 * g, 0.999 * second + 0.001 * g**2
            z = z - self.rate * (first / (1 - 0.9**k)) / (np.sqrt(second / (1 - 0.999**k)) + 1e-8)
        return z[0], z[1:]

    # ---- training ----

    def begin(self, draw, xt, last):
        """Where the solver starts: c and w."""
        if self.start == "random":
            w = normals(self.seed, WEIGHTS, draw + 1, self.d)[draw]
            if self.solver == "adam":
                return 1.0, w
            shown = np.outer(activation(self.phi, xt @ w / math.sqrt(self.d))[0], w)
            return (np.sum((self.x1 - shown) * xt) / np.sum(xt * xt) if self.skip else 0.0), w
        if self.start == "previous" and last is not None:
            return last
        return self.fit_pattern(self.labels, xt)

    def train(self, times):
        """(c, w) at each."""
        fits, last = [], None
        for draw, t in enumerate(times):
            xt = self.at(t, draw)
            c, w = self.begin(draw, xt, last)
            if self.solver == "adam":
                c, w = self.adam(c, w, xt)
            elif self.phi != "sign":
                c, w = self.newton(c, w, xt)
            elif self.start != "labels":
                c, w = self.alternate(np.sign(xt @ w) if last is not None or self.start == "random" else self.labels,
                                      xt)
            right = self.labels * (xt @ w)
            exempt = self.solver == "exact" and self.phi == "sign" and self.start == "labels"
            if not exempt and np.sum(right < 0) > np.sum(right > 0):
                w = -w
            last = (c, w)
            fits.append(last)
        return fits

    # ---- what is said of a fit ----

    def directions(self, draw):
        xi = self.labels @ self.x0(draw) / self.n
        eta = (self.labels @ self.x1 / self.n - self.mu) / self.sigma
        return np.array([self.mu, xi, eta])

    def report(self, t, draw, c, w):
        xt, directions = self.at(t, draw), self.directions(draw)
        at = np.linalg.lstsq(directions.T, w, rcond=None)[0]
        gradient = 2 * self.gradient(c, w, xt)
        solution = self.fit_pattern(self.labels, xt)[1]
        size = np.linalg.norm(solution)
        return {"c": c, "w_mu": at[0], "w_xi": at[1], "w_eta": at[2],
                "w_rest": np.linalg.norm(w - at @ directions) / math.sqrt(self.d), "loss": self.loss(c, w, xt) / self.d,
                "gradient_norm": np.linalg.norm(gradient) / self.d,
                "label_distance": np.linalg.norm(w - solution) / size,
                "wrong_labels": int(np.sum(self.labels * (xt @ w) <= 0))}

    # ---- generation ----

    def generate(self, fits, count, published=False):
        """X at the end of the flow along fits at j/K, and the numbers of dae generate."""
        steps = len(fits)
        times, dt = [j / steps for j in range(steps)], 1 / (steps + published)
        start = normals(self.seed, START, count, self.d)
        x, perp, scale, added, signs, changed = start.copy(), 1.0, math.sqrt(self.d), 0, None, np.zeros(count, bool)
        for t, (c, w) in zip(times, fits, strict=True):
            alpha, beta, alpha_slope, beta_slope = self.path(t)
            overlap = x @ w / scale
            p = activation(self.phi, overlap)[0]
            signs = np.sign(overlap) if signs is None else signs
            changed |= np.sign(overlap) != signs
            f = c * x + np.outer(p, w)
            x = x + dt * (beta_slope * f + alpha_slope * (x - beta * f) / alpha)
            grow = 1 + dt * (beta_slope * c + alpha_slope * (1 - beta * c) / alpha)
            perp *= grow
            added = grow * added + dt * (beta_slope - alpha_slope * beta / alpha) * np.mean(signs * p) * w
        return x, self.measure(x, start, perp, added, signs, changed)

    def measure(self, x, start, perp, added, signs, changed):
        """The mean's part in the span of mu, xi and eta (fresh noise: mu and eta), and what w's add outside of it."""
        basis = self.directions(0)[[0, 2] if self.fresh else [0, 1, 2]]
        inside = basis.T @ np.linalg.pinv(basis.T)
        mean = (signs[:, None] * x).mean(axis=0)
        at = np.linalg.lstsq(basis.T, mean, rcond=None)[0]
        rest = added - inside @ added
        center = inside @ mean + rest
        outside = start - start @ inside
        scale = np.sum(outside**2) / (len(x) * (self.d - len(basis)))
        xi = math.sqrt(self.n / self.d) * np.linalg.norm(rest) if self.fresh else at[1]
        return {"mse": np.sum((center - self.mu)**2) / self.d,
                "cosine": center @ self.mu / np.linalg.norm(center) / math.sqrt(self.d),
                "cluster_variance": np.sum((signs[:, None] * x - center)**2) / x.size, "flow_mu": at[0], "flow_xi": xi,
                "flow_eta": at[-1], "flow_perp": abs(perp) * math.sqrt(scale), "sign_changes": int(np.sum(changed))}
