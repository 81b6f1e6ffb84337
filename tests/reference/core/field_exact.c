/* Fields where the answer is known exactly: zeros by symmetry, both ends of the path, rational values, ties of
 * rounding.
 */
#include "field_examples.h"
#include "testing.h"

#include "reference/core/interval.h"

#include <assay/reference.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static assay_context context;

static const assay_quantity wide[] = {ASSAY_VELOCITY, ASSAY_SCORE, ASSAY_DENOISER, ASSAY_NOISE};
enum { WIDE = sizeof wide / sizeof *wide };

static bool is_point(mpfi_srcptr a, double value) {
  return !mpfr_cmp_d(&a->left, value) && !mpfr_cmp_d(&a->right, value);
}

/* Components of `means` (count x d) with weights and variances of exact strings. */
static void make(assay_mixture *out, size_t d, size_t count, const double *means, const char *const *weights,
                 const char *const *variances) {
  assert_int_equal(assay_mixture_init(out, d, count, &context), ASSAY_OK);
  for (size_t k = 0; k < count; k++) {
    assay_real weight, variance;
    assert_int_equal(assay_real_parse(&weight, weights[k], true, "weight", &context), ASSAY_OK);
    assert_int_equal(assay_real_parse(&variance, variances[k], true, "covariance", &context), ASSAY_OK);
    assert_int_equal(assay_real_copy(&out->components[k].weight, weight, &context), ASSAY_OK);
    assert_int_equal(assay_real_copy(&out->components[k].covariance.variance, variance, &context), ASSAY_OK);
    memcpy(out->components[k].mean, means + k * d, d * sizeof *means);
  }
}

/* One point; free with assay_enclosures_clear. */
static mpfi_ptr field_of(assay_quantity quantity, const assay_mixture *mixture, assay_path_point point,
                         const double *x) {
  mpfi_ptr out = NULL;
  assert_int_equal(assay_enclosures_init(&out, assay_quantity_width(quantity, mixture->dimension), &context), ASSAY_OK);
  test_check(!assay_reference_field(out, quantity, mixture, &point, x, 1, 53, &context), "%s", context.message);
  return out;
}

static void check_zero_from(const assay_mixture *mixture, const double *x, size_t zeros, const char *what) {
  static const char *const times[] = {"0", "1e-300", "1/3", "0.7", "0.99999999999999999999", "1"};
  size_t d = mixture->dimension;
  for (int schedule = ASSAY_LINEAR; schedule <= ASSAY_TRIGONOMETRIC; schedule++)
    for (size_t t = 0; t < sizeof times / sizeof *times; t++)
      for (size_t q = 0; q < WIDE; q++) {
        assay_real time;
        assert_int_equal(assay_real_parse(&time, times[t], true, "time", &context), ASSAY_OK);
        mpfi_ptr values =
            field_of(wide[q], mixture, assay_path_point_at(assay_schedule_of((assay_schedule_kind)schedule), time), x);
        for (size_t j = 0; j < zeros; j++)
          test_check(iv_is_zero(&values[j]), "%s: %s, %s at %s, entry %zu", what, assay_quantity_name(wide[q]),
                     assay_schedule_name((assay_schedule_kind)schedule), times[t], j);
        assay_enclosures_clear(values, d);
      }
}

