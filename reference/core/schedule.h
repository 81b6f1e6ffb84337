/* reference/core/schedule.h: the path's coefficients at an exact time (flow-dae section 1). A new schedule is one row
 * of the table in schedule.c. */
#ifndef ASSAY_REFERENCE_CORE_SCHEDULE_H
#define ASSAY_REFERENCE_CORE_SCHEDULE_H

#include "reference/core/interval.h"

#include <gmp.h>

/* A path point's numbers, exactly. */
typedef struct {
  assay_schedule_kind kind;
  unsigned degree;             /* of ASSAY_POLYNOMIAL */
  mpq_t time;                  /* of a schedule */
  mpq_t alpha, beta;           /* of ASSAY_COEFFICIENTS */
  mpq_t beta_min, beta_growth; /* of ASSAY_VP: BMIN and BMAX - BMIN */
} schedule_path;

/* ASSAY_INVALID: an exact string that is no number, a time outside [0, 1] however slightly, a negative coefficient, or
 * two that are 0; parameters outside their domain, however slightly. */
assay_status schedule_path_init(schedule_path *out, const assay_path_point *point, assay_context *context);
void schedule_path_clear(schedule_path *path);

/* alpha, beta and beta' times unit > 0; alpha^2, alpha alpha' and the turn alpha (alpha beta' - alpha' beta) times
 * unit^2. Rates are NULL for ASSAY_COEFFICIENTS. The velocity is b = beta' f + (alpha alpha') g, g = sum p_k g_k
 * (flow-dae section 1), finite where alpha' is not. */
typedef struct {
  iv unit, alpha, beta, beta_rate;
  iv alpha_square, alpha_decay, turn;
} schedule_values;

/* With unit = 1. Each is relatively as accurate as the scope's precision (for ASSAY_VP less log2 of the exponent), near
 * both ends too; 0 and 1 are exact. */
schedule_values schedule_at(iv_scope *s, const schedule_path *path);

/* With the unit that makes them integers where they are rational (alpha need not be where alpha^2 is): exact as soon
 * as the precision holds them, so that rational fields come out exactly. */
schedule_values schedule_scaled_at(iv_scope *s, const schedule_path *path);

/* alpha' and the Wronskian alpha beta' - alpha' beta, where alpha > 0. */
iv schedule_alpha_rate(iv_scope *s, const schedule_values *at);
iv schedule_wronskian(iv_scope *s, const schedule_values *at);

/* Is alpha^2 + beta^2 = 1 at every time? Then alpha alpha' = - beta beta'. */
bool schedule_on_circle(assay_schedule_kind kind);

/* At time 0 of a schedule without real parameters, for those who set `time` themselves. */
void schedule_path_start(schedule_path *out, assay_schedule schedule);

/* Is beta exactly 0 here? */
bool schedule_at_noise(const schedule_path *path);

#endif
