"""flow-dae: the fits of bench/train.c at its ten times by NumPy or PyTorch. Each draws normals by its own generator,
block of columns by block, and takes their products with the sums over samples; the label solution follows from these
(flow-dae section 2). x_1^i = s_i (1, ..., 1) + sigma z_i is not made: products of z give its own."""
import numpy as np

from driver import Arguments, torch_on_one_thread

SAMPLES, DIMENSION, BLOCK, TIMES, SIGMA, LAMBDA = 1024, 50000, 64, 10, 0.5, 0.25


def numpy_sums(draw, labels, d):
    """Over blocks of rows x_0^i and z_i: |x_0|^2, <x_0, z>, |z|^2 of all; x_0^i and z_i with S_0, S_z and (1, ..., 1),
    S_u = sum_i s_i u_i."""
    n = len(labels)
    squares, rows = np.zeros(3), np.zeros((2, n, 3))
    for first in range(0, d, BLOCK):
        x, z = draw(first, min(BLOCK, d - first))
        squares += np.vdot(x, x), np.vdot(x, z), np.vdot(z, z)
        with_these = np.stack([labels @ x, labels @ z, np.ones(x.shape[1])], axis=1)
        rows[0] += x @ with_these
        rows[1] += z @ with_these
    return squares, rows


def torch_sums(draw, labels, d):
    n = len(labels)
    squares, rows = np.zeros(3), torch.zeros((2, n, 3), dtype=torch.float64)
    labels = torch.from_numpy(labels)
    for first in range(0, d, BLOCK):
        x, z = draw(first, min(BLOCK, d - first))
        flat_x, flat_z = x.view(-1), z.view(-1)
        squares += [float(torch.dot(a, b)) for a, b in ((flat_x, flat_x), (flat_x, flat_z), (flat_z, flat_z))]
        with_these = torch.stack([torch.mv(x.T, labels), torch.mv(z.T, labels), x.new_ones(x.shape[1])], dim=1)
        rows[0].addmm_(x, with_these)
        rows[1].addmm_(z, with_these)
    return squares, rows.numpy()


def fits(squares, rows, labels, d, times):
    """c and the margins s_i <w, x_t^i>/d at each time, on the linear schedule."""
    n, (noise, z) = len(labels), rows
    weight = LAMBDA + n
    sums = labels @ noise, labels @ z                    # S_0 and S_z with S_0, S_z and 1
    one = labels[:, None] * [[sums[0][2], n * d + SIGMA * sums[1][2]]]  # s_i (1, ..., 1) with S_0 and S_1
    # rows x_0^i and x_1^i with S_0 and S_1 = n (1, ..., 1) + sigma S_z
    with_sums = np.stack([np.stack([part[:, 0], n * part[:, 2] + SIGMA * part[:, 1]], axis=1) for part in (noise, z)])
    with_sums[1] = one + SIGMA * with_sums[1]
    gram = labels @ with_sums                            # <S_u, S_v>
    inner = np.array([[squares[0], sums[0][2] + SIGMA * squares[1]],
                      [0, n * d + 2 * SIGMA * sums[1][2] + SIGMA**2 * squares[2]]])
    inner[1, 0] = inner[0, 1]
    for t in times:
        path, end = np.array([1 - t, t]), np.array([0, 1])
        c = (path @ inner @ end - path @ gram @ end / weight) / (path @ inner @ path - path @ gram @ path / weight)
        w = (end - c * path) / weight                    # in S_0 and S_1
        yield c, labels * (path @ (with_sums @ w)) / d


def drawn(library):
    """Blocks of n x columns normals, in memory that is used again."""
    memory = np.zeros((2, SAMPLES * BLOCK))
    if library == "numpy":
        random = np.random.default_rng(1)
        part = lambda u, columns: random.standard_normal(out=memory[u, :SAMPLES * columns].reshape(SAMPLES, columns))
    else:
        torch.manual_seed(1)
        tensors = torch.from_numpy(memory)
        part = lambda u, columns: tensors[u, :SAMPLES * columns].view(SAMPLES, columns).normal_()
    return lambda first, columns: (part(0, columns), part(1, columns))


def printed(arguments, library):
    """The same of our driver's data."""
    labels = arguments.printed["labels"][0]
    noise, data = (arguments.printed[name][0].reshape(len(labels), -1) for name in ("noise", "data"))
    z = (data - labels[:, None]) / SIGMA
    of = np.ascontiguousarray if library == "numpy" else lambda part: torch.from_numpy(part.copy())
    return labels, noise.shape[1], lambda first, columns: tuple(of(u[:, first:first + columns]) for u in (noise, z))


def main():
    global torch
    arguments = Arguments(("numpy", "torch"))
    library = arguments.variant[0]
    if library == "torch":
        torch = torch_on_one_thread()
    if arguments.tiny:
        labels, d, draw = printed(arguments, library)
    else:
        labels, d, draw = np.where(np.arange(SAMPLES) % 2, 1.0, -1.0), DIMENSION, drawn(library)
    sums = {"numpy": numpy_sums, "torch": torch_sums}[library]
    for _ in range(arguments.passes):
        found = list(fits(*sums(draw, labels, d), labels, d, np.arange(1, TIMES + 1) / 16))
    arguments.show("c", [c for c, _ in found])
    arguments.show("margin", [np.min(margins) for _, margins in found])


if __name__ == "__main__":
    main()
