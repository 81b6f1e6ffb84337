/* Fields of mixtures whose covariances are of any kind. Wide quantities: a = a_r + sum_{g != r} P_g (a_g - a_r) over
 * groups g of equal responsibility, r the dominant one. The divergence of the velocity, with every component a group:
 * b_k = beta' f_k + alpha' e_k and score_k = - g_k have tr grad b_k = rate_k and grad p_k = p_k (score_k - score), so
 * that div b = sum p_k rate_k + sum p_k <B_k, G_k> - <sum p_k B_k, sum p_k G_k>,  B_k = b_k - b_r, G_k = score_k -
 * score_r, a covariance being the same when both sides are shifted. */
#include "reference/core/field_general.h"

#include "reference/core/field_intervals.h"
#include "reference/core/field_point.h"

#include <stdlib.h>

/* ---- values ---- */

static size_t leader(const field_weights *w, size_t group) { return w->member[w->group[group].first]; }

static void set_nan(mpfi_ptr out, size_t d) {
  for (size_t j = 0; j < d; j++) {
    mpfr_set_nan(&out[j].left);
    mpfr_set_nan(&out[j].right);
  }
}

static mpfi_ptr solve_group(field_values *values, field_weights *w, size_t level, const field_form *form, size_t g) {
  size_t d = w->problem->mixture->dimension, k = leader(w, g);
  const field_factor *factor = field_factors_get(w->factors, level, field_weights_table(w, level), k);
  mpfi_ptr out = field_intervals_new(d, w->bits[level]);
  if (!factor->packed) {
    set_nan(out, d);
    return out;
  }
  mpfi_ptr sum = field_intervals_new(d, w->bits[level]);
  for (size_t j = 0; j < d; j++) field_group_sum(&sum[j], &values->summer, w, g, j);
  field_factor_value(out, factor, form, w->problem->mixture->components[k].covariance.entries, w->x, w->group[g].size,
                     sum, d);
  field_intervals_free(sum, d);
  return out;
}

void field_values_init(field_values *out, field_weights *weights, size_t level, const field_form *form) {
  long bits = weights->bits[level];
  out->weights = weights;
  out->solved = calloc(weights->groups, sizeof(mpfi_ptr));
  if (!out->solved) abort(); /* as GMP does: the caller has checked the sizes against the cap */
  field_coordinate_init(&out->coordinate, weights->problem, field_weights_table(weights, level), form, bits);
  mpz_init(out->summer.integer);
  mpfi_init2(out->sum, bits);
  mpfr_init2(out->x, 53);
  for (size_t g = 0; g < weights->groups; g++)
    if (field_is_full(weights->problem, leader(weights, g))) out->solved[g] = solve_group(out, weights, level, form, g);
}

void field_values_clear(field_values *values) {
  size_t d = values->weights->problem->mixture->dimension;
  for (size_t g = 0; g < values->weights->groups; g++) field_intervals_free(values->solved[g], d);
  free((void *)values->solved);
  field_coordinate_clear(&values->coordinate);
  mpz_clear(values->summer.integer);
  mpfi_clear(values->sum);
  mpfr_clear(values->x);
}

mpfi_srcptr field_value_at(mpfi_ptr space, field_values *values, size_t g, size_t j) {
  if (values->solved[g]) return &values->solved[g][j];
  const field_weights *w = values->weights;
  mpfr_set_d(values->x, w->x[j], MPFR_RNDD); /* exact */
  field_group_sum(values->sum, &values->summer, w, g, j);
  field_coordinate_set(&values->coordinate, leader(w, g), j);
  field_coordinate_value(space, &values->coordinate, w->group[g].size, values->x, values->sum);
  return space;
}

bool field_value_is_dominant(const field_values *values, size_t g, size_t j) {
  const field_weights *w = values->weights;
  const field_component *component = w->problem->component;
  return !values->solved[g] && component[leader(w, g)].shape == component[leader(w, w->dominant)].shape &&
         w->group[g].size == 1 && w->group[w->dominant].size == 1 &&
         field_mean(w, g, 0, j) == field_mean(w, w->dominant, 0, j);
}

/* ---- wide quantities ---- */

typedef struct {
  field_weights *weights;
  field_values values;
  field_correction correction;
  mpfi_t own, other, difference;
} wide_loop;

static unsigned char wide_entry(mpfi_ptr out, wide_loop *loop, size_t j) {
  const field_weights *w = loop->weights;
  mpfi_srcptr base = field_value_at(loop->own, &loop->values, w->dominant, j);
  field_correction_start(&loop->correction);
  for (size_t g = 0; g < w->groups; g++) {
    if (g == w->dominant || field_value_is_dominant(&loop->values, g, j)) continue;
    mpfi_sub(loop->difference, field_value_at(loop->other, &loop->values, g, j), base);
    field_correction_add(&loop->correction, &w->weight[g], loop->difference);
  }
  return field_correct(out, base, &loop->correction);
}

