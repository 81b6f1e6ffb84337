/* The product of gram.c as one call of OpenBLAS, over the columns divided. */
#include "bench/driver.h"
#include "bench/sizes.h"

#include <cblas.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, GRAM_SIZES, NULL);
  size_t rows = bench_value(&arguments, "n"), others = bench_value(&arguments, "m"), d = bench_value(&arguments, "d");
  int left = (int)rows, right = (int)others, columns = (int)d;
  double *x = bench_doubles(rows, d), *y = bench_doubles(others, d), *out = bench_doubles(rows, others);
  bench_fill(x, rows * d, 1);
  bench_fill(y, others * d, 2);
  for (size_t pass = 0; pass < arguments.passes; pass++)
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, left, right, columns, 1.0 / columns, x, columns, y, columns, 0,
                out, right);
  bench_show_product(&arguments, x, y, out, rows, others, d);
  free(x);
  free(y);
  free(out);
  return 0;
}