static void symmetry_gives_exact_zeros(void **state) {
  (void)state;
  assay_mixture mixture;
  /* the origin of a mixture symmetric under m -> -m, with two pairs and entries far apart */
  const double pairs[] = {1e-300, 3, 0.1, -1e-300, -3, -0.1, 5, 1e-5, 7, -5, -1e-5, -7};
  make(&mixture, 3, 4, pairs, (const char *const[]){"0.1", "1/10", "2", "2"},
       (const char *const[]){"1/3", "1/3", "0.25", "1/4"});
  check_zero_from(&mixture, (const double[]){0, -0.0, 0}, 3, "origin");
  assay_mixture_clear(&mixture);
  /* coordinate 0 is 0 in x and in every mean */
  const double flat[] = {0, 1, 2, -0.0, -3, 0.5};
  make(&mixture, 3, 2, flat, (const char *const[]){"1", "2"}, (const char *const[]){"1", "0.3"});
  check_zero_from(&mixture, (const double[]){0, 0.3, -0.2}, 1, "flat coordinate");
  assay_mixture_clear(&mixture);
  /* symmetric under flipping the signs of coordinates 0 and 1 together, at a point that this fixes */
  const double partial[] = {1, 2, 0.7, -1, -2, 0.7, 4, 0.3, -1, -4, -0.3, -1};
  make(&mixture, 3, 4, partial, (const char *const[]){"1", "1", "0.3", "3/10"},
       (const char *const[]){"1", "1", "0.1", "0.1"});
  check_zero_from(&mixture, (const double[]){0, 0, 0.4}, 2, "partial flip");
  assay_mixture_clear(&mixture);
  /* four means of equal length, in two pairs of equal responsibility that interleave */
  const double square[] = {1, 2, 1, -2, -1, 2, -1, -2};
  make(&mixture, 2, 4, square, (const char *const[]){"1", "1", "1", "1"}, (const char *const[]){"1", "1", "1", "1"});
  check_zero_from(&mixture, (const double[]){0, 0.4}, 1, "square");
  assay_mixture_clear(&mixture);
  /* three means that are permuted by a symmetry and cancel only together */
  const double three[] = {1, 3, -0.25, 3, -0.75, 3};
  make(&mixture, 2, 3, three, (const char *const[]){"1", "1", "1"}, (const char *const[]){"1", "1", "1"});
  mpfi_ptr values =
      field_of(ASSAY_DENOISER, &mixture, assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0)),
               (const double[]){0.3, 0.1});
  assert_true(is_point(&values[0], 0) && is_point(&values[1], 3));
  assay_enclosures_clear(values, 2);
  assay_mixture_clear(&mixture);
}

/* Components that agree about a coordinate leave its number as exact as one of them: a point, and 0 where x_0 = beta
 * m_0 is fixed by a reflection. */
static void agreement_is_exact(void **state) {
  (void)state;
  const double means[] = {0.5, 1, 0.5, -2}, x[] = {0.25, 0.3};
  assay_mixture mixture;
  make(&mixture, 2, 2, means, (const char *const[]){"1", "2"}, (const char *const[]){"1", "1"});
  assay_path_point half = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5));
  mpfi_ptr denoiser = field_of(ASSAY_DENOISER, &mixture, half, x), score = field_of(ASSAY_SCORE, &mixture, half, x);
  assert_true(is_point(&denoiser[0], 0.5) && is_point(&score[0], 0));
  assert_false(is_point(&denoiser[1], iv_mid_d(&denoiser[1])));
  assay_enclosures_clear(denoiser, 2);
  assay_enclosures_clear(score, 2);
  assay_mixture_clear(&mixture);
}

/* The same mixture with one weight or variance off by 1e-30 has no symmetry: no exact zero may be claimed. */
static void broken_symmetry_is_seen(void **state) {
  (void)state;
  const double pair[] = {1, -1}, x = 0;
  static const char *const off = "1.000000000000000000000000000001";
  for (int which = 0; which < 2; which++) {
    assay_mixture mixture;
    make(&mixture, 1, 2, pair, (const char *const[]){"1", which ? "1" : off},
         (const char *const[]){"1", which ? off : "1"});
    mpfi_ptr values = field_of(ASSAY_DENOISER, &mixture,
                               assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5)), &x);
    assert_false(iv_contains_d(&values[0], 0));
    assay_enclosures_clear(values, 1);
    assay_mixture_clear(&mixture);
  }
}

/* t = 0: x_t = x_0 is pure noise: f is the data's mean, e = x, score = -x, and b = f + alpha' x (linear) or (pi/2) f.
 * However large x is, responsibilities are the weights, so few bits do. */
