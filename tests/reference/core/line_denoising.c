/* Bayes denoising on a line against Arb's integral of another formula, E x_1^2 - E f(x_t)^2, against the binary
 * mixture's closed form, where components coincide or nothing is left open, and through shifts and changes of scale. */
#include "tests/reference/arb_bridge.h"
#include "tests/reference/core/line_case.h"

#include <assay/reference.h>

#include <acb_calc.h>
#include <math.h>
#include <string.h>

enum { GOAL = 60, PREC = 120, TAIL_BITS = 120 };

static assay_context context;

static void denoise(mpfi_ptr out, const line_case *at, long goal) {
  assay_mixture mixture;
  line_case_mixture(&mixture, at);
  assay_path_point point = line_case_point(at);
  assay_status status = assay_reference_line_denoising(out, &mixture, &point, goal, &context);
  test_check(status == ASSAY_OK, "%s", context.message);
  assay_mixture_clear(&mixture);
}

/* Is it as narrow, relatively, as the contract says? */
static bool reached(mpfi_srcptr enclosure, long goal) {
  mpfr_t width;
  mpfr_init2(width, 64);
  mpfr_sub(width, &enclosure->right, &enclosure->left, MPFR_RNDU);
  mpfr_mul_2si(width, width, goal, MPFR_RNDU);
  bool narrow = mpfr_lessequal_p(width, &enclosure->left);
  mpfr_clear(width);
  return narrow;
}

/* ---- the oracle ---- */

/* f_k = (beta S_k x + alpha^2 m_k)/V_k */
static void guess(acb_t out, const line_case *at, size_t k, const acb_t x) {
  arb_t t, u;
  arb_init(t), arb_init(u);
  arb_set_d(t, at->beta);
  arb_set_d(u, at->variance[k]);
  arb_mul(t, t, u, PREC);
  acb_mul_arb(out, x, t, PREC);
  arb_set_d(t, at->alpha);
  arb_mul(t, t, t, PREC);
  arb_set_d(u, at->mean[k]);
  arb_mul(t, t, u, PREC);
  acb_add_arb(out, out, t, PREC);
  line_case_variance(t, at, k, PREC);
  acb_div_arb(out, out, t, PREC);
  arb_clear(t), arb_clear(u);
}

/* (sum q_k f_k)^2/sum q_k: Arb takes care of its poles, where the quotient is not finite. */
static int guessed_square(acb_ptr out, const acb_t x, void *param, slong order, slong prec) {
  (void)order, (void)prec;
  const line_case *at = param;
  acb_t density, total, f;
  acb_init(density), acb_init(total), acb_init(f);
  acb_zero(out);
  for (size_t k = 0; k < at->count; k++) {
    line_case_density(density, at, k, x, PREC);
    acb_add(total, total, density, PREC);
    guess(f, at, k, x);
    acb_addmul(out, density, f, PREC);
  }
  acb_mul(out, out, out, PREC);
  acb_div(out, out, total, PREC);
  acb_clear(density), acb_clear(total), acb_clear(f);
  return 0;
}

/* E x_1^2 - int over +-reach, all of it divided by the sum of weights. With x = M_k + sqrt(V_k) z, |f_k| <= |m_k| +
 * sqrt(S_k) |z|; for means up to 8, variances up to 4 and |z| > 14 what is cut off is below 2^-TAIL_BITS. */
static void oracle(arb_t out, line_case *at) {
  double reach = 0;
  arb_t total, t, u;
  arb_init(total), arb_init(t), arb_init(u);
  arb_zero(out);
  for (size_t k = 0; k < at->count; k++) {
    double deviation = sqrt(at->alpha * at->alpha + at->beta * at->beta * at->variance[k]);
    reach = fmax(reach, at->beta * fabs(at->mean[k]) + 14.5 * deviation);
    arb_set_d(t, at->weight[k]);
    arb_add(total, total, t, PREC);
    arb_set_d(u, at->mean[k]);
    arb_mul(u, u, u, PREC);
    arb_addmul(out, t, u, PREC);
    arb_set_d(u, at->variance[k]);
    arb_addmul(out, t, u, PREC);
  }
  acb_t a, b, r;
  mag_t tolerance;
  acb_init(a), acb_init(b), acb_init(r), mag_init(tolerance);
  acb_set_d(a, -reach), acb_set_d(b, reach);
  mag_set_ui_2exp_si(tolerance, 1, -80);
  acb_calc_integrate_opt_t options;
  acb_calc_integrate_opt_init(options);
  options->eval_limit = 1000000;
  acb_calc_integrate(r, guessed_square, at, a, b, 80, tolerance, options, PREC);
  arb_sub(out, out, acb_realref(r), PREC);
  arb_div(out, out, total, PREC);
  arb_add_error_2exp_si(out, -TAIL_BITS);
  acb_clear(a), acb_clear(b), acb_clear(r), mag_clear(tolerance);
  arb_clear(total), arb_clear(t), arb_clear(u);
}

