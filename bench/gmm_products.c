/* The products of gmm_learn.c's normal equations through OpenBLAS alone, block by block: at each level, for all draws,
 * P P' (p x p, one triangle) and P T' (p x n), p features and n targets. The same block serves over and over. */
#include "bench/driver.h"
#include "bench/sizes.h"

#include <assay/gmm_fast.h>

#include <cblas.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, GMM_SIZES, NULL);
  size_t n = bench_value(&arguments, "n"), p = assay_gmm_features(n, bench_value(&arguments, "degree"));
  size_t block = arguments.tiny ? 60 : 256,
         draws = GMM_LEVELS * bench_value(&arguments, "N") * bench_value(&arguments, "draws");
  double *features = bench_doubles(p, block), *targets = bench_doubles(n, block), *gram = bench_doubles(p, p);
  double *right = bench_doubles(p, n), shape[] = {(double)p, (double)n, (double)block};
  int rows = (int)p, width = (int)n, step = (int)block;
  bench_fill(features, p * block, 1);
  bench_fill(targets, n * block, 2);
  for (size_t pass = 0; pass < arguments.passes; pass++)
    for (size_t draw = 0; draw < draws; draw += block) {
      double keep = draw > 0;
      cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, rows, step, 1, features, step, keep, gram, rows);
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, width, step, 1, features, step, targets, step, keep,
                  right, width);
    }
  bench_show(&arguments, "shape", shape, 3);
  bench_show(&arguments, "features", features, p * block);
  bench_show(&arguments, "targets", targets, n * block);
  bench_show(&arguments, "gram", gram, p * p);
  bench_show(&arguments, "right", right, p * n);
  free(features);
  free(targets);
  free(gram);
  free(right);
  return 0;
}