static void at_noise_the_field_is_known(void **state) {
  (void)state;
  context.max_bits = 256;
  const double means[] = {3, -1, 0, 0.5, -6, 8}, x[] = {0.3, -1e300};
  assay_mixture mixture;
  make(&mixture, 2, 3, means, (const char *const[]){"1/6", "1/3", "1/2"}, (const char *const[]){"1", "2", "1e-300"});
  const double mean[] = {-2.5, 4}; /* 3/6 - 6/2; -1/6 + 0.5/3 + 8/2 */
  assay_path_point linear = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0)),
                   circle = assay_path_point_at(assay_schedule_of(ASSAY_TRIGONOMETRIC), assay_real_of(0));
  mpfi_ptr f = field_of(ASSAY_DENOISER, &mixture, linear, x), e = field_of(ASSAY_NOISE, &mixture, circle, x);
  mpfi_ptr score = field_of(ASSAY_SCORE, &mixture, circle, x), b = field_of(ASSAY_VELOCITY, &mixture, circle, x);
  mpfi_ptr divergence = field_of(ASSAY_DIVERGENCE, &mixture, linear, x);
  iv_scope *s = iv_scope_new(200);
  for (size_t j = 0; j < 2; j++) {
    assert_true(iv_contains_d(&f[j], mean[j]));
    assert_true(iv_contains_d(&e[j], x[j]) && iv_contains_d(&score[j], -x[j]));
    iv speed = iv_mul_2si(s, iv_pi(s), -1);
    assert_int_equal(iv_overlap(&b[j], iv_mul(s, speed, iv_d(s, mean[j]))), IV_TRUE);
  }
  assert_true(iv_contains_d(&divergence[0], -2));
  context.max_bits = 4096;
  iv_scope_free(s);
  assay_enclosures_clear(f, 2);
  assay_enclosures_clear(e, 2);
  assay_enclosures_clear(score, 2);
  assay_enclosures_clear(b, 2);
  assay_enclosures_clear(divergence, 1);
  assay_mixture_clear(&mixture);
}

/* t = 1: x_t = x_1 is data: f = x, e = 0, b = x (linear: beta' = 1; trigonometric: beta' = alpha = 0). */
static void at_data_the_field_is_known(void **state) {
  (void)state;
  const double means[] = {3, -1, 0, 0.5}, x[] = {0.3, -1e300};
  assay_mixture mixture;
  make(&mixture, 2, 2, means, (const char *const[]){"1/6", "1/3"}, (const char *const[]){"1", "1e-300"});
  assay_path_point linear = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(1)),
                   circle = assay_path_point_at(assay_schedule_of(ASSAY_TRIGONOMETRIC), assay_real_of(1));
  mpfi_ptr f = field_of(ASSAY_DENOISER, &mixture, circle, x), e = field_of(ASSAY_NOISE, &mixture, linear, x);
  mpfi_ptr b = field_of(ASSAY_VELOCITY, &mixture, linear, x), still = field_of(ASSAY_VELOCITY, &mixture, circle, x);
  mpfi_ptr divergence = field_of(ASSAY_DIVERGENCE, &mixture, linear, x);
  for (size_t j = 0; j < 2; j++) {
    assert_true(iv_contains_d(&f[j], x[j]) && iv_contains_d(&b[j], x[j]));
    assert_true(iv_is_zero(&e[j]) && iv_is_zero(&still[j]));
  }
  assert_true(iv_contains_d(&divergence[0], 2));
  assay_enclosures_clear(f, 2);
  assay_enclosures_clear(e, 2);
  assay_enclosures_clear(b, 2);
  assay_enclosures_clear(still, 2);
  assay_enclosures_clear(divergence, 1);
  assay_mixture_clear(&mixture);
}

/* One component on the linear path: rational in, rational out. t = 1/3, m = 3, x = 1: x = beta m, so score and noise
 * are 0, f = m and b = m; with x = 2, s = 1/5: v = 4/9 + 1/45 = 7/15, score = -15/7, times 7 an integer. */
