/* Two matrix products of samples.c through OpenBLAS alone, tile by tile: x M' (tile x k), which labels take, and x' x
 * (d x d, one triangle), which directions take. */
#include "bench/sizes.h"

#include <cblas.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, SAMPLES_SIZES, NULL);
  size_t k = bench_value(&arguments, "k"), d = bench_value(&arguments, "d"), tile = arguments.tiny ? 3 : 256;
  size_t rows = (bench_value(&arguments, "N") + tile - 1) / tile * tile;
  int step = (int)tile, means = (int)k, width = (int)d;
  double *x = bench_doubles(rows, d), *m = bench_doubles(k, d), *with = bench_doubles(tile, k);
  double *square = bench_doubles(d, d), shape[] = {(double)k, (double)d, (double)tile};
  bench_fill(x, rows * d, 1);
  bench_fill(m, k * d, 2);
  for (size_t pass = 0; pass < arguments.passes; pass++)
    for (size_t row = 0; row < rows; row += tile) {
      const double *at = x + row * d;
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, step, means, width, 1, at, width, m, width, 0, with, means);
      cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, width, step, 1, at, width, row > 0, square, width);
    }
  bench_show(&arguments, "shape", shape, 3);
  bench_show(&arguments, "x", x, rows * d);
  bench_show(&arguments, "m", m, k * d);
  bench_show(&arguments, "with", with, tile * k);
  bench_show(&arguments, "square", square, d * d);
  free(x);
  free(m);
  free(with);
  free(square);
  return 0;
}
