#!/bin/sh
# check.sh SOURCE: who may include whom. reference/ and fast/ are two witnesses; a layer includes those below it only.
set -eu
cd "$1"
bad=0
forbid() { # forbid FOLDER PATTERN WHY
  if grep -rnE "^ *# *include *[<\"]($2)" --include='*.[ch]' "$1"; then
    echo "$1 must not include these: $3" >&2
    bad=1
  fi
}
forbid reference 'assay/fast|fast/|cblas|lapack|openblas|Random123|sleef|omp-tools' 'fast is the other witness'
forbid fast 'assay/reference|reference/|mpfr|mpfi|gmp' 'reference is the other witness'
forbid model 'assay/(reference|fast|theory)|io/|reference/|fast/|theory/|cli/' 'model is at the bottom'
forbid io 'assay/(reference|fast|theory)|reference/|fast/|theory/|cli/' 'io knows model only'
forbid reference 'assay/theory|io/|theory/|cli/' 'reference computes'
forbid fast 'assay/theory|io/|theory/|cli/' 'fast computes'
forbid theory 'cli/' 'theory is called by cli'
# Round-to-nearest has no place in enclosures: it is confined to the interval layer.
if grep -rnE 'MPFR_RNDN' --include='*.[ch]' reference | grep -v '^reference/core/interval\.c:'; then
  echo "MPFR_RNDN outside reference/core/interval.c" >&2
  bad=1
fi
# CMake links neither witness to the other.
if grep -E 'assay_fast' reference/CMakeLists.txt || grep -E 'assay_reference|mpf[ir]' fast/CMakeLists.txt; then
  echo "CMake links the two witnesses" >&2
  bad=1
fi
[ $bad = 0 ] && echo "layers: every include is allowed"
exit $bad
