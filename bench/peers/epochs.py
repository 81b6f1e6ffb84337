"""flow-dae: epochs of Adam as published, by PyTorch: autograd and torch.optim.Adam, full batch. f(x) = c x + w
sign<w, x>, loss sum_i |x_1^i - f(x_t^i)|^2/2, coupled weight decay 0.1 on w only, rate 0.04. kept: memory that is
released is kept for the next epoch; returned: malloc, left alone, gives it back each time, and most of an epoch goes
into the kernel. An epoch's time does not depend on the numbers: beyond --tiny a block of columns serves over and over."""
import ctypes

import numpy as np

from driver import Arguments, torch_on_one_thread

SAMPLES, DIMENSION, BLOCK, RATE, DECAY, SIGMA = 1024, 50000, 500, 0.04, 0.1, 0.5


def keep_memory():
    """mallopt of glibc's malloc.h: nothing by mmap, nothing given back."""
    mmap_max, trim_threshold = -4, -1
    mallopt = ctypes.CDLL(None).mallopt
    if not (mallopt(mmap_max, 0) and mallopt(trim_threshold, 2**31 - 1)):
        raise SystemExit("mallopt: refused")


def inputs(arguments, dtype):
    """x_t, x_1 and w's start."""
    if arguments.tiny:
        n, d = map(int, arguments.printed["shape"][0])
        noise, data = (arguments.printed[name][0].reshape(n, d) for name in ("noise", "data"))
        t, start, repeats = arguments.printed["time"][0][0], arguments.printed["start"][0], 1
    else:
        random = np.random.default_rng(1)
        noise, z, start = (random.standard_normal(shape) for shape in ((SAMPLES, BLOCK), (SAMPLES, BLOCK), DIMENSION))
        t, repeats = 0.5, DIMENSION // BLOCK
        data = np.where(np.arange(SAMPLES) % 2, 1.0, -1.0)[:, None] + SIGMA * z
    part = lambda array: torch.from_numpy(array).to(dtype)
    return part((1 - t) * noise + t * data).repeat(1, repeats), part(data).repeat(1, repeats), part(start)


def main():
    global torch
    arguments = Arguments(("float32", "float64"), ("kept", "returned"))
    if arguments.variant[1] == "kept":
        keep_memory()
    torch = torch_on_one_thread()
    dtype = {"float32": torch.float32, "float64": torch.float64}[arguments.variant[0]]
    x, target, start = inputs(arguments, dtype)
    w, c = start.clone().requires_grad_(), torch.ones((), dtype=dtype, requires_grad=True)
    adam = torch.optim.Adam([{"params": [w], "weight_decay": DECAY}, {"params": [c]}], lr=RATE)
    for _ in range(arguments.passes):
        adam.zero_grad()
        rest = torch.addr(torch.addcmul(target, c, x, value=-1), torch.sign(x @ w), w, alpha=-1)
        (rest.square().sum() / 2).backward()
        adam.step()
    arguments.show("c", c.detach())
    arguments.show("w", w.detach())


if __name__ == "__main__":
    main()
