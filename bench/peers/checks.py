"""Do the peers compute what our drivers do? Each check asks for what programs print; it raises Differs.

Where both work in double, numbers agree to 1e-9: thousands of times the rounding of either, far less than any other
formula, size or seed would differ by."""
import math
from fractions import Fraction

TOLERANCE = 1e-9


class Differs(Exception):
    pass


def require(holds, what):
    if not holds:
        raise Differs(what)


def lines_of(text):
    out = {}
    for line in text.splitlines():
        name, *words = line.split()
        out.setdefault(name, []).append(words)
    return out


def doubles(printed, name):
    return [float.fromhex(word) for words in printed.get(name, ()) for word in words]


def agree(ours, theirs, name, tolerance=TOLERANCE):
    a, b = doubles(ours, name), doubles(theirs, name)
    require(len(a) == len(b) > 0, f"{name}: {len(b)} numbers; {len(a)} are expected")
    scale = max(map(abs, a))
    for i, (p, q) in enumerate(zip(a, b)):
        require(abs(p - q) <= tolerance * scale, f"{name} {i}: {q!r}; {p!r} is expected")


# ---- one for each task: ask(words, passes, given) is the output of a program; given: None, or its --tiny input ----


def tiny(ask, shown, peer):
    given = ask(shown, "2", "--tiny")
    return lines_of(given), lines_of(ask(peer, "2", "--tiny", given=given))


def field(ask, shown, peer):
    """Every velocity at the tiny size, and their sum at the whole."""
    agree(*tiny(ask, shown, peer), "velocity")
    agree(lines_of(ask(shown, "1")), lines_of(ask(peer, "1")), "velocity")


def normals(ask, _, peer):
    """Four moments of 2^20 numbers, within six of their standard deviations."""
    printed = lines_of(ask(peer, "1"))
    for power, moment, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        got, = doubles(printed, f"moment{power}")
        require(abs(got - moment) <= 6 * math.sqrt(variance / 2**20), f"moment {power}: {got}")


def train(ask, shown, peer):
    """c, and from our data and the peer's c its margins; c at the whole size, of other data, by its spread: relative
    fluctuations of sums of n d products are some 1e-4."""
    ours, theirs = tiny(ask, shown, peer)
    agree(ours, theirs, "c")
    n, d = (int(v) for v in doubles(ours, "shape"))
    noise, data = ([doubles(ours, name)[i * d:i * d + d] for i in range(n)] for name in ("noise", "data"))
    labels, least = doubles(ours, "labels"), []
    for t, c in zip(doubles(ours, "time"), doubles(ours, "c")):
        x = [[(1 - t) * p + t * q for p, q in zip(*rows)] for rows in zip(noise, data)]
        w = [sum(s * (q[j] - c * p[j]) for s, p, q in zip(labels, x, data)) / (n + 0.25) for j in range(d)]
        least.append(min(s * sum(p * q for p, q in zip(row, w)) / d for s, row in zip(labels, x)))
    agree({"margin": [[v.hex() for v in least]]}, theirs, "margin")
    agree(lines_of(ask(shown, "1")), lines_of(ask(peer, "1")), "c", 1e-3)


def epochs(ask, shown, peer):
    """After two epochs, to as many digits as the format has."""
    for name in ("c", "w"):
        agree(*tiny(ask, shown, peer), name, 1e-5 if "float32" in peer else TOLERANCE)


def spherical(ask, shown, peer):
    ours, theirs = tiny(ask, shown, peer)
    for name in ("weight", "mean", "variance"):
        agree(ours, theirs, name)


def roundings(ask, shown, peer):
    """The same report to the last bit."""
    ours, theirs = ask(shown, "1"), ask(peer, "1")
    require(ours == theirs and "report" in ours, f"{theirs}; expected:\n{ours}")


def exact(word):
    """A number as C's %a has it, of any length, the binary exponent in decimals."""
    mantissa, exponent = word.replace("0x", "").split("p")
    whole, _, digits = mantissa.partition(".")
    return int(whole + digits, 16) * Fraction(2)**(int(exponent) - 4 * len(digits))


def enclosures(ask, shown, peer):
    """To 256 bits at the whole size: theirs is no wider, and meets ours or is as near."""
    ours, theirs = ([tuple(map(exact, words)) for words in lines_of(ask(command, "1"))["enclosure"]]
                    for command in (shown, peer))
    require(len(ours) == len(theirs) > 0, f"{len(theirs)} numbers; {len(ours)} are expected")
    for i, ((low, high), (least, most)) in enumerate(zip(ours, theirs)):
        size = max(abs(low), abs(high)) / 2**256
        require(most - least <= size and max(low, least) - min(high, most) <= size,
                f"number {i}: {float(least)!r}; {float(low)!r} is expected")
