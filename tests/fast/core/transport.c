/* The exact flow by its rules: against closed forms (the quantile map in one dimension, the affine map of one
 * Gaussian), with the order each rule has. */
#include "testing.h"

#include <assay/fast.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const assay_ode_rule RULES[] = {ASSAY_ODE_EULER, ASSAY_ODE_HEUN, ASSAY_ODE_RK4};
static const double ORDERS[] = {1, 2, 4};
enum { RULE_COUNT = 3 };

static double cdf_normal(double x) { return 0.5 * erfc(-x / sqrt(2)); }

/* 0.3 N(-1.2, 0.64) + 0.7 N(0.9, 0.25) */
static double cdf_target(double x) { return 0.3 * cdf_normal((x + 1.2) / 0.8) + 0.7 * cdf_normal((x - 0.9) / 0.5); }

/* F^-1(Phi(x)), what the flow does in one dimension (it keeps the order of points). */
static double quantile_map(double x) {
  double low = -10, high = 10, level = cdf_normal(x);
  for (int k = 0; k < 200; k++) {
    double middle = 0.5 * (low + high);
    if (cdf_target(middle) < level)
      low = middle;
    else
      high = middle;
  }
  return low;
}

static void set_component(assay_mixture *mixture, size_t k, double weight, double variance) {
  mixture->components[k].weight = assay_real_of(weight);
  mixture->components[k].covariance.variance = assay_real_of(variance);
}

static assay_mixture two_in_one_dimension(void) {
  assay_context context;
  assay_context_init(&context);
  assay_mixture mixture;
  assert_int_equal(assay_mixture_init(&mixture, 1, 2, &context), ASSAY_OK);
  set_component(&mixture, 0, 0.3, 0.64);
  set_component(&mixture, 1, 0.7, 0.25);
  mixture.components[0].mean[0] = -1.2;
  mixture.components[1].mean[0] = 0.9;
  return mixture;
}

static const double STARTS[] = {-1.7, -0.6, 0.15, 0.8, 2.1};
enum { STARTS_COUNT = 5 };

/* The largest error over the starts. */
static double error_of(assay_ode_rule rule, const assay_mixture *mixture, assay_schedule schedule, size_t steps) {
  double x[STARTS_COUNT], worst = 0;
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(assay_fast_transport(x, rule, mixture, schedule, 0, 1, steps, STARTS, STARTS_COUNT, &context),
                   ASSAY_OK);
  for (size_t i = 0; i < STARTS_COUNT; i++) worst = fmax(worst, fabs(x[i] - quantile_map(STARTS[i])));
  return worst;
}

/* The error at K steps is C K^-p (1 + c/K + ...): the slope from K to 2K is p + O(1/K), so it is off by half as much
 * when K doubles; extrapolating two slopes leaves O(1/K^2). At K = 256 that is below 0.02 unless c is above 36; the
 * errors, above 1e-11, are far above rounding (K 1e-15). */
static void orders(void **state) {
  (void)state;
  assay_mixture mixture = two_in_one_dimension();
  const assay_schedule schedules[] = {assay_schedule_of(ASSAY_LINEAR), assay_schedule_of(ASSAY_TRIGONOMETRIC),
                                      assay_schedule_polynomial(3), assay_schedule_of(ASSAY_LINEAR_VP)};
  for (size_t s = 0; s < sizeof schedules / sizeof *schedules; s++)
    for (size_t r = 0; r < RULE_COUNT; r++) {
      size_t coarse = RULES[r] == ASSAY_ODE_RK4 ? 64 : 256;
      double e[3];
      for (size_t k = 0; k < 3; k++) e[k] = error_of(RULES[r], &mixture, schedules[s], coarse << k);
      double slope = 2 * log2(e[1] / e[2]) - log2(e[0] / e[1]);
      test_check(fabs(slope - ORDERS[r]) < 0.02, "%s rule %zu: errors %g %g %g, slope %g",
                 assay_schedule_name(schedules[s].kind), r, e[0], e[1], e[2], slope);
    }
  assay_mixture_clear(&mixture);
}

/* One Gaussian N(m, s I): X_t = beta m + sqrt(alpha^2 + beta^2 s) X_0. RK4 with 400 steps leaves 1e-9 at most:
 * h^4 times derivatives of order 1 to 100. Forth, back, and to the middle. */
