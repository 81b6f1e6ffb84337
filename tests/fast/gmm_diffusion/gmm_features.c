/* Hermite features: every exponent once and in the documented order, values against the explicit sum. */
#include "testing.h"

#include "fast/gmm_diffusion/features.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* He_a(x)/sqrt(a!) = sqrt(a!) sum_m (-1)^m x^(a-2m)/(2^m m! (a-2m)!), and the sum of its terms' sizes. */
static long double explicit_hermite(unsigned a, long double x, long double *size) {
  long double sum = 0;
  *size = 0;
  for (unsigned m = 0; 2 * m <= a; m++) {
    long double term = sqrtl(tgammal(a + 1.0L)) / (powl(2, m) * tgammal(m + 1.0L) * tgammal(a - 2 * m + 1.0L));
    term *= powl(x, (long double)(a - 2 * m));
    sum += m % 2 ? -term : term;
    *size += fabsl(term);
  }
  return sum;
}

/* Feature f at three points, of which alpha are the exponents. */
static void check_values(const gmm_features *features, const double *values, const double *z, const unsigned *alpha,
                         size_t f) {
  for (size_t i = 0; i < 3; i++) {
    long double expected = 1, size = 1, of_one;
    for (size_t l = 0; l < features->dimension; l++) {
      expected *= explicit_hermite(alpha[l], z[l * GMM_BLOCK + i], &of_one);
      size *= of_one;
    }
    /* the recurrence loses a few units of the sum of the terms' sizes at every degree */
    double got = values[f * GMM_BLOCK + i], allowed = (double)(8 * (features->degree + 1) * size) * DBL_EPSILON;
    test_check(fabs(got - (double)expected) <= allowed, "n %zu degree %zu feature %zu point %zu: %a, expected %a",
               features->dimension, features->degree, f, i, got, (double)expected);
  }
}

/* All of total degree d, from f on: counts down through all n-digit numbers with digits up to d, which has higher
 * powers of earlier variables first, and leaves out other sums. The next feature. */
static size_t check_degree(const gmm_features *features, const double *values, const double *z, unsigned *alpha,
                           unsigned d, size_t f) {
  size_t n = features->dimension, j = 0;
  for (size_t l = 0; l < n; l++) alpha[l] = d;
  do {
    size_t sum = 0;
    for (size_t l = 0; l < n; l++) sum += alpha[l];
    if (sum == d) check_values(features, values, z, alpha, f++);
    for (j = n; j > 0 && alpha[j - 1] == 0; j--) alpha[j - 1] = d;
    if (j > 0) alpha[j - 1]--;
  } while (j > 0);
  return f;
}

static void values_in_order(void **state) {
  (void)state;
  static const size_t sizes[][2] = {{1, 12}, {2, 7}, {3, 5}, {5, 4}, {10, 2}, {12, 1}};
  test_random random = test_random_new(0x6e47);
  assay_context context;
  assay_context_init(&context);
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    size_t n = sizes[s][0], degree = sizes[s][1];
    gmm_features features;
    assert_int_equal(gmm_features_init(&features, n, degree, &context), ASSAY_OK);
    double *z = malloc(n * GMM_BLOCK * sizeof *z), *hermite = malloc(gmm_features_scratch(&features) * sizeof *hermite);
    double *values = malloc(features.count * GMM_BLOCK * sizeof *values);
    unsigned *alpha = calloc(n, sizeof *alpha);
    for (size_t k = 0; k < n * GMM_BLOCK; k++) z[k] = test_uniform(&random, -4, 4);
    gmm_features_values(values, &features, degree, z, 3, hermite);
    size_t f = 0;
    for (unsigned d = 0; d <= degree; d++) {
      f = check_degree(&features, values, z, alpha, d, f);
      assert_int_equal(features.prefix[d], f);
    }
    assert_int_equal(features.count, f);
    free(alpha);
    free(values);
    free(hermite);
    free(z);
    gmm_features_clear(&features);
  }
}

static void counts(void **state) {
  (void)state;
  assert_int_equal(assay_gmm_features(5, 4), 126);
  assert_int_equal(assay_gmm_features(1, 64), 65);
  assert_int_equal(assay_gmm_features(7, 0), 1);
  assert_int_equal(assay_gmm_features(4095, 1), 4096);
  assert_int_equal(assay_gmm_features(4096, 1), 0);
  assert_int_equal(assay_gmm_features(10, 5), 3003);
  assert_int_equal(assay_gmm_features(10, 6), 0);
  assert_int_equal(assay_gmm_features(SIZE_MAX, 1), 0);
  assert_int_equal(assay_gmm_default_degree(1), 8);
  assert_int_equal(assay_gmm_default_degree(5), 5);   /* C(10, 5) = 252 */
  assert_int_equal(assay_gmm_default_degree(10), 2);  /* C(13, 3) = 286 */
  assert_int_equal(assay_gmm_default_degree(300), 1); /* even 301 */
  assay_context context;
  assay_context_init(&context);
  gmm_features features;
  assert_int_equal(gmm_features_init(&features, 10, 6, &context), ASSAY_UNSUPPORTED);
  assert_string_equal(context.message, "degree: 6 in 10 dimensions takes more than 4096 features");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(values_in_order), cmocka_unit_test(counts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
