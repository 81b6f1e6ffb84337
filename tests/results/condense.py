"""What a committed record keeps of thousands of items decided by enclosures: names, verdicts and short enclosures.

usage: condense.py RECORD OUT
"""

import decimal
import json
import sys

DIGITS = 12  # few enough for a record that can be read, many enough to tell a wrong number


def rounded(text, rounding):
    return str(decimal.Context(prec=DIGITS, rounding=rounding).create_decimal(text).normalize())


def enclosure(ends):
    """It contains the one given."""
    return ends and {"lo": rounded(ends["lo"], decimal.ROUND_FLOOR), "hi": rounded(ends["hi"], decimal.ROUND_CEILING)}


def item(full):
    kept = {key: full[key] for key in ("name", "holds", "excludes_control")}
    return kept | {key: enclosure(full[key]) for key in ("predicted", "control", "left") if full.get(key)}


def main():
    with open(sys.argv[1], encoding="utf-8") as stream:
        record = json.load(stream)
    head = {key: record[key] for key in ("schema", "seed", "delta", "level")}
    claims = [{"id": claim["id"], "verdict": claim["verdict"], "items": [item(one) for one in claim["items"]]}
              for claim in record["claims"]]
    text = json.dumps(head | {"claims": claims}, separators=(",", ":"), ensure_ascii=False)
    with open(sys.argv[2], "w", encoding="utf-8") as stream:
        stream.write(text.replace('{"id"', '\n{"id"').replace('{"name"', '\n {"name"') + "\n")


if __name__ == "__main__":
    main()
