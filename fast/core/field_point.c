/* One point's weights for the second product, and wide outputs. */
#include "fast/core/field_point.h"

#include "fast/core/field_scalar.h"

/* x is nearer to the centre than to the leader when |y|^2 <= |y - beta m|^2. Only accuracy depends on this choice. */
static size_t choose_anchor(const field_plan *plan, size_t leader, double product) {
  if (plan->scalar) return leader;
  double norm = plan->components[leader].centred_norm;
  return 2.0 * product <= plan->at.beta.value * norm * norm ? plan->count : leader;
}

/* |sigma_leader^2 - sigma_k^2| may be off by this (S6). */
static double gap_radius(const field_plan *plan, size_t k, size_t leader, double gap) {
  return plan->components[k].variance.error + plan->components[leader].variance.error + BALL_UNIT * fabs(gap);
}

static void sum_gaps(field_point *out, const double *weights, const field_plan *plan,
                     const field_posterior *posterior) {
  double leader_variance = plan->components[out->leader].variance.value;
  for (size_t k = 0; k < plan->count; k++) {
    if (k == out->leader) continue;
    const field_component *c = &plan->components[k];
    double gap = leader_variance - c->variance.value, radius = gap_radius(plan, k, out->leader, gap);
    out->gap += weights[k] * gap;
    out->gaps += weights[k] * (fabs(gap) + radius);
    out->doubtful_gaps += posterior->doubt[k] * c->weight * (fabs(gap) + radius);
    out->gap_error += weights[k] * radius;
  }
  out->gap_error += out->gaps * (plan->gamma_k + plan->weight_error);
}

void field_point_weigh(field_point *out, double *weights, const field_plan *plan, field_posterior *posterior,
                       const double *x, const double *products, double square) {
  field_posterior_at(posterior, plan, x, products, square);
  size_t leader = posterior->leader, anchor = choose_anchor(plan, leader, products[leader]);
  *out =
      (field_point){.leader = leader, .anchor = anchor, .doubt = posterior->total_doubt, .stretch = posterior->stretch};
  double anchor_size = plan->components[anchor].centred_size;
  double weight = 0.0, reach_sum = FIELD_FLOOR, doubtful = FIELD_FLOOR;
  for (size_t k = 0; k < plan->count; k++) {
    const field_component *c = &plan->components[k];
    double w = k == anchor ? 0.0 : posterior->share[k] * c->weight;
    double reach = c->centred_size + anchor_size;
    weights[k] = w;
    weight += w;
    reach_sum += w * reach;
    doubtful += posterior->doubt[k] * c->weight * reach;
  }
  out->weight = weight;
  out->reach = reach_sum;
  out->doubtful_reach = doubtful;
  if (!plan->equal) sum_gaps(out, weights, plan, posterior);
  if (plan->quantity == ASSAY_DIVERGENCE) field_scalar_spread(out, weights, plan, posterior, x);
  if (plan->quantity == ASSAY_LOG_DENSITY) field_scalar_log_density(out, plan, posterior, x);
}

double field_slope(double *error, const field_point *point, const field_plan *plan) {
  const field_component *leader = &plan->components[point->leader];
  ball own = leader->slope_out, tilt = leader->tilt;
  *error = own.error;
  if (plan->equal) return own.value;
  double slope = own.value - tilt.value * point->gap, size = fabs(tilt.value) * point->gaps;
  *error += fabs(tilt.value) * point->gap_error + tilt.error * (point->gaps + point->gap_error) +
            BALL_UNIT * (fabs(own.value) + 2.0 * size) + FIELD_FLOOR;
  return slope;
}

double field_bound(double bound, const field_plan *plan, double guard) {
  bool usable =
      guard == 0.0 && plan->weight_error <= FIELD_SMALL && plan->gamma_k <= FIELD_SMALL && plan->gamma_d <= FIELD_SMALL;
  return usable ? ball_up(bound * FIELD_INFLATE + 64.0 * BALL_TINY) : INFINITY;
}

/* S7, S8: everything that may be wrong with out = slope y + (keep m + gain (r - share c)). */
static double wide_bound(const field_point *point, const field_plan *plan, double slope, double slope_error,
                         double y_largest, double mean_size) {
  ball keep = plan->keep, gain = plan->gain, tilt = plan->components[point->leader].tilt;
  double y_error = BALL_UNIT * y_largest + plan->beta_error * mean_size + BALL_TINY;
  double y_size = y_largest + y_error, reach = point->reach;
  double sensitivity = ball_upper(gain) * (point->doubtful_reach + point->doubt * reach);
  if (!plan->equal) sensitivity += ball_upper(tilt) * y_size * (point->doubtful_gaps + point->doubt * point->gaps);
  double sum_error = reach * (plan->gamma_k + plan->weight_error) + plan->tiny_sum;
  double slope_term = fabs(slope) * y_largest, keep_term = fabs(keep.value) * mean_size;
  double gain_term = fabs(gain.value) * reach;
  double inexact_keep = keep.value == 0.0 || keep.value == 1.0 ? 0.0 : keep_term;
  double propagated = fabs(slope) * y_error + slope_error * y_size + keep.error * mean_size +
                      fabs(gain.value) * sum_error + gain.error * (reach + sum_error);
  double rounding = BALL_UNIT * (2.0 * slope_term + 2.0 * keep_term + inexact_keep + 3.0 * gain_term);
  return point->stretch * sensitivity + propagated + rounding;
}

double field_point_finish(double *out, const field_point *point, const field_plan *plan, const double *x,
                          const double *product) {
  if (plan->scalar) return field_scalar_finish(out, point, plan, x, product);
  double slope_error = 0.0, slope = field_slope(&slope_error, point, plan), y_largest = 0.0;
  field_combination with = {plan->at.beta.value, slope, plan->keep.value, plan->gain.value, 0.0};
  with.share = point->anchor == plan->count ? 0.0 : point->weight;
  double guard = plan->rows->combine(out, &y_largest, x, field_anchor_mean(plan, point->anchor),
                                     field_centred(plan, point->anchor), product, with, plan->dimension);
  double mean_size = plan->components[point->anchor].mean_size;
  return field_bound(wide_bound(point, plan, slope, slope_error, y_largest, mean_size), plan, guard);
}

double field_point_free(double *out, const field_plan *plan, const double *x) {
  ball slope = plan->components[0].slope_out;
  double size = plan->rows->largest(x, plan->dimension), guard = 0.0;
  for (size_t j = 0; j < plan->dimension; j++) {
    out[j] = slope.value * x[j];
    guard += out[j] * 0.0;
  }
  double factor = fabs(slope.value);
  bool exact = slope.error == 0.0 && (factor == 0.0 || factor == 1.0);
  if (exact) return guard == 0.0 ? 0.0 : INFINITY;
  return field_bound((slope.error + BALL_UNIT * factor) * size, plan, guard);
}
