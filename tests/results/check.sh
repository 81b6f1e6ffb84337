#!/bin/sh
# check.sh ASSAY SOURCE PYTHON [ACCURACY]: remakes results/ and docs/claims.md in a folder of its own and compares; with
# the program ACCURACY, which searches for a minute, also what it found.
set -eu
assay=$1 source=$2 python=$3 accuracy=${4:-}
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
sh "$source/tests/results/make.sh" "$assay" "$python" "$made" "$made/claims.md"
"$python" "$source/tests/results/compare.py" "$source/results" "$made"
diff -u "$source/docs/claims.md" "$made/claims.md"
[ -n "$accuracy" ] || exit 0
"$accuracy" search "$made/accuracy.json"
"$python" "$source/tests/accuracy/compare.py" --whole "$source/results/accuracy.json" "$made/accuracy.json"
"$python" "$source/tests/accuracy/page.py" "$source/results/accuracy.json" "$made/accuracy.md"
diff -u "$source/docs/accuracy.md" "$made/accuracy.md"