static void affine_map(void **state) {
  (void)state;
  enum { D = 3, POINTS = 200 };
  assay_context context;
  assay_context_init(&context);
  assay_mixture mixture;
  assert_int_equal(assay_mixture_init(&mixture, D, 1, &context), ASSAY_OK);
  set_component(&mixture, 0, 1, 0.49);
  const double mean[D] = {1, -2, 0.5};
  memcpy(mixture.components[0].mean, mean, sizeof mean);
  test_random random = test_random_new(0x0de);
  enum { ENTRIES = POINTS * D };
  double x[ENTRIES], y[ENTRIES];
  for (size_t k = 0; k < ENTRIES; k++) x[k] = test_normal(&random);
  for (size_t part = 1; part <= 2; part++) {
    double end = 0.5 * (double)part, alpha = part == 1 ? sqrt(0.5) : 0, beta = part == 1 ? sqrt(0.5) : 1;
    assert_int_equal(assay_fast_transport(y, ASSAY_ODE_RK4, &mixture, assay_schedule_of(ASSAY_TRIGONOMETRIC), 0, end,
                                          400, x, POINTS, &context),
                     ASSAY_OK);
    for (size_t k = 0; k < ENTRIES; k++) {
      double expected = beta * mean[k % D] + sqrt(alpha * alpha + beta * beta * 0.49) * x[k];
      test_check(fabs(y[k] - expected) < 1e-9, "to %g, entry %zu: %a from %a, not %a", end, k, y[k], x[k], expected);
    }
    assert_int_equal(assay_fast_transport(y, ASSAY_ODE_RK4, &mixture, assay_schedule_of(ASSAY_TRIGONOMETRIC), end, 0,
                                          400, y, POINTS, &context),
                     ASSAY_OK);
    for (size_t k = 0; k < ENTRIES; k++)
      test_check(fabs(y[k] - x[k]) < 1e-9, "from %g and back, entry %zu: %a, not %a", end, k, y[k], x[k]);
  }
  assay_mixture_clear(&mixture);
}

/* One Euler step of a Gaussian from t = 0: b(x, 0) = E[x_1] - x, so X = m exactly (x + (m - x) loses at most an ulp).
 */
static void one_step(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  assay_mixture mixture = two_in_one_dimension();
  double x = 0.75, mean = 0.3 * -1.2 + 0.7 * 0.9;
  assert_int_equal(
      assay_fast_transport(&x, ASSAY_ODE_EULER, &mixture, assay_schedule_of(ASSAY_LINEAR), 0, 1, 1, &x, 1, &context),
      ASSAY_OK);
  test_check(fabs(x - mean) < 4e-16, "%a, not %a", x, mean);
  assay_mixture_clear(&mixture);
}

static int stop(void *self, const char *what, double fraction) {
  (void)self;
  (void)what;
  return fraction >= 0.5;
}

static void refusals(void **state) {
  (void)state;
  assay_mixture mixture = two_in_one_dimension();
  const struct {
    assay_schedule_kind schedule;
    int rule;
    double from, to, x;
    size_t steps, cap;
    bool cancel;
    assay_status status;
    const char *field;
  } bad[] = {{ASSAY_COEFFICIENTS, 0, 0, 1, 0, 2, 0, false, ASSAY_INVALID, "schedule"},
             {ASSAY_LINEAR, 3, 0, 1, 0, 2, 0, false, ASSAY_INVALID, "rule"},
             {ASSAY_LINEAR, 0, -0.5, 1, 0, 2, 0, false, ASSAY_INVALID, "from"},
             {ASSAY_LINEAR, 0, 0, NAN, 0, 2, 0, false, ASSAY_INVALID, "to"},
             {ASSAY_LINEAR, 0, 0, 1, 0, 0, 0, false, ASSAY_INVALID, "steps"},
             {ASSAY_LINEAR, 0, 0, 1, INFINITY, 2, 0, false, ASSAY_INVALID, "0"},
             {ASSAY_LINEAR, 0, 0, 1, 0, 2, 16, false, ASSAY_MEMORY, "transport"},
             {ASSAY_LINEAR, 0, 0, 1, 0, 2, 64, false, ASSAY_MEMORY, "field"},
             {ASSAY_LINEAR, 0, 0, 1, 0, 2, 0, true, ASSAY_CANCELLED, "transport"}};
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    assay_context context;
    assay_context_init(&context);
    context.memory_cap = bad[k].cap;
    if (bad[k].cancel) context.progress = stop;
    double out = 5;
    assay_status got =
        assay_fast_transport(&out, (assay_ode_rule)bad[k].rule, &mixture, assay_schedule_of(bad[k].schedule),
                             bad[k].from, bad[k].to, bad[k].steps, &bad[k].x, 1, &context);
    test_check(got == bad[k].status && strstr(context.message, bad[k].field), "%s: %s, '%s'", bad[k].field,
               assay_status_name(got), context.message);
    test_check(out == 5, "%s: output touched", bad[k].field);
  }
  assay_mixture_clear(&mixture);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(orders), cmocka_unit_test(affine_map), cmocka_unit_test(one_step),
                                     cmocka_unit_test(refusals)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
