/* fast/core/gram_sum.h: sums of products of columns, block after block. */
#ifndef ASSAY_FAST_CORE_GRAM_SUM_H
#define ASSAY_FAST_CORE_GRAM_SUM_H

#include <assay/model.h>

/* gram (d x d) += z' z, z rows x d. The same bits for any number of threads. Each entry's error in a sum over N rows in
 * all, however cut into blocks, is at most gamma_N sum |z_i z_j|. */
assay_status gram_add(double *gram, const double *z, size_t rows, size_t d, assay_context *context);

#endif