void field_general_wide(mpfi_ptr out, unsigned char *strict, const unsigned char *settled, field_weights *weights,
                        size_t level) {
  long bits = weights->bits[level];
  wide_loop loop = {.weights = weights};
  mpfi_ptr all[] = {loop.own, loop.other, loop.difference, loop.correction.sum, NULL};
  for (mpfi_ptr *p = all; *p; p++) mpfi_init2(*p, bits);
  field_values_init(&loop.values, weights, level, &field_weights_table(weights, level)->field);
  for (size_t j = 0; j < weights->problem->mixture->dimension; j++) {
    if (settled[j]) continue;
    mpfi_set_prec(&out[j], bits);
    strict[j] = wide_entry(&out[j], &loop, j);
  }
  field_values_clear(&loop.values);
  for (mpfi_ptr *p = all; *p; p++) mpfi_clear(*p);
}

/* ---- the divergence ---- */

typedef struct {
  field_weights *weights;
  field_values velocity, score;
  mpfi_t own_velocity, own_score, other, moved_velocity, moved_score, velocity_sum, score_sum, product, covariance;
} divergence_loop;

static void add_group(divergence_loop *loop, size_t g, size_t j, mpfi_srcptr velocity, mpfi_srcptr score) {
  mpfi_srcptr share = &loop->weights->weight[g];
  mpfi_sub(loop->moved_velocity, field_value_at(loop->other, &loop->velocity, g, j), velocity);
  mpfi_sub(loop->moved_score, field_value_at(loop->other, &loop->score, g, j), score);
  mpfi_mul(loop->moved_velocity, loop->moved_velocity, share);
  mpfi_add(loop->velocity_sum, loop->velocity_sum, loop->moved_velocity);
  mpfi_mul(loop->product, loop->moved_velocity, loop->moved_score);
  mpfi_add(loop->covariance, loop->covariance, loop->product);
  mpfi_mul(loop->moved_score, loop->moved_score, share);
  mpfi_add(loop->score_sum, loop->score_sum, loop->moved_score);
}

static void add_coordinate(divergence_loop *loop, size_t j) {
  size_t r = loop->weights->dominant;
  mpfi_srcptr velocity = field_value_at(loop->own_velocity, &loop->velocity, r, j);
  mpfi_srcptr score = field_value_at(loop->own_score, &loop->score, r, j);
  mpfi_set_ui(loop->velocity_sum, 0);
  mpfi_set_ui(loop->score_sum, 0);
  for (size_t g = 0; g < loop->weights->groups; g++)
    if (g != r && !field_value_is_dominant(&loop->velocity, g, j)) add_group(loop, g, j, velocity, score);
  mpfi_mul(loop->product, loop->velocity_sum, loop->score_sum);
  mpfi_sub(loop->covariance, loop->covariance, loop->product);
}

/* NaN where the level's precision does not suffice. */
static iv shape_rate(field_weights *w, size_t level, size_t k) {
  const field_table *table = field_weights_table(w, level);
  if (!field_is_full(w->problem, k)) return table->row[w->problem->component[k].shape].rate;
  mpfi_ptr rate = iv_new(table->scope);
  const field_factor *factor = field_factors_get(w->factors, level, table, k);
  if (factor->packed)
    mpfi_set(rate, factor->rate);
  else
    set_nan(rate, 1);
  return rate;
}

/* sum p_k rate_k as rate_r plus differences. */
static iv mean_rate(field_weights *w, size_t level) {
  iv_scope *s = field_weights_table(w, level)->scope;
  size_t r = leader(w, w->dominant);
  iv own = shape_rate(w, level, r);
  mpfi_ptr sum = iv_new(s);
  mpfi_set(sum, own);
  for (size_t g = 0; g < w->groups; g++) {
    size_t mark = iv_mark(s), k = leader(w, g);
    if (w->problem->component[k].shape != w->problem->component[r].shape)
      mpfi_add(sum, sum, iv_mul(s, &w->weight[g], iv_sub(s, shape_rate(w, level, k), own)));
    iv_release(s, mark);
  }
  return sum;
}

void field_general_divergence(mpfi_ptr out, field_weights *weights, size_t level) {
  const field_table *table = field_weights_table(weights, level);
  size_t mark = iv_mark(table->scope), d = weights->problem->mixture->dimension;
  divergence_loop loop = {.weights = weights};
  mpfi_ptr all[] = {loop.own_velocity, loop.own_score, loop.other,   loop.moved_velocity, loop.moved_score,
                    loop.velocity_sum, loop.score_sum, loop.product, loop.covariance,     NULL};
  for (mpfi_ptr *p = all; *p; p++) mpfi_init2(*p, weights->bits[level]);
  field_values_init(&loop.velocity, weights, level, &table->field);
  field_values_init(&loop.score, weights, level, &table->score);
  mpfi_set_ui(loop.covariance, 0);
  for (size_t j = 0; weights->groups > 1 && j < d; j++) add_coordinate(&loop, j);
  mpfi_set_prec(out, weights->bits[level]);
  mpfi_add(out, mean_rate(weights, level), loop.covariance);
  field_values_clear(&loop.velocity);
  field_values_clear(&loop.score);
  for (mpfi_ptr *p = all; *p; p++) mpfi_clear(*p);
  iv_release(table->scope, mark);
}
