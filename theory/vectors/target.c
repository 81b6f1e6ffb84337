#include "theory/vectors/target.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- filling ---- */

static void set_mean(assay_component *component, const double *mean, size_t d) {
  memcpy(component->mean, mean, d * sizeof *mean);
}

static void set_isotropic(assay_component *component, double weight, double variance) {
  component->weight = assay_real_of(weight);
  component->covariance.kind = ASSAY_COVARIANCE_ISOTROPIC;
  component->covariance.variance = assay_real_of(variance);
}

/* `entries` were allocated with the mixture. */
static void set_entries(assay_component *component, double weight, const double *entries, size_t count) {
  component->weight = assay_real_of(weight);
  memcpy(component->covariance.entries, entries, count * sizeof *entries);
}

/* ---- isotropic ---- */

static void one(assay_mixture *m) {
  set_mean(&m->components[0], (const double[]){1, -0.5}, 2);
  set_isotropic(&m->components[0], 1, 0.25);
}

static void binary(assay_mixture *m) {
  for (size_t k = 0; k < 2; k++) {
    double sign = k ? -1 : 1;
    set_mean(&m->components[k], (const double[]){sign, -0.5 * sign}, 2);
    set_isotropic(&m->components[k], 0.5, 0.25);
  }
}

static void tiny(assay_mixture *m) {
  static const double means[3][3] = {{0.75, -1.5, 0.125}, {-2, 0.5, 1}, {0.75, -1.25, 0.25}};
  static const double variances[] = {0x1p-30, 0x1p-10, 0.25}, weights[] = {0.5, 0.5 - 0x1p-20, 0x1p-20};
  for (size_t k = 0; k < 3; k++) {
    set_mean(&m->components[k], means[k], 3);
    set_isotropic(&m->components[k], weights[k], variances[k]);
  }
}

static void separated(assay_mixture *m) {
  static const double means[4][2] = {{1000, 1}, {-1000, 3}, {0.5, 2000}, {7, -1500}};
  static const double variances[] = {1, 0.25, 2, 4};
  for (size_t k = 0; k < 4; k++) {
    set_mean(&m->components[k], means[k], 2);
    set_isotropic(&m->components[k], 0.25, variances[k]);
  }
}

/* Neighbours far from the origin: data that nobody has centred. */
static void offset(assay_mixture *m) {
  static const double means[3][2] = {{4096, -4096}, {4097, -4095.5}, {4095.25, -4097}};
  for (size_t k = 0; k < 3; k++) {
    set_mean(&m->components[k], means[k], 2);
    set_isotropic(&m->components[k], k ? 0.25 : 0.5, 0.25);
  }
}

/* 32 needles on a grid that no symmetry maps to itself. */
static void many(assay_mixture *m) {
  for (size_t k = 0; k < 32; k++) {
    size_t line = k / 8;
    double column = (double)(k % 8), row = (double)line;
    set_mean(&m->components[k], (const double[]){column - 3.5 + 0.125 * row, 1.5 * row - 2}, 2);
    set_isotropic(&m->components[k], 1 / 32.0, 0x1p-8);
  }
}

static void wide(assay_mixture *m) {
  for (size_t k = 0; k < 3; k++) {
    double mean[VECTORS_MOST_DIMENSION];
    for (size_t j = 0; j < VECTORS_MOST_DIMENSION; j++)
      mean[j] = ((double)((7 * j + 5 * k * j + 3 * k) % 16) - 7.5) / 8;
    set_mean(&m->components[k], mean, VECTORS_MOST_DIMENSION);
    set_isotropic(&m->components[k], k ? 0.25 : 0.5, 0.25);
  }
}

/* ---- diagonal ---- */

static void diagonal_pair(assay_mixture *m) {
  static const double means[2][3] = {{1, 0.25, -1}, {-1, 0.5, 2}}, variances[2][3] = {{0.25, 1, 2}, {1, 0.5, 0.125}};
  for (size_t k = 0; k < 2; k++) {
    set_mean(&m->components[k], means[k], 3);
    set_entries(&m->components[k], k ? 0.75 : 0.25, variances[k], 3);
  }
}

static void diagonal_scales(assay_mixture *m) {
  static const double means[3][4] = {{1, -2, 0.5, 100}, {-1, 2, 0.5, -50}, {0, 0.25, -0.5, 3}};
  static const double variances[3][4] = {
      {0x1p-40, 1, 0x1p-10, 0x1p12}, {0x1p-20, 0x1p-20, 4, 0x1p8}, {1, 0x1p-30, 0x1p-4, 1}};
  for (size_t k = 0; k < 3; k++) {
    set_mean(&m->components[k], means[k], 4);
    set_entries(&m->components[k], k ? 0.25 : 0.5, variances[k], 4);
  }
}

static void diagonal_eight(assay_mixture *m) {
  for (size_t k = 0; k < 4; k++) {
    double mean[8], variance[8];
    for (size_t j = 0; j < 8; j++) {
      mean[j] = ((double)((5 * j + 3 * k + j * k) % 16) - 7.5) / 4;
      variance[j] = ldexp(1, (int)((3 * j + 5 * k) % 9) - 6);
    }
    set_mean(&m->components[k], mean, 8);
    set_entries(&m->components[k], 0.25, variance, 8);
  }
}

/* ---- full ---- */

/* Correlations 1 - 2^-20 and -15/16. */
static void correlated(assay_mixture *m) {
  static const double entries[2][4] = {{1, 1 - 0x1p-20, 1 - 0x1p-20, 1}, {0.5, -0.46875, -0.46875, 0.5}};
  for (size_t k = 0; k < 2; k++) {
    double sign = k ? -1 : 1;
    set_mean(&m->components[k], (const double[]){sign, 0.5 * sign}, 2);
    set_entries(&m->components[k], k ? 0.375 : 0.625, entries[k], 4);
  }
}

