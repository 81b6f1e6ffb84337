"""The velocities of bench/reference.c by mpmath: the forms of mixtures.py, sums of products by fdot, constants of the
mixture once a pass, at as many bits as the reference starts with. Numbers, not enclosures: what mpmath computes has no
bound of its error."""
import mpmath
from mpmath import mpf

from driver import Arguments, fill

K, D, POINTS, BITS, GUARD = 8, 64, 16, 256, 41


def inputs(arguments):
    """Weights, means and variances of the components, and points, as they are: doubles."""
    if not arguments.tiny:
        means, u = ([fill(D, 2 * i + more) for i in range(K)] for more in (1, 2))
        return range(1, K + 1), means, [1 + line[0] / 2 for line in u], 2 * fill(POINTS * D, 0).reshape(POINTS, D)
    printed = arguments.printed
    d = int(printed["dimension"][0][0])
    return ([int(line[0]) for line in printed["weight"]], printed["mean"], [line[0] for line in printed["covariance"]],
            printed["points"][0].reshape(-1, d))


def velocities(weights, means, variances, points):
    d, components = len(points[0]), []
    for weight, mean, variance in zip(weights, means, variances):
        v, mean = (1 + mpf(variance)) / 4, [mpf(float(m)) for m in mean]
        slope = [m / (2 * v) for m in mean]
        constant = mpmath.log(weight) - d * mpmath.log(v) / 2 - mpmath.fdot(slope, mean) / 4
        components.append((constant, slope, 1 / v))
    inverses, columns = [inverse for _, _, inverse in components], list(zip(*(slope for _, slope, _ in components)))
    for x in points:
        x = [mpf(float(entry)) for entry in x]
        square = mpmath.fdot(x, x) / 2
        logs = [constant + mpmath.fdot(slope, x) - square * inverse for constant, slope, inverse in components]
        highest = max(logs)
        shares = [mpmath.exp(log - highest) for log in logs]
        total = mpmath.fsum(shares)
        p = [share / total for share in shares]
        pull = 2 - mpmath.fdot(p, inverses)
        yield [entry * pull + mpmath.fdot(p, column) for entry, column in zip(x, columns)]


def main():
    arguments = Arguments(("mpmath",))
    mpmath.mp.prec = BITS + GUARD
    given = inputs(arguments)
    for _ in range(arguments.passes):
        found = list(velocities(*given))
    for v in (v for line in found for v in line):
        mantissa, exponent = int(v.man) * (-1)**v._mpf_[0], int(v.exp)
        print(f"enclosure {mantissa:x}p{exponent} {mantissa:x}p{exponent}")


if __name__ == "__main__":
    main()
