/* The proofs of gmm-diffusion: each is PROVED, and its negative control REFUTED; and what they rest on in theory/. */
#include "figure_data.h"
#include "testing.h"
#include "verdict.h"

#include "theory/gmm_diffusion/tensor.h"

#include <math.h>
#include <stdio.h>

static void degree_law(void **state) {
  (void)state;
  check_verdict("gmm-diffusion/degree-law", ASSAY_PROVED);
  check_control("gmm-diffusion/degree-law");
}

static void noise_sensitivity(void **state) {
  (void)state;
  check_verdict("gmm-diffusion/noise-sensitivity", ASSAY_PROVED);
  check_control("gmm-diffusion/noise-sensitivity");
}

static void dimension_free(void **state) {
  (void)state;
  check_verdict("gmm-diffusion/dimension-free", ASSAY_PROVED);
  check_control("gmm-diffusion/dimension-free");
}

static void cumulant_constants(void **state) {
  (void)state;
  check_verdict("gmm-diffusion/cumulant-constants", ASSAY_PROVED);
  check_control("gmm-diffusion/cumulant-constants");
}

static void far_mass(void **state) {
  (void)state;
  check_verdict("gmm-diffusion/far-mass", ASSAY_PROVED);
  check_control("gmm-diffusion/far-mass");
}

/* ---- numbers in the evidence ---- */

static void near(const char *what, double value, double expected, double part) {
  test_check(fabs(value / expected - 1) <= part, "%s: %.17g instead of about %g", what, value, expected);
}

/* Made in quadruple precision, plainly, and given to two digits. */
static void noise_numbers(void **state) {
  (void)state;
  static const char *const claims[] = {"gmm-diffusion/noise-sensitivity"};
  static const double expected[3][3] = {{1.7e-3, 2.3e-2, 0.20}, {4.1e-5, 1.9e-3, 0.10}, {4.2e-6, 3.0e-4, 0.098}};
  figure_data data;
  figure_data_open(&data, claims, 1);
  for (int L = 1; L <= 3; L++) {
    char name[64];
    (void)snprintf(name, sizeof name, "a=1 t=1/20 L=%d by derivatives", L);
    const assay_item *item = figure_data_item(&data, claims[0], name);
    near(name, mpfi_get_d(item->left), expected[L - 1][0], 0.05);
    near(name, mpfi_get_d(item->predicted), expected[L - 1][1], 0.05);
    (void)snprintf(name, sizeof name, "a=1 t=1/20 L=%d by cumulants", L);
    near(name, mpfi_get_d(figure_data_item(&data, claims[0], name)->predicted), expected[L - 1][2], 0.05);
  }
  figure_data_close(&data);
}

/* I_{n/2}(x)/I_{n/2-1}(x) by Gauss's continued fraction. */
static double bessel_ratio(double n, double x) {
  double fraction = 0;
  for (int k = 2000; k >= 0; k--) fraction = 1 / ((n + 2 * k) / x + fraction);
  return fraction;
}

/* The sphere: below what the ratio itself says at the mean of kappa^2, and hardly. */
static void sphere_numbers(void **state) {
  (void)state;
  static const char *const claims[] = {"gmm-diffusion/far-mass"};
  figure_data data;
  figure_data_open(&data, claims, 1);
  const assay_item *item =
      figure_data_item(&data, claims[0], "sphere n=500 rho^2=50: mass beyond Delta=6 of u itself > 2 Phi(-Delta/2)");
  double ratio = bessel_ratio(500, sqrt(50.0 * 550)), exact = (100 * (1 - ratio * ratio) - 36) / (200 - 36);
  double least = mpfi_get_d(item->left);
  test_check(least < exact && least > 0.99 * exact, "%.17g, at the mean %.17g", least, exact);
  near("2 Phi(-3)", mpfi_get_d(item->predicted), erfc(3 / sqrt(2)), 1e-12);
  figure_data_close(&data);
}

