/* Log-density and divergence in double-double and their bounds against the formulas of docs/quick-field-bound.md (Q9),
 * as in quick_bound.c. */
#include "quick_problem.h"

#include <math.h>

static void log_densities(void **state) {
  (void)state;
  test_random random = test_random_new(7410);
  for (size_t number = 0; number < test_cases(4000); number++) {
    problem p;
    problem_draw(&p, ASSAY_LOG_DENSITY, &random);
    problem_evaluate(&p);
    posterior at = posterior_of(&p);
    assert_true(p.taken);
    long double weight = at.log_weight[at.leader], scale = of_pair(p.plan.log_scale), others = logl(at.sum);
    long double size = fabsl(weight) + fabsl(scale) + others;
    dd got = {p.values.high[0], p.values.low[0]};
    check_value("log-density", got, weight + scale + others, 256 + 2 * size, number);
    check_bound("bound of the log-density", p.values.bound[0],
                SLACK * (at.error[at.leader] + p.plan.log_scale_error + at.sum_error + 0x1p-99L + 0x1p-103L * others +
                         8 * U2 * size),
                number);
    problem_clear(&p);
  }
}

typedef struct {
  long double value, error;
} ball;

/* |v|^2 of an entry with its error */
static void add_square(ball *sum, long double entry, long double error) {
  sum->value += entry * entry;
  sum->error += error * (2 * fabsl(entry) + error);
}

static long double rounding_of_squares(const problem *p) { return (8 + 3 * (long double)p->plan.dimension) * U2; }

/* An entry of chi_k. */
static ball chi_at(const problem *p, size_t leader, size_t k, size_t j) {
  bracket b = bracket_at(p, leader, k, j);
  long double inverse = pair_at(p->rows[k].inverse_high, p->rows[k].inverse_low, j);
  return (ball){inverse * b.value, inverse * (b.error + 42 * U2 * b.size)};
}

/* |sum_k p_k chi_k|^2 */
static ball mean_square(const problem *p, const posterior *at) {
  ball square = {0};
  for (size_t j = 0; j < p->plan.dimension; j++) {
    long double sum = 0, size = 0, error = 0;
    for (size_t k = 0; k < p->plan.count; k++) {
      if (!at->counts[k]) continue;
      ball chi = chi_at(p, at->leader, k, j);
      sum += at->share[k] * chi.value;
      size += at->share[k] * fabsl(chi.value);
      error += at->share[k] * ((at->share_error[k] + 8 * U2) * fabsl(chi.value) + chi.error);
    }
    add_square(&square, sum, error + 3 * (at->counting + 1) * U2 * size);
  }
  square.error += rounding_of_squares(p) * square.value;
  return square;
}

/* sum_k p_k |chi_k|^2 - |sum_k p_k chi_k|^2. size: of both */
typedef struct {
  long double value, size, error;
} spread;

static spread spread_of(const problem *p, const posterior *at) {
  ball mean = mean_square(p, at);
  long double value = 0, error = TINY;
  for (size_t k = 0; k < p->plan.count; k++) {
    if (k == at->leader) continue;
    if (!at->counts[k]) {
      long double reach = reach_of(p, at, k);
      error += 16 * 0x1p-129L * (p->plan.dimension * reach * reach + mean.value + mean.error);
      continue;
    }
    ball squares = {0};
    for (size_t j = 0; j < p->plan.dimension; j++) {
      ball chi = chi_at(p, at->leader, k, j);
      add_square(&squares, chi.value, chi.error);
    }
    squares.error += rounding_of_squares(p) * squares.value;
    value += at->share[k] * squares.value;
    error += at->share[k] * (squares.error + (at->share_error[k] + 8 * U2) * squares.value);
  }
  long double size = value + mean.value;
  return (spread){value - mean.value, size, error + mean.error + 3 * (at->counting + 2) * U2 * size};
}

/* sum_k p_k R_k */
static spread rate_of(const problem *p, const posterior *at) {
  const quick_component *own = &p->components[at->leader];
  long double own_rate = of_pair(own->rate);
  spread sum = {own_rate, fabsl(own_rate), own->rate_error};
  for (size_t k = 0; k < p->plan.count; k++) {
    if (k == at->leader) continue;
    const quick_component *c = &p->components[k];
    long double rate = of_pair(c->rate), change = rate - own_rate, sizes = fabsl(rate) + fabsl(own_rate);
    if (!at->counts[k]) {
      sum.error += 0x1p-129L * sizes;
      continue;
    }
    sum.value += at->share[k] * change;
    sum.size += at->share[k] * fabsl(change);
    sum.error += at->share[k] *
                 ((long double)c->rate_error + own->rate_error + 10 * U2 * sizes + at->share_error[k] * fabsl(change));
  }
  sum.error += 3 * (at->counting + 2) * U2 * sum.size;
  return sum;
}

static void divergences(void **state) {
  (void)state;
  test_random random = test_random_new(7411);
  for (size_t number = 0; number < test_cases(8000); number++) {
    problem p;
    problem_draw(&p, ASSAY_DIVERGENCE, &random);
    problem_evaluate(&p);
    posterior at = posterior_of(&p);
    assert_true(p.taken);
    spread rate = rate_of(&p, &at), wide = spread_of(&p, &at);
    long double factor = of_pair(p.plan.beta) * of_pair(p.plan.transfer), part = fabsl(factor * wide.value);
    dd got = {p.values.high[0], p.values.low[0]};
    check_value("divergence", got, rate.value + factor * wide.value, 64 * (rate.size + fabsl(factor) * wide.size),
                number);
    check_bound(
        "bound of the divergence", p.values.bound[0],
        SLACK * (rate.error + fabsl(factor) * wide.error + U2 * (30 * part + 4 * (fabsl(rate.value) + part)) + TINY),
        number);
    problem_clear(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(log_densities), cmocka_unit_test(divergences)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
