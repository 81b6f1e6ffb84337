/* What a plan of a double-double field refuses (docs/quick-field-bound.md, Q1), end by end, and the memory that it says
 * it takes. */
#include "field_examples.h"

#include "reference/core/quick_field_point.h"

#include <stdlib.h>

/* ---- ranges (Q1) ---- */

typedef struct {
  double alpha, beta, mean, variance, weight;
} numbers;

static bool taken(numbers given, assay_covariance_kind kind) {
  assay_mixture mixture;
  assert_int_equal(assay_mixture_init(&mixture, 2, 2, &example_context), ASSAY_OK);
  mixture.components[1].mean[kind == ASSAY_COVARIANCE_DIAGONAL] = given.mean;
  mixture.components[1].weight = assay_real_of(given.weight);
  mixture.components[1].covariance.variance = assay_real_of(given.variance);
  /* the others stay inside the range wherever alpha and beta are */
  mixture.components[0].covariance.variance = assay_real_of(given.alpha > 0 ? 1 : 0x1p-10);
  if (kind == ASSAY_COVARIANCE_DIAGONAL) {
    const double entries[] = {given.alpha > 0 ? 1 : 0x1p-10, given.variance};
    example_set_diagonal(&mixture, 1, kind, entries);
  }
  assay_path_point point = assay_path_point_of(assay_real_of(given.alpha), assay_real_of(given.beta));
  field_problem problem;
  quick_plan plan;
  assert_int_equal(field_problem_init(&problem, ASSAY_SCORE, &mixture, &point, &example_context), ASSAY_OK);
  bool result = quick_plan_init(&plan, &problem);
  if (result) quick_plan_clear(&plan);
  field_problem_clear(&problem);
  assay_mixture_clear(&mixture);
  return result;
}

static void ranges(void **state) {
  (void)state;
  static const double above = 1 + 0x1p-50, below = 1 - 0x1p-50;
  const struct {
    numbers last; /* to be taken */
    numbers beyond;
  } ends[] = {
      {{1, 1, 0x1p100, 1, 1}, {1, 1, 0x1p100 * above, 1, 1}},
      {{1, 1, -0x1p100, 1, 1}, {1, 1, -0x1p100 * above, 1, 1}},
      {{0x1p30, 1, 1, 1, 1}, {0x1p30 * above, 1, 1, 1, 1}},
      {{1, 0x1p30, 1, 1, 1}, {1, 0x1p30 * above, 1, 1, 1}},
      {{0x1p-250, 1, 1, 1, 1}, {0x1p-250 * below, 1, 1, 1, 1}},
      {{1, 0x1p-250, 1, 1, 1}, {1, 0x1p-250 * below, 1, 1, 1}},
      {{1, 1, 1, 1, 0x1p120}, {1, 1, 1, 1, 0x1p120 * above}},
      {{1, 1, 1, 1, 0x1p-500}, {1, 1, 1, 1, 0x1p-500 * below}},
      {{0, 1, 1, 0x1p-120, 1}, {0, 1, 1, 0x1p-120 * below, 1}},     /* V */
      {{0, 2, 1, 0x1p118, 1}, {0, 2, 1, 0x1p118 * above, 1}},       /* V */
      {{1, 0.5, 1, 0x1p120, 1}, {1, 0.5, 1, 0x1p120 * above, 1}},   /* s alone */
      {{1, 0.5, 1, 0x1p-500, 1}, {1, 0.5, 1, 0x1p-500 * below, 1}}, /* s alone */
  };
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    for (size_t kind = 0; kind < 2; kind++) {
      assay_covariance_kind of = kind ? ASSAY_COVARIANCE_DIAGONAL : ASSAY_COVARIANCE_ISOTROPIC;
      test_check(taken(ends[i].last, of), "end %zu, kind %zu: refused", i, kind);
      test_check(!taken(ends[i].beyond, of), "beyond end %zu, kind %zu: taken", i, kind);
    }
}

