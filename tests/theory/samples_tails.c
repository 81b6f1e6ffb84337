/* Tail probabilities against MPFR's incomplete gamma function and exact binomial sums; limits against tails. */
#include "testing.h"

#include "theory/samples/limits.h"
#include "theory/samples/tails.h"

#include <gmp.h>
#include <math.h>
#include <mpfr.h>

enum { BITS = 300 };

/* tails.h: at most a part in 2^30 above the exact value, never below. */
static void check_above(double got, mpfr_srcptr exact, const char *what, uint64_t n, double x, double p) {
  mpfr_t ratio;
  mpfr_init2(ratio, BITS);
  mpfr_d_div(ratio, got, exact, MPFR_RNDN);
  double excess = (mpfr_sub_ui(ratio, ratio, 1, MPFR_RNDN), mpfr_get_d(ratio, MPFR_RNDN));
  mpfr_clear(ratio);
  test_check(excess >= 0 && (excess <= 0x1p-30 || got == 1), "%s n %ju x %a p %a: %a, excess %a", what, (uintmax_t)n, x,
             p, got, excess);
}

/* Gamma(a, x)/Gamma(a) */
static void upper_gamma(mpfr_t out, double a, double x) {
  mpfr_t exponent, whole;
  mpfr_inits2(BITS, exponent, whole, (mpfr_ptr)NULL);
  mpfr_set_d(exponent, a, MPFR_RNDN);
  mpfr_gamma(whole, exponent, MPFR_RNDN);
  mpfr_set_d(out, x, MPFR_RNDN);
  mpfr_gamma_inc(out, exponent, out, MPFR_RNDN);
  mpfr_div(out, out, whole, MPFR_RNDN);
  mpfr_clears(exponent, whole, (mpfr_ptr)NULL);
}

/* P(chi^2_1 >= x) = erfc(sqrt(x/2)), to where tails end. */
static void one_degree_far_out(void **state) {
  (void)state;
  mpfr_t exact;
  mpfr_init2(exact, BITS);
  for (size_t k = 0; k < 36; k++) {
    double x = 2 + 37.25 * (double)k;
    mpfr_set_d(exact, x / 2, MPFR_RNDN);
    mpfr_sqrt(exact, exact, MPFR_RNDN);
    mpfr_erfc(exact, exact, MPFR_RNDN);
    check_above(tail_chi2_upper(1, x), exact, "upper", 1, x, 0);
  }
  mpfr_clear(exact);
}

static void chi2_against_mpfr(void **state) {
  (void)state;
  test_random random = test_random_new(1);
  mpfr_t exact;
  mpfr_init2(exact, BITS);
  for (size_t i = 0; i < test_cases(300); i++) {
    uint64_t nu = i < 60 ? i % 6 + 1 : test_integer(&random, 1, 600);
    double sigma = sqrt(2.0 * (double)nu),
           x = fmax((double)nu + sigma * test_uniform(&random, -7, 12), 0.02 * (double)nu), error;
    upper_gamma(exact, (double)nu / 2, x / 2);
    double upper = tail_chi2_upper(nu, x), lower = tail_chi2_lower(nu, x);
    double cdf = tail_chi2_cdf(&error, nu, x, tail_log_gamma((double)nu / 2));
    double exact_cdf = 1 - mpfr_get_d(exact, MPFR_RNDN);
    test_check(fabs(cdf - exact_cdf) <= error + 0x1p-53 && error <= 0x1p-29, "nu %ju x %a: %a not %a", (uintmax_t)nu, x,
               cdf, exact_cdf);
    if (x > (double)nu) {
      check_above(upper, exact, "upper", nu, x, 0);
      test_check(lower == 1, "nu %ju x %a: %a", (uintmax_t)nu, x, lower);
    } else {
      mpfr_ui_sub(exact, 1, exact, MPFR_RNDN);
      check_above(lower, exact, "lower", nu, x, 0);
      test_check(upper == 1, "nu %ju x %a: %a", (uintmax_t)nu, x, upper);
    }
  }
  mpfr_clear(exact);
}

