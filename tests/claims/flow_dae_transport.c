/* The proofs of flow-dae about the flow and its steps: each is PROVED, and its negative control REFUTED. */
#include "testing.h"
#include "verdict.h"

static void continuity(void **state) {
  (void)state;
  check_verdict("flow-dae/continuity", ASSAY_PROVED);
  check_control("flow-dae/continuity");
}

static void quantile_flow(void **state) {
  (void)state;
  check_verdict("flow-dae/quantile-flow", ASSAY_PROVED);
  check_control("flow-dae/quantile-flow");
}

static void summary_ode(void **state) {
  (void)state;
  check_verdict("flow-dae/summary-ode", ASSAY_PROVED);
  check_control("flow-dae/summary-ode");
}

static void euler_limit(void **state) {
  (void)state;
  check_verdict("flow-dae/euler-limit", ASSAY_PROVED);
  check_control("flow-dae/euler-limit");
}

static void euler_cosine_product(void **state) {
  (void)state;
  check_verdict("flow-dae/euler-cosine-product", ASSAY_PROVED);
  check_control("flow-dae/euler-cosine-product");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(continuity),  cmocka_unit_test(quantile_flow),        cmocka_unit_test(summary_ode),
      cmocka_unit_test(euler_limit), cmocka_unit_test(euler_cosine_product),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
