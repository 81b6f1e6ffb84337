/* fast/core/ball.h: a double with a proved radius: the exact real number lies within `error` of `value`.
 *
 * Every function keeps that promise under round-to-nearest, whatever over- or underflows: a radius that cannot be had
 * is infinite, never too small, and a value that is not finite has an infinite radius (so NaN never hides). Radii are
 * nonnegative and never NaN. Exact operations keep radius 0 (the rounding error itself is computed, by two-sum and
 * fma). For scalars: a handful per call, not for inner loops over entries. */
#ifndef ASSAY_FAST_CORE_BALL_H
#define ASSAY_FAST_CORE_BALL_H

#include <assay/fast.h>

#include <math.h>

typedef assay_bounded ball;

/* Half the distance from 1 to the next double: one rounding is off by at most BALL_UNIT |result|, or by BALL_TINY where
 * the result is subnormal. */
#define BALL_UNIT 0x1p-53
#define BALL_TINY 0x1p-1074

/* At least the exact value of the nonnegative expression whose last operation was rounded to r: the next double above r
 * or more. NaN becomes infinity. */
static inline double ball_up(double r) { return r >= 0.0 ? r + (r * 0x1p-52 + BALL_TINY) : INFINITY; }

/* At most that value, and at least 0. NaN becomes 0. */
static inline double ball_down(double r) {
  double below = r - (r * 0x1p-52 + BALL_TINY);
  return below > 0.0 ? below : 0.0;
}

/* Upper bounds of sums and products of nonnegative numbers; 0 is kept, for exact operations. 0 times infinity is
 * infinite: an unknown factor times a zero that may itself be rounded. */
static inline double ball_up_add(double a, double b) { return a == 0.0 ? b : b == 0.0 ? a : ball_up(a + b); }
static inline double ball_up_mul(double a, double b) {
  if ((a == 0.0 && b < INFINITY) || (b == 0.0 && a < INFINITY)) return 0.0;
  return ball_up(a * b);
}

static inline ball ball_make(double value, double error) {
  ball b = {value, isfinite(value) && error >= 0.0 ? error : INFINITY};
  return b;
}

static inline ball ball_exact(double value) { return ball_make(value, 0.0); }

/* A computed value whose relative error (with respect to the value itself) is at most `relative`. */
static inline ball ball_relative(double value, double relative) {
  return ball_make(value, ball_up(fabs(value) * relative));
}

static inline ball ball_widen(ball a, double error) { return ball_make(a.value, ball_up_add(a.error, error)); }

static inline ball ball_neg(ball a) { return ball_make(-a.value, a.error); }

static inline ball ball_add(ball a, ball b) {
  double sum = a.value + b.value;
  double part = sum - a.value; /* two-sum (Knuth): sum + lost = a + b exactly, unless something overflows */
  double lost = (a.value - (sum - part)) + (b.value - part);
  return ball_make(sum, ball_up_add(ball_up_add(a.error, b.error), fabs(lost)));
}

static inline ball ball_sub(ball a, ball b) { return ball_add(a, ball_neg(b)); }

/* The magnitude of a residual that fma rounded once. It is exact where the operands are at least 2^-960 (the residual
 * is a multiple of 2^-106 of the result, still a normal number) or the product is 0. */
static inline double ball_residual(double residual, double size, int zero) {
  if (zero || (fabs(size) >= 0x1p-960 && residual == 0.0)) return 0.0;
  return ball_up(fabs(residual));
}

static inline ball ball_mul(ball a, ball b) {
  double product = a.value * b.value;
  double lost = ball_residual(fma(a.value, b.value, -product), product, a.value == 0.0 || b.value == 0.0);
  double far = ball_up_mul(a.error, ball_up_add(fabs(b.value), b.error));
  return ball_make(product, ball_up_add(ball_up_add(far, ball_up_mul(fabs(a.value), b.error)), lost));
}

static inline ball ball_sqr(ball a) { return ball_mul(a, a); }

static inline ball ball_scale(ball a, double factor) { return ball_mul(a, ball_exact(factor)); }

/* Largest and smallest |exact value|. */
static inline double ball_upper(ball a) { return ball_up_add(fabs(a.value), a.error); }
static inline double ball_lower(ball a) { return a.error == 0.0 ? fabs(a.value) : ball_down(fabs(a.value) - a.error); }

/* A/B - q = (a - q b + (A - a) - q (B - b))/B. Infinite radius when b may be 0. */
static inline ball ball_div(ball a, ball b) {
  double least = ball_lower(b), quotient = a.value / b.value;
  if (!(least > 0.0)) return ball_make(quotient, INFINITY);
  double residual = ball_residual(fma(-quotient, b.value, a.value), a.value, a.value == 0.0);
  double error = ball_up_add(ball_up_add(residual, a.error), ball_up_mul(fabs(quotient), b.error));
  return ball_make(quotient, error == 0.0 ? 0.0 : ball_up(error / least));
}

/* For an exact value >= 0 (whatever part of the ball is negative is not it). |sqrt A - s| = |A - s^2|/(sqrt A + s). */
static inline ball ball_sqrt(ball a) {
  if (!(a.value > 0.0))
    return ball_make(0.0, a.value >= -a.error ? (a.error > 0.0 ? ball_up(sqrt(a.error)) : 0.0) : INFINITY);
  double root = sqrt(a.value);
  double error = ball_up_add(ball_residual(fma(-root, root, a.value), a.value, 0), a.error);
  return ball_make(root, error == 0.0 ? 0.0 : ball_up(error / root));
}

/* Upper bound of gamma_n = n u/(1 - n u), the relative error of n roundings. */
static inline double ball_gamma(double n) {
  double nu = n * BALL_UNIT;
  return nu < 0.5 ? ball_up(ball_up(nu) / ball_down(1.0 - ball_up(nu))) : INFINITY;
}

/* ---- ball.c ---- */

/* The real a user gave: radius 0 where `nearest` is exact, else at most half a unit in its last place. */
ball ball_real(assay_real real);

/* log of an exact value > 0, log(1 + value) for one > -1; the C library's log and log1p are within 2 ulp. */
ball ball_log(ball a);
ball ball_log1p(ball a);

/* exp and exp - 1; the C library's exp and expm1 are within 2 ulp. */
ball ball_exp(ball a);
ball ball_expm1(ball a);

/* a^n by repeated squaring. */
ball ball_power(ball a, unsigned n);

/* sin and cos; the C library's are within 2 ulp. */
ball ball_sin(ball a);
ball ball_cos(ball a);

#endif
