/* theory/registry.h: the rules that papers' declarations obey. */
#ifndef ASSAY_THEORY_REGISTRY_H
#define ASSAY_THEORY_REGISTRY_H

#include <assay/theory.h>

/* Every claim has its texts, an id "key/name" that no other claim has, and comparisons at each level; else
 * ASSAY_INTERNAL. `papers` ends with NULL. */
assay_status assay_papers_check(const assay_paper *const *papers, assay_context *context);

/* The paper that owns this figure; NULL when none does. */
const assay_paper *assay_papers_find_figure(const assay_paper *const *papers, const assay_figure *figure);

#endif
