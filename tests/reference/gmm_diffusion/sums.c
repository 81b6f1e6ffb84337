/* Sums over all degrees. Noise sensitivity by Mehler's kernel: E|(I - P_t)^L m|^2 = sum_j (-1)^j C(2L, j) E m(X) m(Y_j)
 * for normal pairs of correlation e^{-jt}, as plain double sums over a plane's grid. Derivatives by Arb's integrals of
 * the squared series coefficient. */
#include "testing.h"

#include "reference/core/interval.h"
#include "reference/gmm_diffusion/weighted.h"
#include "tests/reference/arb_bridge.h"
#include "tests/reference/gmm_diffusion/oracle.h"

#include <assay/reference.h>

#include <math.h>
#include <string.h>

enum { GOAL = 20, NOISE_GOAL = 30 };

/* ---- Mehler's kernel ---- */

/* E m(X) m(Y) with Y = r X + sqrt(1 - r^2) Z: on a grid of step 1/8 up to 9; normal weights alias by exp(-2 pi^2 64),
 * m's poles (nearest at 0.78) by exp(-2 pi 8 0.78) < 1e-17, and what lies beyond is below 1e-17. */
static double pair_mean(const oracle_law *law, double r) {
  enum { PER_UNIT = 8, REACH = 9 * PER_UNIT };
  const double h = 1.0 / PER_UNIT, across = sqrt(-expm1(2 * log(r)));
  double sum = 0;
  for (int i = -REACH; i <= REACH; i++) {
    double row = 0, x = i * h;
    for (int k = -REACH; k <= REACH; k++) {
      double z = k * h;
      row += exp(-z * z / 2) * oracle_mean(law, r == 1 ? x : r * x + across * z);
    }
    sum += exp(-x * x / 2) * oracle_mean(law, x) * row;
  }
  return sum * h * h / (2 * acos(-1)) * law->sigma * law->sigma;
}

static double by_mehler(const oracle_law *law, double t, unsigned L) {
  double sum = 0, binomial = 1;
  for (unsigned j = 0; j <= 2 * L; j++) {
    sum += binomial * pair_mean(law, exp(-(double)j * t));
    binomial = -binomial * (2 * L - j) / (j + 1);
  }
  return sum;
}

static void noise_sensitivity(void **state) {
  (void)state;
  const struct {
    double t;
    unsigned L;
  } cases[] = {{0.5, 1}, {0.25, 2}, {1, 3}};
  for (size_t i = 0; i < 3; i++) /* the laws of atoms */
    for (size_t k = 0; k < 3; k++) {
      assay_context context;
      assay_context_init(&context);
      const oracle_law *law = &oracle_laws[i];
      oracle_line line;
      oracle_line_set(&line, law);
      mpfi_t out;
      mpfi_init(out);
      assay_status status = assay_reference_gmm_noise_sensitivity(out, &line.line, assay_real_of(cases[k].t),
                                                                  cases[k].L, NOISE_GOAL, &context);
      test_check(status == ASSAY_OK, "law %zu: %s", i, context.message);
      double truth = by_mehler(law, cases[k].t, cases[k].L);
      /* 20 terms of the alternating sum, each below 20 E m^2 < 100 in size and summed from 2e4 of 1e-16 each */
      test_check(iv_lower_d(out) - 1e-10 < truth && truth < iv_upper_d(out) + 1e-10,
                 "law %zu, t = %g, L = %u: %s, Mehler %.17g", i, cases[k].t, cases[k].L, bridge_text(out), truth);
      test_check(iv_reached(out, NOISE_GOAL, 9), "law %zu: %s", i, bridge_text(out));
      mpfi_clear(out);
    }
}

/* ---- derivatives ---- */

static void derivatives(void **state) {
  (void)state;
  const unsigned orders[] = {1, 3};
  arb_t truth, sigma;
  arb_init(truth), arb_init(sigma);
  for (size_t i = 0; i < ORACLE_LAWS; i += i ? 1U : 2U)
    for (size_t k = 0; k < sizeof orders / sizeof *orders; k++) {
      assay_context context;
      assay_context_init(&context);
      const oracle_law *law = &oracle_laws[i];
      oracle_line line;
      oracle_line_set(&line, law);
      mpfi_t out;
      mpfi_init(out);
      assay_status status = assay_reference_gmm_gradient2(out, &line.line, orders[k], GOAL, &context);
      test_check(status == ASSAY_OK, "law %zu: %s", i, context.message);
      oracle_derivative(truth, law, orders[k], 2);
      arb_set_d(sigma, law->sigma * law->sigma);
      arb_mul(truth, truth, sigma, ORACLE_BITS);
      test_check(bridge_meets(out, truth), "law %zu, j = %u: %s, Arb %s", i, orders[k], bridge_text(out),
                 bridge_ball(truth));
      test_check(iv_reached(out, GOAL, 0x1p20), "law %zu, j = %u: %s", i, orders[k], bridge_text(out));
      mpfi_clear(out);
    }
  arb_clear(truth), arb_clear(sigma);
}

/* Several sums at once are those asked for one by one. */
static void together(void **state) {
  (void)state;
  const weighted_sum sums[] = {{WEIGHTED_NOISE, 2, {0.1, "1/10"}}, {WEIGHTED_GRADIENT, 2, {0, NULL}}};
  assay_context context;
  assay_context_init(&context);
  oracle_line line;
  oracle_line_set(&line, &oracle_laws[4]);
  mpfi_ptr both = NULL;
  mpfi_t one;
  mpfi_init(one);
  assert_int_equal(assay_enclosures_init(&both, 2, &context), ASSAY_OK);
  assert_int_equal(weighted_sums(both, sums, 2, &line.line, GOAL, &context), ASSAY_OK);
  assert_int_equal(assay_reference_gmm_noise_sensitivity(one, &line.line, sums[0].time, 2, GOAL, &context), ASSAY_OK);
  test_check(iv_overlap(one, &both[0]) == IV_TRUE, "%s and %s", bridge_text(one), bridge_text(&both[0]));
  assert_int_equal(assay_reference_gmm_gradient2(one, &line.line, 2, GOAL, &context), ASSAY_OK);
  test_check(iv_overlap(one, &both[1]) == IV_TRUE, "%s and %s", bridge_text(one), bridge_text(&both[1]));
  mpfi_clear(one);
  assay_enclosures_clear(both, 2);
}

static void refusals(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  oracle_line line;
  oracle_line_set(&line, &oracle_laws[0]);
  mpfi_t out;
  mpfi_init(out);
  mpfi_set_si(out, 77);
  const struct {
    double t;
    unsigned L;
    const char *word;
  } cases[] = {{0, 1, "time"}, {-1, 1, "time"}, {NAN, 1, "time"}, {1, 0, "order"}, {1, 65, "order"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assay_status status =
        assay_reference_gmm_noise_sensitivity(out, &line.line, assay_real_of(cases[i].t), cases[i].L, GOAL, &context);
    test_check(status == ASSAY_INVALID && strstr(context.message, cases[i].word), "%s: %s", cases[i].word,
               context.message);
  }
  assert_int_equal(assay_reference_gmm_gradient2(out, &line.line, 65, GOAL, &context), ASSAY_INVALID);
  test_check(iv_contains_d(out, 77), "the output is touched");
  mpfi_clear(out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(noise_sensitivity),
      cmocka_unit_test(derivatives),
      cmocka_unit_test(together),
      cmocka_unit_test(refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
