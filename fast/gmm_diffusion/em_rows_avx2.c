/* em_rows.h on AVX2. */
#define WIDTH 4
#include "fast/gmm_diffusion/em_rows_kernel.h"

const em_rows em_rows_avx2 = {rows_weigh, rows_exponentiate, rows_moments};
