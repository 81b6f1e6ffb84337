/* assay/variation.h: the total variation distance between the law of samples and a known mixture, estimated, and
 * bounded from below with proved confidence.
 *
 * TV(Q, P) = sup over sets A of |Q(A) - P(A)|, between 0 and 1. From samples alone it can be bounded from below only:
 * every estimator here looks at a family of sets chosen without these samples. Samples are independent draws of Q. */
#ifndef ASSAY_VARIATION_H
#define ASSAY_VARIATION_H

#include <assay/model.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef struct {
  double value; /* of the samples' own distribution over the sets: V below */
  double bias;  /* what `value` is on average for N samples of the truth itself, exactly but for rounding */
  double lower; /* TV(Q, P) is at least this with probability at least 1 - delta; >= 0. Rounding is accounted for. */
} assay_variation;

/* A line or a plane cut into cells: on a line `bins` intervals of equal mass under the truth, the outer two unbounded;
 * in the plane the bins x bins products of such intervals of the coordinates. V = 1/2 sum over cells of |n_c/N - p_c|.
 * lower: with q the masses under Q and B cells, V <= TV(q, p) + W, W = TV(n/N, q); one sample moves W by at most 1/N
 * (McDiarmid), and E W <= 1/2 sum sqrt(q_c/N) <= (sum sqrt(p_c) + sqrt((B - 1) TV(q, p)))/(2 sqrt(N)), or
 * sqrt((B - 1)/N)/2. samples: N x n, n = 1 or 2 (else ASSAY_UNSUPPORTED), N >= 1; truth: components of any kind on a
 * line, isotropic or diagonal in the plane (else ASSAY_UNSUPPORTED); 2 <= bins <= 2^16, in the plane <= 2^10; 0 < delta
 * < 1. Independent of threads. ASSAY_INVALID: also an entry that is not finite (row and column named). */
assay_status assay_fast_variation_cells(assay_variation *out, const assay_stream *samples, const assay_mixture *truth,
                                        size_t bins, double delta, assay_context *context);

/* Any n: projections <u, x> on `count` directions (count x n, none 0, chosen without these samples), each as on a line
 * at delta/count. The result is that of the direction with the largest lower bound (of equal ones: the largest value,
 * then the first), its index in *best (may be NULL); `bias` is that of a single direction. truth: components of any
 * kind. */
assay_status assay_fast_variation_sliced(assay_variation *out, size_t *best, const assay_stream *samples,
                                         const assay_mixture *truth, const double *directions, size_t count,
                                         size_t bins, double delta, assay_context *context);

/* Any n: one set, A = {x: fitted density > truth's density}, where `fitted` was made without these samples (from
 * another half of them, say, by assay_fast_gmm_em). value = n(A)/N - m(A)/M, m(A) counted among `draws` = M draws from
 * the truth by `seed`; it may be negative, and its bias is 0. One sample moves it by 1/N, one draw by 1/M: lower =
 * value
 * - sqrt(log(1/delta) (1/N + 1/M)/2). truth: isotropic or diagonal; fitted: any kind. */
assay_status assay_fast_variation_held_out(assay_variation *out, const assay_stream *samples,
                                           const assay_mixture *truth, const assay_mixture *fitted, size_t draws,
                                           uint64_t seed, double delta, assay_context *context);

/* ---- draws ------------------------------------------------------------------------------------------------------- */

/* Independent draws from a mixture. Row i has the component whose share of [0, 1) holds the uniform number that
 * assay_fast_philox gives at key `seed` and counter (0, i mod 2^32, (i >> 32) << 16, stream + 1), words 1:0, first 53
 * bits; and normals (seed, stream), row i. Streams `stream` and `stream + 1` are taken. */
typedef struct {
  const assay_mixture *mixture;
  uint64_t seed;
  uint32_t stream;
} assay_mixture_draws;

/* A stream over `draws`, which must outlive it, and so must its mixture (isotropic or diagonal, else reading is
 * ASSAY_UNSUPPORTED). */
assay_stream assay_fast_mixture_draws(const assay_mixture_draws *draws, size_t rows);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
