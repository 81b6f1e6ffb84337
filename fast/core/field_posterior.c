/* Posterior weights by log-sum-exp of differences to the leader. */
#include "fast/core/field_posterior.h"

/* When the linear forms leave more doubt than this, the log-weights are taken directly (S5), at the cost of one pass
 * over the means. */
static const double DOUBT_ACCEPTED = 0x1p-36;

/* Beyond this a difference of log-weights is too uncertain for the linear bound of exp (S8). */
static const double LINEAR_RANGE = 0.25;

/* Below this exp is less than 2^-1075: not worth a call. */
static const double EXP_ZERO = -746.0;

static size_t leader_of(const double *weights, size_t count) {
  size_t leader = 0;
  for (size_t k = 1; k < count; k++)
    if (weights[k] > weights[leader]) leader = k;
  return leader;
}

/* S8: |exp(D) - fl(exp(d))| for |D - d| <= off. */
static double exp_doubt(double value, double difference, double off) {
  if (off <= LINEAR_RANGE) return value * (off * (1.0 + off) + 8.0 * BALL_UNIT) + 0x1p-1070;
  return exp(difference + off + 0x1p-20) + 0x1p-1070; /* perhaps infinite or NaN: limit_doubt */
}

/* S8: an exact share and a computed one are both in [0, 1], so no doubt is worth more than 1, however large the
 * exponents' errors (`above`: their largest upper end). */
static void limit_doubt(field_posterior *out, size_t count, double above) {
  double total = 0.0;
  for (size_t k = 0; k < count; k++) {
    out->doubt[k] = fmin(out->doubt[k] * out->stretch, 1.0); /* 1 for a NaN */
    total += out->doubt[k];
  }
  out->total_doubt = total * FIELD_INFLATE;
  out->stretch = 1.0;
  out->log_doubt = fmin(out->log_doubt, (above + log((double)count)) * FIELD_INFLATE);
}

void field_posterior_normalise(field_posterior *out, size_t count) {
  const double *log_weights = out->weights, *errors = out->errors;
  size_t leader = out->leader = leader_of(log_weights, count);
  double rest = 0.0, total = 0.0, above = 0.0;
  for (size_t k = 0; k < count; k++) {
    double difference = log_weights[k] - log_weights[leader];
    double off = (errors[k] + errors[leader] + BALL_UNIT * fabs(difference)) * FIELD_INFLATE;
    double value = k == leader ? 1.0 : difference < EXP_ZERO ? 0.0 : exp(difference);
    out->share[k] = value;
    out->doubt[k] = k == leader ? 0.0 : exp_doubt(value, difference, off);
    rest += k == leader ? 0.0 : value;
    double end = difference + off;
    if (k != leader) above = isnan(end) ? INFINITY : fmax(above, end);
  }
  out->rest = rest;
  out->sum = 1.0 + rest;
  for (size_t k = 0; k < count; k++) {
    out->share[k] = out->share[k] / out->sum;
    out->doubt[k] = out->doubt[k] / out->sum + (k == leader ? 0.0 : BALL_TINY);
    total += out->doubt[k];
  }
  out->total_doubt = total * FIELD_INFLATE;
  out->stretch = FIELD_INFLATE * (out->total_doubt < 0.25 ? fmin(out->sum, 1.0 / (1.0 - out->total_doubt)) : out->sum);
  out->log_doubt = out->total_doubt * out->stretch;
  if (!(out->log_doubt <= 0.5)) limit_doubt(out, count, above);
}

/* S3, S4: linear forms of the products. */
static void linear_log_weights(field_posterior *out, const field_plan *plan, const double *products, double square) {
  double norm = sqrt(square) * FIELD_INFLATE + 0x1p-500;
  for (size_t k = 0; k < plan->count; k++) {
    const field_component *c = &plan->components[k];
    out->weights[k] = (c->base + c->slope * products[k]) - c->bend * square;
    out->errors[k] = c->error0 + norm * (c->error1 + norm * c->error2);
  }
}

/* S5: log w - d/2 log v - |x - beta m|^2/(2v), distances taken from the entries. */
static void direct_log_weights(field_posterior *out, const field_plan *plan, const double *x) {
  for (size_t k = 0; k < plan->count; k++) {
    const field_component *c = &plan->components[k];
    double square = plan->rows->distance(x, field_anchor_mean(plan, k), plan->at.beta.value, plan->dimension);
    double half = c->half_precision.value, square_error = field_square_error(plan, k, square);
    out->weights[k] = c->direct_base - half * square;
    out->errors[k] = (c->direct_error + 3.0 * BALL_UNIT * half * square + half * square_error +
                      c->half_precision.error * (square + square_error) + FIELD_FLOOR) *
                     FIELD_INFLATE;
  }
}

void field_posterior_at(field_posterior *posterior, const field_plan *plan, const double *x, const double *products,
                        double square) {
  linear_log_weights(posterior, plan, products, square);
  field_posterior_normalise(posterior, plan->count);
  double doubt = posterior->total_doubt;
  if (doubt <= DOUBT_ACCEPTED) return;
  direct_log_weights(posterior, plan, x);
  field_posterior_normalise(posterior, plan->count);
  if (posterior->total_doubt <= doubt) return;
  linear_log_weights(posterior, plan, products, square);
  field_posterior_normalise(posterior, plan->count);
}