/* Far beyond mpfr_gamma_inc's reach: two degrees' tail is exp(-x/2), and three terms of the recurrence for six. */
static void chi2_identities(void **state) {
  (void)state;
  for (int i = 0; i < 12; i++) {
    double x = 2.5 * pow(1.7, i); /* to 857 */
    double two = exp(-x / 2), six = x / 2 > 3 ? two * (1 + x / 2 + x * x / 8) : 0;
    test_check(fabs(tail_chi2_upper(2, x) / two - 1) < 0x1p-29, "%a", x);
    if (six > 0) test_check(fabs(tail_chi2_upper(6, x) / six - 1) < 0x1p-29, "%a", x);
  }
  assert_true(tail_chi2_upper(3, INFINITY) == 0);
  assert_true(tail_chi2_upper(3, NAN) == 1 && tail_chi2_lower(3, NAN) == 1);
  assert_true(tail_chi2_lower(3, 0) == 0);
  /* 2^27 degrees: the normal approximation with its Edgeworth term, good to 1e-4 relatively at 4 deviations */
  double nu = 0x1p27, z = 4, x = nu + z * sqrt(2 * nu), normal = 0.5 * erfc(z / sqrt(2));
  double skewed = normal + sqrt(8 / nu) / 6 * (z * z - 1) * exp(-z * z / 2) / sqrt(2 * acos(-1));
  test_check(fabs(tail_chi2_upper((uint64_t)nu, x) / skewed - 1) < 1e-4, "%a %a", tail_chi2_upper((uint64_t)nu, x),
             skewed);
}

/* P(X >= k), X ~ Binomial(n, j/64), as a ratio of integers. */
static void upper_binomial(mpfr_t out, unsigned long n, unsigned long k, unsigned long j) {
  mpz_t sum, term, power;
  mpz_inits(sum, term, power, NULL);
  for (unsigned long i = k; i <= n; i++) {
    mpz_bin_uiui(term, n, i);
    mpz_ui_pow_ui(power, j, i);
    mpz_mul(term, term, power);
    mpz_ui_pow_ui(power, 64 - j, n - i);
    mpz_mul(term, term, power);
    mpz_add(sum, sum, term);
  }
  mpfr_set_z(out, sum, MPFR_RNDN);
  mpfr_div_2ui(out, out, 6 * n, MPFR_RNDN);
  mpz_clears(sum, term, power, NULL);
}

static void binomial_against_integers(void **state) {
  (void)state;
  test_random random = test_random_new(2);
  mpfr_t exact;
  mpfr_init2(exact, BITS);
  for (size_t i = 0; i < test_cases(400); i++) {
    unsigned long n = test_integer(&random, 1, 150), k = test_integer(&random, 0, n), j = test_integer(&random, 1, 63);
    double p = (double)j / 64;
    upper_binomial(exact, n, k, j);
    double upper = tail_binomial_upper(n, k, p);
    if ((double)k > (double)n * p)
      check_above(upper, exact, "upper", n, (double)k, p);
    else
      test_check(upper == 1, "n %lu k %lu p %a: %a", n, k, p, upper);
    upper_binomial(exact, n, n - k, 64 - j); /* failures */
    double lower = tail_binomial_lower(n, k, p);
    if ((double)k < (double)n * p)
      check_above(lower, exact, "lower", n, (double)k, p);
    else
      test_check(lower == 1, "n %lu k %lu p %a: %a", n, k, p, lower);
  }
  mpfr_clear(exact);
  assert_true(tail_binomial_upper(10, 11, 0.5) == 0 && tail_binomial_upper(10, 1, 0) == 0);
  assert_true(tail_binomial_lower(10, 9, 1) == 0 && tail_binomial_upper(10, 10, 1) == 1);
}

/* A million trials: every term added up in MPFR. */
static void many_trials(void **state) {
  (void)state;
  enum { TRIALS = 1000000, COUNT = 302500 };
  mpfr_t sum, term, p, odds;
  mpfr_inits2(BITS, sum, term, p, odds, (mpfr_ptr)NULL);
  mpfr_set_d(p, 0.3, MPFR_RNDN);
  mpfr_ui_sub(term, 1, p, MPFR_RNDN);
  mpfr_div(odds, p, term, MPFR_RNDN);
  mpfr_pow_ui(term, term, TRIALS, MPFR_RNDN);
  mpfr_set_ui(sum, 0, MPFR_RNDN);
  for (unsigned long i = 0; i < COUNT + 10000; i++) {
    if (i >= COUNT) mpfr_add(sum, sum, term, MPFR_RNDN);
    mpfr_mul(term, term, odds, MPFR_RNDN);
    mpfr_mul_ui(term, term, TRIALS - i, MPFR_RNDN);
    mpfr_div_ui(term, term, i + 1, MPFR_RNDN);
  }
  check_above(tail_binomial_upper(TRIALS, COUNT, 0.3), sum, "upper", TRIALS, COUNT, 0.3);
  mpfr_clears(sum, term, p, odds, (mpfr_ptr)NULL);
}

