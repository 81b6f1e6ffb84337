/* Draws from a mixture: each row is its component's mean and its normals, scaled; components have their weights. */
#include "mixtures.h"
#include "testing.h"

#include <assay/fast.h>
#include <assay/variation.h>

#include <math.h>

static void draws_are_a_pure_function_with_the_mixtures_law(void **state) {
  (void)state;
  enum { ROWS = 20000, COLUMNS = 3 };
  assay_context context = quiet();
  const double weight[] = {1, 6, 3}, mean[] = {0, 0, 0, 100, -100, 0, 0, 50, 100}, variance[] = {1, 4, 0.25};
  const double diagonal[] = {1, 9, 0.01};
  assay_mixture mixture = mixture_of(COLUMNS, 3, weight, mean, variance);
  make_diagonal(&mixture.components[2], COLUMNS, diagonal);
  assay_mixture_draws draws = {.mixture = &mixture, .seed = 12, .stream = 7};
  assay_stream stream = assay_fast_mixture_draws(&draws, ROWS);
  static double all[ROWS][COLUMNS], normals[ROWS][COLUMNS], part[50][2];
  assert_int_equal(stream.read(&stream, 0, ROWS, 0, COLUMNS, all[0], COLUMNS, &context), ASSAY_OK);
  assay_normals noise = {12, 7};
  assay_stream normal = assay_fast_normals(&noise, ROWS, COLUMNS);
  assert_int_equal(normal.read(&normal, 0, ROWS, 0, COLUMNS, normals[0], COLUMNS, &context), ASSAY_OK);
  size_t counts[3] = {0};
  for (size_t r = 0; r < ROWS; r++) {
    size_t k = all[r][2] > 90.0 ? 2 : all[r][0] > 50.0 ? 1 : 0;
    for (size_t c = 0; c < COLUMNS; c++) {
      double deviation = sqrt(k == 2 ? diagonal[c] : variance[k]);
      test_check(all[r][c] == mean[3 * k + c] + deviation * normals[r][c], "row %zu, column %zu: %a", r, c, all[r][c]);
    }
    counts[k]++;
  }
  for (size_t k = 0; k < 3; k++) { /* Hoeffding, chance 1e-9 */
    double share = (double)counts[k] / ROWS, want = weight[k] / 10.0;
    test_check(fabs(share - want) <= sqrt(log(2e9) / (2.0 * ROWS)), "component %zu: %g of the rows", k, share);
  }
  assert_int_equal(stream.read(&stream, 777, 50, 1, 2, part[0], 2, &context), ASSAY_OK);
  for (size_t r = 0; r < 50; r++) assert_memory_equal(part[r], &all[777 + r][1], sizeof part[r]);
  assay_mixture_clear(&mixture);
}

static void full_covariances_are_refused(void **state) {
  (void)state;
  assay_context context = quiet();
  const double one = 1.0, mean[1] = {0.0};
  double variance[1] = {2.0}, out[1] = {-1.0};
  assay_mixture mixture = mixture_of(1, 1, &one, mean, &one);
  make_diagonal(&mixture.components[0], 1, variance);
  mixture.components[0].covariance.kind = ASSAY_COVARIANCE_FULL;
  assay_mixture_draws draws = {.mixture = &mixture, .seed = 1};
  assay_stream stream = assay_fast_mixture_draws(&draws, 10);
  assert_int_equal(stream.read(&stream, 0, 1, 0, 1, out, 1, &context), ASSAY_UNSUPPORTED);
  assert_string_equal(context.message, "components[0].covariance: full; draws need it isotropic or diagonal");
  test_check(out[0] == -1.0, "outputs were touched");
  assay_mixture_clear(&mixture);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(draws_are_a_pure_function_with_the_mixtures_law),
      cmocka_unit_test(full_covariances_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
