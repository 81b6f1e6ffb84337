/* How gmm-diffusion's learner is run, and how many features that takes. */
#include <assay/gmm_fast.h>

#include <math.h>

enum { MOST_FEATURES = 4096, MOST_DEGREE = 64, MOST_DRAWS = 64, DEFAULT_DEGREE = 8, DEFAULT_FEATURES = 256 };

assay_gmm_settings assay_gmm_settings_default(void) {
  return (assay_gmm_settings){.degree = 0,
                              .draws = 4,
                              .ratio = 1.25,
                              .tau_min = 0.02,
                              .radius = 0,
                              .minimum_weight = 0.05,
                              .cover = 1.5,
                              .ridge = 1e-9,
                              .seed = 1};
}

static assay_status check_number(double value, double low, double high, const char *name, assay_context *context) {
  if (value >= low && value <= high) return ASSAY_OK;
  return assay_fail(context, ASSAY_INVALID, "settings.%s: %.17g is outside [%g, %g]", name, value, low, high);
}

assay_status assay_gmm_settings_check(const assay_gmm_settings *s, assay_context *context) {
  if (s->degree > MOST_DEGREE)
    return assay_fail(context, ASSAY_INVALID, "settings.degree: %zu; at most %d is expected", s->degree, MOST_DEGREE);
  if (s->draws < 1 || s->draws > MOST_DRAWS)
    return assay_fail(context, ASSAY_INVALID, "settings.draws: %zu; 1 to %d are expected", s->draws, MOST_DRAWS);
  assay_status status = check_number(s->ratio, 1.01, 4, "ratio", context);
  if (!status) status = check_number(s->tau_min, 1e-6, 1, "tau_min", context);
  if (!status && s->radius != 0) status = check_number(s->radius, 1, 1e6, "radius", context);
  if (!status) status = check_number(s->ridge, 0, 1, "ridge", context);
  if (status) return status;
  if (!(s->minimum_weight > 0 && s->minimum_weight <= 1))
    return assay_fail(context, ASSAY_INVALID, "settings.minimum_weight: %.17g is outside (0, 1]", s->minimum_weight);
  if (!(s->cover > 0)) return assay_fail(context, ASSAY_INVALID, "settings.cover: %.17g is not positive", s->cover);
  return ASSAY_OK;
}

size_t assay_gmm_features(size_t dimension, size_t degree) {
  size_t count = 1; /* C(n + d, d), exact at every d */
  for (size_t d = 1; d <= degree && dimension > 0; d++) {
    if (dimension > MOST_FEATURES || d > MOST_FEATURES) return 0;
    count = count * (dimension + d) / d;
    if (count > MOST_FEATURES) return 0;
  }
  return count;
}

size_t assay_gmm_default_degree(size_t dimension) {
  for (size_t degree = DEFAULT_DEGREE; degree > 1; degree--) {
    size_t features = assay_gmm_features(dimension, degree);
    if (features > 0 && features <= DEFAULT_FEATURES) return degree;
  }
  return 1;
}
