/* Far mass against Arb's integral of sum p_i^2/p, and closed forms. */
#include "testing.h"

#include "reference/core/interval.h"
#include "tests/reference/arb_bridge.h"
#include "tests/reference/gmm_diffusion/oracle.h"

#include <assay/reference.h>

#include <math.h>

enum { GOAL = 30 };

static void far_mass(mpfi_ptr out, const oracle_law *law) {
  assay_context context;
  assay_context_init(&context);
  oracle_line line;
  oracle_line_set(&line, law);
  assay_status status = assay_reference_gmm_far_mass(out, &line.line, GOAL, &context);
  test_check(status == ASSAY_OK, "%s", context.message);
}

static double far_bound(const oracle_law *law) {
  assay_context context;
  assay_context_init(&context);
  oracle_line line;
  oracle_line_set(&line, law);
  mpfi_t out;
  mpfi_init(out);
  assay_status status = assay_reference_gmm_far_mass_bound(out, &line.line, GOAL, &context);
  test_check(status == ASSAY_OK && iv_reached(out, GOAL, 0), "%s", context.message);
  double bound = iv_mid_d(out);
  mpfi_clear(out);
  return bound;
}

static void against_arb(void **state) {
  (void)state;
  arb_t truth;
  mpfi_t own;
  arb_init(truth), mpfi_init(own);
  for (size_t i = 0; i < ORACLE_LAWS; i++) {
    far_mass(own, &oracle_laws[i]);
    oracle_far_mass(truth, &oracle_laws[i]);
    test_check(bridge_meets(own, truth) && iv_reached(own, GOAL, 1), "law %zu: %s, Arb %s", i, bridge_text(own),
               bridge_ball(truth));
  }
  arb_clear(truth), mpfi_clear(own);
}

/* Atoms at one place: 1 - sum w^2, and nothing tells them apart. One piece: no others. Far out it does not matter where
 * the law lies. */
static void closed_forms(void **state) {
  (void)state;
  const oracle_law same = {2, {1, 3}, {2, 2}, {2, 2}, 1, 0}, one = {1, {1}, {-1}, {4}, 1, 0};
  oracle_law pair = {2, {1, 1}, {-1, 1}, {-1, 1}, 1, 0}, moved = {2, {1, 1}, {999, 1001}, {999, 1001}, 1, 0};
  mpfi_t own, other;
  mpfi_init(own), mpfi_init(other);
  far_mass(own, &same);
  test_check(iv_contains_d(own, 0.375), "%s", bridge_text(own));
  far_mass(own, &one);
  test_check(iv_is_zero(own), "%s", bridge_text(own));
  far_mass(own, &pair), far_mass(other, &moved);
  test_check(iv_overlap(own, other) == IV_TRUE, "%s and %s", bridge_text(own), bridge_text(other));
  mpfi_clear(own), mpfi_clear(other);
}

/* 2 (k-1) Phi(-gap/(2 sigma)), in whatever order the pieces come; pieces that meet have no gap. */
static void bound(void **state) {
  (void)state;
  const oracle_law three = {3, {1, 1, 1}, {5, -6, 0}, {7, -4, 2}, 0.5, 3}, meet = {2, {1, 1}, {0, 1}, {2, 3}, 1, 0};
  const oracle_law inside = {3, {1, 1, 1}, {0, 1, 9}, {8, 2, 9}, 1, 0}, one = {1, {1}, {0}, {1}, 1, 0};
  double gap = 3, expected = 4 * erfc(gap / (2 * 0.5) / sqrt(2)) / 2;
  test_check(fabs(far_bound(&three) / expected - 1) < 1e-8, "%.17g instead of %.17g", far_bound(&three), expected);
  test_check(far_bound(&meet) == 1 && far_bound(&inside) == 2 && far_bound(&one) == 0, "%g %g %g", far_bound(&meet),
             far_bound(&inside), far_bound(&one));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(against_arb),
      cmocka_unit_test(closed_forms),
      cmocka_unit_test(bound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
