/* tests/fast/core/mixtures.h: mixtures for the tests of draws and of total variation. */
#ifndef ASSAY_TESTS_MIXTURES_H
#define ASSAY_TESTS_MIXTURES_H

#include <assay/model.h>

assay_context quiet(void);

/* Components with the given weights, means (count x n) and isotropic variances. */
assay_mixture mixture_of(size_t n, size_t count, const double *weight, const double *mean, const double *variance);

/* Variances of the n coordinates in place of an isotropic one; copied. */
void make_diagonal(assay_component *component, size_t n, const double *variance);

#endif
