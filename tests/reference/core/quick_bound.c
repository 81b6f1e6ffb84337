/* Shares and wide quantities in double-double: values and bounds against the formulas of docs/quick-field-bound.md (Q3
 * to Q8), evaluated in long double from a drawn plan. Bounds are the formulas with their inflations, but for roundings:
 * errors far below a bound, which comparisons with true values do not see, show. */
#include "quick_problem.h"

#include <math.h>

/* ---- Q4 to Q6 ---- */

static void check_shares(const problem *p, const posterior *at, size_t number) {
  const quick_work *work = p->work;
  long double leader = at->log_weight[at->leader], parts = fabsl(leader) + 1e3L;
  assert_true(work->leader == at->leader && work->counting == at->counting);
  check_bound("error of the leader", work->leader_error, at->error[at->leader], number);
  check_value("log-weight of the leader", work->leader_log_weight, leader, parts, number);
  check_bound("error of the sum", work->sum_error, at->sum_error, number);
  check_value("sum", work->sum, at->sum, 16 * at->sum, number);
  for (size_t k = 0; k < p->plan.count; k++) {
    assert_true(work->share[k].counts == at->counts[k]);
    if (!at->counts[k]) continue;
    check_bound("error of a share", work->share[k].error, at->share_error[k], number);
    check_value("share", work->share[k].share, at->share[k], 1e3L * at->share[k], number);
  }
}

static void shares(void **state) {
  (void)state;
  test_random random = test_random_new(7400);
  size_t faint = 0, counting = 0;
  for (size_t number = 0; number < test_cases(4000); number++) {
    problem p;
    problem_draw(&p, ASSAY_SCORE, &random);
    problem_evaluate(&p);
    posterior at = posterior_of(&p);
    assert_true(p.taken);
    check_shares(&p, &at, number);
    counting += at.counting;
    faint += p.plan.count - 1 - at.counting;
    problem_clear(&p);
  }
  assert_true(faint > 1000 && counting > 1000);
}

/* Components at x, of these log-weights with these errors: L = log_weight, and nothing else errs visibly. */
static void at_x(problem *p, size_t count) {
  test_random random = test_random_new(7401);
  problem_draw(p, ASSAY_SCORE, &random);
  p->plan.shift_error = 0;
  p->plan.count = count;
  for (size_t k = 0; k < count; k++) {
    p->components[k].log_weight = (dd){0, 0};
    p->components[k].log_weight_error = 0;
    for (size_t j = 0; j < p->plan.dimension; j++) p->x[j] = p->rows[k].shift_high[j] = p->rows[k].shift_low[j] = 0;
  }
}

static bool counts(double log_weight, double error) {
  problem p;
  at_x(&p, 2);
  p.components[1].log_weight.high = log_weight;
  p.components[1].log_weight_error = error;
  problem_evaluate(&p);
  assert_true(p.taken);
  bool result = p.work->share[1].counts;
  problem_clear(&p);
  return result;
}

static void faint_is_what_surely_lies_below(void **state) {
  (void)state;
  assert_true(counts(-90 - 0x1p-40, 0x1p-39) && !counts(-90 - 0x1p-38, 0x1p-39));
  assert_true(counts(-90 + 0x1p-40, 0x1p-39) && !counts(-91, 0) && counts(-89, 0));
}

static bool taken(size_t count, double leader_error, double error) {
  problem p;
  at_x(&p, count);
  for (size_t k = 0; k < count; k++) p.components[k].log_weight_error = k ? error : leader_error;
  problem_evaluate(&p);
  bool result = p.taken;
  problem_clear(&p);
  return result;
}

/* Beyond first order nothing is promised. */
static void assumptions_are_checked(void **state) {
  (void)state;
  const double most = 0x1p-20 * (1 - 0x1p-15); /* inflated: below 2^-20 */
  assert_true(taken(2, 0, most) && taken(2, most / 2, most / 2) && !taken(2, 0, 0x1p-20));
  assert_false(taken(2, most, most));
  assert_true(taken(5, most / 2, most / 2 * (1 - 0x1p-10))); /* sum: 4 most */
  assert_true(taken(1, 1, 0) && !taken(1, INFINITY, 0) && !taken(1, NAN, 0));
}

