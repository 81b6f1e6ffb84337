/* Bounds and degrees: cumulant constants by ordered set partitions, bounds by brute force in double, degrees against
 * measurements made in quadruple precision elsewhere and against their own tails. */
#include "testing.h"

#include "reference/core/interval.h"
#include "tests/reference/arb_bridge.h"
#include "tests/reference/gmm_diffusion/oracle.h"

#include <assay/reference.h>

#include <math.h>
#include <string.h>

enum { GOAL = 60 };

/* ---- constants ---- */

/* c_m = 2 F(m-1) for m >= 2, F(n) = sum_k C(n, k) F(n-k) ordered set partitions of n things. */
static void constants(void **state) {
  (void)state;
  enum { COUNT = 40 };
  assay_context context;
  assay_context_init(&context);
  mpz_t fubini[COUNT], own, binomial;
  mpz_inits(own, binomial, (mpz_ptr)NULL);
  for (unsigned n = 0; n < COUNT; n++) {
    mpz_init_set_ui(fubini[n], n == 0);
    for (unsigned k = 1; k <= n; k++) {
      mpz_bin_uiui(binomial, n, k);
      mpz_addmul(fubini[n], binomial, fubini[n - k]);
    }
    assert_int_equal(assay_reference_gmm_cumulant_constant(own, n + 1, &context), ASSAY_OK);
    mpz_mul_ui(binomial, fubini[n], n ? 2 : 1);
    test_check(mpz_cmp(own, binomial) == 0, "c_%u", n + 1);
  }
  test_check(mpz_cmp_ui(fubini[5], 541) == 0, "the oracle");
  assert_int_equal(assay_reference_gmm_cumulant_constant(own, 0, &context), ASSAY_INVALID);
  assert_int_equal(assay_reference_gmm_cumulant_constant(own, 5000, &context), ASSAY_INVALID);
  for (unsigned n = 0; n < COUNT; n++) mpz_clear(fubini[n]);
  mpz_clears(own, binomial, (mpz_ptr)NULL);
}

/* ---- bounds ---- */

/* log b_L: c_{L+1} from its series sum_k k^L 2^-k, or the least over a grid of angles, which is at most 1 + 1e-6 too
 * large: g'' < 4 L^2 + 4 near the least, and the grid's half step is 1e-4/2. */
static double log_bound(assay_gmm_bound bound, unsigned L) {
  if (bound == ASSAY_GMM_BOUND_CUMULANTS) {
    double sum = 0;
    for (unsigned k = 1; k < 60 + 16 * L; k++) sum += exp(L * log(k) - k * log(2));
    return log(sum);
  }
  double least = L ? INFINITY : 0;
  for (int i = 1; L && i < 15707; i++) least = fmin(least, lgamma(L + 1.0) - L * log(1e-4 * i) - log(cos(1e-4 * i)));
  return least;
}

enum { MOST_DEGREE = 80 };
static double known[2][MOST_DEGREE + 1];

static double by_force(assay_gmm_bound bound, double radius, double sigma, unsigned degree) {
  double least = INFINITY, falling = 0;
  for (unsigned L = 0; L <= degree; L++) {
    least = fmin(least, 2 * known[bound][L] + 2 * L * log(radius / sigma) - falling);
    falling += log(degree - L);
  }
  return exp(least) * radius * radius;
}

static void bounds(void **state) {
  (void)state;
  const double radii[] = {0.25, 1, 3}, sigmas[] = {1, 0.5};
  const unsigned listed[] = {0, 1, 2, 7, 30, MOST_DEGREE};
  for (int b = 0; b < 2; b++)
    for (unsigned L = 0; L <= MOST_DEGREE; L++) known[b][L] = log_bound((assay_gmm_bound)b, L);
  enum { CASES = 2 * 3 * 2 * 6 }; /* bounds, radii, sigmas, degrees */
  mpfi_t out;
  mpfi_init(out);
  for (size_t i = 0; i < CASES; i++) {
    assay_gmm_bound bound = i % 2 ? ASSAY_GMM_BOUND_LINE : ASSAY_GMM_BOUND_CUMULANTS;
    double radius = radii[i / 2 % 3], sigma = sigmas[i / 6 % 2];
    unsigned degree = listed[i / 12];
    assay_context context;
    assay_context_init(&context);
    assay_status status =
        assay_reference_gmm_tail_bound(out, bound, assay_real_of(radius), assay_real_of(sigma), degree, GOAL, &context);
    test_check(status == ASSAY_OK, "%s", context.message);
    double truth = by_force(bound, radius, sigma, degree);
    /* sums of logarithms up to 1e3, and 2 L of the grid's error: see log_bound */
    test_check(fabs(iv_mid_d(out) / truth - 1) < 1e-4, "bound %d, R = %g, sigma = %g, D = %u: %s, by force %.17g",
               (int)bound, radius, sigma, degree, bridge_text(out), truth);
    test_check(iv_reached(out, GOAL, 0), "%s", bridge_text(out));
  }
  mpfi_clear(out);
}

/* ---- degrees ---- */

enum { PLACES = 3, ERRORS = 3 };
static const double places[PLACES] = {0.5, 1, 2};
static const char *const errors[ERRORS] = {"1e-2", "1e-4", "1e-8"};
static const double error_values[ERRORS] = {1e-2, 1e-4, 1e-8};

