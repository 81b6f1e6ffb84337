/* Adam's update alone (Kingma and Ba, ICLR 2015) of d coordinates in memory, from a slope that two given vectors make:
 * what an epoch of adam.c cannot do without. */
#include "bench/sizes.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  double *w, *first, *second, *data, *noisy; /* d each */
} coordinates;

/* w's slope is (n + lambda) w + c `noisy` - `data` where all n labels are right; here n + lambda = 1 and c = 1/2. */
#ifdef __x86_64__
__attribute__((target_clones("arch=skylake-avx512", "avx2", "default")))
#endif
static void
update(const coordinates *x, size_t d, double rate, double root) {
  double *restrict w = x->w, *restrict first = x->first, *restrict second = x->second;
  const double *restrict data = x->data, *restrict noisy = x->noisy;
  for (size_t j = 0; j < d; j++) {
    double slope = w[j] + 0.5 * noisy[j] - data[j];
    first[j] = 0.9 * first[j] + (1 - 0.9) * slope;
    second[j] = 0.999 * second[j] + (1 - 0.999) * slope * slope;
    w[j] -= rate * first[j] / (sqrt(second[j]) / root + 1e-8);
  }
}

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, UPDATE_SIZES, NULL);
  size_t d = bench_value(&arguments, "d");
  coordinates x = {bench_doubles(d, 1), bench_doubles(d, 1), bench_doubles(d, 1), bench_doubles(d, 1),
                   bench_doubles(d, 1)};
  bench_fill(x.w, d, 1);
  bench_fill(x.data, d, 2);
  bench_fill(x.noisy, d, 3);
  bench_show(&arguments, "start", x.w, d);
  bench_show(&arguments, "data", x.data, d);
  bench_show(&arguments, "noisy", x.noisy, d);
  double beta1 = 1, beta2 = 1;
  for (size_t pass = 0; pass < arguments.passes; pass++) {
    beta1 *= 0.9;
    beta2 *= 0.999;
    update(&x, d, 0.04 / (1 - beta1), sqrt(1 - beta2));
  }
  bench_show(&arguments, "w", x.w, d);
  free(x.w);
  free(x.first);
  free(x.second);
  free(x.data);
  free(x.noisy);
  return 0;
}
