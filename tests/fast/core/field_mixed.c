/* Fast fields of mixtures with diagonal and full covariances, without an oracle: closed forms, one covariance written
 * in every kind, exact ends of the path, independence of threads, batches and instruction sets, honest bounds at the
 * edges of double, and what is refused. tests/cross/field_bound_mixed.c holds them against the truth. */
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

static void must(assay_status status, const assay_context *context) {
  if (status != ASSAY_OK) fail_msg("%s", context->message);
}

static assay_path_point linear(double t) {
  return assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(t));
}

static void fill_normal(double *x, size_t entries, test_random *random) {
  for (size_t i = 0; i < entries; i++) x[i] = test_normal(random);
}

/* Symmetric, positive definite by a dominating diagonal: off-diagonal entries below 0.4/d in size. */
static void set_covariance(assay_covariance *c, assay_covariance_kind kind, size_t d, test_random *random) {
  c->kind = kind;
  if (kind == ASSAY_COVARIANCE_ISOTROPIC) {
    c->variance = assay_real_of(test_uniform(random, 0.5, 2.0));
    return;
  }
  c->entries = calloc(kind == ASSAY_COVARIANCE_FULL ? d * d : d, sizeof(double));
  for (size_t i = 0; i < d; i++) {
    if (kind == ASSAY_COVARIANCE_DIAGONAL) c->entries[i] = test_uniform(random, 0.5, 2.0);
    if (kind != ASSAY_COVARIANCE_FULL) continue;
    c->entries[i * d + i] = test_uniform(random, 0.5, 2.0);
    for (size_t j = 0; j < i; j++)
      c->entries[i * d + j] = c->entries[j * d + i] = test_uniform(random, -0.4, 0.4) / (double)d;
  }
}

/* Component k is of kind k mod 3, starting with a full one. */
static void fill_mixture(assay_mixture *mixture, size_t d, size_t count, test_random *random) {
  assay_context context = new_context(1);
  must(assay_mixture_init(mixture, d, count, &context), &context);
  for (size_t k = 0; k < count; k++) {
    assay_component *c = &mixture->components[k];
    c->weight = assay_real_of(test_uniform(random, 0.1, 2.0));
    set_covariance(&c->covariance, (assay_covariance_kind)((k + 2) % 3), d, random);
    fill_normal(c->mean, d, random);
  }
}

/* ---- closed forms ---- */

/* S = [5 2; 2 5] at t = 1/2: V = [3/2 1/2; 1/2 3/2], V^{-1} = [3/4 -1/4; -1/4 3/4], det V = 2. With g = V^{-1}(x -
 * m/2): e = g/2, f = m + S g/2, b = f - e; A = (S - I) V^{-1}/2 has eigenvalues 6/4 and 2/2, so div b = 5/2. */
static void one_full_component_in_closed_form(void **state) {
  (void)state;
  static const double S[4] = {5.0, 2.0, 2.0, 5.0}, MEAN[2] = {1.0, -3.0}, X[2] = {2.25, 0.5};
  assay_context context = new_context(1);
  assay_mixture mixture;
  must(assay_mixture_init(&mixture, 2, 1, &context), &context);
  mixture.components[0].covariance.kind = ASSAY_COVARIANCE_FULL;
  mixture.components[0].covariance.entries = calloc(4, sizeof(double));
  memcpy(mixture.components[0].covariance.entries, S, sizeof S);
  memcpy(mixture.components[0].mean, MEAN, sizeof MEAN);
  double y[2] = {X[0] - 0.5 * MEAN[0], X[1] - 0.5 * MEAN[1]};
  double g[2] = {0.75 * y[0] - 0.25 * y[1], 0.75 * y[1] - 0.25 * y[0]};
  double f[2] = {MEAN[0] + 2.5 * g[0] + g[1], MEAN[1] + g[0] + 2.5 * g[1]};
  long double log_density =
      -1.8378770664093454836L - 0.5L * 0.69314718055994530942L - 0.5L * (long double)(y[0] * g[0] + y[1] * g[1]);
  assay_path_point point = linear(0.5);
  for (int q = 0; q < QUANTITIES; q++) {
    double out[2], bound;
    must(assay_fast_field(out, &bound, (assay_quantity)q, &mixture, &point, X, 1, &context), &context);
    for (size_t j = 0; j < assay_quantity_width((assay_quantity)q, 2); j++) {
      long double expected = q == ASSAY_SCORE         ? -g[j]
                             : q == ASSAY_NOISE       ? 0.5 * g[j]
                             : q == ASSAY_DENOISER    ? f[j]
                             : q == ASSAY_VELOCITY    ? f[j] - 0.5 * g[j]
                             : q == ASSAY_LOG_DENSITY ? log_density
                                                      : 2.5L;
      test_check(fabsl((long double)out[j] - expected) <= (long double)bound && bound < 1e-13,
                 "%s, component %zu: %a, not %La, bound %a", assay_quantity_name((assay_quantity)q), j, out[j],
                 expected, bound);
    }
  }
  assay_mixture_clear(&mixture);
}

