/* The limits of flow-dae against the learner fitted by brute force in the limiting space. */
#include "testing.h"

#include "tests/reference/arb_bridge.h"
#include "tests/reference/flow_dae/limit_space.h"

#include <assay/reference.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { GOAL = 100, MOST_SAMPLES = 4 };

typedef struct {
  assay_dae_settings settings;
  signed char labels[MOST_SAMPLES];
  char text[200]; /* for failure messages */
} theory_case;

static theory_case random_case(test_random *random, size_t steps) {
  theory_case r;
  size_t n = test_integer(random, 1, MOST_SAMPLES);
  double lambda = test_integer(random, 0, 3) || n == 1 ? test_uniform(random, 0.01, 3) : 0;
  r.settings = assay_dae_settings_of(n, assay_real_of(test_uniform(random, 0.3, 2)), assay_real_of(lambda));
  r.settings.norm2 = assay_real_of(test_uniform(random, 0.2, 2));
  const assay_schedule schedules[] = {assay_schedule_of(ASSAY_LINEAR), assay_schedule_of(ASSAY_TRIGONOMETRIC),
                                      assay_schedule_polynomial((unsigned)test_integer(random, 1, 5)),
                                      assay_schedule_of(ASSAY_LINEAR_VP)};
  r.settings.schedule = schedules[test_integer(random, 0, 3)];
  if (steps == 1) r.settings.schedule.degree = 1; /* else the only step stands still */
  r.settings.noise = test_integer(random, 0, 1) ? ASSAY_NOISE_FIXED : ASSAY_NOISE_FRESH;
  r.settings.skip = test_integer(random, 0, 3) > 0;
  r.settings.steps = steps;
  for (size_t i = 0; i < MOST_SAMPLES; i++) r.labels[i] = test_integer(random, 0, 1) ? 1 : -1;
  (void)snprintf(r.text, sizeof r.text, "n %zu, sigma %a, lambda %a, r %a, %s %u, fresh %d, skip %d, K %zu", n,
                 r.settings.sigma.nearest, lambda, r.settings.norm2.nearest,
                 assay_schedule_name(r.settings.schedule.kind), r.settings.schedule.degree,
                 r.settings.noise == ASSAY_NOISE_FRESH, r.settings.skip, steps);
  return r;
}

/* The goal's width, for values below 2^10. */
static void check_value(mpfi_srcptr ours, const arb_t oracle, const char *name, const theory_case *c) {
  test_check(bridge_meets(ours, oracle), "%s: %s = %s, oracle %s", c->text, name, bridge_text(ours),
             bridge_ball(oracle));
  test_check(bridge_narrow(ours, GOAL - 10), "%s: %s = %s is wide", c->text, name, bridge_text(ours));
}

static void compute(assay_dae_theory *out, const theory_case *c, assay_real time, long goal) {
  assay_context context;
  assay_context_init(&context);
  assay_status status = assay_reference_dae_theory(out, &c->settings, time, goal, &context);
  test_check(status == ASSAY_OK, "%s: %s", c->text, context.message);
}

/* ---- the learner: R1, at any time but t = 1 and, with c = 0, there too ---- */

static void check_weights(const assay_dae_theory *theory, const limit_space *space, const path_oracle *path,
                          const theory_case *c) {
  limit_summary summary;
  limit_summary_init(&summary);
  arb_t strength;
  arb_init(strength);
  arb_ptr w = _arb_vec_init((slong)space->learner.dimension);
  learner_oracle_fit(strength, w, &space->learner, path);
  limit_space_read(&summary, space, w);
  check_value(theory->c, strength, "c", c);
  check_value(theory->w_mu, summary.mu, "w_mu", c);
  check_value(theory->w_eta, summary.eta, "w_eta", c);
  if (space->noises == 1) check_value(theory->w_xi, summary.xi, "w_xi", c);
  _arb_vec_clear(w, (slong)space->learner.dimension);
  arb_clear(strength);
  limit_summary_clear(&summary);
}

static void check_weights_at(const theory_case *c, double time) {
  limit_space space;
  limit_space_init(&space, &c->settings, c->labels);
  arb_t t;
  arb_init(t);
  arb_set_d(t, time);
  path_oracle path;
  path_oracle_init(&path, c->settings.schedule, t);
  assay_dae_theory theory;
  assay_dae_theory_init(&theory);
  compute(&theory, c, assay_real_of(time), GOAL);
  check_weights(&theory, &space, &path, c);
  assay_dae_theory_clear(&theory);
  path_oracle_clear(&path);
  arb_clear(t);
  limit_space_clear(&space);
}