static void rational_values_are_exact(void **state) {
  (void)state;
  const double mean = 3;
  assay_mixture mixture;
  make(&mixture, 1, 1, &mean, (const char *const[]){"0.7"}, (const char *const[]){"1/5"});
  assay_path_point third = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), (assay_real){1. / 3, "1/3"});
  const double expected[] = {3, 0, 3, 0}, at = 1, elsewhere = 2;
  for (size_t q = 0; q < WIDE; q++) {
    mpfi_ptr value = field_of(wide[q], &mixture, third, &at);
    assert_true(is_point(value, expected[q]));
    assay_enclosures_clear(value, 1);
  }
  mpfi_ptr score = field_of(ASSAY_SCORE, &mixture, third, &elsewhere);
  iv_scope *s = iv_scope_new(200);
  assert_true(iv_contains_d(iv_mul_si(s, score, 7), -15));
  iv_scope_free(s);
  assay_enclosures_clear(score, 1);
  assay_mixture_clear(&mixture);
}

/* sigma = 1 on the circle: v = 1 always, velocity = (pi/2) alpha m whatever x. */
static void unit_variance_on_the_circle(void **state) {
  (void)state;
  const double mean[] = {0, 2}, x[] = {7, 1e-3};
  assay_mixture mixture;
  make(&mixture, 2, 1, mean, (const char *const[]){"1"}, (const char *const[]){"1"});
  assay_path_point point = assay_path_point_at(assay_schedule_of(ASSAY_TRIGONOMETRIC), (assay_real){1. / 3, "1/3"});
  mpfi_ptr b = field_of(ASSAY_VELOCITY, &mixture, point, x),
           divergence = field_of(ASSAY_DIVERGENCE, &mixture, point, x);
  assert_true(iv_is_zero(&b[0]) && iv_is_zero(divergence));
  iv_scope *s = iv_scope_new(200); /* alpha = cos(pi/6) = sqrt(3)/2 */
  iv expected = iv_mul_2si(s, iv_mul(s, iv_pi(s), iv_sqrt(s, iv_ui(s, 3))), -1);
  assert_int_equal(iv_overlap(&b[1], expected), IV_TRUE);
  iv_scope_free(s);
  assay_enclosures_clear(b, 2);
  assay_enclosures_clear(divergence, 1);
  assay_mixture_clear(&mixture);
}

/* sigma = 1, t = 1/2: f_k = x + m_k/2. A point whose x + 1/2 lies in the middle between two doubles: one component
 * gives the even one; two components +-m pull it below the middle by about exp(-2 d), too little for any precision
 * allowed. */
static void ties_are_rounded_correctly(void **state) {
  (void)state;
  enum { DIMENSION = 20000 };
  double *mean = malloc(DIMENSION * sizeof *mean), *x = malloc(DIMENSION * sizeof *x),
         *f = malloc(DIMENSION * sizeof *f);
  assert_true(mean && x && f);
  for (size_t j = 0; j < DIMENSION; j++) {
    mean[j] = 1;
    x[j] = 0.5;
  }
  x[0] = 0.25 + 3 * 0x1p-54; /* x + 1/2 is between 0.75 + 2^-53, odd, and 0.75 + 2^-52, even */
  x[1] = -x[0];              /* -x + 1/2 is a double: exact but for the pull */
  assay_path_point half = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5));
  assay_mixture mixture;
  assert_int_equal(assay_mixture_init(&mixture, DIMENSION, 1, &context), ASSAY_OK);
  memcpy(mixture.components[0].mean, mean, DIMENSION * sizeof *mean);
  assert_int_equal(assay_reference_field_double(f, ASSAY_DENOISER, &mixture, &half, x, 1, &context), ASSAY_OK);
  assert_true(f[0] == 0.75 + 0x1p-52 && f[1] == 0.25 - 3 * 0x1p-54 && f[2] == 1);
  assay_mixture_clear(&mixture);
  assert_int_equal(assay_mixture_binary(&mixture, DIMENSION, mean, assay_real_of(1), &context), ASSAY_OK);
  test_check(!assay_reference_field_double(f, ASSAY_DENOISER, &mixture, &half, x, 1, &context), "%s", context.message);
  assert_true(f[0] == 0.75 + 0x1p-53 && f[1] == 0.25 - 3 * 0x1p-54 && f[2] == 1);
  for (size_t j = 0; j < DIMENSION; j++) x[j] = -x[j]; /* the mirror image, dominated by -m */
  test_check(!assay_reference_field_double(f, ASSAY_DENOISER, &mixture, &half, x, 1, &context), "%s", context.message);
  assert_true(f[0] == -(0.75 + 0x1p-53) && f[1] == -(0.25 - 3 * 0x1p-54) && f[2] == -1);
  assay_mixture_clear(&mixture);
  free(mean);
  free(x);
  free(f);
}

