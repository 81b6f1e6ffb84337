#include "reference/core/field_log_weight.h"

#include "reference/core/field_coordinate.h"
#include "reference/core/field_intervals.h"
#include "reference/core/ldl.h"

/* Component k's distance n q x - b M from the point, with n = 1. */
static mpfi_ptr distance_vector(const field_weights *w, const field_table *t, size_t k) {
  size_t d = w->problem->mixture->dimension;
  const double *mean = w->problem->mixture->components[k].mean;
  mpfi_ptr sum = field_intervals_new(d, iv_bits(t->scope)), out = field_intervals_new(d, iv_bits(t->scope));
  for (size_t j = 0; j < d; j++) mpfi_set_d(&sum[j], mean[j]);
  field_factor_distance(out, t, w->x, 1, sum, d);
  field_intervals_free(sum, d);
  return out;
}

/* sum_j u_j^2 D/spread_j, u = q x - b m_k. */
static iv diagonal_form(const field_weights *w, const field_table *t, size_t k, mpfi_ptr u) {
  iv_scope *s = t->scope;
  mpfi_ptr sum = iv_new(s);
  field_coordinate c;
  field_coordinate_init(&c, w->problem, t, NULL, iv_bits(s));
  for (size_t j = 0; j < w->problem->mixture->dimension; j++) {
    field_coordinate_set(&c, k, j);
    mpfi_sqr(&u[j], &u[j]);
    mpfi_div(&u[j], &u[j], c.spread);
    mpfi_add(sum, sum, &u[j]);
  }
  iv denominator = t->row[w->problem->component[k].shape].denominator;
  field_coordinate_clear(&c);
  return iv_mul(s, sum, denominator);
}

/* u^T (L D L^T)^{-1} u = sum_i (L^{-1} u)_i^2/D_i. */
static iv full_form(const field_weights *w, iv_scope *s, const field_factor *factor, mpfi_ptr u) {
  size_t d = w->problem->mixture->dimension;
  mpfi_ptr sum = iv_new(s);
  ldl_forward(u, factor->packed, d);
  for (size_t i = 0; i < d; i++) {
    mpfi_sqr(&u[i], &u[i]);
    mpfi_div(&u[i], &u[i], &factor->packed[ldl_index(i, i)]);
    mpfi_add(sum, sum, &u[i]);
  }
  return sum;
}

static iv not_a_number(iv_scope *s) {
  mpfi_ptr r = iv_new(s);
  mpfr_set_nan(&r->left);
  mpfr_set_nan(&r->right);
  return r;
}

iv field_log_weight(field_weights *w, size_t level, size_t k) {
  const field_table *t = field_weights_table(w, level);
  iv_scope *s = t->scope;
  bool full = field_is_full(w->problem, k);
  const field_factor *factor = full ? field_factors_get(w->factors, level, t, k) : NULL;
  if (full && !factor->packed) return not_a_number(s);
  mpfi_ptr u = distance_vector(w, t, k);
  iv distance = full ? full_form(w, s, factor, u) : diagonal_form(w, t, k, u);
  iv widths = full ? factor->log_determinant : t->row[w->problem->component[k].shape].log_variance;
  field_intervals_free(u, w->problem->mixture->dimension);
  return iv_sub(s, t->row[k].log_weight, iv_mul_2si(s, iv_add(s, widths, distance), -1));
}
