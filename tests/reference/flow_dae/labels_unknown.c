/* Unknown labels: two samples in closed form for one data set, and on average against Arb's double integral. */
#include "testing.h"

#include "reference/flow_dae/labels_unknown.h"
#include "tests/reference/arb_bridge.h"

#include <acb.h>
#include <acb_calc.h>
#include <math.h>
#include <string.h>

enum { GOAL = 90, BITS = 200 };

static assay_context context;

/* For n = 2 the unknown label is e with log-odds 2 g/(sigma^2 (2 + sigma^2)), g = <x_1, x_2>, so its mean is
 * tanh(g/(sigma^2 (2 + sigma^2))) and the variance of (x_1 + e x_2)/(2 + sigma^2) is |x_2|^2 sech^2(...)/(2+sigma^2)^2.
 */
static void pair_oracle(arb_t out, const double *x, size_t d, double sigma) {
  arb_t g, square, s2, total;
  arb_init(g), arb_init(square), arb_init(s2), arb_init(total);
  for (size_t j = 0; j < d; j++) {
    arb_set_d(total, x[d + j]);
    arb_addmul(square, total, total, BITS);
    arb_set_d(s2, x[j]);
    arb_addmul(g, total, s2, BITS);
  }
  arb_set_d(s2, sigma);
  arb_mul(s2, s2, s2, BITS);
  arb_add_ui(total, s2, 2, BITS);
  arb_div(g, g, s2, BITS);
  arb_div(g, g, total, BITS);
  arb_sech(g, g, BITS);
  arb_div(g, g, total, BITS);
  arb_mul(g, g, g, BITS);
  arb_mul(out, g, square, BITS);
  arb_div_ui(out, out, d, BITS);
  arb_clear(g), arb_clear(square), arb_clear(s2), arb_clear(total);
}

static void one_pair(void **state) {
  (void)state;
  test_random random = test_random_new(0x1ab);
  mpfi_t got;
  arb_t expected;
  mpfi_init(got), arb_init(expected);
  for (size_t k = 0; k < test_cases(200); k++) {
    double x[2 * 12], sigma = test_uniform(&random, 0.2, 3);
    size_t d = test_integer(&random, 1, 12);
    for (size_t i = 0; i < 2 * d; i++) x[i] = 2 * test_normal(&random);
    test_check(labels_unknown_excess(got, x, 2, d, assay_real_of(sigma), GOAL, &context) == ASSAY_OK, "%s",
               context.message);
    pair_oracle(expected, x, d, sigma);
    test_check(bridge_meets(got, expected) && bridge_narrow(got, GOAL - 6), "d %zu sigma %a: %s, not %s", d, sigma,
               bridge_text(got), bridge_ball(expected));
  }
  mpfi_clear(got), arb_clear(expected);
}

/* Samples that are 0 or equal: known labels cost nothing, symmetric ones all. n = 3, d = 1, x = (0, 2, 0): S = +-2 with
 * even odds, variance 4/(3 + 1/4)^2. x = (a, a, ..., a) with a large: the labels are certain up to rounding. */
static void special_data(void **state) {
  (void)state;
  const double zeros[5] = {0}, even[3] = {0, 2, 0}, certain[4] = {100, -100, 100, 100};
  mpfi_t got;
  mpfi_init(got);
  assert_int_equal(labels_unknown_excess(got, zeros, 5, 1, assay_real_of(1), GOAL, &context), ASSAY_OK);
  test_check(mpfi_is_zero(got), "zeros: %s", bridge_text(got));
  assert_int_equal(labels_unknown_excess(got, certain + 1, 1, 1, assay_real_of(1), GOAL, &context), ASSAY_OK);
  test_check(mpfi_is_zero(got), "one sample: %s", bridge_text(got));
  assert_int_equal(labels_unknown_excess(got, even, 3, 1, assay_real_of(0.5), GOAL, &context), ASSAY_OK);
  arb_t expected;
  arb_init(expected);
  arb_set_ui(expected, 64); /* 4/(13/4)^2 */
  arb_div_ui(expected, expected, 169, BITS);
  test_check(bridge_meets(got, expected) && bridge_narrow(got, GOAL - 6), "even: %s", bridge_text(got));
  assert_int_equal(labels_unknown_excess(got, certain, 4, 1, assay_real_of(1), 60, &context), ASSAY_OK);
  test_check(mpfi_get_d(got) >= 0 && mpfi_get_d(got) < 1e-60, "certain: %s", bridge_text(got));
  arb_clear(expected), mpfi_clear(got);
}

