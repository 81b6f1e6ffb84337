/* Fields in double-double against enclosures of many more bits: every number within its bound, on problems made to hurt
 * it; and bounds narrow enough to be of use. */
#include "field_examples.h"
#include "testing.h"

#include "reference/core/interval.h"
#include "reference/core/quick_field.h"
#include "reference/core/rounding.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIMENSIONS = 19 }; /* two full rows of lanes and a rest */

/* How a problem hurts. */
typedef enum { PLAIN, SPREAD, FAR, TINY_VARIANCES, LARGE, NEAR_NOISE, NEAR_DATA, EQUAL, MIRROR, MINUTE, HURTS } hurt;

static const char *const exact_variances[] = {"1/10", "1/3", "22/7", "0.7"};

static double draw_scale(test_random *random, hurt how) {
  if (how == TINY_VARIANCES) return ldexp(1, -(int)test_integer(random, 20, 60));
  if (how == SPREAD) return ldexp(1, (int)test_integer(random, 0, 40) - 20);
  return test_uniform(random, 0.1, 2);
}

static void draw_covariance(assay_mixture *out, size_t k, test_random *random, hurt how) {
  double scale = draw_scale(random, how);
  double entries[DIMENSIONS] = {0};
  for (size_t j = 0; j < out->dimension; j++) entries[j] = how == EQUAL ? 1 : scale * test_uniform(random, 0.5, 2);
  assay_real variance = assay_real_of(how == EQUAL ? 1 : scale), given = variance;
  size_t which = test_integer(random, 0, 7);
  if (which < 4 && how != TINY_VARIANCES && how != EQUAL)
    assert_int_equal(assay_real_parse(&given, exact_variances[which], true, "variance", &example_context), ASSAY_OK);
  assert_int_equal(assay_real_copy(&variance, given, &example_context), ASSAY_OK);
  assay_real_clear(&out->components[k].covariance.variance);
  out->components[k].covariance.variance = variance;
  if (test_integer(random, 0, 1)) example_set_covariance(out, k, ASSAY_COVARIANCE_DIAGONAL, entries);
}

static void draw_mixture(assay_mixture *out, test_random *random, hurt how) {
  size_t d = test_integer(random, 1, DIMENSIONS), count = test_integer(random, 1, 6);
  double size = how == FAR ? 1e6 : how == LARGE ? 1e25 : how == TINY_VARIANCES ? 1e-3 : how == MINUTE ? 1e-170 : 1;
  assert_int_equal(assay_mixture_init(out, d, count, &example_context), ASSAY_OK);
  for (size_t k = 0; k < count; k++) {
    out->components[k].weight = assay_real_of(test_integer(random, 0, 3) ? test_uniform(random, 0.1, 1) : 1e-30);
    for (size_t j = 0; j < d; j++)
      out->components[k].mean[j] = test_integer(random, 0, 9) ? size * test_normal(random) : 0;
    draw_covariance(out, k, random, how);
    if (how == MIRROR && k % 2)
      for (size_t j = 0; j < d; j++) out->components[k].mean[j] = -out->components[k - 1].mean[j];
  }
}

static assay_schedule draw_schedule(test_random *random) {
  switch (test_integer(random, 0, 4)) {
  case 0:
    return assay_schedule_of(ASSAY_TRIGONOMETRIC);
  case 1:
    return assay_schedule_polynomial((unsigned)test_integer(random, 2, 4));
  case 2:
    return assay_schedule_vp(assay_real_of(0.1), assay_real_of(20));
  case 3:
    return assay_schedule_of(ASSAY_LINEAR_VP);
  default:
    return assay_schedule_of(ASSAY_LINEAR);
  }
}

/* Its time, which plays no part, is beta: where points are drawn. */
static assay_path_point draw_coefficients(test_random *random) {
  size_t zero = test_integer(random, 0, 5);
  double alpha = zero == 0 ? 0 : test_log_uniform(random, 0.25, 4);
  double beta = zero == 1 ? 0 : test_log_uniform(random, 0.25, 4);
  assay_path_point point = assay_path_point_of(assay_real_of(alpha), assay_real_of(beta));
  point.time = assay_real_of(beta);
  return point;
}

