/* EM on N rows of n dimensions for k spherical components, each with a variance of its own. A pass is an iteration; one
 * comes before them, so that a library that is given what it leaves (--tiny shows it) can follow. */
#include "bench/driver.h"

#include <assay/gmm_em.h>

#include <stdio.h>
#include <stdlib.h>

static const bench_table sizes[] = {{NULL, {{"N", 100000, 300}, {"n", 5, 2}, {"k", 8, 3}}}};

static void show_mixture(const bench_arguments *arguments, const char *when, const assay_mixture *mixture) {
  char name[32];
  for (size_t k = 0; k < mixture->count; k++) {
    const assay_component *component = &mixture->components[k];
    snprintf(name, sizeof name, "%sweight", when);
    bench_show(arguments, name, &component->weight.nearest, 1);
    snprintf(name, sizeof name, "%smean", when);
    bench_show(arguments, name, component->mean, mixture->dimension);
    snprintf(name, sizeof name, "%svariance", when);
    bench_show(arguments, name, &component->covariance.variance.nearest, 1);
  }
}

static void fit(assay_gmm_em_fit *out, const assay_stream *rows, size_t components, size_t iterations,
                assay_context *context) {
  assay_gmm_em_settings settings = assay_gmm_em_settings_default(components);
  settings.kind = ASSAY_GMM_EM_OWN;
  settings.iterations = iterations;
  settings.tolerance = 0;
  bench_require(assay_fast_gmm_em(out, rows, &settings, context), context);
  if (out->iterations == iterations && out->floored == 0) return;
  fprintf(stderr, "EM ended after %zu of %zu iterations, %zu variances at the floor\n", out->iterations, iterations,
          out->floored);
  exit(1);
}

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, sizes, NULL);
  assay_context context = bench_context(&arguments);
  size_t count = bench_value(&arguments, "N"), n = bench_value(&arguments, "n"), k = bench_value(&arguments, "k");
  double *x = bench_doubles(count, n);
  bench_fill(x, count * n, 1);
  for (size_t i = 0; i < count * n; i++) x[i] *= 3;
  assay_stream rows = assay_stream_of(x, count, n);
  assay_gmm_em_fit found;
  if (arguments.tiny) {
    double shape[] = {(double)count, (double)n, (double)k};
    bench_show(&arguments, "shape", shape, 3);
    bench_show(&arguments, "x", x, count * n);
    fit(&found, &rows, k, 1, &context);
    show_mixture(&arguments, "first_", &found.mixture);
    assay_gmm_em_fit_clear(&found);
  }
  fit(&found, &rows, k, 1 + arguments.passes, &context);
  show_mixture(&arguments, "", &found.mixture);
  assay_gmm_em_fit_clear(&found);
  free(x);
  return 0;
}
