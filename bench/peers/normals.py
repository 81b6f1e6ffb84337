"""As many standard normals in double as bench/normals.c makes, by NumPy's Generator on two bit generators and by
PyTorch, into memory that is there. Random numbers agree in their law alone: the moments are printed."""
import numpy as np

from driver import Arguments, torch_on_one_thread

ROWS, COLUMNS = 128, 8192


def main():
    arguments = Arguments(("pcg64", "philox", "torch"))
    generator = arguments.variant[0]
    out = np.zeros((ROWS, COLUMNS))
    if generator == "torch":
        torch = torch_on_one_thread()
        torch.manual_seed(1)
        tensor = torch.from_numpy(out)
        draw = tensor.normal_
    else:
        random = np.random.Generator({"pcg64": np.random.PCG64, "philox": np.random.Philox}[generator](1))
        draw = lambda: random.standard_normal(out=out)
    for _ in range(arguments.passes):
        draw()
    for power in range(1, 5):
        arguments.show(f"moment{power}", np.mean(out**power))


if __name__ == "__main__":
    main()
