/* theory/samples/comparisons.h: the tests, from what the pass over the samples left. */
#ifndef ASSAY_THEORY_SAMPLES_COMPARISONS_H
#define ASSAY_THEORY_SAMPLES_COMPARISONS_H

#include "theory/samples/tally.h"

#include <assay/samples.h>

/* How many comparisons a problem of that shape makes, whatever the samples. */
size_t comparisons_count(size_t dimension, size_t components, size_t directions);

typedef struct {
  const tally *seen;
  const direction_set *along;
  const marginal_component *marginals; /* directions x components */
  double rounding, share;
  assay_samples_test *tests; /* room for all of them */
  size_t count;
} comparisons;

/* Each adds its tests. */
void comparisons_labels(comparisons *c);
void comparisons_radii(comparisons *c);
void comparisons_means(comparisons *c);
assay_status comparisons_covariance(comparisons *c, assay_context *context);
void comparisons_projections(comparisons *c);

/* The next test, zeroed, with its name: "kind", or "kind[index]" where indexed. */
assay_samples_test *comparisons_next(comparisons *c, assay_samples_kind kind, bool indexed, size_t index);

/* Fails when p, an upper bound, is at most the share. */
void comparisons_decide(const comparisons *c, assay_samples_test *test, double p);

/* min(1, 2 min(lower, upper)) */
double comparisons_two_sided(double lower, double upper);

/* Where a distribution function's distance becomes significant. */
double comparisons_band(uint64_t samples, double share);

/* The allowance of one projection: rounding of samples and inner products, and of the exact function. */
double comparisons_projection_shift(const comparisons *c, size_t direction);

#endif
