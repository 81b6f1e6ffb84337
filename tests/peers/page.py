"""docs/peers.md from results/peers.json.

usage: page.py PEERS.json PAGE.md            write the page
       page.py --check PEERS.json PAGE.md VECTORS   is it the page, and are its cases among the test vectors?
"""
import json
import pathlib
import sys

QUANTITIES = ("velocity", "score", "denoiser", "noise", "log-density", "divergence")


def cell(row):
    """Median and worst digits, and how many results are not finite."""
    if row is None or "median_digits" not in row:
        return "-" if row is None else "nothing finite"
    lost = f", {row['not_finite']} not finite" if row["not_finite"] else ""
    return f"{row['median_digits']:.1f} / {row['worst_digits']:.1f}{lost}"


def table(title, heads, names, find):
    yield f"| {title} | " + " | ".join(heads) + " |"
    yield "|---" * (len(heads) + 1) + "|"
    for name in names:
        yield f"| {name} | " + " | ".join(cell(find(name, head)) for head in heads) + " |"


def lines(record):
    rows = {(r["library"], r["variant"], r["format"], r["quantity"], r["flag"]): r for r in record["rows"]}
    peers = list(dict.fromkeys((r["library"], r["variant"]) for r in record["rows"]))
    labels = {f"{library} {variant}": (library, variant) for library, variant in peers}
    flags = list(dict.fromkeys(r["flag"] for r in record["rows"] if r["quantity"] == "every"))
    versions = ", ".join(f"{name} {version}" for name, version in record["libraries"].items())
    yield from ("# Common code on the test vectors", "",
                "Written by `./run peers` from results/peers.json; not by hand. Straightforward code in NumPy and PyTorch",
                "(tests/peers/), scored on the [test vectors](vectors.md), which are chosen to hurt: these are not the errors of",
                f"ordinary use. Libraries: {versions}.", "")
    yield from ("Each cell: correct decimal digits in the median and in the worst case, relative to the largest component (of",
                "15.9 in binary64, 7.2 in binary32), among results that are finite; then how many were not. binary32 sees only",
                "cases whose inputs are exact there.", "")
    for library, text in record["variants"].items():
        yield from (f"{library}:", "", "```", *text.strip().splitlines()[2:], "```", "")
    for form in ("binary64", "binary32"):
        yield from (f"## {form}", "")
        yield from table("quantity", list(labels), QUANTITIES, lambda name, head: rows.get((*labels[head], form, name, "all")))
        yield from ("", "By flag, all quantities:", "")
        yield from table("flag", list(labels), flags, lambda name, head: rows.get((*labels[head], form, "every", name)))
        yield ""
    yield from ("## Worst cases", "", "| code | format | quantity | errors in ULPs: median | worst | case |", "|---|---|---|---|---|---|")
    for (library, variant, form, quantity, flag), row in rows.items():
        if flag == "all" and quantity != "every" and "worst_case" in row:
            yield (f"| {library} {variant} | {form} | {quantity} | {row['median_ulp']:.3g} | {row['worst_ulp']:.3g} | "
                   f"`{row['worst_case']}` |")


def problems(record, page, vectors):
    if page.read_text() != "\n".join(lines(record)) + "\n":
        yield f"{page}: is not made from the record; ./run peers makes it"
    known = {}
    for quantity in QUANTITIES:
        for group in json.loads((vectors / f"{quantity}.json").read_text())["groups"]:
            known |= {case["id"]: case["flags"] for case in group["cases"]}
    for row in record["rows"]:
        name = " ".join(row[key] for key in ("library", "variant", "format", "quantity", "flag"))
        case = row.get("worst_case")
        if case and (case not in known or row["flag"] not in ("all", *known[case])):
            yield f"{name}: {case} is no such test vector"
        most = sum(row["flag"] in ("all", *flags) and row["quantity"] in ("every", identity.split("/")[0])
                   for identity, flags in known.items())
        if not 0 <= row["not_finite"] <= row["cases"] <= most:
            yield f"{name}: {row['not_finite']} of {row['cases']} of {most} cases"


def main():
    check = sys.argv[1] == "--check"
    record_path, page, *rest = map(pathlib.Path, sys.argv[1 + check:])
    record = json.loads(record_path.read_text())
    if not check:
        page.write_text("\n".join(lines(record)) + "\n")
        return False
    found = list(problems(record, page, rest[0]))
    print("\n".join(found) or f"peers: {len(record['rows'])} rows, and their page")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
