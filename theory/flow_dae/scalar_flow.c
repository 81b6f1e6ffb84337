#include "theory/flow_dae/scalar_flow.h"

#include "theory/flow_dae/series.h"

#include <math.h>

/* A step keeps the terms up to h^ORDER. */
enum { ORDER = 12, LENGTH = ORDER + 2 };

/* The first and largest step is 2^-FIRST_LEVEL. */
enum { FIRST_LEVEL = 4 };

/* Attempts to find a step's box before the step is halved; the step is never below 2^-SMALLEST_STEP. */
enum { BOX_ATTEMPTS = 8, SMALLEST_STEP = 30 };

/* A step h is accepted when its remainder is narrower than 2^-TOLERANCE h, and doubled when 2^(ORDER + 4) times that
 * would still be: Lagrange's term goes like h^(ORDER + 1), and its coefficient's box widens. */
enum { TOLERANCE = 44, MARGIN = ORDER + 4 };

/* The series of one step. Those of time alone come first; `x` grows order by order with all that depend on it.
 * Responsibilities come from log-densities relative to one component's, log_ratio = constant + slope x - curvature
 * x^2/2, whose curvature vanishes for equal variances: over a box that is far narrower than a difference of
 * log-densities. That component should be the one of largest density near x, so that ratios stay below 1. */
typedef struct {
  iv alpha[LENGTH + 1], beta[LENGTH + 1], alpha_slope[LENGTH], beta_slope[LENGTH];
  struct {
    iv mean, variance;
    iv v[LENGTH], log_v[LENGTH], precision[LENGTH];
    iv constant[LENGTH], slope[LENGTH], curvature[LENGTH];
    iv log_ratio[LENGTH], ratio[LENGTH];
    iv offset[LENGTH], g[LENGTH], f[LENGTH], p[LENGTH]; /* x - beta m, (x - beta m)/v, denoiser, responsibility */
  } component[SCALAR_COMPONENTS];
  iv drift[LENGTH], x2[LENGTH], total[LENGTH], f[LENGTH], g[LENGTH];
  iv x[LENGTH + 1];
  size_t lead; /* the component the others are compared with */
} expansion;

/* Coefficient k of v = alpha^2 + beta^2 s, log v and 1/v. */
static void expand_variance(iv_scope *s, expansion *e, size_t i, size_t k) {
  iv spread = iv_mul(s, e->component[i].variance, series_mul(s, e->beta, e->beta, k));
  iv unit[LENGTH];
  for (size_t j = 0; j <= k; j++) unit[j] = iv_si(s, j == 0);
  e->component[i].v[k] = iv_add(s, series_mul(s, e->alpha, e->alpha, k), spread);
  e->component[i].log_v[k] = series_log(s, e->component[i].log_v, e->component[i].v, k);
  e->component[i].precision[k] = series_div(s, e->component[i].precision, unit, e->component[i].v, k);
}

/* All coefficients of the log-density relative to the leading one 0, as a polynomial of x: with q = 1/v,
 * curvature = q_i - q_0 = beta^2 (s_0 - s_i) q_0 q_i, slope = beta (m_i q_i - m_0 q_0),
 * constant = log(w_i/w_0) - (log v_i - log v_0)/2 - beta^2 (m_i^2 q_i - m_0^2 q_0)/2. */
static void expand_relative(iv_scope *s, expansion *e, const scalar_velocity *b, size_t i, size_t order) {
  iv beta2[LENGTH], q_product[LENGTH], first[LENGTH], second[LENGTH];
  size_t lead = e->lead;
  iv mean = e->component[i].mean, mean_0 = e->component[lead].mean;
  iv *q = e->component[i].precision, *q_0 = e->component[lead].precision;
  iv variances = iv_sub(s, e->component[lead].variance, e->component[i].variance);
  for (size_t k = 0; k <= order; k++) {
    beta2[k] = series_mul(s, e->beta, e->beta, k);
    q_product[k] = iv_mul(s, variances, series_mul(s, q, q_0, k));
    first[k] = iv_sub(s, iv_mul(s, mean, q[k]), iv_mul(s, mean_0, q_0[k]));
    second[k] = iv_sub(s, iv_mul(s, iv_sqr(s, mean), q[k]), iv_mul(s, iv_sqr(s, mean_0), q_0[k]));
    e->component[i].curvature[k] = series_mul(s, beta2, q_product, k);
    e->component[i].slope[k] = series_mul(s, e->beta, first, k);
    iv logs = iv_sub(s, e->component[i].log_v[k], e->component[lead].log_v[k]);
    e->component[i].constant[k] = iv_neg(s, iv_mul_2si(s, iv_add(s, logs, series_mul(s, beta2, second, k)), -1));
  }
  iv weight = iv_real(s, b->mixture->components[i].weight), weight_0 = iv_real(s, b->mixture->components[lead].weight);
  e->component[i].constant[0] = iv_add(s, e->component[i].constant[0], iv_log(s, iv_div(s, weight, weight_0)));
}

