/* Bayes classification on a line against Arb's integral of the largest weighted density, against Phi where one boundary
 * is known, and where components coincide. */
#include "tests/reference/arb_bridge.h"
#include "tests/reference/core/line_case.h"

#include <assay/reference.h>

#include <acb.h>
#include <acb_calc.h>
#include <math.h>
#include <string.h>

enum { GOAL = 60, PREC = 100 };

static assay_context context;

static void classify(mpfi_ptr out, const line_case *at, long goal) {
  assay_mixture mixture;
  line_case_mixture(&mixture, at);
  assay_path_point point = line_case_point(at);
  assay_status status = assay_reference_line_classification(out, &mixture, &point, goal, &context);
  test_check(status == ASSAY_OK, "%s", context.message);
  assay_mixture_clear(&mixture);
}

static int largest(acb_ptr out, const acb_t x, void *param, slong order, slong prec) {
  (void)prec;
  const line_case *at = param;
  acb_t next;
  acb_init(next);
  line_case_density(out, at, 0, x, PREC);
  for (size_t k = 1; k < at->count; k++) {
    line_case_density(next, at, k, x, PREC);
    acb_real_max(out, out, next, order != 0, PREC);
  }
  acb_clear(next);
  return 0;
}

/* 1 - int max/total over +-reach, reach 9 deviations beyond every mean: below 2^-60 is cut off. */
static void oracle(arb_t out, line_case *at) {
  double reach = 0, total = 0;
  for (size_t k = 0; k < at->count; k++) {
    double deviation = sqrt(at->alpha * at->alpha + at->beta * at->beta * at->variance[k]);
    reach = fmax(reach, at->beta * fabs(at->mean[k]) + 9.5 * deviation);
    total += at->weight[k];
  }
  acb_t a, b, r;
  mag_t tolerance;
  acb_init(a), acb_init(b), acb_init(r), mag_init(tolerance);
  acb_set_d(a, -reach), acb_set_d(b, reach);
  mag_set_ui_2exp_si(tolerance, 1, -34);
  acb_calc_integrate_opt_t options;
  acb_calc_integrate_opt_init(options);
  options->eval_limit = 1000000;
  acb_calc_integrate(r, largest, at, a, b, 34, tolerance, options, PREC);
  arb_set_d(acb_realref(a), total);
  arb_div(out, acb_realref(r), acb_realref(a), PREC);
  arb_sub_ui(out, out, 1, PREC);
  arb_neg(out, out);
  arb_add_error_2exp_si(out, -60);
  acb_clear(a), acb_clear(b), acb_clear(r), mag_clear(tolerance);
}

/* Was the oracle sharp? It is not where the largest density has several names, or roots are double. */
static bool check_case(line_case *at, size_t number) {
  mpfi_t got;
  arb_t expected;
  mpfi_init(got), arb_init(expected);
  classify(got, at, GOAL);
  oracle(expected, at);
  test_check(bridge_meets(got, expected) && bridge_narrow(got, GOAL),
             "case %zu (%zu components, alpha %a beta %a): %s, not %s", number, at->count, at->alpha, at->beta,
             bridge_text(got), bridge_ball(expected));
  test_check(mag_cmp_2exp_si(arb_radref(expected), -13) < 0, "case %zu: oracle %s", number, bridge_ball(expected));
  bool sharp = mag_cmp_2exp_si(arb_radref(expected), -24) < 0;
  mpfi_clear(got), arb_clear(expected);
  return sharp;
}

static void random_mixtures(void **state) {
  (void)state;
  test_random random = test_random_new(0x11e);
  size_t cases = test_cases(24), sharp = 0;
  for (size_t c = 0; c < cases; c++) {
    line_case at = line_case_random(&random);
    sharp += check_case(&at, c);
  }
  test_check(2 * sharp > cases, "the oracle was sharp in %zu of %zu cases", sharp, cases);
}

/* Roots that touch (equal heights at one point), cells inside cells, three components that tie in 0, equal Gaussians.
 */
static void special_mixtures(void **state) {
  (void)state;
  line_case cases[] = {
      {2, {2, 1}, {0, 0}, {4, 1}, 0, 1}, /* heights equal at 0: the wide one is likelier everywhere else */
      {2, {1, 1}, {0, 0}, {1, 0.0625}, 0, 1},
      {3, {1, 1, 1}, {-2, 0, 2}, {1, 1, 1}, 0.5, 1},
      {3, {1, 2, 1}, {0, 0, 0}, {1, 1, 1}, 0.5, 1},
      {3, {1, 2, 4}, {-1, 0, 3}, {1, 2, 0.5}, 1, 0},
      {3, {1, 2, 4}, {-1, 0, 3}, {1, 1, 1}, 0, 1},
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) (void)check_case(&cases[c], c);
}

/* Twins halve what the best guess gets right: 1 - error. */
static void twins(void **state) {
  (void)state;
  const line_case one = {2, {1, 2}, {1, -1}, {1, 0.5}, 0.25, 0.75};
  const line_case two = {4, {1, 2, 1, 2}, {1, -1, 1, -1}, {1, 0.5, 1, 0.5}, 0.25, 0.75};
  mpfi_t right, half;
  mpfi_init(right), mpfi_init(half);
  classify(right, &one, 2L * GOAL);
  classify(half, &two, GOAL);
  mpfi_ui_sub(right, 1, right);
  mpfi_div_ui(right, right, 2);
  mpfi_ui_sub(right, 1, right);
  test_check(mpfi_is_inside(right, half) && bridge_narrow(half, GOAL), "%s, not %s", bridge_text(half),
             bridge_text(right));
  mpfi_clear(right), mpfi_clear(half);
}

