/* The experiments of gmm-diffusion about polynomials and cells: each is CONFIRMED, and its negative control REFUTED. */
#include "testing.h"
#include "verdict.h"

static void degree_bias(void **state) {
  (void)state;
  check_verdict("gmm-diffusion/degree-bias", ASSAY_CONFIRMED);
  check_control("gmm-diffusion/degree-bias");
}

static void value_of_cells(void **state) {
  (void)state;
  check_verdict("gmm-diffusion/value-of-cells", ASSAY_CONFIRMED);
  check_control("gmm-diffusion/value-of-cells");
}

static void k_discovered(void **state) {
  (void)state;
  check_verdict("gmm-diffusion/k-discovered", ASSAY_CONFIRMED);
  check_control("gmm-diffusion/k-discovered");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(degree_bias), cmocka_unit_test(value_of_cells),
                                     cmocka_unit_test(k_discovered)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
