/* field_rows.h on SSE2. */
/* What the registers hold (field_means_kernel.h, field_metric_kernel.h). */
enum { REGISTER_LANES = 2, BLOCK_ROWS = 4, BLOCK_MEANS = 2, BLOCK_OUTPUTS = 4, BLOCK_VECTORS = 2, BLOCK_POINTS = 4 };

#include "fast/core/field_group_kernel.h"
#include "fast/core/field_means_kernel.h"
#include "fast/core/field_metric_kernel.h"

const field_rows field_rows_sse2 = {
    rows_shares, rows_products, rows_sums,    rows_weigh,   rows_centre, rows_combine,     rows_distance,
    rows_tilted, rows_finite,   rows_largest, rows_squares, rows_metric, rows_add_outputs, rows_moments,
};
