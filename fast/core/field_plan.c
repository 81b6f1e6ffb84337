/* The part of a field that does not depend on x. */
#include "fast/core/field_plan.h"

#include "fast/core/field_output.h"

#include <stdlib.h>
#include <string.h>

static bool same_real(assay_real a, assay_real b) {
  bool same_text = a.exact == b.exact || (a.exact && b.exact && strcmp(a.exact, b.exact) == 0);
  return a.nearest == b.nearest && same_text;
}

static bool all_equal(const assay_mixture *mixture) {
  for (size_t k = 1; k < mixture->count; k++)
    if (!same_real(mixture->components[k].covariance.variance, mixture->components[0].covariance.variance))
      return false;
  return true;
}

/* ---- memory ---- */

size_t field_plan_bytes(const assay_mixture *mixture) {
  size_t rows = mixture->count + 3, doubles = 0, entries = 0, bytes = 0;
  size_t each = sizeof(field_component) + sizeof(ball);
  if (__builtin_mul_overflow(rows, mixture->dimension, &entries) ||
      __builtin_mul_overflow(entries, sizeof(double), &doubles) || __builtin_mul_overflow(rows, each, &bytes) ||
      __builtin_add_overflow(bytes, doubles, &bytes))
    return SIZE_MAX;
  return bytes;
}

static assay_status carve(field_plan *plan, assay_context *context) {
  size_t k = plan->count, d = plan->dimension;
  assay_status status = assay_allocate(&plan->memory, field_plan_bytes(plan->mixture), 1, "field constants", context);
  if (status != ASSAY_OK) return status;
  plan->components = plan->memory;
  plan->log_density_base = (ball *)(plan->components + k + 1);
  plan->centre = (double *)(plan->log_density_base + k);
  plan->shift = plan->centre + d;
  plan->means = plan->shift + d;
  return ASSAY_OK;
}

/* ---- centre and centred means (S1, S2) ---- */

/* The middle of the range of the means in each coordinate: 0 for a mixture that is its own mirror image. */
static void place_centre(field_plan *plan) {
  const assay_component *components = plan->mixture->components;
  for (size_t j = 0; j < plan->dimension; j++) {
    double low = components[0].mean[j], high = low;
    for (size_t k = 1; k < plan->count; k++) {
      low = fmin(low, components[k].mean[j]);
      high = fmax(high, components[k].mean[j]);
    }
    plan->centre[j] = 0.5 * low + 0.5 * high;
    plan->shift[j] = plan->at.beta.value * plan->centre[j];
  }
}

/* An upper bound of the 2-norm of `row`. */
static double norm_above(const field_plan *plan, const double *row) {
  double square = plan->rows->squares(row, plan->dimension);
  return ball_up(sqrt(ball_up(square * (1.0 + 2.0 * plan->gamma_d)))) + 0x1p-500;
}

static void measure_means(field_plan *plan) {
  size_t d = plan->dimension;
  for (size_t k = 0; k <= plan->count; k++) {
    const double *mean = field_anchor_mean(plan, k);
    double *centred = plan->means + k * d;
    for (size_t j = 0; j < d; j++) centred[j] = mean[j] - plan->centre[j];
    field_component *c = &plan->components[k];
    c->centred_norm = norm_above(plan, centred);
    c->mean_norm = norm_above(plan, mean);
    c->centred_size = plan->scalar ? c->centred_norm : plan->rows->largest(centred, d);
    c->mean_size = plan->scalar ? c->mean_norm : plan->rows->largest(mean, d);
  }
}

/* ---- coefficients of log-weights and their errors (S3, S4, S5) ---- */

/* log(v/v_0): by log1p of the exact difference where the two are close. */
static ball log_ratio(ball v, ball largest, ball difference) {
  ball ratio = ball_div(v, largest);
  return ratio.value > 0.5 ? ball_log1p(ball_div(difference, largest)) : ball_log(ratio);
}

static void set_log_weight(field_plan *plan, field_component *c, ball log_weight, ball v, ball v0, ball difference) {
  ball beta = plan->at.beta, half = c->half_precision;
  double d = (double)plan->dimension, norm = c->centred_norm, shift = plan->shift_error;
  ball logarithm = ball_scale(log_ratio(v, v0, difference), 0.5 * d);
  ball direct = ball_sub(log_weight, logarithm);
  c->direct_base = direct.value;
  c->direct_error = ball_up_add(direct.error, ball_up(4.0 * BALL_UNIT * fabs(direct.value)));

  size_t row = (size_t)(c - plan->components);
  double square = plan->rows->squares(field_centred(plan, row), plan->dimension);
  ball mean_square = ball_make(square, ball_up(ball_up(square * plan->gamma_d) + d * BALL_TINY));
  ball base = ball_sub(direct, ball_mul(ball_mul(ball_sqr(beta), half), mean_square));
  ball slope = c->lean;
  /* 1/(2v) - 1/(2v_0) = (v_0 - v)/(2 v v_0): no cancellation */
  ball bend = ball_div(ball_mul(ball_neg(difference), half), v0);
  c->base = base.value;
  c->slope = slope.value;
  c->bend = bend.value;
  double s = ball_upper(slope), h = ball_upper(bend), unit = BALL_UNIT;
  double dot_error = plan->gamma_d + 4.0 * unit;
  c->error0 = base.error + 3.0 * unit * fabs(base.value) + 1.1 * s * shift * norm + s * d * BALL_TINY +
              1.2 * h * (shift * shift + d * BALL_TINY) + FIELD_FLOOR;
  c->error1 = norm * (fabs(slope.value) * dot_error + 1.1 * slope.error) + 2.3 * h * shift + FIELD_FLOOR;
  c->error2 = fabs(bend.value) * dot_error + 1.1 * bend.error;
  c->error0 *= FIELD_INFLATE;
  c->error1 *= FIELD_INFLATE;
  c->error2 *= FIELD_INFLATE;
}

