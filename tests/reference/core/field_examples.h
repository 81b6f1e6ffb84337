/* Mixtures with covariances of every kind for the tests of fields, and what several of them check. */
#ifndef ASSAY_TESTS_REFERENCE_CORE_FIELD_EXAMPLES_H
#define ASSAY_TESTS_REFERENCE_CORE_FIELD_EXAMPLES_H

#include "testing.h"

#include <assay/reference.h>

/* The test program's only one. */
extern assay_context example_context;

mpfi_ptr example_new_enclosures(size_t count);
void example_fill_normal(double *x, size_t count, test_random *random);

/* Gives component k these entries (d or d x d), copied; a matrix or list with these variances; and B B^T/d + 1/16 I for
 * a normal B: symmetric to the last bit, and far from singular. */
void example_set_covariance(assay_mixture *mixture, size_t k, assay_covariance_kind kind, const double *entries);
void example_set_diagonal(assay_mixture *mixture, size_t k, assay_covariance_kind kind, const double *variances);
void example_set_random_full(assay_mixture *mixture, size_t k, test_random *random);

/* Random components of kinds in turn. */
void example_draw(assay_mixture *out, test_random *random, size_t d, size_t count);

assay_path_point example_at_time(size_t which, double time);

/* One point's field, which must be as narrow as promised. */
mpfi_ptr example_field_of(assay_quantity quantity, const assay_mixture *mixture, assay_path_point point,
                          const double *x, long goal);

/* All quantities of the two overlap, to 90 bits. */
void example_check_same(const assay_mixture *a, const assay_mixture *b, assay_path_point point, const double *x,
                        const char *what);

/* The Hadamard matrix of order 16 over 4: orthogonal, symmetric, and exact in doubles. */
enum { ORDER = 16 };
double example_hadamard(size_t i, size_t j);
void example_rotate(double *out, const double *in);

/* Numbers with few bits, so that rotating them is exact. */
void example_fill_short(double *out, test_random *random);

/* Two components with variances between 1 and 2^-log_condition along the axes, both taken; and the same rotated. */
void example_draw_rotated(assay_mixture *straight, assay_mixture *rotated, test_random *random, int log_condition);

#endif
