/* Bayes-optimal error rates in closed form (flow-dae B1, B3, B4), all to relative accuracy: scale 0. */
#include <assay/reference.h>

#include "reference/core/schedule.h"
#include "reference/core/ziv.h"
#include "reference/flow_dae/overlap.h"

#include <math.h>

/* What the three rates are made of; each reads its own members. */
typedef struct {
  size_t count; /* samples or dimension */
  assay_real norm2, sigma;
  const schedule_path *path;
  assay_context *context; /* for progress */
} bayes_problem;

/* NULL: cancelled. */
typedef iv (*bayes_rate)(iv_scope *s, const bayes_problem *problem, long goal_bits);

/* Does a positive number lie below all that MPFR holds, so that no precision helps? */
static bool underflows(iv value) {
  mpfr_t least;
  mpfr_init2(least, MPFR_PREC_MIN);
  mpfr_set_zero(least, 1);
  mpfr_nextabove(least);
  bool below = mpfr_zero_p(&value->left) && mpfr_lessequal_p(&value->right, least) && !iv_is_zero(value);
  mpfr_clear(least);
  return below;
}

static assay_status refine(mpfi_ptr out, bayes_rate rate, const bayes_problem *problem, const char *what,
                           long goal_bits, assay_context *context) {
  for (long bits = ziv_first(goal_bits, context); bits; bits = ziv_next(bits, context)) {
    iv_scope *s = iv_scope_new(bits);
    iv value = rate(s, problem, goal_bits);
    bool cancelled = !value, done = value && iv_reached(value, goal_bits, 0), tiny = value && underflows(value);
    if (done) {
      mpfi_set_prec(out, bits);
      mpfi_set(out, value);
    }
    iv_scope_free(s);
    if (done) return ASSAY_OK;
    if (cancelled) return ASSAY_CANCELLED;
    if (tiny)
      return assay_fail(context, ASSAY_PRECISION, "%s: below MPFR's smallest number, about 10^-323228496", what);
  }
  return ziv_failed(what, goal_bits, context);
}

static assay_status check_positive(double value, const char *name, assay_context *context) {
  if (value > 0 && isfinite(value)) return ASSAY_OK;
  return assay_fail(context, ASSAY_INVALID, "%s: %.17g must be positive and finite", name, value);
}

static assay_status check_mixture(assay_real mean_norm2, assay_real sigma, assay_context *context) {
  if (!(mean_norm2.nearest >= 0 && isfinite(mean_norm2.nearest)))
    return assay_fail(context, ASSAY_INVALID, "mean_norm2: %.17g must be finite and at least 0", mean_norm2.nearest);
  return check_positive(sigma.nearest, "sigma", context);
}

/* ---- B1 ---- */

static iv estimation(iv_scope *s, const bayes_problem *problem, long goal_bits) {
  (void)goal_bits;
  iv r = iv_real(s, problem->norm2), sigma2 = iv_sqr(s, iv_real(s, problem->sigma));
  iv total = iv_add(s, iv_mul(s, iv_ui(s, problem->count), r), sigma2);
  return iv_div(s, iv_mul(s, r, sigma2), total);
}

assay_status assay_reference_bayes_estimation(mpfi_ptr out, size_t samples, assay_real sigma, assay_real norm2,
                                              long goal_bits, assay_context *context) {
  if (samples < 1) return assay_fail(context, ASSAY_INVALID, "samples: 0; at least 1 is expected");
  assay_status status = check_positive(sigma.nearest, "sigma", context);
  if (!status) status = check_positive(norm2.nearest, "norm2", context);
  if (status) return status;
  bayes_problem problem = {.count = samples, .norm2 = norm2, .sigma = sigma};
  return refine(out, estimation, &problem, "Bayes estimation", goal_bits, context);
}

/* ---- B3 and B4 ---- */

typedef struct {
  iv alpha, beta, norm2, sigma2, variance; /* R = |mu|^2, sigma^2, v = alpha^2 + beta^2 sigma^2 */
} channel;

static channel channel_of(iv_scope *s, const bayes_problem *problem) {
  schedule_values at = schedule_at(s, problem->path);
  iv sigma2 = iv_sqr(s, iv_real(s, problem->sigma));
  iv variance = iv_add(s, iv_sqr(s, at.alpha), iv_mul(s, iv_sqr(s, at.beta), sigma2));
  return (channel){at.alpha, at.beta, iv_real(s, problem->norm2), sigma2, variance};
}

static const char DENOISING[] = "Bayes denoising";

/* d s + (alpha^2/v)^2 R (1 - I), 1 - I = overlap_gap: two terms >= 0, each relatively accurate. */
static iv denoising(iv_scope *s, const bayes_problem *problem, long goal_bits) {
  channel c = channel_of(s, problem);
  iv noise_share = iv_div(s, iv_sqr(s, c.alpha), c.variance); /* alpha^2/v; s = sigma^2 alpha^2/v */
  iv within = iv_mul(s, iv_ui(s, problem->count), iv_mul(s, c.sigma2, noise_share));
  iv kappa = iv_div(s, iv_mul(s, iv_sqr(s, c.beta), c.norm2), c.variance);
  iv gap = overlap_gap(s, kappa, goal_bits + 2, DENOISING, problem->context);
  return gap ? iv_add(s, within, iv_mul(s, iv_mul(s, iv_sqr(s, noise_share), c.norm2), gap)) : NULL;
}

assay_status assay_reference_bayes_denoising(mpfi_ptr out, size_t dimension, assay_real mean_norm2, assay_real sigma,
                                             const assay_path_point *point, long goal_bits, assay_context *context) {
  if (dimension < 1) return assay_fail(context, ASSAY_INVALID, "dimension: 0; at least 1 is expected");
  assay_status status = check_mixture(mean_norm2, sigma, context);
  schedule_path path;
  if (!status) status = schedule_path_init(&path, point, context);
  if (status) return status;
  bayes_problem problem = {.count = dimension, .norm2 = mean_norm2, .sigma = sigma, .path = &path, .context = context};
  status = refine(out, denoising, &problem, DENOISING, goal_bits, context);
  schedule_path_clear(&path);
  return status;
}

/* Given x_t the labels' log-odds are 2 beta <mu, x_t>/v, and s <mu, x_t> ~ N(beta R, v R). */
static iv classification(iv_scope *s, const bayes_problem *problem, long goal_bits) {
  (void)goal_bits;
  channel c = channel_of(s, problem);
  iv separation = iv_mul(s, c.beta, iv_sqrt(s, iv_div(s, c.norm2, c.variance)));
  return iv_normal_cdf(s, iv_neg(s, separation));
}

assay_status assay_reference_bayes_classification(mpfi_ptr out, assay_real mean_norm2, assay_real sigma,
                                                  const assay_path_point *point, long goal_bits,
                                                  assay_context *context) {
  assay_status status = check_mixture(mean_norm2, sigma, context);
  schedule_path path;
  if (!status) status = schedule_path_init(&path, point, context);
  if (status) return status;
  bayes_problem problem = {.norm2 = mean_norm2, .sigma = sigma, .path = &path};
  status = refine(out, classification, &problem, "Bayes classification", goal_bits, context);
  schedule_path_clear(&path);
  return status;
}
