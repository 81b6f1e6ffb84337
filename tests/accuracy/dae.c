/* flow-dae: every number of the label solution and of the flow that comes with an error, against the definitions on the
 * same data. */
#include "dae_exact.h"
#include "search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* clang-format off */
#define DAE_QUANTITIES(X)                                                                                              \
  X(FIT_C, "c") X(FIT_MU, "w_mu") X(FIT_XI, "w_xi") X(FIT_ETA, "w_eta") X(FIT_MARGIN, "margin")                         \
  X(FLOW_PERP, "perp") X(FLOW_A, "a") X(FLOW_B, "b") X(FLOW_XB, "xb")                                                  \
  X(MEAN_MU, "flow_mu") X(MEAN_XI, "flow_xi") X(MEAN_ETA, "flow_eta") X(MEAN_PERP, "flow_perp")                         \
  X(MEAN_MSE, "mse") X(MEAN_ERROR, "mean_error") X(CLUSTER, "cluster_variance")
/* clang-format on */
typedef enum {
#define DAE_CODE(code, name) code,
  DAE_QUANTITIES(DAE_CODE)
#undef DAE_CODE
      QUANTITIES
} dae_quantity;

static const char *const names[QUANTITIES] = {
#define DAE_NAME(code, name) name,
    DAE_QUANTITIES(DAE_NAME)
#undef DAE_NAME
};

enum { GENERATIONS = 6, WHOLE_CASES = 240, QUICK_CASES = 10, SCHEDULES = 2 };

typedef struct {
  size_t n, d, count, steps;
  double sigma, lambda, time;
  assay_schedule_kind schedule;
  uint64_t seed;
} dae_case;

static dae_case random_case(size_t number, assay_schedule_kind schedule) {
  static const size_t dimensions[] = {4, 50, 500}, steps[] = {1, 3, 20};
  static const double ends[] = {0.0, 1.0, 0x1p-20, 1.0 - 0x1p-20, 1.0 - 0x1p-53, 0x1p-50};
  const size_t key[] = {0xdae, number, (size_t)schedule};
  test_random random = accuracy_random(key, 3);
  dae_case out = {.schedule = schedule};
  out.n = test_integer(&random, 2, 24);
  out.d = dimensions[test_integer(&random, 0, 2)];
  out.count = test_integer(&random, 1, 8);
  out.steps = steps[test_integer(&random, 0, 2)];
  out.sigma = number % 2 ? test_log_uniform(&random, 0.3, 3.0) : test_log_uniform(&random, 1e-3, 10.0);
  out.lambda = test_bits(&random) % 3 ? test_log_uniform(&random, 1e-6, 10.0) : 0.0;
  out.time = test_bits(&random) % 2 ? test_uniform(&random, 0.0, 1.0) : ends[test_integer(&random, 0, 5)];
  out.seed = test_bits(&random) >> 16;
  return out;
}

static json_t *witness_of(const dae_case *c) {
  return json_pack("{s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:s, s:I}", "samples", (json_int_t)c->n, "dimension",
                   (json_int_t)c->d, "count", (json_int_t)c->count, "steps", (json_int_t)c->steps, "sigma",
                   accuracy_hex(&c->sigma, 1), "lambda", accuracy_hex(&c->lambda, 1), "time", accuracy_hex(&c->time, 1),
                   "schedule", assay_schedule_name(c->schedule), "seed", (json_int_t)c->seed);
}

static size_t whole_of(const json_t *witness, const char *key) {
  return (size_t)json_integer_value(json_object_get(witness, key));
}

static dae_case case_of(const json_t *witness, assay_schedule_kind schedule) {
  dae_case c = {.n = whole_of(witness, "samples"),
                .d = whole_of(witness, "dimension"),
                .count = whole_of(witness, "count"),
                .steps = whole_of(witness, "steps"),
                .schedule = schedule,
                .seed = whole_of(witness, "seed")};
  accuracy_unhex(&c.sigma, 1, json_object_get(witness, "sigma"));
  accuracy_unhex(&c.lambda, 1, json_object_get(witness, "lambda"));
  accuracy_unhex(&c.time, 1, json_object_get(witness, "time"));
  return c;
}

/* ---- measuring ---- */

/* The largest of one case by error/bound, and by error over u max(1, |value|). */
typedef struct {
  accuracy_error by_ratio, by_units;
} dae_errors;

/* Notes a number of a quantity. A bound that is not finite says nothing and is left out. */
static void note(dae_errors *worst, assay_bounded got, quad exact) {
  quad off = exact - got.value;
  double error = (double)(off < 0 ? -off : off);
  if (!isfinite(got.value)) error = INFINITY;
  if (!isfinite(got.error) && !isnan(got.error)) return;
  double value = fabs((double)exact);
  accuracy_error seen = {error, got.error, accuracy_ulps(error, value), error * 0x1p53 / fmax(1.0, value)};
  accuracy_error *kept = &worst->by_ratio;
  bool wrong = !(error <= got.error);
  if (wrong || (kept->error <= kept->bound && accuracy_ratio(seen) > accuracy_ratio(*kept))) *kept = seen;
  if (seen.units > worst->by_units.units) worst->by_units = seen;
}

