/* The divergence in double-double (Q9). With chi_k = V_k^{-1} ((m_k - m_l) - beta (s_l - s_k) g_l), l the leader,
 *   div b = sum_k p_k tr A_k + beta T (sum_k p_k |chi_k|^2 - |sum_k p_k chi_k|^2). */
#include "reference/core/quick_rows.h"

/* A number and a bound of its error. */
typedef struct {
  dd value;
  double error;
} quick_ball;

/* sum_k p_k chi_k grows in work->high, low with error in bound and magnitudes in size; |chi_k|^2 is returned. */
static quick_ball add_component(quick_work *work, const quick_plan *plan, size_t k) {
  const quick_component *component = &plan->component[k];
  const quick_gaps gaps = quick_gaps_of(work, plan, k);
  const dd share = work->share[k].share;
  const double relative = work->share[k].error + 8 * UNIT_2;
  const bool same_shape = quick_same_shape(work, plan, k);
  quick_ball squares = {{0, 0}, 0};
  for (size_t j = 0; j < plan->dimension; j++) {
    quick_gap gap = quick_gap_at(&gaps, same_shape, j);
    dd chi = dd_multiply((dd){gap.high, gap.low}, (dd){component->inverse_high[j], component->inverse_low[j]});
    double error = component->inverse_high[j] * (gap.error + 42 * UNIT_2 * gap.size);
    squares.value = dd_add_positive(squares.value, dd_multiply(chi, chi));
    squares.error += error * (2 * fabs(chi.high) + error);
    dd sum = dd_add((dd){work->high[j], work->low[j]}, dd_multiply(chi, share));
    work->high[j] = sum.high;
    work->low[j] = sum.low;
    work->size[j] += share.high * fabs(chi.high);
    work->bound[j] += share.high * (relative * fabs(chi.high) + error);
  }
  squares.error += (8 + 3 * (double)plan->dimension) * UNIT_2 * squares.value.high;
  return squares;
}

/* |sum_k p_k chi_k|^2 */
static quick_ball mean_square(const quick_work *work, const quick_plan *plan) {
  quick_ball sum = {{0, 0}, 0};
  double rounding = 3 * (double)(work->counting + 1) * UNIT_2;
  for (size_t j = 0; j < plan->dimension; j++) {
    dd value = {work->high[j], work->low[j]};
    double error = work->bound[j] + rounding * work->size[j];
    sum.value = dd_add_positive(sum.value, dd_multiply(value, value));
    sum.error += error * (2 * fabs(value.high) + error);
  }
  sum.error += (8 + 3 * (double)plan->dimension) * UNIT_2 * sum.value.high;
  return sum;
}

static void clear_sums(quick_work *work, const quick_plan *plan) {
  for (size_t j = 0; j < plan->padded; j++) work->high[j] = work->low[j] = work->size[j] = work->bound[j] = 0;
}

/* What the components with faint shares could add to the spread of chi. */
static double faint_spread(const quick_work *work, const quick_plan *plan, size_t k, double mean_square) {
  double reach = quick_reach(work, plan, k);
  return 16 * FAINT * ((double)plan->dimension * reach * reach + mean_square);
}

void quick_divergence(quick_work *work, const quick_plan *plan) {
  const quick_component *leader = &plan->component[work->leader];
  quick_ball spread = {{0, 0}, FLOOR}, rate = {leader->rate, leader->rate_error};
  double rate_sizes = fabs(leader->rate.high);
  work->rows->pull(work, plan);
  clear_sums(work, plan);
  for (size_t k = 0; k < plan->count; k++) {
    const quick_share *share = &work->share[k];
    const quick_component *component = &plan->component[k];
    if (!share->counts) continue;
    quick_ball squares = add_component(work, plan, k);
    spread.value = dd_add_positive(spread.value, dd_multiply(squares.value, share->share));
    spread.error += share->share.high * (squares.error + (share->error + 8 * UNIT_2) * squares.value.high);
    dd change = dd_subtract(component->rate, leader->rate);
    rate.value = dd_add(rate.value, dd_multiply(change, share->share));
    double sizes = fabs(component->rate.high) + fabs(leader->rate.high);
    rate.error += share->share.high *
                  (component->rate_error + leader->rate_error + 10 * UNIT_2 * sizes + share->error * fabs(change.high));
    rate_sizes += share->share.high * fabs(change.high);
  }
  quick_ball mean = mean_square(work, plan);
  for (size_t k = 0; k < plan->count; k++) {
    if (k == work->leader || work->share[k].counts) continue;
    spread.error += faint_spread(work, plan, k, mean.value.high + mean.error);
    rate.error += FAINT * (fabs(plan->component[k].rate.high) + fabs(leader->rate.high));
  }
  double sums = 3 * (double)(work->counting + 2) * UNIT_2;
  spread.error += mean.error + sums * (spread.value.high + mean.value.high);
  rate.error += sums * rate_sizes;
  dd factor = dd_multiply(plan->beta, plan->transfer), variance = dd_subtract(spread.value, mean.value);
  dd value = dd_add(rate.value, dd_multiply(factor, variance));
  double part = fabs(factor.high) * fabs(variance.high);
  work->high[0] = value.high;
  work->low[0] = value.low;
  work->bound[0] = (rate.error + fabs(factor.high) * spread.error +
                    UNIT_2 * (30 * part + 4 * (fabs(rate.value.high) + part)) + FLOOR) *
                   INFLATE;
}
