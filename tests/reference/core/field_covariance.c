/* Fields of mixtures with diagonal and full covariances: kinds agree where they describe the same law, rotations
 * commute with the field (ill-conditioned covariances too), inclusion, threads. Agreement with other libraries is
 * tested in tests/oracle. */
#include "field_examples.h"

#include "testing.h"

#include "reference/core/interval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int fresh_context(void **state) {
  (void)state;
  assay_context_init(&example_context);
  return 0;
}

/* ---- the same law by different kinds ---- */

/* Isotropic components (the code of isotropic mixtures) against the same as diagonal, full, and one of each kind. */
static void kinds_agree(void **state) {
  (void)state;
  enum { DIMENSION = 4, COUNT = 3 };
  static const double times[] = {0, 0x1p-60, 0.3, 0.75, 1 - 0x1p-50, 1};
  test_random random = test_random_new(601);
  for (size_t i = 0; i < test_cases(4) * sizeof times / sizeof *times; i++) {
    assay_mixture plain, other;
    double x[DIMENSION], variances[DIMENSION];
    assert_int_equal(assay_mixture_init(&plain, DIMENSION, COUNT, &example_context), ASSAY_OK);
    assert_int_equal(assay_mixture_init(&other, DIMENSION, COUNT, &example_context), ASSAY_OK);
    example_fill_normal(x, DIMENSION, &random);
    for (size_t k = 0; k < COUNT; k++) {
      double variance = k == 1 ? 1 : test_uniform(&random, 0.05, 2);
      example_fill_normal(plain.components[k].mean, DIMENSION, &random);
      memcpy(other.components[k].mean, plain.components[k].mean, sizeof x);
      plain.components[k].covariance.variance = other.components[k].covariance.variance = assay_real_of(variance);
      for (size_t j = 0; j < DIMENSION; j++) variances[j] = variance;
      if (i % 4 != 3 || k)
        example_set_diagonal(&other, k, (i + k) % 4 > 1 ? ASSAY_COVARIANCE_FULL : ASSAY_COVARIANCE_DIAGONAL, variances);
    }
    example_check_same(&plain, &other, example_at_time(i % 5, times[i % 6]), x, "kinds");
    assay_mixture_clear(&plain);
    assay_mixture_clear(&other);
  }
}

/* ---- rotations ---- */

/* Scalars are equal, vectors rotate: entry i of the full one's field against sum_j H_ij of the diagonal one's. */
static void check_rotation(const assay_mixture *straight, const assay_mixture *rotated, assay_path_point point,
                           const double *x, assay_quantity quantity, int log_condition) {
  enum { GOAL = 70 };
  double image[ORDER];
  example_rotate(image, x);
  size_t width = assay_quantity_width(quantity, ORDER);
  mpfi_ptr a = example_field_of(quantity, straight, point, x, GOAL),
           b = example_field_of(quantity, rotated, point, image, GOAL);
  iv_scope *s = iv_scope_new(1024);
  for (size_t i = 0; i < width; i++) {
    iv expected = width == 1 ? &a[0] : iv_ui(s, 0);
    for (size_t j = 0; width > 1 && j < ORDER; j++)
      expected = iv_add(s, expected, iv_mul(s, iv_d(s, example_hadamard(i, j)), &a[j]));
    test_check(iv_overlap(expected, &b[i]) == IV_TRUE, "%s at t = %a, condition 2^%d, entry %zu",
               assay_quantity_name(quantity), point.time.nearest, log_condition, i);
  }
  iv_scope_free(s);
  assay_enclosures_clear(a, width);
  assay_enclosures_clear(b, width);
}

static void rotations_commute_with_the_field(void **state) {
  (void)state;
  static const double times[] = {0, 0x1p-30, 0.4, 1 - 0x1p-20, 1};
  static const int log_conditions[] = {3, 20, 40};
  test_random random = test_random_new(602);
  for (size_t i = 0; i < test_cases(3) * sizeof times / sizeof *times; i++) {
    assay_mixture straight, rotated;
    double x[ORDER];
    example_draw_rotated(&straight, &rotated, &random, log_conditions[i % 3]);
    example_fill_short(x, &random);
    for (int q = ASSAY_VELOCITY; q <= ASSAY_DIVERGENCE; q++)
      check_rotation(&straight, &rotated, example_at_time(i, times[i % 5]), x, (assay_quantity)q,
                     log_conditions[i % 3]);
    assay_mixture_clear(&straight);
    assay_mixture_clear(&rotated);
  }
}

/* ---- inclusion, threads, extreme inputs, sizes ---- */

