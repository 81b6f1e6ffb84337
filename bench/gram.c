/* Products between the rows of two arrays in memory, by the blocks of columns that data too large for memory come in.
 */
#include "bench/driver.h"
#include "bench/sizes.h"

#include "fast/flow_dae/products.h"

#include <stdlib.h>

static const bench_setting own[] = {{"threads", 1, 1}, {0}};

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, GRAM_SIZES, own);
  size_t left = bench_value(&arguments, "n"), right = bench_value(&arguments, "m");
  size_t columns = bench_value(&arguments, "d");
  assay_context context = bench_context(&arguments);
  double *x = bench_doubles(left, columns), *y = bench_doubles(right, columns), *out = bench_doubles(left, right);
  bench_fill(x, left * columns, 1);
  bench_fill(y, right * columns, 2);
  assay_stream x_rows = assay_stream_of(x, left, columns), y_rows = assay_stream_of(y, right, columns);
  for (size_t pass = 0; pass < arguments.passes; pass++)
    bench_require(dae_products(out, NULL, &x_rows, &y_rows, 0, &context), &context);
  bench_show_product(&arguments, x, y, out, left, right, columns);
  free(x);
  free(y);
  free(out);
  return 0;
}
