/* A point in double-double: posterior, then the quantity around the leader. Steps of docs/quick-field-bound.md. */
#include "reference/core/quick_field_point.h"

#include "reference/core/quick_exp.h"
#include "reference/core/quick_rows.h"

#include <stdlib.h>
#include <string.h>

enum { VECTORS = 8 };

/* ---- memory ---- */

static const quick_rows *rows_for(assay_isa isa) {
  bool any = isa == ASSAY_ISA_BEST;
  if ((any || isa == ASSAY_ISA_AVX512) && __builtin_cpu_supports("avx512f")) return &quick_rows_avx512;
  if (isa != ASSAY_ISA_SSE2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &quick_rows_avx2;
  return &quick_rows_sse2;
}

quick_work *quick_work_new(const quick_plan *plan) {
  size_t n = plan->padded;
  quick_work *work = calloc(1, sizeof *work);
  double *memory = calloc(n * VECTORS + 2 * quick_padded(plan->count), sizeof *memory);
  quick_share *share = calloc(plan->count, sizeof *share);
  if (!work || !memory || !share) {
    free(work);
    free(memory);
    free(share);
    return NULL;
  }
  *work = (quick_work){.rows = rows_for(plan->isa),
                       .memory = memory,
                       .x = memory,
                       .high = memory + n,
                       .low = memory + 2 * n,
                       .bound = memory + 3 * n,
                       .size = memory + 4 * n,
                       .pull_high = memory + 5 * n,
                       .pull_low = memory + 6 * n,
                       .pull_error = memory + 7 * n,
                       .power_high = memory + VECTORS * n,
                       .power_low = memory + VECTORS * n + quick_padded(plan->count),
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
  const size_t each = sizeof(quick_share) + 2 * sizeof(double);
  size_t vectors = 0, shares = 0, bytes = sizeof(quick_work) + 2 * sizeof(double[QUICK_LANES]);
  if (__builtin_mul_overflow(problem->mixture->dimension + QUICK_LANES, VECTORS * sizeof(double), &vectors) ||
      __builtin_mul_overflow(problem->mixture->count, each, &shares) ||
      __builtin_add_overflow(bytes, vectors, &bytes) || __builtin_add_overflow(bytes, shares, &bytes))
    return SIZE_MAX;
  return bytes;
}

/* ---- log-weights (Q3 to Q5) ---- */

static double distance_error(const quick_plan *plan, const quick_component *component, double value) {
  double relative = (55 + 3 * (double)quick_depth(plan->padded)) * UNIT_2;
  double moved = plan->shift_error * component->shift_norm;
  return (relative * value + moved * (2 * sqrt(value) + moved) + FLOOR) * INFLATE;
}

static void log_weights(quick_work *work, const quick_plan *plan) {
  work->leader = 0;
  for (size_t k = 0; k < plan->count; k++) {
    const quick_component *component = &plan->component[k];
    quick_share *share = &work->share[k];
    dd squares = work->rows->distance(component, work->x, plan->padded);
    share->log_weight = dd_subtract(component->log_weight, dd_scale(squares, 0.5));
    share->error = component->log_weight_error + 0.5 * distance_error(plan, component, squares.high) +
                   4 * UNIT_2 * fabs(share->log_weight.high);
    if (share->log_weight.high > work->share[work->leader].log_weight.high) work->leader = k;
  }
}

/* ---- shares (Q6) ---- */

/* L_k - L_leader, and the relative error of its exponential; whether it counts. */
static bool relative_weight(quick_share *share, const quick_work *work) {
  dd difference = dd_subtract(share->log_weight, work->leader_log_weight);
  double error = (share->error + work->leader_error + 4 * UNIT_2 * fabs(difference.high)) * INFLATE;
  share->log_weight = difference;
  share->counts = !(difference.high + error <= -CUT);
  share->share = dd_of(0);
  if (!share->counts) return true;
  if (!(error <= 0x1p-20)) return false;
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
  for (size_t k = 0; k < plan->count; k++) {
    quick_share *share = &work->share[k];
    if (k == work->leader) continue;
    if (!relative_weight(share, work)) return false;
    if (!share->counts) continue;
    work->power_high[work->counting] = share->log_weight.high;
    work->power_low[work->counting++] = share->log_weight.low;
  }
  work->rows->exponentials(work->power_high, work->power_low, work->counting);
  double doubt = 0;
  for (size_t k = 0, taken = 0; k < plan->count; k++) {
    quick_share *share = &work->share[k];
    if (k == work->leader) continue;
    if (share->counts) share->share = (dd){work->power_high[taken], work->power_low[taken]};
    taken += share->counts;
    work->sum = dd_add_positive(work->sum, share->share);
    doubt += share->counts ? share->share.high * share->error : FAINT;
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

void quick_wide(quick_work *work, const quick_plan *plan) {
  work->rows->pull(work, plan);
  work->rows->leader(work, plan);
  double faint = FLOOR, sums = 3 * (double)(work->counting + 2) * UNIT_2;
  for (size_t k = 0; k < plan->count; k++) {
    if (k == work->leader) continue;
    if (work->share[k].counts)
      work->rows->component(work, plan, k);
    else
      faint += FAINT * fabs(plan->transfer.high) * quick_reach(work, plan, k);
  }
  work->rows->bound(work, plan, sums, faint);
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
  work->x_size = work->rows->largest(work->x, plan->padded);
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
