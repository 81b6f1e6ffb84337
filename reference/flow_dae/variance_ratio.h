/* reference/flow_dae/variance_ratio.h: the law of the generated clusters' variance at finite dimension (flow-dae R10).
 *
 * With lambda = 0 and the label pattern, section 3 gives P^2 = a_11/a_00, a_uu = sum_i |y_i - ybar|^2 over the n
 * vectors y_i = s_i x_u^i. For u = 0 they are draws of N(0, I_d), for u = 1 of N(mu, sigma^2 I_d), and independent; so
 * a_00 and a_11/sigma^2 are two independent chi^2 of nu = (n-1) d degrees, and P^2/sigma^2 ~ F(nu, nu) exactly,
 * whatever mu. */
#ifndef ASSAY_REFERENCE_FLOW_DAE_VARIANCE_RATIO_H
#define ASSAY_REFERENCE_FLOW_DAE_VARIANCE_RATIO_H

#include <assay/model.h>

#include <mpfi.h>

/* P(F <= v) and P(F > v) for F ~ F(degrees, degrees), enclosed for every v in x: 0 < x finite, 1 <= degrees <= 10^12.
 * Both are monotone, so each end of x gives one end of `out`, off by at most 2^-goal_bits times the probability there:
 * relatively accurate in the lower tail of the one and the upper tail of the other, down to MPFR's smallest number,
 * about 10^-323228496 (ASSAY_PRECISION below). At x = 1 both are exactly 1/2. `out` is initialised, does not alias x,
 * and gets the working precision that was needed. */
assay_status variance_ratio_below(mpfi_ptr out, mpfi_srcptr x, uint64_t degrees, long goal_bits,
                                  assay_context *context);
assay_status variance_ratio_above(mpfi_ptr out, mpfi_srcptr x, uint64_t degrees, long goal_bits,
                                  assay_context *context);

#endif
