/* Fast fields without an oracle: closed forms in exact numbers, exact zeros and identities, independence of threads,
 * batches and instruction sets, honest bounds at the edges of double, and what is refused. tests/cross/field_bound.c
 * holds them against the reference. */
#include <assay/fast.h>

#include "testing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { QUANTITIES = 6 };

static assay_context new_context(int threads) {
  assay_context context;
  assay_context_init(&context);
  context.threads = threads;
  return context;
}

static assay_path_point linear(double t) {
  return assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(t));
}

static void fill_mixture(assay_mixture *mixture, size_t d, size_t count, bool equal, test_random *random) {
  assay_context context = new_context(1);
  assert_int_equal(assay_mixture_init(mixture, d, count, &context), ASSAY_OK);
  for (size_t k = 0; k < count; k++) {
    assay_component *c = &mixture->components[k];
    c->weight = assay_real_of(test_uniform(random, 0.1, 2.0));
    if (!equal) c->covariance.variance = assay_real_of(test_uniform(random, 0.2, 3.0));
    for (size_t j = 0; j < d; j++) c->mean[j] = test_normal(random);
  }
}

static void fill_points(double *x, size_t entries, test_random *random) {
  for (size_t i = 0; i < entries; i++) x[i] = test_normal(random);
}

static void must(assay_status status, const assay_context *context) {
  if (status != ASSAY_OK) fail_msg("%s", context->message);
}

/* ---- closed forms ---- */

/* t = 1/2, sigma^2 = 3: v = 1, so every coefficient is dyadic: with y = x - m/2,
 * f = m + (3/2) y, e = y/2, score -y, b = f - e = m + y, div b = d, log p = -(d/2) log 2 pi - |y|^2/2. */
static void one_component_in_closed_form(void **state) {
  (void)state;
  static const double MEAN[3] = {1.0, -2.0, 0.25}, X[3] = {0.5, 1.0, -4.0};
  assay_context context = new_context(1);
  assay_mixture mixture;
  must(assay_mixture_init(&mixture, 3, 1, &context), &context);
  memcpy(mixture.components[0].mean, MEAN, sizeof MEAN);
  mixture.components[0].covariance.variance = assay_real_of(3.0);
  assay_path_point point = linear(0.5);
  for (int q = 0; q < QUANTITIES; q++) {
    double out[3], bound;
    must(assay_fast_field(out, &bound, (assay_quantity)q, &mixture, &point, X, 1, &context), &context);
    double square = 0.0;
    for (size_t j = 0; j < 3; j++) {
      double y = X[j] - 0.5 * MEAN[j], expected = 0.0;
      square += y * y;
      if (q == ASSAY_VELOCITY)
        expected = MEAN[j] + y;
      else if (q == ASSAY_SCORE)
        expected = -y;
      else if (q == ASSAY_DENOISER)
        expected = MEAN[j] + 1.5 * y;
      else if (q == ASSAY_NOISE)
        expected = 0.5 * y;
      else
        continue;
      test_check(out[j] == expected, "%s, component %zu: %a, not %a", assay_quantity_name((assay_quantity)q), j, out[j],
                 expected);
    }
    if (q == ASSAY_DIVERGENCE) assert_true(out[0] == 3.0);
    long double log_density = -1.5L * 1.8378770664093454836L - (long double)square / 2.0L;
    if (q == ASSAY_LOG_DENSITY)
      test_check(fabsl((long double)out[0] - log_density) <= (long double)bound, "%a", out[0]);
    test_check(bound <= 1e-13, "bound %a", bound);
  }
  assay_mixture_clear(&mixture);
}

