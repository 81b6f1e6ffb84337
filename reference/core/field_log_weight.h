/* reference/core/field_log_weight.h: log-weights of components in general problems. */
#ifndef ASSAY_REFERENCE_CORE_FIELD_LOG_WEIGHT_H
#define ASSAY_REFERENCE_CORE_FIELD_LOG_WEIGHT_H

#include "reference/core/field_weights.h"

/* log w_k - 1/2 log det V_k - 1/2 (x - beta m_k)^T V_k^{-1} (x - beta m_k), owned by the scope of the table at that
 * level; NaN where the level's precision does not suffice. */
iv field_log_weight(field_weights *weights, size_t level, size_t k);

#endif