/* D A D with D = diag(2^-12, 1, 2^8) and a well-conditioned A; and its inverse's scales. */
static void full_scales(assay_mixture *m) {
  static const double shape[3][3] = {{1, 0.5, 0.25}, {0.5, 1, -0.25}, {0.25, -0.25, 1}};
  static const int exponents[2][3] = {{-12, 0, 8}, {8, 0, -12}};
  static const double means[2][3] = {{0.5, 1, -200}, {-100, 1.5, 0.5}};
  for (size_t k = 0; k < 2; k++) {
    double entries[9];
    for (size_t i = 0; i < 3; i++)
      for (size_t j = 0; j < 3; j++) entries[3 * i + j] = ldexp(shape[i][j], exponents[k][i] + exponents[k][j]);
    set_mean(&m->components[k], means[k], 3);
    set_entries(&m->components[k], 0.5, entries, 9);
  }
}

/* min(i, j)/8 and its mirror: Brownian motion, run forwards and backwards. */
static void brownian(assay_mixture *m) {
  for (size_t k = 0; k < 2; k++) {
    double mean[8], entries[64];
    for (size_t i = 0; i < 8; i++) {
      mean[i] = ((double)i - 3) / (k ? -4 : 4);
      for (size_t j = 0; j < 8; j++) {
        size_t low = i < j ? i : j, high = i < j ? j : i;
        entries[8 * i + j] = (double)(k ? 8 - high : low + 1) / 8;
      }
    }
    set_mean(&m->components[k], mean, 8);
    set_entries(&m->components[k], k ? 0.25 : 0.75, entries, 64);
  }
}

/* ---- mixed: component 0 isotropic, 1 diagonal, 2 full ---- */

static void mixed_three(assay_mixture *m) {
  static const double means[3][2] = {{1, -0.5}, {-1, 0.25}, {0, 2}};
  for (size_t k = 0; k < 3; k++) set_mean(&m->components[k], means[k], 2);
  set_isotropic(&m->components[0], 0.5, 0.25);
  set_entries(&m->components[1], 0.25, (const double[]){2, 0.0625}, 2);
  set_entries(&m->components[2], 0.25, (const double[]){1, 0.75, 0.75, 1}, 4);
}

static void mixed_tiny(assay_mixture *m) {
  static const double means[3][4] = {{1, 1, -1, 0.5}, {1.25, -3, 0, 40}, {-2, 0.5, 1, 0.25}};
  static const double full[] = {1, 0.5, 0, 0, 0.5, 1, 0.5, 0, 0, 0.5, 1, 0x1p-12, 0, 0, 0x1p-12, 0x1p-20};
  for (size_t k = 0; k < 3; k++) set_mean(&m->components[k], means[k], 4);
  set_isotropic(&m->components[0], 0.5 - 0x1p-18, 0x1p-24);
  set_entries(&m->components[1], 0.5, (const double[]){0x1p-30, 1, 0x1p-6, 0x1p10}, 4);
  set_entries(&m->components[2], 0x1p-18, full, 16);
}

/* ---- the list ---- */

const vectors_target vectors_targets[] = {
    {"one", "isotropic", 2, 1, one},
    {"binary", "isotropic", 2, 2, binary},
    {"tiny", "isotropic", 3, 3, tiny},
    {"separated", "isotropic", 2, 4, separated},
    {"offset", "isotropic", 2, 3, offset},
    {"many", "isotropic", 2, 32, many},
    {"wide", "isotropic", VECTORS_MOST_DIMENSION, 3, wide},
    {"pair", "diagonal", 3, 2, diagonal_pair},
    {"scales", "diagonal", 4, 3, diagonal_scales},
    {"eight", "diagonal", 8, 4, diagonal_eight},
    {"correlated", "full", 2, 2, correlated},
    {"scales", "full", 3, 2, full_scales},
    {"brownian", "full", 8, 2, brownian},
    {"three", "mixed", 2, 3, mixed_three},
    {"tiny", "mixed", 4, 3, mixed_tiny},
};
const size_t vectors_target_count = sizeof vectors_targets / sizeof *vectors_targets;

/* The kind of component k. */
static assay_covariance_kind kind_of(const vectors_target *target, size_t k) {
  if (strcmp(target->kind, "isotropic") == 0) return ASSAY_COVARIANCE_ISOTROPIC;
  if (strcmp(target->kind, "diagonal") == 0) return ASSAY_COVARIANCE_DIAGONAL;
  if (strcmp(target->kind, "full") == 0) return ASSAY_COVARIANCE_FULL;
  return (assay_covariance_kind)k;
}

assay_status vectors_target_mixture(assay_mixture *out, const vectors_target *target, assay_context *context) {
  assay_mixture mixture;
  size_t d = target->dimension;
  assay_status status = assay_mixture_init(&mixture, d, target->count, context);
  if (status) return status;
  for (size_t k = 0; !status && k < target->count; k++) {
    assay_covariance *covariance = &mixture.components[k].covariance;
    covariance->kind = kind_of(target, k);
    if (covariance->kind != ASSAY_COVARIANCE_ISOTROPIC)
      status = assay_allocate((void **)&covariance->entries, covariance->kind == ASSAY_COVARIANCE_FULL ? d * d : d,
                              sizeof *covariance->entries, "covariance", context);
  }
  if (status) {
    assay_mixture_clear(&mixture);
    return status;
  }
  target->fill(&mixture);
  *out = mixture;
  return ASSAY_OK;
}
