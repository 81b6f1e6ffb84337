/* Claim flow-dae/continuity: the velocity transports the density, d/dt log rho_t + div b + <b, score> = 0.
 *
 * b, div b and the score come from reference/; log rho_t is written out here as the mixture of N(beta m_k, (alpha^2 +
 * beta^2 s_k) I) and differentiated in time by series. The points are dyadic, drawn from the run's seed. The control's
 * denoiser belongs to variances 1 % larger: b = (beta' - alpha' beta/alpha) f + (alpha'/alpha) x depends on the mixture
 * through f alone, so its b is the velocity of that other mixture. */
#include "theory/flow_dae/paper.h"
#include "theory/flow_dae/series.h"

#include <assay/reference.h>

#include <stdio.h>

/* Variances are >= 1/256 here, so v >= 1/257, and |x_j|, |m_j| <= 4: the terms stay below 2^30, and a relative 2^-140
 * leaves residuals below 2^-100. */
enum { RESIDUAL_BITS = 100, GOAL_BITS = 140, WORKING_BITS = 224 };

enum { DIMENSION_MAX = 5, COMPONENTS_MAX = 4, SCHEDULES = 2, ITEMS_PER_POINT = 2 };

/* Points per dimension and schedule; the times of the first two are near the ends of (0, 1). */
enum { POINTS_QUICK = 4, POINTS_FULL = 24 };

/* splitmix64 (Steele, Lea and Flood, OOPSLA 2014): a uniform integer in [low, high]. */
static long draw(uint64_t *state, long low, long high) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return low + (long)((z ^ (z >> 31)) % (uint64_t)(high - low + 1));
}

/* Means in [-2, 2]^d, variances in [1/16, 2], weights in 1..9, all dyadic. */
static assay_status draw_mixture(assay_mixture *out, uint64_t *state, size_t dimension, assay_context *context) {
  size_t count = (size_t)draw(state, 1, COMPONENTS_MAX);
  assay_status status = assay_mixture_init(out, dimension, count, context);
  for (size_t k = 0; k < count && status == ASSAY_OK; k++) {
    assay_component *component = &out->components[k];
    component->weight = assay_real_of((double)draw(state, 1, 9));
    component->covariance.variance = assay_real_of((double)draw(state, 1, 32) / 16);
    for (size_t j = 0; j < dimension; j++) component->mean[j] = (double)draw(state, -1024, 1024) / 512;
  }
  return status;
}

/* The binary mixture of flow-dae in every odd dimension, a general isotropic one in every even dimension; means of
 * length sqrt(d), as in the experiments. */
static assay_status choose_mixture(assay_mixture *out, uint64_t *state, size_t dimension, assay_context *context) {
  if (dimension % 2 == 0) return draw_mixture(out, state, dimension, context);
  double ones[DIMENSION_MAX] = {1, 1, 1, 1, 1};
  return assay_mixture_binary(out, dimension, ones, assay_real_of((double)draw(state, 1, 16) / 16), context);
}

/* log of the k-th component's weighted density at x, without the weights' sum: value and time derivative. */
static void component_series(iv_scope *s, iv out[2], const assay_component *component, size_t dimension,
                             const iv *alpha, const iv *beta, const double *x) {
  iv variance = iv_real(s, component->covariance.variance), v[2], log_v[2], square[2], exponent[2];
  for (size_t k = 0; k < 2; k++) {
    v[k] = iv_add(s, series_mul(s, alpha, alpha, k), iv_mul(s, variance, series_mul(s, beta, beta, k)));
    log_v[k] = series_log(s, log_v, v, k);
    square[k] = iv_si(s, 0);
  }
  for (size_t j = 0; j < dimension; j++) {
    iv mean = iv_d(s, component->mean[j]);
    iv offset[2] = {iv_sub(s, iv_d(s, x[j]), iv_mul(s, beta[0], mean)), iv_neg(s, iv_mul(s, beta[1], mean))};
    for (size_t k = 0; k < 2; k++) square[k] = iv_add(s, square[k], series_mul(s, offset, offset, k));
  }
  for (size_t k = 0; k < 2; k++) {
    exponent[k] = series_div(s, exponent, square, v, k);
    out[k] = iv_neg(s, iv_mul_2si(s, iv_add(s, iv_mul_si(s, log_v[k], (long)dimension), exponent[k]), -1));
  }
  /* w_k (2 pi)^{-d/2} */
  iv constant = iv_log(s, iv_real(s, component->weight));
  iv log_2pi = iv_log(s, iv_mul_2si(s, iv_pi(s), 1));
  out[0] = iv_add(s, out[0], iv_sub(s, constant, iv_mul_2si(s, iv_mul_si(s, log_2pi, (long)dimension), -1)));
}

