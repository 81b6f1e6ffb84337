/* The settings of spherical EM, and why it stops. */
#include <assay/gmm_em.h>

#include <math.h>

assay_gmm_em_settings assay_gmm_em_settings_default(size_t components) {
  return (assay_gmm_em_settings){.components = components,
                                 .kind = ASSAY_GMM_EM_FIXED,
                                 .variance = 1.0,
                                 .floor = 1e-6,
                                 .restarts = 1,
                                 .iterations = 1000,
                                 .tolerance = 1e-4,
                                 .seed = 1};
}

static assay_status check_count(size_t count, const char *name, assay_context *context) {
  return count ? ASSAY_OK : assay_fail(context, ASSAY_INVALID, "em.%s: 0; at least 1 is expected", name);
}

assay_status assay_gmm_em_settings_check(const assay_gmm_em_settings *settings, assay_context *context) {
  assay_status status = check_count(settings->components, "components", context);
  if (!status) status = check_count(settings->restarts, "restarts", context);
  if (!status) status = check_count(settings->iterations, "iterations", context);
  if (status) return status;
  bool known = settings->kind == ASSAY_GMM_EM_FIXED || settings->kind == ASSAY_GMM_EM_COMMON ||
               settings->kind == ASSAY_GMM_EM_OWN;
  if (!known) return assay_fail(context, ASSAY_INVALID, "em.kind: %d is no kind of variance", (int)settings->kind);
  bool fixed = settings->kind == ASSAY_GMM_EM_FIXED;
  if (fixed && !(settings->variance > 0 && isfinite(settings->variance)))
    return assay_fail(context, ASSAY_INVALID, "em.variance: %.17g must be positive and finite", settings->variance);
  if (!fixed && !(settings->floor > 0 && settings->floor < 1))
    return assay_fail(context, ASSAY_INVALID, "em.floor: %.17g must lie between 0 and 1", settings->floor);
  if (!(settings->tolerance >= 0 && isfinite(settings->tolerance)))
    return assay_fail(context, ASSAY_INVALID, "em.tolerance: %.17g must be finite and not negative",
                      settings->tolerance);
  return ASSAY_OK;
}

const char *assay_gmm_em_stop_name(assay_gmm_em_stop stop) {
  switch (stop) {
  case ASSAY_GMM_EM_CONVERGED:
    return "converged";
  case ASSAY_GMM_EM_ITERATIONS:
    return "iterations";
  }
  return "unknown";
}
