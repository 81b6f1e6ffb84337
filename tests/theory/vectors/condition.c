/* What one rounding costs: against what the formulas of one Gaussian say. */
#include "theory/vectors/condition.h"

#include "testing.h"

#include <assay/reference.h>

#include <math.h>
#include <string.h>

static const vectors_target *target_of(const char *kind, const char *name) {
  for (size_t i = 0; i < vectors_target_count; i++)
    if (strcmp(vectors_targets[i].kind, kind) == 0 && strcmp(vectors_targets[i].name, name) == 0)
      return &vectors_targets[i];
  fail_msg("no target %s-%s", kind, name);
  return NULL;
}

static double condition_at(assay_quantity quantity, const vectors_target *target, double alpha, double beta,
                           const double *x) {
  assay_context context;
  assay_context_init(&context);
  assay_path_point point = assay_path_point_of(assay_real_of(alpha), assay_real_of(beta));
  assay_mixture mixture;
  assert_int_equal(vectors_target_mixture(&mixture, target, &context), ASSAY_OK);
  double values[VECTORS_MOST_DIMENSION], out = -1;
  assert_int_equal(assay_reference_field_double(values, quantity, &mixture, &point, x, 1, &context), ASSAY_OK);
  assert_int_equal(vectors_condition(&out, quantity, target, &point, x, values, &context), ASSAY_OK);
  assay_mixture_clear(&mixture);
  return out;
}

/* Changes of 2^-26 give derivatives of what is linear to 2^-27 (their own rounding), of the rest to second order. */
static void check_near(const char *what, double got, double expected) {
  test_check(fabs(got - expected) <= 0x1p-20 * expected, "%s: %a, expected %a", what, got, expected);
}

/* Score -(x - beta m)/v, m = (1, -1/2), v = alpha^2 + beta^2/4: the mean's factor is beta |m_1|/max|x - beta m|, the
 * variance's beta^2/(4 v). */
static void one_gaussian(void **state) {
  (void)state;
  const vectors_target *one = target_of("isotropic", "one");
  const double alpha = 0.5, beta = 0.5, v = 0.3125;
  check_near("mean", condition_at(ASSAY_SCORE, one, alpha, beta, (const double[]){0.5 + 0x1p-20, -0.25}), 0x1p19);
  check_near("both coordinates", condition_at(ASSAY_SCORE, one, alpha, beta, (const double[]){0.5 + 0x1p-20, 0x1p4}),
             0.5 / (0x1p4 + 0.25) > 0.0625 / v ? 0.5 / (0x1p4 + 0.25) : 0.0625 / v);
  check_near("variance", condition_at(ASSAY_SCORE, one, alpha, beta, (const double[]){0x1p30, 0}), 0.0625 / v);
}

/* Nothing depends on the mixture where beta = 0; and a quantity that is 0 has no relative change. */
static void nothing_to_lose(void **state) {
  (void)state;
  const double x[2] = {1, 2}, centre[2] = {1, -0.5};
  const vectors_target *one = target_of("isotropic", "one");
  test_check(condition_at(ASSAY_SCORE, one, 1, 0, x) == 0, "beta = 0: not 0");
  test_check(condition_at(ASSAY_SCORE, one, 1, 1, centre) == 0, "at the mean: not 0");
}

/* At t = 1 in component 0, S = ((1, c), (c, 1)), c = 1 - 2^-20: each variance alone changes S^-1 r by the factor
 * S^-1_jj |(S^-1 r)_j|/max|S^-1 r|, 1/(1 - c^2) = 2^19 here to 2^-21, were it small beside 2^26; the change is finite,
 * so that it is 1/(1 + 2^19/2^26) of that. */
static void nearly_singular(void **state) {
  (void)state;
  const double x[2] = {1 + 0x1p-10, 0.5};
  double got = condition_at(ASSAY_SCORE, target_of("full", "correlated"), 0, 1, x);
  double expected = 0x1p19 / (1 + 0x1p-7);
  test_check(fabs(got - expected) <= 0x1p-8 * expected, "%a, expected %a", got, expected);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_gaussian),
      cmocka_unit_test(nothing_to_lose),
      cmocka_unit_test(nearly_singular),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
