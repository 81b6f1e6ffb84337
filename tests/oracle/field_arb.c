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
