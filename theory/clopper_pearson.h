/* theory/clopper_pearson.h: what a count of successes says about their rate. */
#ifndef ASSAY_THEORY_CLOPPER_PEARSON_H
#define ASSAY_THEORY_CLOPPER_PEARSON_H

#include <assay/theory.h>

/* Clopper and Pearson's interval for a rate of which `seen` in `of` were seen, covering with probability at least
 * 95 %. */
assay_rate assay_rate_of(size_t seen, size_t of);

#endif
