/* The pattern of a weight vector: signs of overlaps, and what was there where an overlap is exactly 0. */
#include "fast/flow_dae/problem.h"

#include "testing.h"

#include <math.h>

enum { SAMPLES = 40, RANK = 3 };

/* Small whole numbers: overlaps are exact, and often 0. */
static void signs_of_overlaps(void **state) {
  (void)state;
  test_random random = test_random_new(0x9a7);
  size_t zeros = 0, unchanged = 0;
  for (size_t number = 0; number < test_cases(200); number++) {
    double xt[SAMPLES * RANK], w[RANK];
    signed char pattern[SAMPLES + 1], expected[SAMPLES] = {0};
    size_t samples = number % 2 ? SAMPLES : 2;
    for (size_t k = 0; k < RANK; k++) w[k] = (double)test_integer(&random, 0, 2) - 1;
    bool changes = false;
    for (size_t i = 0; i < samples; i++) {
      double overlap = 0;
      for (size_t k = 0; k < RANK; k++) {
        xt[i * RANK + k] = (double)test_integer(&random, 0, 4) - 2;
        overlap += w[k] * xt[i * RANK + k];
      }
      pattern[i] = test_bits(&random) % 2 ? 1 : -1;
      if (number % 4 == 0 && overlap != 0) pattern[i] = overlap > 0 ? 1 : -1; /* a pattern that stays */
      expected[i] = overlap == 0 ? pattern[i] : overlap > 0 ? 1 : -1;
      changes = changes || expected[i] != pattern[i];
      zeros += overlap == 0;
    }
    pattern[samples] = 5; /* not its own */
    unchanged += !changes;
    const dae_problem problem = {.samples = samples, .rank = RANK, .xt = xt};
    assert_true(dae_pattern_of(pattern, &problem, w) == changes);
    for (size_t i = 0; i < samples; i++)
      test_check(pattern[i] == expected[i], "case %zu, sample %zu: %d", number, i, pattern[i]);
    assert_int_equal(pattern[samples], 5);
  }
  assert_true(zeros > 100 && unchanged > 20 && unchanged < test_cases(200));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(signs_of_overlaps)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
