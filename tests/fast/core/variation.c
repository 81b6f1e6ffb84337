/* Total variation from samples: against distances known in closed form, and under the truth.
 * Chances of failure of what is random are 1e-9 each (`rare`), by McDiarmid's or Hoeffding's inequality. */
#include "fast/core/variation.h"

#include "mixtures.h"
#include "testing.h"

#include <assay/fast.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double rare = 1e-9;

/* With probability 1 - rare the mean of `sets` values V, each moved by at most 1/N by one of its N samples, lies within
 * this of its expectation. */
static double spread(size_t samples, size_t sets) { return sqrt(log(2.0 / rare) / (2.0 * (double)(samples * sets))); }

/* The distance of two Gaussians with the same covariance, whose means lie `apart` deviations from each other. */
static double shifted_distance(double apart) { return erf(apart / (2.0 * sqrt(2.0))); }

static const double weights3[] = {0.3, 0.5, 0.2}, means3[] = {-3, 0.5, 4}, variances3[] = {1, 0.04, 2.25};

static void shifts_of_a_line_are_measured(void **state) {
  (void)state;
  assay_context context = quiet();
  const size_t bins = 100, samples = 200000;
  const double delta = 1e-3, one = 1.0, start = 2.0, variance = 0.25;
  assay_mixture truth = mixture_of(1, 1, &one, &start, &variance);
  for (int step = 0; step < 5; step++) {
    double apart = 0.5 * step, mean = start + apart * 0.5, distance = shifted_distance(apart);
    assay_mixture law = mixture_of(1, 1, &one, &mean, &variance);
    assay_mixture_draws draws = {.mixture = &law, .seed = 11 + (uint64_t)step};
    assay_stream stream = assay_fast_mixture_draws(&draws, samples);
    assay_variation got;
    assert_int_equal(assay_fast_variation_cells(&got, &stream, &truth, bins, delta, &context), ASSAY_OK);
    /* Cells lose what one of them, of mass 1/bins, mixes of both signs. The samples' fluctuation W has a mean of at
     * most sqrt(bins/N)/2. */
    double lost = 1.0 / (double)bins, noise = 0.5 * sqrt((double)bins / (double)samples) + spread(samples, 1);
    test_check(got.value >= distance - lost - noise && got.value <= distance + noise, "apart %g: value %a, distance %a",
               apart, got.value, distance);
    test_check(got.lower <= distance, "apart %g: lower %a, distance %a", apart, got.lower, distance);
    double chance = sqrt(log(1.0 / delta) / (2.0 * (double)samples));
    double least = distance - lost - noise - chance - 0.5 * sqrt((double)bins / (double)samples);
    test_check(got.lower >= least, "apart %g: lower %a, at least %a", apart, got.lower, least);
    assay_mixture_clear(&law);
  }
  assay_mixture_clear(&truth);
}

static void shifts_of_a_plane_are_measured(void **state) {
  (void)state;
  assay_context context = quiet();
  const size_t bins = 40, samples = 400000;
  const double one = 1.0, origin[2] = {0.0, 0.0}, variance = 1.0;
  assay_mixture truth = mixture_of(2, 1, &one, origin, &variance);
  const double moved[2][2] = {{1.0, 0.0}, {0.6, -0.8}};
  for (size_t i = 0; i < 2; i++) {
    assay_mixture law = mixture_of(2, 1, &one, moved[i], &variance);
    assay_mixture_draws draws = {.mixture = &law, .seed = 5};
    assay_stream stream = assay_fast_mixture_draws(&draws, samples);
    assay_variation got;
    assert_int_equal(assay_fast_variation_cells(&got, &stream, &truth, bins, 1e-3, &context), ASSAY_OK);
    /* The densities are equal on a straight line, which meets at most 2 bins - 1 cells of mass 1/bins^2. */
    double distance = shifted_distance(1.0), cells = (double)(bins * bins), lost = 2.0 / (double)bins;
    double noise = 0.5 * sqrt(cells / (double)samples) + spread(samples, 1);
    test_check(got.value >= distance - lost - noise && got.value <= distance + noise,
               "shift %zu: value %a, distance %a", i, got.value, distance);
    test_check(got.lower <= distance && got.lower > 0.2, "shift %zu: lower %a", i, got.lower);
    assay_mixture_clear(&law);
  }
  assay_mixture_clear(&truth);
}

