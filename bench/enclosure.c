#include "bench/enclosure.h"

#include <stdlib.h>

void bench_show_enclosures(const bench_arguments *arguments, mpfi_srcptr enclosures, size_t count) {
  double *low = bench_doubles(count, 1), *high = bench_doubles(count, 1), *width = bench_doubles(count, 1);
  mpfr_t diameter;
  mpfr_init2(diameter, 64);
  for (size_t i = 0; i < count; i++) {
    low[i] = mpfr_get_d(&enclosures[i].left, MPFR_RNDD);
    high[i] = mpfr_get_d(&enclosures[i].right, MPFR_RNDU);
    mpfi_diam_abs(diameter, &enclosures[i]);
    width[i] = mpfr_get_d(diameter, MPFR_RNDU);
  }
  mpfr_clear(diameter);
  bench_show(arguments, "low", low, count);
  bench_show(arguments, "high", high, count);
  bench_show(arguments, "width", width, count);
  free(low);
  free(high);
  free(width);
}
