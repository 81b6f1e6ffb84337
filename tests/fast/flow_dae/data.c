/* The training set: labels, entries, and that tiles do not matter. */
#include "testing.h"

#include <assay/fast.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool same_bytes(const void *a, const void *b, size_t count) { return memcmp(a, b, count) == 0; }

static assay_context context;

static assay_dae_settings settings_of(size_t n) {
  assay_context_init(&context);
  return assay_dae_settings_of(n, assay_real_of(0.5), assay_real_of(0.1));
}

static size_t plus_labels(const assay_dae_data *data) {
  size_t plus = 0;
  for (size_t i = 0; i < data->samples; i++) {
    assert_true(data->labels[i] == 1 || data->labels[i] == -1);
    plus += data->labels[i] == 1;
  }
  return plus;
}

/* Binomial counts within six standard deviations (probability of a false alarm 2e-9); weights 0 and 1 leave no choice.
 */
static void labels(void **state) {
  (void)state;
  const double weights[] = {0, 0.2, 0.5, 0.8, 1};
  const size_t n = 20000;
  for (size_t k = 0; k < sizeof weights / sizeof *weights; k++) {
    assay_dae_settings settings = settings_of(n);
    assay_dae_data data;
    assert_int_equal(assay_fast_dae_data_init(&data, &settings, 3, weights[k], 7 + k, &context), ASSAY_OK);
    double expected = weights[k] * (double)n, deviation = sqrt(expected * (1 - weights[k]));
    test_check(fabs((double)plus_labels(&data) - expected) <= 6 * deviation, "weight %g: %zu of %zu", weights[k],
               plus_labels(&data), n);
    assay_fast_dae_data_clear(&data);
  }
}

/* x_0 is stream 0 and x_1 = s mu + sigma z with z stream 1, entry by entry, whatever rectangle is read. */
static void entries(void **state) {
  (void)state;
  enum { N = 9, D = 131 };
  assay_dae_settings settings = settings_of(N);
  settings.norm2 = assay_real_of(2.25);
  assay_dae_data data;
  assert_int_equal(assay_fast_dae_data_init(&data, &settings, D, 0.5, 77, &context), ASSAY_OK);
  const assay_normals normals[2] = {{77, 0}, {77, 1}};
  double z[2][N * D], x[2][N * D];
  for (int u = 0; u < 2; u++) {
    assay_stream stream = assay_fast_normals(&normals[u], N, D), *own = u ? &data.data : &data.noise;
    assert_int_equal(stream.read(&stream, 0, N, 0, D, z[u], D, &context), ASSAY_OK);
    assert_int_equal(own->read(own, 0, N, 0, D, x[u], D, &context), ASSAY_OK);
  }
  test_check(same_bytes(x[0], z[0], sizeof x[0]), "noise differs from its normals");
  for (size_t i = 0; i < N; i++)
    for (size_t j = 0; j < D; j++) {
      double expected = data.labels[i] * 1.5 + 0.5 * z[1][i * D + j];
      test_check(x[1][i * D + j] == expected, "row %zu column %zu: %a, not %a", i, j, x[1][i * D + j], expected);
    }
  test_random random = test_random_new(0xda7a);
  for (size_t k = 0; k < test_cases(100); k++) {
    size_t row = test_integer(&random, 0, N - 1), rows = test_integer(&random, 1, N - row);
    size_t column = test_integer(&random, 0, D - 1), columns = test_integer(&random, 1, D - column);
    double tile[N * D];
    assert_int_equal(data.data.read(&data.data, row, rows, column, columns, tile, D, &context), ASSAY_OK);
    for (size_t i = 0; i < rows; i++)
      test_check(same_bytes(tile + i * D, &x[1][(row + i) * D + column], columns * sizeof *tile),
                 "row %zu of %zu x %zu at (%zu, %zu)", i, rows, columns, row, column);
  }
  assay_fast_dae_data_clear(&data);
}

typedef struct {
  const char *field;
  assay_status status;
  double norm2, sigma, weight;
  size_t n, d;
} bad_case;

static void refusals(void **state) {
  (void)state;
  const bad_case cases[] = {{"norm2", ASSAY_UNSUPPORTED, 2, 0.5, 0.5, 4, 4},
                            {"norm2", ASSAY_INVALID, -1, 0.5, 0.5, 4, 4},
                            {"sigma", ASSAY_INVALID, 1, NAN, 0.5, 4, 4},
                            {"samples", ASSAY_INVALID, 1, 0.5, 0.5, 0, 4},
                            {"samples", ASSAY_INVALID, 1, 0.5, 0.5, ((size_t)1 << 48) + 1, 4},
                            {"dimension", ASSAY_INVALID, 1, 0.5, 0.5, 4, 0},
                            {"dimension", ASSAY_INVALID, 1, 0.5, 0.5, 4, ((size_t)1 << 48) + 1},
                            {"labels_plus_weight", ASSAY_INVALID, 1, 0.5, NAN, 4, 4},
                            {"labels_plus_weight", ASSAY_INVALID, 1, 0.5, -0.1, 4, 4},
                            {"labels_plus_weight", ASSAY_INVALID, 1, 0.5, 1.5, 4, 4}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    assay_dae_settings settings = settings_of(cases[k].n);
    settings.norm2 = assay_real_of(cases[k].norm2);
    settings.sigma = assay_real_of(cases[k].sigma);
    assay_dae_data data, before;
    memset(&data, 0x5a, sizeof data);
    memcpy(&before, &data, sizeof data);
    assay_status status = assay_fast_dae_data_init(&data, &settings, cases[k].d, cases[k].weight, 1, &context);
    test_check(status == cases[k].status, "case %zu: %s", k, assay_status_name(status));
    test_check(strstr(context.message, cases[k].field) != NULL, "case %zu: '%s'", k, context.message);
    test_check(same_bytes(&data, &before, sizeof data), "case %zu: output touched", k);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(labels), cmocka_unit_test(entries), cmocka_unit_test(refusals)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