static void test_learner(void **state) {
  (void)state;
  test_random random = test_random_new(41);
  for (size_t i = 0; i < test_cases(60); i++) {
    theory_case c = random_case(&random, 0);
    check_weights_at(&c, test_uniform(&random, 0, 1));
    check_weights_at(&c, 0);
    check_weights_at(&c, 1);
  }
}

/* ---- Euler: R4, R7, R8 and the end's errors ---- */

static void check_flow(const assay_dae_theory *theory, const limit_space *space, const theory_case *c) {
  limit_summary summary;
  limit_summary_init(&summary);
  limit_space_read(&summary, space, space->x);
  check_value(theory->flow_mu, summary.mu, "flow_mu", c);
  check_value(theory->flow_xi, summary.xi, "flow_xi", c);
  check_value(theory->flow_eta, summary.eta, "flow_eta", c);
  check_value(theory->flow_perp, summary.perp, "flow_perp", c);
  limit_summary_clear(&summary);
}

static void check_end(const assay_dae_theory *theory, const limit_space *space, const theory_case *c) {
  arb_t value, spread;
  arb_init(value), arb_init(spread);
  limit_space_mean_error(value, space, space->x);
  check_value(theory->mse, value, "mse", c);
  arb_set_d(spread, c->settings.sigma.nearest);
  arb_srcptr perp = space->x + space->learner.dimension - 1;
  arb_sub(spread, perp, spread, ORACLE_BITS);
  arb_addmul(value, spread, spread, ORACLE_BITS);
  check_value(theory->w2_squared, value, "w2_squared", c);
  arb_mul(value, perp, perp, ORACLE_BITS);
  check_value(theory->cluster_variance, value, "cluster_variance", c);
  limit_space_mean_cosine(value, space, space->x);
  check_value(theory->cosine, value, "cosine", c);
  arb_clear(value), arb_clear(spread);
}

static void check_euler(const theory_case *c) {
  size_t steps = c->settings.steps;
  limit_space space;
  limit_space_init(&space, &c->settings, c->labels);
  assay_dae_theory *theory = test_malloc((steps + 1) * sizeof *theory);
  arb_t t;
  arb_init(t);
  for (size_t j = 0; j <= steps; j++) {
    char time[64];
    (void)snprintf(time, sizeof time, "%zu/%zu", 2 * j, 2 * steps);
    assay_dae_theory_init(&theory[j]);
    compute(&theory[j], c, (assay_real){(double)j / (double)steps, time}, GOAL);
    check_flow(&theory[j], &space, c);
    if (j == steps) break;
    arb_set_ui(t, j);
    arb_div_ui(t, t, steps, ORACLE_BITS);
    path_oracle path;
    path_oracle_init(&path, c->settings.schedule, t);
    limit_space_use_noise(&space, j % space.noises);
    learner_oracle_step(space.x, &space.learner, &path, 1, steps);
    path_oracle_clear(&path);
  }
  for (size_t j = 0; j <= steps; j++) {
    check_end(&theory[j], &space, c);
    assay_dae_theory_clear(&theory[j]);
  }
  test_free(theory);
  arb_clear(t);
  limit_space_clear(&space);
}

static void test_euler(void **state) {
  (void)state;
  test_random random = test_random_new(42);
  for (size_t i = 0; i < test_cases(60); i++) {
    theory_case c = random_case(&random, test_integer(&random, 1, 6));
    check_euler(&c);
  }
}

/* ---- the ODE: R3 starts at X_0 and its derivative is the learner's velocity ----
 * Symmetric difference over +-2^-60: off by 2^-120 |f'''|/6. The solution is analytic in t with its nearest singularity
 * where alpha^2 A + beta^2 B = 0; for b = B/A = sigma^2 + r lambda/A in [.09, 6], linear, that is sqrt(b)/(1+b) >= .27
 * from the real line, and farther off on the trigonometric schedule, so with |f| < 2^6 on discs of radius 1/8, |f'''|/6
 * < 2^6 8^3 = 2^15. Values known to 2^-240 are off by 2^-180 after division. Tolerance: 2^-104. */

enum { DIFFERENCE_BITS = 60, DERIVATIVE_TOLERANCE = -104, FINE_GOAL = 250 };

