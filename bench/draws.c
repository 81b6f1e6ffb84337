/* The normals of train.c drawn and nothing else: noise and data, n = 1024 rows by d = 50000 columns each, in blocks of
 * 64 columns. */
#include "bench/driver.h"
#include "bench/sizes.h"

#include <assay/fast.h>

#include <stdlib.h>

enum { BLOCK = 64 };

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, NULL);
  size_t n = arguments.tiny ? 5 : TRAIN_SAMPLES, d = arguments.tiny ? 7 : TRAIN_DIMENSION;
  assay_context context = bench_context();
  assay_normals normals[] = {{1, 0}, {1, 1}};
  double *block = bench_doubles(n * BLOCK), last[2] = {0};
  for (size_t pass = 0; pass < arguments.passes; pass++)
    for (size_t column = 0; column < d; column += BLOCK)
      for (size_t u = 0; u < 2; u++) {
        assay_stream stream = assay_fast_normals(&normals[u], n, d);
        size_t columns = d - column < BLOCK ? d - column : BLOCK;
        bench_require(stream.read(&stream, 0, n, column, columns, block, columns, &context), &context);
        last[u] = block[n * columns - 1];
      }
  bench_show(&arguments, "last", last, 2);
  free(block);
  return 0;
}
