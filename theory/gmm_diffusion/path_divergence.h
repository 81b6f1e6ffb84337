/* theory/gmm_diffusion/path_divergence.h: how far the SDE's samples can be from a truth that is known.
 *
 * The true reverse chain y_0, y_1, ... (levels tau_0 > tau_1 > ... > 0) and the learned one are laws of paths whose
 * last points are distributed as the truth and as the samples. Given y_k the true step is a mixture of N(b + a_i, v I),
 * a_i = (dtau/(1 + tau)) u_i, v = dtau (1 + tau')/(1 + tau), tau' the next level, dtau = tau - tau', with the posterior
 * weights p_i of the means u_i. A mixture's Kullback-Leibler divergence from a Gaussian is that from the one with its
 * mean plus |difference of means|^2/(2 v), so that the learned step's is X_k = f_k |U_hat - U|^2/2 + K_k, f_k =
 * dtau/((1
 * + tau)(1 + tau')), U = sum p_i u_i, in which
 *   K_k = sum p_i |sqrt(f_k) (u_i - U)|^2/2 - (H_k - E[H_{k+1} | y_k]),  H_k the entropy of p at y_k,
 * the mean divergence of the mixture's components less what the step tells of the component; and, for the quotient r of
 * the densities, u = r - 1 >= -1, which has r log r - u <= u^2/2 - u^3/6 + u^4/3 (the fourth derivative is 2/r^3),
 *   K_k <= min(log(1 + E u^2), E u^2/2 - E u^3/6 + E u^4/3),
 * whose moments are sums of exponentials of f_k <u_i - U, u_j - U>. Levels where f_k times the squared diameter of the
 * means is large take the first formula, which is exact but fluctuates, the others the second.
 *
 * Let S_k add up to level k what is known at y_k and not less than X: with the first formula the mean divergence
 * without the entropies. A third chain starts and goes on as the learned one while S_k <= c, and then as the true one:
 * it differs from the learned one on paths with S > c alone, so that by Pinsker's inequality TV <= P(S > c) +
 * sqrt((KL(start) + E sum of X_k while S_k <= c)/2). KL(start) <= log(1 + chi^2) of p_tau_0 from the Gaussian start:
 * Gaussian integrals. The rest is measured on paths drawn from the truth, with the empirical Bernstein inequality;
 * rounding, some 1e-13, is far below what that adds. */
#ifndef ASSAY_THEORY_GMM_DIFFUSION_PATH_DIVERGENCE_H
#define ASSAY_THEORY_GMM_DIFFUSION_PATH_DIVERGENCE_H

#include "theory/gmm_diffusion/known_truth.h"

#include <assay/gmm_fast.h>

/* Of each of `count` paths: both parts of the sum of X_k while S_k <= c, each in [low, high], and whether S > c. */
typedef struct {
  size_t count;
  double start; /* bound of KL(start) */
  double low, high;
  double *score, *kernel;
  bool *escaped;
} path_divergence;

/* cut: c. Paths: streams 2 and 3 of the seed (their last points) and 0x4000 + k (their steps). *out: to be released. */
assay_status path_divergence_init(path_divergence *out, const assay_gmm_model *model, const known_truth *truth,
                                  size_t count, double cut, uint64_t seed, assay_context *context);
void path_divergence_clear(path_divergence *divergence);

/* Upper bounds, all of them at once with probability 1 - delta: of the total variation distance, and of what the
 * formula would give without one of its three parts. */
typedef struct {
  double all, without_start, without_score, without_kernel;
} path_bounds;

path_bounds path_bounds_of(const path_divergence *divergence, double delta);

#endif
