/* fast/core/field_rows.h: the loops of a field over the d entries of one point. Sums run in eight fixed lanes, so every
 * instruction set gives the same bits; each sum of d terms is within gamma_d of exact, as in any order. */
#ifndef ASSAY_FAST_CORE_FIELD_ROWS_H
#define ASSAY_FAST_CORE_FIELD_ROWS_H

#include <assay/model.h>

/* The coefficients of one point's output: out = slope y + (keep m + gain (r - share c)), y = x - beta m. */
typedef struct {
  double beta, slope, keep, gain, share;
} field_combination;

typedef struct {
  /* y = x - shift; returns sum y^2. */
  double (*centre)(double *y, const double *x, const double *shift, size_t d);
  /* out as above with m = mean, c = centred mean, r = product row; largest |y| into *largest. Returns a NaN when some
   * entry of out is not finite, else 0. */
  double (*combine)(double *out, double *largest, const double *x, const double *mean, const double *centred,
                    const double *product, field_combination with, size_t d);
  /* sum (x - beta m)^2 */
  double (*distance)(const double *x, const double *mean, double beta, size_t d);
  /* sum (c - share c' - tilt (x - beta m))^2 for centred row c, anchor row c' */
  double (*tilted)(const double *x, const double *mean, double beta, const double *centred, const double *anchor,
                   double share, double tilt, size_t d);
  /* largest |a| (a NaN is left out) and sum a^2 */
  double (*largest)(const double *a, size_t d);
  double (*squares)(const double *a, size_t d);
  /* For diagonal covariances, z = (x - shift) root: sum z^2; out += share (keep m + gain z), returning the largest |z|.
   */
  double (*metric)(const double *x, const double *shift, const double *root, size_t d);
  double (*add_output)(double *out, const double *x, const double *shift, const double *root, const double *gain,
                       const double *mean, double keep, double share, size_t d);
  /* One more term of running means: with dg = g - mean_g and dh = h - mean_h, moments = sum dg^2, dh^2, dg dh; then
   * mean_g += part dg, mean_h += part dh. */
  void (*moments)(double moments[3], double *mean_g, double *mean_h, const double *g, const double *h, double part,
                  size_t d);
} field_rows;

extern const field_rows field_rows_sse2, field_rows_avx2, field_rows_avx512;

static inline const field_rows *field_rows_for(assay_isa resolved) {
  return resolved == ASSAY_ISA_AVX512 ? &field_rows_avx512
         : resolved == ASSAY_ISA_AVX2 ? &field_rows_avx2
                                      : &field_rows_sse2;
}

#endif
