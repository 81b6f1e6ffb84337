#include "reference/core/field_sum.h"

void field_accumulate(mpfi_ptr acc, mpfi_srcptr c, mpfr_srcptr y) {
  int sign = mpfr_sgn(y);
  if (!sign) return;
  mpfr_fma(&acc->left, sign > 0 ? &c->left : &c->right, y, &acc->left, MPFR_RNDD);
  mpfr_fma(&acc->right, sign > 0 ? &c->right : &c->left, y, &acc->right, MPFR_RNDU);
}

/* ---- corrections ---- */

void field_correction_start(field_correction *correction) {
  mpfi_set_ui(correction->sum, 0);
  correction->negative = correction->positive = correction->unknown = false;
}

/* acc += p difference for a responsibility 0 <= p. */
static void accumulate_weighted(mpfi_ptr acc, mpfi_srcptr p, mpfi_srcptr difference) {
  mpfr_srcptr low = mpfr_sgn(&difference->left) >= 0 ? &p->left : &p->right;
  mpfr_srcptr high = mpfr_sgn(&difference->right) >= 0 ? &p->right : &p->left;
  mpfr_fma(&acc->left, low, &difference->left, &acc->left, MPFR_RNDD);
  mpfr_fma(&acc->right, high, &difference->right, &acc->right, MPFR_RNDU);
}

void field_correction_add(field_correction *correction, mpfi_srcptr p, mpfi_srcptr difference) {
  accumulate_weighted(correction->sum, p, difference);
  int low = mpfr_sgn(&difference->left), high = mpfr_sgn(&difference->right);
  if (low > 0)
    correction->positive = true;
  else if (high < 0)
    correction->negative = true;
  else if (low < 0 || high > 0)
    correction->unknown = true;
}

/* Responsibilities are positive, so the correction has the sign its terms agree on, however small it is. */
unsigned char field_correct(mpfi_ptr out, mpfi_srcptr base, const field_correction *correction) {
  unsigned char strict = 0;
  mpfi_srcptr sum = correction->sum;
  bool up = correction->positive && !correction->negative && !correction->unknown;
  bool down = correction->negative && !correction->positive && !correction->unknown;
  bool above = up && mpfr_sgn(&sum->left) <= 0, below = down && mpfr_sgn(&sum->right) >= 0;
  if (mpfr_add(&out->left, &base->left, &sum->left, MPFR_RNDD) || above) strict |= FIELD_ABOVE_LOWER;
  if (mpfr_add(&out->right, &base->right, &sum->right, MPFR_RNDU) || below) strict |= FIELD_BELOW_UPPER;
  if (mpfr_zero_p(&out->left)) mpfr_set_zero(&out->left, 1);
  if (mpfr_zero_p(&out->right)) mpfr_set_zero(&out->right, 1);
  return strict;
}

/* ---- sums of means ---- */

double field_mean(const field_weights *weights, size_t group, size_t i, size_t j) {
  size_t k = weights->member[weights->group[group].first + i];
  return weights->problem->mixture->components[k].mean[j];
}

void field_group_sum(mpfi_ptr out, field_group_summer *summer, const field_weights *weights, size_t group, size_t j) {
  size_t size = weights->group[group].size;
  if (size == 1) {
    mpfi_set_d(out, field_mean(weights, group, 0, j));
    return;
  }
  exact_sum_start(&summer->exact);
  for (size_t i = 0; i < size; i++) exact_sum_add(&summer->exact, field_mean(weights, group, i, j));
  exact_sum_value(summer->integer, &summer->exact);
  mpfr_set_z_2exp(&out->left, summer->integer, EXACT_SUM_EXPONENT, MPFR_RNDD);
  mpfr_set_z_2exp(&out->right, summer->integer, EXACT_SUM_EXPONENT, MPFR_RNDU);
}