/* (numerator 2^50 +- 1)/2^60 for time = numerator/2^10. */
static void compute_beside(assay_dae_theory *out, const theory_case *c, long numerator, int side) {
  char text[64];
  long long scaled = ((long long)numerator << (DIFFERENCE_BITS - 10)) + side;
  (void)snprintf(text, sizeof text, "%lld/%lld", scaled, 1LL << DIFFERENCE_BITS);
  assay_dae_theory_init(out);
  compute(out, c, (assay_real){(double)numerator / 1024, text}, FINE_GOAL);
}

static void check_derivative(mpfi_srcptr before, mpfi_srcptr after, const arb_t oracle, const char *name,
                             const theory_case *c) {
  arb_t low, high;
  arb_init(low), arb_init(high);
  bridge_set(low, before), bridge_set(high, after);
  arb_sub(high, high, low, ORACLE_BITS);
  arb_mul_2exp_si(high, high, DIFFERENCE_BITS - 1);
  arb_add_error_2exp_si(high, DERIVATIVE_TOLERANCE);
  test_check(arb_overlaps(high, oracle), "%s: d/dt %s = %s, oracle %s", c->text, name, bridge_ball(high),
             bridge_ball(oracle));
  arb_clear(low), arb_clear(high);
}

/* The sample at the flow's state: h = 1, coefficients from the enclosures. */
static void set_state(limit_space *space, const assay_dae_theory *theory) {
  size_t n = space->learner.samples;
  bridge_set(space->x, theory->flow_mu);
  bridge_set(space->x + space->learner.dimension - 1, theory->flow_perp);
  for (size_t i = 0; i < n; i++) {
    arb_ptr eta = space->x + 1 + i, xi = space->x + 1 + n + i;
    bridge_set(eta, theory->flow_eta), bridge_set(xi, theory->flow_xi);
    arb_mul_si(eta, eta, space->learner.labels[i], ORACLE_BITS), arb_div_ui(eta, eta, n, ORACLE_BITS);
    arb_mul_si(xi, xi, space->learner.labels[i], ORACLE_BITS), arb_div_ui(xi, xi, n, ORACLE_BITS);
  }
}

static void check_ode_at(const theory_case *c, long numerator) {
  limit_space space;
  limit_space_init(&space, &c->settings, c->labels);
  assay_dae_theory before, here, after;
  compute_beside(&before, c, numerator, -1);
  compute_beside(&here, c, numerator, 0);
  compute_beside(&after, c, numerator, 1);
  set_state(&space, &here);
  arb_t t;
  arb_init(t);
  arb_set_si(t, numerator);
  arb_mul_2exp_si(t, t, -10);
  path_oracle path;
  path_oracle_init(&path, c->settings.schedule, t);
  arb_ptr velocity = _arb_vec_init((slong)space.learner.dimension);
  learner_oracle_velocity(velocity, &space.learner, &path, space.x, 1);
  limit_summary rate;
  limit_summary_init(&rate);
  limit_space_read(&rate, &space, velocity);
  check_derivative(before.flow_mu, after.flow_mu, rate.mu, "flow_mu", c);
  check_derivative(before.flow_eta, after.flow_eta, rate.eta, "flow_eta", c);
  check_derivative(before.flow_perp, after.flow_perp, rate.perp, "flow_perp", c);
  if (c->settings.noise == ASSAY_NOISE_FIXED)
    check_derivative(before.flow_xi, after.flow_xi, rate.xi, "flow_xi", c);
  else
    test_check(mpfi_is_zero(here.flow_xi) > 0, "%s: flow_xi = %s", c->text, bridge_text(here.flow_xi));
  limit_summary_clear(&rate);
  _arb_vec_clear(velocity, (slong)space.learner.dimension);
  path_oracle_clear(&path);
  arb_clear(t);
  assay_dae_theory_clear(&before), assay_dae_theory_clear(&here), assay_dae_theory_clear(&after);
  limit_space_clear(&space);
}

/* At t = 0 the flow is X_0; at t = 1 the errors belong to the state reached there. */
static void check_ends(const theory_case *c) {
  limit_space space;
  limit_space_init(&space, &c->settings, c->labels);
  assay_dae_theory theory;
  assay_dae_theory_init(&theory);
  compute(&theory, c, assay_real_of(0), GOAL);
  check_flow(&theory, &space, c);
  compute(&theory, c, assay_real_of(1), FINE_GOAL);
  set_state(&space, &theory);
  check_end(&theory, &space, c);
  assay_dae_theory_clear(&theory);
  limit_space_clear(&space);
}

