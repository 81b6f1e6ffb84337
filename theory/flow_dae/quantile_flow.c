/* Claim flow-dae/quantile-flow: in one dimension the flow preserves quantiles, F_1(X_1) = Phi(X_0).
 *
 * The flow is integrated rigorously and its end put into the target's distribution function. The same statement at one
 * point, d/dt F_t(x) + b(x, t) p_t(x) = 0, ties that to reference/'s velocity: F_t and p_t are written out here with
 * the normal law and differentiated by series, and the velocity that was integrated equals reference/'s. The control
 * multiplies the denoiser's part of b, beta' f, by 1.01. */
#include "theory/flow_dae/paper.h"
#include "theory/flow_dae/scalar_flow.h"
#include "theory/flow_dae/series.h"

#include <assay/reference.h>

#include <stdio.h>

/* The integration is asked for 2^-44 in all and may lose 2^20 to the parting of trajectories and of boxes; it works
 * with two limbs. Pointwise identities stop at rounding. */
enum { FLOW_BITS = 24, FLOW_WORKING_BITS = 128, POINT_BITS = 100, GOAL_BITS = 140, WORKING_BITS = 192 };

enum { MIXTURES = 3, SCHEDULES = 2, STARTS_QUICK = 2, STARTS_FULL = 6, POINTS_QUICK = 4, POINTS_FULL = 12 };
enum { ITEMS_PER_POINT = 2 };

static const double starts[STARTS_FULL] = {0.375, -1.25, 2.5, -0.0625, 3.75, -3};
static const double places[POINTS_FULL][2] = {{0.125, 0.3125}, {-1.5, 0.75},   {2, 0x1p-12},  {-0.625, 1 - 0x1p-12},
                                              {0, 0.5},        {1, 0.96875},   {-1, 0.25},    {0.75, 0.625},
                                              {3.5, 0.875},    {-2.75, 0.125}, {0.5, 0x1p-3}, {-0.25, 0.9375}};

typedef struct {
  const char *name;
  size_t count;
  struct {
    double weight, mean, variance;
  } component[SCALAR_COMPONENTS];
} listed_mixture;

/* The paper's binary target, and two without its symmetry; weights are normalised by their sum. */
static const listed_mixture listed[MIXTURES] = {
    {"binary, sigma=1/2", 2, {{1, 1, 0.25}, {1, -1, 0.25}}},
    {"weights 1:3, variances 1/2 and 1/4", 2, {{1, 1.25, 0.5}, {3, -0.75, 0.25}}},
    {"weights 2:1:1, three variances", 3, {{2, 0, 1.5}, {1, 2, 0.25}, {1, -1.5, 0.5}}},
};

static assay_status build(assay_mixture *out, const listed_mixture *from, assay_context *context) {
  assay_status status = assay_mixture_init(out, 1, from->count, context);
  for (size_t i = 0; i < from->count && status == ASSAY_OK; i++) {
    out->components[i].weight = assay_real_of(from->component[i].weight);
    out->components[i].mean[0] = from->component[i].mean;
    out->components[i].covariance.variance = assay_real_of(from->component[i].variance);
  }
  return status;
}

/* x_t's law at (x, t): distribution function (value and time derivative) and density. */
typedef struct {
  iv F[2], density;
} scalar_law;

static scalar_law law_at(iv_scope *s, const assay_mixture *mixture, assay_schedule_kind schedule, iv x, iv t) {
  iv alpha[2], beta[2], zero = iv_si(s, 0), weights = zero;
  series_schedule(s, alpha, beta, schedule, t, 1);
  scalar_law law = {{zero, zero}, zero};
  for (size_t i = 0; i < mixture->count; i++) {
    const assay_component *from = &mixture->components[i];
    iv weight = iv_real(s, from->weight), mean = iv_d(s, from->mean[0]),
       variance = iv_real(s, from->covariance.variance);
    iv v[2], root[2], z[2];
    iv offset[2] = {iv_sub(s, x, iv_mul(s, mean, beta[0])), iv_neg(s, iv_mul(s, mean, beta[1]))};
    for (size_t k = 0; k < 2; k++) {
      v[k] = iv_add(s, series_mul(s, alpha, alpha, k), iv_mul(s, variance, series_mul(s, beta, beta, k)));
      root[k] = series_sqrt(s, root, v, k);
      z[k] = series_div(s, z, offset, root, k);
    }
    /* d/dt Phi(z) = phi(z) z'. */
    iv normal = iv_mul(s, weight, iv_normal_density(s, z[0]));
    law.F[0] = iv_add(s, law.F[0], iv_mul(s, weight, iv_normal_cdf(s, z[0])));
    law.F[1] = iv_add(s, law.F[1], iv_mul(s, normal, z[1]));
    law.density = iv_add(s, law.density, iv_div(s, normal, root[0]));
    weights = iv_add(s, weights, weight);
  }
  for (size_t k = 0; k < 2; k++) law.F[k] = iv_div(s, law.F[k], weights);
  law.density = iv_div(s, law.density, weights);
  return law;
}

/* F_1(X_1), X_1 from the flow with beta' f multiplied by gain_percent/100. */
static assay_status end_quantile(iv *out, iv_scope *s, const assay_mixture *mixture, assay_schedule_kind schedule,
                                 double start, long gain_percent, assay_context *context) {
  iv_scope *flow = iv_scope_new(FLOW_WORKING_BITS);
  scalar_velocity b = {mixture, schedule, iv_ratio(flow, gain_percent, 100)};
  iv end;
  assay_status status = scalar_flow_end(&end, flow, &b, start, context);
  if (status == ASSAY_OK) *out = law_at(s, mixture, schedule, end, iv_si(s, 1)).F[0];
  iv_scope_free(flow);
  return status;
}

