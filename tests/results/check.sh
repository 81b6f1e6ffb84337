#!/bin/sh
# check.sh ASSAY SOURCE PYTHON [ACCURACY]: remakes results/ and docs/claims.md in a folder of its own and compares; the
# rows of flow-dae in README's table are those that were printed. With the program ACCURACY, which searches for a minute, also what
# it found.
set -eu
assay=$1 source=$2 python=$3 accuracy=${4:-}
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
sh "$source/tests/results/make.sh" "$assay" "$python" "$made" "$made/claims.md" >"$made/table"
"$python" "$source/tests/results/compare.py" "$source/results" "$made"
diff -u "$source/docs/claims.md" "$made/claims.md"
sed -n 's/^    \(flow-dae\/.*\)  \(PROVED\|CONFIRMED\)$/\1  \2/p' "$source/README.md" >"$made/shown"
[ -s "$made/shown" ] || { echo "README.md: its table of claims is gone"; exit 1; }
grep -Fvx -f "$made/table" "$made/shown" && { echo "README.md: these rows are not what verify prints"; exit 1; }
grep -c . "$made/shown" | grep -qx "$(grep -c '^flow-dae/.*CONFIRMED$' "$made/table")" || { echo "README.md: experiments are missing"; exit 1; }
[ -n "$accuracy" ] || exit 0
"$accuracy" search "$made/accuracy.json"
"$python" "$source/tests/accuracy/compare.py" --whole "$source/results/accuracy.json" "$made/accuracy.json"
"$python" "$source/tests/accuracy/page.py" "$source/results/accuracy.json" "$made/accuracy.md"
diff -u "$source/docs/accuracy.md" "$made/accuracy.md"
