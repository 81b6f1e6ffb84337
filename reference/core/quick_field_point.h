/* reference/core/quick_field_point.h: one point of quick_field.h, step by step. */
#ifndef ASSAY_REFERENCE_CORE_QUICK_FIELD_POINT_H
#define ASSAY_REFERENCE_CORE_QUICK_FIELD_POINT_H

#include "reference/core/quick_field.h"
#include "reference/core/quick_field_units.h"

#include <math.h>

/* A component at the point. */
typedef struct {
  dd log_weight; /* L - L_leader */
  double error;  /* absolute, of that; then, relative, of the share */
  dd share;      /* p, but for the leader */
  bool counts;   /* neither the leader nor faint */
} quick_share;

/* quick_rows.h */
typedef struct quick_rows quick_rows;

struct quick_work {
  const quick_rows *rows;
  double *memory;
  double *x, *high, *low, *bound; /* padded, as are the others */
  double *size;                   /* sums of the magnitudes of what is added up */
  double *pull_high, *pull_low;   /* g = (x - beta m)/V of the leader */
  double *pull_error;             /* what the rounding of beta m does to it; the rest is relative */
  quick_share *share;
  double *power_high, *power_low; /* of exponentials */
  size_t leader, counting;
  dd leader_log_weight, sum;              /* S = sum_k exp(L_k - L_leader) */
  double leader_error, sum_error, x_size; /* x_size: largest |x_j| */
};

/* Q3 to Q6: leader, shares, their errors. false: an error too large to go on with. */
bool quick_shares(quick_work *work, const quick_plan *plan);

/* The rest of the quantity: the wide ones (Q8), the divergence (Q9). */
void quick_wide(quick_work *work, const quick_plan *plan);
void quick_divergence(quick_work *work, const quick_plan *plan);

/* At least the largest |chi_kj| of a component that is not the leader (Q8). */
double quick_reach(const quick_work *work, const quick_plan *plan, size_t k);

/* chi_kj V_kj = (m_kj - m_lj) - beta (s_lj - s_kj) g_lj, l the leader, for any j (Q8). */
typedef struct {
  const double *mean, *leader_mean, *variance_high, *variance_low, *leader_high, *leader_low;
  const double *pull_high, *pull_low, *pull_error;
  double beta_high, beta_low, beta_size, inexact;
} quick_gaps;

typedef struct {
  double high, low, size, error; /* size: of its two parts together */
} quick_gap;

bool quick_same_shape(const quick_work *work, const quick_plan *plan, size_t k);
quick_gaps quick_gaps_of(const quick_work *work, const quick_plan *plan, size_t k);

/* same_shape: are s_k and s_l the same? A constant where this is called, so that loops have no branches. */
static inline quick_gap quick_gap_at(const quick_gaps *g, bool same_shape, size_t j) {
  dd means = dd_two_difference(g->mean[j], g->leader_mean[j]);
  if (same_shape) return (quick_gap){means.high, means.low, fabs(means.high), 0};
  dd variance = {g->variance_high[j], g->variance_low[j]}, leader = {g->leader_high[j], g->leader_low[j]};
  dd difference = dd_subtract(leader, variance), pull = {g->pull_high[j], g->pull_low[j]};
  dd bend = dd_multiply(dd_multiply((dd){g->beta_high, g->beta_low}, difference), pull);
  dd value = dd_subtract(means, bend);
  double tilt = g->beta_size * (fabs(difference.high) + g->inexact * (variance.high + leader.high));
  double size = fabs(means.high) + tilt * fabs(pull.high);
  return (quick_gap){value.high, value.low, size, 90 * UNIT_2 * size + tilt * g->pull_error[j]};
}

#endif