/* Samples of the truth, set after set: the mean value is the bias, and a positive lower bound is as rare as delta. */
static void judge_truth(const assay_mixture *truth, size_t bins, size_t samples, size_t sets) {
  assay_context context = quiet();
  const double delta = 0.1;
  double sum = 0.0, bias = 0.0;
  size_t wrong = 0;
  for (size_t set = 0; set < sets; set++) {
    assay_mixture_draws draws = {.mixture = truth, .seed = 1000 + set};
    assay_stream stream = assay_fast_mixture_draws(&draws, samples);
    assay_variation got;
    assert_int_equal(assay_fast_variation_cells(&got, &stream, truth, bins, delta, &context), ASSAY_OK);
    sum += got.value;
    bias = got.bias;
    wrong += got.lower > 0.0;
  }
  double mean = sum / (double)sets;
  test_check(fabs(mean - bias) <= spread(samples, sets), "mean %a, bias %a", mean, bias);
  double most = delta * (double)sets + sqrt(0.5 * (double)sets * log(1.0 / rare));
  test_check((double)wrong <= most, "%zu of %zu sets of true samples refuted", wrong, sets);
}

static void samples_of_the_truth_have_the_bias(void **state) {
  (void)state;
  assay_mixture line = mixture_of(1, 3, weights3, means3, variances3);
  judge_truth(&line, 50, 200, 1500);
  judge_truth(&line, 2, 500, 500);
  assay_mixture_clear(&line);

  const double mean[] = {-2, 1, 3, 0}, variance[] = {0.25, 1}, weight[] = {3, 1}, diagonal[] = {4, 0.09};
  assay_mixture plane = mixture_of(2, 2, weight, mean, variance);
  make_diagonal(&plane.components[1], 2, diagonal);
  judge_truth(&plane, 8, 300, 1000);
  assay_mixture_clear(&plane);
}

/* Rows at an edge, whose cell rounding of a projection leaves open, show nothing. */
static void rows_at_an_edge_show_nothing(void **state) {
  (void)state;
  assay_context context = quiet();
  enum { ROWS = 4000 };
  const double one = 1.0, mean[2] = {3.0, 0.0}, variance = 1.0, direction[2] = {1.0, 0.0};
  assay_mixture truth = mixture_of(2, 1, &one, mean, &variance);
  variation_law law;
  variation_axis axis;
  assert_int_equal(variation_law_init(&law, &truth, direction, 0, &context), ASSAY_OK);
  assert_int_equal(variation_axis_init(&axis, &law, 2, &context), ASSAY_OK);
  static double rows[ROWS][2];
  assay_stream stream = assay_stream_of(&rows[0][0], ROWS, 2);
  for (int beside = 0; beside < 2; beside++) {
    for (size_t i = 0; i < ROWS; i++) rows[i][0] = beside ? axis.edge[0] + 1e-12 : nextafter(axis.edge[0], HUGE_VAL);
    assay_variation got;
    assert_int_equal(assay_fast_variation_sliced(&got, NULL, &stream, &truth, direction, 1, 2, 0.01, &context),
                     ASSAY_OK);
    test_check(fabs(got.value - 0.5) < 1e-12, "value %a", got.value);
    test_check(beside ? got.lower > 0.45 : got.lower == 0.0, "lower %a", got.lower);
  }
  variation_axis_clear(&axis);
  variation_law_clear(&law);
  assay_mixture_clear(&truth);
}

enum { WIDE = 5 };

/* An isotropic, a diagonal and a full component; `factor` (WIDE x WIDE, lower) is a root of the full one. */
static assay_mixture wide_truth(double *factor) {
  const double mean[3 * WIDE] = {0, 1, 0, -1, 2, 3, -2, 0.5, 0, 0, -4, 0, 1, 2, -1}, variance[3] = {0.5, 1, 1};
  const double diagonal[WIDE] = {0.25, 1, 4, 0.09, 2}, weight[3] = {1, 2, 1.5};
  assay_mixture truth = mixture_of(WIDE, 3, weight, mean, variance);
  make_diagonal(&truth.components[1], WIDE, diagonal);
  make_diagonal(&truth.components[2], WIDE, diagonal);
  assay_covariance *full = &truth.components[2].covariance;
  full->kind = ASSAY_COVARIANCE_FULL;
  free(full->entries);
  full->entries = calloc((size_t)WIDE * WIDE, sizeof *full->entries);
  assert_non_null(full->entries);
  test_random random = test_random_new(73);
  for (size_t i = 0; i < WIDE; i++)
    for (size_t j = 0; j <= i; j++) factor[i * WIDE + j] = i == j ? 1.0 : test_uniform(&random, -0.7, 0.7);
  for (size_t i = 0; i < WIDE; i++)
    for (size_t j = 0; j < WIDE; j++)
      for (size_t l = 0; l <= i && l <= j; l++)
        full->entries[i * WIDE + j] += factor[(i > j ? i : j) * WIDE + l] * factor[(i > j ? j : i) * WIDE + l];
  return truth;
}

