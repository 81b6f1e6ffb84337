/* io/mixture_json: mixtures are read as written. */
#include "io/mixture_json.h"

#include "mixture_files.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static assay_mixture read(scratch *place, const char *text) {
  assay_mixture mixture;
  assay_status status = assay_mixture_read_json(&mixture, mixture_file(place, text), &place->context);
  test_check(status == ASSAY_OK, "%s for %s", place->context.message, text);
  assert_int_equal(assay_mixture_check(&mixture, &place->context), ASSAY_OK);
  return mixture;
}

static void reads_every_kind_of_covariance(void **state) {
  assay_mixture m = read(*state, "{\"dimension\": 2, \"components\": [\n"
                                 "  {\"weight\": 0.25, \"mean\": [1, -2.5e0], \"covariance\": 0.1},\n"
                                 "  {\"mean\": [0, 0.1], \"covariance\": [4, 1e-300], \"weight\": \"1/3\"},\n"
                                 "  {\"covariance\": [[2, -0.5], [-0.5, 3]], \"weight\": 2, \"mean\": [-0, 5E-1]}]}");
  assert_true(m.dimension == 2 && m.count == 3);
  const assay_component *c = m.components;
  assert_true(c[0].weight.nearest == 0.25 && c[0].weight.exact == NULL);
  assert_true(c[0].mean[0] == 1 && c[0].mean[1] == -2.5);
  assert_true(c[0].covariance.kind == ASSAY_COVARIANCE_ISOTROPIC && c[0].covariance.variance.nearest == 0.1);
  assert_true(c[0].covariance.variance.exact == NULL && c[0].covariance.entries == NULL);
  assert_true(c[1].weight.nearest == 1.0 / 3);
  assert_string_equal(c[1].weight.exact, "1/3");
  assert_true(c[1].mean[0] == 0 && c[1].mean[1] == 0.1);
  assert_true(c[1].covariance.kind == ASSAY_COVARIANCE_DIAGONAL);
  assert_true(c[1].covariance.entries[0] == 4 && c[1].covariance.entries[1] == 1e-300);
  assert_true(c[2].weight.nearest == 2 && c[2].mean[0] == 0 && signbit(c[2].mean[0]) && c[2].mean[1] == 0.5);
  assert_true(c[2].covariance.kind == ASSAY_COVARIANCE_FULL);
  const double full[4] = {2, -0.5, -0.5, 3};
  assert_memory_equal(c[2].covariance.entries, full, sizeof full);
  assay_mixture_clear(&m);
}

static void reads_exact_strings(void **state) {
  assay_mixture m = read(*state, "{\"dimension\": 1, \"components\": ["
                                 "{\"weight\": \"0.1\", \"mean\": [3], \"covariance\": \"1e-2\"}]}");
  assert_string_equal(m.components[0].weight.exact, "0.1");
  assert_string_equal(m.components[0].covariance.variance.exact, "1e-2");
  assert_true(m.components[0].covariance.variance.nearest == 0.01);
  assay_mixture_clear(&m);
}

static void reads_binary(void **state) {
  const char *const texts[] = {"{\"binary\": {\"mean\": [1, -2, 3], \"variance\": \"1/10\"}}",
                               "{\"dimension\": 3, \"binary\": {\"variance\": \"1/10\", \"mean\": [1, -2, 3]}}"};
  for (size_t i = 0; i < 2; i++) {
    assay_mixture m = read(*state, texts[i]);
    assert_true(m.dimension == 3 && m.count == 2);
    for (size_t j = 0; j < 3; j++) assert_true(m.components[0].mean[j] == -m.components[1].mean[j]);
    assert_true(fabs(m.components[0].mean[1]) == 2);
    assert_string_equal(m.components[0].covariance.variance.exact, "1/10");
    assert_true(m.components[0].weight.nearest == m.components[1].weight.nearest);
    assay_mixture_clear(&m);
  }
}

