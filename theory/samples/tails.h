/* theory/samples/tails.h: probabilities of tails, rounded up. Every function returns an upper bound of the probability
 * it names, at most a part in 2^30 above it (relatively, where it is above 1e-290); or 1 on the other side of the mean,
 * where nothing is unlikely. NaN statistics give 1. */
#ifndef ASSAY_THEORY_SAMPLES_TAILS_H
#define ASSAY_THEORY_SAMPLES_TAILS_H

#include <stdbool.h>
#include <stdint.h>

/* P(X >= count) and P(X <= count), X ~ Binomial(trials, p), trials <= 2^38. */
double tail_binomial_upper(uint64_t trials, uint64_t count, double p);
double tail_binomial_lower(uint64_t trials, uint64_t count, double p);

/* P(chi^2_nu >= x) and P(chi^2_nu <= x), 1 <= nu <= 2^38. */
double tail_chi2_upper(uint64_t nu, double x);
double tail_chi2_lower(uint64_t nu, double x);

/* P(chi^2_nu <= x) for many x: log_gamma = tail_log_gamma(nu/2). Within *error. */
double tail_log_gamma(double a);
double tail_chi2_cdf(double *error, uint64_t nu, double x, double log_gamma);

/* The same tails in double arithmetic, to about the size of the logarithms in them times 2^-50: not bounds, but fast.
 */
double tail_chi2_quick(uint64_t nu, double x, double log_gamma, bool upper);
double tail_binomial_quick(uint64_t trials, uint64_t count, double p, bool upper);

/* P(|N(0, 1)| >= z) */
double tail_normal(double z);

/* P(sup |empirical - true distribution function| > e) for n independent draws: 2 exp(-2 n e^2) (Dvoretzky, Kiefer and
 * Wolfowitz 1956; the constant is Massart's, 1990). */
double tail_kolmogorov(uint64_t n, double e);

/* P(exists unit v: |Z v| >= stretch), and P(... <= stretch), for an n x d matrix Z of independent N(0, 1), n >= d:
 * exp(-t^2/2), t the excess over sqrt(n) + sqrt(d), or what sqrt(n) - sqrt(d) exceeds it by (Davidson and Szarek 2001,
 * theorem II.13). */
double tail_widest(uint64_t n, uint64_t d, double stretch);
double tail_narrowest(uint64_t n, uint64_t d, double stretch);

#endif
