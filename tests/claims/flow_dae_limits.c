/* The proofs of flow-dae about rates and Bayes-optimal errors: each is PROVED, and its negative control REFUTED. */
#include "testing.h"
#include "verdict.h"

static void mse_rate(void **state) {
  (void)state;
  check_verdict("flow-dae/mse-rate", ASSAY_PROVED);
  check_control("flow-dae/mse-rate");
}

static void cosine_rate(void **state) {
  (void)state;
  check_verdict("flow-dae/cosine-rate", ASSAY_PROVED);
  check_control("flow-dae/cosine-rate");
}

static void bayes_gap(void **state) {
  (void)state;
  check_verdict("flow-dae/bayes-gap", ASSAY_PROVED);
  check_control("flow-dae/bayes-gap");
}

static void fresh_noise_bayes(void **state) {
  (void)state;
  check_verdict("flow-dae/fresh-noise-bayes", ASSAY_PROVED);
  check_control("flow-dae/fresh-noise-bayes");
}

static void nishimori(void **state) {
  (void)state;
  check_verdict("flow-dae/nishimori", ASSAY_PROVED);
  check_control("flow-dae/nishimori");
}

static void bayes_classification(void **state) {
  (void)state;
  check_verdict("flow-dae/bayes-classification", ASSAY_PROVED);
  check_control("flow-dae/bayes-classification");
}

static void bayes_denoising(void **state) {
  (void)state;
  check_verdict("flow-dae/bayes-denoising", ASSAY_PROVED);
  check_control("flow-dae/bayes-denoising");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mse_rate),          cmocka_unit_test(cosine_rate), cmocka_unit_test(bayes_gap),
      cmocka_unit_test(fresh_noise_bayes), cmocka_unit_test(nishimori),   cmocka_unit_test(bayes_classification),
      cmocka_unit_test(bayes_denoising),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
