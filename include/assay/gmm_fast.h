/* assay/gmm_fast.h: gmm-diffusion (arXiv:2404.18869), learning a mixture of Gaussians by diffusion, in double
 * precision.
 *
 * Samples x = u + g in R^n, g ~ N(0, I): each already carries unit noise; the law Q0 of the hidden mean u is unknown.
 * At level tau: y = x + sqrt(tau) xi, sigma^2 = 1 + tau. The posterior mean U(y) = E[u | y] gives the rest exactly
 * (Tweedie): score s(y) = (U(y) - y)/sigma^2, E[x | y] = y + tau s(y), Cov(u | y) = sigma^2 grad U(y).
 *
 * U is learned at falling levels, in each cell of a partition by one polynomial: U is the regression on y of
 * x - xi/sqrt(tau), which is observed. Cells at a level are the Voronoi cells of centres found from the U of the level
 * before. The paper gives the idea; the constants here are ours.
 *
 * Results do not depend on the number of threads. Doubles from matrix products may differ between OpenBLAS kernels. */
#ifndef ASSAY_GMM_FAST_H
#define ASSAY_GMM_FAST_H

#include <assay/model.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* ---- settings ---------------------------------------------------------------------------------------------------- */

typedef struct {
  size_t degree;         /* of the polynomials, 1 to 64; 0: assay_gmm_default_degree */
  size_t draws;          /* noise draws of each sample at each level, 1 to 64; default 4 */
  double ratio;          /* of neighbouring levels, in [1.01, 4]; default 1.25 */
  double tau_min;        /* the last level, in [1e-6, 1]; default 0.02 */
  double radius;         /* R, how far means lie from their mean, in [1, 1e6]; 0 (default): from the samples */
  double minimum_weight; /* a cell needs half of it, in (0, 1]; default 0.05 */
  double cover;  /* radius of the balls that become cells, in units of sigma, > 0; default 1.5; infinity: one cell
                    at every level */
  double ridge;  /* added to the normal equations, relative to their diagonal, in [0, 1]; default 1e-9 */
  uint64_t seed; /* of the noise, default 1 */
} assay_gmm_settings;

assay_gmm_settings assay_gmm_settings_default(void);
assay_status assay_gmm_settings_check(const assay_gmm_settings *settings, assay_context *context);

/* p = C(n + D, D), the number of features of total degree up to D in n dimensions; 0 when it exceeds 4096, which is
 * more than the learner takes. */
size_t assay_gmm_features(size_t dimension, size_t degree);

/* The largest degree from 1 to 8 with at most 256 features; 1 when none has. */
size_t assay_gmm_default_degree(size_t dimension);

/* ---- the learned model ------------------------------------------------------------------------------------------- */

/* Estimates, from the samples alone, of the parts of E|s_hat - s|^2 at y ~ p_tau: `degree_error`, what polynomials of
 * this degree cannot follow (extrapolated from the cross-validated risk of lower degrees), and `data_error`, chance
 * (from the fits on two halves of the samples). `kernel`: an estimate, to leading order, of the Kullback-Leibler
 * divergence of the SDE's Gaussian step that leaves this level from the true one. */
typedef struct {
  double tau;
  size_t first_cell, cells; /* its cells are first_cell, ..., first_cell + cells - 1 */
  double degree_error, data_error, kernel;
} assay_gmm_level;

/* degree: of the least cross-validated risk, among the model's and lower ones with at least 10 draws a feature in the
 * cell. weight: its share of the draws. */
typedef struct {
  size_t degree;
  double weight;
} assay_gmm_cell;

/* Parts of the Kullback-Leibler divergence KL(true reverse chain || learned SDE chain), which is exactly
 *   KL(p_tau_0 || start) + sum_k E_{p_tau_k}[ KL(true kernel || N(its mean, v I))
 *                                            + dtau (1 + tau)/(1 + tau') |s_hat - s|^2/2 ],
 * v = dtau (1 + tau')/(1 + tau), tau' the next level (0 after the last), dtau = tau - tau'. initial, discretisation:
 * the first and the second; degree, data: the third by the estimates of the levels. total_variation: min(1, sqrt(sum of
 * the four/2)), which by Pinsker's inequality bounds that of the SDE's samples from the samples' law if the four are
 * right. They are ESTIMATES from the samples alone, no bounds. `degree` is often several times too large where the
 * model's degree is below 4, for want of lower degrees to extrapolate from, and where U is constant, for what chance
 * suggests of degrees left out; `discretisation` can be too small by a factor where means are far apart and steps
 * coarse.
 */
typedef struct {
  double initial, degree, data, discretisation, total_variation;
} assay_gmm_certificate;

