/* theory/flow_dae/empirical.h: empirical distribution functions beside a continuous law. */
#ifndef ASSAY_THEORY_FLOW_DAE_EMPIRICAL_H
#define ASSAY_THEORY_FLOW_DAE_EMPIRICAL_H

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

#endif
