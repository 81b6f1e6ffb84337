#include "reference/core/check_errors.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { REFERENCE_BITS = 24 }; /* of Q beyond the format's own */

check_format check_format_of(assay_format format) {
  static const check_format formats[] = {
#define ROW(code, name, bits, low, high)                                                                               \
  [code] = {.rule = {.precision = (bits), .least = (low)},                                                             \
            .reference = {.precision = (bits) + REFERENCE_BITS, .least = (low)-REFERENCE_BITS},                        \
            .most = (high)},
      ASSAY_FORMATS(ROW)
#undef ROW
  };
  return formats[format];
}

const char *assay_format_name(assay_format format) {
  switch (format) {
#define CASE(code, name, bits, low, high)                                                                              \
  case code:                                                                                                           \
    return name;
    ASSAY_FORMATS(CASE)
#undef CASE
  }
  return "unknown";
}

static bool overflows(rounded value, const check_format *format) {
  return value.exponent > format->most - format->rule.precision + 1;
}

bool check_representable(double value, const check_format *format) {
  if (format->rule.precision == ROUNDING_DOUBLE.precision) return true; /* as every double */
  rounded exact = rounded_of_double(value), own = rounding_of(false, exact.magnitude, exact.exponent, format->rule);
  return !overflows(own, format) && rounded_distance(own, rounded_of_double(fabs(value))).magnitude == 0;
}

/* |got - Q| in units of 2^exponent. */
static double distance_in(rounded distance, long exponent) {
  rounded unit = rounded_of_double(1);
  unit.exponent += exponent;
  return rounded_ratio(distance, unit);
}

/* The usual case of binary64 in whole numbers of Q's last bit, to the same bits: Q has all of its bits and is neither
 * subnormal nor infinite in the format, and no exponent comes near a double's ends. false: another way has to find out.
 */
static bool usual_errors(check_errors *out, double got, const rounded *reference, const rounded *largest,
                         const check_format *format) {
  enum { MOST_SHIFT = 70, LIMIT = 450 };
  const int full = format->reference.precision, extra = full - format->rule.precision;
  uint64_t digits = 0;
  long exponent = 0;
  bool negative = false;
  if (!rounding_split(&digits, &exponent, &negative, got) || reference->magnitude >> (full - 1) != 1) return false;
  bool carried = (reference->magnitude + ((rounding_digits)1 << (extra - 1))) >> full; /* to the next power of two */
  long shift = exponent - reference->exponent, unit = reference->exponent + extra + carried;
  if (shift < 0 || shift > MOST_SHIFT || unit < format->rule.least || unit > format->most - format->rule.precision + 1)
    return false;
  if (labs(reference->exponent) > LIMIT || labs(largest->exponent) > LIMIT) return false;
  rounding_digits own = (rounding_digits)digits << shift, distance = own + reference->magnitude;
  if (negative == reference->negative) {
    distance = own - reference->magnitude;
    if (own < reference->magnitude) distance = reference->magnitude - own;
  }
  if (distance >> 62) return false;
  double size = (double)(int64_t)distance;
  out->ulp = size * rounding_power(reference->exponent - unit);
  out->relative = size * rounding_power(reference->exponent) /
                  ((double)(int64_t)largest->magnitude * rounding_power(largest->exponent));
  return true;
}

check_errors check_errors_of(double got, const rounded *reference, const rounded *largest, const check_format *format) {
  check_errors usual;
  if (usual_errors(&usual, got, reference, largest, format)) return usual;
  rounded own = rounding_of(reference->negative, reference->magnitude, reference->exponent, format->rule);
  bool infinite = overflows(own, format);
  if (!isfinite(got)) {
    bool right = isinf(got) && infinite && (got < 0) == reference->negative;
    return right ? (check_errors){0, 0} : (check_errors){NAN, NAN};
  }
  long most = format->most - format->rule.precision + 1;
  rounded distance = rounded_distance(rounded_of_double(got), *reference);
  check_errors out = {.ulp = distance_in(distance, infinite ? most : own.exponent)};
  if (distance.magnitude == 0) return out;
  if (largest->magnitude == 0) return (check_errors){out.ulp, INFINITY};
  out.relative = rounded_ratio(distance, *largest);
  return out;
}
