/* theory/flow_dae/growth.h: the growth of a linear Euler step under the training sets of a fluctuation. */
#ifndef ASSAY_THEORY_FLOW_DAE_GROWTH_H
#define ASSAY_THEORY_FLOW_DAE_GROWTH_H

#include "theory/flow_dae/fluctuation.h"

/* c of the label solution at t = j/steps, j < steps; finite at t = 0 too, unlike fluctuation_fit_at. */
iv growth_skip(iv_scope *s, const fluctuation *f, size_t steps, size_t j);

/* 1 + dt gamma = 1 + dt (c - 1)/alpha there, for that c. */
iv growth_factor(iv_scope *s, iv skip, iv step, size_t steps, size_t j);

#endif
