#include "fast/flow_dae/adam_step_loop.h"

void adam_step_avx2(double out[STEP_NUMBERS], double *w, double *m, double *v, const double *sum_t, const double *sum_1,
                    const adam_move *move, size_t stride) {
  step_loop(out, w, m, v, sum_t, sum_1, move, stride);
}