/* The isotropic mixture again with some covariances written out: both answers lie within their bounds of one truth,
 * and keep eight digits of numbers of size 1. */
static void every_kind_tells_the_same(void **state) {
  (void)state;
  test_random random = test_random_new(61);
  assay_context context = new_context(1);
  for (size_t round = 0; round < test_cases(60); round++) {
    size_t d = test_integer(&random, 1, 20), count = test_integer(&random, 1, 5), points = 4;
    assay_mixture plain, written;
    must(assay_mixture_init(&plain, d, count, &context), &context);
    must(assay_mixture_init(&written, d, count, &context), &context);
    for (size_t k = 0; k < count; k++) {
      double variance = test_uniform(&random, 0.1, 3.0);
      assay_covariance *c = &written.components[k].covariance;
      fill_normal(plain.components[k].mean, d, &random);
      memcpy(written.components[k].mean, plain.components[k].mean, d * sizeof(double));
      plain.components[k].covariance.variance = c->variance = assay_real_of(variance);
      c->kind = k == 0 ? ASSAY_COVARIANCE_FULL : (assay_covariance_kind)test_integer(&random, 0, 2);
      if (c->kind == ASSAY_COVARIANCE_ISOTROPIC) continue;
      bool full = c->kind == ASSAY_COVARIANCE_FULL;
      c->entries = calloc(full ? d * d : d, sizeof(double));
      for (size_t j = 0; j < d; j++) c->entries[full ? j * d + j : j] = variance;
    }
    double x[4 * 20], one[4 * 20], two[4 * 20], bound_one[4], bound_two[4];
    fill_normal(x, points * d, &random);
    assay_path_point point = linear(test_uniform(&random, 0.05, 0.95));
    for (int q = 0; q < QUANTITIES; q++) {
      size_t width = assay_quantity_width((assay_quantity)q, d);
      must(assay_fast_field(one, bound_one, (assay_quantity)q, &plain, &point, x, points, &context), &context);
      must(assay_fast_field(two, bound_two, (assay_quantity)q, &written, &point, x, points, &context), &context);
      for (size_t i = 0; i < points * width; i++)
        test_check(fabs(one[i] - two[i]) <= (bound_one[i / width] + bound_two[i / width]) * (1.0 + 0x1p-50) &&
                       bound_two[i / width] < 1e-8,
                   "%s, time %a, entry %zu: %a within %a, %a within %a", assay_quantity_name((assay_quantity)q),
                   point.time.nearest, i, one[i], bound_one[i / width], two[i], bound_two[i / width]);
    }
    assay_mixture_clear(&plain);
    assay_mixture_clear(&written);
  }
}

/* score -x and noise x at t = 0; denoiser x, noise 0 and velocity x (linear) at t = 1: whatever the covariances. */
static void ends_of_the_path_are_exact(void **state) {
  (void)state;
  static const struct {
    assay_quantity quantity;
    double time, factor;
  } CASES[] = {{ASSAY_SCORE, 0.0, -1.0},
               {ASSAY_NOISE, 0.0, 1.0},
               {ASSAY_DENOISER, 1.0, 1.0},
               {ASSAY_NOISE, 1.0, 0.0},
               {ASSAY_VELOCITY, 1.0, 1.0}};
  test_random random = test_random_new(62);
  assay_context context = new_context(2);
  assay_mixture mixture;
  fill_mixture(&mixture, 6, 4, &random);
  double x[5 * 6], out[5 * 6], bound[5];
  fill_normal(x, 30, &random);
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    assay_path_point point = linear(CASES[i].time);
    must(assay_fast_field(out, bound, CASES[i].quantity, &mixture, &point, x, 5, &context), &context);
    for (size_t j = 0; j < 30; j++)
      test_check(out[j] == CASES[i].factor * x[j] && bound[j / 6] == 0.0, "case %zu: %a for x = %a, bound %a", i,
                 out[j], x[j], bound[j / 6]);
  }
  /* t = 0: A = (alpha'/alpha) I, all g_k are x: div b = -d */
  assay_path_point start = linear(0.0);
  must(assay_fast_field(out, bound, ASSAY_DIVERGENCE, &mixture, &start, x, 5, &context), &context);
  for (size_t i = 0; i < 5; i++)
    test_check(fabs(out[i] + 6.0) <= bound[i] && bound[i] < 1e-8, "divergence %a, bound %a", out[i], bound[i]);
  assay_mixture_clear(&mixture);
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
  for (size_t i = 0; i < points; i += 7) {
    size_t some = points - i < 7 ? points - i : 7;
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
  static const size_t SHAPES[][3] = {{1, 2, 100}, {37, 4, 150}, {64, 5, 70}, {3, 33, 80}, {130, 2, 20}};
  test_random random = test_random_new(63);
  for (size_t s = 0; s < sizeof SHAPES / sizeof *SHAPES; s++) {
    size_t d = SHAPES[s][0], points = SHAPES[s][2];
    double *x = calloc(points * d, sizeof *x);
    fill_normal(x, points * d, &random);
    assay_mixture mixture;
    fill_mixture(&mixture, d, SHAPES[s][1], &random);
    for (int q = 0; q < QUANTITIES; q++) compare_ways(&mixture, x, points, q);
    assay_mixture_clear(&mixture);
    free(x);
  }
}

