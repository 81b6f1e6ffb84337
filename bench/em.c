/* gmm-diffusion: a pass is an iteration of EM on N rows of n dimensions, k components of variance 1. */
#include "bench/sizes.h"

#include <assay/gmm_em.h>

#include <stdio.h>
#include <stdlib.h>

static const bench_setting own[] = {{"isa", 0, 0}, {"threads", 1, 1}, {0}};

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, EM_SIZES, own);
  assay_context context = bench_context(&arguments);
  size_t count = bench_value(&arguments, "N"), n = bench_value(&arguments, "n");
  double *x = bench_doubles(count, n);
  bench_fill(x, count * n, 1);
  for (size_t i = 0; i < count * n; i++) x[i] *= 3;
  assay_stream rows = assay_stream_of(x, count, n);
  assay_gmm_em_settings settings = assay_gmm_em_settings_default(bench_value(&arguments, "k"));
  settings.iterations = arguments.passes;
  settings.tolerance = 0;
  assay_gmm_em_fit fit;
  bench_require(assay_fast_gmm_em(&fit, &rows, &settings, &context), &context);
  if (fit.iterations != arguments.passes) {
    fprintf(stderr, "EM ended after %zu iterations: fewer passes can be timed\n", fit.iterations);
    return 1;
  }
  if (arguments.tiny) bench_show(&arguments, "x", x, count * n);
  for (size_t k = 0; k < fit.mixture.count; k++) {
    bench_show(&arguments, "weight", &fit.mixture.components[k].weight.nearest, 1);
    bench_show(&arguments, "mean", fit.mixture.components[k].mean, n);
  }
  bench_show(&arguments, "likelihood", fit.trace, fit.iterations + 1);
  assay_gmm_em_fit_clear(&fit);
  free(x);
  return 0;
}
