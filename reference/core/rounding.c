#include "reference/core/rounding.h"

#include <float.h>
#include <limits.h>
#include <math.h>

static const rounding_rule DIGITS_53 = {.precision = 53, .least = LONG_MIN / 2};

static int bit_length(rounding_digits value) {
  uint64_t high = (uint64_t)(value >> 64), low = (uint64_t)value;
  if (high) return 128 - __builtin_clzll(high);
  return low ? 64 - __builtin_clzll(low) : 0;
}

/* ---- whole numbers ---- */

/* value 2^-shift to nearest, shift > 0; `rest` says that the number is value plus (minus) something below 1 (0: is
 * value), as far as ties go. */
static rounding_digits shift_right(rounding_digits value, long shift, int rest) {
  if (shift > 127) return 0; /* below a quarter of the last bit: value has fewer than 127 bits */
  rounding_digits quotient = value >> shift, remainder = value - (quotient << shift);
  rounding_digits half = (rounding_digits)1 << (shift - 1);
  bool tie = remainder == half;
  bool up = tie && rest ? rest > 0 : remainder > half || (tie && (quotient & 1));
  return quotient + up;
}

static rounded round_digits(bool negative, rounding_digits magnitude, long exponent, int rest, rounding_rule rule) {
  long lowest = exponent + bit_length(magnitude) - rule.precision;
  if (lowest < rule.least) lowest = rule.least;
  if (magnitude == 0) return (rounded){.exponent = rule.least};
  rounded out = {.negative = negative, .exponent = lowest};
  if (lowest <= exponent)
    out.magnitude = magnitude << (exponent - lowest);
  else
    out.magnitude = shift_right(magnitude, lowest - exponent, rest);
  if (bit_length(out.magnitude) > rule.precision) {
    out.magnitude >>= 1; /* a power of two */
    out.exponent++;
  }
  if (out.magnitude == 0) out.negative = false;
  return out;
}

rounded rounding_of(bool negative, rounding_digits magnitude, long exponent, rounding_rule rule) {
  return round_digits(negative, magnitude, exponent, 0, rule);
}

static bool same(rounded a, rounded b) {
  return a.magnitude == b.magnitude && a.exponent == b.exponent && a.negative == b.negative;
}

/* Its last bit is bit `unit` or above; *rest is set when something was cut off. */
static rounding_digits align(rounded value, long unit, bool *rest) {
  long shift = value.exponent - unit;
  if (value.magnitude == 0) return 0;
  if (shift >= 0) return value.magnitude << shift;
  if (shift < -127) {
    *rest = true;
    return 0;
  }
  *rest = (value.magnitude >> -shift) << -shift != value.magnitude;
  return value.magnitude >> -shift;
}

/* Digits of the larger number fill ROOM bits, so that only a much smaller one is ever cut. */
rounded rounded_distance(rounded a, rounded b) {
  enum { ROOM = 120 };
  long top_a = a.exponent + bit_length(a.magnitude), top_b = b.exponent + bit_length(b.magnitude);
  if (a.magnitude == 0 || (b.magnitude && top_a < top_b)) {
    rounded swap = a;
    a = b;
    b = swap;
  }
  if (a.magnitude == 0) return rounding_of(false, 0, 0, DIGITS_53);
  long unit = a.exponent + bit_length(a.magnitude) - ROOM;
  bool rest = false;
  rounding_digits large = align(a, unit, &rest), small = align(b, unit, &rest);
  if (a.negative != b.negative) return round_digits(false, large + small, unit, rest, DIGITS_53);
  if (large < small) return round_digits(false, small - large, unit, 0, DIGITS_53);
  return round_digits(false, large - small, unit, rest ? -1 : 0, DIGITS_53);
}

double rounded_ratio(rounded a, rounded b) {
  if (a.magnitude == 0) return 0;
  long exponent = a.exponent - b.exponent;
  int clamped = exponent > 4000 ? 4000 : exponent < -4000 ? -4000 : (int)exponent;
  return fmin(ldexp((double)(uint64_t)a.magnitude / (double)(uint64_t)b.magnitude, clamped), DBL_MAX);
}

/* ---- doubles ---- */

double rounded_double(rounded value) {
  bool usual = value.exponent >= -1000 && value.exponent <= 900; /* normal, with all bits */
  double magnitude = usual
                         ? (double)(int64_t)value.magnitude * rounding_power(value.exponent)
                         : ldexp((double)(uint64_t)value.magnitude, value.exponent > 2000 ? 2000 : (int)value.exponent);
  return value.negative ? -magnitude : magnitude;
}

rounded rounded_of_double(double value) {
  rounded out = {0};
  uint64_t magnitude = 0;
  if (rounding_split(&magnitude, &out.exponent, &out.negative, value)) {
    out.magnitude = magnitude;
    return out;
  }
  int exponent = 0;
  double fraction = frexp(fabs(value), &exponent);
  return rounding_of(value < 0, (uint64_t)ldexp(fraction, 53), exponent - 53, DIGITS_53);
}

/* ---- enclosures ---- */

