/* The proofs of flow-dae about rates and Bayes-optimal errors: each is PROVED, and its negative control REFUTED. */
#include "testing.h"
#include "verdict.h"

static void mse_rate(void **state) {
  (void)state;
  check_verdict("flow-dae/mse-rate", ASSAY_PROVED);
  check_control("flow-dae/mse-rate");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mse_rate),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
