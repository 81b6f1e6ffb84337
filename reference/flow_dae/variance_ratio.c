/* With x = exp(2y) the density of F(nu, nu) in y is cosh(y)^-nu/B(1/2, nu/2). Let a = nu/2, t = tanh y = (x-1)/(x+1),
 * w = 1 - t^2 = 4x/(1+x)^2 and C = w^a/B(1/2, a); then dy = dt/w, and both representations of the incomplete beta
 * integral of w^(a-1) by positive terms are used:
 *   P(F <= x) = 1/2 + t C S,  S = sum_k (a+1/2)_k/(3/2)_k t^2k                      around the middle,
 *   P(F <= x) = C f/(nu |t|),  f = 2F1(1/2, 1; a+1; -z),  z = w/t^2                 for t < 0,
 * and 1 less that for t > 0. f is Gauss's continued fraction: with f = f_1,
 *   f_k = 1/(1 + u_k z f_{k+1}),  u_k = k (nu+k-1)/((nu+2k-2)(nu+2k)) > 0,
 * where every f_k, a quotient of contiguous 2F1(alpha, beta; gamma; -z) with 0 <= alpha, beta <= gamma, is positive
 * (Pfaff's transformation turns each into a series of positive terms), hence in (0, 1]. So starting from [0, 1] in
 * place of f_{k+1} encloses f, with no word about convergence. */
#include "reference/flow_dae/variance_ratio.h"

#include "reference/core/interval.h"
#include "reference/core/ziv.h"

enum {
  LONGEST = 1 << 20, /* terms or steps before a series or fraction gives up (few bits and many asked for) */
  FEWEST = 16,       /* steps of the first fraction tried */
  MIDDLE_PER_BIT = 4 /* the middle is nu t^2 <= bits/4: there 1/2 + t C S cancels about 0.18 bits leading bits */
};

static const uint64_t most_degrees = UINT64_C(1000000000000); /* below 2^40: k (nu+k-1) stays below 2^61 */

/* log Gamma(a); numbers that the precision does not hold lie beyond 1.47, where it increases. */
static iv log_gamma(iv_scope *s, iv a) {
  mpfi_ptr r = iv_new(s);
  int sign = 0;
  mpfr_lgamma(&r->left, &sign, &a->left, MPFR_RNDD);
  mpfr_lgamma(&r->right, &sign, &a->right, MPFR_RNDU);
  return r;
}

/* 1/B(1/2, nu/2) = Gamma((nu+1)/2)/(sqrt(pi) Gamma(nu/2)) */
static iv inverse_beta(iv_scope *s, uint64_t nu) {
  iv above = log_gamma(s, iv_mul_2si(s, iv_ui(s, nu + 1), -1)), below = log_gamma(s, iv_mul_2si(s, iv_ui(s, nu), -1));
  return iv_div(s, iv_exp(s, iv_sub(s, above, below)), iv_sqrt(s, iv_pi(s)));
}

static bool negligible(iv term, iv sum, long bits) {
  return mpfr_zero_p(&term->right) || mpfr_get_exp(&term->right) < mpfr_get_exp(&sum->left) - bits;
}

/* S. The quotient of successive terms, t^2 (nu+1+2k)/(2k+3), is monotone in k with limit t^2: the greater of the two
 * bounds all later quotients. Unbounded when it stays at 1 or more. */
static iv middle_series(iv_scope *s, iv t2, uint64_t nu) {
  mpfi_ptr sum = iv_new(s), term = iv_new(s), quotient = iv_new(s);
  iv one = iv_ui(s, 1), zero = iv_ui(s, 0);
  mpfi_set_ui(sum, 1);
  mpfi_set_ui(term, 1);
  for (unsigned long k = 0; k < LONGEST; k++) {
    mpfi_mul_ui(quotient, t2, nu + 1 + 2 * k);
    mpfi_div_ui(quotient, quotient, 2 * k + 3);
    mpfi_mul(term, term, quotient);
    if (negligible(term, sum, iv_bits(s))) {
      iv greatest = iv_max(s, quotient, t2);
      if (iv_less(greatest, one) == IV_TRUE) {
        iv rest = iv_div(s, term, iv_sub(s, one, greatest));
        return iv_add(s, sum, iv_hull(s, zero, rest));
      }
    }
    mpfi_add(sum, sum, term);
  }
  return iv_inv(s, zero);
}

