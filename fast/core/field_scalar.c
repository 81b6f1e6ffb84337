/* Log-density and divergence. */
#include "fast/core/field_scalar.h"

/* log p = log(w/sum w) - d/2 log(2 pi v) - |x - beta m|^2/(2v) of the leader + log(sum of the others relative to it).
 */
void field_scalar_log_density(field_point *out, const field_plan *plan, const field_posterior *posterior,
                              const double *x) {
  size_t leader = posterior->leader;
  ball base = plan->log_density_base[leader], half = plan->components[leader].half_precision;
  double square = plan->rows->distance(x, field_anchor_mean(plan, leader), plan->at.beta.value, plan->dimension);
  double square_error = field_square_error(plan, leader, square), exponent = half.value * square;
  double others = log1p(posterior->rest);
  out->log_density = (base.value - exponent) + others;
  double sum_error = posterior->log_doubt + 2.0 * plan->gamma_k * posterior->rest / posterior->sum;
  out->log_density_error = base.error + half.value * square_error + half.error * (square + square_error) + sum_error +
                           BALL_UNIT * (2.0 * fabs(base.value) + 3.0 * exponent + 5.0 * others);
}

/* The size of y = x - beta m of the leader and the error of its entries, in 2-norm. */
static double leader_distance(double *error, const field_plan *plan, size_t leader, const double *x) {
  double square = plan->rows->distance(x, field_anchor_mean(plan, leader), plan->at.beta.value, plan->dimension);
  double size = sqrt(square) * FIELD_INFLATE + 0x1p-500;
  *error = 3.0 * BALL_UNIT * size + 1.1 * plan->beta_error * plan->components[leader].mean_norm + 0x1p-500;
  return size;
}

/* S9: sum w omega |chi|^2, chi_k = m_k - m_leader - lean gap_k y, and its whole error but the second product's. */
void field_scalar_spread(field_point *out, const double *weights, const field_plan *plan,
                         const field_posterior *posterior, const double *x) {
  size_t leader = posterior->leader, d = plan->dimension;
  const field_component *first = &plan->components[leader];
  double y_error = 0.0, y_size = leader_distance(&y_error, plan, leader, x);
  double error = 0.0, sensitivity = 0.0, sum = 0.0;
  for (size_t k = 0; k < plan->count; k++) {
    if (k == leader) continue;
    const field_component *c = &plan->components[k];
    double gap = plan->equal ? 0.0 : first->variance.value - c->variance.value;
    double gap_error = plan->equal ? 0.0 : c->variance.error + first->variance.error + BALL_UNIT * fabs(gap);
    double tilt = first->lean.value * gap;
    double tilt_error =
        first->lean.error * (fabs(gap) + gap_error) + fabs(first->lean.value) * gap_error + BALL_UNIT * fabs(tilt);
    double square = plan->rows->tilted(x, field_anchor_mean(plan, leader), plan->at.beta.value, field_centred(plan, k),
                                       field_centred(plan, leader), 1.0, tilt, d);
    double moved = 3.0 * BALL_UNIT * (c->centred_norm + first->centred_norm) + fabs(tilt) * y_error +
                   tilt_error * (y_size + y_error) + 3.0 * BALL_UNIT * fabs(tilt) * y_size + 0x1p-1060;
    double square_error = plan->gamma_d * square + 2.1 * moved * sqrt(square) + 1.1 * moved * moved + FIELD_FLOOR;
    sum += weights[k] * c->weight * square;
    error += weights[k] * c->weight * square_error;
    sensitivity += 2.0 * posterior->doubt[k] * c->weight * c->weight * (square + square_error);
  }
  error += sum * (plan->gamma_k + 2.0 * plan->weight_error) + plan->tiny_sum;
  sensitivity += 3.0 * posterior->total_doubt * (sum + error);
  out->spread = sum;
  out->spread_error = error + posterior->stretch * sensitivity * (1.0 + posterior->stretch * posterior->total_doubt);
}

/* |sum w chi|^2 from the product row, and its error. */
static double mean_square(double *error, const field_point *point, const field_plan *plan, const double *x,
                          const double *product) {
  size_t leader = point->leader;
  ball lean = plan->components[leader].lean;
  double y_error = 0.0, y_size = leader_distance(&y_error, plan, leader, x);
  double tilt = lean.value * point->gap;
  double tilt_error =
      lean.error * (point->gaps + point->gap_error) + fabs(lean.value) * point->gap_error + BALL_UNIT * fabs(tilt);
  double square = plan->rows->tilted(x, field_anchor_mean(plan, leader), plan->at.beta.value, product,
                                     field_centred(plan, leader), point->weight, tilt, plan->dimension);
  double moved = point->reach * (plan->gamma_k + plan->weight_error) + plan->tiny_sum + fabs(tilt) * y_error +
                 tilt_error * (y_size + y_error) + 3.0 * BALL_UNIT * (point->reach + fabs(tilt) * y_size) + 0x1p-1060;
  *error = plan->gamma_d * square + 2.1 * moved * sqrt(square) + 1.1 * moved * moved + FIELD_FLOOR;
  return square;
}

/* div b = d sum p A + beta tau sum p |psi - mean psi|^2 (S9). */
static double divergence(double *out, const field_point *point, const field_plan *plan, const double *x,
                         const double *product) {
  double d = (double)plan->dimension, slope_error = 0.0, slope = field_slope(&slope_error, point, plan);
  double square_error = 0.0, square = mean_square(&square_error, point, plan, x, product);
  ball factor = plan->spread;
  double spread = point->spread - square, size = point->spread + square;
  double spread_error = point->spread_error + square_error + BALL_UNIT * size;
  *out = d * slope + factor.value * spread;
  double trace = d * (slope_error + 2.0 * BALL_UNIT * fabs(slope));
  if (!plan->equal)
    trace += d * point->stretch * ball_upper(plan->components[point->leader].tilt) *
             (point->doubtful_gaps + point->doubt * point->gaps);
  double rounding = 2.0 * BALL_UNIT * fabs(factor.value) * size;
  return ball_upper(factor) * spread_error + factor.error * size + trace + rounding;
}

double field_scalar_finish(double *out, const field_point *point, const field_plan *plan, const double *x,
                           const double *product) {
  double error = point->log_density_error;
  if (plan->quantity == ASSAY_LOG_DENSITY)
    *out = point->log_density;
  else
    error = divergence(out, point, plan, x, product);
  return field_bound(error, plan, *out * 0.0);
}
