/* One point of a mixture of any covariances: log-weights, wide outputs and the log-density, with their errors. */
#include "fast/core/field_mixed.h"

double field_mixed_bound(double bound, const field_mixed_plan *plan) {
  return plan->usable ? ball_up(bound * FIELD_INFLATE + FIELD_FLOOR) : INFINITY;
}

void field_mixed_log_weight(field_mixed_point *point, const field_mixed_plan *plan, size_t k, double square,
                            double y_size) {
  const field_metric *c = &plan->components[k];
  double size = sqrt(square) * FIELD_INFLATE + 0x1p-500;
  double delta = FIELD_INFLATE * (c->relative * size + c->fixed + c->stray * y_size), whole = size + delta;
  double square_error = plan->gamma_lanes * square + 2.0 * size * delta + delta * delta + c->defect * whole * whole;
  point->size[k] = size;
  point->delta[k] = delta;
  point->posterior.weights[k] = c->base - 0.5 * square;
  point->posterior.errors[k] =
      FIELD_INFLATE * (c->base_error + 0.5 * square_error + BALL_UNIT * (fabs(c->base) + square) + FIELD_FLOOR);
}

/* M7: sum (doubt_k) |h_k - h| with |h_k - h| from the sizes of h_k - F centre, or from those of g_k. */
static double wide_sensitivity(const field_mixed_point *point, const field_mixed_plan *plan) {
  const field_posterior *posterior = &point->posterior;
  double mean = 0.0, inverse_mean = 0.0, doubtful = 0.0, inverse_doubtful = 0.0;
  for (size_t k = 0; k < plan->count; k++) {
    const field_metric *c = &plan->components[k];
    double output = field_mixed_output_size(point, plan, k, c->centred_size);
    double inverse = field_mixed_inverse_size(point, c, k);
    mean += posterior->share[k] * output;
    inverse_mean += posterior->share[k] * inverse;
    doubtful += posterior->doubt[k] * output;
    inverse_doubtful += posterior->doubt[k] * inverse;
  }
  double by_output = doubtful + posterior->total_doubt * mean;
  double by_inverse = ball_upper(plan->slant) * (inverse_doubtful + posterior->total_doubt * inverse_mean);
  return posterior->stretch * (by_inverse < by_output ? by_inverse : by_output);
}

void field_mixed_weigh(field_mixed_point *point, const field_mixed_plan *plan) {
  field_posterior_normalise(&point->posterior, plan->rows, plan->count);
  point->error = FIELD_FLOOR;
  point->sensitivity = 0.0;
  point->weight = point->mean_g_error = point->mean_h_error = point->mean_g_size = point->mean_h_size = 0.0;
  point->square = point->square_error = point->cross = point->cross_error = point->trace = point->trace_error = 0.0;
  if (!plan->setting.scalar) point->sensitivity = wide_sensitivity(point, plan);
}

/* The error of h_k (M4) with that of its part in the sum is of_one + of_size |z| + of_delta delta, its size
 * size_of_one + size_of_reach (|z| + delta). */
void field_mixed_add(field_mixed_point *points, size_t count, const field_mixed_plan *plan, size_t k,
                     const double *largest) {
  const field_metric *c = &plan->components[k];
  ball keep = plan->setting.output.keep;
  double whole = 1.0 + c->defect, unsure = c->output_error * whole;
  double size_of_one = ball_upper(keep) * c->mean_size, size_of_reach = (c->output + c->output_error) * whole;
  double of_one = (keep.error + 2.0 * BALL_UNIT * fabs(keep.value)) * c->mean_size + plan->gamma_share * size_of_one;
  double of_delta = c->output * whole + unsure + plan->gamma_share * size_of_reach;
  double of_size = c->output * (c->defect + c->output_rounding) + unsure + plan->gamma_share * size_of_reach;
  for (size_t i = 0; i < count; i++) {
    field_mixed_point *point = &points[i];
    if (!field_mixed_has_share(point, k)) continue;
    double size = c->full ? point->size[k] : sqrt(largest[i]) * FIELD_INFLATE + 0x1p-500;
    double delta = c->full ? point->delta[k] : FIELD_INFLATE * (c->relative * size + c->fixed_largest);
    point->error += point->posterior.share[k] * (of_one + of_size * size + of_delta * delta) +
                    0x1p-1020 * (1.0 + size_of_one + size_of_reach * (size + delta));
  }
}

double field_mixed_wide_bound(const field_mixed_point *point, const field_mixed_plan *plan, const double *out) {
  if (!plan->rows->finite(out, plan->dimension)) return INFINITY;
  return field_mixed_bound(point->error + point->sensitivity, plan);
}

double field_mixed_log_density(double *out, const field_mixed_point *point, const field_mixed_plan *plan) {
  const field_posterior *posterior = &point->posterior;
  double leading = posterior->weights[posterior->leader], others = log1p(posterior->rest);
  ball constant = plan->constant;
  *out = (leading + constant.value) + others;
  double error = posterior->errors[posterior->leader] + constant.error + posterior->log_doubt +
                 2.0 * plan->gamma_share * posterior->rest / posterior->sum +
                 BALL_UNIT * (2.0 * fabs(leading + constant.value) + 6.0 * others);
  return isfinite(*out) ? field_mixed_bound(error, plan) : INFINITY;
}