/* Rows of that mixture with its component k, moved by `shift`, from normals of this test's own. */
static void wide_rows(double *rows, size_t count, const assay_mixture *truth, const double *factor, const double *shift,
                      test_random *random) {
  for (size_t r = 0; r < count; r++) {
    double u = test_uniform(random, 0.0, 4.5), z[WIDE];
    const assay_component *component = &truth->components[u < 1.0 ? 0 : u < 3.0 ? 1 : 2];
    for (size_t i = 0; i < WIDE; i++) {
      double radius = sqrt(-2.0 * log(1.0 - test_uniform(random, 0.0, 1.0)));
      z[i] = radius * cos(6.283185307179586 * test_uniform(random, 0.0, 1.0));
    }
    for (size_t i = 0; i < WIDE; i++) {
      double y = 0.0;
      if (component->covariance.kind == ASSAY_COVARIANCE_ISOTROPIC) y = sqrt(0.5) * z[i];
      if (component->covariance.kind == ASSAY_COVARIANCE_DIAGONAL) y = sqrt(component->covariance.entries[i]) * z[i];
      for (size_t j = 0; component->covariance.kind == ASSAY_COVARIANCE_FULL && j <= i; j++)
        y += factor[i * WIDE + j] * z[j];
      rows[r * WIDE + i] = component->mean[i] + y + shift[i];
    }
  }
}

static void projections_of_any_covariance_are_measured(void **state) {
  (void)state;
  enum { ROWS = 60000, COUNT = 6 };
  assay_context context = quiet();
  test_random random = test_random_new(74);
  double factor[WIDE * WIDE] = {0}, directions[COUNT][WIDE];
  assay_mixture truth = wide_truth(factor);
  for (size_t i = 0; i < COUNT; i++)
    for (size_t c = 0; c < WIDE; c++) directions[i][c] = test_uniform(&random, -1.0, 1.0);
  double *rows = malloc((size_t)ROWS * WIDE * sizeof *rows);
  assert_non_null(rows);
  assay_stream stream = assay_stream_of(rows, ROWS, WIDE);
  const double nowhere[WIDE] = {0}, away[WIDE] = {0, 0, 0, 0, 20};
  wide_rows(rows, ROWS, &truth, factor, nowhere, &random);
  assay_variation got;
  for (size_t i = 0; i < COUNT; i++) {
    size_t best = 9;
    assert_int_equal(assay_fast_variation_sliced(&got, &best, &stream, &truth, directions[i], 1, 64, 0.01, &context),
                     ASSAY_OK);
    test_check(best == 0 && fabs(got.value - got.bias) <= spread(ROWS, 1), "direction %zu: value %a, bias %a", i,
               got.value, got.bias);
  }
  double single[COUNT];
  wide_rows(rows, ROWS, &truth, factor, away, &random);
  size_t best = 99, want = 0;
  for (size_t i = 0; i < COUNT; i++) {
    directions[i][WIDE - 1] = i == 3 ? 1.0 : 0.01 * (double)i;
    assert_int_equal(
        assay_fast_variation_sliced(&got, NULL, &stream, &truth, directions[i], 1, 64, 0.01 / COUNT, &context),
        ASSAY_OK);
    single[i] = got.lower;
    if (single[i] > single[want]) want = i;
  }
  assert_int_equal(assay_fast_variation_sliced(&got, &best, &stream, &truth, directions[0], COUNT, 64, 0.01, &context),
                   ASSAY_OK);
  test_check(want == 3 && best == want && got.lower == single[want], "best %zu, want %zu; lower %a, want %a", best,
             want, got.lower, single[want]);
  free(rows);
  assay_mixture_clear(&truth);
}

