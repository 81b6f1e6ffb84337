/* The matrix products that fields take (field.c), through OpenBLAS alone, tile by tile, from N x d points in memory to
 * N x d numbers. Isotropic: x M' (tile x k) and W M (tile x d). Diagonal, what squares of differences, expanded, would
 * take: x M', x^2 R', W M and W R. Full: for each component three products with a d x d matrix, one for its squares and
 * two for its sum. */
#include "bench/driver.h"
#include "bench/sizes.h"

#include <cblas.h>
#include <stdlib.h>

typedef struct {
  int tile, count, d;
  size_t points, pairs; /* isotropic, diagonal: pairs of products; full: 0 */
} product_shape;

/* The library's tiles, and the pairs. */
static const int tiles[] = {128, 128, 64};
static const size_t pairs[] = {1, 2, 0};

static product_shape shape_of(const bench_arguments *arguments) {
  return (product_shape){.tile = arguments->tiny ? 2 : tiles[arguments->variant],
                         .count = (int)bench_value(arguments, "k"),
                         .d = (int)bench_value(arguments, "d"),
                         .points = bench_value(arguments, "N"),
                         .pairs = pairs[arguments->variant]};
}

static void with_means(const product_shape *s, double *out, double *weights, const double *x, const double *a) {
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, s->tile, s->count, s->d, 1, x, s->d, a, s->d, 0, weights,
              s->count);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, s->tile, s->d, s->count, 1, weights, s->count, a, s->d, 0, out,
              s->d);
}

static void with_square(const product_shape *s, double *out, const double *x, const double *a) {
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, s->tile, s->d, s->d, 1, x, s->d, a, s->d, 0, out, s->d);
}

/* a: `pairs` matrices k x d, or k matrices d x d. What remains in `out` is the last pair's x A' A, or the last
 * component's x A' A'. */
static void run_tile(const product_shape *s, double *out, double *scratch, const double *x, const double *a) {
  size_t d = (size_t)s->d, count = (size_t)s->count;
  for (size_t pair = 0; pair < s->pairs; pair++) with_means(s, out, scratch, x, a + pair * count * d);
  for (size_t k = 0; k < count && s->pairs == 0; k++) {
    const double *square = a + k * d * d;
    with_square(s, scratch, x, square);
    with_square(s, scratch, x, square);
    with_square(s, out, scratch, square);
  }
}

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, FIELD_SIZES, NULL);
  product_shape shape = shape_of(&arguments), *s = &shape;
  size_t tile = (size_t)s->tile, d = (size_t)s->d, rows = (s->points + tile - 1) / tile * tile;
  size_t each = (size_t)s->count * d, matrices = s->pairs ? s->pairs * each : each * d;
  double *x = bench_doubles(rows, d), *out = bench_doubles(rows, d);
  double *a = bench_doubles(each, s->pairs ? s->pairs : d);
  double *scratch = bench_doubles(tile, d + (size_t)s->count), numbers[] = {s->count, s->d, (double)s->pairs};
  bench_fill(x, rows * d, 0);
  bench_fill(a, matrices, 1);
  for (size_t pass = 0; pass < arguments.passes; pass++)
    for (size_t row = 0; row < rows; row += tile) run_tile(s, out + row * d, scratch, x + row * d, a);
  if (arguments.tiny) {
    bench_show(&arguments, "shape", numbers, 3);
    bench_show(&arguments, "x", x, rows * d);
    bench_show(&arguments, "a", a, matrices);
  }
  bench_show(&arguments, "out", out, rows * d);
  free(x);
  free(out);
  free(a);
  free(scratch);
  return 0;
}
