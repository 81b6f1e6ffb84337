/* SSE2: two pairs at a time. Every x86-64 machine has it. */
#include <emmintrin.h>

#define REGISTER_LANES 2
#define MULTIPLY_LOW_WORDS(a, b) ((register_bits)_mm_mul_epu32((__m128i)(a), (__m128i)(b)))
#define SQUARE_ROOT(x) ((register_reals)_mm_sqrt_pd((__m128d)(x)))
#define INTERLEAVE_LOW 0, 2
#define INTERLEAVE_HIGH 1, 3
#include "normals_kernel.h"

const assay_normals_kernel assay_normals_sse2 = {normals_run, normals_list, normals_transform};
