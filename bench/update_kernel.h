/* bench/update_kernel.h: the loop of update.h's kernels, which each of them compiles for its instruction set. */
#include "bench/update.h"

#include <math.h>

static void update(const coordinates *x, size_t d, double rate, double epsilon) {
  double *restrict w = x->w, *restrict first = x->first, *restrict second = x->second;
  const double *restrict data = x->data, *restrict noisy = x->noisy;
  for (size_t j = 0; j < d; j++) {
    double slope = w[j] + 0.5 * noisy[j] - data[j];
    first[j] = 0.9 * first[j] + (1 - 0.9) * slope;
    second[j] = 0.999 * second[j] + (1 - 0.999) * slope * slope;
    w[j] -= rate * first[j] / (sqrt(second[j]) + epsilon);
  }
}
