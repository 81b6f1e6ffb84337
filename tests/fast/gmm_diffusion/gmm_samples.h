/* tests/fast/gmm_diffusion/gmm_samples.h: samples whose hidden means are known. */
#ifndef ASSAY_TESTS_GMM_SAMPLES_H
#define ASSAY_TESTS_GMM_SAMPLES_H

#include "testing.h"

#include <assay/gmm_fast.h>

/* A standard normal, not the generator's under test (test_normal is only roughly normal). */
double gmm_test_normal(test_random *random);

/* k unit-variance components in n dimensions, means (k x n) uniform in [-spread, spread], weights in [1/k, 2/k] before
 * they are normalised. To be cleared. */
assay_mixture gmm_test_mixture(size_t n, size_t k, double spread, test_random *random);

/* N x n samples of it; to be freed. */
double *gmm_test_samples(const assay_mixture *mixture, size_t samples, test_random *random);

#endif