/* a = 2: degrees for 1e-2, 1e-4, 1e-8, measured in quadruple precision; so were the bounds by cumulants. */
static void degree_figure(void **state) {
  (void)state;
  static const char *const claims[] = {"gmm-diffusion/degree-law"};
  static const char *const labels[] = {"bound by cumulants", "bound on the line", "fitted power of log(1/epsilon)",
                                       "degree"};
  static const double cumulants[] = {424, 1198, 3846}, degrees[] = {38, 146, 566};
  figure_data data;
  figure_data_open(&data, claims, 1);
  figure_data_draw(&data, "degree-law", "lllp", labels);
  assay_series *const *series = data.plot.series;
  for (int i = 0; i < 3; i++) {
    size_t at = (2U << i) - 1;
    test_check(series[0]->x[at] == 2 << i && series[3]->x[at] == 2 << i, "point %zu", at);
    test_check(series[0]->y[at] == cumulants[i], "cumulants, 1e-%d: %g", 2 << i, series[0]->y[at]);
    test_check(series[3]->y[at] == degrees[i], "degree, 1e-%d: %g", 2 << i, series[3]->y[at]);
    test_check(series[1]->y[at] > degrees[i] && series[1]->y[at] < cumulants[i], "line, 1e-%d: %g", 2 << i,
               series[1]->y[at]);
  }
  for (size_t at = 3; at < 8; at++) near("fit", series[2]->y[at], series[3]->y[at], 0.02);
  figure_data_close(&data);
}

/* ---- the grid in n dimensions ---- */

/* By nested sums over the whole plane in double, without the lattice of <v, z>. Step 1/8: tanh's poles, at 1.57/|v|_1 =
 * 1.12 in each coordinate, alias by exp(-2 pi 8 1.12) < 1e-24; beyond 9 lies 1e-17. */
static double plane_coefficient(double v, double w, unsigned i, unsigned k) {
  enum { PER_UNIT = 8, REACH = 9 * PER_UNIT };
  static const double scale[] = {1, 1, 1.4142135623730951, 2.449489742783178};
  const double h = 1.0 / PER_UNIT;
  double sum = 0;
  for (int p = -REACH; p <= REACH; p++)
    for (int q = -REACH; q <= REACH; q++) {
      double x = p * h, y = q * h;
      const double hx[] = {1, x, x * x - 1, x * x * x - 3 * x}, hy[] = {1, y, y * y - 1, y * y * y - 3 * y};
      sum += tanh(v * x + w * y) * hx[i] * hy[k] * exp(-(x * x + y * y) / 2);
    }
  return sum * h * h / (2 * acos(-1)) / scale[i] / scale[k];
}

static void tensor(void **state) {
  (void)state;
  enum { DEGREES = 4, TARGET = 40, BITS = 96 };
  const tensor_law law = {2, {3, 4}, 5, 1, 1, DEGREES};
  assay_context context;
  assay_context_init(&context);
  iv tails[DEGREES + 1];
  iv_scope *s = iv_scope_new(BITS);
  assert_int_equal(tensor_tails(tails, s, &law, TARGET, &context), ASSAY_OK);
  for (unsigned d = 0; d < DEGREES; d++) {
    double squares = 0, own = iv_mid_d(tails[d]) - iv_mid_d(tails[d + 1]);
    for (unsigned i = 0; i <= d; i++) squares += pow(plane_coefficient(0.6, 0.8, i, d - i), 2);
    /* sums of 2e4 terms in double; own enclosures are 2^-36 wide at most */
    test_check(fabs(own - squares) < 1e-10, "degree %u: %.17g, plane %.17g", d, own, squares);
    test_check(iv_width_d(tails[d + 1]) < 0x1p-32, "degree %u: width %g", d, iv_width_d(tails[d + 1]));
  }
  iv_scope_free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(degree_law),         cmocka_unit_test(noise_sensitivity), cmocka_unit_test(dimension_free),
      cmocka_unit_test(cumulant_constants), cmocka_unit_test(far_mass),          cmocka_unit_test(tensor),
      cmocka_unit_test(noise_numbers),      cmocka_unit_test(sphere_numbers),    cmocka_unit_test(degree_figure),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
