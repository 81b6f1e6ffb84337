/* fast/flow_dae/products.h: products between the rows of two streams, by blocks of columns. */
#ifndef ASSAY_FAST_FLOW_DAE_PRODUCTS_H
#define ASSAY_FAST_FLOW_DAE_PRODUCTS_H

#include <assay/model.h>

/* out (left rows x right rows): <left_l, right_r>/d over the d columns both have. squares: NULL, or |left_l|^2/d.
 * `held`: bytes the caller holds, counted against the cap. */
assay_status dae_products(double *out, double *squares, const assay_stream *left, const assay_stream *right,
                          size_t held, assay_context *context);

#endif
