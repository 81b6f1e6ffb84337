#!/bin/sh
# check.sh ACCURACY SOURCE PYTHON: the committed witnesses and the first problems of the search, measured now, against
# results/accuracy.json; and docs/accuracy.md against that record.
set -eu
accuracy=$1 source=$2 python=$3
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$accuracy" quick "$source/results/accuracy.json" "$made/accuracy.json"
"$python" "$source/tests/accuracy/compare.py" "$source/results/accuracy.json" "$made/accuracy.json"
"$python" "$source/tests/accuracy/page.py" "$source/results/accuracy.json" "$made/accuracy.md"
diff -u "$source/docs/accuracy.md" "$made/accuracy.md"