/* 2^-18 for the sum, of 5 and more components that err by nearly 2^-20. */
static void sums_of_errors_are_checked(void **state) {
  (void)state;
  enum { COUNT = 6 };
  for (size_t count = COUNT - 1; count <= COUNT; count++) {
    problem p;
    at_x(&p, 1);
    quick_component components[COUNT];
    for (size_t k = 0; k < count; k++) {
      components[k] = p.components[0];
      components[k].log_weight_error = k ? 0x1p-20 * (1 - 0x1p-12) : 0;
    }
    p.plan.count = count;
    p.plan.component = components;
    p.plan.zero = p.zero;
    p.work = quick_work_new(&p.plan);
    assert_true(quick_field(&p.values, p.work, &p.plan, p.x) == (count < COUNT));
    problem_clear(&p);
  }
}

/* ---- Q7, Q8 ---- */

typedef struct {
  long double value, size, error; /* size: sum of magnitudes */
} output;

static output output_of(const problem *p, const posterior *at, size_t j) {
  const component_rows *own = &p->rows[at->leader];
  long double base = of_pair(p->plan.mean_factor) * own->mean[j], g = pull_at(p, at->leader, j);
  long double sigma = own->slope_size[j], transfer = of_pair(p->plan.transfer), faint = TINY;
  output out = {base + pair_at(own->slope_high, own->slope_low, j) * g, fabsl(base) + sigma * fabsl(g),
                6 * U2 * fabsl(base) + 80 * U2 * sigma * fabsl(g) + sigma * pull_error_at(p, at->leader, j)};
  for (size_t k = 0; k < p->plan.count; k++) {
    if (k == at->leader) continue;
    if (!at->counts[k]) {
      faint += 0x1p-129L * fabsl(transfer) * reach_of(p, at, k);
      continue;
    }
    bracket b = bracket_at(p, at->leader, k, j);
    long double scale = at->share[k] * transfer * pair_at(p->rows[k].inverse_high, p->rows[k].inverse_low, j);
    out.value += scale * b.value;
    out.size += fabsl(scale) * b.size;
    out.error += fabsl(scale) * ((at->share_error[k] + 80 * U2) * b.size + b.error);
  }
  out.error = SLACK * (out.error + 3 * (at->counting + 2) * U2 * out.size + faint);
  return out;
}

static void check_output(const problem *p, const posterior *at, size_t j, size_t number) {
  output want = output_of(p, at, j);
  dd got = {p->values.high[j], p->values.low[j]};
  if (p->zero[j] && p->x[j] == 0) {
    assert_true(got.high == 0 && got.low == 0 && p->values.bound[j] == 0);
    return;
  }
  const component_rows *own = &p->rows[at->leader];
  long double slope = fabs(own->slope_high[j]) * (fabs(p->x[j]) + fabs(own->shift_high[j]));
  check_value("output", got, want.value, 16 * (want.size + slope), number);
  check_bound("bound of an output", p->values.bound[j], want.error, number);
}

static void wide_outputs(void **state) {
  (void)state;
  static const assay_quantity wide[] = {ASSAY_SCORE, ASSAY_NOISE, ASSAY_DENOISER, ASSAY_VELOCITY};
  test_random random = test_random_new(7402);
  for (size_t number = 0; number < test_cases(6000); number++) {
    problem p;
    problem_draw(&p, wide[number % 4], &random);
    problem_evaluate(&p);
    posterior at = posterior_of(&p);
    assert_true(p.taken);
    for (size_t j = 0; j < p.plan.dimension; j++) check_output(&p, &at, j, number);
    problem_clear(&p);
  }
}

/* Every coordinate of x within 2^100. */
static void points_are_checked(void **state) {
  (void)state;
  test_random random = test_random_new(7403);
  for (size_t number = 0; number < 100; number++) {
    problem p;
    problem_draw(&p, ASSAY_SCORE, &random);
    size_t j = test_integer(&random, 0, p.plan.dimension - 1);
    p.plan.count = 1;
    p.x[j] = number % 2 ? -0x1p100 : 0x1p100;
    problem_evaluate(&p);
    assert_true(p.taken);
    p.x[j] *= 1 + 0x1p-52;
    assert_false(quick_field(&p.values, p.work, &p.plan, p.x));
    problem_clear(&p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(shares),
                                     cmocka_unit_test(faint_is_what_surely_lies_below),
                                     cmocka_unit_test(assumptions_are_checked),
                                     cmocka_unit_test(sums_of_errors_are_checked),
                                     cmocka_unit_test(wide_outputs),
                                     cmocka_unit_test(points_are_checked)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