static void fraction_of(mpfi_ptr out, iv z, uint64_t nu, unsigned long steps) {
  mpfi_t factor;
  mpfi_init2(factor, mpfi_get_prec(out));
  mpfi_interv_ui(out, 0, 1);
  for (unsigned long k = steps; k; k--) {
    mpfi_mul_ui(factor, z, k * (nu + k - 1));
    mpfi_div_ui(factor, factor, nu + 2 * k - 2);
    mpfi_div_ui(factor, factor, nu + 2 * k);
    mpfi_mul(out, out, factor);
    mpfi_add_ui(out, out, 1);
    mpfi_ui_div(out, 1, out);
  }
  mpfi_clear(factor);
}

/* f: twice the steps, until that no longer halves the width. */
static iv tail_fraction(iv_scope *s, iv z, uint64_t nu) {
  mpfi_ptr f = iv_new(s);
  mpfr_t width, enough;
  mpfr_inits2(iv_bits(s), width, enough, (mpfr_ptr)NULL);
  mpfr_set_ui(width, 1, MPFR_RNDU);
  unsigned long steps = FEWEST;
  do {
    mpfr_mul_2si(enough, width, -1, MPFR_RNDD);
    fraction_of(f, z, nu, steps);
    mpfi_diam_abs(width, f);
    steps *= 2;
  } while (mpfr_less_p(width, enough) && steps <= LONGEST);
  mpfr_clears(width, enough, (mpfr_ptr)NULL);
  return f;
}

/* P(F <= x) for side = 1, P(F > x) = P(F <= 1/x) for side = -1: w is the same at 1/x, t changes its sign. */
static iv probability(iv_scope *s, iv x, uint64_t nu, int side) {
  iv sum = iv_add_si(s, x, 1), degrees = iv_ui(s, nu);
  iv w = iv_mul_2si(s, iv_div(s, iv_div(s, x, sum), sum), 2); /* divided twice: (1+x)^2 may overflow */
  iv t = iv_mul_si(s, iv_div(s, iv_add_si(s, x, -1), sum), side), t2 = iv_sqr(s, t);
  iv power = iv_exp(s, iv_mul_2si(s, iv_mul(s, degrees, iv_log(s, w)), -1));
  iv c = iv_mul(s, power, inverse_beta(s, nu));
  if (iv_upper_d(t2) <= 0.5 && (double)nu * iv_upper_d(t2) * MIDDLE_PER_BIT <= (double)iv_bits(s))
    return iv_add(s, iv_ratio(s, 1, 2), iv_mul(s, iv_mul(s, t, c), middle_series(s, t2, nu)));
  iv f = tail_fraction(s, iv_div(s, w, t2), nu);
  iv tail = iv_div(s, iv_mul(s, c, f), iv_mul(s, degrees, iv_abs(s, t)));
  return iv_less(t, iv_ui(s, 0)) == IV_TRUE ? tail : iv_sub(s, iv_ui(s, 1), tail);
}

static assay_status check(mpfi_srcptr x, uint64_t degrees, assay_context *context) {
  if (degrees < 1 || degrees > most_degrees)
    return assay_fail(context, ASSAY_INVALID, "degrees: %llu; between 1 and %llu are expected",
                      (unsigned long long)degrees, (unsigned long long)most_degrees);
  if (!iv_finite(x) || iv_positive(x) != IV_TRUE || mpfr_less_p(&x->right, &x->left))
    return assay_fail(context, ASSAY_INVALID, "x: [%.17g, %.17g] must be positive and finite", iv_lower_d(x),
                      iv_upper_d(x));
  return ASSAY_OK;
}

static assay_status refine(mpfi_ptr out, mpfi_srcptr x, uint64_t degrees, int side, long goal_bits,
                           assay_context *context) {
  assay_status status = check(x, degrees, context);
  if (status) return status;
  for (long bits = ziv_first(goal_bits, context); bits; bits = ziv_next(bits, context)) {
    iv_scope *s = iv_scope_new(bits);
    iv left = probability(s, iv_lower(s, x), degrees, side), right = left;
    if (!mpfr_equal_p(&x->left, &x->right)) right = probability(s, iv_upper(s, x), degrees, side);
    bool done = iv_reached(left, goal_bits, 0) && iv_reached(right, goal_bits, 0);
    if (done) {
      mpfi_set_prec(out, bits);
      mpfi_union(out, left, right);
    }
    iv_scope_free(s);
    if (done) return ASSAY_OK;
  }
  return ziv_failed("variance ratio", goal_bits, context);
}

assay_status variance_ratio_below(mpfi_ptr out, mpfi_srcptr x, uint64_t degrees, long goal_bits,
                                  assay_context *context) {
  return refine(out, x, degrees, 1, goal_bits, context);
}

assay_status variance_ratio_above(mpfi_ptr out, mpfi_srcptr x, uint64_t degrees, long goal_bits,
                                  assay_context *context) {
  return refine(out, x, degrees, -1, goal_bits, context);
}
