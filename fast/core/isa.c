#include <assay/fast.h>

const char *assay_fast_isa_name(assay_isa isa) {
  switch (isa) {
  case ASSAY_ISA_BEST:
    return "best";
  case ASSAY_ISA_SSE2:
    return "sse2";
  case ASSAY_ISA_AVX2:
    return "avx2";
  case ASSAY_ISA_AVX512:
    return "avx512";
  }
  return "unknown";
}

assay_isa assay_fast_isa_resolve(assay_isa isa) {
  bool any = isa == ASSAY_ISA_BEST;
  if ((any || isa == ASSAY_ISA_AVX512) && __builtin_cpu_supports("avx512f")) return ASSAY_ISA_AVX512;
  if ((any || isa == ASSAY_ISA_AVX512 || isa == ASSAY_ISA_AVX2) && __builtin_cpu_supports("avx2"))
    return ASSAY_ISA_AVX2;
  return ASSAY_ISA_SSE2;
}
