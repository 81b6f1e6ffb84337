/* em_rows.h on SSE2. */
#define WIDTH 2
#include "fast/gmm_diffusion/em_rows_kernel.h"

const em_rows em_rows_sse2 = {rows_weigh, rows_exponentiate, rows_moments};
