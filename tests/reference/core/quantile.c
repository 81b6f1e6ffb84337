/* Quantiles against Arb's error and gamma functions: always on the safe side, and close. */
#include "testing.h"

#include "reference/core/quantile.h"
#include "tests/reference/arb_bridge.h"

#include <acb.h>
#include <acb_calc.h>
#include <arb_hypgeom.h>
#include <math.h>

enum { BITS = 192, MORE_BITS = 384, MANY_BITS = 3072 };

static const double probabilities[] = {0.5, 0.1, 1e-3, 1e-6, 1e-9, 1e-15};
enum { PROBABILITIES = sizeof probabilities / sizeof *probabilities };

static bool at_most(const arb_t a, double p) {
  arb_t bound;
  arb_init(bound);
  arb_set_d(bound, p);
  bool r = arb_le(a, bound);
  arb_clear(bound);
  return r;
}

static bool above(const arb_t a, double p) {
  arb_t bound;
  arb_init(bound);
  arb_set_d(bound, p);
  bool r = arb_gt(a, bound);
  arb_clear(bound);
  return r;
}

/* ---- normal: the smallest double that will do ---- */

static void normal_tail(arb_t out, double z) {
  arb_t root;
  arb_init(root);
  arb_set_ui(root, 2);
  arb_rsqrt(root, root, MORE_BITS);
  arb_set_d(out, z);
  arb_mul(out, out, root, MORE_BITS);
  arb_hypgeom_erfc(out, out, MORE_BITS);
  arb_mul_2exp_si(out, out, -1);
  arb_clear(root);
}

static void test_normal_quantile(void **state) {
  (void)state;
  test_random random = test_random_new(32);
  const double extremes[4] = {0x1p-1074, 0x1p-1022, 0x1p-900, 1 - 0x1p-53};
  arb_t tail;
  arb_init(tail);
  for (size_t i = 0; i < test_cases(60); i++) {
    double p = i < PROBABILITIES       ? probabilities[i]
               : i < PROBABILITIES + 4 ? extremes[i - PROBABILITIES]
                                       : exp(-test_uniform(&random, 0.001, 60));
    double z = quantile_normal_upper(p);
    normal_tail(tail, z);
    test_check(at_most(tail, p), "p = %a, z = %a", p, z);
    normal_tail(tail, nextafter(z, -INFINITY));
    test_check(p == 0.5 || above(tail, p), "p = %a, z = %a is not the smallest", p, z);
  }
  assert_true(quantile_normal_upper(0.5) == 0);
  arb_clear(tail);
}

/* ---- chi-square ---- */

static void gamma_tail(arb_t out, uint64_t nu, double x, int side) {
  arb_t a, t;
  arb_init(a), arb_init(t);
  arb_set_ui(a, nu);
  arb_mul_2exp_si(a, a, -1);
  arb_set_d(t, x);
  arb_mul_2exp_si(t, t, -1);
  if (side > 0)
    arb_hypgeom_gamma_upper(out, a, t, 1, MANY_BITS);
  else
    arb_hypgeom_gamma_lower(out, a, t, 1, MANY_BITS);
  arb_clear(a), arb_clear(t);
}

/* For many degrees: integrate the density of t = a (1 + delta), delta = y/sqrt(a), which is
 *   exp((a-1) (log(1 + delta) - delta) - delta + (a-1) log a - a - log Gamma(a)) dt,
 * log(1 + delta) - delta by its series, so that balls of y do not lose what cancels. */
typedef struct {
  arb_t a, root, constant;
} gamma_density;

