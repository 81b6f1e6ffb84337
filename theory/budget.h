/* theory/budget.h: an error budget as a whole: its rules and its sums. */
#ifndef ASSAY_THEORY_BUDGET_H
#define ASSAY_THEORY_BUDGET_H

#include <assay/theory.h>

/* The first rule a term breaks (bound >= 0, delta in [0, 1), a quantile spends delta, a reason is given) and its index;
 * NULL when all keep them. */
const char *assay_budget_broken_rule(size_t *at, const assay_budget_term *terms, size_t count);

/* Sums of the bounds and of the deltas, rounded up once. No terms: 0. */
double assay_budget_bound(const assay_budget_term *terms, size_t count);
double assay_budget_delta(const assay_budget_term *terms, size_t count);

#endif