static void test_ode(void **state) {
  (void)state;
  test_random random = test_random_new(43);
  for (size_t i = 0; i < test_cases(40); i++) {
    theory_case c = random_case(&random, 0);
    check_ode_at(&c, (long)test_integer(&random, 1, 1023));
    check_ends(&c);
  }
}

/* ---- fresh noise leaves nothing behind as K grows: n V K tends to a limit, so V halves when K doubles ---- */

static double fresh_variance(size_t steps) {
  theory_case c = {.settings = assay_dae_settings_of(3, assay_real_of(0.5), assay_real_of(0.25)), .text = "fresh"};
  c.settings.noise = ASSAY_NOISE_FRESH;
  c.settings.steps = steps;
  assay_dae_theory theory;
  assay_dae_theory_init(&theory);
  compute(&theory, &c, assay_real_of(1), 60);
  double q = mpfi_get_d(theory.flow_xi);
  assay_dae_theory_clear(&theory);
  return q * q;
}

static void test_fresh_limit(void **state) {
  (void)state;
  /* q^2 K = a + b/K + ...: from K to 2K the ratio is 1/2 + O(1/K), and the next ratio is nearer to 1/2. */
  double q[3] = {fresh_variance(100), fresh_variance(200), fresh_variance(400)};
  double first = fabs(q[1] / q[0] - 0.5), second = fabs(q[2] / q[1] - 0.5);
  test_check(first < 0.05 && second < 0.7 * first, "ratios off by %a and %a", first, second);
}

/* ---- golden numbers from the published formula by hand: n = 8, sigma = 3/2, lambda = 1/10 ---- */

static bool near(mpfi_srcptr value, double expected) { return fabs(mpfi_get_d(value) - expected) <= 1e-10; }
static void test_golden(void **state) {
  (void)state;
  theory_case c = {.settings = assay_dae_settings_of(8, assay_real_of(1.5), (assay_real){0.1, "1/10"}),
                   .text = "golden"};
  assay_dae_theory theory;
  assay_dae_theory_init(&theory);
  compute(&theory, &c, assay_real_of(1), GOAL);
  assert_true(near(theory.mse, 0.5505666218) && near(theory.mse_bayes, 0.2195121951));
  assert_true(near(theory.cluster_variance, 2.25 + 0.1 / 7.1) && near(theory.c, 1) && mpfi_is_zero(theory.w_mu) > 0);
  assay_dae_theory_clear(&theory);
}

static void test_inclusion(void **state) {
  (void)state;
  test_random random = test_random_new(44);
  assay_dae_theory coarse, fine;
  assay_dae_theory_init(&coarse), assay_dae_theory_init(&fine);
  for (size_t i = 0; i < test_cases(40); i++) {
    theory_case c = random_case(&random, test_integer(&random, 0, 1) * 16);
    assay_real time = assay_real_of((double)test_integer(&random, 0, 16) / 16);
    compute(&coarse, &c, time, 64);
    compute(&fine, &c, time, 256);
#define INSIDE(name)                                                                                                   \
  test_check(mpfi_is_inside(fine.name, coarse.name) > 0, "%s: " #name " %s, finer %s", c.text,                         \
             bridge_text(coarse.name), bridge_text(fine.name));
    ASSAY_DAE_THEORY_FIELDS(INSIDE)
#undef INSIDE
  }
  assay_dae_theory_clear(&coarse), assay_dae_theory_clear(&fine);
}

/* Symmetric cases and ends come out exactly. */
static void test_exact(void **state) {
  (void)state;
  assay_dae_theory theory;
  assay_dae_theory_init(&theory);
  theory_case c = {.settings = assay_dae_settings_of(5, assay_real_of(1.5), (assay_real){0.1, "0.1"}), .text = "exact"};
  c.settings.skip = false;
  c.settings.steps = 7;
  compute(&theory, &c, assay_real_of(1), GOAL);
  assert_true(mpfi_is_zero(theory.flow_perp) > 0 && mpfi_is_zero(theory.cluster_variance) > 0);
  assert_true(mpfi_is_zero(theory.c) > 0 && mpfi_is_zero(theory.w_xi) > 0 && mpfi_is_zero(theory.flow_xi) > 0);
  c.settings.schedule = assay_schedule_of(ASSAY_TRIGONOMETRIC);
  c.settings.steps = 0;
  compute(&theory, &c, assay_real_of(1), GOAL);
  assert_true(mpfi_is_zero(theory.flow_perp) > 0);
  assay_dae_theory_clear(&theory);
}

