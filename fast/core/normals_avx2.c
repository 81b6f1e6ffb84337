/* AVX2: four pairs at a time. */
#include <immintrin.h>

#define REGISTER_LANES 4
#define MULTIPLY_LOW_WORDS(a, b) ((register_bits)_mm256_mul_epu32((__m256i)(a), (__m256i)(b)))
#define SQUARE_ROOT(x) ((register_reals)_mm256_sqrt_pd((__m256d)(x)))
#define INTERLEAVE_LOW 0, 4, 1, 5
#define INTERLEAVE_HIGH 2, 6, 3, 7
#include "normals_kernel.h"

const assay_normals_kernel assay_normals_avx2 = {normals_run, normals_list, normals_transform};
