/* flow-dae: a pass is an epoch of Adam as published at time `percent`/100, with the activation sign from a random
 * start: lazy (the library's) or plain, which computes all products in every epoch. What assay_fast_dae_learn does
 * before and after the epochs is left out. */
#include "bench/data.h"

#include "fast/flow_dae/adam_sign.h"

#include <stdlib.h>

#define SIZES                                                                                                          \
  {                                                                                                                    \
    {"n", 1024, 5}, {"d", 50000, 7}, { "percent", 50, 50 }                                                             \
  }
static const bench_table sizes[] = {{"lazy", SIZES}, {"plain", SIZES}, {NULL, {{0}}}};

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, sizes, NULL);
  assay_context context = bench_context(&arguments);
  size_t n = bench_value(&arguments, "n"), d = bench_value(&arguments, "d");
  assay_dae_settings settings = assay_dae_settings_of(n, assay_real_of(0.5), assay_real_of(0.1));
  assay_dae_learner learner = assay_dae_learner_adam(ASSAY_SIGN, 2);
  learner.iterations = arguments.passes;
  double time = (double)bench_value(&arguments, "percent") / 100, c = 1, *w = bench_doubles(d, 1);
  assay_normals normals = {.seed = learner.seed};
  assay_stream start = assay_fast_normals(&normals, 1, d);
  bench_require(start.read(&start, 0, 1, 0, d, w, d, &context), &context);
  assay_dae_data data;
  bench_require(assay_fast_dae_data_init(&data, &settings, d, 0.5, 1, &context), &context);
  bench_show_data(&arguments, &data, &context);
  bench_show(&arguments, "time", &time, 1);
  bench_show(&arguments, "start", w, d);
  bool lazy = arguments.variant == 0;
  bench_require(dae_adam_sign(&c, w, time, &data, &settings, &learner, lazy, 0, &context), &context);
  bench_show(&arguments, "c", &c, 1);
  bench_show(&arguments, "w", w, d);
  free(w);
  assay_fast_dae_data_clear(&data);
  return 0;
}
