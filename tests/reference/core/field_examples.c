#include "field_examples.h"

#include "testing.h"

#include "reference/core/interval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

assay_context example_context;

mpfi_ptr example_new_enclosures(size_t count) {
  mpfi_ptr out = NULL;
  assert_int_equal(assay_enclosures_init(&out, count, &example_context), ASSAY_OK);
  return out;
}

/* Gives component k these entries (d or d x d), copied. */
void example_set_covariance(assay_mixture *mixture, size_t k, assay_covariance_kind kind, const double *entries) {
  size_t d = mixture->dimension, count = kind == ASSAY_COVARIANCE_FULL ? d * d : d;
  assay_covariance *covariance = &mixture->components[k].covariance;
  covariance->kind = kind;
  free(covariance->entries);
  covariance->entries = malloc(count * sizeof *entries);
  assert_non_null(covariance->entries);
  memcpy(covariance->entries, entries, count * sizeof *entries);
}

void example_set_diagonal(assay_mixture *mixture, size_t k, assay_covariance_kind kind, const double *variances) {
  size_t d = mixture->dimension;
  if (kind == ASSAY_COVARIANCE_DIAGONAL) {
    example_set_covariance(mixture, k, kind, variances);
    return;
  }
  double *matrix = calloc(d * d, sizeof *matrix);
  assert_non_null(matrix);
  for (size_t i = 0; i < d; i++) matrix[i * d + i] = variances[i];
  example_set_covariance(mixture, k, kind, matrix);
  free(matrix);
}

/* B B^T/d + 1/16 I for a normal B: symmetric to the last bit, and far from singular. */
void example_set_random_full(assay_mixture *mixture, size_t k, test_random *random) {
  size_t d = mixture->dimension;
  double *b = calloc(d * d, sizeof *b), *matrix = calloc(d * d, sizeof *matrix);
  assert_true(b && matrix);
  for (size_t i = 0; i < d * d; i++) b[i] = test_normal(random);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j <= i; j++) {
      double sum = 0;
      for (size_t l = 0; l < d; l++) sum += b[i * d + l] * b[j * d + l];
      matrix[i * d + j] = matrix[j * d + i] = sum / (double)d + (i == j ? 0.0625 : 0);
    }
  example_set_covariance(mixture, k, ASSAY_COVARIANCE_FULL, matrix);
  free(b);
  free(matrix);
}

void example_fill_normal(double *x, size_t count, test_random *random) {
  for (size_t i = 0; i < count; i++) x[i] = test_normal(random);
}

/* Random components of kinds in turn. */
void example_draw(assay_mixture *out, test_random *random, size_t d, size_t count) {
  assert_int_equal(assay_mixture_init(out, d, count, &example_context), ASSAY_OK);
  size_t turn = test_integer(random, 0, 2);
  double *variances = malloc(d * sizeof *variances);
  assert_non_null(variances);
  for (size_t k = 0; k < count; k++) {
    out->components[k].weight = assay_real_of(test_uniform(random, 0.1, 1));
    example_fill_normal(out->components[k].mean, d, random);
    for (size_t j = 0; j < d; j++) variances[j] = test_uniform(random, 0.05, 2);
    if ((k + turn) % 3 == 0) example_set_diagonal(out, k, ASSAY_COVARIANCE_DIAGONAL, variances);
    if ((k + turn) % 3 == 1) example_set_random_full(out, k, random);
    if ((k + turn) % 3 == 2) out->components[k].covariance.variance = assay_real_of(variances[0]);
  }
  free(variances);
}

static double largest(const assay_mixture *mixture, const double *x) {
  double scale = 0;
  for (size_t j = 0; j < mixture->dimension; j++) {
    scale = fmax(scale, fabs(x[j]));
    for (size_t k = 0; k < mixture->count; k++) scale = fmax(scale, fabs(mixture->components[k].mean[j]));
  }
  return scale;
}

