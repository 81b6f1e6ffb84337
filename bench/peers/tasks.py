"""What is compared: a task, our drivers for it and the peers, each with its words. A program is one of build/bench, or a
script of this folder; a name of the goals is that of a side of ours or of (ours, peer)."""
from typing import NamedTuple

ISAS = ("sse2", "avx2", "avx512")


class Task(NamedTuple):
    name: str
    what: str
    ours: dict   # name -> words
    peers: dict  # name -> words
    goals: dict  # (ours, peer) -> times as fast at least; what we set out to reach
    check: str   # how peers are held against `shown` (checks.py)
    shown: tuple  # words of our driver that prints what they are held against
    passes: dict = {}  # name -> passes of its two runs, where the first ones cost more or one of them takes long


def field(kind, sizes, **more):
    peers = {"NumPy": "numpy", "PyTorch": "torch", "PyTorch, whole arrays": "plain"} | more
    return Task(f"field-{kind}", f"velocity, {sizes}; ours with a bound of its error, the peers by linear forms without",
                {"field": ("field", kind)}, {name: ("field.py", kind, word) for name, word in peers.items()},
                {("field", name): 10 for name in ("PyTorch", "PyTorch, whole arrays")}, "field", ("field", kind), {"PyTorch, score by autograd": (1, 3)})


def roundings(kind):
    return Task(f"roundings-{kind}", f"velocities at 1000 points rounded correctly, k = 8 {kind} components, d = 64",
                {"reference": ("peers/roundings", kind)}, {"MPFI alone": ("peers/roundings", f"{kind}-intervals")},
                {("reference", "MPFI alone"): 50}, "roundings", ("peers/roundings", kind))


def adam(times):
    """Lazy: all of the 6000 epochs that were published."""
    lazy = {f"lazy, t = {t}": ("peers/epochs", "lazy", f"percent={round(100 * float(t))}") for t in times}
    ours = lazy | {"plain, t = 0.5": ("peers/epochs", "plain", "percent=50")}
    peers = {f"PyTorch, {form}{manner}": ("epochs.py", form, word) for form in ("float32", "float64")
             for word, manner in (("kept", ""), ("returned", ", malloc left alone"))}
    goals = {(name, peer): 1000 if name in lazy else 100 for name in ours for peer in peers}
    return Task("adam", "flow-dae, an epoch of Adam as published, sign, n = 1024, d = 50000, without set-up; ours in "
                "double; lazy: mean of 6000 epochs", ours, peers, goals, "epochs", ("peers/epochs", "plain"),
                {name: (1, 6001) for name in lazy} | {"plain, t = 0.5": (20, 60)} |
                {name: (1, 3) if "malloc" in name else (2, 6) for name in peers})


TASKS = (
    Task("normals", "128 x 8192 standard normals in double",
         {isa: ("normals", f"isa={isa}") for isa in ISAS},
         {"NumPy, PCG64": ("normals.py", "pcg64"), "NumPy, Philox": ("normals.py", "philox"),
          "PyTorch": ("normals.py", "torch")},
         {(isa, "NumPy, PCG64"): goal for isa, goal in zip(ISAS, (1.5, 3, 6))}, "normals", ()),
    field("isotropic", "k = 16 isotropic components, d = 256, N = 20000",
          **{"PyTorch, score by autograd": "autograd", "scikit-learn (posterior)": "sklearn"}),
    field("diagonal", "k = 16 diagonal components, d = 256, N = 4000"),
    field("full", "k = 4 full covariances, d = 128, N = 4000, with their factorisation"),
    Task("dae-train", "flow-dae, the label solution at ten times, n = 1024, d = 50000, data drawn", {"train": ("train",)},
         {"NumPy": ("train.py", "numpy"), "PyTorch": ("train.py", "torch")}, {}, "train", ("train",),
         {"train": (1, 3), "NumPy": (1, 2), "PyTorch": (1, 2)}),
    adam(("0.02", "0.1", "0.5", "0.9", "0.98")),
    Task("enclosures", "velocity to 256 bits, k = 8 isotropic components, d = 64, N = 16; mpmath's is not certified",
         {"reference": ("reference",)}, {"mpmath": ("enclosures.py", "mpmath"), "Arb": ("peers/arb_field",)},
         {("reference", "mpmath"): 5}, "enclosures", ("peers/enclosures",)),
    roundings("isotropic"),
    roundings("diagonal"),
    Task("em", "an iteration of EM, k = 8 spherical components, 100000 x 5", {"em": ("peers/spherical",)},
         {"scikit-learn": ("spherical.py", "sklearn")}, {}, "spherical", ("peers/spherical",)),
)


def ours_of(task, isa):
    """Those sides that a machine with this instruction set has."""
    return {name: words for name, words in task.ours.items() if name not in ISAS[ISAS.index(isa) + 1:]}
