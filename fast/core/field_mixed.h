/* fast/core/field_mixed.h: fields of mixtures whose components have covariances of any kind, each its own. Steps
 * M1..M9 refer to docs/fast-field-bound.md. */
#ifndef ASSAY_FAST_CORE_FIELD_MIXED_H
#define ASSAY_FAST_CORE_FIELD_MIXED_H

#include "fast/core/field_metric.h"
#include "fast/core/field_posterior.h"

typedef struct {
  assay_quantity quantity;
  size_t dimension, count;
  bool any_full, usable;
  const field_rows *rows;
  const assay_mixture *mixture;
  field_metric_setting setting;
  ball slant;                                   /* tau/beta: h_k - h_l = -slant (g_k - g_l) (M7) */
  ball constant;                                /* log-density: -log sum w - d/2 log(2 pi) */
  double gamma_lanes, gamma_share, gamma_count; /* of sums of d entries in lanes; of weighted sums over components; of
                                                   running means and their squares */
  double *centre;
  field_metric *components;
  void *memory;
} field_mixed_plan;

/* Bytes that field_mixed_init keeps; SIZE_MAX when they overflow. */
size_t field_mixed_bytes(const assay_mixture *mixture);

assay_status field_mixed_init(field_mixed_plan *plan, assay_quantity quantity, const assay_mixture *mixture,
                              const assay_path_point *point, assay_context *context);
void field_mixed_clear(field_mixed_plan *plan);

/* One point. Sizes of its z_k are 2-norms. */
typedef struct {
  double *size, *delta; /* count each: |z_k| from above; |z_k - exact z_k| */
  field_posterior posterior;
  double error;       /* sum p_k (error of h_k) and of the sum (M4, M7) */
  double sensitivity; /* of the output to the errors of the p_k (M7) */
  /* running means of g_k and h_k by Welford's recurrence: sum of weights, errors and sizes of the means (M8) */
  double weight, mean_g_error, mean_h_error, mean_g_size, mean_h_size;
  double square, square_error; /* sum p |g_k - g|^2 */
  double cross, cross_error;   /* sum p <h_k - h, g_k - g> */
  double trace, trace_error;   /* sum p tr A_k */
} field_mixed_point;

/* M3: log-weights of one component. */
void field_mixed_log_weight(field_mixed_point *point, const field_mixed_plan *plan, size_t k, double square,
                            double y_size);
/* From all log-weights: the posterior, and what its errors do. */
void field_mixed_weigh(field_mixed_point *point, const field_mixed_plan *plan);
/* A share of exactly 0 adds nothing; one that is NaN must be seen. */
static inline bool field_mixed_has_share(const field_mixed_point *point, size_t k) {
  return point->posterior.share[k] != 0.0;
}
/* M4: component k is added to the wide outputs of `count` points where it has a share; largest: z^2 of each, for
 * diagonal components. */
void field_mixed_add(field_mixed_point *points, size_t count, const field_mixed_plan *plan, size_t k,
                     const double *largest);
double field_mixed_wide_bound(const field_mixed_point *point, const field_mixed_plan *plan, const double *out);
/* The log-density; returns its bound. */
double field_mixed_log_density(double *out, const field_mixed_point *point, const field_mixed_plan *plan);

/* Divergence (M8, M9): component k with its g and h; then the number and its bound. */
void field_mixed_spread(field_mixed_point *point, double *mean_g, double *mean_h, const field_mixed_plan *plan,
                        size_t k, const double *g, const double *h);
double field_mixed_divergence(double *out, const field_mixed_point *point, const field_mixed_plan *plan);

/* |g_k| and |h_k| from above, h_k without the mean of the centre (M7). */
static inline double field_mixed_inverse_size(const field_mixed_point *point, const field_metric *c, size_t k) {
  return c->inverse * ((1.0 + c->defect) * (point->size[k] + point->delta[k]));
}
static inline double field_mixed_output_size(const field_mixed_point *point, const field_mixed_plan *plan, size_t k,
                                             double mean_size) {
  const field_metric *c = &plan->components[k];
  return (c->output + c->output_error) * ((1.0 + c->defect) * (point->size[k] + point->delta[k])) +
         ball_upper(plan->setting.output.keep) * mean_size;
}

/* A bound made safe: inflated; infinite when the proof does not apply or it is NaN. */
double field_mixed_bound(double bound, const field_mixed_plan *plan);

/* Every full covariance positive definite, as far as double can tell; ASSAY_INVALID names the first that is not. */
assay_status field_mixed_check(const assay_mixture *mixture, assay_context *context);

/* The whole job: points in tiles. All arguments have been checked; at least one covariance is not isotropic. */
assay_status field_mixed_run(double *out, double *bound, assay_quantity quantity, const assay_mixture *mixture,
                             const assay_path_point *point, const double *x, size_t points, assay_context *context);

#endif
