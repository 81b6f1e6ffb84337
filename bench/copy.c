/* n numbers copied: with arrays beyond the last cache, the bandwidth of memory. */
#include "bench/sizes.h"

#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, COPY_SIZES, NULL);
  size_t n = bench_value(&arguments, "n");
  double *from = bench_doubles(n, 1), *to = bench_doubles(n, 1);
  bench_fill(from, n, 1);
  for (size_t pass = 0; pass < arguments.passes; pass++) {
    memcpy(to, from, n * sizeof *to);
    __asm__ volatile("" : : "r"(to) : "memory"); /* each copy counts: none is left out as overwritten */
  }
  bench_show(&arguments, "from", from, n);
  bench_show(&arguments, "to", to, n);
  free(from);
  free(to);
  return 0;
}
