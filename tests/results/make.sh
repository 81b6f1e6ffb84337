#!/bin/sh
# make.sh ASSAY PYTHON FOLDER PAGE: makes in FOLDER the record of all claims, their figures, and a short record of the
# proofs at the full level, which takes them seconds; PAGE is docs/claims.md. Prints the table of all claims.
set -eu
assay=$1 python=$2 folder=$3 page=$4
"$assay" verify --quiet --record "$folder/verdicts.json" --figures "$folder" --markdown "$page"
proofs=$("$assay" claims --json | "$python" -c '
import json, sys
print(*(claim["id"] for claim in json.load(sys.stdin)["claims"] if claim["kind"] == "proof"))')
"$assay" verify --level full --quiet --record "$folder/proofs.json.full" $proofs >/dev/null
"$python" "$(dirname "$0")/condense.py" "$folder/proofs.json.full" "$folder/proofs.json"
rm "$folder/proofs.json.full"
