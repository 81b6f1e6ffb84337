/* Standard normals into an array. */
#include "bench/driver.h"
#include "bench/sizes.h"

#include <assay/fast.h>

#include <stdlib.h>

static const bench_setting own[] = {{"isa", 0, 0}, {"threads", 1, 1}, {0}};

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, NORMALS_SIZES, own);
  size_t rows = bench_value(&arguments, "n"), columns = bench_value(&arguments, "d");
  assay_context context = bench_context(&arguments);
  assay_normals normals = {.seed = UINT64_C(0x0123456789abcdef), .stream = 7};
  assay_stream stream = assay_fast_normals(&normals, rows, columns);
  double *out = bench_doubles(rows, columns);
  for (size_t pass = 0; pass < arguments.passes; pass++)
    bench_require(stream.read(&stream, 0, rows, 0, columns, out, columns, &context), &context);
  bench_show(&arguments, "normals", out, rows * columns);
  free(out);
  return 0;
}