static double denoise_one(double mean, double x) {
  assay_mixture mixture;
  double f = 0;
  assay_path_point half = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5));
  assert_int_equal(assay_mixture_binary(&mixture, 1, &mean, assay_real_of(1), &context), ASSAY_OK);
  test_check(!assay_reference_field_double(&f, ASSAY_DENOISER, &mixture, &half, &x, 1, &context), "%s",
             context.message);
  assay_mixture_clear(&mixture);
  return f;
}

/* f = x + m/2 less 2^-(10^12), which not even MPFR's exponents hold. Middle of two doubles again, the upper one even.
 */
static void ties_are_settled_below_the_exponent_range(void **state) {
  (void)state;
  const double x = 0x1p19 + 3 * 0x1p-33;
  assert_true(denoise_one(0x1p20, x) == 0x1p20 + 0x1p-32);
  assert_true(denoise_one(-0x1p20, x) == 0x1p20 + 0x1p-32);
  assert_true(denoise_one(0x1p20, -x) == -0x1p20 - 0x1p-32);
}

/* Two components at exactly the same distance: f_0 = 1 + 2^-53 exactly, in the middle between 1 and 1 + 2^-52. */
static void true_ties_go_to_even(void **state) {
  (void)state;
  const double means[] = {1, 0, 1 + 0x1p-51, 0x1p-52}, x[] = {0.5, 5 * 0x1p-54};
  double f[2];
  assay_mixture mixture;
  assay_path_point half = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5));
  make(&mixture, 2, 2, means, (const char *const[]){"1", "1"}, (const char *const[]){"1", "1"});
  mpfi_ptr enclosure = field_of(ASSAY_DENOISER, &mixture, half, x);
  assert_true(is_point(&enclosure[1], 6 * 0x1p-54) && iv_width_d(&enclosure[0]) == 0);
  assay_enclosures_clear(enclosure, 2);
  assert_int_equal(assay_reference_field_double(f, ASSAY_DENOISER, &mixture, &half, x, 1, &context), ASSAY_OK);
  assert_true(f[0] == 1 && f[1] == 6 * 0x1p-54);
  assay_mixture_clear(&mixture);
}

/* ---- covariances that are not isotropic ---- */

static void symmetry_gives_zeros_for_every_kind(void **state) {
  (void)state;
  static const char *const weights[] = {"0.1", "1/10", "2", "2"}, *const ones[] = {"1", "1", "1", "1"};
  const double pairs[] = {1e-300, 3, 0.1, -1e-300, -3, -0.1, 5, 1e-5, 7, -5, -1e-5, -7};
  const double variances[] = {1e-10, 2, 0.3}, matrix[] = {2, 1, 0.1, 1, 3, -0.7, 0.1, -0.7, 1};
  assay_mixture mixture;
  make(&mixture, 3, 4, pairs, weights, ones);
  for (size_t k = 0; k < 4; k++)
    example_set_covariance(&mixture, k, k < 2 ? ASSAY_COVARIANCE_FULL : ASSAY_COVARIANCE_DIAGONAL,
                           k < 2 ? matrix : variances);
  check_zero_from(&mixture, (const double[]){0, -0.0, 0}, 3, "origin, full and diagonal");
  assay_mixture_clear(&mixture);
  const double partial[] = {1, 2, 0.7, -1, -2, 0.7, 4, 0.3, -1, -4, -0.3, -1};
  make(&mixture, 3, 4, partial, ones, ones);
  for (size_t k = 0; k < 2; k++) example_set_covariance(&mixture, k, ASSAY_COVARIANCE_DIAGONAL, variances);
  check_zero_from(&mixture, (const double[]){0, 0, 0.4}, 2, "partial flip, diagonal and isotropic");
  assay_mixture_clear(&mixture);
  /* coordinate 0 is 0 everywhere, and uncorrelated with the others */
  const double flat[] = {0, 1, 2, -0.0, -3, 0.5}, block[] = {2, 0, 0, 0, 3, -0.7, 0, -0.7, 1};
  make(&mixture, 3, 2, flat, weights, ones);
  example_set_covariance(&mixture, 0, ASSAY_COVARIANCE_FULL, block);
  example_set_covariance(&mixture, 1, ASSAY_COVARIANCE_DIAGONAL, variances);
  check_zero_from(&mixture, (const double[]){0, 0.3, -0.2}, 1, "flat coordinate");
  assay_mixture_clear(&mixture);
}

