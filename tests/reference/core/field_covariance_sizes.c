/* Fields of mixtures with diagonal and full covariances: the sizes that are promised, and refusals. */
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

/* The sizes that are promised: 100 000 coordinates, a full covariance of 120, 10 000 components of all kinds (half of
 * them repeated, so that the field is that of the other half). */
static void a_hundred_thousand_coordinates(void **state) {
  (void)state;
  enum { DIMENSION = 100000, GOAL = 53 };
  test_random random = test_random_new(605);
  double *variances = malloc(DIMENSION * sizeof *variances), *x = calloc(DIMENSION, sizeof *x);
  assert_true(variances && x);
  assay_mixture mixture;
  assert_int_equal(assay_mixture_init(&mixture, DIMENSION, 2, &example_context), ASSAY_OK);
  for (size_t j = 0; j < DIMENSION; j++) {
    variances[j] = test_uniform(&random, 0.5, 2);
    mixture.components[0].mean[j] = 0.001 * test_normal(&random);
    mixture.components[1].mean[j] = -mixture.components[0].mean[j];
  }
  for (size_t k = 0; k < 2; k++) example_set_diagonal(&mixture, k, ASSAY_COVARIANCE_DIAGONAL, variances);
  x[0] = 0.7;
  mpfi_ptr f = example_field_of(ASSAY_DENOISER, &mixture, example_at_time(1, 0.5), x, GOAL);
  /* S = diag(s), V = (1 + s)/4: f_j = (s_j x_j 2 + 2 m_j tanh(2 sum m_j x_j/(1 + s_j)))/(1 + s_j) with alpha^2/V = 1/(1
   * + s), beta S/V = 2 s/(1 + s), beta/V = 2/(1 + s); x has one entry. */
  iv_scope *s = iv_scope_new(200);
  for (size_t j = 0; j < DIMENSION; j += 9999) {
    size_t mark = iv_mark(s);
    iv m = iv_d(s, mixture.components[0].mean[0]), v = iv_add_si(s, iv_d(s, variances[0]), 1);
    iv bend = iv_tanh(s, iv_div(s, iv_mul_2si(s, iv_mul(s, m, iv_d(s, x[0])), 1), v));
    iv own = iv_d(s, variances[j]), pull = iv_mul(s, iv_d(s, mixture.components[0].mean[j]), bend);
    iv lift = iv_mul_2si(s, iv_mul(s, own, iv_d(s, x[j])), 1);
    iv expected = iv_div(s, iv_add(s, lift, pull), iv_add_si(s, own, 1));
    test_check(iv_overlap(&f[j], expected) == IV_TRUE, "entry %zu", j);
    iv_release(s, mark);
  }
  iv_scope_free(s);
  assay_enclosures_clear(f, DIMENSION);
  assay_mixture_clear(&mixture);
  free(variances);
  free(x);
}

/* W g = x - beta m with every entry of a large random covariance: the score solves its equations, and noise = - alpha
 * score. */
static void large_full_covariances(void **state) {
  (void)state;
  enum { DIMENSION = 120, GOAL = 60 };
  test_random random = test_random_new(606);
  assay_mixture mixture;
  double x[DIMENSION];
  assert_int_equal(assay_mixture_init(&mixture, DIMENSION, 1, &example_context), ASSAY_OK);
  example_set_random_full(&mixture, 0, &random);
  example_fill_normal(x, DIMENSION, &random);
  example_fill_normal(mixture.components[0].mean, DIMENSION, &random);
  const double *entries = mixture.components[0].covariance.entries;
  mpfi_ptr score = example_field_of(ASSAY_SCORE, &mixture, example_at_time(1, 0.5), x, GOAL);
  mpfi_ptr noise = example_field_of(ASSAY_NOISE, &mixture, example_at_time(1, 0.5), x, GOAL);
  iv_scope *s = iv_scope_new(400);
  for (size_t i = 0; i < DIMENSION; i++) {
    size_t mark = iv_mark(s);
    /* 4 V = I + S and x - m/2: (I + S) score + 4 x - 2 m = 0 */
    iv residual =
        iv_add(s, &score[i],
               iv_sub(s, iv_mul_si(s, iv_d(s, x[i]), 4), iv_mul_si(s, iv_d(s, mixture.components[0].mean[i]), 2)));
    for (size_t j = 0; j < DIMENSION; j++)
      residual = iv_add(s, residual, iv_mul(s, iv_d(s, entries[i * DIMENSION + j]), &score[j]));
    test_check(iv_contains_d(residual, 0) && iv_width_d(residual) < 0x1p-40, "row %zu", i);
    test_check(iv_overlap(&noise[i], iv_mul_2si(s, iv_neg(s, &score[i]), -1)) == IV_TRUE, "noise %zu", i);
    iv_release(s, mark);
  }
  iv_scope_free(s);
  assay_enclosures_clear(score, DIMENSION);
  assay_enclosures_clear(noise, DIMENSION);
  assay_mixture_clear(&mixture);
}