static void log_excess(acb_t out, const acb_t delta, slong prec) {
  enum { TERMS = 40 };
  acb_t power;
  acb_init(power);
  acb_neg(power, delta);
  acb_zero(out);
  for (ulong k = 2; k < TERMS; k++) {
    acb_mul(power, power, delta, prec);
    acb_neg(power, power);
    acb_t term;
    acb_init(term);
    acb_div_ui(term, power, k, prec);
    acb_add(out, out, term, prec);
    acb_clear(term);
  }
  acb_neg(out, out);
  /* The rest is below |delta|^TERMS/(1 - |delta|): 2 |delta|^TERMS for |delta| <= 1/2. */
  mag_t size;
  mag_init(size);
  acb_get_mag(size, delta);
  if (mag_cmp_2exp_si(size, -1) > 0) acb_indeterminate(out);
  mag_pow_ui(size, size, TERMS);
  mag_mul_2exp_si(size, size, 1);
  acb_add_error_mag(out, size);
  mag_clear(size);
  acb_clear(power);
}

static int density_in_units(acb_ptr out, const acb_t y, void *param, slong order, slong prec) {
  (void)order; /* entire but for delta = -1, where log_excess is indeterminate */
  const gamma_density *g = param;
  acb_t delta, exponent;
  arb_t less;
  acb_init(delta), acb_init(exponent), arb_init(less);
  acb_div_arb(delta, y, g->root, prec);
  log_excess(exponent, delta, prec);
  arb_sub_ui(less, g->a, 1, prec);
  acb_mul_arb(exponent, exponent, less, prec);
  acb_sub(exponent, exponent, delta, prec);
  acb_add_arb(exponent, exponent, g->constant, prec);
  acb_exp(exponent, exponent, prec);
  acb_mul_arb(out, exponent, g->root, prec);
  acb_clear(delta), acb_clear(exponent), arb_clear(less);
  return 0;
}

/* Beyond y = +-20 lies less than 2^-200 for a >= 10^5: the density's logarithm has fallen by more than 190 and goes on
 * falling by more than 19 per unit of y. */
static void integrated_tail(arb_t out, uint64_t nu, double x, int side) {
  gamma_density g;
  arb_init(g.a), arb_init(g.root), arb_init(g.constant);
  arb_set_ui(g.a, nu);
  arb_mul_2exp_si(g.a, g.a, -1);
  arb_sqrt(g.root, g.a, BITS);
  arb_t term;
  arb_init(term);
  arb_log(g.constant, g.a, BITS);
  arb_sub_ui(term, g.a, 1, BITS);
  arb_mul(g.constant, g.constant, term, BITS);
  arb_sub(g.constant, g.constant, g.a, BITS);
  arb_lgamma(term, g.a, BITS);
  arb_sub(g.constant, g.constant, term, BITS);
  arb_clear(term);
  acb_t from, to, integral;
  acb_init(from), acb_init(to), acb_init(integral);
  arb_set_d(acb_realref(from), x / 2);
  arb_sub(acb_realref(from), acb_realref(from), g.a, BITS);
  arb_div(acb_realref(from), acb_realref(from), g.root, BITS);
  acb_set_si(to, side > 0 ? 20 : -20);
  mag_t tolerance;
  mag_init(tolerance);
  mag_set_ui_2exp_si(tolerance, 1, -100);
  acb_calc_integrate(integral, density_in_units, &g, from, to, 40, tolerance, NULL, BITS);
  arb_mul_si(out, acb_realref(integral), side, BITS);
  mag_set_ui_2exp_si(tolerance, 1, -200);
  arb_add_error_mag(out, tolerance);
  mag_clear(tolerance);
  acb_clear(from), acb_clear(to), acb_clear(integral);
  arb_clear(g.a), arb_clear(g.root), arb_clear(g.constant);
}

static void chi2_tail(arb_t out, uint64_t nu, double x, int side) {
  (nu < 5000 ? gamma_tail : integrated_tail)(out, nu, x, side);
}

