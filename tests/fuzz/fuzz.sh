#!/bin/sh
# fuzz.sh SECONDS: every target under libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, for SECONDS each,
# from the committed corpus. What it finds on the way stays in build/fuzz/corpus for the next time; an input that breaks
# a property is named and left in build/fuzz/found: put a small form of it into tests/fuzz/corpus.
set -eu
seconds=$1
sources=$(cd "$(dirname "$0")/../.." && pwd)
build=$sources/build/fuzz
flags='-O1 -g -fsanitize=fuzzer-no-link'
cmake -S "$sources" -B "$build" -G Ninja -Wno-dev -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DCMAKE_C_FLAGS_RELWITHDEBINFO="$flags" -DASSAY_SANITIZE=ON -DASSAY_FUZZ=ON >/dev/null
status=0
mkdir -p "$build/found"
for target in archive mixture_json npy real; do
  cmake --build "$build" --target "fuzz_$target"
  mkdir -p "$build/corpus/$target"
  "$build/tests/fuzz_$target" -max_total_time="$seconds" -timeout=10 -max_len=4096 -use_value_profile=1 -print_final_stats=1 \
    -artifact_prefix="$build/found/$target-" "$build/corpus/$target" "$sources/tests/fuzz/corpus/$target" || status=1
done
exit $status
