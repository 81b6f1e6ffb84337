/* Fields of mixtures: inclusion, independence of threads, extreme inputs against closed forms, refusals. Agreement with
 * other libraries is tested in tests/oracle. */
#include "testing.h"

#include "reference/core/interval.h"

#include <assay/reference.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static assay_context context;

static int fresh_context(void **state) {
  (void)state;
  assay_context_init(&context);
  return 0;
}

static void draw(assay_mixture *out, test_random *random, size_t d, size_t count) {
  assert_int_equal(assay_mixture_init(out, d, count, &context), ASSAY_OK);
  for (size_t k = 0; k < count; k++) {
    out->components[k].weight = assay_real_of(test_uniform(random, 0.1, 1));
    out->components[k].covariance.variance = assay_real_of(ldexp(1, -(int)test_integer(random, 0, 3)));
    for (size_t j = 0; j < d; j++) out->components[k].mean[j] = test_normal(random);
  }
}

static void fill_normal(double *x, size_t count, test_random *random) {
  for (size_t i = 0; i < count; i++) x[i] = test_normal(random);
}

static mpfi_ptr new_enclosures(size_t count) {
  mpfi_ptr out = NULL;
  assert_int_equal(assay_enclosures_init(&out, count, &context), ASSAY_OK);
  return out;
}

static double largest(const assay_mixture *mixture, const double *x) {
  double scale = 0;
  for (size_t j = 0; j < mixture->dimension; j++) {
    scale = fmax(scale, fabs(x[j]));
    for (size_t k = 0; k < mixture->count; k++) scale = fmax(scale, fabs(mixture->components[k].mean[j]));
  }
  return scale;
}

/* ---- inclusion and threads ---- */

/* The enclosure at four times the goal lies inside the coarse one, and both are as narrow as they promise. */
static void finer_enclosures_lie_inside(void **state) {
  (void)state;
  enum { DIMENSION = 5 };
  const long goal = 53;
  test_random random = test_random_new(501);
  for (size_t i = 0; i < test_cases(24); i++) {
    assay_mixture mixture;
    double x[DIMENSION];
    draw(&mixture, &random, DIMENSION, 1 + i % 4);
    fill_normal(x, DIMENSION, &random);
    assay_path_point point = assay_path_point_at(assay_schedule_of(i % 2 ? ASSAY_LINEAR : ASSAY_TRIGONOMETRIC),
                                                 assay_real_of(test_uniform(&random, 0, 1)));
    for (int q = ASSAY_VELOCITY; q <= ASSAY_DIVERGENCE; q++) {
      size_t width = assay_quantity_width((assay_quantity)q, DIMENSION);
      mpfi_ptr coarse = new_enclosures(width), fine = new_enclosures(width);
      assert_int_equal(assay_reference_field(coarse, (assay_quantity)q, &mixture, &point, x, 1, goal, &context),
                       ASSAY_OK);
      assert_int_equal(assay_reference_field(fine, (assay_quantity)q, &mixture, &point, x, 1, 4 * goal, &context),
                       ASSAY_OK);
      for (size_t j = 0; j < width; j++)
        test_check(iv_contains(&coarse[j], &fine[j]) && iv_reached(&coarse[j], goal, largest(&mixture, x)) &&
                       iv_reached(&fine[j], 4 * goal, largest(&mixture, x)),
                   "%s at t = %a, case %zu, entry %zu", assay_quantity_name((assay_quantity)q), point.time.nearest, i,
                   j);
      assay_enclosures_clear(coarse, width);
      assay_enclosures_clear(fine, width);
    }
    assay_mixture_clear(&mixture);
  }
}