/* Numbers keep their place whatever stands around them: digits, quotes and brackets in strings, deep in lists. */
static void numbers_keep_their_order(void **state) {
  scratch *place = *state;
  test_random random = test_random_new(6);
  for (size_t round = 0; round < test_cases(20); round++) {
    size_t d = test_integer(&random, 1, 40), count = test_integer(&random, 1, 15);
    double *means = malloc(d * count * sizeof *means);
    char *text = malloc(64 * (d + 3) * count + 256);
    assert_non_null(means);
    assert_non_null(text);
    char *end = text + sprintf(text, "{ \"components\": [");
    for (size_t k = 0; k < count; k++) {
      end += sprintf(end, "%s{\"weight\": \"%zu/7\",\r\n\t\"mean\":[", k ? "," : "", k + 1);
      for (size_t j = 0; j < d; j++) {
        means[k * d + j] = ldexp(test_normal(&random), (int)test_integer(&random, 0, 600) - 300);
        end += sprintf(end, "%s%.17g", j ? " ," : "", means[k * d + j]);
      }
      end += sprintf(end, "],\"covariance\":%zu.5e%d}", k + 1, k % 2 ? -1 : 1);
    }
    (void)sprintf(end, "], \"dimension\": %zu}\n", d);
    assay_mixture m = read(place, text);
    assert_true(m.dimension == d && m.count == count);
    for (size_t k = 0; k < count; k++) {
      assert_memory_equal(m.components[k].mean, means + k * d, d * sizeof *means);
      char weight[32], variance[32];
      (void)sprintf(weight, "%zu/7", k + 1);
      (void)sprintf(variance, "%zu.5e%d", k + 1, k % 2 ? -1 : 1);
      assert_string_equal(m.components[k].weight.exact, weight);
      assert_true(m.components[k].covariance.variance.nearest == strtod(variance, NULL));
    }
    assay_mixture_clear(&m);
    free(means);
    free(text);
  }
}

static void reads_named_arrays(void **state) {
  scratch *place = *state;
  mixture_arrays(place);
  assay_mixture m = read(place, "{\"dimension\": 2, \"components\": ["
                                "{\"weight\": 1, \"mean\": {\"npy\": \"rows.npy\", \"row\": 2}, \"covariance\": 1},"
                                "{\"weight\": 1, \"mean\": {\"npy\": \"flat.npy\"}, \"covariance\": "
                                "{\"row\": 1, \"npy\": \"rows.npy\"}},"
                                "{\"weight\": 1, \"mean\": {\"npy\": \"flat.npy\", \"row\": 0}, \"covariance\": "
                                "{\"npy\": \"square.npy\"}}]}");
  const assay_component *c = m.components;
  assert_true(c[0].mean[0] == 5 && c[0].mean[1] == 6);
  assert_true(c[1].mean[0] == 1 && c[1].mean[1] == 2);
  assert_true(c[1].covariance.kind == ASSAY_COVARIANCE_DIAGONAL);
  assert_true(c[1].covariance.entries[0] == 3 && c[1].covariance.entries[1] == 4);
  assert_true(c[2].mean[0] == 1 && c[2].mean[1] == 2);
  assert_true(c[2].covariance.kind == ASSAY_COVARIANCE_FULL);
  const double square[4] = {2, 1, 1, 3};
  assert_memory_equal(c[2].covariance.entries, square, sizeof square);
  assay_mixture_clear(&m);
  m = read(place, "{\"binary\": {\"mean\": {\"npy\": \"rows.npy\", \"row\": 1}, \"variance\": 1}}");
  assert_true(m.dimension == 2 && fabs(m.components[0].mean[1]) == 4);
  assay_mixture_clear(&m);
  char text[256];
  (void)snprintf(text, sizeof text, "{\"binary\": {\"mean\": {\"npy\": \"%s/flat.npy\"}, \"variance\": 1}}",
                 place->directory);
  m = read(place, text);
  assert_true(m.dimension == 2);
  assay_mixture_clear(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(reads_every_kind_of_covariance, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(reads_exact_strings, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(reads_binary, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(numbers_keep_their_order, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(reads_named_arrays, scratch_make, scratch_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
