/* Cells of a line between quantiles of a mixture, and their masses. */
#include "fast/core/variation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double unit = 0x1p-53, root_half = 0.7071067811865476;

/* Mass of N(0, 1) below z. */
static double below(double z) { return 0.5 * erfc(-z * root_half); }

static double distribution(const variation_law *law, double y) {
  double sum = 0.0;
  for (size_t k = 0; k < law->count; k++) sum += law->weight[k] * below((y - law->mean[k]) / law->deviation[k]);
  return sum;
}

/* Bisection of one interval for all quantiles, so that they rise. */
static double quantile(const variation_law *law, double p, double low, double high) {
  for (int step = 0; step < 64; step++) {
    double middle = 0.5 * low + 0.5 * high;
    if (distribution(law, middle) < p)
      low = middle;
    else
      high = middle;
  }
  return high;
}

static void set_edges(variation_axis *axis, const variation_law *law) {
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (size_t k = 0; k < law->count; k++) { /* beyond 8 deviations a component has less than 2^-49 */
    low = fmin(low, law->mean[k] - 8.0 * law->deviation[k]);
    high = fmax(high, law->mean[k] + 8.0 * law->deviation[k]);
  }
  for (size_t c = 1; c < axis->bins; c++) axis->edge[c - 1] = quantile(law, (double)c / (double)axis->bins, low, high);
}

static void set_masses(variation_axis *axis, const variation_law *law) {
  for (size_t k = 0; k < law->count; k++) {
    double *mass = axis->mass + k * axis->bins, left = 0.0;
    for (size_t c = 0; c < axis->bins; c++) {
      double right = c + 1 < axis->bins ? below((axis->edge[c] - law->mean[k]) / law->deviation[k]) : 1.0;
      mass[c] = fmax(0.0, right - left);
      left = right;
    }
  }
}

/* z = (e - m)/s is off by at most (error of m)/s + |z| (error of s + 3 unit), which moves the mass below z by its
 * product with the density: sup phi < 0.4, sup |z| phi < 0.25; scaling z for erfc, 2 unit of z; erfc itself within 4
 * ulp, 8 unit of at most 1/2. Then k weights and their sum. */
static double edge_error_of(const variation_law *law) {
  double error = ((double)law->count + 4.0) * unit;
  for (size_t k = 0; k < law->count; k++)
    error += law->weight[k] * (0.4 * law->mean_error[k] / law->deviation[k] +
                               0.25 * (law->deviation_error[k] + 5.0 * unit) + 8.0 * unit);
  return error;
}

assay_status variation_axis_init(variation_axis *out, const variation_law *law, size_t bins, assay_context *context) {
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, bins * (law->count + 1), sizeof(double), "cells", context);
  if (status) return status;
  variation_axis axis = {.bins = bins, .count = law->count, .mass = memory};
  axis.edge = axis.mass + bins * law->count;
  axis.edge_error = edge_error_of(law);
  set_edges(&axis, law);
  set_masses(&axis, law);
  *out = axis;
  return ASSAY_OK;
}

void variation_axis_clear(variation_axis *axis) {
  free(axis->mass);
  memset(axis, 0, sizeof *axis);
}

size_t variation_cell(const variation_axis *axis, double y, double error, bool *doubtful) {
  size_t low = 0, high = axis->bins - 1; /* the number of edges at or below y lies in [low, high] */
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (axis->edge[middle] <= y)
      low = middle + 1;
    else
      high = middle;
  }
  bool left = low > 0 && y - axis->edge[low - 1] <= error;
  bool right = low + 1 < axis->bins && axis->edge[low] - y <= error;
  *doubtful = error > 0.0 && (left || right);
  return low;
}
