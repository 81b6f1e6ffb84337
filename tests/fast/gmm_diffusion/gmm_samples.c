#include "gmm_samples.h"

#include <math.h>
#include <stdlib.h>

double gmm_test_normal(test_random *random) {
  double radius = sqrt(-2 * log(1 - test_uniform(random, 0, 1)));
  return radius * cos(6.283185307179586 * test_uniform(random, 0, 1));
}

assay_mixture gmm_test_mixture(size_t n, size_t k, double spread, test_random *random) {
  assay_context context;
  assay_context_init(&context);
  assay_mixture mixture;
  assert_int_equal(assay_mixture_init(&mixture, n, k, &context), ASSAY_OK);
  for (size_t c = 0; c < k; c++) {
    mixture.components[c].weight = assay_real_of(test_uniform(random, 1, 2) / (double)k);
    for (size_t j = 0; j < n; j++) mixture.components[c].mean[j] = test_uniform(random, -spread, spread);
  }
  return mixture;
}

static size_t draw_component(const assay_mixture *mixture, test_random *random) {
  double total = 0;
  for (size_t c = 0; c < mixture->count; c++) total += mixture->components[c].weight.nearest;
  double left = test_uniform(random, 0, total);
  size_t c = 0;
  while (c + 1 < mixture->count && left >= mixture->components[c].weight.nearest)
    left -= mixture->components[c++].weight.nearest;
  return c;
}

double *gmm_test_samples(const assay_mixture *mixture, size_t samples, test_random *random) {
  size_t n = mixture->dimension;
  double *x = malloc(samples * n * sizeof *x);
  assert_non_null(x);
  for (size_t i = 0; i < samples; i++) {
    size_t c = draw_component(mixture, random);
    for (size_t j = 0; j < n; j++) x[i * n + j] = mixture->components[c].mean[j] + gmm_test_normal(random);
  }
  return x;
}
