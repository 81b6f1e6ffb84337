/* The experiments of flow-dae over many small data sets: each is CONFIRMED, and its negative control REFUTED. */
#include "testing.h"
#include "verdict.h"

static void variance_ratio_law(void **state) {
  (void)state;
  check_verdict("flow-dae/variance-ratio-law", ASSAY_CONFIRMED);
  check_control("flow-dae/variance-ratio-law");
}

static void bayes_labels_unknown(void **state) {
  (void)state;
  check_verdict("flow-dae/bayes-labels-unknown", ASSAY_CONFIRMED);
  check_control("flow-dae/bayes-labels-unknown");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(variance_ratio_law), cmocka_unit_test(bayes_labels_unknown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
