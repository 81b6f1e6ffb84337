/* fast/core/field_plan.h: everything about a mixture at one path point that does not depend on x: centred means, the
 * coefficients of log-weights and outputs, and the constants of their error bounds. Steps S1..S9 refer to
 * docs/fast-field-bound.md. */
#ifndef ASSAY_FAST_CORE_FIELD_PLAN_H
#define ASSAY_FAST_CORE_FIELD_PLAN_H

#include "fast/core/ball.h"
#include "fast/core/field_rows.h"
#include "fast/core/schedule.h"

/* Added to each sum of a bound before it is scaled: more than all the underflows inside it. */
#define FIELD_FLOOR 0x1p-1000

typedef struct {
  /* log-weight up to a term common to all components: base + slope <y, m> - bend |y|^2, y = x - beta centre (S3) */
  double base, slope, bend;
  double error0, error1, error2; /* its error is at most error0 + |y| (error1 + |y| error2) (S4) */
  /* the same taken directly: direct_base - |x - beta mean|^2 / (2 v) (S5) */
  double direct_base, direct_error;
  ball half_precision;               /* 1/(2 v) */
  ball variance;                     /* sigma^2 */
  double weight;                     /* omega = v_0/v, v_0 the largest v */
  ball slope_out;                    /* A: this component's own output is A (x - beta mean) + keep mean (S6) */
  ball lean;                         /* beta/v */
  ball tilt;                         /* gain beta/v: how A differs between components (S6) */
  double centred_norm, centred_size; /* |mean - centre|: upper bound of the 2-norm; in the norm the quantity needs */
  double mean_norm, mean_size;       /* the same of the mean itself */
} field_component;

typedef struct field_plan {
  assay_quantity quantity;
  size_t dimension, count;
  bool scalar;         /* one number per point: sizes are 2-norms, else largest entries */
  bool equal;          /* all variances are the same real */
  bool posterior_free; /* gain is exactly 0: out = A x whatever the posteriors (t = 0 and t = 1) */
  const field_rows *rows;
  schedule_coefficients at;
  ball keep, gain;             /* F, and g = tau/v_0 (S6) */
  ball spread;                 /* beta g/v_0: divergence's factor of the posterior variance (S9) */
  double beta_error;           /* relative error of beta times an entry: radius plus rounding, per |entry| (S2) */
  double shift_error;          /* bound of the 2-norm of the error of shift (S2) */
  double weight_error;         /* largest relative error of weight */
  double gamma_d, gamma_k;     /* gamma of sums over entries and over components, with the few roundings around them */
  double tiny_sum;             /* underflow of sums over components, per unit gain (S7) */
  field_component *components; /* count + 1: the last stands for the centre as an anchor */
  double *centre, *shift;      /* d: centre; fl(beta centre) */
  double *means;               /* (count + 1) x d: mean - centre; the last row is 0 */
  const assay_mixture *mixture;
  ball *log_density_base; /* count, log-density only: log(w/sum w) - d/2 log(2 pi v) */
  void *memory;
} field_plan;

/* Bytes that field_plan_init will allocate; SIZE_MAX when they overflow. */
size_t field_plan_bytes(const assay_mixture *mixture);

assay_status field_plan_init(field_plan *plan, assay_quantity quantity, const assay_mixture *mixture,
                             const assay_path_point *point, assay_context *context);
void field_plan_clear(field_plan *plan);

/* The mean and the centred mean of an anchor: a component, or `count` for the centre. */
static inline const double *field_anchor_mean(const field_plan *plan, size_t anchor) {
  return anchor == plan->count ? plan->centre : plan->mixture->components[anchor].mean;
}
static inline const double *field_centred(const field_plan *plan, size_t component) {
  return plan->means + component * plan->dimension;
}

/* S5: bound of the error of a computed |x - beta mean|^2. */
double field_square_error(const field_plan *plan, size_t component, double square);

#endif
