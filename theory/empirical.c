#include "theory/empirical.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void empirical_sort(double *values, size_t count) { qsort(values, count, sizeof *values, ascending); }

double empirical_share(const double *sorted, size_t count, double x) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (sorted[middle] <= x)
      low = middle + 1;
    else
      high = middle;
  }
  return (double)low / (double)count;
}

assay_status empirical_farthest(double *at, double *share, const double *sorted, size_t count, empirical_law law,
                                assay_context *context) {
  double most = -INFINITY, point = 0, side = 0;
  for (size_t k = 0; k < count; k++) {
    double F = 0, under = (double)k / (double)count, upto = (double)(k + 1) / (double)count;
    assay_status status = law.below(&F, sorted[k], law.self, context);
    if (status) return status;
    if (upto - F > most) most = upto - F, point = sorted[k], side = upto;
    if (F - under > most) most = F - under, point = sorted[k], side = under;
  }
  *at = point;
  *share = side;
  return ASSAY_OK;
}

empirical_moments empirical_moments_of(const double *values, size_t count) {
  double sum = 0, squares = 0;
  for (size_t k = 0; k < count; k++) sum += values[k];
  double mean = sum / (double)count;
  for (size_t k = 0; k < count; k++) squares += (values[k] - mean) * (values[k] - mean);
  return (empirical_moments){mean, squares / (double)(count - 1)};
}

double empirical_bernstein(double variance, double range, size_t count, double p) {
  const double roundings = 1 + 0x1p-20; /* of the variance, a sum of count terms, and of what follows */
  double exponent = log(4 / p);
  return roundings * (sqrt(2 * variance * exponent / (double)count) + 7 * range * exponent / (3 * (double)(count - 1)));
}
