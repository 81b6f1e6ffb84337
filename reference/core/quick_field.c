/* A point in double-double: posterior, then the quantity around the leader. Steps of docs/quick-field-bound.md. */
#include "reference/core/quick_field_point.h"

#include "reference/core/quick_exp.h"

#include <stdlib.h>
#include <string.h>

enum { VECTORS = 8 };

/* ---- memory ---- */

quick_work *quick_work_new(const quick_plan *plan) {
  size_t n = plan->padded;
  quick_work *work = calloc(1, sizeof *work);
  double *memory = calloc(n, VECTORS * sizeof *memory);
  quick_share *share = calloc(plan->count, sizeof *share);
  if (!work || !memory || !share) {
    free(work);
    free(memory);
    free(share);
    return NULL;
  }
  *work = (quick_work){.memory = memory,
                       .x = memory,
                       .high = memory + n,
                       .low = memory + 2 * n,
                       .bound = memory + 3 * n,
                       .size = memory + 4 * n,
                       .pull_high = memory + 5 * n,
                       .pull_low = memory + 6 * n,
                       .pull_error = memory + 7 * n,
                       .share = share};
  return work;
}

void quick_work_free(quick_work *work) {
  if (!work) return;
  free(work->memory);
  free(work->share);
  free(work);
}

size_t quick_work_bytes(const field_problem *problem) {
  size_t vectors = 0, shares = 0, bytes = sizeof(quick_work);
  if (__builtin_mul_overflow(problem->mixture->dimension + QUICK_LANES, VECTORS * sizeof(double), &vectors) ||
      __builtin_mul_overflow(problem->mixture->count, sizeof(quick_share), &shares) ||
      __builtin_add_overflow(bytes, vectors, &bytes) || __builtin_add_overflow(bytes, shares, &bytes))
    return SIZE_MAX;
  return bytes;
}

/* ---- log-weights (Q3 to Q5) ---- */

/* sum_j (x_j - beta m_j)^2/V_j */
static dd distance(const quick_component *component, const double *x, size_t padded) {
  double high[QUICK_LANES] = {0}, low[QUICK_LANES] = {0};
  const double *shift_high = component->shift_high, *shift_low = component->shift_low;
  const double *inverse_high = component->inverse_high, *inverse_low = component->inverse_low;
  for (size_t first = 0; first < padded; first += QUICK_LANES)
    for (size_t lane = 0; lane < QUICK_LANES; lane++) {
      size_t j = first + lane;
      dd u = dd_add_double((dd){-shift_high[j], -shift_low[j]}, x[j]);
      dd term = dd_multiply(dd_multiply(u, u), (dd){inverse_high[j], inverse_low[j]});
      dd sum = dd_add_positive((dd){high[lane], low[lane]}, term);
      high[lane] = sum.high;
      low[lane] = sum.low;
    }
  dd sum = {high[0], low[0]};
  for (size_t lane = 1; lane < QUICK_LANES; lane++) sum = dd_add_positive(sum, (dd){high[lane], low[lane]});
  return sum;
}

static double distance_error(const quick_plan *plan, const quick_component *component, double value) {
  size_t sums = plan->padded / QUICK_LANES + QUICK_LANES;
  double relative = (55 + 3 * (double)sums) * UNIT_2;
  double moved = plan->shift_error * component->shift_norm;
  return (relative * value + moved * (2 * sqrt(value) + moved) + FLOOR) * INFLATE;
}

static void log_weights(quick_work *work, const quick_plan *plan) {
  work->leader = 0;
  for (size_t k = 0; k < plan->count; k++) {
    const quick_component *component = &plan->component[k];
    quick_share *share = &work->share[k];
    dd squares = distance(component, work->x, plan->padded);
    share->log_weight = dd_subtract(component->log_weight, dd_scale(squares, 0.5));
    share->error = component->log_weight_error + 0.5 * distance_error(plan, component, squares.high) +
                   4 * UNIT_2 * fabs(share->log_weight.high);
    if (share->log_weight.high > work->share[work->leader].log_weight.high) work->leader = k;
  }
}

/* ---- shares (Q6) ---- */

/* exp(L_k - L_leader) with its relative error; whether it counts. */
static bool relative_weight(quick_share *share, const quick_work *work) {
  dd difference = dd_subtract(share->log_weight, work->leader_log_weight);
  double error = (share->error + work->leader_error + 4 * UNIT_2 * fabs(difference.high)) * INFLATE;
  share->log_weight = difference;
  share->counts = !(difference.high + error <= -CUT);
  share->share = dd_of(0);
  if (!share->counts) return true;
  if (!(error <= 0x1p-20)) return false;
  share->share = quick_exp(difference);
  share->error = (error + QUICK_EXP_ERROR + QUICK_EXP_SLOPE * fabs(difference.high)) * INFLATE;
  return true;
}

