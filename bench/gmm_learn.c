/* gmm-diffusion: a learner from N samples of n dimensions, polynomials in one cell at every level. */
#include "bench/driver.h"
#include "bench/sizes.h"

#include <assay/gmm_fast.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* tiny: the first level's map at the samples, and what it follows from. */
static void show_map(const bench_arguments *arguments, const assay_gmm_model *model, const double *x, size_t count,
                     assay_context *context) {
  if (!arguments->tiny) return;
  double *mean = bench_doubles(count, model->dimension), degree = (double)model->cell[0].degree;
  bench_require(assay_fast_gmm_posterior_mean(mean, model, 0, x, count, context), context);
  bench_show(arguments, "samples", x, count * model->dimension);
  bench_show(arguments, "degree", &degree, 1);
  bench_show(arguments, "tau", &model->level[0].tau, 1);
  bench_show(arguments, "clip", &model->clip, 1);
  bench_show(arguments, "centre", model->centres, model->dimension);
  bench_show(arguments, "mean", mean, count * model->dimension);
  free(mean);
}

static const bench_setting own[] = {{"isa", 0, 0}, {"threads", 1, 1}, {0}};

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, GMM_SIZES, own);
  size_t count = bench_value(&arguments, "N"), n = bench_value(&arguments, "n");
  assay_context context = bench_context(&arguments);
  double *x = bench_doubles(count, n), levels = 0;
  bench_fill(x, count * n, 1);
  for (size_t i = 0; i < count * n; i++) x[i] *= 3;
  assay_stream samples = assay_stream_of(x, count, n);
  assay_gmm_settings settings = assay_gmm_settings_default();
  settings.degree = bench_value(&arguments, "degree");
  settings.draws = bench_value(&arguments, "draws");
  settings.ratio = 2;
  settings.radius = 4;
  settings.cover = INFINITY;
  settings.ridge = 0;
  for (size_t pass = 0; pass < arguments.passes; pass++) {
    assay_gmm_model model;
    bench_require(assay_fast_gmm_learn(&model, &samples, &settings, &context), &context);
    levels = (double)model.levels;
    if (pass + 1 == arguments.passes) show_map(&arguments, &model, x, count, &context);
    assay_gmm_model_clear(&model);
  }
  if (levels != GMM_LEVELS) {
    fprintf(stderr, "%g levels; %d are expected\n", levels, GMM_LEVELS);
    return 1;
  }
  bench_show(&arguments, "levels", &levels, 1);
  free(x);
  return 0;
}
