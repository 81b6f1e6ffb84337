/* The tile loops for AVX2. */
#include "fast/flow_dae/tile_loops.h"

const tile_kernel tile_kernel_avx2 = {loop_dots, loop_add_row, loop_add, loop_descend};
