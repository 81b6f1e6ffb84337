/* What counts in cells of known mass say about total variation (variation.h in include/assay). */
#include "fast/core/variation.h"

#include <math.h>

/* log n!, for n >= 32 by Stirling's series, cut below 1/(1680 32^7) < 2e-14. */
static double log_factorial(double n) {
  const double half_log_two_pi = 0.91893853320467274;
  if (n < 32.0) {
    double product = 1.0;
    for (size_t i = 2; (double)i <= n; i++) product *= (double)i;
    return log(product);
  }
  double r = 1.0 / n, r2 = r * r;
  return (n + 0.5) * log(n) - n + half_log_two_pi + r * (1.0 / 12.0 - r2 * (1.0 / 360.0 - r2 / 1260.0));
}

/* E|X - N p|, X binomial(N, p): de Moivre's 2 m (1 - p) P(X = m), m = floor(N p) + 1. */
static double mean_deviation(double samples, double p) {
  double m = floor(samples * p) + 1.0;
  if (!(p > 0.0) || m > samples) return 0.0;
  double log_choose = log_factorial(samples) - log_factorial(m) - log_factorial(samples - m);
  return 2.0 * m * exp(log_choose + m * log(p) + (samples - m + 1.0) * log1p(-p));
}

double variation_bias(const double *mass, size_t cells, uint64_t samples) {
  double sum = 0.0;
  for (size_t c = 0; c < cells; c++) sum += mean_deviation((double)samples, mass[c]);
  return 0.5 * sum / (double)samples;
}

/* The smallest D >= 0 with D + a + b sqrt(D) >= T and D + b >= T, in which a = sum sqrt(p)/(2 sqrt(N)) and b = sqrt((B
 * - 1)/N)/2. */
static double smallest(double target, double a, double b) {
  double flat = target - b, excess = target - a;
  double root = excess > 0.0 ? 2.0 * excess / (b + sqrt(b * b + 4.0 * excess)) : 0.0;
  return fmax(0.0, fmax(flat, root * root));
}

assay_variation variation_of_counts(const uint64_t *count, const double *mass, size_t cells, uint64_t samples,
                                    double doubt, double delta) {
  double n = (double)samples, sum = 0.0, roots = 0.0;
  for (size_t c = 0; c < cells; c++) {
    sum += fabs((double)count[c] / n - mass[c]);
    roots += sqrt(mass[c]);
  }
  assay_variation out = {.value = 0.5 * sum, .bias = variation_bias(mass, cells, samples)};
  double chance = sqrt(-log(delta) / (2.0 * n));
  double target = out.value - chance - doubt - ((double)cells + 8.0) * 0x1p-53;
  out.lower = smallest(target, 0.5 * roots / sqrt(n), 0.5 * sqrt((double)(cells - 1) / n));
  return out;
}
