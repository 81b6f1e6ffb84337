/* The normals of train.c drawn and nothing else: noise and data, n x d each, in blocks of 64 columns. */
#include "bench/driver.h"
#include "bench/sizes.h"

#include <assay/fast.h>

#include <stdlib.h>

enum { BLOCK = 64 };

static const bench_setting own[] = {{"isa", 0, 0}, {0}};

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, TRAIN_SIZES, own);
  size_t n = bench_value(&arguments, "n"), d = bench_value(&arguments, "d");
  assay_context context = bench_context(&arguments);
  assay_normals normals[] = {{1, 0}, {1, 1}};
  double *block = bench_doubles(n, BLOCK), last[2] = {0};
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
