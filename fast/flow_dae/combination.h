/* fast/flow_dae/combination.h: sums of the rows of a stream. */
#ifndef ASSAY_FAST_FLOW_DAE_COMBINATION_H
#define ASSAY_FAST_FLOW_DAE_COMBINATION_H

#include <assay/model.h>

/* out (count x d) = weights (count x rows) times the stream's rows. `held`: bytes the caller holds. */
assay_status dae_combine(double *out, size_t count, const double *weights, const assay_stream *rows, size_t held,
                         assay_context *context);

/* out (rows x d): the stream's rows themselves. */
assay_status dae_copy_rows(double *out, const assay_stream *rows, size_t held, assay_context *context);

#endif
