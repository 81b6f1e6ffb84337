/* Hermite features of many variables, each from one of lower degree by one product. */
#include "fast/gmm_diffusion/features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The place of the exponents `alpha` of total degree d: after all of lower degree, and after those of the same degree
 * that have a higher power at the first variable where they differ. With r left for variables j and later, those with
 * a higher power than alpha_j at j are the exponents of total degree up to r - alpha_j - 1 in the n - j - 1 others. */
static size_t rank_of(const uint32_t *alpha, size_t n, size_t d) {
  size_t rank = d > 0 ? assay_gmm_features(n, d - 1) : 0, left = d;
  for (size_t j = 0; j + 1 < n; j++) {
    if (alpha[j] < left) rank += assay_gmm_features(n - j - 1, left - alpha[j] - 1);
    left -= alpha[j];
  }
  return rank;
}

/* The exponents after `alpha` of the same total degree; false when it is the last one. */
static bool next_exponents(uint32_t *alpha, size_t n) {
  uint32_t tail = alpha[n - 1];
  for (size_t j = n - 1; j-- > 0;)
    if (alpha[j] > 0) {
      alpha[n - 1] = 0;
      alpha[j]--;
      alpha[j + 1] = tail + 1;
      return true;
    }
  return false;
}

static void keep_feature(gmm_features *features, size_t f, uint32_t *alpha, size_t degree) {
  size_t last = features->dimension - 1;
  while (alpha[last] == 0) last--;
  uint32_t power = alpha[last];
  alpha[last] = 0;
  features->parent[f] = (uint32_t)rank_of(alpha, features->dimension, degree - power);
  alpha[last] = power;
  features->axis[f] = (uint32_t)last;
  features->power[f] = power;
}

static void list_features(gmm_features *features, uint32_t *alpha) {
  size_t f = 1, n = features->dimension;
  features->prefix[0] = 1;
  for (size_t d = 1; d <= features->degree; d++) {
    memset(alpha, 0, n * sizeof *alpha);
    alpha[0] = (uint32_t)d;
    do keep_feature(features, f++, alpha, d);
    while (next_exponents(alpha, n));
    features->prefix[d] = f;
  }
}

assay_status gmm_features_init(gmm_features *out, size_t dimension, size_t degree, assay_context *context) {
  gmm_features features = {.dimension = dimension, .degree = degree, .count = assay_gmm_features(dimension, degree)};
  if (features.count == 0)
    return assay_fail(context, ASSAY_UNSUPPORTED, "degree: %zu in %zu dimensions takes more than 4096 features", degree,
                      dimension);
  void *prefix = NULL, *lists = NULL, *alpha = NULL;
  assay_status status = assay_allocate(&prefix, degree + 1, sizeof(size_t), "features", context);
  if (!status) status = assay_allocate(&lists, features.count, 3 * sizeof(uint32_t), "features", context);
  if (!status) status = assay_allocate(&alpha, dimension, sizeof(uint32_t), "features", context);
  features.prefix = prefix;
  features.parent = lists;
  if (!status) {
    features.axis = features.parent + features.count;
    features.power = features.axis + features.count;
    list_features(&features, alpha);
    *out = features;
  } else {
    gmm_features_clear(&features);
  }
  free(alpha);
  return status;
}

void gmm_features_clear(gmm_features *features) {
  free(features->prefix);
  free(features->parent);
  memset(features, 0, sizeof *features);
}

size_t gmm_features_scratch(const gmm_features *features) {
  return features->dimension * (features->degree + 1) * GMM_BLOCK;
}

/* h_0, ..., h_degree of one variable: h_a+1 = (z h_a - sqrt(a) h_a-1)/sqrt(a + 1). */
static void hermite_values(double *out, size_t degree, const double *z, size_t rows) {
  for (size_t i = 0; i < rows; i++) out[i] = 1;
  if (degree > 0) memcpy(out + GMM_BLOCK, z, rows * sizeof *z);
  for (size_t a = 1; a < degree; a++) {
    const double *here = out + a * GMM_BLOCK, *before = here - GMM_BLOCK;
    double *next = out + (a + 1) * GMM_BLOCK;
    double back = sqrt((double)a), scale = 1 / sqrt((double)a + 1);
    for (size_t i = 0; i < rows; i++) next[i] = (z[i] * here[i] - back * before[i]) * scale;
  }
}

void gmm_features_values(double *out, const gmm_features *features, size_t degree, const double *z, size_t rows,
                         double *hermite) {
  size_t per_axis = (degree + 1) * GMM_BLOCK;
  for (size_t j = 0; j < features->dimension; j++)
    hermite_values(hermite + j * per_axis, degree, z + j * GMM_BLOCK, rows);
  for (size_t i = 0; i < rows; i++) out[i] = 1;
  for (size_t f = 1; f < features->prefix[degree]; f++) {
    const double *parent = out + (size_t)features->parent[f] * GMM_BLOCK;
    const double *factor = hermite + features->axis[f] * per_axis + (size_t)features->power[f] * GMM_BLOCK;
    double *value = out + f * GMM_BLOCK;
    for (size_t i = 0; i < rows; i++) value[i] = parent[i] * factor[i];
  }
}