static void results_do_not_depend_on_threads(void **state) {
  (void)state;
  enum { DIMENSION = 3, POINTS = 40, ALL = DIMENSION * POINTS };
  test_random random = test_random_new(502);
  assay_mixture mixture;
  double x[ALL];
  draw(&mixture, &random, DIMENSION, 3);
  fill_normal(x, ALL, &random);
  for (size_t i = 0; i < ALL; i += 7) x[i] *= 1e200; /* points that need more precision than their neighbours */
  assay_path_point point = assay_path_point_at(assay_schedule_of(ASSAY_TRIGONOMETRIC), assay_real_of(0.37));
  for (int q = ASSAY_VELOCITY; q <= ASSAY_DIVERGENCE; q++) {
    size_t count = POINTS * assay_quantity_width((assay_quantity)q, DIMENSION);
    mpfi_ptr one = new_enclosures(count), many = new_enclosures(count);
    context.threads = 1;
    assert_int_equal(assay_reference_field(one, (assay_quantity)q, &mixture, &point, x, POINTS, 80, &context),
                     ASSAY_OK);
    for (context.threads = 2; context.threads <= 5; context.threads += 3) {
      assert_int_equal(assay_reference_field(many, (assay_quantity)q, &mixture, &point, x, POINTS, 80, &context),
                       ASSAY_OK);
      for (size_t i = 0; i < count; i++)
        test_check(mpfr_equal_p(&one[i].left, &many[i].left) && mpfr_equal_p(&one[i].right, &many[i].right) &&
                       mpfi_get_prec(&one[i]) == mpfi_get_prec(&many[i]),
                   "%s, %d threads, entry %zu", assay_quantity_name((assay_quantity)q), context.threads, i);
    }
    assay_enclosures_clear(one, count);
    assay_enclosures_clear(many, count);
  }
  assay_mixture_clear(&mixture);
}

/* ---- closed forms at extreme inputs ---- */

/* Binary mixture: f = (beta s x + alpha^2 mu tanh(beta <mu, x>/v))/v, at `bits` that let every cancellation through. */
static void check_binary(const double *mean, const double *x, size_t d, assay_real variance, assay_real time, long bits,
                         const char *what) {
  enum { GOAL = 60 };
  assay_mixture mixture;
  mpfi_ptr f = new_enclosures(d);
  assay_path_point point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), time);
  assert_int_equal(assay_mixture_binary(&mixture, d, mean, variance, &context), ASSAY_OK);
  test_check(!assay_reference_field(f, ASSAY_DENOISER, &mixture, &point, x, 1, GOAL, &context), "%s: %s", what,
             context.message);
  double scale = largest(&mixture, x);
  iv_scope *s = iv_scope_new(bits);
  iv beta = iv_real(s, time), alpha = iv_sub(s, iv_ui(s, 1), beta), sigma2 = iv_real(s, variance);
  iv alpha2 = iv_sqr(s, alpha), v = iv_add(s, alpha2, iv_mul(s, iv_sqr(s, beta), sigma2));
  mpfi_ptr product = iv_new(s);
  for (size_t j = 0; j < d; j++) {
    size_t mark = iv_mark(s);
    mpfi_add(product, product, iv_mul(s, iv_d(s, mean[j]), iv_d(s, x[j])));
    iv_release(s, mark);
  }
  iv bend = iv_tanh(s, iv_div(s, iv_mul(s, beta, product), v));
  for (size_t j = 0; j < d; j++) {
    size_t mark = iv_mark(s);
    iv pull = iv_mul(s, iv_mul(s, alpha2, iv_d(s, mean[j])), bend);
    iv expected = iv_div(s, iv_add(s, iv_mul(s, iv_mul(s, beta, sigma2), iv_d(s, x[j])), pull), v);
    test_check(iv_overlap(&f[j], expected) == IV_TRUE && iv_reached(&f[j], GOAL, scale), "%s, entry %zu", what, j);
    iv_release(s, mark);
  }
  iv_scope_free(s);
  assay_enclosures_clear(f, d);
  assay_mixture_clear(&mixture);
}

