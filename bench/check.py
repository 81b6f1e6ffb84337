"""Runs every driver once at its tiny size and checks what it prints, by formulas of other form.

usage: check.py DRIVERS
"""
import sys

from benchmarks import BENCHMARKS, PROGRAMS
from check_fields import check_field, check_judge, check_products, check_reference, check_sample_products, check_samples
from check_learning import check_adam, check_em, check_flow, check_gmm_learn, check_gmm_products, check_train, check_update
from check_quadrature import check_bayes, check_nodes
from oracles import FOLDER, dot, exact, gamma, is_normal, philox, require, rows, run, tiny, to_decimal

SEED = 0x0123456789ABCDEF


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


def check_multiplications():
    """Of 120, the last of each operand; 293 bits and a rounding to double are one rounding to double."""
    printed = tiny("multiplications")
    start, got = exact(printed["start"][0]), exact(printed["products"][0])
    require(len(start) == len(got) == 64, "64 products are expected")
    for i in range(64):
        last = i + 64 if i + 64 < 120 else i
        square = (2 + start[i]) * (2 + start[(last // 64 + last) % 64])
        require(float(got[i]) == float(to_decimal(square).sqrt()), f"product {i}")


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


def check_copy():
    printed = tiny("copy")
    require(len(printed["to"][0]) == 5 and printed["to"] == printed["from"], "5 numbers copied are expected")


def check_fields(variant):
    for quantity in ("velocity", "score", "denoiser", "divergence"):
        check_field(variant, quantity)


FIELDS = ("isotropic", "diagonal", "full")
CHECKS = {
    ("normals",): check_normals, ("bits",): check_bits, ("draws",): check_draws, ("train",): check_train,
    ("reference",): check_reference, ("multiplications",): check_multiplications, ("judge",): check_judge,
    ("gmm_learn",): check_gmm_learn, ("gmm_products",): check_gmm_products, ("em",): check_em, ("flow",): check_flow,
    ("update",): check_update, ("copy",): check_copy, ("bayes",): check_bayes, ("nodes",): check_nodes,
    ("samples",): check_samples, ("sample_products",): check_sample_products,
    **{("adam", v): lambda v=v: check_adam(v) for v in ("sign", "tanh")},
    **{(name,): lambda name=name: check_gram(name) for name in ("gram", "gram_product")},
    **{("field", v): lambda v=v: check_fields(v) for v in FIELDS},
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
