/* theory/engine.h: from evidence to a verdict. */
#ifndef ASSAY_THEORY_ENGINE_H
#define ASSAY_THEORY_ENGINE_H

#include <assay/theory.h>

/* Sets verdict, reason, resolution and decisive from claim, control, items and count. `failure`: NULL, or the message
 * with which gathering ended early: then the verdict is REFUTED or UNDECIDED. */
void assay_judge(assay_result *result, const char *failure);

#endif
