#include "reference/core/field_factor.h"

#include "reference/core/field_coordinate.h"
#include "reference/core/field_intervals.h"
#include "reference/core/field_sum.h"
#include "reference/core/ldl.h"

#include <stdlib.h>

enum { MAX_LEVELS = 64 }; /* each doubles the precision, a long */

typedef struct {
  field_factor *of[MAX_LEVELS];
} shape_factors;

struct field_factors {
  const field_problem *problem;
  shape_factors *shape; /* per component; used where it is its own shape and full */
};

field_factors *field_factors_new(const field_problem *problem) {
  field_factors *factors = calloc(1, sizeof *factors);
  if (!factors) abort(); /* as GMP does: the caller has checked the sizes against the cap */
  factors->problem = problem;
  factors->shape = calloc(problem->mixture->count, sizeof *factors->shape);
  if (!factors->shape) abort();
  return factors;
}

static void factor_free(field_factor *factor, size_t d) {
  if (!factor) return;
  field_intervals_free(factor->packed, ldl_index(d, 0));
  field_intervals_free(factor->log_determinant, 1);
  field_intervals_free(factor->rate, 1);
  free(factor);
}

void field_factors_free(field_factors *factors) {
  if (!factors) return;
  const assay_mixture *mixture = factors->problem->mixture;
  for (size_t k = 0; k < mixture->count; k++)
    for (size_t level = 0; level < MAX_LEVELS; level++) factor_free(factors->shape[k].of[level], mixture->dimension);
  free(factors->shape);
  free(factors);
}

size_t field_factors_bytes(const field_problem *problem, long bits) {
  const assay_mixture *mixture = problem->mixture;
  size_t shapes = 0, bytes = 0, pointers = 0;
  for (size_t k = 0; k < mixture->count; k++) shapes += field_is_full(problem, k) && problem->component[k].shape == k;
  if (shapes == 0) return 0;
  /* levels add up to twice the last one's limbs, but each has its own headers: three times the last */
  if (__builtin_mul_overflow(field_matrix_bytes(mixture->dimension, bits), 3 * shapes, &bytes) ||
      __builtin_mul_overflow(mixture->count, sizeof(shape_factors), &pointers) ||
      __builtin_add_overflow(bytes, pointers, &bytes))
    return SIZE_MAX;
  return bytes;
}

/* ---- making one ---- */

static mpfi_ptr spread_matrix(const field_table *table, const double *entries, size_t d) {
  mpfi_ptr packed = field_intervals_new(ldl_index(d, 0), iv_bits(table->scope));
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j <= i; j++) {
      mpfi_ptr entry = &packed[ldl_index(i, j)];
      mpfi_set_d(entry, entries[i * d + j]);
      mpfi_mul(entry, entry, table->beta2);
      if (i == j) mpfi_add(entry, entry, table->alpha2);
    }
  return packed;
}

/* log det W_k - d log q^2; the product of the pivots block by block, as in field_coordinate.c. */
static mpfi_ptr log_determinant(const field_table *table, mpfi_srcptr packed, size_t d) {
  enum { BLOCK = 4096 };
  iv_scope *s = table->scope;
  size_t mark = iv_mark(s);
  iv sum = iv_neg(s, iv_mul(s, iv_ui(s, d), iv_log(s, table->unit2)));
  for (size_t first = 0; first < d; first += BLOCK) {
    mpfi_ptr product = iv_new(s);
    mpfi_set_ui(product, 1);
    for (size_t j = first; j < d && j < first + BLOCK; j++) mpfi_mul(product, product, &packed[ldl_index(j, j)]);
    sum = iv_add(s, sum, iv_log(s, product));
  }
  mpfi_ptr out = field_intervals_new(1, iv_bits(s));
  mpfi_set(out, sum);
  iv_release(s, mark);
  return out;
}

/* The trace, column by column: entry j of W^{-1} (xi_variance S + xi_unit I) e_j. */
static mpfi_ptr trace(const field_table *table, const field_factor *factor, const double *entries, size_t d) {
  long bits = iv_bits(table->scope);
  mpfi_ptr sum = field_intervals_new(1, bits), column = field_intervals_new(d, bits);
  mpfi_ptr zeros = field_intervals_new(d, bits);
  double *unit = calloc(d, sizeof *unit);
  if (!unit) abort(); /* the caller has checked the sizes against the cap */
  for (size_t j = 0; j < d; j++) mpfi_set_ui(&zeros[j], 0);
  mpfi_set_ui(sum, 0);
  for (size_t j = 0; j < d; j++) {
    unit[j] = 1;
    field_factor_value(column, factor, &table->field, entries, unit, 1, zeros, d);
    mpfi_add(sum, sum, &column[j]);
    unit[j] = 0;
  }
  free(unit);
  field_intervals_free(zeros, d);
  field_intervals_free(column, d);
  return sum;
}