static void check_case(line_case *at, size_t number) {
  mpfi_t got;
  arb_t expected;
  mpfi_init(got), arb_init(expected);
  denoise(got, at, GOAL);
  oracle(expected, at);
  test_check(bridge_meets(got, expected) && reached(got, GOAL),
             "case %zu (%zu components, alpha %a beta %a): %s, not %s", number, at->count, at->alpha, at->beta,
             bridge_text(got), bridge_ball(expected));
  test_check(mag_cmp_2exp_si(arb_radref(expected), -60) < 0, "case %zu: oracle %s", number, bridge_ball(expected));
  mpfi_clear(got), arb_clear(expected);
}

static void random_mixtures(void **state) {
  (void)state;
  test_random random = test_random_new(0xde01);
  size_t cases = test_cases(30);
  for (size_t c = 0; c < cases; c++) {
    line_case at = line_case_random(&random);
    check_case(&at, c);
  }
}

/* Needles on hills, guesses that are parallel, densities with zeros next to the line (two far peaks), light components,
 * little noise and much. */
static void special_mixtures(void **state) {
  (void)state;
  line_case cases[] = {
      {2, {1, 1}, {0, 0}, {4, 0x1p-40}, 0x1p-20, 1},
      {2, {1, 1}, {0, 1}, {1, 0x1p-20}, 0x1p-10, 1},
      {2, {1, 1}, {8, -8}, {1, 1}, 0.5, 1},
      {2, {1, 0x1p-30}, {8, -8}, {1, 0.25}, 0.75, 0.5},
      {3, {1, 0x1p-30, 0x1p-20}, {0, 4, 4.5}, {0.25, 0.25, 0x1p-10}, 0.25, 0.5},
      {3, {1, 1, 1}, {-2, 0, 2}, {1, 1, 1}, 0.5, 1},
      {5, {1, 2, 3, 4, 5}, {0, 1, 2, 3, 4}, {0x1p-6, 0x1p-5, 0x1p-4, 0x1p-3, 0x1p-2}, 0.125, 1},
      {2, {1, 3}, {1, -2}, {1, 2}, 1, 0x1p-10},
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) check_case(&cases[c], c);
}

/* ---- other witnesses ---- */

/* The binary mixture's closed form, to many bits, at every schedule and covariance kind. */
static void binary_mixture(void **state) {
  (void)state;
  const double mean = 1.5, variance = 0.25;
  assay_path_point points[] = {assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), (assay_real){0.1, "1/10"}),
                               assay_path_point_at(assay_schedule_of(ASSAY_TRIGONOMETRIC), assay_real_of(0.75)),
                               assay_path_point_of(assay_real_of(0x1p-30), assay_real_of(1)),
                               assay_path_point_of(assay_real_of(1), assay_real_of(0x1p-30))};
  double entry[1] = {variance};
  mpfi_t got, closed;
  mpfi_init(got), mpfi_init(closed);
  for (int p = 0; p < 4; p++) {
    assay_mixture mixture;
    assert_int_equal(assay_mixture_binary(&mixture, 1, &mean, assay_real_of(variance), &context), ASSAY_OK);
    assert_int_equal(assay_reference_bayes_denoising(closed, 1, assay_real_of(mean * mean), assay_real_of(0.5),
                                                     &points[p], 300, &context),
                     ASSAY_OK);
    for (int kind = 0; kind < 3; kind++) {
      for (int k = 0; k < 2; k++) {
        assay_covariance *covariance = &mixture.components[k].covariance;
        covariance->kind = (assay_covariance_kind)kind;
        covariance->entries = kind ? entry : NULL;
      }
      long goal = kind ? GOAL : 200;
      assert_int_equal(assay_reference_line_denoising(got, &mixture, &points[p], goal, &context), ASSAY_OK);
      test_check(mpfi_is_inside(closed, got) && reached(got, goal), "point %d kind %d: %s, not %s", p, kind,
                 bridge_text(got), bridge_text(closed));
    }
    mixture.components[0].covariance.entries = mixture.components[1].covariance.entries = NULL;
    assay_mixture_clear(&mixture);
  }
  mpfi_clear(got), mpfi_clear(closed);
}