bool quick_shares(quick_work *work, const quick_plan *plan) {
  log_weights(work, plan);
  quick_share *leader = &work->share[work->leader];
  work->leader_log_weight = leader->log_weight;
  work->leader_error = leader->error;
  work->sum = dd_of(1);
  work->counting = 0;
  double doubt = 0;
  for (size_t k = 0; k < plan->count; k++) {
    if (k == work->leader) continue;
    quick_share *share = &work->share[k];
    if (!relative_weight(share, work)) return false;
    work->sum = dd_add_positive(work->sum, share->share);
    doubt += share->counts ? share->share.high * share->error : FAINT;
    work->counting += share->counts;
  }
  leader->counts = false;
  work->sum_error = (doubt + 4 * UNIT_2 * (double)(work->counting + 1)) * INFLATE; /* S >= 1 */
  for (size_t k = 0; k < plan->count; k++) {
    quick_share *share = &work->share[k];
    if (!share->counts) continue;
    share->share = dd_divide(share->share, work->sum);
    share->error = (share->error + work->sum_error + 16 * UNIT_2) * INFLATE;
  }
  return work->leader_error < INFINITY && work->sum_error <= 0x1p-18;
}

/* ---- around the leader (Q7, Q8) ---- */

void quick_pull(quick_work *work, const quick_plan *plan) {
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

quick_gaps quick_gaps_of(const quick_work *work, const quick_plan *plan, size_t k) {
  const quick_component *component = &plan->component[k], *leader = &plan->component[work->leader];
  return (quick_gaps){.mean = component->mean,
                      .leader_mean = leader->mean,
                      .variance_high = component->variance_high,
                      .variance_low = component->variance_low,
                      .leader_high = leader->variance_high,
                      .leader_low = leader->variance_low,
                      .pull_high = work->pull_high,
                      .pull_low = work->pull_low,
                      .pull_error = work->pull_error,
                      .beta_high = plan->beta.high,
                      .beta_low = plan->beta.low,
                      .beta_size = fabs(plan->beta.high) * INFLATE,
                      .inexact = component->variance_exact && leader->variance_exact ? 0 : 1};
}

bool quick_same_shape(const quick_work *work, const quick_plan *plan, size_t k) {
  return plan->component[k].shape == plan->component[work->leader].shape;
}

double quick_reach(const quick_work *work, const quick_plan *plan, size_t k) {
  const quick_component *component = &plan->component[k], *leader = &plan->component[work->leader];
  double pull = (work->x_size + leader->shift_size) * leader->inverse_size;
  double tilt = fabs(plan->beta.high) * (component->variance_size + leader->variance_size) * pull;
  return component->inverse_size * (component->mean_size + leader->mean_size + tilt) * INFLATE;
}

static void add_leader(quick_work *work, const quick_plan *plan) {
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

static void add_component(quick_work *work, const quick_plan *plan, size_t k) {
  if (quick_same_shape(work, plan, k))
    add_gaps(work, plan, k, true);
  else
    add_gaps(work, plan, k, false);
}

void quick_wide(quick_work *work, const quick_plan *plan) {
  quick_pull(work, plan);
  add_leader(work, plan);
  double faint = FLOOR, sums = 3 * (double)(work->counting + 2) * UNIT_2;
  for (size_t k = 0; k < plan->count; k++) {
    if (k == work->leader) continue;
    if (work->share[k].counts)
      add_component(work, plan, k);
    else
      faint += FAINT * fabs(plan->transfer.high) * quick_reach(work, plan, k);
  }
  for (size_t j = 0; j < plan->dimension; j++) {
    bool zero = plan->zero[j] && work->x[j] == 0; /* by symmetry */
    if (zero) work->high[j] = work->low[j] = 0;
    work->bound[j] = zero ? 0 : (work->bound[j] + sums * work->size[j] + faint) * INFLATE;
  }
}

/* ---- all quantities ---- */

static void log_density(quick_work *work, const quick_plan *plan) {
  dd log_sum = quick_log(work->sum, 0);
  dd base = dd_add(work->leader_log_weight, plan->log_scale), value = dd_add(base, log_sum);
  double size = fabs(work->leader_log_weight.high) + fabs(plan->log_scale.high) + log_sum.high;
  work->high[0] = value.high;
  work->low[0] = value.low;
  work->bound[0] = (work->leader_error + plan->log_scale_error + work->sum_error + QUICK_LOG_ERROR +
                    QUICK_LOG_SLOPE * fabs(log_sum.high) + 8 * UNIT_2 * size) *
                   INFLATE;
}

bool quick_field(quick_values *out, quick_work *work, const quick_plan *plan, const double *x) {
  memcpy(work->x, x, plan->dimension * sizeof *x);
  work->x_size = 0;
  for (size_t j = 0; j < plan->dimension; j++) work->x_size = fmax(work->x_size, fabs(x[j]));
  if (work->x_size > MOST_ENTRY) return false;
  if (!quick_shares(work, plan)) return false;
  switch (plan->quantity) {
  case ASSAY_LOG_DENSITY:
    log_density(work, plan);
    break;
  case ASSAY_DIVERGENCE:
    quick_divergence(work, plan);
    break;
  case ASSAY_VELOCITY:
  case ASSAY_SCORE:
  case ASSAY_DENOISER:
  case ASSAY_NOISE:
    quick_wide(work, plan);
    break;
  }
  *out = (quick_values){work->high, work->low, work->bound};
  return true;
}
