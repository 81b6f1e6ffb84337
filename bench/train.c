/* flow-dae: one pass of training at ten times. */
#include "bench/driver.h"
#include "bench/sizes.h"

#include <assay/fast.h>

#include <stdlib.h>

enum { TIMES = 10 };

/* What the fits follow from. */
static void show_data(const bench_arguments *arguments, const assay_dae_data *data, assay_context *context) {
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

static const bench_setting own[] = {{"isa", 0, 0}, {"threads", 1, 1}, {0}};

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, TRAIN_SIZES, own);
  assay_context context = bench_context(&arguments);
  size_t n = bench_value(&arguments, "n"), d = bench_value(&arguments, "d");
  assay_dae_settings settings = assay_dae_settings_of(n, assay_real_of(0.5), assay_real_of(0.25));
  double time[TIMES], c[TIMES], error[TIMES];
  assay_dae_fit fits[TIMES] = {0};
  for (size_t t = 0; t < TIMES; t++) time[t] = (double)t / 16;
  assay_dae_data data;
  bench_require(assay_fast_dae_data_init(&data, &settings, d, 0.5, 1, &context), &context);
  for (size_t pass = 0; pass < arguments.passes; pass++)
    bench_require(assay_fast_dae_train(fits, time, TIMES, &data, &settings, &context), &context);
  show_data(&arguments, &data, &context);
  for (size_t t = 0; t < TIMES; t++) {
    c[t] = fits[t].c.value;
    error[t] = fits[t].c.error;
  }
  bench_show(&arguments, "time", time, TIMES);
  bench_show(&arguments, "c", c, TIMES);
  bench_show(&arguments, "error", error, TIMES);
  assay_fast_dae_data_clear(&data);
  return 0;
}
