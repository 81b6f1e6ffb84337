/* reference/core/quick_rows.h: the loops of a quick field over the coordinates of one point, compiled once per
 * instruction set. Every one of them gives the same bits: operations are the same, in the same order, and the errors of
 * products exact with a fused multiply-add or without (dd.h), unless a product lies below 2^-960: then within Q1's
 * floor. Steps: docs/quick-field-bound.md. */
#ifndef ASSAY_REFERENCE_CORE_QUICK_ROWS_H
#define ASSAY_REFERENCE_CORE_QUICK_ROWS_H

#include "reference/core/quick_field_point.h"

struct quick_rows {
  /* largest |x_j| */
  double (*largest)(const double *x, size_t padded);
  /* sum_j (x_j - beta m_j)^2/V_j (Q4) */
  dd (*distance)(const quick_component *component, const double *x, size_t padded);
  /* exp of `count` pairs in place; arrays of whole vectors, their rest any numbers between -600 and 600 */
  void (*exponentials)(double *high, double *low, size_t count);
  /* g of the leader into work->pull_* (Q7) */
  void (*pull)(quick_work *work, const quick_plan *plan);
  /* F m + (a s + b) g of the leader into work->high, low, size, bound (Q7) */
  void (*leader)(quick_work *work, const quick_plan *plan);
  /* p_k T chi_k added to them (Q8) */
  void (*component)(quick_work *work, const quick_plan *plan, size_t k);
  /* work->bound as it is given out: sums and `faint` counted in, exact zeros found (Q8) */
  void (*bound)(quick_work *work, const quick_plan *plan, double sums, double faint);
};

extern const quick_rows quick_rows_sse2, quick_rows_avx2, quick_rows_avx512;

#endif
