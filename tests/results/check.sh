#!/bin/sh
# check.sh ASSAY SOURCE PYTHON: remakes results/ and docs/claims.md in a folder of its own and compares.
set -eu
assay=$1 source=$2 python=$3
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$assay" verify --quiet --record "$made/verdicts.json" --figures "$made" --markdown "$made/claims.md" >/dev/null
"$python" "$source/tests/results/compare.py" "$source/results" "$made"
diff -u "$source/docs/claims.md" "$made/claims.md"
