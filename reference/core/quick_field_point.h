/* reference/core/quick_field_point.h: one point of quick_field.h, step by step. */
#ifndef ASSAY_REFERENCE_CORE_QUICK_FIELD_POINT_H
#define ASSAY_REFERENCE_CORE_QUICK_FIELD_POINT_H

#include "reference/core/quick_field_units.h"

/* A component at the point. */
typedef struct {
  dd log_weight; /* L - L_leader */
  double error;  /* absolute, of that; then, relative, of the share */
  dd share;      /* p, but for the leader */
  bool counts;   /* neither the leader nor faint */
} quick_share;

struct quick_work {
  double *memory;
  double *x, *high, *low, *bound; /* padded, as are the others */
  double *size;                   /* sums of the magnitudes of what is added up */
  double *pull_high, *pull_low;   /* g = (x - beta m)/V of the leader */
  double *pull_error;             /* what the rounding of beta m does to it; the rest is relative */
  quick_share *share;
  size_t leader, counting;
  dd leader_log_weight, sum;              /* S = sum_k exp(L_k - L_leader) */
  double leader_error, sum_error, x_size; /* x_size: largest |x_j| */
};

/* Q3 to Q6: leader, shares, their errors. false: an error too large to go on with. */
bool quick_shares(quick_work *work, const quick_plan *plan);

/* The rest of the quantity: the wide ones (Q8), the divergence (Q9). */
void quick_wide(quick_work *work, const quick_plan *plan);
void quick_divergence(quick_work *work, const quick_plan *plan);

/* g of the leader (Q7). */
void quick_pull(quick_work *work, const quick_plan *plan);

/* At least the largest |chi_kj| of a component that is not the leader (Q8). */
double quick_reach(const quick_work *work, const quick_plan *plan, size_t k);

/* A V at a variance (Q7). */
static inline dd quick_slope(const quick_plan *plan, dd variance) {
  if (plan->slope_excess) return dd_multiply(plan->slope_variance, dd_add_double(variance, -1));
  return dd_add(dd_multiply(plan->slope_variance, variance), plan->slope_unit);
}

/* chi_kj V_kj = (m_kj - m_lj) - beta (s_lj - s_kj) g_lj, l the leader, for any j (Q8). */
typedef struct {
  const double *mean, *leader_mean, *variance_high, *variance_low, *leader_high, *leader_low;
  const double *pull_high, *pull_low, *pull_error;
  dd beta;
  double beta_size, inexact;
  bool same_shape;
} quick_gaps;

typedef struct {
  dd value;
  double size, error; /* size: of its two parts together */
} quick_gap;

quick_gaps quick_gaps_of(const quick_work *work, const quick_plan *plan, size_t k);

static inline quick_gap quick_gap_at(const quick_gaps *g, size_t j) {
  dd means = dd_two_difference(g->mean[j], g->leader_mean[j]);
  if (g->same_shape) return (quick_gap){means, fabs(means.high), 0};
  dd variance = {g->variance_high[j], g->variance_low[j]}, leader = {g->leader_high[j], g->leader_low[j]};
  dd difference = dd_subtract(leader, variance), pull = {g->pull_high[j], g->pull_low[j]};
  dd bend = dd_multiply(dd_multiply(g->beta, difference), pull);
  double tilt = g->beta_size * (fabs(difference.high) + g->inexact * (variance.high + leader.high));
  double size = fabs(means.high) + tilt * fabs(pull.high);
  return (quick_gap){dd_subtract(means, bend), size, 90 * UNIT_2 * size + tilt * g->pull_error[j]};
}

#endif
