/* field_rows.h on SSE2. */
#include "fast/core/field_rows_kernel.h"

const field_rows field_rows_sse2 = {
    rows_centre,  rows_combine, rows_distance,   rows_tilted,  rows_largest,
    rows_squares, rows_metric,  rows_add_output, rows_moments,
};
