#!/bin/sh
# check.sh BUILD SOURCE CC: installs BUILD into a fresh prefix, builds SOURCE/outside there both ways, compares; the
# installed example judges a field; and the library shows no name without the prefix assay_, nor one of its private ones.
set -eu
build=$1 source=$2 cc=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/prefix" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

expect='velocity -0.5'
cmake -G Ninja -S "$source/outside" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_C_COMPILER="$cc" >"$work/log" 2>&1 &&
  cmake --build "$work/cmake" >>"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
got=$("$work/cmake/outside")
[ "$got" = "$expect" ] || { echo "CMake package: got '$got', expected '$expect'"; exit 1; }

PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name assay.pc)")
export PKG_CONFIG_PATH
"$cc" -std=c11 "$source/outside/outside.c" $(pkg-config --cflags --libs assay) -o "$work/outside"
got=$(LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH") "$work/outside")
[ "$got" = "$expect" ] || { echo "pkg-config: got '$got', expected '$expect'"; exit 1; }

# The example that judges a velocity field: as its head says, with the careful field and with one that loses digits.
examples=$work/prefix/share/doc/assay/examples
"$cc" -std=c11 -Wall -Wextra -Werror "$examples/judge.c" $(pkg-config --cflags --libs assay) -lm -o "$work/judge"
judge() {
  status=0
  LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH") "$work/judge" "$1" >"$work/log" || status=$?
  [ $status = "$2" ] && grep -q "entries beyond tolerance.*: the field $3\$" "$work/log" &&
    grep -Eq '^worst entry: component [01] at t = .* got .*, expected -?[0-9.e+-]+, .* ULPs off$' "$work/log" ||
    { echo "judge $1: exit status $status, expected $2"; cat "$work/log"; exit 1; }
}
judge careful 0 holds
judge naive 1 FAILS
for page in examples/vectors.c examples/vectors.py vectors.md check.md check-samples.md gmm.md; do
  [ -f "$examples/../$page" ] || { echo "$page is not installed"; exit 1; }
done

# Names that begin with '.' or '_' are the compiler's.
for library in "$(dirname "$PKG_CONFIG_PATH")"/libassay.*; do
  case $library in *.a) dynamic= ;; *) dynamic=-D ;; esac
  shown=$(nm $dynamic --defined-only --extern-only "$library" | awk 'NF == 3 && $3 !~ /^[._]/ { print $3 }')
  for name in $shown; do
    grep -qw "$name" "$work"/prefix/include/assay/*.h || { echo "$library shows $name, which no header declares"; exit 1; }
  done
  [ -n "$shown" ] || { echo "$library shows no names"; exit 1; }
done

"$work/prefix/bin/assay" --version | grep -q '^assay '
for header in model reference fast theory check samples vectors assay; do
  [ -f "$work/prefix/include/assay/$header.h" ] || { echo "header $header.h is not installed"; exit 1; }
done
echo "installed package works: CMake, pkg-config and the example"
