/* Fresh noise: the claim, and the intervals of theory/flow_dae/fresh_mean.h under its budget: their limit is R7's, they
 * miss no more often than they say, and are not much wider than what they enclose is spread. */
#include "testing.h"
#include "verdict.h"

#include "theory/flow_dae/fresh_mean.h"
#include "theory/flow_dae/growth.h"

#include <assay/fast.h>
#include <assay/reference.h>

#include <math.h>

enum { BITS = 160 };

static void claim_holds(void **state) {
  (void)state;
  check_verdict("flow-dae/fresh-noise", ASSAY_CONFIRMED);
}

static void control_fails(void **state) {
  (void)state;
  check_control("flow-dae/fresh-noise");
}

typedef struct {
  size_t n, d, steps, count;
  double sigma, lambda, norm2;
} fresh_case;

#define CASE "n %zu d %zu steps %zu count %zu sigma %a lambda %a r %a"
#define OF(at) (at)->n, (at)->d, (at)->steps, (at)->count, (at)->sigma, (at)->lambda, (at)->norm2

static assay_dae_settings settings_of(const fresh_case *at) {
  assay_dae_settings settings = assay_dae_settings_of(at->n, assay_real_of(at->sigma), assay_real_of(at->lambda));
  settings.norm2 = assay_real_of(at->norm2);
  settings.steps = at->steps;
  settings.noise = ASSAY_NOISE_FRESH;
  return settings;
}

/* Eta, V and noise of the first step each stand out in one of them. */
static const fresh_case cases[] = {{2, 6000, 3, 6, 1.5, 0.5, 1},
                                   {3, 4000, 5, 24, 0.5, 1.5, 2.25},
                                   {8, 2000, 8, 10, 0.7, 0.1, 1},
                                   {4, 3000, 2, 3, 0.5, 4, 0.25},
                                   {3, 4000, 1, 6, 1.5, 0.5, 1}};
enum { CASES = sizeof cases / sizeof *cases };

/* Both are intervals of the same number, narrow at this precision. */
static void check_same(iv a, iv b, const char *what, const fresh_case *at) {
  test_check(iv_overlap(a, b) == IV_TRUE && iv_width_d(a) < 0x1p-100 && iv_width_d(b) < 0x1p-60,
             CASE ": %s: [%a, %a] and [%a, %a]", OF(at), what, iv_lower_d(a), iv_upper_d(a), iv_lower_d(b),
             iv_upper_d(b));
}

/* The limit of the budget's own image, a sum over steps, is the reference's recursion. */
static void limit_is_theirs(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  assay_dae_theory theory;
  assay_dae_theory_init(&theory);
  for (size_t i = 0; i < CASES; i++) {
    const fresh_case *at = &cases[i];
    assay_dae_settings settings = settings_of(at);
    iv_scope *s = iv_scope_new(BITS);
    assert_int_equal(assay_reference_dae_theory(&theory, &settings, assay_real_of(1), 100, &context), ASSAY_OK);
    fresh_mean limit = fresh_mean_limit(s, &settings, at->d, at->count);
    check_same(limit.center, theory.mse, "center", at);
    check_same(limit.noise, iv_div(s, iv_sqr(s, theory.flow_xi), iv_ui(s, at->n)), "noise", at);
    check_same(limit.start, iv_div(s, theory.cluster_variance, iv_ui(s, at->count)), "start", at);
    iv_scope_free(s);
  }
  assay_dae_theory_clear(&theory);
}

/* The product of the growth factors is P of the fixed noise's closed form, which shares no step with it. */
static void growth_is_perp(void **state) {
  (void)state;
  for (size_t i = 0; i < CASES; i++) {
    const fresh_case *at = &cases[i];
    assay_dae_settings settings = settings_of(at);
    iv_scope *s = iv_scope_new(BITS);
    fluctuation still = fluctuation_limit(s, &settings, at->d);
    iv perp = iv_si(s, 1), step = iv_ratio(s, 1, (long)at->steps);
    for (size_t j = 0; j < at->steps; j++) {
      perp = iv_mul(s, perp, growth_factor(s, growth_skip(s, &still, at->steps, j), step, at->steps, j));
      check_same(perp, fluctuation_perp(s, &still, at->steps, j + 1), "P", at);
    }
    iv_scope_free(s);
  }
}