/* One point's field, which must be as narrow as promised. */
mpfi_ptr example_field_of(assay_quantity quantity, const assay_mixture *mixture, assay_path_point point,
                          const double *x, long goal) {
  size_t width = assay_quantity_width(quantity, mixture->dimension);
  mpfi_ptr out = example_new_enclosures(width);
  test_check(!assay_reference_field(out, quantity, mixture, &point, x, 1, goal, &example_context), "%s: %s",
             assay_quantity_name(quantity), example_context.message);
  double scale = largest(mixture, x);
  for (size_t j = 0; j < width; j++)
    test_check(iv_reached(&out[j], goal, scale), "%s, entry %zu", assay_quantity_name(quantity), j);
  return out;
}

assay_path_point example_at_time(size_t which, double time) {
  return assay_path_point_at(assay_schedule_of(which % 2 ? ASSAY_LINEAR : ASSAY_TRIGONOMETRIC), assay_real_of(time));
}

void example_check_same(const assay_mixture *a, const assay_mixture *b, assay_path_point point, const double *x,
                        const char *what) {
  enum { GOAL = 90 };
  for (int q = ASSAY_VELOCITY; q <= ASSAY_DIVERGENCE; q++) {
    size_t width = assay_quantity_width((assay_quantity)q, a->dimension);
    mpfi_ptr left = example_field_of((assay_quantity)q, a, point, x, GOAL),
             right = example_field_of((assay_quantity)q, b, point, x, GOAL);
    for (size_t j = 0; j < width; j++)
      test_check(iv_overlap(&left[j], &right[j]) == IV_TRUE, "%s: %s at t = %a, entry %zu", what,
                 assay_quantity_name((assay_quantity)q), point.time.nearest, j);
    assay_enclosures_clear(left, width);
    assay_enclosures_clear(right, width);
  }
}

/* The Hadamard matrix of order 16 over 4: orthogonal, symmetric, and exact in doubles. */
double example_hadamard(size_t i, size_t j) {
  size_t common = i & j;
  int parity = 0;
  for (; common; common &= common - 1) parity ^= 1;
  return parity ? -0.25 : 0.25;
}

void example_rotate(double *out, const double *in) {
  for (size_t i = 0; i < ORDER; i++) {
    out[i] = 0;
    for (size_t j = 0; j < ORDER; j++) out[i] += example_hadamard(i, j) * in[j]; /* exact for the numbers below */
  }
}

static void rotate_diagonal(double *matrix, const double *variances) {
  for (size_t i = 0; i < ORDER; i++)
    for (size_t j = 0; j < ORDER; j++) {
      matrix[i * ORDER + j] = 0;
      for (size_t l = 0; l < ORDER; l++)
        matrix[i * ORDER + j] +=
            example_hadamard(i, l) * variances[l] * example_hadamard(l, j); /* exact, smallest first or not */
    }
}

/* Numbers with few bits, so that rotating them is exact. */
void example_fill_short(double *out, test_random *random) {
  for (size_t j = 0; j < ORDER; j++) out[j] = ((double)test_integer(random, 0, 64) - 32) / 16;
}

/* Two components with the same variances along the axes (condition 2^40, about 1e12) in other orders. */
void example_draw_rotated(assay_mixture *straight, assay_mixture *rotated, test_random *random, int log_condition) {
  assert_int_equal(assay_mixture_init(straight, ORDER, 2, &example_context), ASSAY_OK);
  assert_int_equal(assay_mixture_init(rotated, ORDER, 2, &example_context), ASSAY_OK);
  for (size_t k = 0; k < 2; k++) {
    double variances[ORDER], matrix[ORDER * ORDER];
    for (size_t j = 0; j < ORDER; j++)
      variances[j] = j == 3 + k ? 1
                     : j == 7   ? ldexp(1, -log_condition)
                                : ldexp(1, -(int)test_integer(random, 0, (size_t)log_condition));
    rotate_diagonal(matrix, variances);
    example_set_covariance(straight, k, ASSAY_COVARIANCE_DIAGONAL, variances);
    example_set_covariance(rotated, k, ASSAY_COVARIANCE_FULL, matrix);
    example_fill_short(straight->components[k].mean, random);
    example_rotate(rotated->components[k].mean, straight->components[k].mean);
  }
}
