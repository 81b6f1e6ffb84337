/* The tile loops for SSE2. */
#define REGISTER_LANES 2
#include "fast/flow_dae/tile_loops.h"

const tile_kernel tile_kernel_sse2 = {loop_dots, loop_pair_dots, loop_add_rows, loop_place, loop_add, loop_descend};
