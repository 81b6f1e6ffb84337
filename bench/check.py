"""Runs every driver once at its tiny size and checks what it prints, by formulas of other form, in exact rationals or 60
digits.

usage: check.py DRIVERS
"""
import decimal
import math
import pathlib
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

from benchmarks import BENCHMARKS, PROGRAMS

decimal.getcontext().prec = 100
FOLDER = pathlib.Path(sys.argv[1]).resolve()
UNIT = Fraction(1, 2**53)
MASK = 0xFFFFFFFF
SEED = 0x0123456789ABCDEF


def run(*words):
    done = subprocess.run([FOLDER / words[0], *words[1:]], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def tiny(*driver):
    """name -> list of lists of words, one for each line of that name."""
    code, text = run(*driver, "2", "--tiny")
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


def check_normals():
    numbers = rows(exact(tiny("normals")["normals"][0]), 71)
    require(len(numbers) == 3, "3 rows are expected")
    for row, line in enumerate(numbers):
        for column, got in enumerate(line):
            require(is_normal(got, SEED, 7, row, column), f"normal ({row}, {column}): {float(got).hex()}")


def check_bits():
    """Every row's numbers, in whatever order."""
    words = rows([int(word, 16) for word in tiny("bits")["bits"][0]], 80)
    require(len(words) == 3, "3 rows are expected")
    for row, line in enumerate(words):
        expected = [word for pair in range(40) for word in philox((pair, row, 0, 7), SEED)]
        require(sorted(line) == sorted(expected), f"row {row}")


def check_draws():
    """The last row and column of noise and data: streams 0 and 1 of seed 1."""
    for stream, got in enumerate(exact(tiny("draws")["last"][0])):
        require(is_normal(got, 1, stream, 4, 6), f"stream {stream}: {float(got).hex()}")


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


def velocities(problem):
    """At alpha = beta = 1/2 on the linear schedule, b = f - (x - beta f)/alpha = 2 f - 2 x, f by Bayes' rule: given
    component and x, x_1 has precision P = S^-1 + I and mean P^-1 (S^-1 m + 2 x), as x/beta = 2 x has unit noise; and
    p(x | component) ~ exp((h' P^-1 h - m' S^-1 m)/2)/sqrt(det S det P), h = S^-1 m + 2 x."""
    d = int(exact(problem["dimension"][0])[0])
    components = []
    for weight, mean, covariance in zip(problem["weight"], problem["mean"], problem["covariance"]):
        w, m = exact(weight)[0], exact(mean)
        identity = [[Fraction(i == j) for j in range(d)] for i in range(d)]
        inverse, det_s = solve(rows(exact(covariance), d), identity)
        precision = [[inverse[i][j] + (i == j) for j in range(d)] for i in range(d)]
        components.append((w, m, [dot(line, m) for line in inverse], precision, det_s))
    for x in rows(exact(problem["points"][0]), d):
        logs, means = [], []
        for w, m, lifted, precision, det_s in components:
            h = [a + 2 * b for a, b in zip(lifted, x)]
            solved, det_p = solve(precision, column(h))
            means.append(flat(solved))
            logs.append(to_decimal(w).ln() + to_decimal(dot(h, means[-1]) - dot(m, lifted)) / 2
                        - to_decimal(det_s * det_p).ln() / 2)
        shares = [(log - max(logs)).exp() for log in logs]
        total = sum(shares)
        yield [2 * sum(s * to_decimal(mean[j]) for s, mean in zip(shares, means)) / total - 2 * to_decimal(x[j])
               for j in range(d)]


def check_field(variant):
    printed = tiny("field", variant)
    d, bounds = int(exact(printed["dimension"][0])[0]), exact(printed["bound"][0])
    got = rows(exact(printed["velocity"][0]), d)
    expected = list(velocities(printed))
    require(len(got) == len(expected) == len(bounds) == 4, "4 points are expected")
    off = any(c[i * d + j] for c in map(exact, printed["covariance"]) for i in range(d) for j in range(d) if i != j)
    spread = any(c[i * d + i] != c[0] for c in map(exact, printed["covariance"]) for i in range(d))
    require((off, spread) == {"diagonal": (False, True), "full": (True, True)}.get(variant, (False, False)),
            "covariances of another kind")
    for i, (point, truth, bound) in enumerate(zip(got, expected, bounds)):
        # A bound worth the name leaves half of the digits.
        require(bound <= max(map(abs, point)) / 2**26, f"bound of point {i}: {float(bound):.3g}")
        for j in range(d):
            require(abs(to_decimal(point[j]) - truth[j]) <= to_decimal(bound), f"velocity ({i}, {j}): {float(point[j])!r}")


def check_reference():
    """low and high are the enclosure's ends, rounded outward to double; width its width, to 64 bits upward."""
    printed = tiny("reference")
    d = int(exact(printed["dimension"][0])[0])
    low, high, width = (rows(exact(printed[name][0]), d) for name in ("low", "high", "width"))
    expected = list(velocities(printed))
    require(len(low) == len(expected) == 2, "2 points are expected")
    for i, truth in enumerate(expected):
        for j in range(d):
            require(to_decimal(low[i][j]) <= truth[j] <= to_decimal(high[i][j]), f"enclosure ({i}, {j})")
            require(0 < to_decimal(width[i][j]) <= abs(truth[j]) / 2**256, f"width ({i}, {j})")


def check_multiplications():
    """Of 120, the last of each operand; 293 bits and a rounding to double are one rounding to double."""
    printed = tiny("multiplications")
    start, got = exact(printed["start"][0]), exact(printed["products"][0])
    require(len(start) == len(got) == 64, "64 products are expected")
    for i in range(64):
        last = i + 64 if i + 64 < 120 else i
        square = (2 + start[i]) * (2 + start[(last // 64 + last) % 64])
        require(float(got[i]) == float(to_decimal(square).sqrt()), f"product {i}")


def product(a, b):
    return [[dot(line, other) for other in zip(*b)] for line in a]


def transposed(a):
    return [list(line) for line in zip(*a)]


def check_products(variant):
    """Within gamma of the exact products of what is printed, for each of the two products in a row."""
    printed = tiny("products", variant)
    count, d, pairs = (int(q) for q in exact(printed["shape"][0]))
    require(pairs == {"isotropic": 1, "diagonal": 2, "full": 0}[variant], "another number of products")
    x, got = rows(exact(printed["x"][0]), d), rows(exact(printed["out"][0]), d)
    last = rows(exact(printed["a"][0]), d)[-(count if pairs else d):]
    first = transposed(last)
    second, inner = (last, count) if pairs else (first, d)
    size = lambda m: [[abs(entry) for entry in line] for line in m]
    truth, sizes = product(product(x, first), second), product(product(size(x), size(first)), size(second))
    lost = (1 + gamma(d)) * (1 + gamma(inner)) - 1
    require(len(got) == len(x) == 4, "4 rows are expected")
    for i in range(4):
        for j in range(d):
            require(abs(got[i][j] - truth[i][j]) <= lost * sizes[i][j], f"product ({i}, {j})")


def check_train():
    """(c, w) solves the normal equations of sum_i |x_1^i - c x_t^i - s_i w|^2 + lambda |w|^2 in d + 1 unknowns."""
    printed = tiny("train")
    n, d = (int(q) for q in exact(printed["shape"][0]))
    noise, data = (rows(exact(printed[name][0]), d) for name in ("noise", "data"))
    labels, weight = exact(printed["labels"][0]), n + Fraction(1, 4)
    require(len(printed["time"][0]) == 10 and {abs(s) for s in labels} == {1}, "10 times, labels 1 and -1")
    for t, c, error in zip(*(exact(printed[name][0]) for name in ("time", "c", "error"))):
        x = [[(1 - t) * p + t * q for p, q in zip(*lines)] for lines in zip(noise, data)]
        s_t, s_1 = ([dot(labels, side) for side in zip(*lines)] for lines in (x, data))
        matrix = [[sum(dot(line, line) for line in x), *s_t]]
        matrix += [[s_t[j], *(weight * (i == j) for i in range(d))] for j in range(d)]
        right = column([sum(dot(*lines) for lines in zip(x, data)), *s_1])
        truth = flat(solve(matrix, right)[0])[0]
        require(0 < error <= abs(truth) / 2**26 and abs(c - truth) <= error, f"c at t = {float(t)}: {float(c)!r}")


def check_gram(driver):
    """In whatever order d products are added up and scaled: d + 1 roundings of each, and one of 1/d."""
    printed = tiny(driver)
    left, right, d = (int(q) for q in exact(printed["shape"][0]))
    x, y, out = rows(exact(printed["x"][0]), d), rows(exact(printed["y"][0]), d), rows(exact(printed["out"][0]), right)
    require((len(x), len(y), len(out), d) == (left, right, left, 7), "another shape")
    for i in range(left):
        for j in range(right):
            size = dot(map(abs, x[i]), map(abs, y[j])) / d
            require(abs(out[i][j] - dot(x[i], y[j]) / d) <= gamma(d + 2) * size, f"product ({i}, {j})")


def check_judge():
    """Errors as of assay/check.h, within 2^-25 of those of the exact velocities; of 20, the median is the 10th."""
    printed = tiny("judge")
    entries, nonfinite, largest, median = exact(printed["report"][0])
    truth = [entry for point in velocities(printed) for entry in point]
    errors = sorted(abs(to_decimal(got) - t) / to_decimal(Fraction(math.ulp(float(t))))
                    for got, t in zip(exact(printed["velocity"][0]), truth))
    require((entries, nonfinite, len(truth)) == (20, 0, 20), "20 entries are expected")
    for name, got, expected in (("largest", largest, errors[-1]), ("median", median, errors[9])):
        require(abs(to_decimal(got) - expected) <= Decimal(2)**-25, f"{name} error: {float(got)!r}, {expected:.9}")


def cut(y, centre, reach2):
    """y moved towards the centre where it is farther than the root of reach2."""
    offset = [p - c for p, c in zip(y, centre)]
    if dot(offset, offset) <= reach2:
        return y
    scale = Fraction(to_decimal(reach2 / dot(offset, offset)).sqrt())
    return [c + scale * p for c, p in zip(centre, offset)]


def check_gmm_learn():
    """The first level's map is the least squares line of x - xi/sqrt(tau) on x + sqrt(tau) xi, cut as assay/gmm_fast.h
    says: solved in the plain monomials 1, y_1, y_2, about 0. A fit worth the name has half of the digits."""
    printed = tiny("gmm_learn")
    x, got = rows(exact(printed["samples"][0]), 2), rows(exact(printed["mean"][0]), 2)
    (degree,), (tau,), (clip,), centre = (exact(printed[name][0]) for name in ("degree", "tau", "clip", "centre"))
    require((len(x), len(got), degree, tau) == (60, 60, 1, 64), "60 samples, degree 1, tau = 64")
    noise = [[Fraction(normal(1, 0x1000, i, j)) for j in range(2)] for i in range(60)]
    reach2 = clip**2 * (1 + tau)
    y = [[1, *cut([p + 8 * q for p, q in zip(*lines)], centre, reach2)] for lines in zip(x, noise)]
    target = [[p - q / 8 for p, q in zip(*lines)] for lines in zip(x, noise)]
    coefficients, _ = solve(product(transposed(y), y), product(transposed(y), target))
    truth = product([[1, *cut(line, centre, reach2)] for line in x], coefficients)
    largest = max(abs(entry) for line in truth for entry in line)
    for i in range(60):
        for j in range(2):
            require(abs(got[i][j] - truth[i][j]) <= largest / 2**26, f"mean ({i}, {j}): {float(got[i][j])!r}")


def check_gmm_products():
    """13 blocks of 60, 780 products in whatever order; of P P' the lower triangle."""
    printed = tiny("gmm_products")
    p, n, block = (int(q) for q in exact(printed["shape"][0]))
    features, targets = (rows(exact(printed[name][0]), block) for name in ("features", "targets"))
    gram, right = rows(exact(printed["gram"][0]), p), rows(exact(printed["right"][0]), n)
    require((p, n, block) == (3, 2, 60), "another shape")
    for i in range(p):
        pairs = [(gram[i][j], features[j]) for j in range(i + 1)] + [(right[i][j], targets[j]) for j in range(n)]
        for k, (got, other) in enumerate(pairs):
            size = 13 * dot(map(abs, features[i]), map(abs, other))
            require(abs(got - 13 * dot(features[i], other)) <= gamma(780) * size, f"product ({i}, {k})")


FIELDS = ("isotropic", "diagonal", "full")
CHECKS = {
    ("normals",): check_normals, ("bits",): check_bits, ("draws",): check_draws, ("train",): check_train,
    ("reference",): check_reference, ("multiplications",): check_multiplications, ("judge",): check_judge,
    ("gmm_learn",): check_gmm_learn, ("gmm_products",): check_gmm_products,
    **{(name,): lambda name=name: check_gram(name) for name in ("gram", "gram_product")},
    **{("field", v): lambda v=v: check_field(v) for v in FIELDS},
    **{("products", v): lambda v=v: check_products(v) for v in FIELDS},
}


def check_arguments(driver):
    for words in ((), ("0",), ("-1",), ("1x",), ("1", "--small"), ("1", "--tiny", "1"), ("1", "other=2"),
                  ("1", "d=0"), ("1", "d="), ("1", "=3"), ("1", "d=3x"), ("1", "threads=-1"), ("1", "isa=mmx")):
        require(run(*driver, *words)[0] == 2, f"{' '.join(words) or 'nothing'}: exit status 2 is expected")
    if len(driver) > 1:
        require(run(driver[0], "other", "1")[0] == 2, "another variant: exit status 2 is expected")


def main():
    drivers = {tuple(word for word in side if "=" not in word)
               for benchmark in BENCHMARKS for side in (benchmark.work, benchmark.floor)}
    built = {path.name for path in FOLDER.iterdir() if path.is_file() and path.stat().st_mode & 0o111}
    broken = [f"{' '.join(driver)}: no check" for driver in sorted(drivers - set(CHECKS))]
    broken += [f"{name}: built, but in no benchmark" for name in sorted(built - set(PROGRAMS) - {"machine"})]
    for driver in sorted(drivers & set(CHECKS)):
        try:
            CHECKS[driver]()
            check_arguments(driver)
        except (AssertionError, OSError, KeyError, ValueError) as error:
            broken.append(f"{' '.join(driver)}: {error}")
    print("\n".join(broken) or f"bench: {len(drivers)} drivers give what they should")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
