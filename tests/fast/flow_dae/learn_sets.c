/* Many trainings side by side: the bits of each alone, whatever the number of threads and the instruction set;
 * failures name their set. */
#include "testing.h"

#include <assay/fast.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 7, TIMES = 2, FITS = SETS * TIMES };
static const double times[TIMES] = {0.75, 0.25};

static assay_dae_settings settings_of(size_t samples) {
  return assay_dae_settings_of(samples, assay_real_of(0.5), assay_real_of(0.1));
}

/* Set k of the header, by the header. */
static void alone(assay_dae_learned *fits, size_t k, size_t d, uint64_t seed, const assay_dae_settings *settings,
                  const assay_dae_learner *learner) {
  assay_context context;
  assay_context_init(&context);
  context.threads = 1;
  assay_dae_learner own = *learner;
  own.seed += k;
  assay_dae_data data;
  assert_int_equal(assay_fast_dae_data_init(&data, settings, d, 0.5, seed + k, &context), ASSAY_OK);
  test_check(assay_fast_dae_learn(fits, NULL, times, TIMES, &data, settings, &own, &context) == ASSAY_OK, "%s",
             context.message);
  assay_fast_dae_data_clear(&data);
}

static void check_sets(size_t n, size_t d, uint64_t seed, assay_dae_learner learner) {
  assay_dae_settings settings = settings_of(n);
  assay_dae_learned fits[FITS], expected[FITS];
  for (size_t k = 0; k < SETS; k++) alone(&expected[k * TIMES], k, d, seed, &settings, &learner);
  for (int threads = 1; threads <= 3; threads += 2) {
    assay_context context;
    assay_context_init(&context);
    context.threads = threads;
    context.isa = threads == 1 ? ASSAY_ISA_SSE2 : ASSAY_ISA_AVX2;
    memset(fits, 0, sizeof fits);
    test_check(assay_fast_dae_learn_sets(fits, SETS, times, TIMES, d, seed, &settings, &learner, &context) == ASSAY_OK,
               "%s", context.message);
    for (size_t k = 0; k < FITS; k++) {
      const assay_dae_learned *got = &fits[k], *one = &expected[k];
      test_check(got->time == times[k % TIMES] && got->c == one->c && got->loss == one->loss &&
                     got->label_distance == one->label_distance && got->wrong_labels == one->wrong_labels &&
                     got->iterations == one->iterations && got->w_mu == one->w_mu,
                 "n %zu d %zu seed %llu threads %d fit %zu: c %a instead of %a", n, d, (unsigned long long)seed,
                 threads, k, got->c, one->c);
    }
  }
}

static void side_by_side(void **state) {
  (void)state;
  test_random random = test_random_new(0x5e75);
  assay_dae_learner adam = assay_dae_learner_adam(ASSAY_TANH, test_bits(&random));
  adam.iterations = 25;
  check_sets(3, 50, test_bits(&random), adam);
  check_sets(9, 3700, test_bits(&random), adam); /* several slabs */
  check_sets(4, 100, test_bits(&random), assay_dae_learner_stationary(ASSAY_SIGN));
}

/* Seeds wrap around. */
static void last_seed(void **state) {
  (void)state;
  assay_dae_learner adam = assay_dae_learner_adam(ASSAY_SIGN, UINT64_MAX - 2);
  adam.iterations = 5;
  check_sets(2, 20, UINT64_MAX - 1, adam);
}

static void refusals(void **state) {
  (void)state;
  assay_dae_settings settings = settings_of(3);
  assay_dae_learner adam = assay_dae_learner_adam(ASSAY_TANH, 1), wild = adam;
  adam.iterations = 3;
  wild.rate = 1e300; /* leaves the doubles at once */
  const double late = 1.5;
  const struct {
    size_t sets;
    const double *time;
    const assay_dae_learner *learner;
    size_t cap;
    assay_status status;
    const char *message;
  } cases[] = {{0, times, &adam, 0, ASSAY_INVALID, "sets: 0"},
               {SETS, &late, &adam, 0, ASSAY_INVALID, "set 0: time"},
               {SETS, times, &wild, 0, ASSAY_PRECISION, "set 0: Adam"},
               {SETS, times, &adam, 100, ASSAY_MEMORY, "fits"},
               {SETS, times, &adam, 10000, ASSAY_MEMORY, "set 0: "}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assay_context context;
    assay_context_init(&context);
    context.memory_cap = cases[i].cap;
    context.threads = 2;
    assay_dae_learned fits[SETS] = {{.c = 77}};
    assay_status status =
        assay_fast_dae_learn_sets(fits, cases[i].sets, cases[i].time, 1, 40, 5, &settings, cases[i].learner, &context);
    test_check(status == cases[i].status && strncmp(context.message, cases[i].message, strlen(cases[i].message)) == 0,
               "case %zu: status %d, message '%s'", i, (int)status, context.message);
    test_check(fits[0].c == 77, "case %zu: fits touched", i);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(side_by_side), cmocka_unit_test(last_seed),
                                     cmocka_unit_test(refusals)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
