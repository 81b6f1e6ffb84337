/* fast/core/field_posterior.h: the posterior weights of the components at one point, each with a bound of how far it
 * may be from the exact one. Steps S3..S5, S8 of docs/fast-field-bound.md. */
#ifndef ASSAY_FAST_CORE_FIELD_POSTERIOR_H
#define ASSAY_FAST_CORE_FIELD_POSTERIOR_H

#include "fast/core/field_plan.h"

/* When the linear forms leave more doubt than this, the log-weights are taken directly (S5), at the cost of one pass
 * over the means. */
#define FIELD_DOUBT_ACCEPTED 0x1p-36

typedef struct {
  size_t leader; /* the component with the largest computed weight: all others are relative to it */
  double sum;    /* sum of exp(log-weight difference to the leader) >= 1 */
  double rest;   /* the same without the leader's 1 */
  double *share; /* field_padded(count): posterior weights */
  double *doubt; /* likewise: how far exp(...)/sum may be off, 0 for the leader */
  double total_doubt;
  double stretch;           /* upper bound of computed sum/exact sum */
  double log_doubt;         /* bound of the error of log(sum) */
  double *weights, *errors; /* likewise: work arrays for log-weights */
} field_posterior;

/* One point: products[k] = <y, m_k>, square = |y|^2, both computed. The arrays are the caller's. */
void field_posterior_at(field_posterior *posterior, const field_plan *plan, const double *x, const double *products,
                        double square);

/* Everything above from log-weights in `weights` and bounds of their errors in `errors` (S8). */
void field_posterior_normalise(field_posterior *posterior, const field_rows *rows, size_t count);

#endif
