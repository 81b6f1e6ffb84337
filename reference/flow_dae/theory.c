/* The learner and its flow in the limit d -> infinity (flow-dae R1-R8), from exact settings to a goal. */
#include <assay/reference.h>

#include "reference/core/rational.h"
#include "reference/core/ziv.h"
#include "reference/flow_dae/euler.h"

/* How often a long recursion asks whether to go on. */
enum { STEPS_PER_PROGRESS = 4096 };

/* One attempt: everything as intervals owned by its scope. */
typedef struct {
#define MEMBER(name) iv name;
  ASSAY_DAE_THEORY_FIELDS(MEMBER)
#undef MEMBER
} theory_values;

void assay_dae_theory_init(assay_dae_theory *theory) {
#define INIT(name) mpfi_init(theory->name);
  ASSAY_DAE_THEORY_FIELDS(INIT)
#undef INIT
}

void assay_dae_theory_clear(assay_dae_theory *theory) {
#define CLEAR(name) mpfi_clear(theory->name);
  ASSAY_DAE_THEORY_FIELDS(CLEAR)
#undef CLEAR
}

/* The step j with time = j/steps, exactly. */
static assay_status grid_step(size_t *out, assay_real time, const schedule_path *path, size_t steps,
                              assay_context *context) {
  mpq_t scaled;
  mpq_init(scaled);
  mpq_set_ui(scaled, steps, 1);
  mpq_mul(scaled, scaled, path->time);
  bool integer = !mpz_cmp_ui(mpq_denref(scaled), 1);
  size_t step = mpz_get_ui(mpq_numref(scaled)), nearest = (size_t)(mpq_get_d(scaled) + 0.5);
  mpq_clear(scaled);
  if (!integer) {
    if (time.exact)
      return assay_fail(context, ASSAY_INVALID, "time: %s is not exactly j/%zu; the nearest step is at %zu/%zu",
                        time.exact, steps, nearest, steps);
    return assay_fail(context, ASSAY_INVALID, "time: %.17g is not exactly j/%zu; the nearest step is at %zu/%zu",
                      time.nearest, steps, nearest, steps);
  }
  *out = step;
  return ASSAY_OK;
}

/* The flow at `step` and at the end, by the recursion. */
static assay_status euler_flows(dae_flow *at, dae_flow *end, iv_scope *s, const dae_limits *limits,
                                const assay_dae_settings *settings, size_t step, assay_context *context) {
  dae_euler euler;
  assay_status status = ASSAY_OK;
  dae_euler_init(&euler, s, limits, settings->schedule, settings->steps);
  for (; !status && euler.step < settings->steps; dae_euler_step(&euler, s)) {
    if (euler.step == step) *at = dae_euler_flow(&euler, s);
    if (euler.step % STEPS_PER_PROGRESS == 0)
      status = assay_progress(context, "Euler steps", (double)euler.step / (double)settings->steps);
  }
  *end = dae_euler_flow(&euler, s);
  if (step == settings->steps) *at = *end;
  dae_euler_clear(&euler);
  return status;
}

static dae_flow ode_end(iv_scope *s, const dae_limits *limits) {
  schedule_values data = {.alpha = iv_ui(s, 0), .beta = iv_ui(s, 1)}; /* where every schedule ends */
  return dae_flow_at(s, limits, &data);
}

static assay_status attempt(theory_values *out, iv_scope *s, const assay_dae_settings *settings,
                            const schedule_path *path, size_t step, assay_context *context) {
  dae_limits limits = dae_limits_of_settings(s, settings);
  schedule_values values = schedule_at(s, path);
  dae_flow at = dae_flow_at(s, &limits, &values), end = ode_end(s, &limits);
  if (settings->steps) {
    assay_status status = euler_flows(&at, &end, s, &limits, settings, step, context);
    if (status) return status;
  }
  *out = (theory_values){.c = dae_skip_strength(s, &limits, &values),
                         .w_mu = dae_weight_mu(s, &limits, &values),
                         .w_xi = dae_weight_xi(s, &limits, &values),
                         .w_eta = dae_weight_eta(s, &limits, &values),
                         .flow_mu = at.mu,
                         .flow_xi = at.xi,
                         .flow_eta = at.eta,
                         .flow_perp = at.perp,
                         .mse = dae_mean_error(s, &limits, &end),
                         .cosine = dae_mean_cosine(s, &limits, &end),
                         .cluster_variance = iv_sqr(s, end.perp),
                         .mse_bayes = dae_bayes_mse(s, &limits),
                         .w2_squared = dae_transport_distance2(s, &limits, &end)};
  return ASSAY_OK;
}

static bool reached(const theory_values *values, long goal_bits) {
  const double scale = 1;
#define REACHED(name) &&iv_reached(values->name, goal_bits, scale)
  return true ASSAY_DAE_THEORY_FIELDS(REACHED);
#undef REACHED
}

static void deliver(assay_dae_theory *out, const theory_values *values) {
#define DELIVER(name)                                                                                                  \
  mpfi_set_prec(out->name, mpfi_get_prec(values->name));                                                               \
  mpfi_set(out->name, values->name);
  ASSAY_DAE_THEORY_FIELDS(DELIVER)
#undef DELIVER
}

static assay_status refine(assay_dae_theory *out, const assay_dae_settings *settings, const schedule_path *path,
                           size_t step, long goal_bits, assay_context *context) {
  for (long bits = ziv_first(goal_bits, context); bits; bits = ziv_next(bits, context)) {
    iv_scope *s = iv_scope_new(bits);
    theory_values values;
    assay_status status = attempt(&values, s, settings, path, step, context);
    bool done = !status && reached(&values, goal_bits);
    if (done) deliver(out, &values);
    iv_scope_free(s);
    if (done || status) return status;
  }
  return ziv_failed("dae theory", goal_bits, context);
}

/* DDIM steps are Euler's on the linear schedule. */
static assay_status check_steps(const assay_dae_settings *settings, assay_context *context) {
  if (settings->steps == 0) return ASSAY_OK;
  if (settings->grid != ASSAY_GRID_UNIFORM)
    return assay_fail(context, ASSAY_UNSUPPORTED, "grid: published; the recursion R4 runs on the uniform grid");
  if (settings->rule != ASSAY_STEP_EULER && settings->schedule.kind != ASSAY_LINEAR)
    return assay_fail(context, ASSAY_UNSUPPORTED, "rule: DDIM on the %s schedule; the recursion R4 is Euler's",
                      assay_schedule_name(settings->schedule.kind));
  if (settings->steps == 1 && settings->schedule.kind == ASSAY_POLYNOMIAL && settings->schedule.degree > 1)
    return assay_fail(
        context, ASSAY_UNSUPPORTED,
        "steps: 1 on the polynomial schedule, which stands still at t = 0: the mean stays 0 and has no cosine");
  return ASSAY_OK;
}

assay_status assay_reference_dae_theory(assay_dae_theory *out, const assay_dae_settings *settings, assay_real time,
                                        long goal_bits, assay_context *context) {
  assay_status status = assay_dae_settings_check(settings, context);
  if (!status) status = check_steps(settings, context);
  if (status) return status;
  schedule_path path;
  assay_path_point point = assay_path_point_at(settings->schedule, time);
  status = schedule_path_init(&path, &point, context);
  if (status) return status;
  size_t step = 0;
  if (settings->steps) status = grid_step(&step, time, &path, settings->steps, context);
  if (!status) status = refine(out, settings, &path, step, goal_bits, context);
  schedule_path_clear(&path);
  return status;
}