/* log rho_t(x) and its time derivative. */
static void log_density_series(iv_scope *s, iv out[2], const assay_mixture *mixture, assay_schedule_kind schedule,
                               double t, const double *x) {
  iv alpha[2], beta[2], weights = iv_si(s, 0), total[2] = {iv_si(s, 0), iv_si(s, 0)};
  series_schedule(s, alpha, beta, schedule, iv_d(s, t), 1);
  for (size_t i = 0; i < mixture->count; i++) {
    iv exponent[2], density[2];
    component_series(s, exponent, &mixture->components[i], mixture->dimension, alpha, beta, x);
    for (size_t k = 0; k < 2; k++) {
      density[k] = series_exp(s, density, exponent, k);
      total[k] = iv_add(s, total[k], density[k]);
    }
    weights = iv_add(s, weights, iv_real(s, mixture->components[i].weight));
  }
  for (size_t k = 0; k < 2; k++) out[k] = series_log(s, out, total, k);
  out[0] = iv_sub(s, out[0], iv_log(s, weights));
}

/* -div b - <b, score>, b of one mixture and the score of another. */
static assay_status transport_rate(mpfi_ptr out, iv_scope *s, const assay_mixture *velocity_of,
                                   const assay_mixture *score_of, const assay_path_point *point, const double *x,
                                   assay_context *context) {
  size_t d = velocity_of->dimension;
  mpfi_ptr fields;
  assay_status status = assay_enclosures_init(&fields, 2 * d + 1, context);
  if (status != ASSAY_OK) return status;
  mpfi_ptr velocity = fields, score = fields + d, divergence = fields + 2 * d;
  status = assay_reference_field(velocity, ASSAY_VELOCITY, velocity_of, point, x, 1, GOAL_BITS, context);
  if (status == ASSAY_OK)
    status = assay_reference_field(divergence, ASSAY_DIVERGENCE, velocity_of, point, x, 1, GOAL_BITS, context);
  if (status == ASSAY_OK) status = assay_reference_field(score, ASSAY_SCORE, score_of, point, x, 1, GOAL_BITS, context);
  if (status == ASSAY_OK) {
    iv sum = iv_copy(s, divergence);
    for (size_t j = 0; j < d; j++) sum = iv_add(s, sum, iv_mul(s, &velocity[j], &score[j]));
    mpfi_neg(out, sum);
  }
  assay_enclosures_clear(fields, 2 * d + 1);
  return status;
}

/* The mixture with variances 1 % larger (rounded to double). */
static assay_status widened(assay_mixture *out, const assay_mixture *mixture, assay_context *context) {
  size_t d = mixture->dimension;
  assay_status status = assay_mixture_init(out, d, mixture->count, context);
  for (size_t k = 0; k < mixture->count && status == ASSAY_OK; k++) {
    const assay_component *from = &mixture->components[k];
    out->components[k].weight = assay_real_of(from->weight.nearest);
    out->components[k].covariance.variance = assay_real_of(1.01 * from->covariance.variance.nearest);
    for (size_t j = 0; j < d; j++) out->components[k].mean[j] = from->mean[j];
  }
  return status;
}

