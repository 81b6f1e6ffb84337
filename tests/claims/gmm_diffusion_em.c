/* EM and gmm-diffusion's learner on a grid: the claim holds, and its control does not. */
#include "testing.h"
#include "verdict.h"

static void against_em(void **state) {
  (void)state;
  check_verdict("gmm-diffusion/against-em", ASSAY_CONFIRMED);
}

static void control_fails(void **state) {
  (void)state;
  check_control("gmm-diffusion/against-em");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(against_em), cmocka_unit_test(control_fails)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