static void binary_mixtures_follow_the_closed_form(void **state) {
  (void)state;
  enum { BITS = 8000 };
  static const struct {
    double mean[2], x[2];
    const char *variance, *time, *what;
  } cases[] = {
      {{1, 2}, {0.3, -0.2}, "1/4", "1/3", "ordinary"},
      {{1000, 0}, {1000, 1}, "1", "1/2", "log-weights 1e6 apart"},
      {{1e150, 1}, {1e150, 1}, "1", "1/2", "log-weights 1e300 apart"},
      {{0, 1}, {1e150, 0.3}, "1", "1/2", "log-weights near 1e300, difference of order 1"},
      {{1e-300, 1e-300}, {1e-300, 1}, "1e-300", "0.5", "tiny entries"},
      {{1e300, -1e300}, {1e300, 1e300}, "1e300", "0.5", "huge entries, orthogonal"},
      {{1e300, 1}, {-1e-300, 2}, "1", "0.1", "huge and tiny entries"},
      {{1, 2}, {0.3, -0.2}, "1/4", "1e-300", "next to noise"},
      {{1, 2}, {0.3, -0.2}, "1/4", "0.9999999999999999999999999999999999999999", "next to data"},
      {{1, 2}, {0.3, -0.2}, "1e-300", "0.9999999999999999", "next to data, tiny variance"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assay_real variance, time;
    assert_int_equal(assay_real_parse(&variance, cases[i].variance, true, "variance", &context), ASSAY_OK);
    assert_int_equal(assay_real_parse(&time, cases[i].time, true, "time", &context), ASSAY_OK);
    check_binary(cases[i].mean, cases[i].x, 2, variance, time, BITS, cases[i].what);
  }
  check_binary((const double[]){1}, (const double[]){0.7}, 1, assay_real_of(0.25), assay_real_of(1 - 0x1p-53), BITS,
               "last double before 1");
}

/* A component so far away that its responsibility times its distance is below 2^-10^6. What is exact without it (0
 * among the values here) need no longer be so: hence a ball of 2^-1000. */
static void a_remote_component_leaves_no_trace(void **state) {
  (void)state;
  assay_path_point half = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5));
  const double x[] = {0.3, 0.9}, near_mean[] = {0.5, -1}, far_sizes[] = {3000, 1e150, 1e300};
  for (size_t i = 0; i < sizeof far_sizes / sizeof *far_sizes; i++)
    for (int q = ASSAY_VELOCITY; q <= ASSAY_DIVERGENCE; q++) {
      size_t width = assay_quantity_width((assay_quantity)q, 2);
      if (q == ASSAY_LOG_DENSITY) continue; /* the weight 1/2 shows */
      assay_mixture alone, both;
      assert_int_equal(assay_mixture_init(&alone, 2, 1, &context), ASSAY_OK);
      assert_int_equal(assay_mixture_init(&both, 2, 2, &context), ASSAY_OK);
      memcpy(alone.components[0].mean, near_mean, sizeof near_mean);
      memcpy(both.components[1].mean, near_mean, sizeof near_mean);
      both.components[0].mean[0] = far_sizes[i];
      both.components[0].covariance.variance = assay_real_of(0.5);
      mpfi_ptr one = new_enclosures(width), two = new_enclosures(width);
      assert_int_equal(assay_reference_field(one, (assay_quantity)q, &alone, &half, x, 1, 100, &context), ASSAY_OK);
      test_check(!assay_reference_field(two, (assay_quantity)q, &both, &half, x, 1, 100, &context), "%s",
                 context.message);
      iv_scope *s = iv_scope_new(1200);
      for (size_t j = 0; j < width; j++)
        test_check(iv_overlap(iv_ball(s, &one[j], iv_mul_2si(s, iv_ui(s, 1), -1000)), &two[j]) == IV_TRUE,
                   "%s, far mean %g, entry %zu", assay_quantity_name((assay_quantity)q), far_sizes[i], j);
      iv_scope_free(s);
      assay_enclosures_clear(one, width);
      assay_enclosures_clear(two, width);
      assay_mixture_clear(&alone);
      assay_mixture_clear(&both);
    }
}

/* The published experiments' size, twice: orthogonal to mu up to a few units, so that both components count. */
static void a_hundred_thousand_dimensions(void **state) {
  (void)state;
  enum { DIMENSION = 100000 };
  double *mean = malloc(DIMENSION * sizeof *mean), *x = malloc(DIMENSION * sizeof *x);
  assert_true(mean && x);
  for (size_t j = 0; j < DIMENSION; j++) {
    mean[j] = 1;
    x[j] = j % 2 ? 1.25 : -1.25;
  }
  x[0] += 0.3;
  check_binary(mean, x, DIMENSION, assay_real_of(0.25), assay_real_of(0.5), 400, "d = 100000");
  free(mean);
  free(x);
}