/* Enclosures of one number meet, whatever their widths. */
static void coarse_and_fine(void **state) {
  (void)state;
  test_random random = test_random_new(0xde02);
  mpfi_t coarse, fine;
  mpfi_init(coarse), mpfi_init(fine);
  for (size_t c = 0; c < test_cases(6); c++) {
    line_case at = line_case_random(&random);
    at.variance[0] = exp2(-(double)test_integer(&random, 0, 60));
    at.alpha = exp2(-(double)test_integer(&random, 0, 40));
    denoise(coarse, &at, 20);
    denoise(fine, &at, 150);
    test_check(mpfr_lessequal_p(&fine->left, &coarse->right) && mpfr_lessequal_p(&coarse->left, &fine->right) &&
                   reached(coarse, 20) && reached(fine, 150),
               "case %zu (%zu components, alpha %a beta %a): %s, then %s", c, at.count, at.alpha, at.beta,
               bridge_text(coarse), bridge_text(fine));
  }
  mpfi_clear(coarse), mpfi_clear(fine);
}

/* x_1 -> 2^k (x_1 + c) with beta / 2^k: the error times 4^k. Exact in these numbers. */
static void shifts_and_scales(void **state) {
  (void)state;
  const line_case at = {3, {1, 2, 0.5}, {-1, 0.5, 2}, {0.25, 2, 0x1p-10}, 0.5, 0.75};
  mpfi_t here, there;
  mpfi_init(here), mpfi_init(there);
  denoise(here, &at, 100);
  for (int move = 0; move < 4; move++) {
    static const double shift[] = {0x1p20, -1000, 0x1p40, 0}, scale[] = {1, 0x1p300, 0x1p-20, 0x1p-400};
    line_case moved = at;
    moved.beta /= scale[move];
    for (size_t k = 0; k < at.count; k++) {
      moved.mean[k] = (at.mean[k] + shift[move]) * scale[move];
      moved.variance[k] *= scale[move] * scale[move];
    }
    denoise(there, &moved, GOAL);
    mpfi_div_2si(there, there, 2L * ilogb(scale[move]));
    test_check(mpfi_is_inside(here, there) && reached(there, GOAL), "move %d: %s, not %s", move, bridge_text(there),
               bridge_text(here));
  }
  mpfi_clear(here), mpfi_clear(there);
}

/* A component cut in two, or listed again, is the same law. */
static void coinciding_components(void **state) {
  (void)state;
  const line_case one = {2, {1, 2}, {1, -1}, {1, 0.5}, 0.25, 0.75};
  const line_case two = {5, {0.5, 1, 0.5, 0.25, 0.75}, {1, -1, 1, -1, -1}, {1, 0.5, 1, 0.5, 0.5}, 0.25, 0.75};
  mpfi_t whole, parts;
  mpfi_init(whole), mpfi_init(parts);
  denoise(whole, &one, 2L * GOAL);
  denoise(parts, &two, GOAL);
  test_check(mpfi_is_inside(whole, parts) && reached(parts, GOAL), "%s, not %s", bridge_text(parts),
             bridge_text(whole));
  mpfi_clear(whole), mpfi_clear(parts);
}

static void expect_exactly(const line_case *at, double value, const char *what) {
  mpfi_t got;
  mpfi_init(got);
  denoise(got, at, GOAL);
  test_check(mpfi_cmp_d(got, value) == 0 && mpfr_equal_p(&got->left, &got->right), "%s: %s", what, bridge_text(got));
  mpfi_clear(got);
}

/* x_t = beta x_1 leaves nothing open; x_t = alpha x_0 leaves the prior's variance, here (1 + 2 (4 + 9))/4 + ...
 * exactly; one component is a closed form. */
static void ends(void **state) {
  (void)state;
  const line_case clean = {2, {1, 2}, {1, -1}, {1, 0.5}, 0, 0.75}, noise = {2, {1, 3}, {0, 4}, {1, 2}, 1, 0};
  const line_case one = {1, {3}, {2}, {3}, 1, 1};
  expect_exactly(&clean, 0, "alpha = 0");
  expect_exactly(&noise, 0.25 * 1 + 0.75 * (2 + 16) - 3 * 3, "beta = 0"); /* E x^2 - (E x)^2 */
  expect_exactly(&one, 0.75, "one component");                            /* alpha^2 S/(alpha^2 + beta^2 S) */
}

