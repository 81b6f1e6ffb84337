/* flow-dae: one pass of training at ten times. */
#include "bench/data.h"
#include "bench/sizes.h"

enum { TIMES = 10 };

static const bench_setting own[] = {{"isa", 0, 0}, {"threads", 1, 1}, {0}};

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, TRAIN_SIZES, own);
  assay_context context = bench_context(&arguments);
  size_t n = bench_value(&arguments, "n"), d = bench_value(&arguments, "d");
  assay_dae_settings settings = assay_dae_settings_of(n, assay_real_of(0.5), assay_real_of(0.25));
  double time[TIMES], c[TIMES], error[TIMES];
  assay_dae_fit fits[TIMES] = {0};
  for (size_t t = 0; t < TIMES; t++) time[t] = (double)(t + 1) / 16;
  assay_dae_data data;
  bench_require(assay_fast_dae_data_init(&data, &settings, d, 0.5, 1, &context), &context);
  for (size_t pass = 0; pass < arguments.passes; pass++)
    bench_require(assay_fast_dae_train(fits, time, TIMES, &data, &settings, &context), &context);
  bench_show_data(&arguments, &data, &context);
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
