/* fast/core/schedule.h: where a path point stands: x_t = alpha x_0 + beta x_1, each coefficient with its radius. */
#ifndef ASSAY_FAST_CORE_SCHEDULE_H
#define ASSAY_FAST_CORE_SCHEDULE_H

#include "fast/core/ball.h"

typedef struct {
  ball alpha, beta;
  ball alpha_rate, beta_rate; /* derivatives in time; 0 for ASSAY_COEFFICIENTS, which has none */
  ball rotation; /* beta' alpha - alpha' beta > 0: 1 on the linear schedule, pi/2 on the trigonometric one */
} schedule_coefficients;

/* `point` has passed assay_path_point_check. Radii cover the rounding of an exact time string to double. */
schedule_coefficients schedule_coefficients_at(const assay_path_point *point);

#endif
