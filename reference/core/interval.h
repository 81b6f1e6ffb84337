/* reference/core/interval.h: interval arithmetic as expressions.
 *
 * A scope holds a working precision and owns every interval made in it, so that formulas read as formulas:
 *   iv D = iv_add(s, iv_mul(s, iv_sqr(s, alpha), A), iv_mul(s, iv_sqr(s, beta), B));
 * MPFI lacks erfc and the normal law, has a process-wide error flag and compares NaN ends wrongly; code above this file
 * uses these functions, and plain mpfi arithmetic (add, sub, mul, div, sqr, exp, set) in inner loops only. In
 * comparisons a NaN end is UNDECIDED. Every function obeys the inclusion principle: for all exact values in the
 * arguments the exact result lies in the result. Domain errors (log of a negative, division by an interval with 0) give
 * NaN or infinite ends, never a wrong enclosure. */
#ifndef ASSAY_REFERENCE_CORE_INTERVAL_H
#define ASSAY_REFERENCE_CORE_INTERVAL_H

#include <assay/model.h>

#include <mpfi.h>

typedef mpfi_srcptr iv;
typedef struct iv_scope iv_scope;

/* `bits` of working precision (>= 2). GMP aborts when memory runs out; so does this. */
iv_scope *iv_scope_new(long bits);
void iv_scope_free(iv_scope *scope);
long iv_bits(const iv_scope *scope);

/* A mark and a return to it: intervals made since are released (for loops). */
size_t iv_mark(const iv_scope *scope);
void iv_release(iv_scope *scope, size_t mark);

/* A fresh interval [0, 0] owned by the scope, for accumulators. */
mpfi_ptr iv_new(iv_scope *s);

/* ---- constants and conversions ---- */
iv iv_si(iv_scope *s, long value);
iv iv_ui(iv_scope *s, unsigned long value);
iv iv_z(iv_scope *s, mpz_srcptr value);
iv iv_d(iv_scope *s, double value); /* exactly when the precision is >= 53, else enclosed */
iv iv_ratio(iv_scope *s, long numerator, long denominator);
iv iv_real(iv_scope *s, assay_real value); /* the exact string when there is one */
iv iv_hull(iv_scope *s, iv a, iv b);       /* smallest interval containing both */
iv iv_copy(iv_scope *s, mpfi_srcptr a);    /* rounded outward to the scope's precision */
iv iv_pi(iv_scope *s);
iv iv_mid(iv_scope *s, iv a);   /* a point near the middle */
iv iv_lower(iv_scope *s, iv a); /* the ends, as points */
iv iv_upper(iv_scope *s, iv a);
iv iv_ball(iv_scope *s, iv center, iv radius); /* center + [-radius, radius] */

/* ---- arithmetic ---- */
iv iv_add(iv_scope *s, iv a, iv b);
iv iv_sub(iv_scope *s, iv a, iv b);
iv iv_mul(iv_scope *s, iv a, iv b);
iv iv_div(iv_scope *s, iv a, iv b);
iv iv_neg(iv_scope *s, iv a);
iv iv_abs(iv_scope *s, iv a);
iv iv_sqr(iv_scope *s, iv a);
iv iv_sqrt(iv_scope *s, iv a);
iv iv_inv(iv_scope *s, iv a);
iv iv_pow_ui(iv_scope *s, iv a, unsigned long n);
iv iv_mul_si(iv_scope *s, iv a, long n);
iv iv_add_si(iv_scope *s, iv a, long n);
iv iv_mul_2si(iv_scope *s, iv a, long n); /* a 2^n, exact */
iv iv_min(iv_scope *s, iv a, iv b);
iv iv_max(iv_scope *s, iv a, iv b);

/* ---- functions ---- */
iv iv_exp(iv_scope *s, iv a);
iv iv_expm1(iv_scope *s, iv a);
iv iv_log(iv_scope *s, iv a);
iv iv_log1p(iv_scope *s, iv a);
iv iv_sin(iv_scope *s, iv a);
iv iv_cos(iv_scope *s, iv a);
iv iv_tan(iv_scope *s, iv a);
iv iv_atan(iv_scope *s, iv a);
iv iv_tanh(iv_scope *s, iv a);
iv iv_cosh(iv_scope *s, iv a);
iv iv_erfc(iv_scope *s, iv a);
iv iv_normal_density(iv_scope *s, iv a); /* exp(-a^2/2)/sqrt(2 pi) */
iv iv_normal_cdf(iv_scope *s, iv a);     /* Phi(a), relatively accurate in the lower tail */

/* out = exp(a) by one exponential where a is narrow: half the time of iv_exp, and hardly wider. */
void iv_set_exp(mpfi_ptr out, iv a);

/* ---- comparisons ---- */
typedef enum { IV_UNDECIDED, IV_TRUE, IV_FALSE } iv_truth;
iv_truth iv_less(iv a, iv b);    /* a < b for all values, for none (a >= b), or undecided */
iv_truth iv_positive(iv a);      /* a > 0 */
iv_truth iv_overlap(iv a, iv b); /* FALSE: disjoint, so the numbers differ; TRUE: they may be equal */
bool iv_finite(iv a);            /* both ends are numbers */
bool iv_is_zero(iv a);           /* exactly [0, 0] */
bool iv_contains(iv outer, iv inner);
bool iv_contains_d(iv a, double value);

/* Width <= 2^-goal max(|smallest magnitude|, 2^-goal scale): the goal of reference.h. */
bool iv_reached(iv a, long goal_bits, double scale);

/* ---- down to doubles, for reports and budgets ---- */
double iv_lower_d(iv a); /* rounded down */
double iv_upper_d(iv a); /* rounded up */
double iv_mid_d(iv a);
double iv_width_d(iv a);     /* rounded up */
double iv_magnitude_d(iv a); /* largest |value|, rounded up */

#endif