/* In quadruple precision, plainly. */
static const size_t measured[PLACES][ERRORS] = {{6, 16, 50}, {14, 46, 158}, {38, 146, 566}};
static const size_t by_cumulants[PLACES][ERRORS] = {{35, 89, 266}, {116, 316, 991}, {424, 1198, 3846}};
static const size_t on_line[ERRORS] = {44, 100, 269}; /* a = 1 */

static void degrees(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  for (size_t i = 0; i < PLACES; i++)
    for (size_t k = 0; k < ERRORS; k++) {
      const oracle_law law = {2, {1, 1}, {-places[i], places[i]}, {-places[i], places[i]}, 1, 0};
      oracle_line line;
      oracle_line_set(&line, &law);
      assay_real epsilon = {error_values[k], errors[k]};
      size_t own = 0;
      assert_int_equal(assay_reference_gmm_degree(&own, &line.line, epsilon, &context), ASSAY_OK);
      test_check(own == measured[i][k], "a = %g, epsilon %s: %zu", places[i], errors[k], own);
      assert_int_equal(assay_reference_gmm_degree_bound(&own, ASSAY_GMM_BOUND_CUMULANTS, &line.line, epsilon, &context),
                       ASSAY_OK);
      test_check(own == by_cumulants[i][k], "a = %g, epsilon %s, cumulants: %zu", places[i], errors[k], own);
      assert_int_equal(assay_reference_gmm_degree_bound(&own, ASSAY_GMM_BOUND_LINE, &line.line, epsilon, &context),
                       ASSAY_OK);
      test_check(i != 1 || own == on_line[k], "epsilon %s, line: %zu", errors[k], own);
    }
}

/* D is the first whose tail is at most epsilon^2 E m^2. */
static void first_degree(void **state) {
  (void)state;
  enum { COUNT = 200 };
  assay_context context;
  assay_context_init(&context);
  mpfi_ptr tail = NULL;
  assert_int_equal(assay_enclosures_init(&tail, COUNT, &context), ASSAY_OK);
  for (size_t i = 0; i < ORACLE_LAWS; i++) {
    oracle_line line;
    oracle_line_set(&line, &oracle_laws[i]);
    size_t D = 0;
    assay_status status = assay_reference_gmm_degree(&D, &line.line, assay_real_of(0x1p-10), &context);
    test_check(status == ASSAY_OK && D > 1 && D < COUNT, "law %zu: %zu: %s", i, D, context.message);
    assert_int_equal(assay_reference_gmm_tails(tail, &line.line, D + 1, 30, &context), ASSAY_OK);
    double allowed = 0x1p-20 * iv_mid_d(&tail[0]);
    test_check(iv_mid_d(&tail[D]) <= allowed && iv_mid_d(&tail[D - 1]) > allowed, "law %zu: %zu: tails %g, %g, %g", i,
               D, iv_mid_d(&tail[D - 1]), iv_mid_d(&tail[D]), allowed);
  }
  assay_enclosures_clear(tail, COUNT);
}

/* m is all but constant, u the centre or not far from constant: degrees 0 and 1. */
static void low_degrees(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  const oracle_law at_centre = {1, {1}, {3}, {3}, 1, 3}, far = {2, {1, 1}, {5, 6}, {5, 6}, 1, 0};
  oracle_line line;
  size_t D = 77;
  oracle_line_set(&line, &at_centre);
  assert_int_equal(assay_reference_gmm_degree(&D, &line.line, assay_real_of(0.5), &context), ASSAY_OK);
  test_check(D == 0, "%zu", D);
  oracle_line_set(&line, &far);
  assert_int_equal(assay_reference_gmm_degree(&D, &line.line, assay_real_of(0.5), &context), ASSAY_OK);
  test_check(D == 1, "%zu", D);
}

static void refusals(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  oracle_line line;
  oracle_line_set(&line, &oracle_laws[0]);
  mpfi_t out;
  mpfi_init(out);
  const double bad[] = {0, 1, -0.5, NAN};
  size_t D = 77;
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(assay_reference_gmm_degree(&D, &line.line, assay_real_of(bad[i]), &context), ASSAY_INVALID);
    test_check(D == 77 && strstr(context.message, "epsilon"), "%s", context.message);
  }
  assert_int_equal(assay_reference_gmm_degree_bound(&D, (assay_gmm_bound)7, &line.line, assay_real_of(0.5), &context),
                   ASSAY_INVALID);
  assert_int_equal(
      assay_reference_gmm_tail_bound(out, ASSAY_GMM_BOUND_LINE, assay_real_of(-1), assay_real_of(1), 1, GOAL, &context),
      ASSAY_INVALID);
  test_check(strstr(context.message, "radius"), "%s", context.message);
  assert_int_equal(
      assay_reference_gmm_tail_bound(out, ASSAY_GMM_BOUND_LINE, assay_real_of(1), assay_real_of(0), 1, GOAL, &context),
      ASSAY_INVALID);
  test_check(strstr(context.message, "sigma"), "%s", context.message);
  assert_int_equal(
      assay_reference_gmm_tail_bound(out, ASSAY_GMM_BOUND_LINE, assay_real_of(0), assay_real_of(1), 1, GOAL, &context),
      ASSAY_OK);
  test_check(iv_is_zero(out), "%s", bridge_text(out));
  mpfi_clear(out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(constants),    cmocka_unit_test(bounds),      cmocka_unit_test(degrees),
      cmocka_unit_test(first_degree), cmocka_unit_test(low_degrees), cmocka_unit_test(refusals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
