"""The mutation run itself: edits are the same every time and touch code only; in a project with one function tested
and one not, the edits of the second survive and no others."""
import contextlib
import io
import json
import pathlib
import subprocess
import sys
import tempfile

import mutate
from edits import apply, edits_of

SOURCE = """/* a + b */
#define LATER 7
int tested(int a, int b);
int tested(int a, int b) { return a + b; }
int forgotten(int a, int b);
int forgotten(int a, int b) { return a - b; }
const char *text = "1 + 2";
"""
FORMULA = "enum { GOAL_BITS = 80 };\niv r = iv_div(s, iv_sqr(s, a), x[i]);\nmpfr_set_d(&r->left, -0x1p-3, MPFR_RNDD);\nif (a < 10 && b) n = 2;\n"
FILES = {
    "CMakeLists.txt": "cmake_minimum_required(VERSION 3.25)\nproject(planted C)\nenable_testing()\n"
                      "add_subdirectory(reference)\nadd_subdirectory(tests/reference)\n",
    "reference/CMakeLists.txt": "add_library(planted STATIC planted.c)\n",
    "reference/planted.c": SOURCE,
    "reference/table.h": "/* Written by a program. */\nenum { ENTRY = 1 + 2 };\n",
    "tests/reference/CMakeLists.txt": "add_executable(adds adds.c)\ntarget_link_libraries(adds PRIVATE planted)\n"
                                      "add_test(NAME adds COMMAND adds)\n",
    "tests/reference/adds.c": "int tested(int a, int b);\nint main(void) { return tested(3, 4) != 7; }\n",
    ".gitignore": "build/\n",
}


def check_edits():
    found = edits_of("f.c", SOURCE)
    assert found == edits_of("f.c", SOURCE), "edits differ from one call to the next"
    assert [(e.line, e.kind) for e in found] == [(4, "arithmetic"), (6, "arithmetic")], found
    texts = {apply(e, FORMULA) for e in edits_of("f.c", FORMULA)}
    for before, after in [("iv_div(s, iv_sqr(s, a), x[i])", "iv_div(s, x[i], iv_sqr(s, a))"), ("iv_div", "iv_mul"),
                          ("x[i]", "x[i + 1]"), ("-0x1p-3", "0x1p-3"), ("RNDD", "RNDU"), ("a < 10", "a <= 10"),
                          ("&&", "||"), ("n = 2", "n = (2 - 1)"), ("0x1p-3", "(2 * 0x1p-3)")]:
        assert FORMULA.replace(before, after) in texts, f"{before} -> {after} is missing"
    assert not any("(80" in text for text in texts), "a working precision is edited"


def check_run(root):
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    subprocess.run(["git", "init", "-q", root], check=True)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        mutate.main(["--count", "9", "reference"], root)
    record = json.loads((root / "build/mutate/report.json").read_text())
    results = {edit["line"]: (edit["result"], edit["by"]) for edit in record["edits"]}
    assert results == {4: ("killed", "adds"), 6: ("survived", "")}, printed.getvalue()
    assert (root / "reference/planted.c").read_text() == SOURCE, "the sources themselves are changed"

    before = SOURCE.splitlines()[5]
    after = before.replace("a - b", "a + b")
    (root / mutate.EQUIVALENT).parent.mkdir(parents=True)
    (root / mutate.EQUIVALENT).write_text(json.dumps([{"file": "reference/planted.c", "before": before, "after": after,
                                                       "reason": "for this check"}]))
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        mutate.main(["--count", "9", "--workers", "2", "reference"], root)
    assert "0 survived" in printed.getvalue() and "1 known" in printed.getvalue(), printed.getvalue()


if __name__ == "__main__":
    check_edits()
    with tempfile.TemporaryDirectory() as folder:
        check_run(pathlib.Path(folder))
    sys.exit(0)
