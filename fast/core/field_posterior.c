/* Posterior weights by log-sum-exp of differences to the leader. */
#include "fast/core/field_posterior.h"

/* S8: what may be wrong with a share whose exponent is too uncertain for the linear bound. */
static void widen_doubts(field_posterior *out, size_t count) {
  double leading = out->weights[out->leader], leading_error = out->errors[out->leader], total = 0.0;
  for (size_t k = 0; k < count; k++) {
    double difference = out->weights[k] - leading;
    double off = (out->errors[k] + leading_error + BALL_UNIT * fabs(difference)) * FIELD_INFLATE;
    if (k != out->leader && !(off <= FIELD_LINEAR_RANGE)) /* perhaps infinite or NaN: limit_doubt */
      out->doubt[k] = (exp(difference + off + 0x1p-20) + 0x1p-1070) / out->sum + BALL_TINY;
    total += out->doubt[k];
  }
  out->total_doubt = total;
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

void field_posterior_normalise(field_posterior *out, const field_rows *rows, size_t count) {
  field_shares found = rows->shares(out->share, out->doubt, out->weights, out->errors, count);
  out->leader = found.leader;
  out->rest = found.rest;
  out->sum = 1.0 + found.rest;
  out->total_doubt = found.total_doubt;
  if (found.open) widen_doubts(out, count);
  double total = out->total_doubt *= FIELD_INFLATE;
  bool small = total < 0.25 && 1.0 / (1.0 - total) < out->sum;
  out->stretch = FIELD_INFLATE * (small ? 1.0 / (1.0 - total) : out->sum);
  out->log_doubt = total * out->stretch;
  if (!(out->log_doubt <= 0.5)) limit_doubt(out, count, found.above);
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
  field_posterior_normalise(posterior, plan->rows, plan->count);
  double doubt = posterior->total_doubt;
  if (doubt <= FIELD_DOUBT_ACCEPTED) return;
  direct_log_weights(posterior, plan, x);
  field_posterior_normalise(posterior, plan->rows, plan->count);
  if (posterior->total_doubt <= doubt) return;
  linear_log_weights(posterior, plan, products, square);
  field_posterior_normalise(posterior, plan->rows, plan->count);
}
