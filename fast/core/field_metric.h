/* fast/core/field_metric.h: one component of any covariance at one path point: the map z = X (x - beta m) with
 * V^{-1} = X' (I + E)^{-1} X, |E| small, and what a quantity makes of z. X is diagonal (then E = 0 and X has an error
 * of its own) or lower triangular (then X is exactly what it is, and E is bounded). Steps M1..M7 refer to
 * docs/fast-field-bound.md. */
#ifndef ASSAY_FAST_CORE_FIELD_METRIC_H
#define ASSAY_FAST_CORE_FIELD_METRIC_H

#include "fast/core/field_output.h"
#include "fast/core/field_rows.h"

typedef struct {
  bool full;
  bool usable; /* false: beyond the range that the proof treats; every bound is infinite */
  /* log-weight: base - |z|^2/2 (M3) */
  double base, base_error;
  /* |z - exact z| <= relative |z| + fixed + stray |y|, y = x - beta m (M2) */
  double relative, fixed, fixed_largest, stray;
  double defect; /* epsilon/(1 - epsilon), epsilon >= |E| */
  /* h = W z + keep m: |W z| <= output |z|; error of W; relative rounding of the product (M4) */
  double output, output_error, output_rounding;
  /* g = V^{-1} y: |g| <= inverse |z|; relative error of the product (M4) */
  double inverse, inverse_error;
  double mean_size, centred_size; /* |m|, |m - centre|: 2-norms where the quantity is a scalar, else largest entries */
  ball trace;                     /* tr A (M6) */
  const double *mean;
  double *shift, *root, *gain; /* fl(beta m): d; X and A = W X: d each; or X and W: d x d row-major */
} field_metric;

/* What components need to know of the path point and the mixture. */
typedef struct {
  assay_quantity quantity;
  size_t dimension;
  bool scalar;
  const field_rows *rows;
  ball beta, alpha_square, beta_square;
  field_output output;
  double beta_error; /* S2 */
  const double *centre;
} field_metric_setting;

/* Numbers in the root and the gain of a component of that kind. */
size_t field_metric_entries(assay_covariance_kind kind, size_t d);

/* Fills everything but mean, shift, root and gain, which point to memory, and writes that memory. `scratch`: 2 d x d +
 * 4 d numbers for a full covariance. ASSAY_PRECISION: V cannot be factored in double. */
assay_status field_metric_set(field_metric *metric, const field_metric_setting *setting,
                              const assay_component *component, size_t index, double *scratch, assay_context *context);

/* The two kinds; base still lacks log w. */
void field_metric_set_diagonal(field_metric *metric, ball *half_log_det, const field_metric_setting *setting,
                               const assay_covariance *covariance);
assay_status field_metric_set_full(field_metric *metric, ball *half_log_det, const field_metric_setting *setting,
                                   const double *covariance, size_t index, double *scratch, assay_context *context);

/* log of a product of `count` positive numbers, `stride` apart: within `count` roundings. */
ball field_log_product(const double *factors, size_t count, size_t stride);

/* The lower Cholesky factor of a symmetric matrix, in place in its lower triangle. Returns the row where it stops, or
 * d.
 */
size_t field_cholesky(double *matrix, size_t d);

#endif
