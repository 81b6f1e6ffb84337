/* theory/vectors/schedule.h: the schedules of the test vectors by name. */
#ifndef ASSAY_THEORY_VECTORS_SCHEDULE_H
#define ASSAY_THEORY_VECTORS_SCHEDULE_H

#include <assay/model.h>

#include <mpfi.h>

/* Where on the path: a time of a schedule; or, on "coefficients", alpha and beta themselves. */
typedef struct {
  double time, alpha, beta;
} vectors_place;

typedef struct {
  const char *name; /* as the command reads it */
  bool timed;       /* false: coefficients */
  assay_schedule schedule;
} vectors_schedule;

extern const vectors_schedule vectors_schedules[];
extern const size_t vectors_schedule_count;

const vectors_schedule *vectors_schedule_named(const char *name); /* NULL: unknown */

assay_path_point vectors_path_point(const vectors_schedule *schedule, vectors_place place);

/* alpha and beta there, as enclosures of width 2^-bits relatively; initialised by the caller. */
assay_status vectors_coefficients(mpfi_ptr alpha, mpfi_ptr beta, const assay_path_point *point, long bits,
                                  assay_context *context);

#endif