/* Where x_t is all noise or all data, nothing is left to infer: exact, with bound 0. */
static void ends_of_the_path_are_exact(void **state) {
  (void)state;
  static const struct {
    assay_quantity quantity;
    double time, factor;
  } CASES[] = {{ASSAY_SCORE, 0.0, -1.0},
               {ASSAY_NOISE, 0.0, 1.0},
               {ASSAY_DENOISER, 1.0, 1.0},
               {ASSAY_NOISE, 1.0, 0.0},
               {ASSAY_VELOCITY, 1.0, NAN}};
  test_random random = test_random_new(21);
  assay_context context = new_context(2);
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
    for (int schedule = ASSAY_LINEAR; schedule <= ASSAY_TRIGONOMETRIC; schedule++) {
      assay_mixture mixture;
      fill_mixture(&mixture, 7, 4, i % 2 == 0, &random);
      double x[5 * 7], out[5 * 7], bound[5];
      fill_points(x, 35, &random);
      assay_path_point point =
          assay_path_point_at(assay_schedule_of((assay_schedule_kind)schedule), assay_real_of(CASES[i].time));
      must(assay_fast_field(out, bound, CASES[i].quantity, &mixture, &point, x, 5, &context), &context);
      /* b at t = 1: x on the linear schedule (f - e, e = 0), 0 on the trigonometric one (beta' = 0) */
      double factor = isnan(CASES[i].factor) ? (schedule == ASSAY_LINEAR ? 1.0 : 0.0) : CASES[i].factor;
      for (size_t j = 0; j < 35; j++)
        test_check(out[j] == factor * x[j] && bound[j / 7] == 0.0, "case %zu schedule %d: %a for x = %a, bound %a", i,
                   schedule, out[j], x[j], bound[j / 7]);
      assay_mixture_clear(&mixture);
    }
}

/* At t = 0 the posterior is the prior: f = sum w m whatever x. Weights and means are dyadic, so within the bound means
 * within a few ulp. */
static void denoiser_of_noise_is_the_mean(void **state) {
  (void)state;
  assay_context context = new_context(1);
  assay_mixture mixture;
  must(assay_mixture_init(&mixture, 1, 2, &context), &context);
  mixture.components[0].weight = assay_real_of(3.0);
  mixture.components[0].mean[0] = 4.0;
  mixture.components[1].mean[0] = -8.0;
  mixture.components[1].covariance.variance = assay_real_of(7.0);
  assay_path_point point = linear(0.0);
  double x[3] = {0.0, 3.0, -1e3}, out[3], bound[3];
  must(assay_fast_field(out, bound, ASSAY_DENOISER, &mixture, &point, x, 3, &context), &context);
  for (size_t i = 0; i < 3; i++)
    test_check(fabs(out[i] - 1.0) <= bound[i] && bound[i] < 1e-13, "%a within %a", out[i], bound[i]);
  assay_mixture_clear(&mixture);
}

static void mirror_images_cancel_exactly(void **state) {
  (void)state;
  test_random random = test_random_new(22);
  assay_context context = new_context(1);
  for (size_t d = 1; d <= 40; d += 13) {
    double mean[64], x[64] = {0}, out[64], bound;
    fill_points(mean, d, &random);
    assay_mixture mixture;
    must(assay_mixture_binary(&mixture, d, mean, assay_real_of(0.3), &context), &context);
    for (int q = ASSAY_VELOCITY; q <= ASSAY_NOISE; q++) {
      assay_path_point point = linear(0.3);
      must(assay_fast_field(out, &bound, (assay_quantity)q, &mixture, &point, x, 1, &context), &context);
      for (size_t j = 0; j < d; j++)
        test_check(out[j] == 0.0, "%s at 0: %a", assay_quantity_name((assay_quantity)q), out[j]);
    }
    assay_mixture_clear(&mixture);
  }
}

/* ---- independence ---- */

static uint64_t bits_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static void check_same(const double *a, const double *b, size_t count, const char *what, int quantity) {
  for (size_t i = 0; i < count; i++)
    test_check(bits_of(a[i]) == bits_of(b[i]), "%s, %s, entry %zu: %a and %a", what,
               assay_quantity_name((assay_quantity)quantity), i, a[i], b[i]);
}

