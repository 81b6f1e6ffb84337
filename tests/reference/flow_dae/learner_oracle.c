#include "tests/reference/flow_dae/learner_oracle.h"

#include <stdlib.h>
#include <string.h>

void learner_oracle_init(learner_oracle *out, size_t samples, size_t dimension) {
  *out = (learner_oracle){.samples = samples, .dimension = dimension, .skip = true};
  arb_init(out->lambda);
  out->metric = _arb_vec_init((slong)dimension);
  for (size_t k = 0; k < dimension; k++) arb_one(out->metric + k);
  arb_mat_init(out->noise, (slong)samples, (slong)dimension);
  arb_mat_init(out->data, (slong)samples, (slong)dimension);
  out->labels = malloc(samples);
  memset(out->labels, 1, samples);
}

void learner_oracle_clear(learner_oracle *oracle) {
  arb_clear(oracle->lambda);
  _arb_vec_clear(oracle->metric, (slong)oracle->dimension);
  arb_mat_clear(oracle->noise);
  arb_mat_clear(oracle->data);
  free(oracle->labels);
}

static void cosine_path(path_oracle *out, const arb_t time) {
  arb_t half;
  arb_init(half);
  arb_mul_2exp_si(half, time, -1);
  arb_sin_cos_pi(out->beta, out->alpha, half, ORACLE_BITS);
  arb_const_pi(half, ORACLE_BITS);
  arb_mul_2exp_si(half, half, -1);
  arb_mul(out->alpha_rate, out->beta, half, ORACLE_BITS);
  arb_neg(out->alpha_rate, out->alpha_rate);
  arb_mul(out->beta_rate, out->alpha, half, ORACLE_BITS);
  arb_clear(half);
}

/* alpha = 1 - beta, beta = t^degree. */
static void power_path(path_oracle *out, const arb_t time, unsigned degree) {
  arb_pow_ui(out->beta, time, degree, ORACLE_BITS);
  arb_pow_ui(out->beta_rate, time, degree - 1, ORACLE_BITS);
  arb_mul_ui(out->beta_rate, out->beta_rate, degree, ORACLE_BITS);
  arb_sub_ui(out->alpha, out->beta, 1, ORACLE_BITS);
  arb_neg(out->alpha, out->alpha);
  arb_neg(out->alpha_rate, out->beta_rate);
}

/* alpha = (1 - t^2)^(1/2), alpha' = -t/alpha. */
static void root_path(path_oracle *out, const arb_t time) {
  arb_set(out->beta, time);
  arb_one(out->beta_rate);
  arb_mul(out->alpha, time, time, ORACLE_BITS);
  arb_sub_ui(out->alpha, out->alpha, 1, ORACLE_BITS);
  arb_neg(out->alpha, out->alpha);
  arb_sqrt(out->alpha, out->alpha, ORACLE_BITS);
  arb_div(out->alpha_rate, time, out->alpha, ORACLE_BITS);
  arb_neg(out->alpha_rate, out->alpha_rate);
}

void path_oracle_init(path_oracle *out, assay_schedule schedule, const arb_t time) {
  arb_init(out->alpha), arb_init(out->beta), arb_init(out->alpha_rate), arb_init(out->beta_rate);
  if (schedule.kind == ASSAY_TRIGONOMETRIC) cosine_path(out, time);
  if (schedule.kind == ASSAY_LINEAR) power_path(out, time, 1);
  if (schedule.kind == ASSAY_POLYNOMIAL) power_path(out, time, schedule.degree);
  if (schedule.kind == ASSAY_LINEAR_VP) root_path(out, time);
}

void path_oracle_clear(path_oracle *path) {
  arb_clear(path->alpha), arb_clear(path->beta), arb_clear(path->alpha_rate), arb_clear(path->beta_rate);
}

/* Adds weight (row^T row, row target) of one residual `row . (c, w) - target` to the normal equations; its entries are
 * `first` at c and `label` at the k-th entry of w. */