static void expand_time(iv_scope *s, expansion *e, const scalar_velocity *b, iv t, size_t lead, size_t order) {
  e->lead = lead;
  series_schedule(s, e->alpha, e->beta, b->schedule, t, order + 1);
  for (size_t k = 0; k <= order; k++) {
    e->alpha_slope[k] = series_derivative(s, e->alpha, k);
    e->beta_slope[k] = iv_mul(s, b->denoiser_gain, series_derivative(s, e->beta, k));
  }
  for (size_t i = 0; i < b->mixture->count; i++) {
    e->component[i].mean = iv_d(s, b->mixture->components[i].mean[0]);
    e->component[i].variance = iv_real(s, b->mixture->components[i].covariance.variance);
    for (size_t k = 0; k <= order; k++) expand_variance(s, e, i, k);
  }
  for (size_t i = 0; i < b->mixture->count; i++) expand_relative(s, e, b, i, order);
}

/* Coefficient k of one component's density relative to the leading one, and of its denoiser m + beta s g. */
static void expand_component(iv_scope *s, expansion *e, size_t i, size_t k) {
  iv *g = e->component[i].g, *log_ratio = e->component[i].log_ratio;
  iv bend = iv_mul_2si(s, series_mul(s, e->component[i].curvature, e->x2, k), -1);
  iv linear = iv_add(s, e->component[i].constant[k], series_mul(s, e->component[i].slope, e->x, k));
  log_ratio[k] = iv_sub(s, linear, bend);
  e->component[i].ratio[k] = series_exp(s, e->component[i].ratio, log_ratio, k);
  e->component[i].offset[k] = iv_sub(s, e->x[k], iv_mul(s, e->component[i].mean, e->beta[k]));
  g[k] = series_mul(s, e->component[i].offset, e->component[i].precision, k);
  e->component[i].f[k] = iv_mul(s, e->component[i].variance, series_mul(s, e->beta, g, k));
  if (k == 0) e->component[i].f[0] = iv_add(s, e->component[i].f[0], e->component[i].mean);
}

/* Coefficient k of b(x(t), t) from x[0..k]. */
static iv expand_velocity(iv_scope *s, expansion *e, const scalar_velocity *b, size_t k) {
  iv zero = iv_si(s, 0);
  e->total[k] = e->f[k] = e->g[k] = zero;
  e->x2[k] = series_mul(s, e->x, e->x, k);
  for (size_t i = 0; i < b->mixture->count; i++) {
    expand_component(s, e, i, k);
    e->total[k] = iv_add(s, e->total[k], e->component[i].ratio[k]);
  }
  for (size_t i = 0; i < b->mixture->count; i++) {
    iv *p = e->component[i].p;
    p[k] = series_div(s, p, e->component[i].ratio, e->total, k);
    e->f[k] = iv_add(s, e->f[k], series_mul(s, p, e->component[i].f, k));
    e->g[k] = iv_add(s, e->g[k], series_mul(s, p, e->component[i].g, k));
  }
  /* e = alpha g; alpha' alpha is a series of time. */
  e->drift[k] = series_mul(s, e->alpha_slope, e->alpha, k);
  return iv_add(s, series_mul(s, e->beta_slope, e->f, k), series_mul(s, e->drift, e->g, k));
}

static iv velocity(iv_scope *s, expansion *e, const scalar_velocity *b, iv x, iv t, size_t lead) {
  expand_time(s, e, b, t, lead, 0);
  e->x[0] = x;
  return expand_velocity(s, e, b, 0);
}

/* The component of largest density near (x, t); enclosures hold whatever the choice. */
static size_t leading_component(iv_scope *s, const scalar_velocity *b, iv x, iv t) {
  expansion e;
  size_t lead = 0;
  velocity(s, &e, b, x, t, 0);
  for (size_t i = 1; i < b->mixture->count; i++)
    if (iv_mid_d(e.component[i].log_ratio[0]) > iv_mid_d(e.component[lead].log_ratio[0])) lead = i;
  return lead;
}

