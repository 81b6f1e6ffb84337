/* What is told of one entry beside the report: its point, its value, and how far rounding of the point alone goes. */
#include "cli/check_job.h"

#include <math.h>
#include <stdlib.h>

/* |Q| 2^-p in units of ulp: in [1/2, 1), and less among subnormals. */
static double unit_roundoff_ulp(mpfi_srcptr expected, assay_format format) {
  static const struct {
    int precision, least;
  } rules[] = {
#define RULE(code, name, precision, least, most) [code] = {precision, least},
      ASSAY_FORMATS(RULE)
#undef RULE
  };
  mpfr_t magnitude;
  mpfr_init2(magnitude, 53);
  mpfi_mag(magnitude, expected);
  long exponent = 0;
  double fraction = mpfr_get_d_2exp(&exponent, magnitude, MPFR_RNDU);
  mpfr_clear(magnitude);
  long subnormal = rules[format].least - (exponent - rules[format].precision);
  return subnormal > 0 ? ldexp(fraction, (int)-subnormal) : fraction;
}

check_sensitivity check_entry_sensitivity(const assay_check_entry *entry, assay_format format) {
  if (!isfinite(entry->condition)) return (check_sensitivity){INFINITY, CHECK_NO_CONDITION};
  double rounding = entry->condition * unit_roundoff_ulp(entry->expected, format);
  return (check_sensitivity){rounding, entry->ulp <= rounding + 0.5 ? CHECK_WITHIN_ROUNDING : CHECK_BEYOND_ROUNDING};
}

assay_status check_entry_point(double **out, const check_job *job, size_t row, assay_context *context) {
  assay_stream points = assay_npy_stream(&job->points);
  void *x = NULL;
  assay_status status = assay_allocate(&x, points.columns, sizeof(double), "a point", context);
  if (!status) status = points.read(&points, row, 1, 0, points.columns, x, points.columns, context);
  if (status)
    free(x);
  else
    *out = x;
  return status;
}

assay_status check_entry_got(double *out, const check_job *job, assay_check_place place, assay_context *context) {
  assay_stream values = assay_npy_stream(&job->values);
  return values.read(&values, place.row, 1, place.column, 1, out, 1, context);
}