static void a_fitted_density_gives_the_distance(void **state) {
  (void)state;
  assay_context context = quiet();
  const size_t samples = 30000, drawn = 50000, sets = 40;
  const double one = 1.0, variance = 1.44, origin[WIDE] = {1, 2, 3, 4, 5}, delta = 0.1;
  double moved[WIDE];
  for (size_t i = 0; i < WIDE; i++) moved[i] = origin[i] + 1.2 * 0.8 * (i == 1 ? 0.6 : i == 4 ? -0.8 : 0.0);
  assay_mixture truth = mixture_of(WIDE, 1, &one, origin, &variance), law = mixture_of(WIDE, 1, &one, moved, &variance);
  double distance = shifted_distance(0.8), noise = sqrt(0.5 * log(2.0 / rare) * (1.0 / 30000 + 1.0 / 50000));
  assay_mixture_draws draws = {.mixture = &law, .seed = 3};
  assay_stream stream = assay_fast_mixture_draws(&draws, samples);
  assay_variation got;
  assert_int_equal(assay_fast_variation_held_out(&got, &stream, &truth, &law, drawn, 4, delta, &context), ASSAY_OK);
  test_check(fabs(got.value - distance) <= noise, "value %a, distance %a", got.value, distance);
  double chance = sqrt(0.5 * log(1.0 / delta) * (1.0 / 30000 + 1.0 / 50000));
  test_check(fabs(got.value - chance - got.lower) <= 1e-15 && got.bias == 0.0, "lower %a", got.lower);

  size_t wrong = 0;
  draws.mixture = &truth;
  stream = assay_fast_mixture_draws(&draws, 2000);
  double sum = 0.0;
  for (size_t set = 0; set < sets; set++) {
    draws.seed = 100 + set;
    assert_int_equal(assay_fast_variation_held_out(&got, &stream, &truth, &law, 2000, set, delta, &context), ASSAY_OK);
    sum += got.value;
    wrong += got.lower > 0.0;
  }
  /* a sample and a draw move the mean of all values by 1/(2000 sets) */
  test_check(fabs(sum / (double)sets) <= sqrt(0.5 * log(2.0 / rare) * 2.0 / (2000.0 * (double)sets)), "mean %a",
             sum / (double)sets);
  double most = delta * (double)sets + sqrt(0.5 * (double)sets * log(1.0 / rare));
  test_check((double)wrong <= most, "%zu of %zu sets of true samples refuted", wrong, sets);
  assay_mixture_clear(&truth);
  assay_mixture_clear(&law);
}

static void threads_do_not_matter(void **state) {
  (void)state;
  const double directions[2] = {2.0, -0.5};
  assay_mixture truth = mixture_of(1, 3, weights3, means3, variances3);
  assay_mixture fitted = mixture_of(1, 2, weights3, means3, variances3);
  assay_mixture_draws draws = {.mixture = &truth, .seed = 9};
  assay_stream stream = assay_fast_mixture_draws(&draws, 50001);
  assay_variation first[3], again[3];
  for (int threads = 1; threads <= 3; threads++) {
    assay_context context = quiet();
    context.threads = threads;
    assay_variation *got = threads == 1 ? first : again;
    memset(got, 0, sizeof first);
    assert_int_equal(assay_fast_variation_cells(&got[0], &stream, &truth, 33, 0.1, &context), ASSAY_OK);
    assert_int_equal(assay_fast_variation_sliced(&got[1], NULL, &stream, &truth, directions, 2, 33, 0.1, &context),
                     ASSAY_OK);
    assert_int_equal(assay_fast_variation_held_out(&got[2], &stream, &truth, &fitted, 9999, 1, 0.1, &context),
                     ASSAY_OK);
    if (threads > 1) assert_memory_equal(first, again, sizeof first);
  }
  test_check(fabs(first[1].value - first[0].value) < 1e-12, "along -1/2: %a, %a", first[1].value, first[0].value);
  assay_mixture_clear(&truth);
  assay_mixture_clear(&fitted);
}

#define REFUSED(call, status, text)                                                                                    \
  do {                                                                                                                 \
    assay_variation out = {-1, -2, -3}, *got = &out;                                                                   \
    assert_int_equal(call, status);                                                                                    \
    test_check(strstr(context.message, text), "%s", context.message);                                                  \
    test_check(out.value == -1 && out.bias == -2 && out.lower == -3, "outputs were touched");                          \
  } while (0)

