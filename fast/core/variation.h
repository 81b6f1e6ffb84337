/* fast/core/variation.h: cells of lines under a known mixture, and what counts of samples in cells say about total
 * variation. */
#ifndef ASSAY_FAST_CORE_VARIATION_H
#define ASSAY_FAST_CORE_VARIATION_H

#include <assay/variation.h>

/* A mixture on a line, and what rounding may have done to it. */
typedef struct {
  size_t count;
  double *weight, *mean, *deviation;    /* weights sum to 1 */
  double *mean_error, *deviation_error; /* absolute; relative */
} variation_law;

/* A line cut at bins - 1 edges that rise; cell c holds y with `c` edges at or below it. */
typedef struct {
  size_t bins, count;
  double *edge;      /* bins - 1 */
  double *mass;      /* count x bins: of each component in each cell */
  double edge_error; /* bound of the error of the mixture's mass on one side of any edge */
} variation_axis;

/* Edges near the law's quantiles c/bins. */
assay_status variation_axis_init(variation_axis *out, const variation_law *law, size_t bins, assay_context *context);
void variation_axis_clear(variation_axis *axis);

/* The cell of y. *doubtful: an edge lies within `error` of it. */
size_t variation_cell(const variation_axis *axis, double y, double error, bool *doubtful);

/* From counts of N samples in cells of known mass. `doubt`: the part of V that rounding may have added. */
assay_variation variation_of_counts(const uint64_t *count, const double *mass, size_t cells, uint64_t samples,
                                    double doubt, double delta);

/* Half the sum of E|X_c/N - p_c|, X_c binomial(N, p_c). */
double variation_bias(const double *mass, size_t cells, uint64_t samples);

/* The law of <u, x> under the mixture; u (n) is `direction`, NULL for the coordinate `index`. */
assay_status variation_law_init(variation_law *out, const assay_mixture *mixture, const double *direction, size_t index,
                                assay_context *context);
void variation_law_clear(variation_law *law);

/* What every estimator asks of its arguments. */
assay_status variation_check(const assay_stream *samples, const assay_mixture *truth, double delta,
                             assay_context *context);

/* Rows first, ..., first + rows - 1 into out (rows x n); ASSAY_INVALID names an entry that is not finite. */
assay_status variation_read(double *out, const assay_stream *samples, size_t first, size_t rows,
                            assay_context *context);

#endif
