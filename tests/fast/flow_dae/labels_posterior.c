/* The posterior over unknown labels against all patterns counted out in long double, and its radius against the formula
 * derived in fast/flow_dae/labels_posterior.c, where each of its terms is the largest. */
#include "fast/flow_dae/labels_posterior.h"

#include "testing.h"

#include <math.h>
#include <string.h>

enum { MOST = 5 };

static const long double U = 0x1p-53L;

static long double gamma_of(long double n) { return n * U / (1 - n * U); }

static int sign(unsigned pattern, size_t i) { return i && pattern >> (i - 1) & 1 ? -1 : 1; }

/* |sum_i c_i x_i|^2 */
static long double square_of(const double *gram, const long double *c, size_t n) {
  long double sum = 0;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) sum += c[i] * c[j] * gram[i * n + j];
  return sum;
}

typedef struct {
  long double spread, mean_square; /* sum p |Y|^2, |sum p Y|^2 */
  long double others;              /* share of the patterns but the likeliest */
} moments;

static long double square_of_pattern(const double *gram, unsigned pattern, size_t n) {
  long double c[MOST] = {0};
  for (size_t i = 0; i < n; i++) c[i] = sign(pattern, i);
  return square_of(gram, c, n);
}

/* p(e) ~ exp(|S_e|^2/(2 sigma^2 (n + sigma^2))), Y = (S_b - S_e)/2 with b the likeliest. */
static moments count_out(const double *gram, size_t n, double sigma) {
  unsigned patterns = 1U << n >> 1, likeliest = 0;
  long double scale = 1 / (2 * (long double)sigma * sigma * (n + (long double)sigma * sigma));
  for (unsigned e = 1; e < patterns; e++)
    if (square_of_pattern(gram, e, n) > square_of_pattern(gram, likeliest, n)) likeliest = e;
  long double rest = 0, spread = 0, mean[MOST] = {0}, greatest = square_of_pattern(gram, likeliest, n);
  for (unsigned e = 0; e < patterns; e++) {
    if (e == likeliest) continue;
    long double c[MOST], weight = expl((square_of_pattern(gram, e, n) - greatest) * scale);
    for (size_t i = 0; i < n; i++) c[i] = (sign(likeliest, i) - sign(e, i)) / 2.0L;
    rest += weight;
    spread += weight * square_of(gram, c, n);
    for (size_t i = 0; i < n; i++) mean[i] += weight * c[i];
  }
  long double all = 1 + rest;
  return (moments){spread / all, square_of(gram, mean, n) / (all * all), rest / all};
}

static long double radius_of(const moments *m, long double variance, const double *gram, double g, size_t n,
                             double sigma) {
  long double s2 = (long double)sigma * sigma, nn = (long double)(n * n), M = 0;
  for (size_t i = 0; i < n; i++) M = fmaxl(M, (long double)gram[i * n + i] + g);
  long double E = nn * g + nn * M * (2 * gamma_of(4.0L * n + 8) + 8 * U), patterns = gamma_of(ldexpl(1, (int)n) + 16);
  long double eta = 2 * E / (s2 * (n + s2)) + 4 * U;
  long double sums = 3 * patterns * m->spread + E * m->others + nn * m->others * m->others * (g + 5 * M * patterns);
  long double error = sums + (fabsl(variance) + sums) * expm1l(4 * eta) + nn * (M + 1) * 0x1p-1000L;
  return error + 16 * U * fabsl(variance);
}

static void check(double *gram, double g, size_t n, size_t d, double sigma, size_t number) {
  moments m = count_out(gram, n, sigma);
  long double variance = m.spread - m.mean_square, total = n + (long double)sigma * sigma;
  long double factor = 4 / (total * total * d), radius = factor * radius_of(&m, variance, gram, g, n, sigma);
  ball got = labels_excess(gram, g, n, d, sigma);
  test_check(fabsl(got.value - factor * variance) <= radius * (1 + 0x1p-20L), "case %zu: %a +- %a, not %La", number,
             got.value, got.error, factor * variance);
  test_check(isinf(got.error) ? radius > 0x1p1000L : fabsl(got.error - radius) <= radius * 0x1p-20L,
             "case %zu: radius %a, not %La", number, got.error, radius);
}

/* Products of vectors of any length; their errors from nothing to a share of them. Roundings change shares, and so the
 * formula's value, by less than 2^-22 of themselves here. */
static void the_formulas(void **state) {
  (void)state;
  test_random random = test_random_new(0x1ab);
  for (size_t number = 0; number < test_cases(600); number++) {
    size_t n = test_integer(&random, 2, MOST), d = test_integer(&random, 1, 4);
    double x[MOST][4], gram[MOST * MOST] = {0}, size = exp2(test_uniform(&random, -30, 30)), largest = 0;
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < d; j++) /* so few bits that products are exact */
        x[i][j] = ldexp(round(ldexp(test_normal(&random) + 1, 12)), -12) * exp2(round(log2(size)));
    for (size_t i = 0; i < n; i++) {
      for (size_t j = 0; j < n; j++)
        for (size_t c = 0; c < d; c++) gram[i * n + j] += x[i][c] * x[j][c];
      largest = fmax(largest, gram[i * n + i]);
    }
    double sigma = sqrt(largest) * exp2(test_uniform(&random, -6, 6));
    double g = number % 4 ? largest * exp2(test_uniform(&random, -60, -3)) : 0;
    check(gram, g, n, d, sigma, number);
  }
}

/* No other pattern has a share above 2^-1075: what is left is underflow, for vectors short and long. */
static void certain_labels(void **state) {
  (void)state;
  const double sizes[] = {0x1p-20, 1, 0x1p20};
  for (size_t k = 0; k < 3; k++) {
    double gram[4] = {sizes[k], sizes[k], sizes[k], sizes[k]};
    check(gram, 0, 2, 1, sqrt(sizes[k]) / 64, k);
  }
}

/* No data at all, and so large a sigma that the radius underflows: it is not 0. */
static void no_data(void **state) {
  (void)state;
  double gram[4] = {0, 0, 0, 0};
  ball got = labels_excess(gram, 0, 2, 1, 0x1p100);
  test_check(got.value == 0 && got.error == BALL_TINY, "%a +- %a", got.value, got.error);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_formulas), cmocka_unit_test(certain_labels),
                                     cmocka_unit_test(no_data)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