/* Every point alone, in pairs at odd places, with another thread count and on every instruction set: the same bits. */
static void compare_ways(const assay_mixture *mixture, const double *x, size_t points, int quantity) {
  size_t d = mixture->dimension, width = assay_quantity_width((assay_quantity)quantity, d);
  double *out = calloc(points * width, sizeof *out), *again = calloc(points * width, sizeof *out);
  double *bound = calloc(points, sizeof *bound), *bound_again = calloc(points, sizeof *bound);
  assay_path_point point = linear(0.4);
  assay_context one = new_context(1), three = new_context(3);
  assay_quantity q = (assay_quantity)quantity;
  must(assay_fast_field(out, bound, q, mixture, &point, x, points, &one), &one);
  for (int isa = ASSAY_ISA_BEST; isa <= ASSAY_ISA_AVX512; isa++) {
    three.isa = (assay_isa)isa;
    must(assay_fast_field(again, bound_again, q, mixture, &point, x, points, &three), &three);
    check_same(out, again, points * width, "threads and instruction set", quantity);
    check_same(bound, bound_again, points, "bound: threads and instruction set", quantity);
  }
  for (size_t step = 1; step <= 7; step += 3)
    for (size_t i = 0; i < points; i += step) {
      size_t some = points - i < step ? points - i : step;
      must(assay_fast_field(again + i * width, bound_again + i, q, mixture, &point, x + i * d, some, &one), &one);
    }
  check_same(out, again, points * width, "batches", quantity);
  check_same(bound, bound_again, points, "bound: batches", quantity);
  must(assay_fast_field(again, NULL, q, mixture, &point, x, points, &one), &one);
  check_same(out, again, points * width, "without bounds", quantity);
  free(out);
  free(again);
  free(bound);
  free(bound_again);
}

static void results_do_not_depend_on_company(void **state) {
  (void)state;
  static const size_t SHAPES[][3] = {{1, 2, 40}, {37, 5, 300}, {64, 16, 150}, {3, 33, 150}, {700, 3, 30}};
  test_random random = test_random_new(23);
  for (size_t s = 0; s < sizeof SHAPES / sizeof *SHAPES; s++) {
    size_t d = SHAPES[s][0], points = SHAPES[s][2];
    double *x = calloc(points * d, sizeof *x);
    fill_points(x, points * d, &random);
    assay_mixture mixture;
    fill_mixture(&mixture, d, SHAPES[s][1], s % 2 == 0, &random);
    for (int q = 0; q < QUANTITIES; q++) compare_ways(&mixture, x, points, q);
    assay_mixture_clear(&mixture);
    free(x);
  }
}

/* ---- edges of double ---- */

/* Entries, variances, weights and coefficients at the edges: a bound is a number, and finite only where out is. */
static void bounds_are_honest_about_overflow(void **state) {
  (void)state;
  static const double SIZES[] = {0.0, 0x1p-1074, 1e-300, 1e-160, 1.0, 1e100, 1e160, 1e300, 1.7e308};
  static const double VARIANCES[] = {0x1p-1074, 1e-300, 1e-12, 1.0, 1e300};
  test_random random = test_random_new(24);
  assay_context context = new_context(1);
  size_t infinite = 0, finite = 0;
  for (size_t i = 0; i < test_cases(3000); i++) {
    assay_mixture mixture;
    size_t d = test_integer(&random, 1, 3), count = test_integer(&random, 1, 3);
    fill_mixture(&mixture, d, count, true, &random);
    double x[3], out[3], bound = NAN, mean_size = SIZES[test_integer(&random, 0, 8)];
    double size = SIZES[test_integer(&random, 0, 8)];
    for (size_t j = 0; j < d; j++) x[j] = size * test_uniform(&random, -1.0, 1.0);
    for (size_t k = 0; k < count; k++) {
      mixture.components[k].covariance.variance = assay_real_of(VARIANCES[test_integer(&random, 0, 4)]);
      for (size_t j = 0; j < d; j++) mixture.components[k].mean[j] = mean_size * test_uniform(&random, -1.0, 1.0);
    }
    static const double COEFFICIENTS[] = {0.0, 0x1p-1074, 1e-170, 0.5, 1.0, 1e170};
    double alpha = COEFFICIENTS[test_integer(&random, 0, 5)], beta = COEFFICIENTS[test_integer(&random, 1, 5)];
    assay_path_point point = assay_path_point_of(assay_real_of(alpha), assay_real_of(beta));
    assay_quantity quantity = (assay_quantity)test_integer(&random, ASSAY_SCORE, ASSAY_LOG_DENSITY);
    must(assay_fast_field(out, &bound, quantity, &mixture, &point, x, 1, &context), &context);
    bool all_finite = true;
    for (size_t j = 0; j < assay_quantity_width(quantity, d); j++) all_finite = all_finite && isfinite(out[j]);
    test_check(bound >= 0.0 && (all_finite || isinf(bound)), "%s: out %a, bound %a", assay_quantity_name(quantity),
               out[0], bound);
    infinite += isinf(bound) ? 1 : 0;
    finite += isfinite(bound) ? 1 : 0;
    assay_mixture_clear(&mixture);
  }
  assert_true(infinite > 0 && finite > 0);
}

