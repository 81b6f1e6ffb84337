/* The tile loops for SSE2. */
#include "fast/flow_dae/tile_loops.h"

const tile_kernel tile_kernel_sse2 = {loop_dots, loop_add_row, loop_add, loop_descend};
