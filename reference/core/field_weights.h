/* reference/core/field_weights.h: the responsibilities p_k ~ w_k N(x; beta m_k, V_k) at one point.
 *
 * Only differences of log-weights enter, against the dominant component, so nothing overflows. Isotropic problems:
 *   L_k - L_r = log w_k/w_r - d/2 log v_k/v_r - (N_k/(q^2 v_k) - N_r/(q^2 v_r))/2,
 *   N_k = |q x - b m_k|^2 = q^2 |x|^2 - 2 q b <x, m_k> + b^2 |m_k|^2,
 * the three inner products being exact integers; with v_k = v_r the first one cancels before any rounding. In general
 * problems each L_k is computed by itself (field_log_weight.h). Log-weights need absolute accuracy, so they are taken
 * at a higher precision than the rest when they are large.
 *
 * Components whose responsibilities are equal because weight, variance, |m_k|^2 and <x, m_k> agree exactly form a
 * group (general problems: field_groups.c). Every symmetry that fixes x permutes components inside groups, so sums over
 * a group are where its zeros appear. */
#ifndef ASSAY_REFERENCE_CORE_FIELD_WEIGHTS_H
#define ASSAY_REFERENCE_CORE_FIELD_WEIGHTS_H

#include "reference/core/field_factor.h"

typedef struct {
  size_t first, size; /* members member[first], ..., member[first + size - 1] */
} field_group;

/* One thread's memory. Working precisions are bits[0] < bits[1] < ... < bits[levels - 1]; tables are made when first
 * needed. */
typedef struct {
  const field_problem *problem;
  field_factors *factors; /* shared; of a general problem */
  long *bits;
  size_t levels;
  field_table **table;
  /* the point */
  const double *x;
  mpz_t x_norm2;
  mpz_t *x_mean; /* <x, m_k>; like x_norm2 in units of 2^EXACT_SUM_EXPONENT */
  size_t *member;
  field_group *group;
  size_t groups, dominant;
  /* the responsibilities, of a whole group */
  mpfi_ptr weight;
  mpfi_t log_density;
} field_weights;

/* A ladder of precisions: `start`, doubled until `max_bits`, which is the last. */
void field_weights_init(field_weights *out, const field_problem *problem, field_factors *factors, long start,
                        long max_bits);
void field_weights_clear(field_weights *weights);

/* Bytes that one of these takes at `bits`, generously; SIZE_MAX on overflow. */
size_t field_weights_bytes(const field_problem *problem, long bits);

/* The table at a level. */
const field_table *field_weights_table(field_weights *weights, size_t level);

/* The exact part: inner products where they are needed, groups. x stays the caller's. */
void field_weights_set_point(field_weights *weights, const double *x);

/* Responsibilities to about bits[level] bits, and the log-density when that is the quantity. */
void field_weights_compute(field_weights *weights, size_t level);

#endif
