/* fast/gmm_diffusion/em.h: what the parts of spherical EM share.
 *
 * Rounding, u = 2^-53. With base_j = log w_j - n/2 log(2 pi v_j), rate_j = 1/(2 v_j), square = |x - m_j|^2, the
 * log-weight l_j = base_j - rate_j square is off by at most
 *   7 u B_j + (n + 5) u rate_j square,  B_j = |log w_j| + n/2 (|log(2 pi v_j)| + 1);
 * and top + log sum_j exp(l_j - top) by the mean of these under the posterior p, and u (2 k + 8 + 3 log k + itself), a
 * k of them from the weights' sum: sum_j p_j (top - l_j) <= log k. Adding up N rows in `depth` levels gives depth u sum
 * |row|, |row| <= sum_j p_j |l_j| + log k. With A = sum_j (N_j B_j + rate_j D_j) + N (log k + 1), N_j = sum p_j and D_j
 * = sum p_j square, the log-likelihood is within u ((n + depth + 16) A + N (2 k + 8)) of the exact one for the same
 * doubles.
 *
 * Exactly computed the likelihood never falls. The M-step's rounding costs nothing of first order, since its result is
 * a maximum; nor do the posteriors' relative errors e = O(u): they change the gain by e times the first power of the
 * step, and the gain itself is of second order in it, so that N O(u^2) is lost at most. So the computed values may fall
 * by twice the bound above. */
#ifndef ASSAY_FAST_GMM_DIFFUSION_EM_H
#define ASSAY_FAST_GMM_DIFFUSION_EM_H

#include <assay/gmm_em.h>

/* Parameters, and the sums that an E-step leaves over all rows. Components of weight 0 take no part. */
typedef struct {
  size_t components, dimension;
  double *weight, *variance, *mean; /* k, k, k x n */
  double *counts, *squares;         /* k, k: N_j, D_j */
  double *moments;                  /* k x n: sum p_j (x - m_j) */
  double log_likelihood, rounding;
  void *memory;
} em_state;

assay_status em_state_init(em_state *out, size_t components, size_t dimension, assay_context *context);
void em_state_clear(em_state *state);
void em_state_copy(em_state *to, const em_state *from);

/* The sums, the log-likelihood and its rounding of the state's parameters. ASSAY_INVALID: an entry that is not finite,
 * or squares that are not. */
assay_status em_expect(em_state *state, const assay_stream *data, assay_context *context);

/* The parameters that maximise the expected log-likelihood of the sums; variances from `lowest` on. */
void em_maximise(em_state *state, const assay_gmm_em_settings *settings, double lowest);

/* *variance: of the data, the mean over coordinates; 0 only when all rows are equal. */
assay_status em_data_variance(double *variance, const assay_stream *data, assay_context *context);

/* Rows to choose starts from. */
typedef struct {
  size_t rows, dimension;
  double *points, *distance; /* rows x n, rows: squared distance to the nearest start so far */
} em_candidates;

assay_status em_candidates_init(em_candidates *out, const assay_stream *data, assay_context *context);
void em_candidates_clear(em_candidates *candidates);

/* Means by k-means++ with the random numbers of `start`, equal weights, and one variance for all. */
void em_start(em_state *state, em_candidates *candidates, const assay_gmm_em_settings *settings, size_t start,
              double lowest);

#endif