/* 1/sqrt(2 pi) to 45 digits for the sum of weights: log w + (1/2) log 2 pi cancels, and what is left has few bits. */
static void scalars_of_few_bits(void **state) {
  (void)state;
  assay_mixture mixture;
  assay_path_point point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5));
  assay_real weight;
  field_problem problem;
  quick_plan plan;
  assert_int_equal(assay_mixture_init(&mixture, 1, 1, &example_context), ASSAY_OK);
  assert_int_equal(
      assay_real_parse(&weight, "0.398942280401432677939946059934381868475858631", true, "weight", &example_context),
      ASSAY_OK);
  assert_int_equal(assay_real_copy(&mixture.components[0].weight, weight, &example_context), ASSAY_OK);
  for (size_t i = 0; i < 2; i++) {
    assay_quantity quantity = i ? ASSAY_LOG_DENSITY : ASSAY_SCORE;
    assert_int_equal(field_problem_init(&problem, quantity, &mixture, &point, &example_context), ASSAY_OK);
    bool good = quick_plan_init(&plan, &problem);
    assert_true(good == (quantity == ASSAY_SCORE));
    if (good) quick_plan_clear(&plan);
    field_problem_clear(&problem);
  }
  assay_mixture_clear(&mixture);
}

/* Refused before anything is read. */
static void numbers_of_dimensions_and_components(void **state) {
  (void)state;
  assay_mixture mixture;
  assay_path_point point = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5));
  field_problem problem;
  quick_plan plan;
  assert_int_equal(assay_mixture_init(&mixture, 1, 2, &example_context), ASSAY_OK);
  assert_int_equal(field_problem_init(&problem, ASSAY_SCORE, &mixture, &point, &example_context), ASSAY_OK);
  const size_t dimensions = ((size_t)1 << 24) + 1, components = ((size_t)1 << 20) + 1;
  assay_component wide = mixture.components[0], *many = calloc(components, sizeof *many);
  assert_non_null(many);
  many[0] = wide; /* the second has no mean to read */
  wide.mean = calloc(dimensions, sizeof *wide.mean);
  assert_non_null(wide.mean);
  const assay_mixture beyond[] = {{dimensions, 1, &wide}, {1, components, many}};
  for (size_t i = 0; i < 2; i++) {
    problem.mixture = &beyond[i];
    assert_false(quick_plan_init(&plan, &problem));
  }
  free(wide.mean);
  free(many);
  problem.mixture = &mixture;
  field_problem_clear(&problem);
  assay_mixture_clear(&mixture);
}

/* ---- memory ---- */

/* At least what is taken, which rounds dimensions up to whole rows of lanes; at most a row more. */
static void bytes(void **state) {
  (void)state;
  for (size_t d = 1; d <= 40; d++)
    for (size_t count = 1; count <= 5; count++) {
      assay_mixture mixture = {.dimension = d, .count = count};
      field_problem problem = {.mixture = &mixture};
      size_t rows = (d + 7) / 8 * 8, plan = count * (rows * 10 * sizeof(double) + sizeof(quick_component)) + d;
      size_t powers = 2 * ((count + 7) / 8 * 8) * sizeof(double);
      size_t work = rows * 8 * sizeof(double) + powers + count * sizeof(quick_share) + sizeof(quick_work);
      size_t plan_said = quick_plan_bytes(&problem), work_said = quick_work_bytes(&problem);
      assert_true(plan <= plan_said && plan_said <= plan + count * 80 * sizeof(double));
      assert_true(work <= work_said && work_said <= work + (64 + 16) * sizeof(double));
    }
}

/* Each operation in turn. */
static void bytes_that_overflow(void **state) {
  (void)state;
  const size_t most = SIZE_MAX;
  const struct {
    size_t (*bytes)(const field_problem *problem);
    size_t dimension, count;
  } ends[] = {{quick_plan_bytes, most / 16, 1},     {quick_plan_bytes, most / 80 - 9, 1},
              {quick_plan_bytes, most / 1000, 13},  {quick_plan_bytes, most / 81, 1},
              {quick_work_bytes, most / 16, 1},     {quick_work_bytes, 1, most / 2},
              {quick_work_bytes, most / 64 - 9, 1}, {quick_work_bytes, 1, most / (sizeof(quick_share) + 16)}};
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    assay_mixture mixture = {.dimension = ends[i].dimension, .count = ends[i].count};
    field_problem problem = {.mixture = &mixture};
    test_check(ends[i].bytes(&problem) == SIZE_MAX, "end %zu", i);
  }
}

static int set_up(void **state) {
  (void)state;
  assay_context_init(&example_context);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(ranges), cmocka_unit_test(scalars_of_few_bits),
                                     cmocka_unit_test(numbers_of_dimensions_and_components), cmocka_unit_test(bytes),
                                     cmocka_unit_test(bytes_that_overflow)};
  return cmocka_run_group_tests(tests, set_up, NULL);
}
