/* quick_rows.h on AVX-512. */
#include "reference/core/quick_rows_kernel.h"

const quick_rows quick_rows_avx512 = {rows_largest, rows_distance,  rows_exponentials, rows_pull,
                                      rows_leader,  rows_component, rows_bound};
