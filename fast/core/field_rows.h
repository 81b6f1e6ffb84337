/* fast/core/field_rows.h: the loops of a field over the d entries of one point. Sums run in eight fixed lanes, so every
 * instruction set gives the same bits; each sum of d terms is within gamma_d of exact, as in any order. */
#ifndef ASSAY_FAST_CORE_FIELD_ROWS_H
#define ASSAY_FAST_CORE_FIELD_ROWS_H

#include <assay/model.h>

/* The coefficients of one point's output: out = slope y + (keep m + gain (r - share c)), y = x - beta m. */
typedef struct {
  double beta, slope, keep, gain, share;
} field_combination;

/* Points that products with the means, and their posteriors, take at a time. */
enum { FIELD_GROUP = 8 };

/* Bounds are computed in double, to first order in relative errors below FIELD_SMALL; FIELD_INFLATE pays for both. */
#define FIELD_SMALL 0x1p-22
#define FIELD_INFLATE (1.0 + 0x1p-18)
/* Beyond this a difference of log-weights is too uncertain for the linear bound of exp (S8). */
#define FIELD_LINEAR_RANGE 0.25

/* What a diagonal component adds to outputs. */
typedef struct {
  const double *shift, *gain, *mean; /* d each */
  double keep;
} field_diagonal;

struct field_plan;
struct field_point;

/* What is known of the shares of a point's components. */
typedef struct {
  size_t leader;      /* the first with the largest log-weight */
  double rest;        /* sum of exp(log-weight difference to the leader) without the leader's 1 */
  double total_doubt; /* sum of doubts */
  double above; /* largest of 0 and all differences to the leader with their errors; infinite where one is a NaN */
  bool open;    /* some difference is too uncertain: its doubt is not a bound */
} field_shares;

/* Room for `count` numbers, with what `shares` may read and write behind them. */
static inline size_t field_padded(size_t count) { return (count + 7) / 8 * 8; }

typedef struct {
  /* Shares exp(weights_k - weights_leader)/(1 + rest) and their doubts, from log-weights and bounds of their errors.
   * Arrays of field_padded(count). */
  field_shares (*shares)(double *share, double *doubt, const double *weights, const double *errors, size_t count);
  /* count x FIELD_GROUP: products = means y', y of FIELD_GROUP x d, means of count x d. */
  void (*products)(double *products, const double *y, const double *means, size_t count, size_t d);
  /* FIELD_GROUP x d: out = weights' means, weights of count x FIELD_GROUP. */
  void (*sums)(double *out, const double *weights, const double *means, size_t count, size_t d);
  /* The records of a group and the weights of its second product (count x FIELD_GROUP) from its products and |y|^2, but
   * for points whose shares are in doubt: the stretch in their records is 0. `values` and `doubts`: count x FIELD_GROUP
   * numbers of work memory. */
  void (*weigh)(struct field_point *records, double *weights, const struct field_plan *plan, const double *products,
                const double *squares, double *values, double *doubts);
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
  /* Whether all n numbers are. */
  bool (*finite)(const double *a, size_t n);
  /* largest |a| (a NaN is left out) and sum a^2 */
  double (*largest)(const double *a, size_t d);
  double (*squares)(const double *a, size_t d);
  /* For diagonal covariances, z = (x - shift) root: sum z^2 and the largest z^2 of each of `points` rows x. */
  void (*metric)(double *squares, double *largest, const double *x, const double *shift, const double *root,
                 size_t points, size_t d);
  /* out += share (keep m + gain (x - shift)) for `points` rows. */
  void (*add_outputs)(double *out, const double *x, const double *share, field_diagonal with, size_t points, size_t d);
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
