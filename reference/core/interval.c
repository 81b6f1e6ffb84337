#include "reference/core/interval.h"

#include <math.h>
#include <stdlib.h>

/* Intervals live in blocks so that their addresses stay; a released interval keeps its limbs for the next user. */
enum { BLOCK = 64 };

struct iv_scope {
  long bits;
  size_t used, blocks;
  __mpfi_struct **block;
};

/* ---- scopes ---- */

static void *checked(void *memory) {
  if (!memory) abort(); /* as GMP does: a formula has no way to go on */
  return memory;
}

iv_scope *iv_scope_new(long bits) {
  iv_scope *s = checked(calloc(1, sizeof *s));
  s->bits = bits < MPFR_PREC_MIN ? MPFR_PREC_MIN : bits;
  return s;
}

void iv_scope_free(iv_scope *s) {
  if (!s) return;
  for (size_t b = 0; b < s->blocks; b++) {
    for (size_t i = 0; i < BLOCK; i++) mpfi_clear(&s->block[b][i]);
    free(s->block[b]);
  }
  free((void *)s->block);
  free(s);
}

long iv_bits(const iv_scope *s) { return s->bits; }
size_t iv_mark(const iv_scope *s) { return s->used; }
void iv_release(iv_scope *s, size_t mark) { s->used = mark; }

static mpfi_ptr next(iv_scope *s) {
  if (s->used == s->blocks * BLOCK) {
    s->block = checked(realloc((void *)s->block, (s->blocks + 1) * sizeof(__mpfi_struct *)));
    __mpfi_struct *fresh = checked(malloc(BLOCK * sizeof *fresh));
    for (size_t i = 0; i < BLOCK; i++) mpfi_init2(&fresh[i], s->bits);
    s->block[s->blocks++] = fresh;
  }
  mpfi_ptr r = &s->block[s->used / BLOCK][s->used % BLOCK];
  s->used++;
  return r;
}

mpfi_ptr iv_new(iv_scope *s) {
  mpfi_ptr r = next(s);
  mpfi_set_ui(r, 0);
  return r;
}

/* ---- constants and conversions ---- */

iv iv_si(iv_scope *s, long value) {
  mpfi_ptr r = next(s);
  mpfi_set_si(r, value);
  return r;
}

iv iv_ui(iv_scope *s, unsigned long value) {
  mpfi_ptr r = next(s);
  mpfi_set_ui(r, value);
  return r;
}

iv iv_d(iv_scope *s, double value) {
  mpfi_ptr r = next(s);
  mpfi_set_d(r, value);
  return r;
}

iv iv_z(iv_scope *s, mpz_srcptr value) {
  mpfi_ptr r = next(s);
  mpfi_set_z(r, value);
  return r;
}

iv iv_ratio(iv_scope *s, long numerator, long denominator) {
  return iv_div(s, iv_si(s, numerator), iv_si(s, denominator));
}

/* A decimal is enclosed by MPFR's directed reading; p/q by the division of two such readings. */
static void set_decimal(mpfi_ptr r, const char *text) {
  mpfr_strtofr(&r->left, text, NULL, 10, MPFR_RNDD);
  mpfr_strtofr(&r->right, text, NULL, 10, MPFR_RNDU);
}

iv iv_real(iv_scope *s, assay_real value) {
  if (!value.exact) return iv_d(s, value.nearest);
  mpfi_ptr numerator = next(s);
  set_decimal(numerator, value.exact); /* stops at '/' */
  const char *slash = value.exact;
  while (*slash && *slash != '/') slash++;
  if (!*slash) return numerator;
  mpfi_ptr denominator = next(s);
  set_decimal(denominator, slash + 1);
  return iv_div(s, numerator, denominator);
}

iv iv_hull(iv_scope *s, iv a, iv b) {
  mpfi_ptr r = next(s);
  mpfi_union(r, a, b);
  return r;
}

iv iv_copy(iv_scope *s, mpfi_srcptr a) {
  mpfi_ptr r = next(s);
  mpfi_set(r, a);
  return r;
}

iv iv_pi(iv_scope *s) {
  mpfi_ptr r = next(s);
  mpfi_const_pi(r);
  return r;
}

iv iv_mid(iv_scope *s, iv a) {
  mpfi_ptr r = next(s);
  mpfi_mid(&r->left, a);
  mpfr_set(&r->right, &r->left, MPFR_RNDN); /* same precision: exact */
  return r;
}

iv iv_lower(iv_scope *s, iv a) {
  mpfi_ptr r = next(s);
  mpfi_set_fr(r, &a->left);
  return r;
}

iv iv_upper(iv_scope *s, iv a) {
  mpfi_ptr r = next(s);
  mpfi_set_fr(r, &a->right);
  return r;
}

