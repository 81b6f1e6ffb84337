/* theory/successes.h: what a number of successes in independent trials says of their probability. Exact
 * binomial tails, each decision by an interval on the safe side. */
#ifndef ASSAY_THEORY_SUCCESSES_H
#define ASSAY_THEORY_SUCCESSES_H

#include "reference/core/interval.h"

/* P(X < count), X ~ Binomial(trials, p), 0 < p < 1, count <= trials + 1. */
iv successes_below(iv_scope *s, size_t trials, size_t count, iv p);

/* k <= trials with P(X < k) <= delta whenever a trial succeeds with probability p or more: the largest, but for one
 * that 128 bits cannot tell. */
size_t successes_least(size_t trials, assay_real p, double delta);

/* The lower end of Clopper and Pearson's interval: a multiple p of 2^-10 with P(X >= count) <= delta whenever a trial
 * succeeds with probability p or less, the largest such; 0 when there is none. */
double successes_proved(size_t trials, size_t count, double delta);

#endif