static void add_residual(arb_mat_t normal, arb_mat_t right, const arb_t weight, const arb_t first, size_t k, int label,
                         const arb_t target) {
  slong w = (slong)k + 1;
  arb_t t;
  arb_init(t);
  arb_mul(t, weight, first, ORACLE_BITS);
  arb_addmul(arb_mat_entry(normal, 0, 0), t, first, ORACLE_BITS);
  arb_addmul_si(arb_mat_entry(normal, 0, w), t, label, ORACLE_BITS);
  arb_addmul_si(arb_mat_entry(normal, w, 0), t, label, ORACLE_BITS);
  arb_addmul(arb_mat_entry(right, 0, 0), t, target, ORACLE_BITS);
  arb_add(arb_mat_entry(normal, w, w), arb_mat_entry(normal, w, w), weight, ORACLE_BITS); /* label^2 = 1 */
  arb_mul(t, weight, target, ORACLE_BITS);
  arb_addmul_si(arb_mat_entry(right, w, 0), t, label, ORACLE_BITS);
  arb_clear(t);
}

static void add_residuals(arb_mat_t normal, arb_mat_t right, const learner_oracle *oracle, const path_oracle *path) {
  arb_t x, weight, zero;
  arb_init(x), arb_init(weight), arb_init(zero);
  for (size_t k = 0; k < oracle->dimension; k++) {
    for (size_t i = 0; i < oracle->samples; i++) {
      arb_srcptr noise = arb_mat_entry(oracle->noise, i, k), data = arb_mat_entry(oracle->data, i, k);
      arb_mul(x, path->alpha, noise, ORACLE_BITS);
      arb_addmul(x, path->beta, data, ORACLE_BITS);
      add_residual(normal, right, oracle->metric + k, x, k, oracle->labels[i], data);
    }
    arb_mul(weight, oracle->lambda, oracle->metric + k, ORACLE_BITS);
    add_residual(normal, right, weight, zero, k, 1, zero);
  }
  arb_clear(x), arb_clear(weight), arb_clear(zero);
}

/* Without skip c is held at 0: its equation becomes c = 0. */
static void hold_c(arb_mat_t normal, arb_mat_t right) {
  for (slong k = 0; k < arb_mat_nrows(normal); k++) {
    arb_zero(arb_mat_entry(normal, 0, k));
    arb_zero(arb_mat_entry(normal, k, 0));
  }
  arb_one(arb_mat_entry(normal, 0, 0));
  arb_zero(arb_mat_entry(right, 0, 0));
}

void learner_oracle_fit(arb_t c, arb_ptr w, const learner_oracle *oracle, const path_oracle *path) {
  slong unknowns = (slong)oracle->dimension + 1;
  arb_mat_t normal, right;
  arb_mat_init(normal, unknowns, unknowns);
  arb_mat_init(right, unknowns, 1);
  add_residuals(normal, right, oracle, path);
  if (!oracle->skip) hold_c(normal, right);
  int solved = arb_mat_solve(right, normal, right, ORACLE_BITS);
  if (!solved) abort();
  arb_set(c, arb_mat_entry(right, 0, 0));
  for (slong k = 1; k < unknowns; k++) arb_set(w + k - 1, arb_mat_entry(right, k, 0));
  arb_mat_clear(normal);
  arb_mat_clear(right);
}

void learner_oracle_velocity(arb_ptr out, const learner_oracle *oracle, const path_oracle *path, arb_srcptr x, int h) {
  arb_ptr w = _arb_vec_init((slong)oracle->dimension);
  arb_t c, f, e;
  arb_init(c), arb_init(f), arb_init(e);
  learner_oracle_fit(c, w, oracle, path);
  for (size_t k = 0; k < oracle->dimension; k++) {
    arb_mul_si(f, w + k, h, ORACLE_BITS);
    arb_addmul(f, c, x + k, ORACLE_BITS);
    arb_mul(e, path->beta, f, ORACLE_BITS);
    arb_sub(e, x + k, e, ORACLE_BITS);
    arb_div(e, e, path->alpha, ORACLE_BITS);
    arb_mul(out + k, path->beta_rate, f, ORACLE_BITS);
    arb_addmul(out + k, path->alpha_rate, e, ORACLE_BITS);
  }
  arb_clear(c), arb_clear(f), arb_clear(e);
  _arb_vec_clear(w, (slong)oracle->dimension);
}

void learner_oracle_step(arb_ptr x, const learner_oracle *oracle, const path_oracle *path, int h, size_t steps) {
  arb_ptr velocity = _arb_vec_init((slong)oracle->dimension);
  learner_oracle_velocity(velocity, oracle, path, x, h);
  for (size_t k = 0; k < oracle->dimension; k++) {
    arb_div_ui(velocity + k, velocity + k, steps, ORACLE_BITS);
    arb_add(x + k, x + k, velocity + k, ORACLE_BITS);
  }
  _arb_vec_clear(velocity, (slong)oracle->dimension);
}