iv iv_ball(iv_scope *s, iv center, iv radius) {
  iv magnitude = iv_abs(s, radius);
  return iv_hull(s, iv_sub(s, center, magnitude), iv_add(s, center, magnitude));
}

/* ---- arithmetic and functions that MPFI has ---- */

#define IV_UNARY(name, operation)                                                                                      \
  iv name(iv_scope *s, iv a) {                                                                                         \
    mpfi_ptr r = next(s);                                                                                              \
    operation(r, a);                                                                                                   \
    return r;                                                                                                          \
  }
#define IV_BINARY(name, operation)                                                                                     \
  iv name(iv_scope *s, iv a, iv b) {                                                                                   \
    mpfi_ptr r = next(s);                                                                                              \
    operation(r, a, b);                                                                                                \
    return r;                                                                                                          \
  }

IV_BINARY(iv_add, mpfi_add)
IV_BINARY(iv_sub, mpfi_sub)
IV_BINARY(iv_mul, mpfi_mul)
IV_BINARY(iv_div, mpfi_div)
IV_UNARY(iv_neg, mpfi_neg)
IV_UNARY(iv_abs, mpfi_abs)
IV_UNARY(iv_sqr, mpfi_sqr)
IV_UNARY(iv_sqrt, mpfi_sqrt)
IV_UNARY(iv_inv, mpfi_inv)
IV_UNARY(iv_exp, mpfi_exp)
IV_UNARY(iv_expm1, mpfi_expm1)
IV_UNARY(iv_log, mpfi_log)
IV_UNARY(iv_log1p, mpfi_log1p)
IV_UNARY(iv_sin, mpfi_sin)
IV_UNARY(iv_cos, mpfi_cos)
IV_UNARY(iv_tan, mpfi_tan)
IV_UNARY(iv_atan, mpfi_atan)
IV_UNARY(iv_tanh, mpfi_tanh)
IV_UNARY(iv_cosh, mpfi_cosh)

iv iv_mul_si(iv_scope *s, iv a, long n) {
  mpfi_ptr r = next(s);
  mpfi_mul_si(r, a, n);
  return r;
}

iv iv_add_si(iv_scope *s, iv a, long n) {
  mpfi_ptr r = next(s);
  mpfi_add_si(r, a, n);
  return r;
}

iv iv_mul_2si(iv_scope *s, iv a, long n) {
  mpfi_ptr r = next(s);
  mpfi_mul_2si(r, a, n);
  return r;
}

/* ---- functions that MPFI lacks ---- */

iv iv_erfc(iv_scope *s, iv a) { /* decreasing */
  mpfi_ptr r = next(s);
  mpfr_erfc(&r->left, &a->right, MPFR_RNDD);
  mpfr_erfc(&r->right, &a->left, MPFR_RNDU);
  return r;
}

iv iv_normal_density(iv_scope *s, iv a) {
  iv exponent = iv_mul_2si(s, iv_neg(s, iv_sqr(s, a)), -1);
  return iv_div(s, iv_exp(s, exponent), iv_sqrt(s, iv_mul_2si(s, iv_pi(s), 1)));
}

iv iv_normal_cdf(iv_scope *s, iv a) {
  iv argument = iv_neg(s, iv_div(s, a, iv_sqrt(s, iv_ui(s, 2))));
  return iv_mul_2si(s, iv_erfc(s, argument), -1);
}

static iv take_power(iv_scope *s, iv a, unsigned long n) {
  iv r = iv_ui(s, 1);
  for (iv square = a; n; n >>= 1, square = iv_mul(s, square, square))
    if (n & 1) r = iv_mul(s, r, square);
  return r;
}

/* Odd powers are monotone, even ones are so in |a|: each end by itself, so that dependency does not widen the result.
 */
iv iv_pow_ui(iv_scope *s, iv a, unsigned long n) {
  iv base = n % 2 ? a : iv_abs(s, a);
  return iv_hull(s, take_power(s, iv_lower(s, base), n), take_power(s, iv_upper(s, base), n));
}

iv iv_min(iv_scope *s, iv a, iv b) {
  mpfi_ptr r = next(s);
  mpfr_min(&r->left, &a->left, &b->left, MPFR_RNDD);
  mpfr_min(&r->right, &a->right, &b->right, MPFR_RNDU);
  return r;
}

iv iv_max(iv_scope *s, iv a, iv b) {
  mpfi_ptr r = next(s);
  mpfr_max(&r->left, &a->left, &b->left, MPFR_RNDD);
  mpfr_max(&r->right, &a->right, &b->right, MPFR_RNDU);
  return r;
}

