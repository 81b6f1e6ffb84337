/* quick_rows.h on AVX2. */
#include "reference/core/quick_rows_kernel.h"

const quick_rows quick_rows_avx2 = {rows_largest, rows_distance,  rows_exponentials, rows_pull,
                                    rows_leader,  rows_component, rows_bound};
