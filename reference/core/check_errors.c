#include "reference/core/check_errors.h"

#include <float.h>
#include <math.h>

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
  rounded exact = rounded_of_double(value), own = rounding_of(false, exact.magnitude, exact.exponent, format->rule);
  return !overflows(own, format) && rounded_distance(own, rounded_of_double(fabs(value))).magnitude == 0;
}

/* |got - Q| in units of 2^exponent. */
static double distance_in(rounded distance, long exponent) {
  rounded unit = rounded_of_double(1);
  unit.exponent += exponent;
  return rounded_ratio(distance, unit);
}

check_errors check_errors_of(double got, rounded reference, rounded largest, const check_format *format) {
  rounded own = rounding_of(reference.negative, reference.magnitude, reference.exponent, format->rule);
  bool infinite = overflows(own, format);
  if (!isfinite(got)) {
    bool right = isinf(got) && infinite && (got < 0) == reference.negative;
    return right ? (check_errors){0, 0} : (check_errors){NAN, NAN};
  }
  long most = format->most - format->rule.precision + 1;
  rounded distance = rounded_distance(rounded_of_double(got), reference);
  check_errors out = {.ulp = distance_in(distance, infinite ? most : own.exponent)};
  if (distance.magnitude == 0) return out;
  if (largest.magnitude == 0) return (check_errors){out.ulp, INFINITY};
  out.relative = rounded_ratio(distance, rounded_distance(largest, rounded_of_double(0)));
  return out;
}
