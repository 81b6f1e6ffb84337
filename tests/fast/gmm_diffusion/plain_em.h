/* tests/fast/gmm_diffusion/plain_em.h: data for the tests of spherical EM. */
#ifndef ASSAY_TESTS_PLAIN_EM_H
#define ASSAY_TESTS_PLAIN_EM_H

#include <assay/model.h>

#include "testing.h"

assay_context quiet(void); /* one thread: the problems are small */
double *doubles(size_t count);

/* rows x n: around `centres` random points of spread `apart`, with spread 1. */
double *clustered(size_t rows, size_t n, size_t centres, double apart, test_random *random);

#endif