static void ten_thousand_components(void **state) {
  (void)state;
  enum { DIMENSION = 2, HALF = 5000 };
  test_random random = test_random_new(607);
  assay_mixture half, whole;
  double x[DIMENSION];
  example_fill_normal(x, DIMENSION, &random);
  example_draw(&half, &random, DIMENSION, HALF);
  assert_int_equal(assay_mixture_init(&whole, DIMENSION, 2 * (size_t)HALF, &example_context), ASSAY_OK);
  for (size_t k = 0; k < 2 * (size_t)HALF; k++) {
    const assay_component *from = &half.components[(k * 7919) % HALF];
    whole.components[k].weight = from->weight;
    memcpy(whole.components[k].mean, from->mean, sizeof x);
    whole.components[k].covariance.variance = from->covariance.variance;
    if (from->covariance.kind != ASSAY_COVARIANCE_ISOTROPIC)
      example_set_covariance(&whole, k, from->covariance.kind, from->covariance.entries);
  }
  example_check_same(&half, &whole, example_at_time(1, 0.8), x, "every component twice");
  assay_mixture_clear(&half);
  assay_mixture_clear(&whole);
}

/* Log-weights near 1e300 that are almost equal need a thousand bits; the coordinates do not. */
static void large_log_weights_do_not_slow_the_coordinates(void **state) {
  (void)state;
  const double x[] = {1e150, 0.3}, variances[2][2] = {{1, 1}, {1, 0.5}};
  for (int full = 0; full < 2; full++) {
    assay_mixture mixture;
    assert_int_equal(assay_mixture_init(&mixture, 2, 2, &example_context), ASSAY_OK);
    for (size_t k = 0; k < 2; k++) {
      mixture.components[k].mean[1] = (double)k;
      example_set_diagonal(&mixture, k, full ? ASSAY_COVARIANCE_FULL : ASSAY_COVARIANCE_DIAGONAL, variances[k]);
    }
    mpfi_ptr f = example_field_of(ASSAY_DENOISER, &mixture, example_at_time(1, 0.5), x, 53);
    assert_true(mpfi_get_prec(&f[1]) < 128);
    assay_enclosures_clear(f, 2);
    assay_mixture_clear(&mixture);
  }
}

/* t = 0: covariances play no part, and however large x is, responsibilities are the weights: few bits do. */
static void at_noise_covariances_play_no_part(void **state) {
  (void)state;
  test_random random = test_random_new(610);
  const double x[] = {0.3, -1e300, 1e-300};
  assay_mixture mixture;
  example_draw(&mixture, &random, 3, 4);
  example_context.max_bits = 256;
  mpfi_ptr f = example_field_of(ASSAY_DENOISER, &mixture, example_at_time(1, 0), x, 53);
  mpfi_ptr score = example_field_of(ASSAY_SCORE, &mixture, example_at_time(1, 0), x, 53);
  iv_scope *s = iv_scope_new(200);
  for (size_t j = 0; j < 3; j++) {
    iv sum = iv_ui(s, 0), total = iv_ui(s, 0);
    for (size_t k = 0; k < 4; k++) {
      iv weight = iv_d(s, mixture.components[k].weight.nearest);
      sum = iv_add(s, sum, iv_mul(s, weight, iv_d(s, mixture.components[k].mean[j])));
      total = iv_add(s, total, weight);
    }
    assert_int_equal(iv_overlap(&f[j], iv_div(s, sum, total)), IV_TRUE);
    assert_true(iv_contains_d(&score[j], -x[j]));
  }
  iv_scope_free(s);
  assay_enclosures_clear(f, 3);
  assay_enclosures_clear(score, 3);
  assay_mixture_clear(&mixture);
}

/* ---- refusals ---- */

static void check_refused(const assay_mixture *mixture, assay_status status, const char *message) {
  size_t d = mixture->dimension;
  double x[4] = {0.1, 0.2, 0.3, 0.4}, doubles[4] = {7, 7, 7, 7};
  mpfi_ptr out = example_new_enclosures(4);
  mpfi_set_ui(out, 7);
  for (size_t t = 0; t < 3; t++) { /* at t = 0 too, where no covariance enters */
    assay_path_point point = example_at_time(1, 0.5 * (double)t);
    assert_int_equal(assay_reference_field(out, ASSAY_NOISE, mixture, &point, x, 1, 53, &example_context), status);
    assert_string_equal(example_context.message, message);
    assert_int_equal(assay_reference_field_double(doubles, ASSAY_NOISE, mixture, &point, x, 1, &example_context),
                     status);
    assert_string_equal(example_context.message, message);
  }
  for (size_t j = 0; j < d; j++) assert_true(doubles[j] == 7);
  assert_true(iv_contains_d(out, 7) && iv_width_d(out) == 0);
  assay_enclosures_clear(out, 4);
}

