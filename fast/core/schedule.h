/* fast/core/schedule.h: where a path point stands: x_t = alpha x_0 + beta x_1, each coefficient with its radius. */
#ifndef ASSAY_FAST_CORE_SCHEDULE_H
#define ASSAY_FAST_CORE_SCHEDULE_H

#include "fast/core/ball.h"

/* All but alpha, alpha^2 and beta are 0 for ASSAY_COEFFICIENTS, which has no derivatives. */
typedef struct {
  ball alpha, alpha_square, beta;
  ball beta_rate;   /* beta' */
  ball alpha_decay; /* alpha alpha', finite where alpha' is not */
  ball turn;        /* beta' alpha^2 - alpha alpha' beta >= 0 */
  ball alpha_rate;  /* alpha'; its radius is infinite where it is unbounded: the vp kinds at t = 1 */
  ball rotation;    /* turn/alpha = alpha beta' - alpha' beta, likewise */
} schedule_coefficients;

/* `point` has passed assay_path_point_check. Radii cover the rounding of an exact time string to double. */
schedule_coefficients schedule_coefficients_at(const assay_path_point *point);

/* At t = p/q of a schedule that has a time, 0 <= p <= q, both doubles exactly: a double time t is (t, 1), a grid point
 * j/K is (j, K). 1 - t = (q - p)/q keeps its relative accuracy. */
schedule_coefficients schedule_coefficients_at_ratio(assay_schedule schedule, double p, double q);

/* alpha(s) beta(t) - alpha(t) beta(s) >= 0 for neighbours s < t of a grid, whose distance is `step`. */
ball schedule_chord(assay_schedule schedule, const schedule_coefficients *s, const schedule_coefficients *t, ball step);

#endif
