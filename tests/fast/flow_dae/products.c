/* Products between rows of streams, sums of rows, and coordinates from a Gram matrix, against plain loops. */
#include "fast/flow_dae/products.h"
#include "fast/flow_dae/combination.h"
#include "fast/flow_dae/subspace.h"
#include "testing.h"

#include <math.h>
#include <stdlib.h>

static double *normals(test_random *random, size_t count) {
  double *out = calloc(count, sizeof *out);
  for (size_t k = 0; k < count; k++) out[k] = test_normal(random);
  return out;
}

static double dot(const double *a, const double *b, size_t length) {
  double sum = 0;
  for (size_t k = 0; k < length; k++) sum += a[k] * b[k];
  return sum;
}

/* Both sums of d terms are within d 2^-53 sum |terms| of the exact one, whatever their order: 2 d 2^-53 |a| |b|. */
static void check_products(size_t left, size_t right, size_t d, test_random *random) {
  assay_context context;
  assay_context_init(&context);
  double *a = normals(random, left * d), *b = normals(random, right * d);
  double *out = malloc((left * right + left + left * d) * sizeof *out);
  double *squares = out + left * right, *sums = squares + left;
  assay_stream rows = assay_stream_of(a, left, d), others = assay_stream_of(b, right, d);
  assert_int_equal(dae_products(out, squares, &rows, &others, 0, &context), ASSAY_OK);
  for (size_t i = 0; i < left; i++) {
    double own = dot(a + i * d, a + i * d, d);
    test_check(fabs(squares[i] - own / (double)d) <= 0x1p-51 * own, "%zu x %zu x %zu: square %zu: %a", left, right, d,
               i, squares[i]);
    for (size_t r = 0; r < right; r++) {
      double expected = dot(a + i * d, b + r * d, d) / (double)d;
      double bound = 0x1p-51 * sqrt(own * dot(b + r * d, b + r * d, d));
      test_check(fabs(out[i * right + r] - expected) <= bound, "%zu x %zu x %zu: %zu %zu: %a, not %a", left, right, d,
                 i, r, out[i * right + r], expected);
    }
  }
  assert_int_equal(dae_combine(sums, left, out, &others, 0, &context), ASSAY_OK);
  for (size_t i = 0; i < left; i++)
    for (size_t k = 0; k < d; k++) {
      double expected = 0, size = 0;
      for (size_t r = 0; r < right; r++) {
        expected += out[i * right + r] * b[r * d + k];
        size += fabs(out[i * right + r] * b[r * d + k]);
      }
      test_check(fabs(sums[i * d + k] - expected) <= 0x1p-52 * (double)right * size, "%zu x %zu x %zu: sum %zu %zu",
                 left, right, d, i, k);
    }
  assert_int_equal(dae_copy_rows(sums, &rows, 0, &context), ASSAY_OK);
  for (size_t k = 0; k < left * d; k++) test_check(sums[k] == a[k], "copy %zu", k);
  free(a), free(b), free(out);
}

static void products(void **state) {
  (void)state;
  test_random random = test_random_new(0x9d);
  const size_t shapes[][3] = {{1, 1, 1}, {3, 5, 7}, {1, 9, 1500}, {513, 2, 600}, {1100, 3, 20}, {7, 40, 4099}};
  for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
    check_products(shapes[k][0], shapes[k][1], shapes[k][2], &random);
}

/* Rows of rank at most `rank` in as many dimensions: coordinates reproduce the products, places are what combine makes,
 * and what lies outside is dropped. Cholesky's backward error (m + 1) 2^-53 |v| |v'|, times the condition of the rows
 * chosen, which is below 1e3 for random ones at these sizes. */
static void coordinates(void **state) {
  (void)state;
  test_random random = test_random_new(0x5b);
  for (size_t trial = 0; trial < test_cases(50); trial++) {
    size_t rows = test_integer(&random, 1, 12), d = test_integer(&random, 1, 9);
    assay_context context;
    assay_context_init(&context);
    double *v = normals(&random, rows * d), gram[144] = {0}, at[12] = {0}, weights[12] = {0}, x[9] = {0}, got[9] = {0},
           with[12] = {0};
    if (rows > 2)
      for (size_t k = 0; k < d; k++) v[k] = 0; /* a row of zeros */
    for (size_t b = 0; b < rows * rows; b++) gram[b] = dot(v + b / rows * d, v + b % rows * d, d);
    dae_subspace span;
    assert_int_equal(dae_subspace_init(&span, gram, rows, &context), ASSAY_OK);
    size_t rank = rows > 2 ? rows - 1 : rows;
    test_check(span.rank == (rank < d ? rank : d), "%zu rows in %zu dimensions: rank %zu", rows, d, span.rank);
    for (size_t b = 0; b < rows * rows; b++) {
      double product = dot(span.coordinates + b / rows * span.rank, span.coordinates + b % rows * span.rank, span.rank);
      test_check(fabs(product - gram[b]) < 1e-12, "product %zu: %a, not %a", b, product, gram[b]);
    }
    for (size_t k = 0; k < d; k++) x[k] = test_normal(&random);
    for (size_t b = 0; b < rows; b++) with[b] = dot(v + b * d, x, d);
    dae_subspace_place(at, &span, with);
    dae_subspace_combine(weights, &span, at);
    for (size_t b = 0; b < rows; b++)
      for (size_t k = 0; k < d; k++) got[k] += weights[b] * v[b * d + k];
    /* the rest is orthogonal to every row, and shorter than x by the coordinates */
    for (size_t k = 0; k < d; k++) x[k] -= got[k];
    for (size_t b = 0; b < rows; b++)
      test_check(fabs(dot(v + b * d, x, d)) < 1e-9, "%zu rows in %zu dimensions: rest along %zu: %a", rows, d, b,
                 dot(v + b * d, x, d));
    test_check(fabs(dot(got, got, d) - dot(at, at, span.rank)) < 1e-9, "length %a", dot(at, at, span.rank));
    dae_subspace_clear(&span);
    free(v);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(products), cmocka_unit_test(coordinates)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
