"""What a driver prints at its tiny size, and mathematics to hold it against: exact rationals, 100 digits."""
import decimal
import pathlib
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

decimal.getcontext().prec = 100
FOLDER = pathlib.Path(sys.argv[1]).resolve()
UNIT = Fraction(1, 2**53)
MASK = 0xFFFFFFFF


def run(*words):
    done = subprocess.run([FOLDER / words[0], *words[1:]], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def tiny(*driver, passes=2):
    """name -> list of lists of words, one for each line of that name."""
    code, text = run(*driver, str(passes), "--tiny")
    if code:
        raise AssertionError(f"exit status {code}")
    out = {}
    for line in text.splitlines():
        name, *words = line.split()
        out.setdefault(name, []).append(words)
    return out


def exact(words):
    return [Fraction(float.fromhex(word)) for word in words]


def rows(numbers, width):
    return [numbers[i:i + width] for i in range(0, len(numbers), width)]


def within(got, truth, size, what):
    """Code worth the name has half of the digits."""
    require(abs(Decimal(to_decimal(got)) - truth) <= abs(size) / 2**26, f"{what}: {float(got)!r}")


def require(holds, what):
    if not holds:
        raise AssertionError(what)


def to_decimal(q):
    return Decimal(q.numerator) / Decimal(q.denominator)


def gamma(n):
    return n * UNIT / (1 - n * UNIT)


# ---- random numbers: Salmon et al., SC 2011, and the contract in assay/fast.h ----


def philox(counter, seed):
    c0, c1, c2, c3 = counter
    k0, k1 = seed & MASK, seed >> 32
    for _ in range(10):
        a, b = c0 * 0xD2511F53, c2 * 0xCD9E8D57
        c0, c1, c2, c3 = (b >> 32) ^ c1 ^ k0, b & MASK, (a >> 32) ^ c3 ^ k1, a & MASK
        k0, k1 = k0 + 0x9E3779B9 & MASK, k1 + 0xBB67AE85 & MASK
    return c1 << 32 | c0, c3 << 32 | c2


def pi():
    """Machin's formula."""
    def arctan_inverse(n):
        total, power, k = Decimal(0), Decimal(1) / n, 0
        while abs(power) > Decimal(10)**-95:
            total += power / (2 * k + 1) * (-1)**k
            power, k = power / (n * n), k + 1
        return total
    return 4 * (4 * arctan_inverse(5) - arctan_inverse(239))


PI = pi()


def cosine_and_sine(x):
    """Power series."""
    sums, term, n = [Decimal(0), Decimal(0)], Decimal(1), 0
    while n < 8 or abs(term) > Decimal(10)**-95:
        sums[n % 2] += term * (-1)**(n // 2)
        n += 1
        term = term * x / n
    return sums


def normal(seed, stream, row, column):
    a, b = philox((column // 2, row, 0, stream), seed)
    u, v = Decimal((a >> 11) + 1) / 2**53, Decimal(b >> 11) / 2**53
    return (-2 * u.ln()).sqrt() * cosine_and_sine(2 * PI * v)[column % 2]


def is_normal(got, seed, stream, row, column):
    """Within 2^-51 of it, relatively (assay/fast.h)."""
    value = normal(seed, stream, row, column)
    return abs(to_decimal(got) - value) <= abs(value) / 2**51


# ---- linear algebra in rationals ----


def solve(matrix, right):
    """The solution of `matrix` x = each column of `right` and the determinant."""
    a, n, determinant = [list(m) + list(r) for m, r in zip(matrix, right)], len(matrix), Fraction(1)
    for i in range(n):
        pivot = next(r for r in range(i, n) if a[r][i] != 0)
        if pivot != i:
            a[i], a[pivot], determinant = a[pivot], a[i], -determinant
        determinant *= a[i][i]
        a[i] = [entry / a[i][i] for entry in a[i]]
        for r in range(n):
            if r != i and a[r][i] != 0:
                a[r] = [p - a[r][i] * q for p, q in zip(a[r], a[i])]
    return [line[n:] for line in a], determinant


def dot(a, b):
    return sum(p * q for p, q in zip(a, b))


def column(vector):
    return [[entry] for entry in vector]


def flat(matrix):
    return [line[0] for line in matrix]


def product(a, b):
    return [[dot(line, other) for other in zip(*b)] for line in a]


def transposed(a):
    return [list(line) for line in zip(*a)]
