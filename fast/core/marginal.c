#include "fast/core/marginal.h"

#include "fast/core/schedule.h"

/* A sum of `terms` products of three doubles, computed to `value`, whose terms' magnitudes add up to `size`. */
static ball sum_ball(double value, double size, size_t terms) {
  double relative = ball_gamma((double)terms + 6.0); /* two roundings a product; `size` itself is rounded */
  return ball_make(value, ball_up(ball_up(size * relative) + (double)terms * 4.0 * BALL_TINY));
}

static ball inner_product(const double *a, const double *b, size_t d) {
  double value = 0.0, size = 0.0;
  for (size_t j = 0; j < d; j++) {
    value += a[j] * b[j];
    size += fabs(a[j] * b[j]);
  }
  return sum_ball(value, size, d);
}

/* u' S u */
static ball covariance_along(const assay_covariance *covariance, const double *u, ball square, size_t d) {
  double value = 0.0, size = 0.0;
  switch (covariance->kind) {
  case ASSAY_COVARIANCE_ISOTROPIC:
    return ball_mul(ball_real(covariance->variance), square);
  case ASSAY_COVARIANCE_DIAGONAL:
    for (size_t j = 0; j < d; j++) value += covariance->entries[j] * u[j] * u[j];
    return sum_ball(value, value, d);
  case ASSAY_COVARIANCE_FULL:
    for (size_t i = 0; i < d; i++) {
      double row = 0.0, row_size = 0.0;
      for (size_t j = 0; j < d; j++) {
        row += covariance->entries[i * d + j] * u[j];
        row_size += fabs(covariance->entries[i * d + j] * u[j]);
      }
      value += row * u[i];
      size += row_size * fabs(u[i]);
    }
    return sum_ball(value, size, 2 * d);
  }
  return ball_make(0.0, INFINITY);
}

static ball weight_sum(const assay_mixture *mixture) {
  ball sum = ball_exact(0.0);
  for (size_t k = 0; k < mixture->count; k++) sum = ball_add(sum, ball_real(mixture->components[k].weight));
  return sum;
}

void marginal_along(marginal_component *out, const assay_mixture *mixture, const assay_path_point *point,
                    const double *direction) {
  size_t d = mixture->dimension;
  schedule_coefficients at = schedule_coefficients_at(point);
  ball total = weight_sum(mixture), square = inner_product(direction, direction, d), beta_square = ball_sqr(at.beta);
  for (size_t k = 0; k < mixture->count; k++) {
    const assay_component *c = &mixture->components[k];
    ball variance = ball_add(ball_mul(at.alpha_square, square),
                             ball_mul(beta_square, covariance_along(&c->covariance, direction, square, d)));
    out[k] = (marginal_component){.weight = ball_div(ball_real(c->weight), total),
                                  .mean = ball_mul(at.beta, inner_product(direction, c->mean, d)),
                                  .deviation = ball_sqrt(variance)};
  }
}

static double trace_above(const assay_covariance *covariance, size_t d) {
  if (covariance->kind == ASSAY_COVARIANCE_ISOTROPIC)
    return ball_up((double)d * ball_upper(ball_real(covariance->variance)));
  size_t stride = covariance->kind == ASSAY_COVARIANCE_FULL ? d + 1 : 1;
  double trace = 0.0;
  for (size_t j = 0; j < d; j++) trace += fabs(covariance->entries[j * stride]);
  return ball_up(trace * (1.0 + ball_gamma((double)d)));
}

double marginal_square_norm(const assay_mixture *mixture, const assay_path_point *point) {
  size_t d = mixture->dimension;
  schedule_coefficients at = schedule_coefficients_at(point);
  double beta_square = ball_upper(ball_sqr(at.beta)), sum = 0.0;
  ball total = weight_sum(mixture);
  for (size_t k = 0; k < mixture->count; k++) {
    const assay_component *c = &mixture->components[k];
    double inner = ball_upper(inner_product(c->mean, c->mean, d)) + trace_above(&c->covariance, d);
    sum += ball_upper(ball_div(ball_real(c->weight), total)) * inner;
  }
  double whole = beta_square * sum + (double)d * ball_upper(at.alpha_square);
  return ball_up(whole * (1.0 + ball_gamma((double)mixture->count + 8.0)));
}
