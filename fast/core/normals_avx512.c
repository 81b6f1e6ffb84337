/* AVX-512 (the foundation subset): eight pairs at a time. */
#include <immintrin.h>

#define REGISTER_LANES 8
#define MULTIPLY_LOW_WORDS(a, b) ((register_bits)_mm512_mul_epu32((__m512i)(a), (__m512i)(b)))
#define SQUARE_ROOT(x) ((register_reals)_mm512_sqrt_pd((__m512d)(x)))
#define INTERLEAVE_LOW 0, 8, 1, 9, 2, 10, 3, 11
#define INTERLEAVE_HIGH 4, 12, 5, 13, 6, 14, 7, 15
#include "normals_kernel.h"

const assay_normals_kernel assay_normals_avx512 = {normals_run, normals_list, normals_transform};
