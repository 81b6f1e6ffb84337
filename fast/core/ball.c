/* Balls from the reals of users, and of elementary functions. */
#include "fast/core/ball.h"

#include <stdlib.h>
#include <string.h>

/* 10^k is a double for k <= 22. */
enum { EXACT_DIGITS = 15, EXACT_POWER = 22, LARGEST_EXPONENT = 88 };

static double power_of_ten(int k) {
  double power = 1.0;
  for (int i = 0; i < k; i++) power *= 10.0;
  return power;
}

/* Reads "digits[.digits][e[+-]digits]" into numerator 10^exponent, both exact doubles; false when it has too many
 * digits for that. */
static bool read_decimal(const char **text, double *numerator, long *exponent) {
  const char *c = *text;
  int digits = 0;
  bool point = false;
  *numerator = 0.0;
  *exponent = 0;
  for (; (*c >= '0' && *c <= '9') || (*c == '.' && !point); c++) {
    if (*c == '.') {
      point = true;
      continue;
    }
    *numerator = 10.0 * *numerator + (*c - '0');
    if (*numerator > 0.0 && ++digits > EXACT_DIGITS) return false;
    if (point) --*exponent;
  }
  if (*c == 'e' || *c == 'E') {
    char *end = NULL;
    long written = strtol(c + 1, &end, 10);
    if (labs(written) > LARGEST_EXPONENT) return false;
    *exponent += written;
    c = end;
  }
  *text = c;
  return true;
}

/* |nearest - numerator/denominator| of exact doubles, both below 2^80 or so. */
static double distance_to_ratio(double nearest, double numerator, double denominator) {
  double residual = fma(nearest, denominator, -numerator);
  return residual == 0.0 ? 0.0 : ball_up(ball_up(fabs(residual)) / denominator);
}

ball ball_real(assay_real real) {
  if (!real.exact) return ball_exact(real.nearest);
  const char *text = real.exact;
  if (*text == '+' || *text == '-') text++;
  double nearest = fabs(real.nearest), numerator = 0.0, denominator = 1.0;
  double half_ulp = nearest == 0.0 ? 0.0 : ball_up(nearest * BALL_UNIT);
  long exponent = 0, below = 0;
  bool read = read_decimal(&text, &numerator, &exponent);
  if (read && *text == '/') {
    text++;
    read = read_decimal(&text, &denominator, &below) && denominator > 0.0;
  }
  if (!read || *text || below || labs(exponent) > EXACT_POWER) return ball_make(real.nearest, half_ulp);
  if (exponent < 0 && denominator == 1.0)
    return ball_make(real.nearest, distance_to_ratio(nearest, numerator, power_of_ten((int)-exponent)));
  if (exponent == 0) return ball_make(real.nearest, distance_to_ratio(nearest, numerator, denominator));
  return ball_make(real.nearest, half_ulp);
}

/* 2 ulp, in units of the value itself. */
static const double LIBRARY = 4.0 * BALL_UNIT;

/* A value that the library gives as exactly 0 (log 1, sin 0) or 1 (cos 0) is exact there. */
static ball library_value(double value, bool exact) {
  return exact ? ball_exact(value) : ball_relative(value, LIBRARY);
}

/* |log X - log a| <= |X - a|/min(X, a). */
ball ball_log(ball a) {
  double least = ball_down(a.value - a.error);
  ball value = library_value(log(a.value), a.value == 1.0);
  if (a.error == 0.0) return a.value > 0.0 ? value : ball_make(0.0, INFINITY);
  return least > 0.0 ? ball_widen(value, ball_up(a.error / least)) : ball_make(0.0, INFINITY);
}

ball ball_log1p(ball a) {
  double least = ball_down(ball_down(1.0 + a.value) - a.error);
  ball value = library_value(log1p(a.value), a.value == 0.0);
  if (a.error == 0.0) return a.value > -1.0 ? value : ball_make(0.0, INFINITY);
  return least > 0.0 ? ball_widen(value, ball_up(a.error / least)) : ball_make(0.0, INFINITY);
}

ball ball_sin(ball a) { return ball_widen(library_value(sin(a.value), a.value == 0.0), a.error); }

ball ball_cos(ball a) { return ball_widen(library_value(cos(a.value), a.value == 0.0), a.error); }

/* |exp A - exp a| <= exp(a) (exp|A - a| - 1), and exp r - 1 <= r + r^2 for r <= 1. */
static double exp_change(double exponential, double radius) {
  if (radius == 0.0) return 0.0;
  return radius <= 1.0 ? ball_up_mul(exponential, ball_up(radius + ball_up(radius * radius))) : INFINITY;
}

/* 2 ulp where the result is subnormal. */
static const double TINY = 2.0 * BALL_TINY;

ball ball_exp(ball a) {
  ball value = library_value(exp(a.value), a.value == 0.0);
  if (a.value != 0.0) value = ball_widen(value, TINY);
  return ball_widen(value, exp_change(ball_upper(value), a.error));
}

ball ball_expm1(ball a) {
  ball value = library_value(expm1(a.value), a.value == 0.0);
  if (a.value != 0.0) value = ball_widen(value, TINY);
  if (a.error == 0.0) return value;
  return ball_widen(value, exp_change(ball_upper(ball_add(value, ball_exact(1.0))), a.error));
}

ball ball_power(ball a, unsigned n) {
  ball power = ball_exact(1.0);
  for (; n; n >>= 1, a = ball_sqr(a))
    if (n & 1) power = ball_mul(power, a);
  return power;
}
