#!/bin/sh
# check.sh BUILD SOURCE CC: installs BUILD into a fresh prefix, builds SOURCE/outside there both ways, compares; and the
# library shows no name without the prefix assay_, nor one of its private ones.
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
for header in model reference fast theory check samples assay; do
  [ -f "$work/prefix/include/assay/$header.h" ] || { echo "header $header.h is not installed"; exit 1; }
done
echo "installed package works: CMake and pkg-config"
