/* fast/gmm_diffusion/moments.h: mean, covariance and reach of the samples, and a small subset of them. */
#ifndef ASSAY_FAST_GMM_DIFFUSION_MOMENTS_H
#define ASSAY_FAST_GMM_DIFFUSION_MOMENTS_H

#include <assay/model.h>

/* mean: n; covariance: n x n (sums over N, not N - 1). ASSAY_INVALID: no rows; an entry that is not finite; too little
 * variance in some direction for samples that carry unit noise. */
assay_status gmm_moments(double *mean, double *covariance, const assay_stream *samples, assay_context *context);

/* The largest |x - mean| of the samples. */
assay_status gmm_reach(double *out, const assay_stream *samples, const double *mean, assay_context *context);

/* `count` <= N samples (count x n): row k from the k-th of `count` equal parts of the stream, at a place drawn from
 * seed. row: NULL, or their `count` numbers. */
assay_status gmm_subset(double *out, size_t *row, const assay_stream *samples, size_t count, uint64_t seed,
                        assay_context *context);

/* The Cholesky factor of a symmetric n x n matrix into its lower triangle (row-major); false when it has none. The rest
 * of the matrix is left alone. */
bool gmm_cholesky(double *matrix, size_t n);

#endif