/* Covariances that differ in one entry, at the origin; and a reflection that the correlations do not have. */
static void broken_symmetry_of_covariances_is_seen(void **state) {
  (void)state;
  static const char *const ones[] = {"1", "1"};
  const double pair[] = {1, 0.5, -1, -0.5}, mirror[] = {1, 0.5, -1, 0.5}, origin[] = {0, 0}, axis[] = {0, 0.5};
  const double plain[] = {1, 1}, other[] = {1 + 0x1p-52, 1}, tilted[] = {1, 0.25, 0.25, 1};
  const double steeper[] = {1, 0.25 + 0x1p-54, 0.25 + 0x1p-54, 1};
  const struct {
    const double *means, *x, *covariances[2];
    assay_covariance_kind kind;
  } cases[] = {{pair, origin, {plain, other}, ASSAY_COVARIANCE_DIAGONAL},
               {pair, origin, {tilted, steeper}, ASSAY_COVARIANCE_FULL},
               {mirror, axis, {tilted, tilted}, ASSAY_COVARIANCE_FULL}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assay_mixture mixture;
    make(&mixture, 2, 2, cases[i].means, ones, ones);
    for (size_t k = 0; k < 2; k++) example_set_covariance(&mixture, k, cases[i].kind, cases[i].covariances[k]);
    mpfi_ptr values = field_of(ASSAY_DENOISER, &mixture,
                               assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5)), cases[i].x);
    test_check(!iv_contains_d(&values[0], 0), "case %zu", i);
    assay_enclosures_clear(values, 2);
    assay_mixture_clear(&mixture);
  }
}

/* ties_are_rounded_correctly once more, with the unit covariance as a diagonal, and in few dimensions as a matrix (one
 * component there: two would be within reach of the precision). */
