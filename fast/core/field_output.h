/* fast/core/field_output.h: what a quantity makes of one component, whatever its covariance (S1 of
 * docs/fast-field-bound.md). */
#ifndef ASSAY_FAST_CORE_FIELD_OUTPUT_H
#define ASSAY_FAST_CORE_FIELD_OUTPUT_H

#include "fast/core/schedule.h"

/* h_k = A_k (x - beta m_k) + keep m_k with A_k = (of_covariance S_k + of_identity I) V_k^{-1}, and
 * keep I - beta A_k = tau V_k^{-1}. All 0 for the log-density. */
typedef struct {
  ball keep, tau, of_covariance, of_identity;
} field_output;

field_output field_output_of(assay_quantity quantity, const schedule_coefficients *at);

#endif
