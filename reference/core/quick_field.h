/* reference/core/quick_field.h: fields of mixtures of isotropic and diagonal covariances in double-double, each number
 * with a proved bound of its error. Steps Q1 to Q9 of the proof: docs/quick-field-bound.md. */
#ifndef ASSAY_REFERENCE_CORE_QUICK_FIELD_H
#define ASSAY_REFERENCE_CORE_QUICK_FIELD_H

#include "reference/core/dd.h"
#include "reference/core/field_problem.h"

/* One component, coordinate by coordinate; arrays have `padded` entries, those beyond the dimension being 0. */
typedef struct {
  const double *mean;                         /* m, exact */
  const double *variance_high, *variance_low; /* s */
  const double *shift_high, *shift_low;       /* beta m */
  const double *inverse_high, *inverse_low;   /* 1/V, V = alpha^2 + beta^2 s */
  const double *slope_high, *slope_low;       /* a s + b */
  const double *slope_size;                   /* of its parts together */
  bool variance_exact;                        /* s is what the arrays say; else within 4 u^2 of it, relatively */
  size_t shape;                               /* of field_problem.h */
  dd log_weight;                              /* log w - (1/2) log det V */
  double log_weight_error;
  double shift_norm;                                         /* at least (sum_j (beta m_j)^2/V_j)^(1/2) */
  double mean_size, shift_size, variance_size, inverse_size; /* largest entries, or a little more */
  dd rate;                                                   /* sum_j A_j, A = (a s + b)/V, for the divergence */
  double rate_error;
} quick_component;

/* A problem at its path point. Scalars are within 4 u^2, relatively, and exact when 0. */
typedef struct {
  assay_quantity quantity;
  assay_isa isa; /* 0: the best; the caller's to change */
  size_t dimension, padded, count;
  dd beta, slope_variance, slope_unit; /* beta, a, b */
  bool slope_excess;                   /* A = a (s - 1)/V, on the circle */
  dd mean_factor, transfer;            /* F, T: F V - beta (a s + b) = T */
  double shift_error;                  /* relative error of beta m: 0 when it is exact */
  dd log_scale;                        /* - log sum w - (d/2) log 2 pi */
  double log_scale_error;
  quick_component *component;
  bool *zero; /* all means are 0 at this coordinate */
  double *memory;
} quick_plan;

/* false: not a problem for this (a full covariance, numbers beyond the range of Q1, no memory). */
bool quick_plan_init(quick_plan *out, const field_problem *problem);
void quick_plan_clear(quick_plan *plan);
size_t quick_plan_bytes(const field_problem *problem); /* SIZE_MAX on overflow */

/* One thread's memory for points of a plan. */
typedef struct quick_work quick_work;
quick_work *quick_work_new(const quick_plan *plan); /* NULL: no memory */
void quick_work_free(quick_work *work);
size_t quick_work_bytes(const field_problem *problem);

/* The quantity at x (d finite doubles): component j lies within bound[j] of high[j] + low[j]. false: it cannot tell.
 * The arrays belong to `work`. */
typedef struct {
  const double *high, *low, *bound;
} quick_values;
bool quick_field(quick_values *out, quick_work *work, const quick_plan *plan, const double *x);

#endif