static assay_path_point draw_path_point(test_random *random, hurt how) {
  double time = test_uniform(random, 0, 1), tiny = ldexp(1, -(int)test_integer(random, 4, 40));
  if (how == NEAR_NOISE) time = test_integer(random, 0, 2) ? tiny : 0;
  if (how == NEAR_DATA) time = test_integer(random, 0, 2) ? 1 - tiny : 1;
  if (how > PLAIN && how < NEAR_NOISE && test_integer(random, 0, 3) == 0) return draw_coefficients(random);
  return assay_path_point_at(draw_schedule(random), assay_real_of(time));
}

/* Around a component's place at that time, between two, at one exactly, or anywhere. */
static void draw_point(double *x, const assay_mixture *mixture, double time, test_random *random, hurt how) {
  size_t k = test_integer(random, 0, mixture->count - 1), l = test_integer(random, 0, mixture->count - 1);
  size_t where = test_integer(random, 0, 4);
  double width = how == FAR ? 1e3 : how == LARGE ? 1e20 : how == TINY_VARIANCES ? 1e-8 : how == MINUTE ? 1e-160 : 1;
  for (size_t j = 0; j < mixture->dimension; j++) {
    double a = mixture->components[k].mean[j], b = mixture->components[l].mean[j];
    x[j] = time * (where < 2 ? a : (a + b) / 2);
    if (where == 1 || where == 3) x[j] += width * test_normal(random);
    if (where == 4) x[j] = width * 10 * test_normal(random);
    if (test_integer(random, 0, 15) == 0) x[j] = 0;
  }
}

/* At least |high + low - q| over q in the enclosure. */
static double distance(double high, double low, mpfi_srcptr truth) {
  iv_scope *s = iv_scope_new(3000);
  double result = iv_magnitude_d(iv_sub(s, iv_sub(s, iv_copy(s, truth), iv_d(s, high)), iv_d(s, low)));
  iv_scope_free(s);
  return result;
}

typedef struct {
  size_t entries, decided, refused;
} tally;

static const rounding_rule check_rule = {77, -1098};

static void count_entry(tally *seen, const quick_values *values, size_t j) {
  rounded value;
  seen->entries++;
  seen->decided += rounding_of_ball(&value, values->high[j], values->low[j], values->bound[j], check_rule);
}

static void check_point(tally *seen, quick_work *work, const quick_plan *plan, const assay_mixture *mixture,
                        assay_path_point point, const double *x, hurt how) {
  quick_values values;
  if (!quick_field(&values, work, plan, x)) {
    seen->refused++;
    return;
  }
  size_t width = assay_quantity_width(plan->quantity, mixture->dimension);
  mpfi_ptr truth = example_field_of(plan->quantity, mixture, point, x, 160);
  for (size_t j = 0; j < width; j++) {
    double error = distance(values.high[j], values.low[j], &truth[j]);
    double slack = 4 * iv_width_d(&truth[j]);
    test_check(error <= values.bound[j] + slack,
               "%s, hurt %d, time %a, d %zu, component %zu, x[0] %a: %a off, bound %a",
               assay_quantity_name(plan->quantity), (int)how, point.time.nearest, mixture->dimension, j, x[0], error,
               values.bound[j]);
    count_entry(seen, &values, j);
  }
  assay_enclosures_clear(truth, width);
}

static void check_problem(tally *seen, assay_quantity quantity, const assay_mixture *mixture, assay_path_point point,
                          test_random *random, hurt how) {
  enum { POINTS = 4 };
  field_problem problem;
  quick_plan plan;
  assert_int_equal(field_problem_init(&problem, quantity, mixture, &point, &example_context), ASSAY_OK);
  bool taken = quick_plan_init(&plan, &problem);
  test_check(taken, "%s, hurt %d, time %a: not taken", assay_quantity_name(quantity), (int)how, point.time.nearest);
  quick_work *work = quick_work_new(&plan);
  assert_non_null(work);
  for (size_t i = 0; i < POINTS; i++) {
    double x[DIMENSIONS] = {0};
    draw_point(x, mixture, point.time.nearest, random, how);
    check_point(seen, work, &plan, mixture, point, x, how);
  }
  quick_work_free(work);
  quick_plan_clear(&plan);
  field_problem_clear(&problem);
}

static const assay_quantity quantities[] = {ASSAY_VELOCITY, ASSAY_SCORE,       ASSAY_DENOISER,
                                            ASSAY_NOISE,    ASSAY_LOG_DENSITY, ASSAY_DIVERGENCE};