static void other_tails(void **state) {
  (void)state;
  test_check(fabs(tail_normal(1.959963984540054) / 0.05 - 1) < 1e-9, "%a", tail_normal(1.959963984540054));
  assert_true(tail_normal(0) == 1 && tail_normal(-1) == 1 && tail_normal(NAN) == 1 && tail_normal(INFINITY) < 1e-300);
  test_check(fabs(tail_kolmogorov(100, 0.2) / (2 * exp(-8)) - 1) < 1e-9, "%a", tail_kolmogorov(100, 0.2));
  assert_true(tail_kolmogorov(100, 0.01) == 1 && tail_kolmogorov(100, -1) == 1 && tail_kolmogorov(1, NAN) == 1);
  /* n = 100, d = 25: 15 and 5 are the ends; 3 beyond each */
  test_check(fabs(tail_widest(100, 25, 18) / exp(-4.5) - 1) < 1e-9, "%a", tail_widest(100, 25, 18));
  test_check(fabs(tail_narrowest(100, 25, 2) / exp(-4.5) - 1) < 1e-9, "%a", tail_narrowest(100, 25, 2));
  assert_true(tail_widest(100, 25, 15) == 1 && tail_narrowest(100, 25, 5) == 1 && tail_narrowest(24, 25, 0) == 1);
}

/* Just outside is significant, just inside is not. */
static void limits_are_where_tails_cross(void **state) {
  (void)state;
  test_random random = test_random_new(3);
  for (size_t i = 0; i < test_cases(30); i++) {
    uint64_t n = test_integer(&random, 100, 100000);
    double share = exp(test_uniform(&random, -25, -1)), p = test_uniform(&random, 0.05, 0.95), low, high;
    limits_binomial(&low, &high, n, p, share);
    double step = 1.0 / (double)n, m = (double)n;
    test_check(tail_binomial_upper(n, (uint64_t)(m * (high + step)), p) <= share / 2 &&
                   tail_binomial_upper(n, (uint64_t)(m * (high - step)), p) > share / 2,
               "n %ju p %a share %a: high %a", (uintmax_t)n, p, share, high);
    test_check((low <= step || tail_binomial_lower(n, (uint64_t)(m * (low - step)), p) <= share / 2) &&
                   tail_binomial_lower(n, (uint64_t)(m * (low + 2 * step)), p) > share / 2,
               "n %ju p %a share %a: low %a", (uintmax_t)n, p, share, low);
    limits_chi2(&low, &high, n, share);
    test_check(tail_chi2_upper(n, m * high * 1.00001) <= share / 2 &&
                   tail_chi2_upper(n, m * high * 0.99999) > share / 2,
               "nu %ju share %a: high %a", (uintmax_t)n, share, high);
    test_check(tail_chi2_lower(n, m * low * 0.99999) <= share / 2 && tail_chi2_lower(n, m * low * 1.00001) > share / 2,
               "nu %ju share %a: low %a", (uintmax_t)n, share, low);
    double z = limits_normal(share), most = limits_chi2_upper(n, share);
    test_check(tail_normal(z * 1.00001) <= share && tail_normal(z * 0.99999) > share, "share %a: %a", share, z);
    test_check(tail_chi2_upper(n, most * 1.00001) <= share && tail_chi2_upper(n, most * 0.99999) > share,
               "nu %ju share %a: %a", (uintmax_t)n, share, most);
    uint64_t seen = test_integer(&random, 1, n);
    double rate = limits_rate_below(n, seen, share);
    test_check(tail_binomial_upper(n, seen, rate) <= share && tail_binomial_upper(n, seen, rate * 1.00001) > share,
               "n %ju seen %ju share %a: %a", (uintmax_t)n, (uintmax_t)seen, share, rate);
  }
  assert_true(limits_rate_below(10, 0, 0.1) == 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(chi2_against_mpfr),
      cmocka_unit_test(one_degree_far_out),
      cmocka_unit_test(chi2_identities),
      cmocka_unit_test(binomial_against_integers),
      cmocka_unit_test(many_trials),
      cmocka_unit_test(other_tails),
      cmocka_unit_test(limits_are_where_tails_cross),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
