/* tests/theory/vectors/naive.h: fields of mixtures as tutorials compute them, in plain double. */
#ifndef ASSAY_TESTS_VECTORS_NAIVE_H
#define ASSAY_TESTS_VECTORS_NAIVE_H

#include "theory/vectors/formula.h"

/* The schedule's numbers at the place, as double code computes them; decay: alpha alpha'. */
typedef struct {
  double alpha, beta, alpha_rate, beta_rate, decay;
} naive_path;

naive_path naive_path_at(const char *schedule, vectors_formula formula, double time, double alpha, double beta);

/* out: assay_quantity_width numbers. Covariances of every kind are treated as matrices. */
void naive_field(double *out, assay_quantity quantity, vectors_formula formula, const assay_mixture *mixture,
                 naive_path path, const double *x);

/* Digits lost of 16: floor(16 + log10 of the largest error relative to the largest |exact|), within 0 and 16;
 * VECTORS_ALL for a result that is not finite. */
unsigned char naive_lost(const double *got, const double *exact, size_t width);

#endif