/* ---- assembling ---- */

/* v = alpha^2 + beta^2 sigma^2 (isotropic V_k). */
static ball total_variance(const field_plan *plan, ball variance) {
  return ball_add(plan->at.alpha_square, ball_mul(ball_sqr(plan->at.beta), variance));
}

static size_t widest_component(const field_plan *plan) {
  size_t widest = 0;
  for (size_t k = 1; k < plan->count; k++)
    if (plan->components[k].variance.value > plan->components[widest].variance.value) widest = k;
  return widest;
}

/* A_k (S1). */
static ball output_slope(const field_output *output, ball variance, ball v) {
  return ball_div(ball_add(ball_mul(output->of_covariance, variance), output->of_identity), v);
}

static void set_component(field_plan *plan, const field_output *output, size_t k, size_t widest) {
  field_component *c = &plan->components[k];
  ball widest_variance = plan->components[widest].variance;
  ball v = total_variance(plan, c->variance), v0 = total_variance(plan, widest_variance);
  bool same = plan->equal || k == widest;
  ball difference = same ? ball_exact(0.0) : ball_mul(ball_sqr(plan->at.beta), ball_sub(c->variance, widest_variance));
  ball omega = same ? ball_exact(1.0) : ball_div(v0, v);
  c->half_precision = ball_div(ball_exact(0.5), v);
  c->weight = omega.value;
  plan->weight_error = fmax(plan->weight_error, ball_up(omega.error / omega.value));
  c->slope_out = output_slope(output, c->variance, v);
  c->lean = ball_div(plan->at.beta, v);
  c->tilt = ball_mul(plan->gain, c->lean);
  ball log_weight = ball_log(ball_real(plan->mixture->components[k].weight));
  set_log_weight(plan, c, log_weight, v, v0, difference);
}

/* log of the weights' sum, and log(2 pi). */
static void set_log_density(field_plan *plan) {
  static const ball LOG_TWO_PI = {0x1.d67f1c864beb5p0, 0x1p-52};
  ball sum = ball_exact(0.0);
  for (size_t k = 0; k < plan->count; k++) sum = ball_add(sum, ball_real(plan->mixture->components[k].weight));
  for (size_t k = 0; k < plan->count; k++) {
    ball share = ball_div(ball_real(plan->mixture->components[k].weight), sum);
    ball logarithm = ball_add(LOG_TWO_PI, ball_log(total_variance(plan, plan->components[k].variance)));
    plan->log_density_base[k] = ball_sub(ball_log(share), ball_scale(logarithm, 0.5 * (double)plan->dimension));
  }
}

static void set_errors(field_plan *plan) {
  ball beta = plan->at.beta;
  double d = (double)plan->dimension, k = (double)plan->count;
  bool exact = beta.value == 0.0 || beta.value == 1.0;
  plan->gamma_d = ball_gamma(d + 4.0);
  plan->gamma_k = ball_gamma(2.0 * k + 10.0);
  plan->beta_error = ball_up_add(beta.error, exact ? 0.0 : ball_up(BALL_UNIT * fabs(beta.value)));
}

assay_status field_plan_init(field_plan *plan, assay_quantity quantity, const assay_mixture *mixture,
                             const assay_path_point *point, assay_context *context) {
  *plan = (field_plan){.quantity = quantity,
                       .dimension = mixture->dimension,
                       .count = mixture->count,
                       .scalar = quantity == ASSAY_DIVERGENCE || quantity == ASSAY_LOG_DENSITY,
                       .equal = all_equal(mixture),
                       .rows = field_rows_for(assay_fast_isa_resolve(context->isa)),
                       .at = schedule_coefficients_at(point),
                       .mixture = mixture};
  assay_status status = carve(plan, context);
  if (status != ASSAY_OK) return status;

  set_errors(plan);
  place_centre(plan);
  measure_means(plan);
  double d = (double)plan->dimension;
  plan->shift_error = FIELD_INFLATE * plan->beta_error * plan->components[plan->count].mean_norm + sqrt(d) * 0x1p-1070;
  for (size_t k = 0; k < plan->count; k++)
    plan->components[k].variance = ball_real(mixture->components[k].covariance.variance);
  field_output output = field_output_of(quantity, &plan->at);
  ball tau = output.tau;
  plan->keep = output.keep;
  size_t widest = widest_component(plan);
  ball v0 = total_variance(plan, plan->components[widest].variance);
  plan->posterior_free = !plan->scalar && tau.value == 0.0 && tau.error == 0.0;
  plan->gain = ball_div(tau, v0);
  plan->spread = ball_div(ball_mul(plan->at.beta, plan->gain), v0);
  double widest_weight = 0.0, largest_mean = 0.0;
  for (size_t k = 0; k < plan->count; k++) {
    set_component(plan, &output, k, widest);
    widest_weight = fmax(widest_weight, plan->components[k].weight);
    largest_mean = fmax(largest_mean, plan->components[k].centred_size);
  }
  plan->tiny_sum = 8.0 * (double)plan->count * BALL_TINY * (1.0 + widest_weight) * (1.0 + 2.0 * largest_mean);
  if (quantity == ASSAY_LOG_DENSITY) set_log_density(plan);
  return ASSAY_OK;
}

double field_square_error(const field_plan *plan, size_t component, double square) {
  double moved = plan->beta_error * plan->components[component].mean_norm + 0x1p-500;
  return FIELD_INFLATE * (square * plan->gamma_d + 2.1 * moved * sqrt(square) + 1.1 * moved * moved);
}

void field_plan_clear(field_plan *plan) { free(plan->memory); }
