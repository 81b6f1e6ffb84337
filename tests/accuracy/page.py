"""Writes docs/accuracy.md from results/accuracy.json.

usage: page.py results/accuracy.json docs/accuracy.md
"""

import json
import os
import sys

WIDE = ("velocity", "score", "denoiser", "noise")
DIMENSIONS = (1, 2, 8, 64)  # as in tests/accuracy/fields.c

# Where a number of flow-dae and its error stand in include/assay/fast.h.
DAE = {
    "c": ("skip strength c", "`assay_dae_fit.c`, `assay_dae_flow.c`"),
    "w_mu": ("w along mu", "`assay_dae_fit.w_mu`"),
    "w_xi": ("w along xi", "`assay_dae_fit.w_xi`"),
    "w_eta": ("w along eta", "`assay_dae_fit.w_eta`"),
    "margin": ("margins", "`assay_dae_fit.margin_error`"),
    "perp": ("P_j", "`assay_dae_flow.perp`"),
    "a": ("coefficient of xb_0", "`assay_dae_flow.a`"),
    "b": ("coefficient of xb_1", "`assay_dae_flow.b`"),
    "xb": ("entries of xb_0, xb_1", "`assay_dae_flow.xb0_error`, `xb1_error`"),
    "flow_mu": ("overlap M", "`assay_dae_flow.mean_flow`"),
    "flow_xi": ("overlap Q", "`assay_dae_flow.mean_flow`"),
    "flow_eta": ("overlap E", "`assay_dae_flow.mean_flow`"),
    "flow_perp": ("spread P", "`assay_dae_flow.mean_flow`"),
    "mse": ("error of the mean, span part", "`assay_dae_flow.mse`"),
    "mean_error": ("error of the mean", "`assay_fast_dae_flow_mean_error`"),
    "cluster_variance": ("P^2 of the exact flow", "`assay_fast_dae_cluster_variance`"),
}

HEAD = """# How accurate the fast path is

Written by `./run results` from [results/accuracy.json](../results/accuracy.json); not to be edited by hand.

Every number of the fast path listed here comes with a proved bound of its error. This page says how large the errors
are that a search could find: random inputs of families meant to hurt, followed by small changes of the inputs that make
the error grow. **No error may exceed its bound**: the search ends with exit status 1 and the inputs when one does. The
largest ratio of error to bound says how much of a bound is needed; a maximum over a search is no bound itself.

- error: the largest over the components of a point. Truth: the reference's enclosures (100 bits) for fields, 113-bit
  arithmetic on the same data for flow-dae, MPFR at 160 bits for normals.
- error/bound: the largest found, with bound and error at that witness. u = 2^-53. ulp: spacing of doubles at the
  largest component; it says little where the exact value is much smaller than its parts, and is left out above 10^6.
- families: ordinary (variances 0.1 to 3, conditions up to 10, times 0.02 to 0.98, up to 5 components), ends (t within
  2^-20 to 2^-53 of 0 and 1, at them, and exact strings), tiny (variances 1e-12 to 1e-6), contested (two components tie
  although their log-weights are large), large (means and points up to 1e6), stiff (conditions, for isotropic ones
  ratios of variances, 1e6 to 1e12), many (8 or 32 components). Dimensions 1, 2, 8 and 64.
- Witnesses are in the JSON with hex floats, for dimensions up to 8; those of d = 64 follow from the search's seed.
"""

TAIL = """## Run it again

    ./run results            # everything, this page included; the search alone takes about a minute on two cores
    ./run results --check    # the same search; compares with what is committed
    ctest --preset release -R accuracy    # some seconds: committed witnesses and the first problems of the search

ASSAY_TEST_SEED=2 before `build/release/tests/assay_accuracy search OUT.json` searches elsewhere.

## When accuracy regresses

The tests measure every committed witness again, run the beginning of the search, and fail when

1. an error exceeds its bound, anywhere; or
2. on the same kind of machine (the same BLAS core type, BLAS and C library), an error or a bound at a witness, a ratio
   or an error over u scale exceeds what is committed, by however little: the search is a pure function of its seed,
   and these doubles are reproducible; or
3. on another machine, a ratio or an error or bound at the witness of the largest one exceeds twice what is committed, or
   an error over u scale four times that. Matrix kernels differ in order and in fused multiply-add, C libraries in their
   elementary functions. Without fused multiply-add each product of a sum is rounded too, which doubles the worst case;
   elementary functions of C libraries err by half to one ulp, again a factor of 2. The largest errors over u scale rest
   on a few problems for each dimension and vary more: 2.6 is the most seen between kernels with and without.

`./run results --check` fails on the same kind of machine whenever the whole record is not what the search finds now, for
better or worse; `./run results` then remakes it, and the difference is reviewed like any other. This record was made on
"""


def quantity_bound(quantity, covariance):
    if covariance == "isotropic":
        return "S9" if quantity not in WIDE else "S7, S8"
    return {"log-density": "M3", "divergence": "M6, M8, M9"}.get(quantity, "M4, M7")


def number(value, digits=2):
    return f"{value:.{digits}g}"


