#include "plain_em.h"

#include <stdlib.h>

assay_context quiet(void) {
  assay_context context;
  assay_context_init(&context);
  context.threads = 1;
  return context;
}

double *doubles(size_t count) {
  double *memory = calloc(count, sizeof *memory);
  assert_non_null(memory);
  return memory;
}

double *clustered(size_t rows, size_t n, size_t centres, double apart, test_random *random) {
  double *centre = doubles(centres * n), *x = doubles(rows * n);
  for (size_t i = 0; i < centres * n; i++) centre[i] = apart * test_normal(random);
  for (size_t r = 0; r < rows; r++) {
    size_t j = test_integer(random, 0, centres - 1);
    for (size_t c = 0; c < n; c++) x[r * n + c] = centre[j * n + c] + test_normal(random);
  }
  free(centre);
  return x;
}
