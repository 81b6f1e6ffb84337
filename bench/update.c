/* Adam's update alone of d coordinates in memory, from a slope that two given vectors make: what an epoch of adam.c
 * cannot do without. */
#include "bench/update.h"

#include "bench/sizes.h"

#include <assay/fast.h>

#include <math.h>
#include <stdlib.h>

static const bench_setting own[] = {{"isa", 0, 0}, {0}};

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, UPDATE_SIZES, own);
  size_t d = bench_value(&arguments, "d");
  update_kernel *const kernels[] = {
      [ASSAY_ISA_SSE2] = update_sse2, [ASSAY_ISA_AVX2] = update_avx2, [ASSAY_ISA_AVX512] = update_avx512};
  assay_context context = bench_context(&arguments);
  update_kernel *update = kernels[assay_fast_isa_resolve(context.isa)];
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
    double root = sqrt(1 - beta2);
    update(&x, d, 0.04 * root / (1 - beta1), 1e-8 * root);
  }
  bench_show(&arguments, "w", x.w, d);
  free(x.w);
  free(x.first);
  free(x.second);
  free(x.data);
  free(x.noisy);
  return 0;
}
