/* fast/core/field_point.h: one point of a field: the weights of its matrix product, and what its output needs after the
 * product. Steps S6..S9 of docs/fast-field-bound.md. */
#ifndef ASSAY_FAST_CORE_FIELD_POINT_H
#define ASSAY_FAST_CORE_FIELD_POINT_H

#include "fast/core/field_posterior.h"

/* Sums over components k, with w_k = share_k omega_k, v_k = doubt_k omega_k, reach_k = sizes of m_k and of the anchor,
 * gap_k = sigma_leader^2 - sigma_k^2. The anchor itself is left out. */
typedef struct field_point {
  size_t leader, anchor;        /* anchor: the leader, or the centre (index count) when x is nearer to that */
  double weight;                /* sum w */
  double reach, doubtful_reach; /* sum w reach, sum v reach */
  double gap;                   /* sum w gap */
  double gaps, doubtful_gaps;   /* sum w |gap|, sum v |gap|, |gap| with its radius */
  double gap_error;             /* error of gap */
  double doubt, stretch;        /* the posterior's */
  double spread, spread_error;  /* divergence: sum w omega |chi|^2 and all that may be wrong with it (S9) */
  double log_density, log_density_error;
} field_point;

/* Fills `weights` (count; may be the products' own memory) and the record. */
void field_point_weigh(field_point *out, double *weights, const field_plan *plan, field_posterior *posterior,
                       const double *x, const double *products, double square);

/* Writes the output (d or 1 numbers) from the product row sum_k weights_k (m_k - centre) and returns the bound. */
double field_point_finish(double *out, const field_point *point, const field_plan *plan, const double *x,
                          const double *product);

/* out = A x where the posterior has no say (S6); returns the bound. */
double field_point_free(double *out, const field_plan *plan, const double *x);

#endif
