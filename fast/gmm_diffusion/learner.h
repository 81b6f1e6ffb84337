/* fast/gmm_diffusion/learner.h: what the stages of learning share. */
#ifndef ASSAY_FAST_GMM_DIFFUSION_LEARNER_H
#define ASSAY_FAST_GMM_DIFFUSION_LEARNER_H

#include "fast/gmm_diffusion/field.h"

/* Samples that stand for all where a few thousand are enough: cover, radius, certificate. */
enum { GMM_SUBSET = 8192 };

/* Of the seed; the levels' noise is stream GMM_NOISE_STREAM + k. */
enum { GMM_HALF_STREAM = 0x0fff, GMM_NOISE_STREAM = 0x1000 };

typedef struct {
  const assay_stream *samples;
  assay_gmm_settings settings; /* degree and radius as they are used */
  gmm_features features;
  double *mean, *covariance; /* n, n x n */
  double limit;              /* of |U - mean| */
  double *subset;            /* subset_count x n */
  size_t *subset_row;
  size_t subset_count;
} gmm_problem;

/* What is learned at one level. */
typedef struct {
  assay_gmm_level level; /* first_cell: 0 */
  assay_gmm_cell *cell;  /* cells */
  double *centres;       /* cells x n; owns the coefficients' memory, too */
  double *coefficients;  /* cells x p x n */
} gmm_piece;

assay_status gmm_piece_init(gmm_piece *out, const gmm_problem *problem, size_t cells, double tau,
                            assay_context *context);
void gmm_piece_clear(gmm_piece *piece);
gmm_field gmm_piece_field(const gmm_piece *piece, const gmm_problem *problem);

/* The subset's points from `first` on, every `stride`-th, `count` of them, with the noise of draw 0 at level k: y
 * (count x n). */
assay_status gmm_noised_subset(double *y, const gmm_problem *problem, size_t k, double tau, size_t first, size_t stride,
                               size_t count, assay_context *context);

/* ---- stages ------------------------------------------------------------------------------------------------------ */

/* The cells of the level after `before` (level k): balls of radius `cover` sigma that hold many of its posterior means,
 * the fullest first. *centres: *count x n, to be freed. */
assay_status gmm_cover(double **centres, size_t *count, const gmm_problem *problem, const gmm_piece *before, size_t k,
                       assay_context *context);

/* The normal equations of piece's cells at level k, each in two halves of the samples: for cell c and half h, at
 * (2 c + h) gmm_equations_size(): G (p x p, lower triangle), b (p x n), the sum of squares of the targets, the number
 * of draws. To be freed. Targets are x - xi/sqrt(tau) - centre. */
size_t gmm_equations_size(const gmm_features *features);
assay_status gmm_normal_equations(double **sums, const gmm_problem *problem, const gmm_piece *piece, size_t k,
                                  assay_context *context);

/* Solves them: cells and coefficients, and both errors of the level. The equations are used up. */
assay_status gmm_fit(gmm_piece *piece, double *sums, const gmm_problem *problem, assay_context *context);

/* The level's `kernel` for the step to tau `next`. */
assay_status gmm_kernel_divergence(gmm_piece *piece, const gmm_problem *problem, size_t k, double next,
                                   assay_context *context);

/* KL(p_tau || N(mean, covariance + tau I)), estimated. */
assay_status gmm_initial_divergence(double *out, const gmm_problem *problem, double tau, assay_context *context);

/* The parts added up from the levels. */
void gmm_certificate(assay_gmm_model *model, double initial);

#endif
