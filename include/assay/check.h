/* assay/check.h: judging someone else's values of a quantity, entry by entry, against the certified reference.
 *
 * Errors. Let q be the exact value of an entry for the given inputs and F the format of the values, of precision p (11,
 * 24 or 53 bits) and smallest subnormal s. Q is q rounded to nearest, ties to even, to p + 24 bits (near 0: to a
 * multiple of 2^-24 s), with no limit to large exponents. All that is reported is a function of the values judged and
 * of the Qs, exactly: no luck of an evaluation enters, and neither the number of threads nor `certify` changes a bit.
 *
 *   error in ULPs     |got - Q|/ulp, ulp the spacing of F in the binade of Q rounded to F (at a power of two: of the
 *                     binade above it; at 0 and among subnormals: s; beyond the largest number of F: of its binade),
 *                     rounded to double, at most DBL_MAX. It is within 2^-25 of |got - q|/ulp and at most 1/2 for a
 *                     correctly rounded value; so an error of 1/2 says no less, and no more, than that.
 *   relative error    |got - Q|/largest |Q| of that row (each of the two, and their ratio, rounded to 53 bits); 0 when
 *                     both are 0, infinity when only the latter is.
 *
 * Where Q rounds to an infinity of F, that infinity is right: both errors are 0. NaN and every other infinity are
 * counted as `nonfinite`, and in nothing else but `entries`. */
#ifndef ASSAY_CHECK_H
#define ASSAY_CHECK_H

#include <assay/model.h>

#include <mpfi.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* X(code, name, precision, exponent of the smallest subnormal, exponent of the largest number): IEEE 754. */
#define ASSAY_FORMATS(X)                                                                                               \
  X(ASSAY_BINARY16, "binary16", 11, -24, 15)                                                                           \
  X(ASSAY_BINARY32, "binary32", 24, -149, 127)                                                                         \
  X(ASSAY_BINARY64, "binary64", 53, -1074, 1023)

typedef enum {
#define ASSAY_FORMAT_CODE(code, name, precision, least, most) code,
  ASSAY_FORMATS(ASSAY_FORMAT_CODE)
#undef ASSAY_FORMAT_CODE
} assay_format;

const char *assay_format_name(assay_format format);

typedef struct {
  double tolerance_ulp, tolerance_relative; /* >= 0, INFINITY: none; an entry beyond either one is beyond tolerance */
  size_t worst;                             /* how many entries of the largest ULP error are described */
  bool certify;                             /* take every value from intervals, slowly: the report is the same */
} assay_check_options;

assay_check_options assay_check_options_default(void); /* no tolerances, 10 worst */

typedef struct {
  size_t row, column;
} assay_check_place;

/* Over all entries that are not counted as nonfinite; 0 when there are none. pNN: the smallest error that NN % of them
 * do not exceed. */
typedef struct {
  double maximum, p50, p99, p999;
  assay_check_place place; /* of the maximum: the first in row-major order */
} assay_check_errors;

/* One of the worst. expected encloses q, within 2^-100 of its size (or of the row's inputs'). condition: sum_j
 * |dq/dx_j| |x_j|/|Q|, the factor by which a relative change of the x_j can grow: code that works from x_j rounded to
 * relative error u cannot promise less than about u condition, relatively. 0 when x = 0, infinity when Q = 0 and q
 * changes. It comes from central differences, good to about 2^-30 unless q bends within |x_j| 2^-20, and is not
 * certified. */
typedef struct {
  assay_check_place place;
  double got, ulp, relative, condition;
  mpfi_t expected;
} assay_check_entry;

/* histogram[0]: errors <= 1/2 ULP; histogram[i]: in (2^(i-2), 2^(i-1)]; the last one: all above 2^(ASSAY_CHECK_BINS-3).
 * Entries counted as nonfinite are beyond tolerance, whatever it is. */
enum { ASSAY_CHECK_BINS = 66 };
typedef struct {
  size_t rows, width, entries;
  size_t nonfinite;
  assay_check_place first_nonfinite; /* when nonfinite > 0: the first in row-major order */
  size_t beyond;                     /* beyond tolerance; 0: the values hold */
  size_t escalated; /* rows that needed intervals: says how fast it went, not how well; it alone depends on `certify` */
  assay_check_errors ulp, relative;
  size_t histogram[ASSAY_CHECK_BINS];
  assay_check_entry *worst; /* by ULP error, falling; then by row and column */
  size_t worst_count;       /* options->worst, or all that are not nonfinite if those are fewer */
} assay_check_report;

void assay_check_report_clear(assay_check_report *report);

/* Judges `values` (N x assay_quantity_width, numbers of the format exactly, NaN and infinities allowed) as the quantity
 * at `points` (N x d, finite, exact as they are). times: NULL, every row being at `point`; or N doubles in [0, 1], row
 * i being at times[i] of point->schedule, exactly (point->time plays no part). *out: to be released with
 * assay_check_report_clear; untouched on failure. ASSAY_INVALID: also shapes that do not fit, an entry of `values` that
 * is no number of the format (named), a negative or NaN tolerance, times beside ASSAY_COEFFICIENTS. ASSAY_PRECISION: a
 * rounding that max_bits leave open (row and column named). Memory: 16 bytes an entry, some 20 MB, and tables of 80
 * bytes for each component and dimension. Isotropic and diagonal covariances are fast: about a microsecond of one core
 * for each 20 products of components and dimensions, four times that where every row has a time of its own; full ones,
 * and the few rows that rounding leaves open, cost what assay_reference_field costs. */
assay_status assay_reference_check(assay_check_report *out, assay_quantity quantity, const assay_mixture *mixture,
                                   const assay_path_point *point, const double *times, const assay_stream *points,
                                   const assay_stream *values, assay_format format, const assay_check_options *options,
                                   assay_context *context);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
