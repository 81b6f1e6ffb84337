/* The path and the weights. */
#include "field_arb.h"

void oracle_path_init(oracle_path *path) {
  arb_init(path->alpha);
  arb_init(path->beta);
  arb_init(path->alpha_rate);
  arb_init(path->beta_rate);
}

void oracle_path_clear(oracle_path *path) {
  arb_clear(path->alpha);
  arb_clear(path->beta);
  arb_clear(path->alpha_rate);
  arb_clear(path->beta_rate);
}

void oracle_path_linear(oracle_path *path, const arb_t time, slong bits) {
  arb_sub_ui(path->alpha, time, 1, bits);
  arb_neg(path->alpha, path->alpha);
  arb_set(path->beta, time);
  arb_set_si(path->alpha_rate, -1);
  arb_set_si(path->beta_rate, 1);
}

void oracle_path_trigonometric(oracle_path *path, const arb_t time, slong bits) {
  arb_t half, speed;
  arb_init(half);
  arb_init(speed);
  arb_mul_2exp_si(half, time, -1);
  arb_sin_cos_pi(path->beta, path->alpha, half, bits);
  arb_const_pi(speed, bits);
  arb_mul_2exp_si(speed, speed, -1);
  arb_mul(path->beta_rate, path->alpha, speed, bits);
  arb_mul(path->alpha_rate, path->beta, speed, bits);
  arb_neg(path->alpha_rate, path->alpha_rate);
  arb_clear(half);
  arb_clear(speed);
}

void oracle_path_polynomial(oracle_path *path, const arb_t time, ulong degree, slong bits) {
  arb_pow_ui(path->beta, time, degree, bits);
  arb_sub_ui(path->alpha, path->beta, 1, bits);
  arb_neg(path->alpha, path->alpha);
  arb_pow_ui(path->beta_rate, time, degree - 1, bits);
  arb_mul_ui(path->beta_rate, path->beta_rate, degree, bits);
  arb_neg(path->alpha_rate, path->beta_rate);
}

/* alpha = (1 - beta^2)^(1/2) and its derivative, beta < 1. */
static void follow_circle(oracle_path *path, slong bits) {
  arb_mul(path->alpha, path->beta, path->beta, bits);
  arb_sub_ui(path->alpha, path->alpha, 1, bits);
  arb_neg(path->alpha, path->alpha);
  arb_sqrt(path->alpha, path->alpha, bits);
  arb_mul(path->alpha_rate, path->beta, path->beta_rate, bits);
  arb_div(path->alpha_rate, path->alpha_rate, path->alpha, bits);
  arb_neg(path->alpha_rate, path->alpha_rate);
}

void oracle_path_linear_vp(oracle_path *path, const arb_t time, slong bits) {
  arb_set(path->beta, time);
  arb_one(path->beta_rate);
  follow_circle(path, bits);
}

void oracle_path_vp(oracle_path *path, const arb_t time, const arb_t low, const arb_t high, slong bits) {
  arb_t rest, rate, sum;
  arb_init(rest), arb_init(rate), arb_init(sum);
  arb_sub_ui(rest, time, 1, bits);
  arb_neg(rest, rest);
  arb_sub(rate, high, low, bits);
  arb_mul(rate, rate, rest, bits);
  arb_add(rate, rate, low, bits); /* the integrand's end; E is the mean of its ends times 1 - t */
  arb_add(sum, rate, low, bits);
  arb_mul(sum, sum, rest, bits);
  arb_mul_2exp_si(sum, sum, -2);
  arb_neg(sum, sum);
  arb_exp(path->beta, sum, bits);
  arb_mul_2exp_si(rate, rate, -1);
  arb_mul(path->beta_rate, path->beta, rate, bits);
  arb_clear(rest), arb_clear(rate), arb_clear(sum);
  follow_circle(path, bits);
}

void oracle_total_weight(arb_t out, const oracle_mixture *mixture, slong bits) {
  arb_t w;
  arb_init(w);
  arb_zero(out);
  for (slong k = 0; k < mixture->count; k++) {
    arb_set_d(w, mixture->weight[k]);
    arb_add(out, out, w, bits);
  }
  arb_clear(w);
}