/* ---- the average over pairs ---- */

typedef struct {
  unsigned long h;
  double v1, v2; /* 2 + sigma^2 and sigma^2, exactly */
  acb_t outer;
} average;

enum { PREC = 64, REL = 18, REACH = 60 };

/* Density of chi^2_2h. */
static void chi2_density(acb_t out, const acb_t a, unsigned long h) {
  acb_t t;
  acb_init(t);
  acb_mul_2exp_si(t, a, -1);
  acb_pow_ui(out, t, h - 1, PREC);
  acb_neg(t, t);
  acb_exp(t, t, PREC);
  acb_mul(out, out, t, PREC);
  acb_mul_2exp_si(out, out, -1);
  for (unsigned long i = 2; i < h; i++) acb_div_ui(out, out, i, PREC);
  acb_clear(t);
}

/* Given P = v1 A: (P + Q) sech^2((P - Q)/(2 v1 v2)) times Q/v2's density. */
static int inner(acb_ptr out, const acb_t b, void *param, slong order, slong prec) {
  (void)order, (void)prec;
  const average *e = param;
  acb_t p, q, t;
  arb_t factor;
  acb_init(p), acb_init(q), acb_init(t), arb_init(factor);
  arb_set_d(factor, e->v1);
  acb_mul_arb(p, e->outer, factor, PREC);
  arb_set_d(factor, e->v2);
  acb_mul_arb(q, b, factor, PREC);
  acb_sub(t, p, q, PREC);
  acb_mul_2exp_si(t, t, -1);
  acb_div_arb(t, t, factor, PREC);
  arb_set_d(factor, e->v1);
  acb_div_arb(t, t, factor, PREC);
  acb_sech(t, t, PREC);
  acb_mul(t, t, t, PREC);
  acb_add(p, p, q, PREC);
  acb_mul(t, t, p, PREC);
  chi2_density(p, b, e->h);
  acb_mul(out, t, p, PREC);
  acb_clear(p), acb_clear(q), acb_clear(t), arb_clear(factor);
  return 0;
}

static void integrate(acb_t out, acb_calc_func_t f, average *e) {
  acb_t from, to;
  mag_t tolerance;
  acb_init(from), acb_init(to), mag_init(tolerance);
  acb_set_ui(to, REACH);
  mag_set_ui_2exp_si(tolerance, 1, -REL);
  acb_calc_integrate(out, f, e, from, to, REL, tolerance, NULL, PREC);
  acb_clear(from), acb_clear(to), mag_clear(tolerance);
}

static int outer(acb_ptr out, const acb_t a, void *param, slong order, slong prec) {
  (void)order, (void)prec;
  average *e = param;
  acb_t density;
  acb_init(density);
  acb_set(e->outer, a);
  integrate(out, inner, e);
  chi2_density(density, a, e->h);
  acb_mul(out, out, density, PREC);
  acb_clear(density);
  return 0;
}