/* One component is never mistaken; without signal the heaviest is the guess: exactly, 1 - 4/8. */
static void nothing_to_tell(void **state) {
  (void)state;
  const line_case one = {1, {3}, {2}, {1}, 0.5, 0.5}, blind = {3, {1, 4, 3}, {-1, 0, 3}, {1, 2, 0.5}, 1, 0};
  mpfi_t got;
  mpfi_init(got);
  classify(got, &one, GOAL);
  test_check(mpfi_is_zero(got), "one component: %s", bridge_text(got));
  classify(got, &blind, GOAL);
  test_check(mpfi_cmp_d(got, 0.5) == 0 && mpfr_equal_p(&got->left, &got->right), "blind: %s", bridge_text(got));
  mpfi_clear(got);
}

/* The binary mixture's closed form, to many more bits; all covariance kinds. */
static void binary_mixture(void **state) {
  (void)state;
  const double mean = 1.5, variance = 0.25;
  assay_path_point points[] = {assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.25)),
                               assay_path_point_at(assay_schedule_of(ASSAY_TRIGONOMETRIC), assay_real_of(0.75)),
                               assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(1))};
  double entry[1] = {variance};
  mpfi_t got, closed;
  mpfi_init(got), mpfi_init(closed);
  for (int p = 0; p < 3; p++) {
    assay_mixture mixture;
    assert_int_equal(assay_mixture_binary(&mixture, 1, &mean, assay_real_of(variance), &context), ASSAY_OK);
    assert_int_equal(assay_reference_bayes_classification(closed, assay_real_of(mean * mean), assay_real_of(0.5),
                                                          &points[p], 300, &context),
                     ASSAY_OK);
    for (int kind = 0; kind < 3; kind++) {
      for (int k = 0; k < 2; k++) {
        assay_covariance *covariance = &mixture.components[k].covariance;
        covariance->kind = (assay_covariance_kind)kind;
        covariance->entries = kind ? entry : NULL;
      }
      assert_int_equal(assay_reference_line_classification(got, &mixture, &points[p], 200, &context), ASSAY_OK);
      test_check(mpfi_is_inside(closed, got) && bridge_narrow(got, 200), "point %d kind %d: %s, not %s", p, kind,
                 bridge_text(got), bridge_text(closed));
    }
    mixture.components[0].covariance.entries = mixture.components[1].covariance.entries = NULL;
    assay_mixture_clear(&mixture);
  }
  mpfi_clear(got), mpfi_clear(closed);
}

/* Unlike scales: a needle on a wide hill, far from 0; deviations that no double holds. */
static void unlike_scales(void **state) {
  (void)state;
  const line_case needle = {2, {1, 1}, {1e6, 1e6 + 1}, {1, 1e-20}, 0, 1};
  mpfi_t got;
  mpfi_init(got);
  classify(got, &needle, GOAL);
  /* the needle of deviation 1e-10 takes the hill's mass under it: about phi(1) times the cell's half width, a few of
   * 1e-10 */
  test_check(mpfi_get_d(got) > 1e-10 && mpfi_get_d(got) < 1e-9 && bridge_narrow(got, GOAL), "%s", bridge_text(got));
  const line_case apart = {2, {1, 1}, {1e300, -1e300}, {5e-324, 1e-300}, 0, 0x1p-600};
  classify(got, &apart, 30);
  test_check(mpfi_get_d(got) >= 0 && mpfi_get_d(got) < 1e-9, "%s", bridge_text(got));
  mpfi_clear(got);
}

static void refusals(void **state) {
  (void)state;
  const line_case one = {2, {1, 1}, {0, 1}, {1, 1}, 0, 1};
  assay_mixture line, plane;
  line_case_mixture(&line, &one);
  assert_int_equal(assay_mixture_init(&plane, 2, 1, &context), ASSAY_OK);
  assay_path_point point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5)), late = point;
  late.time = assay_real_of(1.5);
  mpfi_t out;
  mpfi_init_set_d(out, 7);
  test_check(assay_reference_line_classification(out, &plane, &point, 50, &context) == ASSAY_UNSUPPORTED &&
                 strstr(context.message, "dimension"),
             "%s", context.message);
  test_check(assay_reference_line_classification(out, &line, &late, 50, &context) == ASSAY_INVALID &&
                 strstr(context.message, "time"),
             "%s", context.message);
  test_check(assay_reference_line_classification(out, &line, &point, 0, &context) == ASSAY_INVALID &&
                 strstr(context.message, "goal_bits"),
             "%s", context.message);
  assay_context narrow = context;
  narrow.max_bits = 100;
  test_check(assay_reference_line_classification(out, &line, &point, 90, &narrow) == ASSAY_PRECISION, "%s",
             narrow.message);
  line.components[0].weight = assay_real_of(-1);
  test_check(assay_reference_line_classification(out, &line, &point, 50, &context) == ASSAY_INVALID, "%s",
             context.message);
  test_check(mpfi_get_d(out) == 7, "output touched");
  mpfi_clear(out);
  assay_mixture_clear(&line), assay_mixture_clear(&plane);
}

int main(void) {
  assay_context_init(&context);
  const struct CMUnitTest tests[] = {cmocka_unit_test(random_mixtures), cmocka_unit_test(special_mixtures),
                                     cmocka_unit_test(twins),           cmocka_unit_test(nothing_to_tell),
                                     cmocka_unit_test(binary_mixture),  cmocka_unit_test(unlike_scales),
                                     cmocka_unit_test(refusals)};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  flint_cleanup();
  mpfr_free_cache();
  return failed;
}