static void finer_enclosures_lie_inside(void **state) {
  (void)state;
  enum { DIMENSION = 5, GOAL = 53 };
  test_random random = test_random_new(603);
  for (size_t i = 0; i < test_cases(18); i++) {
    assay_mixture mixture;
    double x[DIMENSION];
    example_draw(&mixture, &random, DIMENSION, 1 + i % 4);
    example_fill_normal(x, DIMENSION, &random);
    assay_path_point point = example_at_time(i, test_uniform(&random, 0, 1));
    for (int q = ASSAY_VELOCITY; q <= ASSAY_DIVERGENCE; q++) {
      size_t width = assay_quantity_width((assay_quantity)q, DIMENSION);
      mpfi_ptr coarse = example_field_of((assay_quantity)q, &mixture, point, x, GOAL);
      mpfi_ptr fine = example_field_of((assay_quantity)q, &mixture, point, x, 4L * GOAL);
      for (size_t j = 0; j < width; j++)
        test_check(iv_contains(&coarse[j], &fine[j]), "%s at t = %a, case %zu, entry %zu",
                   assay_quantity_name((assay_quantity)q), point.time.nearest, i, j);
      assay_enclosures_clear(coarse, width);
      assay_enclosures_clear(fine, width);
    }
    assay_mixture_clear(&mixture);
  }
}

static void results_do_not_depend_on_threads(void **state) {
  (void)state;
  enum { DIMENSION = 3, POINTS = 40, ALL = DIMENSION * POINTS };
  test_random random = test_random_new(604);
  assay_mixture mixture;
  double x[ALL];
  example_draw(&mixture, &random, DIMENSION, 4);
  example_fill_normal(x, ALL, &random);
  for (size_t i = 0; i < ALL; i += 7) x[i] *= 1e200; /* points that need more precision than their neighbours */
  assay_path_point point = example_at_time(0, 0.37);
  for (int q = ASSAY_VELOCITY; q <= ASSAY_DIVERGENCE; q++) {
    size_t count = POINTS * assay_quantity_width((assay_quantity)q, DIMENSION);
    mpfi_ptr one = example_new_enclosures(count), many = example_new_enclosures(count);
    example_context.threads = 1;
    assert_int_equal(assay_reference_field(one, (assay_quantity)q, &mixture, &point, x, POINTS, 80, &example_context),
                     ASSAY_OK);
    for (example_context.threads = 2; example_context.threads <= 5; example_context.threads += 3) {
      assert_int_equal(
          assay_reference_field(many, (assay_quantity)q, &mixture, &point, x, POINTS, 80, &example_context), ASSAY_OK);
      for (size_t i = 0; i < count; i++)
        test_check(mpfr_equal_p(&one[i].left, &many[i].left) && mpfr_equal_p(&one[i].right, &many[i].right) &&
                       mpfi_get_prec(&one[i]) == mpfi_get_prec(&many[i]),
                   "%s, %d threads, entry %zu", assay_quantity_name((assay_quantity)q), example_context.threads, i);
    }
    assay_enclosures_clear(one, count);
    assay_enclosures_clear(many, count);
  }
  assay_mixture_clear(&mixture);
}

/* A single component, linear path: entry j is the one-dimensional isotropic problem of its own variance, whatever the
 * others; for full covariances too when nothing is correlated. */
static void tiny_variances_stay_apart(void **state) {
  (void)state;
  enum { DIMENSION = 3, GOAL = 60 };
  static const double times[] = {0.5, 1 - 0x1p-53, 1};
  const double variances[DIMENSION] = {1e-300, 1, 1e300}, mean[DIMENSION] = {1, -2, 1e-10}, x[DIMENSION] = {1, 0.3, 5};
  for (size_t i = 0; i < 2 * sizeof times / sizeof *times; i++) {
    assay_path_point point = example_at_time(1, times[i / 2]);
    assay_mixture mixture, one;
    assert_int_equal(assay_mixture_init(&mixture, DIMENSION, 1, &example_context), ASSAY_OK);
    memcpy(mixture.components[0].mean, mean, sizeof mean);
    example_set_diagonal(&mixture, 0, i % 2 ? ASSAY_COVARIANCE_FULL : ASSAY_COVARIANCE_DIAGONAL, variances);
    assert_int_equal(assay_mixture_init(&one, 1, 1, &example_context), ASSAY_OK);
    for (int q = ASSAY_VELOCITY; q <= ASSAY_NOISE; q++) {
      mpfi_ptr all = example_field_of((assay_quantity)q, &mixture, point, x, GOAL);
      for (size_t j = 0; j < DIMENSION; j++) {
        one.components[0].mean[0] = mean[j];
        one.components[0].covariance.variance = assay_real_of(variances[j]);
        mpfi_ptr alone = example_field_of((assay_quantity)q, &one, point, &x[j], GOAL);
        test_check(iv_overlap(&all[j], alone) == IV_TRUE, "%s, t = %a, entry %zu",
                   assay_quantity_name((assay_quantity)q), times[i / 2], j);
        assay_enclosures_clear(alone, 1);
      }
      assay_enclosures_clear(all, DIMENSION);
    }
    assay_mixture_clear(&mixture);
    assay_mixture_clear(&one);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(kinds_agree, fresh_context),
      cmocka_unit_test_setup(rotations_commute_with_the_field, fresh_context),
      cmocka_unit_test_setup(finer_enclosures_lie_inside, fresh_context),
      cmocka_unit_test_setup(results_do_not_depend_on_threads, fresh_context),
      cmocka_unit_test_setup(tiny_variances_stay_apart, fresh_context),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