static void measure_fit(dae_errors out[QUANTITIES], const dae_exact *e, const assay_dae_fit *fit, double time) {
  dae_exact_fit exact = dae_exact_at(e, time, 1.0, true);
  note(&out[FIT_C], fit->c, exact.c);
  note(&out[FIT_MU], fit->w_mu, exact.w_mu);
  note(&out[FIT_XI], fit->w_xi, exact.w_xi);
  note(&out[FIT_ETA], fit->w_eta, exact.w_eta);
  note(&out[FIT_MARGIN], (assay_bounded){fit->margin_min, fit->margin_error}, exact.margin[0]);
  note(&out[FIT_MARGIN], (assay_bounded){fit->margin_max, fit->margin_error}, exact.margin[1]);
  note(&out[FIT_MARGIN], (assay_bounded){fit->margin_mean, fit->margin_error}, exact.margin[2]);
}

static void measure_mean(dae_errors out[QUANTITIES], const dae_exact *e, const assay_dae_flow *flow, size_t step,
                         dae_exact_state state, const double *start) {
  dae_exact_mean exact = dae_exact_mean_at(e, state, start, flow->signs, flow->count);
  const assay_bounded *got = flow->mean_flow + 4 * step;
  note(&out[MEAN_MU], got[0], exact.mu);
  note(&out[MEAN_XI], got[1], exact.xi);
  note(&out[MEAN_ETA], got[2], exact.eta);
  note(&out[MEAN_PERP], got[3], exact.perp);
  if (step == flow->steps) note(&out[MEAN_MSE], flow->mse, exact.mse);
}

static void measure_flow(dae_errors out[QUANTITIES], const dae_exact *e, const assay_dae_flow *flow,
                         const assay_dae_data *data, assay_context *context) {
  double *start = dae_exact_read(&flow->start);
  dae_exact_state state = {1, 0, 0};
  for (size_t j = 0; j < flow->steps; j++) {
    dae_exact_fit fit = dae_exact_at(e, (double)j, (double)flow->steps, false);
    note(&out[FIT_C], flow->c[j], fit.c);
    state = dae_exact_step(state, &fit, flow->steps);
    note(&out[FLOW_PERP], flow->perp[j + 1], state.perp);
    measure_mean(out, e, flow, j + 1, state, start);
  }
  for (size_t i = 0; i < flow->count; i++) {
    note(&out[FLOW_A], flow->a[i], state.a * flow->signs[i]);
    note(&out[FLOW_B], flow->b[i], state.b * flow->signs[i]);
  }
  for (size_t j = 0; j < flow->dimension; j++) {
    note(&out[FLOW_XB], (assay_bounded){flow->xb0[j], flow->xb0_error}, e->sum[0][j] / e->weight);
    note(&out[FLOW_XB], (assay_bounded){flow->xb1[j], flow->xb1_error}, e->sum[1][j] / e->weight);
  }
  assay_bounded got;
  dae_exact_mean end = dae_exact_mean_at(e, state, start, flow->signs, flow->count);
  if (!assay_fast_dae_flow_mean_error(&got, flow, data, context)) note(&out[MEAN_ERROR], got, end.mean_error);
  free(start);
}

/* Quantities that fast refuses (ASSAY_PRECISION), and the flow's where a sign changed or is open, stay {0}. */
static void measure(dae_errors out[QUANTITIES], const dae_case *c) {
  assay_context context;
  assay_context_init(&context);
  context.threads = 1;
  assay_dae_settings settings = assay_dae_settings_of(c->n, assay_real_of(c->sigma), assay_real_of(c->lambda));
  settings.schedule = assay_schedule_of(c->schedule);
  settings.steps = c->steps;
  assay_dae_data data;
  if (assay_fast_dae_data_init(&data, &settings, c->d, 0.5, c->seed, &context)) exit(3);
  for (size_t q = 0; q < QUANTITIES; q++) out[q] = (dae_errors){0};
  dae_exact e = dae_exact_of(&data, &settings);
  assay_dae_fit fit;
  assay_bounded cluster;
  assay_dae_flow flow;
  if (!assay_fast_dae_train(&fit, &c->time, 1, &data, &settings, &context)) measure_fit(out, &e, &fit, c->time);
  if (!assay_fast_dae_cluster_variance(&cluster, &data, &settings, &context))
    note(&out[CLUSTER], cluster, e.a[2] / e.a[0]);
  if (!assay_fast_dae_flow_init(&flow, &data, &settings, c->count, c->seed + 1, &context)) {
    if (!flow.sign_changes && !flow.doubtful_signs) measure_flow(out, &e, &flow, &data, &context);
    assay_fast_dae_flow_clear(&flow);
  }
  dae_exact_clear(&e);
  assay_fast_dae_data_clear(&data);
}

