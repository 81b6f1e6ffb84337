/* The proofs of gmm-diffusion: each is PROVED, and its negative control REFUTED; and what they rest on in theory/. */
#include "testing.h"
#include "verdict.h"

#include "theory/gmm_diffusion/tensor.h"

#include <math.h>

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
      double x = p * h, y = q * h, hx[] = {1, x, x * x - 1, x * x * x - 3 * x},
             hy[] = {1, y, y * y - 1, y * y * y - 3 * y};
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
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