/* ---- edges ---- */

static void bounds_are_honest_about_overflow(void **state) {
  (void)state;
  static const double SIZES[] = {0.0, 0x1p-1074, 1e-300, 1e-160, 1.0, 1e100, 1e160, 1e300, 1.7e308};
  static const double VARIANCES[] = {0x1p-1074, 1e-300, 1e-12, 1.0, 1e300};
  static const double COEFFICIENTS[] = {0.0, 0x1p-1074, 1e-170, 0.5, 1.0, 1e170};
  test_random random = test_random_new(64);
  assay_context context = new_context(1);
  size_t infinite = 0, finite = 0;
  for (size_t i = 0; i < test_cases(3000); i++) {
    assay_mixture mixture;
    size_t d = test_integer(&random, 1, 3), count = test_integer(&random, 1, 3);
    fill_mixture(&mixture, d, count, &random);
    double x[3], out[3], bound = NAN, mean_size = SIZES[test_integer(&random, 0, 8)];
    double size = SIZES[test_integer(&random, 0, 8)];
    for (size_t j = 0; j < d; j++) x[j] = size * test_uniform(&random, -1.0, 1.0);
    for (size_t k = 0; k < count; k++) {
      assay_covariance *c = &mixture.components[k].covariance;
      double variance = VARIANCES[test_integer(&random, 0, 4)];
      size_t entries = c->kind == ASSAY_COVARIANCE_FULL ? d * d : c->kind == ASSAY_COVARIANCE_DIAGONAL ? d : 0;
      for (size_t j = 0; j < entries; j++)
        c->entries[j] = c->kind == ASSAY_COVARIANCE_FULL && j % (d + 1) ? 0.0 : variance;
      for (size_t j = 0; j < d; j++) mixture.components[k].mean[j] = mean_size * test_uniform(&random, -1.0, 1.0);
    }
    assay_path_point point = assay_path_point_of(assay_real_of(COEFFICIENTS[test_integer(&random, 0, 5)]),
                                                 assay_real_of(COEFFICIENTS[test_integer(&random, 1, 5)]));
    assay_quantity quantity = (assay_quantity)test_integer(&random, ASSAY_SCORE, ASSAY_LOG_DENSITY);
    if (i % 4 == 0) {
      static const double TIMES[] = {0.0, 1e-300, 0.5, 1.0};
      quantity = i % 8 ? ASSAY_DIVERGENCE : ASSAY_VELOCITY;
      point = linear(TIMES[test_integer(&random, 0, 3)]);
    }
    assay_status status = assay_fast_field(out, &bound, quantity, &mixture, &point, x, 1, &context);
    if (status == ASSAY_OK) {
      bool all_finite = true;
      for (size_t j = 0; j < assay_quantity_width(quantity, d); j++) all_finite = all_finite && isfinite(out[j]);
      test_check(bound >= 0.0 && (all_finite || isinf(bound)), "%s: out %a, bound %a", assay_quantity_name(quantity),
                 out[0], bound);
      infinite += isinf(bound) ? 1 : 0;
      finite += isfinite(bound) ? 1 : 0;
    } else /* V beyond double */
      test_check(status == ASSAY_PRECISION && isnan(bound), "%s", context.message);
    assay_mixture_clear(&mixture);
  }
  assert_true(infinite > 0 && finite > 0);
}

/* The Hilbert matrix of order 9 at t = 1: condition 5e11 and still a bound. The first column of its inverse is 81, ...,
 * 1621620, ...; rounding its entries to double changes 81 by up to some 1e-16 times 5e11 of it. */