/* ---- searching ---- */

typedef struct {
  dae_errors worst[QUANTITIES]; /* by_units: of ordinary cases */
  dae_case at[QUANTITIES], ordinary[QUANTITIES];
  size_t evaluations, violations;
} dae_search;

static size_t judge(const accuracy_error *seen, const dae_case *c, size_t q) {
  if (seen->error <= seen->bound) return 0;
  json_t *witness = witness_of(c);
  accuracy_print_violation("flow-dae", names[q], *seen, witness);
  json_decref(witness);
  return 1;
}

static bool is_ordinary(const dae_case *c) { return c->sigma >= 0.3 && c->sigma <= 3.0; }

static void keep(dae_search *s, const dae_errors seen[QUANTITIES], const dae_case *c) {
  s->evaluations++;
  for (size_t q = 0; q < QUANTITIES; q++) {
    dae_errors *worst = &s->worst[q];
    s->violations += judge(&seen[q].by_ratio, c, q);
    if (accuracy_ratio(seen[q].by_ratio) > accuracy_ratio(worst->by_ratio)) {
      worst->by_ratio = seen[q].by_ratio;
      s->at[q] = *c;
    }
    if (is_ordinary(c) && seen[q].by_units.units > worst->by_units.units) {
      worst->by_units = seen[q].by_units;
      s->ordinary[q] = *c;
    }
  }
}

/* From a random case, in the same data's standard deviation, the penalty and the time, uphill for one quantity. */
static void descend(dae_search *s, size_t number, assay_schedule_kind schedule) {
  const size_t key[] = {0xde5, number, (size_t)schedule};
  test_random random = accuracy_random(key, 3);
  dae_case best = random_case(number, schedule);
  dae_errors seen[QUANTITIES];
  size_t aim = number % QUANTITIES;
  measure(seen, &best);
  keep(s, seen, &best);
  double most = accuracy_ratio(seen[aim].by_ratio);
  for (size_t generation = 0; generation < GENERATIONS; generation++) {
    dae_case next = best;
    next.sigma = accuracy_nudge(best.sigma, 0x1p-4, &random);
    next.lambda = accuracy_nudge(best.lambda, 0x1p-4, &random);
    next.time = fmin(accuracy_nudge(best.time, 0x1p-4, &random), 1.0);
    measure(seen, &next);
    keep(s, seen, &next);
    if (accuracy_ratio(seen[aim].by_ratio) <= most) continue;
    most = accuracy_ratio(seen[aim].by_ratio);
    best = next;
  }
}

/* A committed witness, measured now. */
static dae_errors again(dae_search *s, dae_case *at, const json_t *record, size_t q, assay_schedule_kind schedule) {
  dae_errors seen[QUANTITIES];
  *at = case_of(json_object_get(record, "witness"), schedule);
  measure(seen, at);
  s->violations += judge(&seen[q].by_ratio, at, q);
  return seen[q];
}

static json_t *row_of(dae_search *s, size_t q, assay_schedule_kind schedule, const json_t *committed) {
  const char *path = assay_schedule_name(schedule);
  dae_errors *worst = &s->worst[q];
  json_t *out = accuracy_new_row("flow-dae", names[q], "", path, s->evaluations);
  json_object_set_new(out, "ratios", json_pack("[f]", accuracy_ratio(worst->by_ratio)));
  json_object_set_new(out, "units", json_pack("[f]", worst->by_units.units));
  json_t *old = committed ? accuracy_row(committed, "flow-dae", names[q], "", path) : NULL;
  if (old) {
    worst->by_ratio = again(s, &s->at[q], json_object_get(old, "worst"), q, schedule).by_ratio;
    worst->by_units = again(s, &s->ordinary[q], json_object_get(old, "ordinary"), q, schedule).by_units;
  }
  json_object_set_new(out, "worst", accuracy_record(worst->by_ratio, witness_of(&s->at[q])));
  json_object_set_new(out, "ordinary", accuracy_record(worst->by_units, witness_of(&s->ordinary[q])));
  return out;
}

size_t accuracy_dae(json_t *rows, accuracy_effort effort, const json_t *committed) {
  size_t violations = 0;
  for (int schedule = 0; schedule < SCHEDULES; schedule++) {
    dae_search s = {.evaluations = 0};
    for (size_t number = 0; number < (effort == SEARCH_QUICK ? QUICK_CASES : WHOLE_CASES); number++)
      descend(&s, number, (assay_schedule_kind)schedule);
    for (size_t q = 0; q < QUANTITIES; q++)
      json_array_append_new(rows, row_of(&s, q, (assay_schedule_kind)schedule, committed));
    violations += s.violations;
  }
  return violations;
}
