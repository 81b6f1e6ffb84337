/* Samples of mixtures along a path, drawn the plain way: x_t = alpha x_0 + beta (m_k + A_k x), k by the weights. */
#ifndef ASSAY_TESTS_THEORY_SAMPLES_DRAWS_H
#define ASSAY_TESTS_THEORY_SAMPLES_DRAWS_H

#include <assay/assay.h>

/* `factors`: A_k of full covariances S_k = A_k A_k' (d x d each; entries of components that are not full, and NULL
 * where none is, play no part). N x d, to be freed; of a seed and a stream of their own. */
typedef struct {
  const assay_mixture *mixture;
  const double *const *factors;
  double alpha, beta;
  size_t rows;
  uint64_t seed;
} samples_draws;

double *samples_draw(const samples_draws *of);

/* A mixture for tests: `count` components in dimension d, of kinds isotropic, diagonal, full in turn from `kind` on;
 * means of size about `apart`, weights between 1 and 2, variances between 1/2 and 2. The factors (count, each d x d)
 * are written to `factors`. */
void samples_mixture(assay_mixture *out, double **factors, size_t d, size_t count, int kind, double apart,
                     uint64_t salt);

/* Rounds to float32. */
void samples_round(double *x, size_t entries);

#endif
