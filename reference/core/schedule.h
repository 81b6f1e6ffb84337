/* reference/core/schedule.h: the path's coefficients at an exact time (flow-dae section 1). A new schedule is one row
 * of the table in schedule.c. */
#ifndef ASSAY_REFERENCE_CORE_SCHEDULE_H
#define ASSAY_REFERENCE_CORE_SCHEDULE_H

#include "reference/core/interval.h"

#include <gmp.h>

/* A path point's numbers, exactly. */
typedef struct {
  assay_schedule schedule;
  mpq_t time;        /* of a schedule */
  mpq_t alpha, beta; /* of ASSAY_COEFFICIENTS */
} schedule_path;

/* ASSAY_INVALID: an exact string that is no number, a time outside [0, 1] however slightly, a negative coefficient, or
 * two that are 0. */
assay_status schedule_path_init(schedule_path *out, const assay_path_point *point, assay_context *context);
void schedule_path_clear(schedule_path *path);

/* alpha and beta times unit > 0; alpha', beta' and the Wronskian alpha beta' - alpha' beta as they are. These last
 * three are NULL for ASSAY_COEFFICIENTS. */
typedef struct {
  iv unit, alpha, beta;
  iv alpha_rate, beta_rate, wronskian;
} schedule_values;

/* With unit = 1. Each is relatively as accurate as the scope's precision, near both ends too; 0 and 1 are exact. */
schedule_values schedule_at(iv_scope *s, const schedule_path *path);

/* With the unit that makes alpha and beta integers where they are rational: exact as soon as the precision holds them,
 * so that rational fields come out exactly. */
schedule_values schedule_scaled_at(iv_scope *s, const schedule_path *path);

/* Is alpha^2 + beta^2 = 1 at every time? Then alpha alpha' = - beta beta'. */
bool schedule_on_circle(assay_schedule schedule);

/* Is beta exactly 0 here? */
bool schedule_at_noise(const schedule_path *path);

#endif