/* Phi(X_0) = F_1(X_1); the control's flow is integrated too when asked for. */
static assay_status from_start(assay_trial *trial, iv_scope *s, const char *where, const assay_mixture *mixture,
                               assay_schedule_kind schedule, double start, bool with_control, assay_context *context) {
  char name[128];
  iv end, changed = NULL;
  assay_status status = end_quantile(&end, s, mixture, schedule, start, 100, context);
  if (status == ASSAY_OK && with_control) status = end_quantile(&changed, s, mixture, schedule, start, 101, context);
  if (status != ASSAY_OK) return status;
  (void)snprintf(name, sizeof name, "%s, X_0=%g: Phi(X_0) = F_1(X_1)", where, start);
  return assay_trial_agree(trial, name, iv_normal_cdf(s, iv_d(s, start)), end, changed, FLOW_BITS);
}

/* d/dt F = -b p with reference/'s b, and the integrated b against reference/'s. */
static assay_status at_place(assay_trial *trial, iv_scope *s, const char *where, const assay_mixture *mixture,
                             assay_schedule_kind schedule, const double place[2], assay_context *context) {
  char name[128];
  double x = place[0];
  assay_path_point point = assay_path_point_at(assay_schedule_of(schedule), assay_real_of(place[1]));
  iv t = iv_d(s, place[1]), at = iv_d(s, x);
  mpfi_ptr velocity;
  assay_status status = assay_enclosures_init(&velocity, 1, context);
  if (status != ASSAY_OK) return status;
  status = assay_reference_field(velocity, ASSAY_VELOCITY, mixture, &point, &x, 1, GOAL_BITS, context);
  if (status == ASSAY_OK) {
    scalar_law law = law_at(s, mixture, schedule, at, t);
    scalar_velocity b = {mixture, schedule, iv_si(s, 1)}, changed = {mixture, schedule, iv_ratio(s, 101, 100)};
    iv flux = iv_neg(s, iv_mul(s, velocity, law.density));
    iv flux_changed = iv_neg(s, iv_mul(s, scalar_velocity_at(s, &changed, at, t), law.density));
    (void)snprintf(name, sizeof name, "%s, x=%g t=%.9g: d/dt F = -b p", where, x, place[1]);
    status = assay_trial_agree(trial, name, law.F[1], flux, flux_changed, POINT_BITS);
    (void)snprintf(name, sizeof name, "%s, x=%g t=%.9g: b", where, x, place[1]);
    if (status == ASSAY_OK)
      status = assay_trial_agree(trial, name, velocity, scalar_velocity_at(s, &b, at, t), NULL, POINT_BITS);
  }
  assay_enclosures_clear(velocity, 1);
  return status;
}

static assay_status on_mixture(assay_trial *trial, iv_scope *s, const listed_mixture *from,
                               assay_schedule_kind schedule, assay_context *context) {
  bool quick = assay_trial_level(trial) == ASSAY_LEVEL_QUICK;
  size_t start_count = quick ? STARTS_QUICK : STARTS_FULL, place_count = quick ? POINTS_QUICK : POINTS_FULL;
  char where[64];
  (void)snprintf(where, sizeof where, "%s, %s", from->name, assay_schedule_name(schedule));
  assay_mixture mixture = {0};
  assay_status status = build(&mixture, from, context);
  for (size_t i = 0; i < start_count && status == ASSAY_OK; i++) {
    size_t mark = iv_mark(s);
    status = from_start(trial, s, where, &mixture, schedule, starts[i], i == 0, context);
    iv_release(s, mark);
    if (status == ASSAY_OK) status = assay_progress(context, "quantile-flow", (double)(i + 1) / (double)start_count);
  }
  for (size_t i = 0; i < place_count && status == ASSAY_OK; i++) {
    size_t mark = iv_mark(s);
    status = at_place(trial, s, where, &mixture, schedule, places[i], context);
    iv_release(s, mark);
  }
  assay_mixture_clear(&mixture);
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  static const assay_schedule_kind schedules[SCHEDULES] = {ASSAY_LINEAR, ASSAY_TRIGONOMETRIC};
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; i < (size_t)MIXTURES * SCHEDULES && status == ASSAY_OK; i++)
    status = on_mixture(trial, s, &listed[i / SCHEDULES], schedules[i % SCHEDULES], context);
  iv_scope_free(s);
  return status;
}

const assay_claim assay_flow_dae_quantile_flow = {
    .id = "flow-dae/quantile-flow",
    .statement = "In one dimension the flow dX/dt = b(X, t) from N(0, 1) to a Gaussian mixture carries each quantile "
                 "to the same quantile, F_1(X_1) = Phi(X_0), from listed X_0 to 2^-24; its local form, d/dt F_t(x) = "
                 "-b(x, t) p_t(x), holds at listed (x, t) to 2^-100.",
    .source = "arXiv:2310.03575, the generative flow (flow-dae section 1), in one dimension; derived here",
    .control = "the denoiser's part beta' f of the velocity is multiplied by 1.01",
    .sizes = {"3 mixtures, both schedules, 2 starts integrated to t = 1, 4 points of (0, 1) for the local identity",
              "3 mixtures, both schedules, 6 starts integrated to t = 1, 12 points of (0, 1) for the local identity"},
    .kind = ASSAY_PROOF,
    .comparisons = {(size_t)MIXTURES * SCHEDULES * (STARTS_QUICK + ITEMS_PER_POINT * POINTS_QUICK),
                    (size_t)MIXTURES *SCHEDULES *(STARTS_FULL + ITEMS_PER_POINT * POINTS_FULL)},
    .gather = gather,
};