def ulps(record):
    return number(record["ulps"]) if record["ulps"] < 1e6 else "-"


def largest_by(rows, keys):
    """The row of the largest error/bound for each value of the keys, in order."""
    groups = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    return {key: max(group, key=lambda row: row["worst"]["ratio"]) for key, group in groups.items()}, groups


def time_of(witness):
    nearest, _, exact = witness["time"].partition(" = ")
    time = float.fromhex(nearest)
    return exact or (f"1 - {1 - time:.2g}" if 0.99 < time < 1 else f"{time:.3g}")


def place(row):
    witness = row["worst"]["witness"]
    at = ", ".join(f"{key} {float.fromhex(witness[key]):.3g}" for key in ("alpha", "beta") if key in witness)
    at = at or f"{row['schedule']}, t = {time_of(witness)}"
    return f"{witness['family']}, d = {witness['dimension']}, {at}"


def fields(rows):
    best, groups = largest_by(rows, ("quantity", "covariance"))
    yield "## Fields: error against bound\n"
    yield "`assay_fast_field`; the bound's proof is [fast-field-bound.md](fast-field-bound.md), by the steps named.\n"
    yield "| quantity | covariance | bound's steps | bound | error | error/bound | ulp | where |"
    yield "|---|---|---|---|---|---|---|---|"
    for (quantity, covariance), row in best.items():
        worst = row["worst"]
        yield (
            f"| {quantity} | {covariance} | {quantity_bound(quantity, covariance)} | {number(worst['bound'])} | "
            f"{number(worst['error'])} | {number(worst['ratio'])} | {ulps(worst)} | {place(row)} |"
        )
    yield ""
    evaluations = sum(row["evaluations"] for row in rows)
    infinite = sum(row["infinite"] for row in rows)
    refused = sum(row["refused"] for row in rows)
    yield (
        f"{evaluations} points; at {infinite} of them the bound was infinite, at {refused} the covariance was refused.\n"
    )
    yield "## Fields: what to expect\n"
    yield "The largest error of the ordinary family over u scale, scale = the largest of 1, |x_j| and the means' entries,"
    yield "by dimension; and the largest error/bound of all families.\n"
    heads = " | ".join(f"d = {d}" for d in DIMENSIONS)
    yield f"| quantity | covariance | {heads} | error/bound: {heads} |"
    yield "|---|---" + "|---" * 2 * len(DIMENSIONS) + "|"
    for (quantity, covariance), group in groups.items():
        columns = [number(max(row[key][k] for row in group)) for key in ("units", "ratios") for k in range(len(DIMENSIONS))]
        yield f"| {quantity} | {covariance} | " + " | ".join(columns) + " |"
    yield ""


def dae(rows):
    best, groups = largest_by(rows, ("quantity",))
    yield "## flow-dae: label solution and flow\n"
    yield "The last column but one: the largest error over u max(1, |number|) where sigma lies between 0.3 and 3.\n"
    yield "| quantity | error in fast.h | bound | error | error/bound | ulp | ordinary | where |"
    yield "|---|---|---|---|---|---|---|---|"
    for (quantity,), row in best.items():
        worst, witness = row["worst"], row["worst"]["witness"]
        name, error = DAE[quantity]
        yield (
            f"| {name} | {error} | {number(worst['bound'])} | {number(worst['error'])} | {number(worst['ratio'])} | "
            f"{ulps(worst)} | {number(max(r['units'][0] for r in groups[quantity,]))} | {row['schedule']}, n = {witness['samples']}, d = {witness['dimension']}, "
            f"sigma {float.fromhex(witness['sigma']):.3g}, lambda {float.fromhex(witness['lambda']):.3g} |"
        )
    runs = sum(row["evaluations"] for row in rows) // len(best)
    yield f"\n{runs} trainings and flows: 2 to 24 samples, d = 4, 50 or 500, sigma 1e-3 to 10, lambda 0 or 1e-6 to 10.\n"


def normals(row):
    worst, witness = row["worst"], row["worst"]["witness"]
    yield "## Normals\n"
    yield (
        f"{row['evaluations']} values: the largest error is {number(worst['ratio'] * 4, 3)} u relative, "
        f"{number(worst['ulps'], 3)} ulp (bound: 4 u), at seed {witness['seed']}, stream {witness['stream']}, row "
        f"{witness['row']}, column {witness['column']}.\n"
    )


def page(record):
    groups = {name: [row for row in record["rows"] if row["group"] == name] for name in ("field", "flow-dae", "normals")}
    yield HEAD
    yield from fields(groups["field"])
    yield from dae(groups["flow-dae"])
    yield from normals(groups["normals"][0])
    machine = record["machine"]
    yield TAIL + f"core type {machine['core']}, {machine['blas'].split(' NO_')[0]}, C library {machine['libc']}."


def main():
    with open(sys.argv[1], encoding="utf-8") as stream:
        record = json.load(stream)
    text = "\n".join(page(record)) + "\n"
    temporary = sys.argv[2] + ".new"
    with open(temporary, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.replace(temporary, sys.argv[2])


if __name__ == "__main__":
    main()
