/* theory/empirical.h: what a sample says of its law: distribution function and mean. */
#ifndef ASSAY_THEORY_EMPIRICAL_H
#define ASSAY_THEORY_EMPIRICAL_H

#include <assay/model.h>

/* A law's distribution function, to double's accuracy or so: it chooses points, it decides nothing. */
typedef struct {
  assay_status (*below)(double *out, double x, const void *self, assay_context *context);
  const void *self;
} empirical_law;

/* Ascending, in place. */
void empirical_sort(double *values, size_t count);

/* The share of the sorted values up to x. */
double empirical_share(const double *sorted, size_t count, double x);

/* Where the empirical distribution function of the sorted values is farthest from the law: the point, and the share on
 * that side of its step. */
assay_status empirical_farthest(double *at, double *share, const double *sorted, size_t count, empirical_law law,
                                assay_context *context);

/* Mean, and variance with count - 1 in the denominator (count >= 2). */
typedef struct {
  double mean, variance;
} empirical_moments;

empirical_moments empirical_moments_of(const double *values, size_t count);

/* e with P(|mean of the values - expectation| > e) <= p for independent draws in [0, range] with this empirical
 * variance: Maurer and Pontil (2009, Theorem 4) on either side, sqrt(2 variance log(4/p)/count) + 7 range log(4/p)/
 * (3 (count - 1)). */
double empirical_bernstein(double variance, double range, size_t count, double p);

#endif
