/* Shows what fits of flow-dae follow from. */
#include "bench/data.h"

#include <stdlib.h>

void bench_show_data(const bench_arguments *arguments, const assay_dae_data *data, assay_context *context) {
  if (!arguments->tiny) return;
  size_t n = data->samples, d = data->dimension;
  double *x = bench_doubles(n, d), shape[] = {(double)n, (double)d};
  bench_show(arguments, "shape", shape, 2);
  bench_require(data->noise.read(&data->noise, 0, n, 0, d, x, d, context), context);
  bench_show(arguments, "noise", x, n * d);
  bench_require(data->data.read(&data->data, 0, n, 0, d, x, d, context), context);
  bench_show(arguments, "data", x, n * d);
  for (size_t i = 0; i < n; i++) x[i] = data->labels[i];
  bench_show(arguments, "labels", x, n);
  free(x);
}
