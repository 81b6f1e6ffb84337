"""Small arithmetic mistakes that could be made in a C source: where, and what would stand there instead."""
import collections
import re

Edit = collections.namedtuple("Edit", "path line kind begin end before after")

NOT_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|^[ \t]*#(?:\\\n|[^\n])*', re.S | re.M)

# Binary operators stand between spaces here (clang-format); unary ones and pointers do not.
SWAPS = {
    "arithmetic": {" + ": " - ", " - ": " + ", " * ": " / ", " / ": " * ", " += ": " -= ", " -= ": " += "},
    "comparison": {" < ": " <= ", " <= ": " < ", " > ": " >= ", " >= ": " > ", " == ": " != ", " != ": " == "},
    "logic": {" && ": " || ", " || ": " && "},
    "rounding": {"MPFR_RNDD": "MPFR_RNDU", "MPFR_RNDU": "MPFR_RNDD"},
    "function": {"iv_add(": "iv_sub(", "iv_sub(": "iv_add(", "iv_mul(": "iv_div(", "iv_div(": "iv_mul(",
                 "iv_lower(": "iv_upper(", "iv_upper(": "iv_lower(", "iv_lower_d(": "iv_upper_d(",
                 "iv_upper_d(": "iv_lower_d(", "ball_add(": "ball_sub(", "ball_sub(": "ball_add(",
                 "ball_mul(": "ball_div(", "ball_div(": "ball_mul("},
}
NUMBER = re.compile(r"(?<![\w.])(?:0x[\da-fA-F.]+(?:p[+-]?\d+)?|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)[uUlL]*(?![\w.])")
PRECISION = re.compile(r"\b[A-Z_]*BITS = \d+\b")  # a bit more or less in reserve is no mistake
INDEX = re.compile(r"(?<=\w)\[([^\][]*[a-z][^\][]*)\]")
NEGATION = re.compile(r"(?<=[=(,?:] )-(?=[\w(])|(?<=\()-(?=[\w(])|(?<=return )-(?=[\w(])")
ORDERED = re.compile(r"\b(?:iv|ball)_(?:sub|div)\(")  # sums and products do not mind


def blank(text):
    """The text with everything that is not code as spaces, so that places stay."""
    return NOT_CODE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def arguments(code, begin):
    """The ends of the arguments of a call whose parenthesis opens before `begin`."""
    depth, cuts, i = 0, [begin], begin
    while i < len(code):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if depth < 0:
            return [code[a:b].rstrip(", ") for a, b in zip(cuts, cuts[1:] + [i])], cuts[1:], i
        if depth == 0 and code[i] == ",":
            cuts.append(i + 1)
        i += 1
    return [], [], i


def numbers(code):
    for m in NUMBER.finditer(PRECISION.sub(lambda m: " " * len(m.group()), code)):
        if re.fullmatch(r"\d+[uUlL]*", m.group()):
            for change in (" + 1", " - 1"):
                yield "number", m.start(), m.end(), "(" + m.group() + change + ")"
        else:
            for factor in ("2 * ", "0.5 * "):
                yield "number", m.start(), m.end(), "(" + factor + m.group() + ")"


def swapped_arguments(code):
    for m in ORDERED.finditer(code):
        values, _, end = arguments(code, m.end())
        values = [v.strip() for v in values]
        if len(values) >= 2 and values[-1] != values[-2] and "iv_scope *s" not in values and "ball a" not in values:
            yield "order", m.end(), end, ", ".join(values[:-2] + [values[-1], values[-2]])


def candidates(code):
    for kind, pairs in SWAPS.items():
        for old, new in pairs.items():
            for m in re.finditer(("" if old[0] == " " else r"\b") + re.escape(old), code):
                yield kind, m.start(), m.end(), new
    yield from numbers(code)
    yield from swapped_arguments(code)
    for m in INDEX.finditer(code):
        for change in (" + 1", " - 1"):
            yield "index", m.start(1), m.end(1), m.group(1) + change
    for m in NEGATION.finditer(code):
        yield "sign", m.start(), m.end(), ""


def edits_of(path, text):
    """Every edit of a source, in the order of their places."""
    code = blank(text)
    found = [Edit(path, code.count("\n", 0, begin) + 1, kind, begin, end, text[begin:end], after)
             for kind, begin, end, after in candidates(code)]
    return sorted(found, key=lambda e: (e.begin, e.kind, e.after))


def apply(edit, text):
    assert text[edit.begin:edit.end] == edit.before
    return text[:edit.begin] + edit.after + text[edit.end:]
