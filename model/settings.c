/* Settings of flow-dae's learner. */
#include <assay/model.h>

#include <math.h>

assay_dae_settings assay_dae_settings_of(size_t samples, assay_real sigma, assay_real lambda) {
  return (assay_dae_settings){.samples = samples,
                              .sigma = sigma,
                              .lambda = lambda,
                              .norm2 = assay_real_of(1),
                              .schedule = {.kind = ASSAY_LINEAR},
                              .noise = ASSAY_NOISE_FIXED,
                              .skip = true};
}

/* The learner's flow starts at noise and passes through all times: R1-R3 hold wherever alpha(0) = beta(1) = 1 and
 * alpha(1) = beta(0) = 0. */
static assay_status check_schedule(const assay_schedule *schedule, assay_context *context) {
  assay_status status = assay_schedule_check(schedule, context);
  if (status) return status;
  if (schedule->kind == ASSAY_COEFFICIENTS)
    return assay_fail(context, ASSAY_INVALID, "schedule: coefficients has no time, which the learner needs");
  if (schedule->kind == ASSAY_VP)
    return assay_fail(context, ASSAY_UNSUPPORTED,
                      "schedule: vp has beta(0) > 0; the learner's flow starts at noise, beta(0) = 0");
  return ASSAY_OK;
}

assay_status assay_dae_settings_check(const assay_dae_settings *settings, assay_context *context) {
  double sigma = settings->sigma.nearest, lambda = settings->lambda.nearest, norm2 = settings->norm2.nearest;
  if (settings->samples < 1) return assay_fail(context, ASSAY_INVALID, "samples: 0; at least 1 is expected");
  if (!(sigma > 0 && isfinite(sigma)))
    return assay_fail(context, ASSAY_INVALID, "sigma: %.17g must be positive and finite", sigma);
  if (!(lambda >= 0 && isfinite(lambda)))
    return assay_fail(context, ASSAY_INVALID, "lambda: %.17g must be finite and at least 0", lambda);
  if (!(norm2 > 0 && isfinite(norm2)))
    return assay_fail(context, ASSAY_INVALID, "norm2: %.17g must be positive and finite", norm2);
  if (settings->samples == 1 && lambda == 0)
    return assay_fail(context, ASSAY_INVALID, "samples: 1 with lambda 0 has no solution (lambda + n - 1 = 0)");
  assay_status status = check_schedule(&settings->schedule, context);
  if (status) return status;
  if (settings->rule == ASSAY_STEP_DDIM && settings->grid != ASSAY_GRID_UNIFORM)
    return assay_fail(context, ASSAY_INVALID, "rule: DDIM steps need the uniform grid");
  return ASSAY_OK;
}
