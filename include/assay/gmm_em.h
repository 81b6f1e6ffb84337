/* assay/gmm_em.h: mixtures of spherical Gaussians fitted by expectation and maximisation (Dempster, Laird and Rubin
 * 1977), started by k-means++ (Arthur and Vassilvitskii 2007): what gmm-diffusion's learner is compared with. EM is
 * told the number of components, which that learner is not. */
#ifndef ASSAY_GMM_EM_H
#define ASSAY_GMM_EM_H

#include <assay/model.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* What is known of the components' variances: the value; that they are equal; nothing. */
typedef enum { ASSAY_GMM_EM_FIXED, ASSAY_GMM_EM_COMMON, ASSAY_GMM_EM_OWN } assay_gmm_em_variance;

typedef struct {
  size_t components; /* k >= 1 */
  assay_gmm_em_variance kind;
  double variance; /* fixed: > 0, the variance of each coordinate; else ignored */
  double floor;    /* common, own: variances stay >= floor times the data's variance (its mean over coordinates), since
                      without a floor a component on a single row has infinite likelihood; in (0, 1) */
  size_t restarts; /* >= 1; the fit of highest likelihood is kept, the first of equal ones */
  size_t iterations; /* >= 1, at most so many for each start */
  double tolerance;  /* >= 0: stops once an iteration raises the log-likelihood of all rows together by at most this, or
                        by no more than its rounding */
  uint64_t seed;
} assay_gmm_em_settings;

/* Variance 1 as in gmm-diffusion's model; floor 1e-6, 1 start, 1000 iterations, tolerance 1e-4, seed 1. */
assay_gmm_em_settings assay_gmm_em_settings_default(size_t components);
assay_status assay_gmm_em_settings_check(const assay_gmm_em_settings *settings, assay_context *context);

/* converged: an iteration raised the likelihood by no more than the tolerance. */
typedef enum { ASSAY_GMM_EM_CONVERGED, ASSAY_GMM_EM_ITERATIONS } assay_gmm_em_stop;

const char *assay_gmm_em_stop_name(assay_gmm_em_stop stop);

typedef struct {
  assay_mixture mixture; /* isotropic components; fewer than k when weights underflowed to 0 */
  double log_likelihood; /* sum over rows of log p(x) under `mixture`, in nats: trace[iterations] */
  double rounding;       /* bound of its rounding error */
  double *trace;         /* iterations + 1: before the first iteration, and after each; it rises. An iteration that does
                            not raise it, which is one at a maximum up to rounding, is not kept. */
  size_t iterations;
  assay_gmm_em_stop stop;
  size_t start;   /* which of the starts it came from */
  size_t floored; /* components whose variance lies at the floor */
} assay_gmm_em_fit;

/* data: N x n, N >= 1, read once for the data's variance and once in every iteration. Starts: k rows chosen by
 * k-means++ among at most 65536 evenly spaced ones, weights 1/k, and as variance the mean squared distance per
 * coordinate to the nearest of them. *out: to be released with assay_gmm_em_fit_clear; untouched on failure. The same
 * bits for any number of threads and any ISA. Memory: the rows to choose from, and up to 256 times k (n + 2) numbers.
 * Work of an iteration: 2 N k n multiplications and N k exponentials. ASSAY_INVALID: also k > N, an entry that is not
 * finite (row and column named), rows that are all equal when the variance is not fixed, or so large that squares leave
 * the doubles. */
assay_status assay_fast_gmm_em(assay_gmm_em_fit *out, const assay_stream *data, const assay_gmm_em_settings *settings,
                               assay_context *context);
void assay_gmm_em_fit_clear(assay_gmm_em_fit *fit);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