/* Weights enter through their ratio only, exact strings and doubles alike; the doubles 0.1 and 0.3 are not 1 to 3. */
static void weights_are_normalised_exactly(void **state) {
  (void)state;
  const double x = 0.4;
  const struct {
    assay_real weights[2];
    bool one_to_three;
  } cases[] = {{{{1. / 4, "1/4"}, {3. / 4, "3/4"}}, true},
               {{{1e300, NULL}, {3e300, "3e300"}}, false},
               {{{0x1p900, NULL}, {3 * 0x1p900, NULL}}, true},
               {{{0.1, "0.1"}, {0.3, "3/10"}}, true},
               {{{0.1, NULL}, {0.3, NULL}}, false}};
  assay_path_point point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.25));
  mpfi_ptr first = new_enclosures(1), other = new_enclosures(1);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assay_mixture mixture;
    assert_int_equal(assay_mixture_init(&mixture, 1, 2, &context), ASSAY_OK);
    mixture.components[0].mean[0] = 1;
    mixture.components[0].weight = cases[i].weights[0];
    mixture.components[1].weight = cases[i].weights[1];
    assert_int_equal(
        assay_reference_field(i ? other : first, ASSAY_LOG_DENSITY, &mixture, &point, &x, 1, 200, &context), ASSAY_OK);
    if (i) test_check(iv_overlap(first, other) == (cases[i].one_to_three ? IV_TRUE : IV_FALSE), "case %zu", i);
    mixture.components[0].weight = mixture.components[1].weight = assay_real_of(1); /* strings are not ours to free */
    assay_mixture_clear(&mixture);
  }
  assay_enclosures_clear(first, 1);
  assay_enclosures_clear(other, 1);
}

/* Log-weights near 1e300 that differ by order 1, because the variances differ by 1e-300, need a thousand bits; the
 * coordinates do not. */
static void large_log_weights_do_not_slow_the_coordinates(void **state) {
  (void)state;
  const double mean[] = {0, 1}, x[] = {1e150, 0.3};
  assay_mixture mixture;
  mpfi_ptr f = new_enclosures(2);
  assay_path_point point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5));
  assert_int_equal(assay_mixture_binary(&mixture, 2, mean, assay_real_of(1), &context), ASSAY_OK);
  char variance[303] = "1.";
  memset(variance + 2, '0', 299);
  variance[301] = '1';
  mixture.components[0].covariance.variance.exact = variance;
  assert_int_equal(assay_reference_field(f, ASSAY_DENOISER, &mixture, &point, x, 1, 53, &context), ASSAY_OK);
  assert_true(mpfi_get_prec(&f[1]) < 128);
  assert_true(iv_lower_d(&f[1]) > 0 && iv_upper_d(&f[1]) < 0.75); /* between x - 1/2 and x + 1/2, well inside */
  mixture.components[0].covariance.variance.exact = NULL;
  assay_enclosures_clear(f, 2);
  assay_mixture_clear(&mixture);
}

/* ---- refusals ---- */

typedef struct {
  assay_quantity quantity;
  assay_mixture mixture;
  assay_path_point point;
  double x[4];
  long goal;
} request;

static request plain_request(void) {
  request r = {.quantity = ASSAY_DENOISER,
               .point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.3)),
               .x = {0.1, 0.2, 0.3, 0.4},
               .goal = 53};
  assert_int_equal(assay_mixture_init(&r.mixture, 2, 2, &context), ASSAY_OK);
  r.mixture.components[0].mean[1] = 1;
  return r;
}

/* Both functions refuse with this status and message, and write nothing. */
static void check_refused(request *r, assay_status status, const char *message) {
  mpfi_ptr out = new_enclosures(4);
  double doubles[4] = {7, 7, 7, 7};
  for (size_t i = 0; i < 4; i++) mpfi_set_ui(&out[i], 7);
  assert_int_equal(assay_reference_field(out, r->quantity, &r->mixture, &r->point, r->x, 2, r->goal, &context), status);
  assert_string_equal(context.message, message);
  if (r->goal == 53) {
    assert_int_equal(assay_reference_field_double(doubles, r->quantity, &r->mixture, &r->point, r->x, 2, &context),
                     status);
    assert_string_equal(context.message, message);
  }
  for (size_t i = 0; i < 4; i++) {
    assert_true(iv_contains_d(&out[i], 7) && iv_width_d(&out[i]) == 0);
    assert_true(doubles[i] == 7);
  }
  size_t cap = context.memory_cap;
  assay_enclosures_clear(out, 4);
  context.memory_cap = cap;
  assay_mixture_clear(&r->mixture);
}

