/* The law of the stream: a million values, as independent standard normals would be. Every bound below has a false
 * alarm chance of at most 1e-9 for exact independent normals; L = log(2e9) turns two-sided exponential bounds into it.
 */
#include "testing.h"

#include "fast/core/normals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { rows = 1000, columns = 1000, count = rows * columns };
static const double L = 21.42;
static double x[rows][columns];

static int fill(void **state) {
  (void)state;
  static const assay_normals normals = {2024, 3};
  assay_context context;
  assay_context_init(&context);
  assay_stream stream = assay_fast_normals(&normals, rows, columns);
  return stream.read(&stream, 0, rows, 0, columns, x[0], columns, &context) != ASSAY_OK;
}

/* The sum of n normals is N(0, n): P(|Z| > 6.11) < 1e-9. */
static void mean(void **state) {
  (void)state;
  double even = 0, odd = 0;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j += 2) {
      even += x[i][j];
      odd += x[i][j + 1];
    }
  double bound = 6.11 * sqrt(count / 2.0);
  test_check(fabs(even) < bound && fabs(odd) < bound, "sums %a and %a, bound %a", even, odd, bound);
}

/* A chi-square of n degrees leaves (n - 2 sqrt(n t), n + 2 sqrt(n t) + 2 t) with chance at most 2 exp(-t)
 * (Laurent and Massart 2000, lemma 1). */
static double chi_square_bound(double n) { return 2 * sqrt(n * L) + 2 * L; }

static void variance(void **state) {
  (void)state;
  double even = 0, odd = 0, n = count / 2.0;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j += 2) {
      even += x[i][j] * x[i][j];
      odd += x[i][j + 1] * x[i][j + 1];
    }
  test_check(fabs(even - n) < chi_square_bound(n) && fabs(odd - n) < chi_square_bound(n), "sums of squares %a and %a",
             even, odd);
}

/* The sum of n products of independent pairs is (A - B)/2 with A, B independent chi-squares of n degrees, so it exceeds
 * the bound above only if one of them leaves its interval (each at half the chance: t = L + log 2). */
static void check_products(const char *what, double sum, double n) {
  double t = L + log(2);
  test_check(fabs(sum) < 2 * sqrt(n * t) + t, "%s: sum of products %a of %a", what, sum, n);
}

static void independence(void **state) {
  (void)state;
  double pair = 0, next = 0, below = 0, squares = 0;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j += 4) {
      pair += x[i][j] * x[i][j + 1];
      next += x[i][j + 1] * x[i][j + 2];
      if (i % 2 == 0) below += x[i][j] * x[i + 1][j];
      squares += (x[i][j] * x[i][j] - x[i][j + 1] * x[i][j + 1]) / 2;
    }
  check_products("the two of a pair", pair, count / 4.0);
  check_products("neighbouring pairs", next, count / 4.0);
  check_products("neighbouring rows", below, count / 8.0);
  check_products("turned by an eighth", squares, count / 4.0); /* x^2 - y^2 = 2 x' y' for axes turned by 45 degrees */
}

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

/* P(sup |F_n - F| > s) <= 2 exp(-2 n s^2) (Massart 1990). */
static void kolmogorov_smirnov(void **state) {
  (void)state;
  for (size_t parity = 0; parity < 2; parity++) {
    static double sorted[count / 2];
    for (size_t k = 0; k < count / 2; k++) sorted[k] = x[k / (columns / 2)][2 * (k % (columns / 2)) + parity];
    qsort(sorted, count / 2, sizeof *sorted, ascending);
    double n = count / 2.0, distance = 0;
    for (size_t k = 0; k < count / 2; k++) {
      double cdf = erfc(-sorted[k] * 0.70710678118654752) / 2, rank = (double)k;
      distance = fmax(distance, fmax((rank + 1) / n - cdf, cdf - rank / n));
    }
    test_check(distance < sqrt(L / (2 * n)), "%s columns: distance %a, bound %a", parity ? "odd" : "even", distance,
               sqrt(L / (2 * n)));
  }
}

/* Values beyond 4 standard deviations: binomial of mean m = 63.3. Chernoff: P(X >= k) <= exp(k - m - k log(k/m)), and
 * P(X <= k) alike; below 1e-9/2 at k = 120 and k = 21. */
static void tails(void **state) {
  (void)state;
  size_t beyond = 0;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) beyond += fabs(x[i][j]) > 4;
  test_check(beyond > 18 && beyond < 124, "%zu values beyond 4, expected 63", beyond);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mean),         cmocka_unit_test(variance),
      cmocka_unit_test(independence), cmocka_unit_test(kolmogorov_smirnov),
      cmocka_unit_test(tails),
  };
  return cmocka_run_group_tests(tests, fill, NULL);
}