static assay_status at_point(assay_trial *trial, iv_scope *s, const assay_mixture *mixture, const assay_mixture *wider,
                             assay_schedule_kind schedule, double t, const double *x, assay_context *context) {
  char name[128];
  assay_path_point point = assay_path_point_at(assay_schedule_of(schedule), assay_real_of(t));
  mpfi_ptr rate = iv_new(s), control = iv_new(s), density;
  iv own[2];
  log_density_series(s, own, mixture, schedule, t, x);
  assay_status status = transport_rate(rate, s, mixture, mixture, &point, x, context);
  if (status == ASSAY_OK) status = transport_rate(control, s, wider, mixture, &point, x, context);
  if (status == ASSAY_OK) status = assay_enclosures_init(&density, 1, context);
  if (status != ASSAY_OK) return status;
  (void)snprintf(name, sizeof name, "d=%zu, %zu components, %s t=%.9g x_1=%.9g: d/dt log rho", mixture->dimension,
                 mixture->count, assay_schedule_name(schedule), t, x[0]);
  status = assay_trial_agree(trial, name, own[1], rate, control, RESIDUAL_BITS);
  if (status == ASSAY_OK)
    status = assay_reference_field(density, ASSAY_LOG_DENSITY, mixture, &point, x, 1, GOAL_BITS, context);
  (void)snprintf(name, sizeof name, "d=%zu, %zu components, %s t=%.9g x_1=%.9g: log rho", mixture->dimension,
                 mixture->count, assay_schedule_name(schedule), t, x[0]);
  if (status == ASSAY_OK) status = assay_trial_agree(trial, name, own[0], density, NULL, RESIDUAL_BITS);
  assay_enclosures_clear(density, 1);
  return status;
}

static assay_status in_dimension(assay_trial *trial, iv_scope *s, uint64_t *state, size_t dimension,
                                 assay_context *context) {
  size_t points = assay_trial_level(trial) == ASSAY_LEVEL_QUICK ? POINTS_QUICK : POINTS_FULL;
  static const assay_schedule_kind schedules[SCHEDULES] = {ASSAY_LINEAR, ASSAY_TRIGONOMETRIC};
  static const double ends[2] = {0x1p-20, 1 - 0x1p-20};
  assay_mixture mixture = {0}, wider = {0};
  assay_status status = choose_mixture(&mixture, state, dimension, context);
  if (status == ASSAY_OK) status = widened(&wider, &mixture, context);
  for (size_t i = 0; i < points * SCHEDULES && status == ASSAY_OK; i++) {
    size_t mark = iv_mark(s), index = i / SCHEDULES;
    double x[DIMENSION_MAX] = {0}, t = index < 2 ? ends[index] : (double)draw(state, 1, 1023) / 1024;
    for (size_t j = 0; j < dimension; j++) x[j] = (double)draw(state, -2048, 2048) / 512;
    status = at_point(trial, s, &mixture, &wider, schedules[i % SCHEDULES], t, x, context);
    iv_release(s, mark);
  }
  assay_mixture_clear(&wider);
  assay_mixture_clear(&mixture);
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  iv_scope *s = iv_scope_new(WORKING_BITS);
  uint64_t state = assay_trial_seed(trial);
  assay_status status = ASSAY_OK;
  for (size_t d = 1; d <= DIMENSION_MAX && status == ASSAY_OK; d++) {
    status = in_dimension(trial, s, &state, d, context);
    if (status == ASSAY_OK) status = assay_progress(context, "continuity", (double)d / DIMENSION_MAX);
  }
  iv_scope_free(s);
  return status;
}

const assay_claim assay_flow_dae_continuity = {
    .id = "flow-dae/continuity",
    .statement = "The exact velocity b of the stochastic interpolant from N(0, I) to a Gaussian mixture transports its "
                 "density: d/dt log rho_t(x) + div b(x, t) + <b, score> = 0, at points (x, t), 0 < t < 1, drawn from "
                 "the run's seed.",
    .source = "arXiv:2310.03575, the flow dX/dt = b(X, t) and its continuity equation (flow-dae section 1)",
    .control = "the denoiser inside b belongs to variances 1 % larger",
    .sizes = {"one mixture in each d = 1 to 5 (binary in odd, general isotropic in even d), both schedules, 4 points "
              "with times from 2^-20 to 1 - 2^-20; to 2^-100",
              "one mixture in each d = 1 to 5 (binary in odd, general isotropic in even d), both schedules, 24 points "
              "with times from 2^-20 to 1 - 2^-20; to 2^-100"},
    .kind = ASSAY_PROOF,
    .comparisons = {(size_t)DIMENSION_MAX * SCHEDULES * POINTS_QUICK * ITEMS_PER_POINT,
                    (size_t)DIMENSION_MAX *SCHEDULES *POINTS_FULL *ITEMS_PER_POINT},
    .gather = gather,
};
