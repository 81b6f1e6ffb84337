/* em_rows.h on AVX-512. */
#define WIDTH 8
#include "fast/gmm_diffusion/em_rows_kernel.h"

const em_rows em_rows_avx512 = {rows_weigh, rows_exponentiate, rows_moments};