/* Safe, and the point a thousandth of the standard deviation nearer to the mean is not: so is the exact quantile. */
static void check_chi2(uint64_t nu, double p) {
  double unit = sqrt(2 * (double)nu), high = quantile_chi2_upper(nu, p), low = quantile_chi2_lower(nu, p);
  arb_t tail;
  arb_init(tail);
  chi2_tail(tail, nu, high, 1);
  test_check(at_most(tail, p), "nu = %llu, p = %a, x = %a: P(>= x) = %s", (unsigned long long)nu, p, high,
             bridge_ball(tail));
  chi2_tail(tail, nu, high - 1e-3 * unit, 1);
  test_check(above(tail, p), "nu = %llu, p = %a: x = %a is loose, %s", (unsigned long long)nu, p, high,
             bridge_ball(tail));
  chi2_tail(tail, nu, low, -1);
  test_check(low >= 0 && at_most(tail, p), "nu = %llu, p = %a, x = %a: P(<= x) = %s", (unsigned long long)nu, p, low,
             bridge_ball(tail));
  chi2_tail(tail, nu, low + 1e-3 * unit, -1);
  test_check(above(tail, p), "nu = %llu, p = %a: x = %a is loose, %s", (unsigned long long)nu, p, low,
             bridge_ball(tail));
  /* Few degrees and a small p: the lower quantile is far smaller than the unit, and is still near in ratio. */
  chi2_tail(tail, nu, low * 1.001, -1);
  test_check(nu > 100 || above(tail, p), "nu = %llu, p = %a: x = %a is loose in ratio", (unsigned long long)nu, p, low);
  arb_clear(tail);
}

static void test_chi2(void **state) {
  (void)state;
  const uint64_t degrees[] = {1, 2, 3, 7, 30, 1000, 1000001, 1000000000000};
  for (size_t i = 0; i < sizeof degrees / sizeof *degrees; i++)
    for (size_t k = 0; k < PROBABILITIES; k++) check_chi2(degrees[i], probabilities[k]);
  test_random random = test_random_new(33);
  for (size_t i = 0; i < test_cases(20); i++)
    check_chi2((uint64_t)test_integer(&random, 1, 2000), exp(-test_uniform(&random, 0.7, 45)));
}

/* ---- Kolmogorov-Smirnov: 2 exp(-2 N e^2) <= p, and not much less ---- */

static void kolmogorov_tail(arb_t out, uint64_t samples, double e) {
  arb_set_d(out, e);
  arb_mul(out, out, out, BITS);
  arb_mul_ui(out, out, samples, BITS);
  arb_mul_si(out, out, -2, BITS);
  arb_exp(out, out, BITS);
  arb_mul_2exp_si(out, out, 1);
}

static void test_kolmogorov(void **state) {
  (void)state;
  const uint64_t samples[] = {1, 10, 1100000, UINT64_C(1) << 62};
  arb_t tail;
  arb_init(tail);
  for (size_t i = 0; i < 4; i++)
    for (size_t k = 0; k < PROBABILITIES; k++) {
      double e = quantile_kolmogorov(samples[i], probabilities[k]);
      kolmogorov_tail(tail, samples[i], e);
      test_check(at_most(tail, probabilities[k]), "N = %llu, p = %a", (unsigned long long)samples[i], probabilities[k]);
      kolmogorov_tail(tail, samples[i], nextafter(e, 0));
      test_check(above(tail, probabilities[k]), "N = %llu, p = %a", (unsigned long long)samples[i], probabilities[k]);
    }
  arb_clear(tail);
}

static void test_domain(void **state) {
  (void)state;
  const double bad[] = {0, 1, -1, 2, NAN, INFINITY};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_true(isnan(quantile_normal_upper(bad[i])) && isnan(quantile_kolmogorov(5, bad[i])));
    assert_true(isnan(quantile_chi2_upper(5, bad[i])) && isnan(quantile_chi2_lower(5, bad[i])));
  }
  assert_true(isnan(quantile_chi2_upper(0, 0.1)) && isnan(quantile_chi2_lower(0, 0.1)));
  assert_true(isnan(quantile_chi2_upper(UINT64_C(1000000000001), 0.1)) && isnan(quantile_kolmogorov(0, 0.1)));
  assert_true(isnan(quantile_chi2_lower(UINT64_C(1000000000001), 0.1)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_normal_quantile),
      cmocka_unit_test(test_chi2),
      cmocka_unit_test(test_kolmogorov),
      cmocka_unit_test(test_domain),
  };
  return cmocka_run_group_tests_name("quantile", tests, NULL, NULL);
}