static void ill_conditioned_is_honest(void **state) {
  (void)state;
  enum { ORDER = 9 };
  assay_context context = new_context(1);
  assay_mixture mixture;
  must(assay_mixture_init(&mixture, ORDER, 1, &context), &context);
  assay_covariance *c = &mixture.components[0].covariance;
  c->kind = ASSAY_COVARIANCE_FULL;
  c->entries = calloc((size_t)ORDER * ORDER, sizeof(double));
  for (size_t i = 0; i < ORDER; i++)
    for (size_t j = 0; j < ORDER; j++) c->entries[i * ORDER + j] = 1.0 / (double)(i + j + 1);
  double x[ORDER] = {1.0}, out[ORDER], bound = 0.0;
  assay_path_point end = linear(1.0), middle = linear(0.5);
  must(assay_fast_field(out, &bound, ASSAY_SCORE, &mixture, &end, x, 1, &context), &context);
  test_check(fabs(out[0] + 81.0) < 0.1 && bound > 1e-9 && bound < 1e-2 * 1621620.0, "%a, bound %a", out[0], bound);
  must(assay_fast_field(out, &bound, ASSAY_SCORE, &mixture, &middle, x, 1, &context), &context);
  test_check(bound < 1e-12, "bound %a", bound);
  assay_mixture_clear(&mixture);
}

/* ---- refusals ---- */

static void refusals_name_the_component(void **state) {
  (void)state;
  test_random random = test_random_new(65);
  assay_context context = new_context(2);
  assay_mixture mixture;
  fill_mixture(&mixture, 2, 5, &random);
  double x[4] = {1.0, 2.0, 3.0, 4.0}, out[4] = {9.0, 9.0, 9.0, 9.0}, bound[2] = {8.0, 8.0};
  double *s = mixture.components[3].covariance.entries, kept[4];
  memcpy(kept, s, sizeof kept);
  static const double INDEFINITE[4] = {1.0, 2.0, 2.0, 1.0}, SINGULAR[4] = {1.0, 1.0, 1.0, 1.0};
  /* t = 0: V = I is positive definite, S is not all the same */
  for (int i = 0; i < 3; i++) {
    assay_path_point point = linear(0.5 * i);
    memcpy(s, i == 1 ? SINGULAR : INDEFINITE, sizeof kept);
    for (int q = 0; q < QUANTITIES; q++) {
      assert_int_equal(assay_fast_field(out, bound, (assay_quantity)q, &mixture, &point, x, 2, &context),
                       ASSAY_INVALID);
      assert_non_null(strstr(context.message, "components[3].covariance"));
      assert_non_null(strstr(context.message, "row 1"));
    }
  }
  memcpy(s, kept, sizeof kept);
  assay_path_point point = linear(0.5);
  context.memory_cap = 300;
  assert_int_equal(assay_fast_field(out, bound, ASSAY_SCORE, &mixture, &point, x, 2, &context), ASSAY_MEMORY);
  context.memory_cap = 3000;
  assert_int_equal(assay_fast_field(out, bound, ASSAY_SCORE, &mixture, &point, x, 2, &context), ASSAY_MEMORY);
  for (size_t j = 0; j < 4; j++) assert_true(out[j] == 9.0);
  assert_true(bound[0] == 8.0 && bound[1] == 8.0);
  assay_mixture_clear(&mixture);
}

/* ---- sizes ---- */

static void diagonal_mixture(assay_mixture *mixture, size_t d, size_t count, test_random *random) {
  assay_context context = new_context(1);
  must(assay_mixture_init(mixture, d, count, &context), &context);
  for (size_t k = 0; k < count; k++) {
    set_covariance(&mixture->components[k].covariance, ASSAY_COVARIANCE_DIAGONAL, d, random);
    fill_normal(mixture->components[k].mean, d, random);
  }
}

/* d = 10^5, 4 components within 64 MB; 10^4 components in d = 4. */
static void large_mixtures_fit(void **state) {
  (void)state;
  static const size_t SHAPES[2][2] = {{100000, 4}, {4, 10000}};
  test_random random = test_random_new(66);
  assay_context context = new_context(2);
  context.memory_cap = (size_t)64 << 20;
  assay_path_point point = linear(0.5);
  for (size_t s = 0; s < 2; s++) {
    size_t d = SHAPES[s][0];
    assay_mixture mixture;
    diagonal_mixture(&mixture, d, SHAPES[s][1], &random);
    double *x = calloc(3 * d, sizeof *x), *out = calloc(3 * d, sizeof *out), bound[3];
    fill_normal(x, 3 * d, &random);
    must(assay_fast_field(out, bound, ASSAY_VELOCITY, &mixture, &point, x, 3, &context), &context);
    for (size_t i = 0; i < 3; i++) test_check(bound[i] < 1e-6, "d = %zu: bound %a", d, bound[i]);
    free(x);
    free(out);
    assay_mixture_clear(&mixture);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_full_component_in_closed_form), cmocka_unit_test(every_kind_tells_the_same),
      cmocka_unit_test(ends_of_the_path_are_exact),        cmocka_unit_test(results_do_not_depend_on_company),
      cmocka_unit_test(bounds_are_honest_about_overflow),  cmocka_unit_test(ill_conditioned_is_honest),
      cmocka_unit_test(refusals_name_the_component),       cmocka_unit_test(large_mixtures_fit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