iv scalar_velocity_at(iv_scope *s, const scalar_velocity *b, iv x, iv t) {
  expansion e;
  return velocity(s, &e, b, x, t, leading_component(s, b, x, t));
}

/* Coefficients 0..order of the trajectory through `x` at `t`. */
static void expand(iv_scope *s, expansion *e, const scalar_velocity *b, iv x, iv t, size_t lead, size_t order) {
  expand_time(s, e, b, t, lead, order);
  e->x[0] = x;
  for (size_t k = 0; k < order; k++)
    e->x[k + 1] = iv_div(s, expand_velocity(s, e, b, k), iv_ui(s, (unsigned long)k + 1));
}

/* A box X with x + [0, h] b(X, time) inside X: by Picard's theorem the trajectory through x stays in X during `time`,
 * of length h. NULL when none was found. */
static iv trajectory_box(iv_scope *s, const scalar_velocity *b, iv x, iv time, iv h, size_t lead) {
  expansion e;
  iv steps = iv_hull(s, iv_si(s, 0), h), box = x;
  for (int attempt = 0; attempt < BOX_ATTEMPTS; attempt++) {
    iv image = iv_add(s, x, iv_mul(s, steps, velocity(s, &e, b, box, time, lead)));
    if (!iv_finite(image)) return NULL;
    if (iv_contains(box, image)) return box;
    /* An eighth of the width wider on either side, so that the next image may fit. */
    iv spread = iv_mul_2si(s, iv_sub(s, iv_upper(s, image), iv_lower(s, image)), -3);
    box = iv_hull(s, box, iv_ball(s, image, iv_upper(s, spread)));
  }
  return NULL;
}

typedef enum { STEP_REJECTED, STEP_ACCEPTED, STEP_EASY } step_outcome;

/* X(t + h) from X(t) in x. */
static step_outcome step(mpfi_ptr out, iv_scope *s, const scalar_velocity *b, iv x, iv t, iv h) {
  size_t lead = leading_component(s, b, x, t);
  iv time = iv_hull(s, t, iv_add(s, t, h)), box = trajectory_box(s, b, x, time, h, lead);
  if (box == NULL) return STEP_REJECTED;
  expansion start, over;
  expand(s, &over, b, box, time, lead, ORDER + 1);
  iv remainder = iv_mul(s, over.x[ORDER + 1], iv_pow_ui(s, h, ORDER + 1));
  iv width = iv_sub(s, iv_upper(s, remainder), iv_lower(s, remainder)), allowed = iv_mul_2si(s, h, -TOLERANCE);
  if (iv_less(width, allowed) != IV_TRUE) return STEP_REJECTED;
  expand(s, &start, b, x, t, lead, ORDER);
  iv sum = iv_si(s, 0);
  for (size_t k = ORDER + 1; k-- > 0;) sum = iv_add(s, start.x[k], iv_mul(s, sum, h));
  mpfi_set(out, iv_add(s, sum, remainder));
  return iv_less(iv_mul_2si(s, width, MARGIN), allowed) == IV_TRUE ? STEP_EASY : STEP_ACCEPTED;
}

assay_status scalar_flow_end(iv *out, iv_scope *s, const scalar_velocity *b, double start, assay_context *context) {
  mpfi_ptr x = iv_new(s);
  mpfi_set_d(x, start);
  /* The step is 2^-level; `done` counts steps of that size, so times are exact and end at 1. */
  unsigned level = FIRST_LEVEL;
  for (unsigned long done = 0; done < 1ul << level;) {
    size_t mark = iv_mark(s);
    iv t = iv_mul_2si(s, iv_ui(s, done), -(long)level), h = iv_mul_2si(s, iv_si(s, 1), -(long)level);
    step_outcome outcome = step(x, s, b, x, t, h);
    iv_release(s, mark);
    if (outcome == STEP_REJECTED) {
      if (++level > SMALLEST_STEP)
        return assay_fail(context, ASSAY_PRECISION, "flow in one dimension from %g: no step holds at t = %g", start,
                          ldexp((double)done, 1 - (int)level));
      done *= 2;
      continue;
    }
    done++;
    if (outcome == STEP_EASY && done % 2 == 0 && level > FIRST_LEVEL) {
      level--;
      done /= 2;
    }
  }
  *out = x;
  return ASSAY_OK;
}
