/* The tile loops for AVX2. */
#define REGISTER_LANES 4
#include "fast/flow_dae/tile_loops.h"

const tile_kernel tile_kernel_avx2 = {loop_dots, loop_pair_dots, loop_add_rows, loop_place, loop_add, loop_descend};
