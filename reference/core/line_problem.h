/* reference/core/line_problem.h: a mixture on a line seen at a path point: x_t is drawn from sum w_k N(M_k, V_k), M_k =
 * beta m_k, V_k = alpha^2 + beta^2 S_k. */
#ifndef ASSAY_REFERENCE_CORE_LINE_PROBLEM_H
#define ASSAY_REFERENCE_CORE_LINE_PROBLEM_H

#include "reference/core/schedule.h"

/* The numbers as given, exactly. */
typedef struct {
  size_t count;
  mpq_t *weight, *variance; /* weights add up to 1 */
  const double *mean;       /* count */
  bool *rival;              /* false: another component is the same Gaussian at t and weighs no less */
  schedule_path path;
} line_problem;

/* ASSAY_UNSUPPORTED: a dimension other than 1. */
assay_status line_problem_init(line_problem *out, const assay_mixture *mixture, const assay_path_point *point,
                               assay_context *context);
void line_problem_clear(line_problem *problem);

/* A component of x_t at one working precision. */
typedef struct {
  iv weight, mean, variance, deviation; /* w_k, M_k, V_k, sqrt(V_k) */
  iv height;                            /* log w_k - log(V_k)/2 */
  iv prior_mean, prior_variance;        /* m_k, S_k */
} line_component;

/* Into `count` entries; all belong to the scope. */
void line_problem_at(line_component *out, iv_scope *s, const line_problem *problem);

#endif
