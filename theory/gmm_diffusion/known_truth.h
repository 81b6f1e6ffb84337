/* theory/gmm_diffusion/known_truth.h: mixtures of unit Gaussians from which experiments draw, so that the law the
 * learner aims at is known. */
#ifndef ASSAY_THEORY_GMM_DIFFUSION_KNOWN_TRUTH_H
#define ASSAY_THEORY_GMM_DIFFUSION_KNOWN_TRUTH_H

#include <assay/model.h>

enum { KNOWN_TRUTH_COUNT = 4 };

/* At most KNOWN_TRUTH_COUNT components: sum of weights[i] N(means[i], I), weights normalised by their sum. */
typedef struct {
  const char *name;
  size_t dimension, count;
  const double *weights, *means; /* count; count x dimension */
} known_truth;

/* Three components of weights 3:4:3, at -4, 1/2 and 5 on a line, and at the corners of the same triangle in 2, 5 and 10
 * dimensions, but for a unit of height in some of the further coordinates. */
extern const known_truth known_truth_line, known_truth_plane, known_truth_five, known_truth_ten;

/* *out: to be released with assay_mixture_clear. */
assay_status known_truth_mixture(assay_mixture *out, const known_truth *truth, assay_context *context);

/* Posterior means E[u | y] and weights at the points y (points x n) with variance sigma^2 around each mean: mean
 * (points x n), weight (points x count). */
void known_truth_posterior(double *mean, double *weight, const known_truth *truth, double variance, const double *y,
                           size_t points);

/* The mean (n) and the covariance (n x n) of the samples' law. */
void known_truth_moments(double *mean, double *covariance, const known_truth *truth);

#endif