rounded rounding_of_end(mpfr_srcptr end, int side, rounding_rule rule) {
  enum { KEPT = 120 }; /* more than any precision, so that what is cut off is only a side */
  if (mpfr_zero_p(end)) return rounding_of(false, 0, 0, rule);
  bool negative = mpfr_sgn(end) < 0;
  mpz_t digits, high;
  mpz_inits(digits, high, (mpz_ptr)NULL);
  long exponent = mpfr_get_z_2exp(digits, end), excess = (long)mpz_sizeinbase(digits, 2) - KEPT;
  mpz_abs(digits, digits);
  int rest = negative ? -side : side;
  if (excess > 0) {
    if (!mpz_divisible_2exp_p(digits, (mp_bitcnt_t)excess)) rest = 1;
    mpz_tdiv_q_2exp(digits, digits, (mp_bitcnt_t)excess);
    exponent += excess;
  }
  mpz_tdiv_q_2exp(high, digits, 64);
  mpz_tdiv_r_2exp(digits, digits, 64);
  rounding_digits magnitude = (rounding_digits)mpz_get_ui(high) << 64 | mpz_get_ui(digits);
  mpz_clears(digits, high, (mpz_ptr)NULL);
  return round_digits(negative, magnitude, exponent, rest, rule);
}

bool rounding_of_enclosure(rounded *out, mpfi_srcptr enclosure, bool above_lower, bool below_upper,
                           rounding_rule rule) {
  if (!iv_finite(enclosure)) return false;
  rounded low = rounding_of_end(&enclosure->left, above_lower ? 1 : 0, rule);
  if (!same(low, rounding_of_end(&enclosure->right, below_upper ? -1 : 0, rule))) return false;
  *out = low;
  return true;
}

/* ---- balls ---- */

typedef __int128 signed_digits;

/* floor(value 2^-unit), |value| < 2^(unit + 120) */
static signed_digits fixed_point(double value, long unit) {
  int exponent = 0;
  double fraction = frexp(value, &exponent);
  if (value == 0) return 0;
  signed_digits digits = (int64_t)ldexp(fraction, 53);
  long shift = exponent - 53 - unit;
  if (shift >= 0) return digits * ((signed_digits)1 << shift);
  return digits >> (shift < -100 ? 100 : -shift);
}

static rounded round_signed(signed_digits value, long unit, rounding_rule rule) {
  return rounding_of(value < 0, value < 0 ? -(rounding_digits)value : (rounding_digits)value, unit, rule);
}

/* The usual case, without a loop or a call: high is m 2^last, m of 53 bits, and every number of the ball has the bits
 * of m in units of 2^(last - SHIFT), and SHIFT more. Each of offset and radius is cut by less than 1, so that all
 * numbers of the ball lie between below and above, and are neither: it does not matter if below is a tie. false:
 * another way has to find out. */
static bool round_usual_ball(rounded *out, double high, double low, double bound, rounding_rule rule) {
  enum { SHIFT = 54, LIMIT = 900 };
  uint64_t digits = 0;
  long last = 0;
  bool negative = false;
  if (!rounding_split(&digits, &last, &negative, high) || last < -LIMIT || last > LIMIT - SHIFT) return false;
  int cut = 53 + SHIFT - rule.precision;
  long exponent = last - SHIFT + cut;
  double scale = rounding_power(SHIFT - last), offset = negative ? -low * scale : low * scale, radius = bound * scale;
  if (exponent < rule.least || !(fabs(offset) <= 0x1p60) || !(radius <= 0x1p60)) return false;
  rounding_digits one = 1, center = ((rounding_digits)digits << SHIFT) + (rounding_digits)(int64_t)offset;
  rounding_digits reach = (rounding_digits)(int64_t)radius + 2, half = one << (cut - 1);
  rounding_digits below = center - reach, above = center + reach, magnitude = (below + half) >> cut;
  if (below < one << (52 + SHIFT) || magnitude != (above + half) >> cut || magnitude >> rule.precision) return false;
  *out = (rounded){.magnitude = magnitude, .exponent = exponent, .negative = negative};
  return true;
}

bool rounding_of_ball(rounded *out, double high, double low, double bound, rounding_rule rule) {
  if (round_usual_ball(out, high, low, bound, rule)) return true;
  enum { GUARD = 40, ROOM = 100 };
  if (!(bound < INFINITY) || !(fabs(high) < INFINITY)) return false;
  long lowest = high == 0 ? rule.least : ilogb(high) + 1 - rule.precision;
  long unit = (lowest > rule.least ? lowest : rule.least) - GUARD;
  double scaled = ldexp(bound, (int)-unit); /* or 0 by underflow */
  if (!(scaled < ldexp(1, ROOM))) return false;
  signed_digits center = fixed_point(high, unit) + fixed_point(low, unit);
  signed_digits radius = (signed_digits)ceil(scaled) + (bound > 0);
  rounded below = round_signed(center - radius, unit, rule); /* each of the two parts was cut by less than 1 */
  if (!same(below, round_signed(center + 2 + radius, unit, rule))) return false;
  *out = below;
  return true;
}

/* high + (low -+ reach), rounded by the machine to nearest, is high for both: so are the numbers between. reach exceeds
 * bound by four times what low -+ reach may be rounded by; sums so small that it underflows are exact. */
bool rounding_to_high(double *out, const double *high, const double *low, const double *bound, size_t count) {
  long open = 0;
  for (size_t j = 0; j < count; j++) {
    double reach = bound[j] + 0x1p-51 * (fabs(low[j]) + bound[j]);
    double below = high[j] + (low[j] - reach), above = high[j] + (low[j] + reach);
    open |= !(fabs(high[j]) < INFINITY) | (below != high[j]) | (above != high[j]);
    out[j] = high[j] + 0.0; /* not -0 */
  }
  return !open;
}
