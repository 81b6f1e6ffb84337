/* reference/core/quick_rows_kernel.h: the loops of quick_rows.h. Arrays are padded, so that all coordinates are treated
 * alike. */
#include "reference/core/quick_exp_kernel.h"
#include "reference/core/quick_rows.h"

#include <math.h>

static double rows_largest(const double *x, size_t padded) {
  double lane[QUICK_LANES] = {0}, largest = 0;
  for (size_t first = 0; first < padded; first += QUICK_LANES)
#pragma omp simd
    for (size_t i = 0; i < QUICK_LANES; i++) {
      double size = fabs(x[first + i]);
      lane[i] = size > lane[i] ? size : lane[i];
    }
  for (size_t i = 0; i < QUICK_LANES; i++) largest = lane[i] > largest ? lane[i] : largest;
  return largest;
}

/* ---- distances ---- */

/* Halves are added to each other: the sum of n terms is log2 n sums deep, and vectors wide to the end. */
static dd sum_positive(double *high, double *low, size_t count) {
  while (count > 1) {
    size_t half = (count + 1) / 2, pairs = count - half;
#pragma omp simd
    for (size_t j = 0; j < pairs; j++) {
      dd sum = dd_add_positive((dd){high[j], low[j]}, (dd){high[j + half], low[j + half]});
      high[j] = sum.high;
      low[j] = sum.low;
    }
    count = half;
  }
  return (dd){high[0], low[0]};
}

static dd distance_of(const quick_component *component, const double *x, size_t first, size_t count) {
  double high[QUICK_BLOCK], low[QUICK_BLOCK];
  const double *shift_high = component->shift_high + first, *shift_low = component->shift_low + first;
  const double *inverse_high = component->inverse_high + first, *inverse_low = component->inverse_low + first;
#pragma omp simd
  for (size_t j = 0; j < count; j++) {
    dd u = dd_add_double((dd){-shift_high[j], -shift_low[j]}, x[first + j]);
    dd term = dd_multiply(dd_multiply(u, u), (dd){inverse_high[j], inverse_low[j]});
    high[j] = term.high;
    low[j] = term.low;
  }
  return sum_positive(high, low, count);
}

static dd rows_distance(const quick_component *component, const double *x, size_t padded) {
  dd sum = {0, 0};
  for (size_t first = 0; first < padded; first += QUICK_BLOCK)
    sum = dd_add_positive(
        sum, distance_of(component, x, first, padded - first < QUICK_BLOCK ? padded - first : QUICK_BLOCK));
  return sum;
}

/* ---- shares ---- */

/* Tables are read number by number between two loops that run on vectors. */
static void exponentials_of_lanes(double *restrict high, double *restrict low) {
  double rest_high[QUICK_LANES], rest_low[QUICK_LANES], n[QUICK_LANES], j[QUICK_LANES];
  double power_high[QUICK_LANES], power_low[QUICK_LANES], scale[QUICK_LANES];
#pragma omp simd
  for (size_t i = 0; i < QUICK_LANES; i++) {
    quick_exp_parts parts = quick_exp_reduce((dd){high[i], low[i]});
    rest_high[i] = parts.rest.high;
    rest_low[i] = parts.rest.low;
    n[i] = parts.n;
    j[i] = parts.j;
  }
  for (size_t i = 0; i < QUICK_LANES; i++) {
    quick_exp_parts parts = {.n = n[i], .j = j[i]};
    dd power = quick_exp_power(parts);
    power_high[i] = power.high;
    power_low[i] = power.low;
    scale[i] = quick_exp_scale(parts);
  }
  for (size_t i = 0; i < QUICK_LANES; i++) {
    dd value = quick_exp_join((dd){rest_high[i], rest_low[i]}, (dd){power_high[i], power_low[i]}, scale[i]);
    high[i] = value.high;
    low[i] = value.low;
  }
}

static void rows_exponentials(double *high, double *low, size_t count) {
  for (size_t first = 0; first < count; first += QUICK_LANES) exponentials_of_lanes(high + first, low + first);
}

/* ---- around the leader ---- */

static void rows_pull(quick_work *work, const quick_plan *plan) {
  const quick_component *leader = &plan->component[work->leader];
#pragma omp simd
  for (size_t j = 0; j < plan->padded; j++) {
    dd u = dd_add_double((dd){-leader->shift_high[j], -leader->shift_low[j]}, work->x[j]);
    dd pull = dd_multiply(u, (dd){leader->inverse_high[j], leader->inverse_low[j]});
    work->pull_high[j] = pull.high;
    work->pull_low[j] = pull.low;
    work->pull_error[j] = plan->shift_error * fabs(leader->shift_high[j]) * leader->inverse_high[j];
  }
}

static void rows_leader(quick_work *work, const quick_plan *plan) {
  const quick_component *leader = &plan->component[work->leader];
  double *high = work->high, *low = work->low, *bound = work->bound, *size = work->size;
#pragma omp simd
  for (size_t j = 0; j < plan->padded; j++) {
    dd slope = {leader->slope_high[j], leader->slope_low[j]};
    dd pull = {work->pull_high[j], work->pull_low[j]};
    dd base = dd_multiply_double(plan->mean_factor, leader->mean[j]);
    dd value = dd_add(base, dd_multiply(slope, pull));
    double moved = leader->slope_size[j] * fabs(pull.high);
    high[j] = value.high;
    low[j] = value.low;
    size[j] = fabs(base.high) + moved;
    bound[j] = (6 * fabs(base.high) + 80 * moved) * UNIT_2 + leader->slope_size[j] * work->pull_error[j];
  }
}

__attribute__((always_inline)) static inline void add_gaps(quick_work *work, const quick_plan *plan, size_t k,
                                                           bool same_shape) {
  const quick_component *component = &plan->component[k];
  const quick_gaps gaps = quick_gaps_of(work, plan, k);
  const dd factor = dd_multiply(work->share[k].share, plan->transfer);
  const double factor_size = fabs(factor.high), relative = work->share[k].error + 80 * UNIT_2;
  double *high = work->high, *low = work->low, *bound = work->bound, *size = work->size;
#pragma omp simd
  for (size_t j = 0; j < plan->padded; j++) {
    quick_gap gap = quick_gap_at(&gaps, same_shape, j);
    dd inverse = {component->inverse_high[j], component->inverse_low[j]};
    dd value = dd_add((dd){high[j], low[j]}, dd_multiply(dd_multiply((dd){gap.high, gap.low}, inverse), factor));
    double scale = factor_size * inverse.high;
    high[j] = value.high;
    low[j] = value.low;
    size[j] += scale * gap.size;
    bound[j] += scale * (relative * gap.size + gap.error);
  }
}

static void rows_component(quick_work *work, const quick_plan *plan, size_t k) {
  if (quick_same_shape(work, plan, k))
    add_gaps(work, plan, k, true);
  else
    add_gaps(work, plan, k, false);
}

static void rows_bound(quick_work *work, const quick_plan *plan, double sums, double faint) {
  double *high = work->high, *low = work->low, *bound = work->bound;
  const double *size = work->size, *x = work->x;
  const bool *still = plan->zero;
#pragma omp simd
  for (size_t j = 0; j < plan->dimension; j++) {
    bool zero = still[j] & (x[j] == 0); /* by symmetry */
    high[j] = zero ? 0 : high[j];
    low[j] = zero ? 0 : low[j];
    bound[j] = zero ? 0 : (bound[j] + sums * size[j] + faint) * INFLATE;
  }
}