/* Log-weights a million apart leave one component: the score is its own, exactly. */
static void far_components_have_no_say(void **state) {
  (void)state;
  assay_context context = new_context(1);
  assay_mixture mixture;
  must(assay_mixture_init(&mixture, 1, 2, &context), &context);
  mixture.components[0].mean[0] = 1024.0;
  mixture.components[1].mean[0] = -1024.0;
  assay_path_point point = linear(1.0);
  double x[2] = {1025.0, -1020.0}, out[2], bound[2];
  must(assay_fast_field(out, bound, ASSAY_SCORE, &mixture, &point, x, 2, &context), &context);
  assert_true(out[0] == -1.0 && out[1] == -4.0);
  assert_true(bound[0] < 1e-15 && bound[1] < 1e-14);
  assay_mixture_clear(&mixture);
}

/* ---- refusals ---- */

static void refusals_name_what_is_wrong(void **state) {
  (void)state;
  test_random random = test_random_new(25);
  assay_context context = new_context(1);
  assay_mixture mixture;
  fill_mixture(&mixture, 2, 3, true, &random);
  assay_path_point point = linear(0.5), late = linear(1.5);
  double x[4] = {1.0, 2.0, 3.0, 4.0}, out[4] = {9.0, 9.0, 9.0, 9.0}, bound[2] = {8.0, 8.0};
  x[3] = INFINITY;
  assert_int_equal(assay_fast_field(out, bound, ASSAY_SCORE, &mixture, &point, x, 2, &context), ASSAY_INVALID);
  assert_non_null(strstr(context.message, "row 1, column 1"));
  x[3] = 4.0;
  assert_int_equal(assay_fast_field(out, bound, ASSAY_SCORE, &mixture, &late, x, 2, &context), ASSAY_INVALID);
  context.memory_cap = 300;
  assert_int_equal(assay_fast_field(out, bound, ASSAY_SCORE, &mixture, &point, x, 2, &context), ASSAY_MEMORY);
  context.memory_cap = 0;
  for (size_t j = 0; j < 4; j++) assert_true(out[j] == 9.0);
  assert_true(bound[0] == 8.0 && bound[1] == 8.0);
  assert_int_equal(assay_fast_field(out, bound, ASSAY_SCORE, &mixture, &point, x, 0, &context), ASSAY_OK);
  assay_mixture_clear(&mixture);
}

/* Small tiles where a row is long: the work memory of d = 10^5, k = 10 stays within 64 MB (mixture 10.4 MB included).
 */
static void memory_follows_the_cap(void **state) {
  (void)state;
  test_random random = test_random_new(26);
  assay_context context = new_context(2);
  context.memory_cap = (size_t)64 << 20;
  size_t d = 100000;
  assay_mixture mixture;
  fill_mixture(&mixture, d, 10, false, &random);
  double *x = calloc(3 * d, sizeof *x), *out = calloc(3 * d, sizeof *x), bound[3];
  fill_points(x, 3 * d, &random);
  assay_path_point point = linear(0.5);
  must(assay_fast_field(out, bound, ASSAY_VELOCITY, &mixture, &point, x, 3, &context), &context);
  for (size_t i = 0; i < 3; i++) test_check(bound[i] < 1e-6, "bound %a", bound[i]);
  free(x);
  free(out);
  assay_mixture_clear(&mixture);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_component_in_closed_form),     cmocka_unit_test(ends_of_the_path_are_exact),
      cmocka_unit_test(denoiser_of_noise_is_the_mean),    cmocka_unit_test(mirror_images_cancel_exactly),
      cmocka_unit_test(results_do_not_depend_on_company), cmocka_unit_test(bounds_are_honest_about_overflow),
      cmocka_unit_test(far_components_have_no_say),       cmocka_unit_test(refusals_name_what_is_wrong),
      cmocka_unit_test(memory_follows_the_cap),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