static void bad_input_is_named(void **state) {
  (void)state;
  request r = plain_request();
  r.x[3] = NAN;
  check_refused(&r, ASSAY_INVALID, "points: row 1, column 1 is nan; finite numbers are expected");
  r = plain_request();
  r.mixture.components[1].covariance.kind = ASSAY_COVARIANCE_DIAGONAL;
  r.mixture.components[1].covariance.entries = calloc(2, sizeof(double));
  r.mixture.components[1].covariance.entries[0] = 1;
  r.mixture.components[1].covariance.entries[1] = 0;
  check_refused(&r, ASSAY_INVALID, "components[1].covariance[1]: 0 must be positive and finite");
  r = plain_request();
  r.goal = 0;
  check_refused(&r, ASSAY_INVALID, "goal_bits: 0; at least 1 is expected");
  r = plain_request();
  r.point.time = (assay_real){0, "-1/1000000"};
  check_refused(&r, ASSAY_INVALID, "time: -1/1000000 lies outside [0, 1]");
  r = plain_request();
  r.mixture.components[1].weight.nearest = -1;
  check_refused(&r, ASSAY_INVALID, "components[1].weight: -1 must be positive and finite");
  r = plain_request();
  r.quantity = ASSAY_VELOCITY;
  r.point = assay_path_point_of(assay_real_of(1), assay_real_of(1));
  check_refused(&r, ASSAY_INVALID,
                "quantity: velocity needs the derivatives of a schedule; give schedule and time, not alpha and beta");
}

/* sigma = 1, t = 1/2: f = x + (mean of the m_k)/2, exact in entry 0 where the means agree; entry 1 needs
 * responsibilities, and 99 good bits of those do not come out of 100. */
static void unreachable_goals_name_point_and_entry(void **state) {
  (void)state;
  request r = plain_request();
  context.max_bits = 100;
  r.point.time = assay_real_of(0.5);
  r.goal = 99;
  check_refused(&r, ASSAY_PRECISION,
                "denoiser: point 0, component 1: the goal is not reached with 100 bits (max_bits 100, memory cap 0)");
  r = plain_request(); /* of several entries the first */
  r.point.time = assay_real_of(0.5);
  r.mixture.components[0].mean[0] = 1;
  r.goal = 99;
  check_refused(&r, ASSAY_PRECISION,
                "denoiser: point 0, component 0: the goal is not reached with 100 bits (max_bits 100, memory cap 0)");
  r = plain_request();
  r.goal = 101;
  check_refused(&r, ASSAY_PRECISION, "max_bits: 100 do not hold a goal of 101 bits");
}

static int refuse_to_go_on(void *self, const char *what, double fraction) {
  (void)what;
  (void)fraction;
  ++*(int *)self;
  return 1;
}

static void limits_are_kept(void **state) {
  (void)state;
  int calls = 0;
  request r = plain_request();
  context.progress = refuse_to_go_on;
  context.progress_self = &calls;
  context.threads = 1;
  check_refused(&r, ASSAY_CANCELLED, "field: cancelled");
  assert_int_equal(calls, 2); /* once in each of the two functions */
  context.progress = NULL;
  r = plain_request();
  mpfi_ptr out = new_enclosures(4);
  context.memory_cap = 1000;
  assert_int_equal(assay_reference_field(out, r.quantity, &r.mixture, &r.point, r.x, 2, 53, &context), ASSAY_MEMORY);
  assert_non_null(strstr(context.message, "memory cap"));
  double doubles[4];
  assert_int_equal(assay_reference_field_double(doubles, r.quantity, &r.mixture, &r.point, r.x, 2, &context),
                   ASSAY_MEMORY);
  context.memory_cap = 1 << 22;
  assert_int_equal(assay_reference_field(out, r.quantity, &r.mixture, &r.point, r.x, 2, 53, &context), ASSAY_OK);
  assert_int_equal(assay_reference_field(out, r.quantity, &r.mixture, &r.point, r.x, 0, 53, &context), ASSAY_OK);
  assay_enclosures_clear(out, 4);
  assay_mixture_clear(&r.mixture);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(finer_enclosures_lie_inside, fresh_context),
      cmocka_unit_test_setup(results_do_not_depend_on_threads, fresh_context),
      cmocka_unit_test_setup(binary_mixtures_follow_the_closed_form, fresh_context),
      cmocka_unit_test_setup(a_remote_component_leaves_no_trace, fresh_context),
      cmocka_unit_test_setup(a_hundred_thousand_dimensions, fresh_context),
      cmocka_unit_test_setup(weights_are_normalised_exactly, fresh_context),
      cmocka_unit_test_setup(large_log_weights_do_not_slow_the_coordinates, fresh_context),
      cmocka_unit_test_setup(bad_input_is_named, fresh_context),
      cmocka_unit_test_setup(unreachable_goals_name_point_and_entry, fresh_context),
      cmocka_unit_test_setup(limits_are_kept, fresh_context),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
