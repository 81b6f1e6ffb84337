#include "theory/samples/limits.h"

#include "theory/samples/tails.h"

#include <math.h>
#include <stdbool.h>

/* trials, or degrees of freedom; the chance of a success, or log Gamma(degrees/2). */
typedef struct {
  uint64_t n;
  double p;
} parameters;

typedef double (*tail_at)(const parameters *law, double x);

static double binomial_upper(const parameters *of, double x) {
  return tail_binomial_quick(of->n, (uint64_t)x, of->p, true);
}
static double binomial_lower(const parameters *of, double x) {
  return tail_binomial_quick(of->n, (uint64_t)x, of->p, false);
}
static double chi2_upper(const parameters *of, double x) { return tail_chi2_quick(of->n, x, of->p, true); }
static double chi2_lower(const parameters *of, double x) { return tail_chi2_quick(of->n, x, of->p, false); }
static double normal_both(const parameters *of, double x) {
  (void)of;
  return tail_normal(x);
}

/* From `inside`, where the tail is above `share`, by steps of a scale: the first place where it is not. */
static double boundary(tail_at tail, const parameters *law, double inside, double scale, double share, double least,
                       double most) {
  enum { DOUBLINGS = 60, HALVINGS = 24 };
  double outside = inside;
  for (int i = 0; i < DOUBLINGS; i++) {
    outside = fmin(fmax(inside + ldexp(scale, i), least), most);
    if (tail(law, outside) <= share || outside == least || outside == most) break;
  }
  if (!(tail(law, outside) <= share)) return outside;
  for (int i = 0; i < HALVINGS; i++) {
    double middle = (inside + outside) / 2;
    if (tail(law, middle) <= share)
      outside = middle;
    else
      inside = middle;
  }
  return outside;
}

void limits_binomial(double *low, double *high, uint64_t trials, double p, double share) {
  const parameters law = {trials, p};
  double n = (double)trials, mean = n * p, scale = sqrt(n * p * (1.0 - p)) + 1.0;
  *low = boundary(binomial_lower, &law, mean, -scale, share / 2, 0.0, n) / n;
  *high = boundary(binomial_upper, &law, mean, scale, share / 2, 0.0, n) / n;
}

void limits_chi2(double *low, double *high, uint64_t nu, double share) {
  const parameters law = {nu, tail_log_gamma((double)nu / 2.0)};
  double mean = (double)nu, scale = sqrt(2.0 * mean);
  *low = boundary(chi2_lower, &law, mean, -scale, share / 2, 0.0, INFINITY) / mean;
  *high = boundary(chi2_upper, &law, mean, scale, share / 2, 0.0, INFINITY) / mean;
}

double limits_chi2_upper(uint64_t nu, double share) {
  const parameters law = {nu, tail_log_gamma((double)nu / 2.0)};
  return boundary(chi2_upper, &law, (double)nu, sqrt(2.0 * (double)nu), share, 0.0, INFINITY);
}

double limits_normal(double share) { return boundary(normal_both, 0, 0.0, 1.0, share, 0.0, INFINITY); }

double limits_rate_below(uint64_t trials, uint64_t seen, double share) {
  enum { HALVINGS = 40 };
  double low = 0.0, high = (double)seen / (double)trials;
  for (int i = 0; i < HALVINGS; i++) {
    double middle = (low + high) / 2;
    if (tail_binomial_quick(trials, seen, middle, true) <= share)
      low = middle;
    else
      high = middle;
  }
  while (low > 0.0 && !(tail_binomial_upper(trials, seen, low) <= share)) low *= 1.0 - 0x1p-20;
  return low;
}
