/* flow-dae: a pass is an epoch of Adam as published, from a random start at t = 1/2. The variant is the activation. */
#include "bench/data.h"
#include "bench/sizes.h"

#include <stdlib.h>

static const bench_setting own[] = {{"isa", 0, 0}, {"threads", 1, 1}, {0}};

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, ADAM_SIZES, own);
  assay_context context = bench_context(&arguments);
  size_t n = bench_value(&arguments, "n"), d = bench_value(&arguments, "d");
  assay_activation activation = arguments.variant ? ASSAY_TANH : ASSAY_SIGN;
  assay_dae_settings settings = assay_dae_settings_of(n, assay_real_of(0.5), assay_real_of(0.125));
  assay_dae_learner learner = assay_dae_learner_adam(activation, 2);
  learner.iterations = arguments.passes;
  double time = 0.5, *w = bench_doubles(d, 1);
  assay_dae_learned fit = {0};
  assay_dae_data data;
  bench_require(assay_fast_dae_data_init(&data, &settings, d, 0.5, 1, &context), &context);
  bench_require(assay_fast_dae_learn(&fit, w, &time, 1, &data, &settings, &learner, &context), &context);
  bench_show_data(&arguments, &data, &context);
  bench_show(&arguments, "c", &fit.c, 1);
  bench_show(&arguments, "w", w, d);
  free(w);
  assay_fast_dae_data_clear(&data);
  return 0;
}
