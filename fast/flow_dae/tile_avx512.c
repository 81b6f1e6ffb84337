/* The tile loops for AVX-512. */
#define REGISTER_LANES 8
#include "fast/flow_dae/tile_loops.h"

const tile_kernel tile_kernel_avx512 = {loop_dots, loop_pair_dots, loop_add_rows, loop_place, loop_add, loop_descend};
