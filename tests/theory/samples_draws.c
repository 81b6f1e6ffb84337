#include "samples_draws.h"

#include "testing.h"

#include <math.h>
#include <stdlib.h>

enum { LABELS = 1000, NOISE = 1001, DATA = 1002 };

static double *normals(uint64_t seed, uint32_t stream, size_t rows, size_t d) {
  const assay_normals source = {seed, stream};
  assay_stream values = assay_fast_normals(&source, rows, d);
  assay_context context;
  assay_context_init(&context);
  double *out = malloc(rows * d * sizeof *out);
  assert_non_null(out);
  assert_int_equal(values.read(&values, 0, rows, 0, d, out, d, &context), ASSAY_OK);
  return out;
}

static size_t component_of(const assay_mixture *mixture, double normal) {
  double sum = 0.0, u = 0.5 * erfc(-normal * sqrt(0.5));
  for (size_t k = 0; k < mixture->count; k++) sum += mixture->components[k].weight.nearest;
  u *= sum;
  for (size_t k = 0; k + 1 < mixture->count; k++) {
    u -= mixture->components[k].weight.nearest;
    if (u < 0.0) return k;
  }
  return mixture->count - 1;
}

double *samples_draw(const samples_draws *of) {
  size_t d = of->mixture->dimension;
  double *labels = normals(of->seed, LABELS, of->rows, 1), *noise = normals(of->seed, NOISE, of->rows, d);
  double *data = normals(of->seed, DATA, of->rows, d);
  for (size_t i = 0; i < of->rows; i++) {
    size_t k = component_of(of->mixture, labels[i]);
    const assay_component *c = &of->mixture->components[k];
    for (size_t j = 0; j < d; j++) {
      double own = 0.0;
      if (c->covariance.kind == ASSAY_COVARIANCE_FULL)
        for (size_t l = 0; l < d; l++) own += of->factors[k][j * d + l] * data[i * d + l];
      else
        own = data[i * d + j] * sqrt(c->covariance.kind == ASSAY_COVARIANCE_DIAGONAL ? c->covariance.entries[j]
                                                                                     : c->covariance.variance.nearest);
      noise[i * d + j] = of->alpha * noise[i * d + j] + of->beta * (c->mean[j] + own);
    }
  }
  free(labels);
  free(data);
  return noise;
}

static void fill_covariance(assay_covariance *out, double *factor, size_t d, test_random *random) {
  if (out->kind == ASSAY_COVARIANCE_ISOTROPIC) {
    out->variance = assay_real_of(test_uniform(random, 0.5, 2));
    return;
  }
  bool full = out->kind == ASSAY_COVARIANCE_FULL;
  out->entries = calloc((full ? d * d : d) + 1, sizeof *out->entries);
  assert_non_null(out->entries);
  if (!full) {
    for (size_t j = 0; j < d; j++) out->entries[j] = test_uniform(random, 0.5, 2);
    return;
  }
  for (size_t i = 0; i < d * d; i++) factor[i] = (i % (d + 1) == 0) + test_uniform(random, -0.5, 0.5) / sqrt((double)d);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j <= i; j++) {
      double sum = 0.0;
      for (size_t l = 0; l < d; l++) sum += factor[i * d + l] * factor[j * d + l];
      out->entries[i * d + j] = out->entries[j * d + i] = sum;
    }
}

void samples_mixture(assay_mixture *out, double **factors, size_t d, size_t count, int kind, double apart,
                     uint64_t salt) {
  test_random random = test_random_new(salt);
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(assay_mixture_init(out, d, count, &context), ASSAY_OK);
  for (size_t k = 0; k < count; k++) {
    assay_component *c = &out->components[k];
    c->weight = assay_real_of(test_uniform(&random, 1, 2));
    for (size_t j = 0; j < d; j++) c->mean[j] = test_normal(&random) * apart / sqrt((double)d);
    c->covariance.kind = (assay_covariance_kind)((kind + (int)k) % 3);
    factors[k] = calloc(d * d + 1, sizeof **factors);
    assert_non_null(factors[k]);
    fill_covariance(&c->covariance, factors[k], d, &random);
  }
}

void samples_round(double *x, size_t entries) {
  for (size_t i = 0; i < entries; i++) x[i] = (double)(float)x[i];
}
