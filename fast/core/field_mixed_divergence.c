/* Divergence of a mixture of any covariances: div b = sum p tr A - sum p <h_k - h, g_k - g> (M8, M9). */
#include "fast/core/field_mixed.h"

/* What one term of the running sums may be off by (M8). */
typedef struct {
  double g, h; /* 2-norms of the errors of g_k and h_k */
} term_errors;

static term_errors errors_of(const field_mixed_point *point, const field_mixed_plan *plan, size_t k) {
  const field_metric *c = &plan->components[k];
  ball keep = plan->setting.output.keep;
  double size = point->size[k], delta = point->delta[k], moved = delta + c->defect * (size + delta);
  term_errors e;
  e.g = c->inverse * (moved + c->inverse_error * (size + delta) * (1.0 + c->defect)) + FIELD_FLOOR;
  e.h = c->output * (moved + c->output_rounding * size) + c->output_error * (1.0 + c->defect) * (size + delta) +
        (keep.error + 2.0 * BALL_UNIT * fabs(keep.value)) * c->mean_size + FIELD_FLOOR;
  return e;
}

/* The mean's error after a step: (1 - part) old + part new, and the roundings of the step. */
static double mean_error(const field_mixed_plan *plan, double old, double new_error, double part, double difference,
                         double mean_size) {
  return (1.0 - part) * old + part * (new_error + difference * (plan->gamma_count + 4.0 * BALL_UNIT)) +
         BALL_UNIT * mean_size + FIELD_FLOOR;
}

void field_mixed_spread(field_mixed_point *point, double *mean_g, double *mean_h, const field_mixed_plan *plan,
                        size_t k, const double *g, const double *h) {
  const field_metric *c = &plan->components[k];
  double share = point->posterior.share[k], before = point->weight, after = before + share, part = share / after;
  double moments[3];
  plan->rows->moments(moments, mean_g, mean_h, g, h, part, plan->dimension);
  double dg = sqrt(moments[0]) * FIELD_INFLATE + 0x1p-500, dh = sqrt(moments[1]) * FIELD_INFLATE + 0x1p-500;
  term_errors e = errors_of(point, plan, k);
  double off_g = e.g + point->mean_g_error + BALL_UNIT * dg, off_h = e.h + point->mean_h_error + BALL_UNIT * dh;
  double factor = share * (before / after);
  point->square += factor * moments[0];
  point->square_error += factor * (plan->gamma_lanes * moments[0] + 2.0 * dg * off_g + off_g * off_g);
  point->cross += factor * moments[2];
  point->cross_error +=
      factor * (plan->gamma_lanes * dg * dh + dg * off_h + dh * off_g + off_g * off_h + plan->gamma_count * dg * dh);

  double g_size = field_mixed_inverse_size(point, c, k);
  double h_size = field_mixed_output_size(point, plan, k, c->mean_size);
  point->mean_g_size = (1.0 - part) * point->mean_g_size + part * g_size;
  point->mean_h_size = (1.0 - part) * point->mean_h_size + part * h_size;
  point->mean_g_error = mean_error(plan, point->mean_g_error, e.g, part, dg, point->mean_g_size);
  point->mean_h_error = mean_error(plan, point->mean_h_error, e.h, part, dh, point->mean_h_size);
  point->weight = after;
  point->trace += share * c->trace.value;
  point->trace_error += share * (c->trace.error + plan->gamma_count * fabs(c->trace.value));
}

/* M9: sum doubt_k of tr A_k relative to the leader's, and of |<h_k - h, g_k - g>|. */
static double scalar_sensitivity(const field_mixed_point *point, const field_mixed_plan *plan) {
  const field_posterior *posterior = &point->posterior;
  ball own = plan->components[posterior->leader].trace;
  double g_mean = 0.0, h_mean = 0.0, gaps = 0.0, doubtful_gaps = 0.0;
  for (size_t k = 0; k < plan->count; k++) {
    const field_metric *c = &plan->components[k];
    double gap = fabs(c->trace.value - own.value) * FIELD_INFLATE + c->trace.error + own.error;
    g_mean += posterior->share[k] * field_mixed_inverse_size(point, c, k);
    h_mean += posterior->share[k] * field_mixed_output_size(point, plan, k, c->centred_size);
    gaps += posterior->share[k] * gap;
    doubtful_gaps += posterior->doubt[k] * gap;
  }
  double spread = 0.0, doubtful = 0.0, slant = ball_upper(plan->slant);
  for (size_t k = 0; k < plan->count; k++) {
    const field_metric *c = &plan->components[k];
    double g = field_mixed_inverse_size(point, c, k) + g_mean;
    double h = field_mixed_output_size(point, plan, k, c->centred_size) + h_mean;
    double product = slant * g < h ? slant * g * g : h * g;
    spread += posterior->share[k] * product;
    doubtful += posterior->doubt[k] * product;
  }
  double stretched = posterior->stretch * posterior->total_doubt;
  return posterior->stretch * (doubtful_gaps + posterior->total_doubt * gaps) +
         posterior->stretch * (doubtful + posterior->total_doubt * spread) * (1.0 + stretched);
}

double field_mixed_divergence(double *out, const field_mixed_point *point, const field_mixed_plan *plan) {
  ball slant = plan->slant;
  double by_square = -slant.value * point->square, spread = by_square;
  double error = fabs(slant.value) * (point->square_error + plan->gamma_count * point->square) +
                 slant.error * (point->square + point->square_error) + BALL_UNIT * fabs(by_square);
  if (!(error <= point->cross_error)) {
    spread = point->cross;
    error = point->cross_error;
  }
  *out = point->trace - spread;
  error += point->trace_error + scalar_sensitivity(point, plan) + BALL_UNIT * fabs(*out);
  return isfinite(*out) ? field_mixed_bound(error, plan) : INFINITY;
}