static void covariances_must_be_positive_definite(void **state) {
  (void)state;
  static const struct {
    size_t dimension;
    double entries[9];
    assay_status status;
    const char *message;
  } cases[] = {
      {2,
       {1, 2, 2, 1},
       ASSAY_INVALID,
       "components[1].covariance: not positive definite (its leading 2 x 2 block is not)"},
      {2,
       {1, 1, 1, 1},
       ASSAY_INVALID,
       "components[1].covariance: not positive definite (its leading 2 x 2 block is not)"},
      {2,
       {1, 1 + 0x1p-52, 1 + 0x1p-52, 1 + 0x1p-51},
       ASSAY_INVALID,
       "components[1].covariance: not positive definite (its leading 2 x 2 block is not)"}, /* det = - 2^-104 */
      {3,
       {2, 1, 0, 1, 2, -1.75, 0, -1.75, 2},
       ASSAY_INVALID,
       "components[1].covariance: not positive definite (its leading 3 x 3 block is not)"},
      {3,
       {3, 5, 9, 5, 9, 17, 9, 17, 33},
       ASSAY_PRECISION, /* singular, with a pivot 2/3 on the way */
       "components[1].covariance: 4096 bits do not tell whether it is positive definite"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assay_mixture mixture;
    assert_int_equal(assay_mixture_init(&mixture, cases[i].dimension, 3, &example_context), ASSAY_OK);
    example_set_covariance(&mixture, 1, ASSAY_COVARIANCE_FULL, cases[i].entries);
    check_refused(&mixture, cases[i].status, cases[i].message);
    assay_mixture_clear(&mixture);
  }
}

/* det = 2^-52; S^{-1} x = 2^52 (x_0 - x_1, (1 + 2^-52) x_1 - x_0). */
static void nearly_singular_covariances_are_taken(void **state) {
  (void)state;
  const double entries[] = {1 + 0x1p-52, 1, 1, 1}, x[] = {1, 0.5};
  assay_mixture mixture;
  assert_int_equal(assay_mixture_init(&mixture, 2, 1, &example_context), ASSAY_OK);
  example_set_covariance(&mixture, 0, ASSAY_COVARIANCE_FULL, entries);
  mpfi_ptr score = example_field_of(ASSAY_SCORE, &mixture, example_at_time(1, 1), x, 60);
  assert_true(iv_contains_d(&score[0], -0x1p51) && iv_contains_d(&score[1], 0x1p51 - 0.5));
  assay_enclosures_clear(score, 2);
  assay_mixture_clear(&mixture);
}

static void memory_caps_count_factors(void **state) {
  (void)state;
  enum { DIMENSION = 40, COUNT = 8 };
  test_random random = test_random_new(608);
  assay_mixture mixture;
  double x[DIMENSION] = {0}, out[DIMENSION];
  assert_int_equal(assay_mixture_init(&mixture, DIMENSION, COUNT, &example_context), ASSAY_OK);
  for (size_t k = 0; k < COUNT; k++) example_set_random_full(&mixture, k, &random);
  assay_path_point point = example_at_time(1, 0.5);
  example_context.threads = 1;
  example_context.memory_cap = 40000; /* not even one factor: 820 intervals */
  assert_int_equal(assay_reference_field_double(out, ASSAY_NOISE, &mixture, &point, x, 1, &example_context),
                   ASSAY_MEMORY);
  assert_string_equal(example_context.message,
                      "components[0].covariance: its factors at 128 bits exceed the memory cap of 40000");
  example_context.memory_cap = 400000; /* one, but not eight */
  assert_int_equal(assay_reference_field_double(out, ASSAY_NOISE, &mixture, &point, x, 1, &example_context),
                   ASSAY_MEMORY);
  example_context.memory_cap = 16 << 20;
  assert_int_equal(assay_reference_field_double(out, ASSAY_NOISE, &mixture, &point, x, 1, &example_context), ASSAY_OK);
  assay_mixture_clear(&mixture);
}

/* Too few bits for so ill a covariance: a status, never a wrong number. */
static void unreachable_goals_are_refused(void **state) {
  (void)state;
  test_random random = test_random_new(609);
  assay_mixture straight, rotated;
  double x[ORDER], out[ORDER];
  example_draw_rotated(&straight, &rotated, &random, 40);
  example_fill_short(x, &random);
  assay_path_point point = example_at_time(1, 1);
  example_context.max_bits = 110;
  assert_int_equal(assay_reference_field_double(out, ASSAY_SCORE, &rotated, &point, x, 1, &example_context),
                   ASSAY_PRECISION);
  example_context.max_bits = 4096;
  assert_int_equal(assay_reference_field_double(out, ASSAY_SCORE, &rotated, &point, x, 1, &example_context), ASSAY_OK);
  assay_mixture_clear(&straight);
  assay_mixture_clear(&rotated);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(a_hundred_thousand_coordinates, fresh_context),
      cmocka_unit_test_setup(large_full_covariances, fresh_context),
      cmocka_unit_test_setup(ten_thousand_components, fresh_context),
      cmocka_unit_test_setup(large_log_weights_do_not_slow_the_coordinates, fresh_context),
      cmocka_unit_test_setup(at_noise_covariances_play_no_part, fresh_context),
      cmocka_unit_test_setup(covariances_must_be_positive_definite, fresh_context),
      cmocka_unit_test_setup(nearly_singular_covariances_are_taken, fresh_context),
      cmocka_unit_test_setup(memory_caps_count_factors, fresh_context),
      cmocka_unit_test_setup(unreachable_goals_are_refused, fresh_context),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
