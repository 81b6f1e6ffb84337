/* Empirical distribution functions of a few values, where everything is known. */
#include "testing.h"

#include "theory/empirical.h"

#include <math.h>

static assay_context context;

/* The uniform law on [0, 1], moved by `self`. */
static assay_status uniform(double *out, double x, const void *self, assay_context *own) {
  const double *shift = self;
  if (x > 4) return assay_fail(own, ASSAY_INVALID, "x: beyond 4");
  double u = x - *shift;
  *out = u < 0 ? 0 : u > 1 ? 1 : u;
  return ASSAY_OK;
}

static void sorting_and_shares(void **state) {
  (void)state;
  double values[] = {3, -1, 2, 2, 0.5};
  empirical_sort(values, 5);
  const double sorted[] = {-1, 0.5, 2, 2, 3}, at[] = {-2, -1, 0, 0.5, 1.9, 2, 2.5, 3, 9};
  const double shares[] = {0, 0.2, 0.2, 0.4, 0.4, 0.8, 0.8, 1, 1};
  for (size_t k = 0; k < 5; k++) test_check(values[k] == sorted[k], "%zu: %g", k, values[k]);
  for (size_t k = 0; k < 9; k++)
    test_check(empirical_share(values, 5, at[k]) == shares[k], "share at %g: %g", at[k],
               empirical_share(values, 5, at[k]));
}

/* Values 1/4, 1/2, 5/8, 3/4 against the uniform law: F - share is largest before 1/4 (1/4 - 0), share - F after 3/4
 * (1 - 3/4): the first is met first. Moved by 1/8, shares exceed F by 3/8 at 3/4; by -1/4, F exceeds shares by 1/2
 * before 1/4. */
static void farthest_point(void **state) {
  (void)state;
  const double sorted[] = {0.25, 0.5, 0.625, 0.75}, beyond[] = {0.5, 5};
  const struct {
    double shift, at, share;
  } cases[] = {{0, 0.25, 0}, {0.125, 0.75, 1}, {-0.25, 0.25, 0}, {-0.125, 0.25, 0}};
  assay_context_init(&context);
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    double at = 0, share = 0;
    empirical_law law = {uniform, &cases[k].shift};
    assert_int_equal(empirical_farthest(&at, &share, sorted, 4, law, &context), ASSAY_OK);
    test_check(at == cases[k].at && share == cases[k].share, "shift %g: %g at %g", cases[k].shift, share, at);
  }
  double at = 7, share = 8;
  empirical_law law = {uniform, &cases[0].shift};
  assert_int_equal(empirical_farthest(&at, &share, beyond, 2, law, &context), ASSAY_INVALID);
  test_check(at == 7 && share == 8, "outputs touched: %g, %g", at, share);
}

/* Moments of 1, 2, 6; the bound where log(4/p) is log 4; and that it holds: of 200 means of 100 coins, each exceeds it
 * with probability 1e-6 at most. */
static void means(void **state) {
  (void)state;
  const double values[] = {1, 2, 6};
  empirical_moments m = empirical_moments_of(values, 3);
  test_check(m.mean == 3 && m.variance == 7, "mean %g variance %g", m.mean, m.variance);
  double got = empirical_bernstein(8, 3, 5, 1), log4 = log(4);
  double expected = sqrt(16 * log4 / 5) + 7 * 3 * log4 / 12;
  test_check(got >= expected && got <= expected * (1 + 1e-5), "%.17g, not %.17g", got, expected);
  test_random random = test_random_new(0xbe);
  for (int trial = 0; trial < 200; trial++) {
    double coins[100];
    for (size_t k = 0; k < 100; k++) coins[k] = test_integer(&random, 0, 1) ? 1 : 0;
    m = empirical_moments_of(coins, 100);
    double bound = empirical_bernstein(m.variance, 1, 100, 1e-6);
    test_check(fabs(m.mean - 0.5) <= bound, "trial %d: mean %g, bound %g", trial, m.mean, bound);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(sorting_and_shares), cmocka_unit_test(farthest_point),
                                     cmocka_unit_test(means)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