enum { ERROR, NOISE, STATISTICS };
static const char *const names[STATISTICS] = {"error", "noise"};

static void draw(double out[STATISTICS], const fresh_case *at, uint64_t seed) {
  assay_context context;
  assay_context_init(&context);
  context.threads = 1;
  assay_dae_settings settings = settings_of(at);
  assay_dae_learner learner = assay_dae_learner_labels();
  assay_dae_data data;
  assay_dae_samples samples;
  assay_bounded error, noise;
  assert_int_equal(assay_fast_dae_data_init(&data, &settings, at->d, 0.5, seed, &context), ASSAY_OK);
  assert_int_equal(assay_fast_dae_samples_init(&samples, &data, &settings, &learner, at->count, seed, &context), 0);
  assert_int_equal(assay_fast_dae_samples_mean_error(&error, &noise, &samples, &context), ASSAY_OK);
  test_check(samples.sign_changes == 0, CASE ": %zu samples changed sign", OF(at), samples.sign_changes);
  out[ERROR] = error.value, out[NOISE] = noise.value;
  assay_fast_dae_samples_clear(&samples);
  assay_fast_dae_data_clear(&data);
}

/* The intervals add up the extremes of independent numbers, eight of the set and of every step's noise, each q standard
 * deviations out for its share of delta: k of spreads s_1..s_k give a width 2 q (s_1 + ... + s_k) <= 2 q sqrt(k)
 * spreads of the sum. That of gbar, of spread sqrt((1 - 2/pi)/N), is [0, 1 + q/sqrt(2 N)]. Half as much again: five
 * standard deviations of the spread found in as many draws. */
static double widest_of(iv_scope *s, const fresh_case *at, double delta, size_t draws) {
  enum { SHARES = 9, EVENTS = 8 };
  double steps = (double)at->steps, root = sqrt((double)at->count);
  double q = iv_upper_d(fluctuation_normal(s, delta / (SHARES * EVENTS) / steps));
  double fold = (root + q / sqrt(2)) / sqrt(1 - 2 / acos(-1));
  return (1 + 5 / sqrt(2 * (double)draws)) * sqrt(4 * q * q * EVENTS * (steps + 1) + fold * fold);
}

/* With delta = 1/20 of 60 draws more than 16 miss with a chance below 1e-7; what misses less than that allows is seen
 * in fresh_mean.c. */
static void draws_lie_inside(void **state) {
  (void)state;
  enum { DRAWS = 60, MOST_MISSES = 16 };
  const double delta = 0.05;
  test_random random = test_random_new(0xf5e);
  for (size_t i = 0; i < CASES; i++) {
    const fresh_case *at = &cases[i];
    assay_dae_settings settings = settings_of(at);
    iv_scope *s = iv_scope_new(BITS);
    fresh_mean image = fresh_mean_of(s, &settings, at->d, at->count, delta);
    const iv images[STATISTICS] = {iv_add(s, image.center, image.start), image.noise};
    size_t misses[STATISTICS] = {0};
    double widest = widest_of(s, at, delta, DRAWS);
    double sum[STATISTICS] = {0}, squares[STATISTICS] = {0};
    for (size_t k = 0; k < DRAWS; k++) {
      double seen[STATISTICS];
      draw(seen, at, test_bits(&random));
      for (size_t m = 0; m < STATISTICS; m++) {
        misses[m] += !iv_contains_d(images[m], seen[m]);
        sum[m] += seen[m], squares[m] += seen[m] * seen[m];
      }
    }
    for (size_t m = 0; m < STATISTICS; m++) {
      double mean = sum[m] / DRAWS, deviation = sqrt(fmax(squares[m] / DRAWS - mean * mean, 0));
      test_check(misses[m] <= MOST_MISSES, CASE ": %s: %zu of %d outside [%a, %a]", OF(at), names[m], misses[m], DRAWS,
                 iv_lower_d(images[m]), iv_upper_d(images[m]));
      test_check(iv_width_d(images[m]) <= widest * deviation, CASE ": %s: width %g, deviation %g", OF(at), names[m],
                 iv_width_d(images[m]), deviation);
    }
    iv_scope_free(s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(claim_holds), cmocka_unit_test(control_fails),
                                     cmocka_unit_test(limit_is_theirs), cmocka_unit_test(growth_is_perp),
                                     cmocka_unit_test(draws_lie_inside)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