static void ties_are_rounded_correctly_for_every_kind(void **state) {
  (void)state;
  enum { DIMENSION = 20000 };
  double *mean = malloc(DIMENSION * sizeof *mean), *x = malloc(DIMENSION * sizeof *x),
         *f = malloc(DIMENSION * sizeof *f);
  assert_true(mean && x && f);
  for (size_t j = 0; j < DIMENSION; j++) {
    mean[j] = 1;
    x[j] = 0.5;
  }
  x[0] = 0.25 + 3 * 0x1p-54;
  assay_path_point half = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5));
  for (size_t count = 1; count <= 2; count++) {
    assay_mixture mixture;
    assert_int_equal(assay_mixture_init(&mixture, DIMENSION, count, &context), ASSAY_OK);
    for (size_t k = 0; k < count; k++) {
      example_set_covariance(&mixture, k, ASSAY_COVARIANCE_DIAGONAL, mean);
      for (size_t j = 0; j < DIMENSION; j++) mixture.components[k].mean[j] = k ? -1 : 1;
    }
    test_check(!assay_reference_field_double(f, ASSAY_DENOISER, &mixture, &half, x, 1, &context), "%s",
               context.message);
    assert_true(f[0] == 0.75 + (count == 1 ? 0x1p-52 : 0x1p-53) && f[1] == 1);
    assay_mixture_clear(&mixture);
  }
  const double identity[] = {1, 0, 0, 1}, matrix[] = {2, 1, 1, 2};
  assay_mixture mixture;
  make(&mixture, 2, 1, mean, (const char *const[]){"1"}, (const char *const[]){"1"});
  example_set_covariance(&mixture, 0, ASSAY_COVARIANCE_FULL, identity);
  assert_int_equal(assay_reference_field_double(f, ASSAY_DENOISER, &mixture, &half, x, 1, &context), ASSAY_OK);
  assert_true(f[0] == 0.75 + 0x1p-52 && f[1] == 1);
  memcpy(mixture.components[0].covariance.entries, matrix, sizeof matrix);
  /* S = (2 1; 1 2), t = 1/2: score = - 4 (I + S)^{-1} (x - m/2) = - (1/2) (3 -1; -1 3) (x - m/2): exact when the pivots
   * are, 3 and 8/3; x - m/2 = (1/4, 3/4) */
  const double at[] = {0.75, 1.25};
  assert_int_equal(assay_reference_field_double(f, ASSAY_SCORE, &mixture, &half, at, 1, &context), ASSAY_OK);
  assert_true(f[0] == 0 && f[1] == -1);
  assay_mixture_clear(&mixture);
  free(mean);
  free(x);
  free(f);
}

/* Diagonal (1, 3) everywhere, means (1, 2), (-1, 2), (1, -3), at x = 0, t = 1/2: the pair cancels in coordinate 0,
 * where its first mean is that of the single component: f_0 = p_3 alpha^2/V_0 = 1/2 p_3, p_3 = 1/(1 + 2 e^{5/8}). */
static void a_pair_does_not_hide_a_single_component(void **state) {
  (void)state;
  assay_mixture mixture;
  const double means[] = {1, 2, -1, 2, 1, -3};
  make(&mixture, 2, 3, means, (const char *const[]){"1", "1", "1"}, (const char *const[]){"1", "1", "1"});
  for (size_t k = 0; k < 3; k++) example_set_diagonal(&mixture, k, ASSAY_COVARIANCE_DIAGONAL, (const double[]){1, 3});
  mpfi_ptr values =
      field_of(ASSAY_DENOISER, &mixture, assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5)),
               (const double[]){0, 0});
  iv_scope *s = iv_scope_new(128);
  iv pair = iv_mul_si(s, iv_exp(s, iv_ratio(s, 5, 8)), 2);
  iv expected = iv_mul_2si(s, iv_inv(s, iv_add_si(s, pair, 1)), -1);
  test_check(iv_contains(&values[0], expected), "[%.17g, %.17g], expected %.17g",
             mpfr_get_d(&values[0].left, MPFR_RNDD), mpfr_get_d(&values[0].right, MPFR_RNDU), iv_mid_d(expected));
  iv_scope_free(s);
  assay_enclosures_clear(values, 2);
  assay_mixture_clear(&mixture);
}

int main(void) {
  assay_context_init(&context);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(symmetry_gives_exact_zeros),
      cmocka_unit_test(agreement_is_exact),
      cmocka_unit_test(broken_symmetry_is_seen),
      cmocka_unit_test(at_noise_the_field_is_known),
      cmocka_unit_test(at_data_the_field_is_known),
      cmocka_unit_test(rational_values_are_exact),
      cmocka_unit_test(unit_variance_on_the_circle),
      cmocka_unit_test(ties_are_rounded_correctly),
      cmocka_unit_test(ties_are_settled_below_the_exponent_range),
      cmocka_unit_test(true_ties_go_to_even),
      cmocka_unit_test(symmetry_gives_zeros_for_every_kind),
      cmocka_unit_test(broken_symmetry_of_covariances_is_seen),
      cmocka_unit_test(ties_are_rounded_correctly_for_every_kind),
      cmocka_unit_test(a_pair_does_not_hide_a_single_component),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
