#include "theory/clopper_pearson.h"

#include <math.h>

/* P(X >= k) for X ~ Binomial(n, p), by summing its log-probabilities upwards from k. */
static double upper_tail(size_t k, size_t n, double p) {
  double sum = 0, whole = lgamma((double)n + 1);
  for (size_t i = k; i <= n; i++) {
    double choose = whole - lgamma((double)i + 1) - lgamma((double)(n - i) + 1);
    sum += exp(choose + (double)i * log(p) + (double)(n - i) * log1p(-p));
  }
  return sum;
}

/* The p at which P(X >= k) is `level`; it grows with p. */
static double solve(size_t k, size_t n, double level) {
  double low = 0, high = 1;
  enum { HALVINGS = 60 };
  for (int i = 0; i < HALVINGS; i++) {
    double middle = (low + high) / 2;
    if (upper_tail(k, n, middle) < level)
      low = middle;
    else
      high = middle;
  }
  return (low + high) / 2;
}

assay_rate assay_rate_of(size_t seen, size_t of) {
  enum { PARTS = 40 }; /* 2.5 % on each side */
  assay_rate rate = {.seen = seen, .of = of, .low = 0, .high = 1};
  if (seen > 0) rate.low = solve(seen, of, 1.0 / PARTS);
  if (seen < of) rate.high = solve(seen + 1, of, 1 - 1.0 / PARTS);
  return rate;
}