static void expect(const assay_dae_settings *settings, assay_real time, long goal, long max_bits, assay_status status,
                   const char *message) {
  assay_context context;
  assay_context_init(&context);
  context.max_bits = max_bits;
  assay_dae_theory theory;
  assay_dae_theory_init(&theory);
  mpfi_set_ui(theory.mse, 77);
  assay_status got = assay_reference_dae_theory(&theory, settings, time, goal, &context);
  test_check(got == status && strstr(context.message, message), "status %d, '%s'; expected %d, '%s'", (int)got,
             context.message, (int)status, message);
  test_check(mpfi_cmp_ui(theory.mse, 77) == 0, "output touched by '%s'", message);
  assay_dae_theory_clear(&theory);
}

static int stop(void *self, const char *what, double fraction) {
  (void)self, (void)what, (void)fraction;
  return 1;
}

static void test_refusals(void **state) {
  (void)state;
  assay_dae_settings good = assay_dae_settings_of(4, assay_real_of(1), assay_real_of(0.5)), bad = good;
  bad.samples = 0;
  expect(&bad, assay_real_of(1), GOAL, 4096, ASSAY_INVALID, "samples");
  bad = good, bad.sigma = assay_real_of(0);
  expect(&bad, assay_real_of(1), GOAL, 4096, ASSAY_INVALID, "sigma");
  bad = good, bad.schedule = assay_schedule_of(ASSAY_COEFFICIENTS);
  expect(&bad, assay_real_of(1), GOAL, 4096, ASSAY_INVALID, "schedule");
  expect(&good, assay_real_of(1.5), GOAL, 4096, ASSAY_INVALID, "time");
  expect(&good, (assay_real){1, "1.00000000000000000000000001"}, GOAL, 4096, ASSAY_INVALID, "time");
  bad = good, bad.steps = 10;
  expect(&bad, assay_real_of(0.3), GOAL, 4096, ASSAY_INVALID,
         "time: 0.29999999999999999 is not exactly j/10; the nearest step is at 3/10");
  expect(&bad, (assay_real){0.35, "0.35"}, GOAL, 4096, ASSAY_INVALID, "time: 0.35 is not exactly j/10");
  assay_dae_settings other = bad;
  other.grid = ASSAY_GRID_PUBLISHED;
  expect(&other, assay_real_of(1), GOAL, 4096, ASSAY_UNSUPPORTED, "grid: published");
  other = good, other.schedule = assay_schedule_polynomial(2), other.steps = 1;
  expect(&other, assay_real_of(1), GOAL, 4096, ASSAY_UNSUPPORTED, "steps: 1 on the polynomial schedule");
  other = good, other.schedule = assay_schedule_vp(assay_real_of(0.1), assay_real_of(20));
  expect(&other, assay_real_of(1), GOAL, 4096, ASSAY_UNSUPPORTED, "schedule: vp has beta(0) > 0");
  other = bad, other.rule = ASSAY_STEP_DDIM, other.schedule = assay_schedule_of(ASSAY_TRIGONOMETRIC);
  expect(&other, assay_real_of(1), GOAL, 4096, ASSAY_UNSUPPORTED, "rule: DDIM");
  expect(&good, assay_real_of(0.5), 0, 4096, ASSAY_INVALID, "goal_bits");
  expect(&good, (assay_real){0.3, "0.3"}, 100, 90, ASSAY_PRECISION, "100 bits");
  assay_context context;
  assay_context_init(&context);
  context.progress = stop;
  assay_dae_theory theory;
  assay_dae_theory_init(&theory);
  assert_int_equal(assay_reference_dae_theory(&theory, &bad, assay_real_of(1), GOAL, &context), ASSAY_CANCELLED);
  assay_dae_theory_clear(&theory);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_learner),     cmocka_unit_test(test_euler),    cmocka_unit_test(test_ode),
      cmocka_unit_test(test_fresh_limit), cmocka_unit_test(test_golden),   cmocka_unit_test(test_inclusion),
      cmocka_unit_test(test_exact),       cmocka_unit_test(test_refusals),
  };
  return cmocka_run_group_tests_name("flow-dae theory", tests, NULL, NULL);
}