/* Scales that doubles hold, but not together: what is left open within components, as they are told apart. */
static void unlike_scales(void **state) {
  (void)state;
  const line_case apart = {2, {1, 1}, {1e300, -1e300}, {0x1p-1000, 0x1p-1000}, 0x1p-600, 0x1p-600};
  mpfi_t got;
  mpfi_init(got);
  denoise(got, &apart, 30); /* alpha^2 S/(alpha^2 + beta^2 S) = S/(1 + S) */
  test_check(mpfi_cmp_d(got, 0x1p-1000) <= 0 && mpfi_get_d(got) > 0x1p-1000 * (1 - 0x1p-20), "%s", bridge_text(got));
  const line_case faint = {2, {1, 1}, {0, 0}, {1, 4}, 0x1p-500, 1}; /* alpha^2/beta^2, to relative 2^-1000 */
  denoise(got, &faint, 100);
  test_check(mpfi_get_d(got) == 0x1p-1000 && reached(got, 100), "%s", bridge_text(got));
  mpfi_clear(got);
}

/* ---- refusals ---- */

static int stop(void *self, const char *what, double fraction) {
  double *seen = self;
  test_check(strcmp(what, "Bayes denoising") == 0 && fraction >= *seen && fraction <= 1, "%s: %a after %a", what,
             fraction, *seen);
  *seen = fraction;
  return fraction > 0.5;
}

static void refusals(void **state) {
  (void)state;
  const line_case one = {2, {1, 1}, {0, 1}, {1, 0.5}, 0.5, 1};
  assay_mixture line, plane;
  line_case_mixture(&line, &one);
  assert_int_equal(assay_mixture_init(&plane, 2, 1, &context), ASSAY_OK);
  assay_path_point point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5)), late = point;
  late.time = assay_real_of(1.5);
  mpfi_t out;
  mpfi_init_set_d(out, 7);
  test_check(assay_reference_line_denoising(out, &plane, &point, 50, &context) == ASSAY_UNSUPPORTED &&
                 strstr(context.message, "dimension"),
             "%s", context.message);
  test_check(assay_reference_line_denoising(out, &line, &late, 50, &context) == ASSAY_INVALID &&
                 strstr(context.message, "time"),
             "%s", context.message);
  test_check(assay_reference_line_denoising(out, &line, &point, 0, &context) == ASSAY_INVALID &&
                 strstr(context.message, "goal_bits"),
             "%s", context.message);
  assay_context narrow = context;
  narrow.max_bits = 70;
  test_check(assay_reference_line_denoising(out, &line, &point, 69, &narrow) == ASSAY_PRECISION &&
                 strstr(narrow.message, "max_bits"),
             "%s", narrow.message);
  double seen = 0;
  assay_context watched = context;
  watched.progress = stop;
  watched.progress_self = &seen;
  test_check(assay_reference_line_denoising(out, &line, &point, 50, &watched) == ASSAY_CANCELLED && seen > 0.5,
             "%s at %a", watched.message, seen);
  watched.memory_cap = 4096;
  test_check(assay_reference_line_denoising(out, &line, &point, 1000, &watched) == ASSAY_MEMORY, "%s", watched.message);
  test_check(mpfi_get_d(out) == 7, "output touched");
  mpfi_clear(out);
  assay_mixture_clear(&line), assay_mixture_clear(&plane);
}

int main(void) {
  assay_context_init(&context);
  const struct CMUnitTest tests[] = {cmocka_unit_test(random_mixtures),
                                     cmocka_unit_test(special_mixtures),
                                     cmocka_unit_test(binary_mixture),
                                     cmocka_unit_test(coarse_and_fine),
                                     cmocka_unit_test(shifts_and_scales),
                                     cmocka_unit_test(coinciding_components),
                                     cmocka_unit_test(ends),
                                     cmocka_unit_test(unlike_scales),
                                     cmocka_unit_test(refusals)};
  int failed = cmocka_run_group_tests_name("Bayes denoising on a line", tests, NULL, NULL);
  flint_cleanup();
  mpfr_free_cache();
  return failed;
}
