/* The Bayes-optimal error of denoising (flow-dae B3) by certified quadrature, |mu|^2 = 9, sigma = 1/2, t = 1/2. */
#include "bench/enclosure.h"
#include "bench/sizes.h"

#include <assay/reference.h>

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, BAYES_SIZES, NULL);
  assay_context context = bench_context(&arguments);
  assay_path_point at = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0.5));
  long bits = (long)bench_value(&arguments, "bits");
  mpfi_ptr out = NULL;
  bench_require(assay_enclosures_init(&out, 1, &context), &context);
  for (size_t pass = 0; pass < arguments.passes; pass++)
    bench_require(assay_reference_bayes_denoising(out, 2, assay_real_of(9), assay_real_of(0.5), &at, bits, &context),
                  &context);
  bench_show_enclosures(&arguments, out, 1);
  assay_enclosures_clear(out, 1);
  mpfr_free_cache();
  return 0;
}