static tally check_hurt(hurt how, size_t cases) {
  test_random random = test_random_new(7300 + (uint64_t)how);
  tally seen = {0};
  for (size_t i = 0; i < test_cases(cases); i++) {
    assay_mixture mixture;
    draw_mixture(&mixture, &random, how);
    assay_path_point point = draw_path_point(&random, how);
    for (size_t q = 0; q < sizeof quantities / sizeof *quantities; q++) {
      bool rates = quantities[q] == ASSAY_VELOCITY || quantities[q] == ASSAY_DIVERGENCE;
      if (point.schedule.kind == ASSAY_COEFFICIENTS && rates) continue;
      check_problem(&seen, quantities[q], &mixture, point, &random, how);
    }
    assay_mixture_clear(&mixture);
  }
  return seen;
}

static void errors_stay_within_bounds(void **state) {
  (void)state;
  for (int how = 0; how < HURTS; how++) {
    tally seen = check_hurt((hurt)how, 10);
    test_check(seen.entries > 0, "hurt %d: every point refused", how);
  }
}

/* What the check of plain problems relies on: nearly all of their numbers are decided without intervals. A bound of
 * 2^-95, relatively, leaves 1 in 2^17 open; ties and cancellation add a few. */
static void plain_problems_are_decided(void **state) {
  (void)state;
  tally seen = check_hurt(PLAIN, 12);
  test_check(seen.refused == 0 && (seen.entries - seen.decided) * 100 <= seen.entries,
             "%zu of %zu decided, %zu points refused", seen.decided, seen.entries, seen.refused);
}

/* 1 and digits beyond a double's; or 1 + 2^-n or 1 - 2^-n, which a pair of doubles holds exactly and one does not. */
static void write_variance_near_one(char out[256], test_random *random, bool dyadic) {
  if (!dyadic) {
    (void)snprintf(out, 256, "1.00000000000000%03zu%015zu%015zu", test_integer(random, 1, 999),
                   test_integer(random, 0, 999999999999999), test_integer(random, 0, 999999999999999));
    return;
  }
  mpz_t above, below;
  mpz_inits(above, below, (mpz_ptr)NULL);
  mpz_setbit(below, test_integer(random, 54, 300));
  if (test_integer(random, 0, 1))
    mpz_add_ui(above, below, 1);
  else
    mpz_sub_ui(above, below, 1);
  assert_true(gmp_snprintf(out, 256, "%Zd/%Zd", above, below) < 256);
  mpz_clears(above, below, (mpz_ptr)NULL);
}

/* On the circle the velocity of N(0, s) is a multiple of s - 1, which is known to an error of s, not of itself, unless
 * s is exact. */
static void variances_near_one_are_known_as_well_as_they_are(void **state) {
  (void)state;
  test_random random = test_random_new(7320);
  tally seen = {0};
  for (size_t i = 0; i < test_cases(40); i++) {
    char text[256];
    write_variance_near_one(text, &random, i % 2);
    assay_mixture mixture;
    assert_int_equal(assay_mixture_init(&mixture, 1, 1, &example_context), ASSAY_OK);
    assay_real given;
    assert_int_equal(assay_real_parse(&given, text, true, "variance", &example_context), ASSAY_OK);
    assert_int_equal(assay_real_copy(&mixture.components[0].covariance.variance, given, &example_context), ASSAY_OK);
    assay_path_point point = assay_path_point_at(assay_schedule_of(ASSAY_TRIGONOMETRIC), assay_real_of(0.4));
    check_problem(&seen, ASSAY_VELOCITY, &mixture, point, &random, PLAIN);
    check_problem(&seen, ASSAY_DIVERGENCE, &mixture, point, &random, PLAIN);
    assay_mixture_clear(&mixture);
  }
  assert_true(seen.refused == 0);
}