/* Plain arrays, so that a file can hold it. With n = dimension, p = features, z = (y - centre)/sigma cut to |z| <= clip
 * (z clip/|z| beyond), in the cell whose centre is nearest to y (the first of equals):
 *   U(y) = P(centre + sum_f coefficients[cell][f] phi_f(z)),
 * P the projection onto the ball |U - mean| <= limit. A posterior mean is a mean of hidden means, and half the samples
 * of each hidden mean are farther from any given point than it is: where the ball holds all hidden means P brings U
 * nearer at every y, and a polynomial cannot run away where no sample went. It leaves one of weight w out with a chance
 * of about (1 - w/2)^N.
 * phi_f: products of normalised probabilists' Hermite polynomials h_a(z_j) = He_a/sqrt(a!), in graded order: by total
 * degree, then lexicographically with higher powers of earlier coordinates first (for n = 2: 1, h1(z1), h1(z2), h2(z1),
 * h1(z1) h1(z2), h2(z2), ...). Coefficients above a cell's degree are 0. */
typedef struct {
  size_t dimension, degree, features;
  size_t levels, cells;        /* cells: of all levels together */
  size_t samples;              /* it was learned from */
  double radius, clip;         /* R; how far |z| may go */
  double limit;                /* how far |U - mean| may go: the largest |x - mean| of the samples */
  assay_gmm_level *level;      /* levels, tau falling */
  assay_gmm_cell *cell;        /* cells */
  double *centres;             /* cells x n */
  double *coefficients;        /* cells x p x n */
  double *mean, *covariance;   /* n, n x n: of the samples; the start is N(mean, covariance + tau_0 I) */
  assay_gmm_settings settings; /* it was learned with */
  assay_gmm_certificate certificate;
} assay_gmm_model;

/* Every domain rule above: what a file that holds a model must obey. The message names field, index and value. */
assay_status assay_gmm_model_check(const assay_gmm_model *model, assay_context *context);

/* Zeroed arrays for the sizes given (dimension, degree, features, levels, cells of `out` are set). */
assay_status assay_gmm_model_init(assay_gmm_model *out, size_t dimension, size_t degree, size_t levels, size_t cells,
                                  assay_context *context);
void assay_gmm_model_clear(assay_gmm_model *model);

/* ---- learning ---------------------------------------------------------------------------------------------------- */

/* samples: N x n. They are read once for their moments and once a level, in tiles; nothing of size N is stored. The
 * noise of sample i at level k is row i of stream 0x1000 + k of the seed. Work: levels N draws (p^2 + 2 p n)
 * flops; memory: a few tens of MB, and 2 to 64 times (as many as fit into
 * 512 MB) 2 cells p (p + n) doubles. *out: to be released with assay_gmm_model_clear; untouched on failure.
 * ASSAY_INVALID: an entry that is not finite (row and column named), fewer samples than features, samples whose
 * variance in some direction is too far below 1 for samples with unit noise (repeated points, say). ASSAY_UNSUPPORTED:
 * more than 4096 features. */
assay_status assay_fast_gmm_learn(assay_gmm_model *out, const assay_stream *samples, const assay_gmm_settings *settings,
                                  assay_context *context);

/* ---- the learned field and its samples --------------------------------------------------------------------------- */

/* U_hat(y) and s_hat(y) = (U_hat(y) - y)/(1 + tau) at the points y (points x n) of level `level` (an index, below
 * model->levels: nothing is learned in between). out: points x n, may be y itself. */
assay_status assay_fast_gmm_posterior_mean(double *out, const assay_gmm_model *model, size_t level, const double *y,
                                           size_t points, assay_context *context);
assay_status assay_fast_gmm_score(double *out, const assay_gmm_model *model, size_t level, const double *y,
                                  size_t points, assay_context *context);

/* ODE: the probability flow dy/dtau = -s/2 on the model's levels and then to 0, by Heun's rule with the linear part of
 * s = (U - y)/(1 + tau) solved exactly (the last step has one stage). SDE: the chain of the certificate,
 * y <- y + dtau s_hat + sqrt(v) xi, to 0. */
typedef enum { ASSAY_GMM_ODE, ASSAY_GMM_SDE } assay_gmm_sampler;

/* `count` samples into out (count x n). Row i depends on seed and i alone: stream 0x8000 of the seed for the start,
 * 0x8001 + k for the SDE's step from level k. `first`: the row that the first of them is. */
assay_status assay_fast_gmm_sample(double *out, const assay_gmm_model *model, assay_gmm_sampler sampler, size_t first,
                                   size_t count, uint64_t seed, assay_context *context);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
