#include "theory/vectors/schedule.h"

#include "reference/core/schedule.h"

#include <string.h>

const vectors_schedule vectors_schedules[] = {
    {"linear", true, {.kind = ASSAY_LINEAR}},
    {"trigonometric", true, {.kind = ASSAY_TRIGONOMETRIC}},
    {"polynomial:3", true, {.kind = ASSAY_POLYNOMIAL, .degree = 3}},
    {"linear-vp", true, {.kind = ASSAY_LINEAR_VP}},
    {"vp:0.1:20", true, {.kind = ASSAY_VP, .beta_min = {.nearest = 0.1}, .beta_max = {.nearest = 20}}},
    {"coefficients", false, {.kind = ASSAY_COEFFICIENTS}},
};
const size_t vectors_schedule_count = sizeof vectors_schedules / sizeof *vectors_schedules;

const vectors_schedule *vectors_schedule_named(const char *name) {
  for (size_t i = 0; i < vectors_schedule_count; i++)
    if (strcmp(vectors_schedules[i].name, name) == 0) return &vectors_schedules[i];
  return NULL;
}

assay_path_point vectors_path_point(const vectors_schedule *schedule, vectors_place place) {
  if (!schedule->timed) return assay_path_point_of(assay_real_of(place.alpha), assay_real_of(place.beta));
  return assay_path_point_at(schedule->schedule, assay_real_of(place.time));
}

assay_status vectors_coefficients(mpfi_ptr alpha, mpfi_ptr beta, const assay_path_point *point, long bits,
                                  assay_context *context) {
  enum { GUARD_BITS = 32 };
  schedule_path path;
  assay_status status = schedule_path_init(&path, point, context);
  if (status) return status;
  iv_scope *s = iv_scope_new(bits + GUARD_BITS);
  schedule_values values = schedule_at(s, &path);
  mpfi_set_prec(alpha, (mpfr_prec_t)(bits + GUARD_BITS)), mpfi_set_prec(beta, (mpfr_prec_t)(bits + GUARD_BITS));
  mpfi_set(alpha, values.alpha), mpfi_set(beta, values.beta);
  iv_scope_free(s);
  schedule_path_clear(&path);
  return ASSAY_OK;
}
