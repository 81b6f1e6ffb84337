/* reference/core/line_panel.h: how far the components' guesses of x_1 lie apart, integrated over x_t.
 *
 * Given x, component k guesses f_k(x) = E[x_1 | x_t = x, k], affine in x, and holds q_k(x) = w_k N(x; M_k, V_k). What
 * not knowing k costs is the spread
 *   G(x) = sum_k q_k (f_k - f)^2,  f = sum q_k f_k/sum q_k. */
#ifndef ASSAY_REFERENCE_CORE_LINE_PANEL_H
#define ASSAY_REFERENCE_CORE_LINE_PANEL_H

#include "reference/core/line_problem.h"

/* A component seen from a panel's middle. */
typedef struct {
  iv offset, pull; /* x - M_k, (x - M_k)/V_k */
  iv height;       /* log(sqrt(2 pi) q_k) */
  iv guess, slope; /* f_k - f_r and its derivative, r the panel's reference */
} line_view;

enum { LINE_SERIES = 4 };

/* What all panels of one working precision share; line_spread_init sets the second half. */
typedef struct {
  iv_scope *s, *rough; /* of the working precision; of few bits, for bounds */
  size_t count;
  const line_component *component; /* count */
  iv alpha2, beta;
  iv tolerance;    /* a panel may err by this much */
  long most_terms; /* of a panel's series */

  line_view *view;               /* count */
  bool *kept;                    /* count */
  mpfi_ptr *series[LINE_SERIES]; /* most_terms each */
} line_spread;

/* Memory for panels, from what the caller set. */
assay_status line_spread_init(line_spread *l, assay_context *context);
void line_spread_clear(line_spread *l);

/* Adds int G over [at, at + 2^size] to `sum`, off by at most the tolerance and rounding; false, with `sum` as it was,
 * where the panel is too wide for that. */
bool line_panel_add(mpfi_ptr sum, const line_spread *l, iv at, long size);

/* >= int G over |x| >= cut; infinite unless `cut` is beyond all means. */
iv line_spread_beyond(const line_spread *l, iv cut);

#endif
