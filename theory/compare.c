#include "theory/compare.h"

#include "reference/core/interval.h"

#include <math.h>

/* A double is a multiple of 2^-1074 below 2^1024, so the sum of two has at most 1024 + 1074 + 1 bits. */
enum { EXACT_BITS = 2112 };

/* Guard bits beyond both arguments' precision, so that rounding the difference hardly widens it. */
enum { GUARD_BITS = 64 };

static const assay_comparison nothing = {false, false, NAN};

bool assay_enclosure_usable(mpfi_srcptr enclosure) {
  return iv_finite(enclosure) && mpfr_lessequal_p(&enclosure->left, &enclosure->right);
}

/* |measured - p| <= allowance exactly when low <= p <= high with low, high = measured -+ allowance, which are exact at
 * EXACT_BITS. Moving the enclosure up by more than high - left, or down by more than right - low, takes it out. */
static assay_comparison compare_range(iv_scope *s, iv low, iv high, iv predicted) {
  iv_truth below = iv_less(predicted, low), above = iv_less(high, predicted);
  if (below == IV_TRUE || above == IV_TRUE) return (assay_comparison){false, true, 0};
  double up = iv_upper_d(iv_sub(s, high, predicted)), down = iv_upper_d(iv_sub(s, predicted, low));
  return (assay_comparison){below == IV_FALSE && above == IV_FALSE, false, fmin(up, down)};
}

assay_comparison assay_compare_distance(double measured, mpfi_srcptr predicted, double allowance) {
  if (!isfinite(measured)) return (assay_comparison){false, true, 0};
  if (isnan(allowance) || !assay_enclosure_usable(predicted)) return nothing;
  if (isinf(allowance)) return (assay_comparison){true, false, INFINITY};
  iv_scope *s = iv_scope_new(EXACT_BITS);
  iv center = iv_d(s, measured), radius = iv_d(s, allowance);
  assay_comparison result = compare_range(s, iv_sub(s, center, radius), iv_add(s, center, radius), predicted);
  iv_scope_free(s);
  return result;
}

static long joint_bits(mpfi_srcptr a, mpfi_srcptr b) {
  mpfr_prec_t bits_a = mpfi_get_prec(a), bits_b = mpfi_get_prec(b);
  return (bits_a > bits_b ? bits_a : bits_b) + GUARD_BITS;
}

assay_comparison assay_compare_order(mpfi_srcptr left, assay_relation relation, mpfi_srcptr right) {
  if (!assay_enclosure_usable(left) || !assay_enclosure_usable(right)) return nothing;
  iv smaller = relation == ASSAY_LESS ? left : right, larger = relation == ASSAY_LESS ? right : left;
  iv_truth less = iv_less(smaller, larger);
  if (less == IV_FALSE) return (assay_comparison){false, true, 0};
  iv_scope *s = iv_scope_new(joint_bits(left, right));
  double gap = iv_upper_d(iv_sub(s, larger, smaller));
  iv_scope_free(s);
  return (assay_comparison){less == IV_TRUE, false, gap};
}

assay_comparison assay_compare_equality(mpfi_srcptr left, mpfi_srcptr right, long bits) {
  if (!assay_enclosure_usable(left) || !assay_enclosure_usable(right)) return nothing;
  if (iv_overlap(left, right) == IV_FALSE) return (assay_comparison){false, true, 0};
  iv_scope *s = iv_scope_new(joint_bits(left, right));
  iv difference = iv_sub(s, left, right), limit = iv_mul_2si(s, iv_si(s, 1), -bits);
  iv width = iv_sub(s, iv_upper(s, difference), iv_lower(s, difference));
  bool narrow = iv_less(width, limit) == IV_TRUE;
  /* right leaves left when it moves up by more than the difference's upper end, or down by more than minus its lower.
   */
  double up = iv_upper_d(difference), down = iv_upper_d(iv_neg(s, difference));
  iv_scope_free(s);
  return (assay_comparison){narrow, false, fmax(up, down)};
}