static field_factor *factor_new(const field_problem *problem, const field_table *table, size_t shape) {
  size_t d = problem->mixture->dimension, pivot = 0;
  const double *entries = problem->mixture->components[shape].covariance.entries;
  field_factor *factor = calloc(1, sizeof *factor);
  if (!factor) abort(); /* the caller has checked the sizes against the cap */
  factor->packed = spread_matrix(table, entries, d);
  if (ldl_factor(factor->packed, d, &pivot) != LDL_DEFINITE) {
    field_intervals_free(factor->packed, ldl_index(d, 0));
    factor->packed = NULL;
    return factor;
  }
  factor->log_determinant = log_determinant(table, factor->packed, d);
  if (problem->quantity == ASSAY_DIVERGENCE) factor->rate = trace(table, factor, entries, d);
  return factor;
}

const field_factor *field_factors_get(field_factors *factors, size_t level, const field_table *table, size_t k) {
  size_t shape = factors->problem->component[k].shape;
  field_factor **factor = &factors->shape[shape].of[level], *result = NULL;
#pragma omp critical(assay_field_factor)
  {
    if (!*factor) *factor = factor_new(factors->problem, table, shape);
    result = *factor;
  }
  return result;
}

/* ---- using it ---- */

void field_factor_distance(mpfi_ptr out, const field_table *table, const double *x, size_t size, mpfi_srcptr sum,
                           size_t d) {
  mpfi_t unit;
  mpfr_t x_j;
  mpfi_init2(unit, iv_bits(table->scope));
  mpfr_init2(x_j, 53);
  mpfi_mul_ui(unit, table->unit, size);
  for (size_t j = 0; j < d; j++) {
    mpfr_set_d(x_j, x[j], MPFR_RNDD); /* exact */
    mpfi_mul(&out[j], table->beta, &sum[j]);
    mpfi_neg(&out[j], &out[j]);
    field_accumulate(&out[j], unit, x_j);
  }
  mpfr_clear(x_j);
  mpfi_clear(unit);
}

/* out = S_i . x, or (S_i - e_i) . x */
static void row_times(mpfi_ptr out, const double *row, const double *x, size_t i, bool excess, size_t d, mpfr_ptr y,
                      mpfi_ptr entry) {
  mpfi_set_ui(out, 0);
  for (size_t j = 0; j < d; j++) {
    if (x[j] == 0) continue;
    mpfi_set_d(entry, row[j]);
    if (excess && i == j) mpfi_sub_ui(entry, entry, 1);
    mpfr_set_d(y, x[j], MPFR_RNDD); /* exact */
    field_accumulate(out, entry, y);
  }
}

void field_factor_value(mpfi_ptr out, const field_factor *factor, const field_form *form, const double *entries,
                        const double *x, size_t size, mpfi_srcptr sum, size_t d) {
  long bits = mpfi_get_prec(out);
  mpfi_t product, unit;
  mpfr_t y;
  mpfi_init2(product, bits);
  mpfi_init2(unit, bits);
  mpfr_init2(y, 53);
  mpfi_mul_ui(unit, form->xi_unit, size);
  bool has_variance = !mpfi_is_zero(form->xi_variance);
  for (size_t i = 0; i < d; i++) {
    mpfi_set_ui(&out[i], 0);
    if (has_variance) row_times(&out[i], entries + i * d, x, i, form->excess, d, y, product);
    mpfi_mul_ui(&out[i], &out[i], size);
    mpfi_mul(&out[i], &out[i], form->xi_variance);
    mpfr_set_d(y, x[i], MPFR_RNDD); /* exact */
    field_accumulate(&out[i], unit, y);
    mpfi_mul(product, form->mu_unit, &sum[i]);
    mpfi_add(&out[i], &out[i], product);
  }
  ldl_forward(out, factor->packed, d);
  ldl_backward(out, factor->packed, d);
  for (size_t i = 0; i < d; i++) mpfi_div_ui(&out[i], &out[i], size);
  mpfr_clear(y);
  mpfi_clear(product);
  mpfi_clear(unit);
}