/* E[chi^2_d; chi^2_d > 60] < 4e-8 for d <= 8, so what is cut off of E(P + Q) is below 2^-20. */
static void average_over_pairs(void **state) {
  (void)state;
  const struct {
    size_t d;
    double v2;
  } cases[] = {{4, 0.5}, {8, 2}};
  mpfi_t got;
  arb_t expected;
  mpfi_init(got), arb_init(expected);
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    average e = {.h = cases[c].d / 2, .v1 = 2 + cases[c].v2, .v2 = cases[c].v2};
    acb_t value;
    acb_init(value), acb_init(e.outer);
    integrate(value, outer, &e);
    acb_get_real(expected, value);
    arb_add_error_2exp_si(expected, -20);
    arb_div_ui(expected, expected, 2 * cases[c].d, PREC);
    arb_set_d(acb_realref(value), e.v1 * e.v1);
    arb_div(expected, expected, acb_realref(value), PREC);
    assert_int_equal(labels_unknown_pair(got, cases[c].d, assay_real_of(sqrt(e.v2)), GOAL, &context), ASSAY_OK);
    test_check(arb_rel_accuracy_bits(expected) >= 10, "d %zu: oracle %s", cases[c].d, bridge_ball(expected));
    test_check(bridge_meets(got, expected) && bridge_narrow(got, GOAL), "d %zu sigma^2 %g: %s, not %s", cases[c].d,
               e.v2, bridge_text(got), bridge_ball(expected));
    acb_clear(value), acb_clear(e.outer);
  }
  mpfi_clear(got), arb_clear(expected);
}

/* At 4 goal_bits the enclosure lies within the one at goal_bits, or meets it. */
static void precisions_agree(void **state) {
  (void)state;
  const size_t dimensions[] = {2, 6, 20, 100, 200};
  mpfi_t coarse, fine;
  mpfi_init(coarse), mpfi_init(fine);
  for (size_t k = 0; k < 5; k++) {
    assert_int_equal(labels_unknown_pair(coarse, dimensions[k], assay_real_of(0.7), 30, &context), ASSAY_OK);
    assert_int_equal(labels_unknown_pair(fine, dimensions[k], assay_real_of(0.7), 300, &context), ASSAY_OK);
    test_check(mpfi_is_inside(fine, coarse), "d %zu: %s, %s", dimensions[k], bridge_text(coarse), bridge_text(fine));
  }
  mpfi_clear(coarse), mpfi_clear(fine);
}

static void refusals(void **state) {
  (void)state;
  const double x[2] = {1, NAN};
  mpfi_t out;
  mpfi_init_set_d(out, 7);
  const struct {
    const char *field;
    size_t n, d;
    double sigma;
    long goal;
  } data[] = {{"samples", 0, 1, 1, 50}, {"samples", 17, 1, 1, 50}, {"dimension", 1, 0, 1, 50},
              {"sigma", 1, 1, 0, 50},   {"goal_bits", 1, 1, 1, 0}, {"row 1", 2, 1, 1, 50}};
  for (size_t k = 0; k < sizeof data / sizeof *data; k++) {
    assay_status status =
        labels_unknown_excess(out, x, data[k].n, data[k].d, assay_real_of(data[k].sigma), data[k].goal, &context);
    test_check(status == ASSAY_INVALID && strstr(context.message, data[k].field), "%zu: %s", k, context.message);
  }
  const size_t dimensions[] = {0, 1, 3, 1026};
  for (size_t k = 0; k < 4; k++)
    test_check(labels_unknown_pair(out, dimensions[k], assay_real_of(1), 50, &context) == ASSAY_INVALID &&
                   strstr(context.message, "dimension"),
               "%zu: %s", dimensions[k], context.message);
  test_check(labels_unknown_pair(out, 2, assay_real_of(-1), 50, &context) == ASSAY_INVALID &&
                 strstr(context.message, "sigma"),
             "%s", context.message);
  test_check(labels_unknown_pair(out, 2, assay_real_of(1), 5000, &context) == ASSAY_PRECISION, "%s", context.message);
  test_check(mpfi_get_d(out) == 7, "output touched: %s", bridge_text(out));
  mpfi_clear(out);
}

int main(void) {
  assay_context_init(&context);
  const struct CMUnitTest tests[] = {cmocka_unit_test(one_pair), cmocka_unit_test(special_data),
                                     cmocka_unit_test(average_over_pairs), cmocka_unit_test(precisions_agree),
                                     cmocka_unit_test(refusals)};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  flint_cleanup();
  mpfr_free_cache();
  return failed;
}
