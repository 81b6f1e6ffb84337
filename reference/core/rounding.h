/* reference/core/rounding.h: numbers rounded to nearest, ties to even, to a given number of bits, exactly, with no
 * limit to large exponents. */
#ifndef ASSAY_REFERENCE_CORE_ROUNDING_H
#define ASSAY_REFERENCE_CORE_ROUNDING_H

#include "reference/core/interval.h"

#include <string.h>

typedef unsigned __int128 rounding_digits;

/* `precision` <= 80 significant bits, but no bit below 2^least. */
typedef struct {
  int precision;
  long least;
} rounding_rule;

/* (-1)^negative magnitude 2^exponent. Every number has one form: magnitude has all of its rule's bits, or fewer and
 * exponent is the rule's least; 0 is not negative. */
typedef struct {
  rounding_digits magnitude;
  long exponent;
  bool negative;
} rounded;

/* The double nearest: rule and value. */
#define ROUNDING_DOUBLE ((rounding_rule){.precision = 53, .least = -1074})
double rounded_double(rounded value); /* of that rule; beyond the doubles infinity */

/* 2^exponent, -1022 <= exponent <= 1023. */
static inline double rounding_power(long exponent) {
  uint64_t bits = (uint64_t)(exponent + 1023) << 52;
  double power = 0;
  memcpy(&power, &bits, sizeof power);
  return power;
}

/* value = (-1)^negative magnitude 2^exponent of a double that is neither subnormal, nor 0, nor infinite, nor NaN;
 * false for those. */
static inline bool rounding_split(uint64_t *magnitude, long *exponent, bool *negative, double value) {
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof bits);
  long field = (long)(bits >> 52 & 0x7ff);
  *magnitude = (bits & (((uint64_t)1 << 52) - 1)) | (uint64_t)1 << 52;
  *exponent = field - 1075;
  *negative = bits >> 63;
  return field != 0 && field != 0x7ff;
}

/* magnitude 2^exponent. */
rounded rounding_of(bool negative, rounding_digits magnitude, long exponent, rounding_rule rule);

/* Exactly, in a form of its own: the one of a rule with 53 bits and no least one that counts. */
rounded rounded_of_double(double value);

/* |a| < |b|, for two numbers of one rule. */
static inline bool rounded_smaller(const rounded *a, const rounded *b) {
  return a->exponent != b->exponent ? a->exponent < b->exponent : a->magnitude < b->magnitude;
}

/* |a - b| to 53 bits, with no least one that counts; a and b of any rules. */
rounded rounded_distance(rounded a, rounded b);

/* |a|/|b| of two such (b not 0), their 53 bits divided; at most DBL_MAX. */
double rounded_ratio(rounded a, rounded b);

/* Of `end`, a number, or of one infinitely close above (side 1) or below it (side -1). */
rounded rounding_of_end(mpfr_srcptr end, int side, rounding_rule rule);

/* What every number in the enclosure rounds to; false when they differ. With `above_lower` (`below_upper`) the number
 * is known not to be that end, which settles ties. */
bool rounding_of_enclosure(rounded *out, mpfi_srcptr enclosure, bool above_lower, bool below_upper, rounding_rule rule);

/* The same for all numbers within bound >= 0 (infinite: false) of high + low, |low| <= 2^-50 |high|. */
bool rounding_of_ball(rounded *out, double high, double low, double bound, rounding_rule rule);

/* out[j]: the double nearest to every number within bound[j] of high[j] + low[j], |low[j]| <= 2^-50 |high[j]|; false,
 * and nothing said of `out`, unless high[j] is that for every j < count. */
bool rounding_to_high(double *out, const double *high, const double *low, const double *bound, size_t count);

#endif
