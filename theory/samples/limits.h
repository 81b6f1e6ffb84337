/* theory/samples/limits.h: where statistics become significant, for reports: decisions are taken on tails.h itself. */
#ifndef ASSAY_THEORY_SAMPLES_LIMITS_H
#define ASSAY_THEORY_SAMPLES_LIMITS_H

#include <stdint.h>

/* Rates of successes between which a two-sided test at level `share` passes. */
void limits_binomial(double *low, double *high, uint64_t trials, double p, double share);

/* The same for chi^2_nu, as ratios to nu; and the one-sided upper limit, itself. */
void limits_chi2(double *low, double *high, uint64_t nu, double share);
double limits_chi2_upper(uint64_t nu, double share);

/* |N(0, 1)| */
double limits_normal(double share);

/* The largest rate q for which `seen` or more of `trials` have at most probability `share`: the lower end of Clopper
 * and Pearson's interval, certain. */
double limits_rate_below(uint64_t trials, uint64_t seen, double share);

#endif
