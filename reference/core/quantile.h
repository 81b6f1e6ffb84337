/* reference/core/quantile.h: quantiles for error budgets, always on the safe side.
 *
 * Every function returns a double that proves its inequality by directed rounding, and lies close to the best one; NaN
 * when p is not in (0, 1) or a count is 0. */
#ifndef ASSAY_REFERENCE_CORE_QUANTILE_H
#define ASSAY_REFERENCE_CORE_QUANTILE_H

#include <stdint.h>

/* z with P(N(0, 1) > z) <= p. */
double quantile_normal_upper(double p);

/* x with P(chi^2_nu >= x) <= p, and x >= 0 with P(chi^2_nu <= x) <= p; 1 <= nu <= 10^12. Within a thousandth of the
 * standard deviation sqrt(2 nu) of the exact quantile for p <= 1/2. */
double quantile_chi2_upper(uint64_t nu, double p);
double quantile_chi2_lower(uint64_t nu, double p);

/* e with P(sup |empirical - true distribution function| > e) <= p for `samples` independent draws: Dvoretzky, Kiefer
 * and Wolfowitz with Massart's constant, sqrt(log(2/p)/(2 samples)). */
double quantile_kolmogorov(uint64_t samples, double p);

#endif
