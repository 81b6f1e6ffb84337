/* Adam's claim, CONFIRMED with its control REFUTED; and binomial tails against sums of products over all outcomes. */
#include "testing.h"
#include "verdict.h"

#include "theory/successes.h"

#include <math.h>

enum { MOST = 40, BITS = 128 };

/* P(X = k) after `trials` trials, one after the other: no binomial coefficient. */
static void distribution(long double out[MOST + 1], size_t trials, long double p) {
  for (size_t k = 0; k <= MOST; k++) out[k] = k == 0;
  for (size_t i = 0; i < trials; i++)
    for (size_t k = i + 2; k-- > 0;) out[k] = out[k] * (1 - p) + (k > 0 ? out[k - 1] * p : 0);
}

static void tails(void **state) {
  (void)state;
  test_random random = test_random_new(0xb10);
  for (size_t i = 0; i < test_cases(100); i++) {
    size_t trials = test_integer(&random, 1, MOST);
    double p = test_uniform(&random, 0.01, 0.99);
    long double law[MOST + 1], below = 0;
    distribution(law, trials, p);
    iv_scope *s = iv_scope_new(BITS);
    for (size_t k = 0; k <= trials + 1; k++) {
      iv got = successes_below(s, trials, k, iv_d(s, p));
      /* each entry of `law` is off by a few roundings a trial; the enclosure is far narrower */
      long double slack = 8 * MOST * 0x1p-64L * below + 0x1p-60L * (below == 0 ? 0 : 1);
      test_check(iv_lower_d(got) <= below + slack && iv_upper_d(got) >= below - slack && iv_width_d(got) < 0x1p-100,
                 "trials %zu p %a below %zu: [%a, %a] instead of %La", trials, p, k, iv_lower_d(got), iv_upper_d(got),
                 below);
      if (k <= trials) below += law[k];
    }
    iv_scope_free(s);
  }
}

/* The defining inequalities, by the plain law; deltas are random, so no tail is within its rounding of one. */
static void quantiles(void **state) {
  (void)state;
  test_random random = test_random_new(0xb11);
  for (size_t i = 0; i < test_cases(200); i++) {
    size_t trials = test_integer(&random, 1, MOST), count = test_integer(&random, 0, trials);
    double p = test_uniform(&random, 0.01, 0.99), delta = exp(test_uniform(&random, -20, -0.1));
    long double law[MOST + 1], below = 0;
    distribution(law, trials, p);
    size_t k = successes_least(trials, assay_real_of(p), delta);
    for (size_t j = 0; j < k; j++) below += law[j];
    test_check(k <= trials && below <= delta, "trials %zu p %a delta %a: %zu", trials, p, delta, k);
    test_check(k == trials || below + law[k] > delta, "trials %zu p %a delta %a: %zu is not the largest", trials, p,
               delta, k);
    double proved = successes_proved(trials, count, delta);
    for (int step = 0; step <= 1; step++) {
      long double at = (long double)proved + step * 0x1p-10L, above = 0;
      distribution(law, trials, at);
      for (size_t j = count; j <= trials; j++) above += law[j];
      test_check(step ? above > delta || at >= 1 : above <= delta || proved == 0,
                 "trials %zu count %zu delta %a: %a proved", trials, count, delta, proved);
    }
  }
}

/* With every trial a success, p^trials <= delta is all there is. */
static void every_one(void **state) {
  (void)state;
  for (size_t trials = 1; trials < 400; trials += 7) {
    double proved = successes_proved(trials, trials, 1e-9), exact = pow(1e-9, 1 / (double)trials);
    test_check(proved <= exact && exact < proved + 0x1.001p-10, "%zu trials: %a, %a", trials, proved, exact);
  }
  assert_int_equal(successes_least(50, assay_real_of(0.5), 0x1p-50), 1); /* P(X = 0) is 2^-50 */
  assert_int_equal(successes_least(50, assay_real_of(0.5), 0x1.fffp-51), 0);
}

static void adam_reaches_labels(void **state) {
  (void)state;
  check_verdict("flow-dae/adam-reaches-labels", ASSAY_CONFIRMED);
  check_control("flow-dae/adam-reaches-labels");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(tails), cmocka_unit_test(quantiles), cmocka_unit_test(every_one),
                                     cmocka_unit_test(adam_reaches_labels)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