static void what_is_out_of_its_domain_is_refused(void **state) {
  (void)state;
  assay_context context = quiet();
  double rows[6] = {0, 1, 2, 3, 4, 5}, direction[2] = {0, 0};
  const double one = 1.0, mean[3] = {0, 0, 0}, variance = 1.0;
  assay_mixture line = mixture_of(1, 1, &one, mean, &variance), plane = mixture_of(2, 1, &one, mean, &variance),
                space = mixture_of(3, 1, &one, mean, &variance);
  assay_stream six = assay_stream_of(rows, 6, 1), three = assay_stream_of(rows, 3, 2),
               two = assay_stream_of(rows, 2, 3), none = assay_stream_of(rows, 0, 1);
  REFUSED(assay_fast_variation_cells(got, &six, &line, 1, 0.1, &context), ASSAY_INVALID, "bins: 1;");
  REFUSED(assay_fast_variation_cells(got, &six, &line, 65537, 0.1, &context), ASSAY_INVALID, "bins: 65537");
  REFUSED(assay_fast_variation_cells(got, &three, &plane, 1025, 0.1, &context), ASSAY_INVALID, "bins: 1025");
  REFUSED(assay_fast_variation_cells(got, &six, &line, 4, 0.0, &context), ASSAY_INVALID, "delta: 0");
  REFUSED(assay_fast_variation_cells(got, &six, &line, 4, 1.0, &context), ASSAY_INVALID, "delta: 1");
  REFUSED(assay_fast_variation_cells(got, &none, &line, 4, 0.1, &context), ASSAY_INVALID, "samples: none");
  REFUSED(assay_fast_variation_cells(got, &three, &line, 4, 0.1, &context), ASSAY_INVALID, "2 columns");
  REFUSED(assay_fast_variation_cells(got, &two, &space, 4, 0.1, &context), ASSAY_UNSUPPORTED, "dimension: 3");
  REFUSED(assay_fast_variation_sliced(got, NULL, &three, &plane, direction, 1, 4, 0.1, &context), ASSAY_INVALID,
          "directions[0]: 0");
  REFUSED(assay_fast_variation_sliced(got, NULL, &three, &plane, direction, 0, 4, 0.1, &context), ASSAY_INVALID,
          "directions: none");
  direction[1] = NAN;
  REFUSED(assay_fast_variation_sliced(got, NULL, &three, &plane, direction, 1, 4, 0.1, &context), ASSAY_INVALID,
          "directions[0][1]: nan");
  REFUSED(assay_fast_variation_held_out(got, &six, &line, &plane, 9, 1, 0.1, &context), ASSAY_INVALID, "dimension 2");
  REFUSED(assay_fast_variation_held_out(got, &six, &line, &line, 0, 1, 0.1, &context), ASSAY_INVALID, "draws: 0");
  rows[3] = INFINITY;
  REFUSED(assay_fast_variation_cells(got, &three, &plane, 4, 0.1, &context), ASSAY_INVALID, "samples[1][1]: inf");
  REFUSED(assay_fast_variation_held_out(got, &six, &line, &line, 9, 1, 0.1, &context), ASSAY_INVALID,
          "samples[3][0]: inf");
  context.memory_cap = 1000;
  REFUSED(assay_fast_variation_cells(got, &six, &line, 512, 0.1, &context), ASSAY_MEMORY, "cap");
  context.memory_cap = 0;
  plane.components[0].covariance.kind = ASSAY_COVARIANCE_FULL;
  double full[4] = {1, 0, 0, 1};
  plane.components[0].covariance.entries = full;
  rows[3] = 0.0;
  REFUSED(assay_fast_variation_cells(got, &three, &plane, 4, 0.1, &context), ASSAY_UNSUPPORTED, "covariance: full");
  REFUSED(assay_fast_variation_held_out(got, &three, &plane, &plane, 9, 1, 0.1, &context), ASSAY_UNSUPPORTED,
          "covariance: full");
  plane.components[0].covariance.entries = NULL;
  assay_mixture_clear(&line);
  assay_mixture_clear(&plane);
  assay_mixture_clear(&space);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shifts_of_a_line_are_measured),
      cmocka_unit_test(shifts_of_a_plane_are_measured),
      cmocka_unit_test(samples_of_the_truth_have_the_bias),
      cmocka_unit_test(rows_at_an_edge_show_nothing),
      cmocka_unit_test(projections_of_any_covariance_are_measured),
      cmocka_unit_test(a_fitted_density_gives_the_distance),
      cmocka_unit_test(threads_do_not_matter),
      cmocka_unit_test(what_is_out_of_its_domain_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
