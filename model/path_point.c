/* Points on the path from noise to data. */
#include <assay/model.h>

#include <math.h>

assay_path_point assay_path_point_at(assay_schedule schedule, assay_real time) {
  return (assay_path_point){.schedule = schedule, .time = time};
}

assay_path_point assay_path_point_of(assay_real alpha, assay_real beta) {
  return (assay_path_point){.schedule = {.kind = ASSAY_COEFFICIENTS}, .alpha = alpha, .beta = beta};
}

static assay_status check_coefficients(const assay_path_point *point, assay_quantity quantity, assay_context *context) {
  double alpha = point->alpha.nearest, beta = point->beta.nearest;
  if (!(alpha >= 0 && isfinite(alpha)))
    return assay_fail(context, ASSAY_INVALID, "alpha: %.17g must be finite and at least 0", alpha);
  if (!(beta >= 0 && isfinite(beta)))
    return assay_fail(context, ASSAY_INVALID, "beta: %.17g must be finite and at least 0", beta);
  if (alpha == 0 && beta == 0) return assay_fail(context, ASSAY_INVALID, "alpha, beta: both are 0");
  if (quantity == ASSAY_VELOCITY || quantity == ASSAY_DIVERGENCE)
    return assay_fail(context, ASSAY_INVALID,
                      "quantity: %s needs the derivatives of a schedule; give schedule and time, not alpha and beta",
                      assay_quantity_name(quantity));
  return ASSAY_OK;
}

/* Rounding to nearest is monotone and 0 and 1 are doubles, so a time outside [0, 1] by less than half an ulp is seen
 * only in its exact string; the schedules are entire functions there, and the engines say what they computed. */
assay_status assay_path_point_check(const assay_path_point *point, assay_quantity quantity, assay_context *context) {
  assay_status status = assay_schedule_check(&point->schedule, context);
  if (status) return status;
  if (point->schedule.kind == ASSAY_COEFFICIENTS) return check_coefficients(point, quantity, context);
  if (!(point->time.nearest >= 0 && point->time.nearest <= 1))
    return assay_fail(context, ASSAY_INVALID, "time: %.17g lies outside [0, 1]", point->time.nearest);
  return ASSAY_OK;
}

assay_status assay_points_check(const double *x, size_t points, size_t dimension, assay_context *context) {
  for (size_t i = 0; i < points; i++)
    for (size_t j = 0; j < dimension; j++)
      if (!isfinite(x[i * dimension + j]))
        return assay_fail(context, ASSAY_INVALID, "points: row %zu, column %zu is %g; finite numbers are expected", i,
                          j, x[i * dimension + j]);
  return ASSAY_OK;
}