/* Two components close to each other and far from 0: what rounds beta m, relatively, counts for the posterior. */
static void offsets_far_beyond_widths_are_counted(void **state) {
  (void)state;
  enum { D = 3 };
  test_random random = test_random_new(7330);
  tally seen = {0};
  for (size_t i = 0; i < test_cases(40); i++) {
    double time = test_uniform(&random, 0.2, 0.8), beta = i % 2 ? sin(acos(0) * time) : time * time, x[D];
    assay_schedule schedule = i % 2 ? assay_schedule_of(ASSAY_TRIGONOMETRIC) : assay_schedule_polynomial(2);
    assay_path_point point = assay_path_point_at(schedule, assay_real_of(time));
    assay_mixture mixture;
    assert_int_equal(assay_mixture_init(&mixture, D, 2, &example_context), ASSAY_OK);
    for (size_t j = 0; j < D; j++) {
      for (size_t k = 0; k < 2; k++) mixture.components[k].mean[j] = 1e6 + test_normal(&random);
      x[j] = beta * mixture.components[0].mean[j] + test_normal(&random);
    }
    field_problem problem;
    quick_plan plan;
    assert_int_equal(field_problem_init(&problem, ASSAY_LOG_DENSITY, &mixture, &point, &example_context), ASSAY_OK);
    assert_true(quick_plan_init(&plan, &problem));
    quick_work *work = quick_work_new(&plan);
    check_point(&seen, work, &plan, &mixture, point, x, FAR);
    quick_work_free(work);
    quick_plan_clear(&plan);
    field_problem_clear(&problem);
    assay_mixture_clear(&mixture);
  }
  assert_true(seen.refused == 0);
}

/* All means and x are 0 in a coordinate: the number is exactly 0, in spite of underflow's floor. */
static void zeros_by_symmetry_are_exact(void **state) {
  (void)state;
  assay_mixture mixture;
  assert_int_equal(assay_mixture_init(&mixture, 3, 2, &example_context), ASSAY_OK);
  mixture.components[0].mean[0] = 1;
  mixture.components[1].mean[1] = 2;
  const double x[] = {0.5, 0, 0};
  assay_path_point point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.25));
  field_problem problem;
  quick_plan plan;
  assert_int_equal(field_problem_init(&problem, ASSAY_VELOCITY, &mixture, &point, &example_context), ASSAY_OK);
  assert_true(quick_plan_init(&plan, &problem));
  quick_work *work = quick_work_new(&plan);
  quick_values values;
  assert_true(quick_field(&values, work, &plan, x));
  assert_true(values.high[2] == 0 && values.low[2] == 0 && values.bound[2] == 0);
  assert_true(values.high[1] != 0 && values.bound[1] > 0);
  quick_work_free(work);
  quick_plan_clear(&plan);
  field_problem_clear(&problem);
  assay_mixture_clear(&mixture);
}

/* Numbers that its ranges exclude are refused, not answered wrongly. */
static void what_is_out_of_range_is_refused(void **state) {
  (void)state;
  assay_path_point point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.25));
  for (int i = 0; i < 4; i++) {
    assay_mixture mixture;
    field_problem problem;
    quick_plan plan;
    const double identity[] = {1, 0, 0, 1};
    assert_int_equal(assay_mixture_init(&mixture, 2, 1, &example_context), ASSAY_OK);
    if (i == 0) mixture.components[0].mean[1] = 1e200;
    if (i == 1) mixture.components[0].covariance.variance = assay_real_of(1e-200);
    if (i == 2) example_set_covariance(&mixture, 0, ASSAY_COVARIANCE_FULL, identity);
    assert_int_equal(field_problem_init(&problem, ASSAY_SCORE, &mixture, &point, &example_context), ASSAY_OK);
    bool taken = quick_plan_init(&plan, &problem);
    assert_true(taken == (i == 3));
    if (taken) {
      quick_work *work = quick_work_new(&plan);
      quick_values values;
      assert_false(quick_field(&values, work, &plan, (const double[]){1, 1e200}));
      assert_true(quick_field(&values, work, &plan, (const double[]){1, 2}));
      quick_work_free(work);
      quick_plan_clear(&plan);
    }
    field_problem_clear(&problem);
    assay_mixture_clear(&mixture);
  }
}

static int set_up(void **state) {
  (void)state;
  assay_context_init(&example_context);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(errors_stay_within_bounds),
      cmocka_unit_test(plain_problems_are_decided),
      cmocka_unit_test(variances_near_one_are_known_as_well_as_they_are),
      cmocka_unit_test(offsets_far_beyond_widths_are_counted),
      cmocka_unit_test(zeros_by_symmetry_are_exact),
      cmocka_unit_test(what_is_out_of_range_is_refused),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