/* exp(low + h) <= exp(low) (1 + h + h^2), 0 <= h <= 1. */
void iv_set_exp(mpfi_ptr out, iv a) {
  mpfr_t width;
  mpfr_init2(width, 64);
  mpfr_sub(width, &a->right, &a->left, MPFR_RNDU);
  if (iv_is_zero(a) || !(mpfr_cmp_ui(width, 1) <= 0)) {
    mpfi_exp(out, a);
  } else {
    mpfr_exp(&out->left, &a->left, MPFR_RNDD);
    mpfr_set(&out->right, &out->left, MPFR_RNDU);
    mpfr_nextabove(&out->right); /* at least exp(low) */
    mpfr_fma(width, width, width, width, MPFR_RNDU);
    mpfr_fma(&out->right, &out->right, width, &out->right, MPFR_RNDU);
  }
  mpfr_clear(width);
}

/* ---- comparisons ---- */

static bool has_nan(iv a) { return mpfr_nan_p(&a->left) || mpfr_nan_p(&a->right); }

iv_truth iv_less(iv a, iv b) {
  if (has_nan(a) || has_nan(b)) return IV_UNDECIDED;
  if (mpfr_less_p(&a->right, &b->left)) return IV_TRUE;
  if (mpfr_greaterequal_p(&a->left, &b->right)) return IV_FALSE;
  return IV_UNDECIDED;
}

iv_truth iv_positive(iv a) {
  if (has_nan(a)) return IV_UNDECIDED;
  if (mpfr_sgn(&a->left) > 0) return IV_TRUE;
  return mpfr_sgn(&a->right) <= 0 ? IV_FALSE : IV_UNDECIDED;
}

iv_truth iv_overlap(iv a, iv b) {
  if (has_nan(a) || has_nan(b)) return IV_UNDECIDED;
  return mpfr_less_p(&a->right, &b->left) || mpfr_less_p(&b->right, &a->left) ? IV_FALSE : IV_TRUE;
}

bool iv_finite(iv a) { return mpfr_number_p(&a->left) && mpfr_number_p(&a->right); }
bool iv_is_zero(iv a) { return mpfr_zero_p(&a->left) && mpfr_zero_p(&a->right); }

bool iv_contains(iv outer, iv inner) {
  return !has_nan(outer) && !has_nan(inner) && mpfr_lessequal_p(&outer->left, &inner->left) &&
         mpfr_lessequal_p(&inner->right, &outer->right);
}

bool iv_contains_d(iv a, double value) {
  return !has_nan(a) && !isnan(value) && mpfr_cmp_d(&a->left, value) <= 0 && mpfr_cmp_d(&a->right, value) >= 0;
}

bool iv_reached(iv a, long goal_bits, double scale) {
  if (!iv_finite(a)) return false;
  enum { ENOUGH = 64 };
  mpfr_t width, allowed, floor_value;
  mpfr_inits2(ENOUGH, width, allowed, floor_value, (mpfr_ptr)NULL);
  mpfr_sub(width, &a->right, &a->left, MPFR_RNDU);
  if (mpfr_sgn(&a->left) > 0)
    mpfr_set(allowed, &a->left, MPFR_RNDD);
  else if (mpfr_sgn(&a->right) < 0)
    mpfr_abs(allowed, &a->right, MPFR_RNDD);
  else
    mpfr_set_zero(allowed, 1);
  mpfr_set_d(floor_value, scale, MPFR_RNDD);
  mpfr_mul_2si(floor_value, floor_value, -goal_bits, MPFR_RNDD);
  mpfr_max(allowed, allowed, floor_value, MPFR_RNDD);
  mpfr_mul_2si(allowed, allowed, -goal_bits, MPFR_RNDD);
  bool reached = mpfr_lessequal_p(width, allowed);
  mpfr_clears(width, allowed, floor_value, (mpfr_ptr)NULL);
  return reached;
}

/* ---- down to doubles ---- */

double iv_lower_d(iv a) { return mpfr_get_d(&a->left, MPFR_RNDD); }
double iv_upper_d(iv a) { return mpfr_get_d(&a->right, MPFR_RNDU); }
double iv_mid_d(iv a) { return mpfi_get_d(a); }

double iv_width_d(iv a) {
  mpfr_t width;
  mpfr_init2(width, 64);
  mpfr_sub(width, &a->right, &a->left, MPFR_RNDU);
  double r = mpfr_get_d(width, MPFR_RNDU);
  mpfr_clear(width);
  return r;
}

double iv_magnitude_d(iv a) {
  double low = fabs(iv_lower_d(a)), high = fabs(iv_upper_d(a));
  return isnan(low) || isnan(high) ? NAN : fmax(low, high);
}
