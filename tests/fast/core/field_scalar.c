/* Log-density and divergence of a mixture of isotropic components and their bounds against the formulas of
 * docs/fast-field-bound.md (S9), as in field_point.c. */
#include "point_problem.h"

#include <math.h>

static void log_densities(void **state) {
  (void)state;
  test_random random = test_random_new(0x505);
  for (size_t number = 0; number < test_cases(2000); number++) {
    problem p;
    double out = 0;
    problem_draw(&p, ASSAY_LOG_DENSITY, &random);
    problem_weigh(&p);
    size_t leader = p.point.leader;
    ball base = p.base[leader], half = p.components[leader].half_precision;
    long double square = distance(&p, leader), off = square_error(&p, leader), exponent = half.value * square;
    long double others = log1pl(p.posterior.rest);
    long double error = base.error + half.value * off + half.error * (square + off) + p.posterior.log_doubt +
                        2 * p.plan.gamma_k * (long double)p.posterior.rest / p.posterior.sum +
                        U * (2 * fabsl(base.value) + 3 * exponent + 5 * others);
    double bound = field_point_finish(&out, &p.point, &p.plan, p.x, p.product);
    check_value("log-density", out, base.value - exponent + others, fabsl(base.value) + exponent + others, number);
    check_bound("bound of the log-density", bound, INFLATE * error + 0x1p-1068L, number);
  }
}

typedef struct {
  long double square, error;
} squared;

/* |v|^2 for v = row - share (leader's row) - tilt y, whose entries' error has 2-norm f but for tilt's and y's. */
static squared tilted(const problem *p, const double *row, long double share, long double tilt, long double tilt_error,
                      long double f) {
  size_t leader = p->point.leader;
  squared v = {0};
  for (size_t j = 0; j < DIMENSION; j++) {
    long double y = p->x[j] - (long double)p->plan.at.beta.value * p->mean[leader][j];
    long double entry = row[j] - share * p->centred[leader][j] - tilt * y;
    v.square += entry * entry;
  }
  long double y = INFLATE * sqrtl(distance(p, leader)) + 0x1p-500L;
  long double y_error = 3 * U * y + 1.1L * p->plan.beta_error * p->components[leader].mean_norm + 0x1p-500L;
  f += 3 * U * fabsl(tilt) * y + fabsl(tilt) * y_error + tilt_error * (y + y_error) + 0x1p-1060L;
  v.error = p->plan.gamma_d * v.square + 2.1L * f * sqrtl(v.square) + 1.1L * f * f + FLOOR;
  return v;
}

/* lean times a number of size `size`, off by `error` */
static long double lean_error(ball lean, long double value, long double size, long double error) {
  return lean.error * (size + error) + fabsl(lean.value) * error + U * fabsl(lean.value * value);
}

static squared spread_of(const problem *p) {
  const field_component *c = p->components, *first = &c[p->point.leader];
  long double sum = 0, error = 0, doubted = 0, doubt = p->posterior.total_doubt, stretch = p->posterior.stretch;
  for (size_t k = 0; k < COMPONENTS; k++) {
    if (k == p->point.leader) continue;
    difference gap = gap_of(p, k);
    squared chi = tilted(p, p->centred[k], 1, first->lean.value * gap.value,
                         lean_error(first->lean, gap.value, gap.size, gap.error),
                         3 * U * ((long double)c[k].centred_norm + first->centred_norm));
    long double weight = (long double)p->share[k] * c[k].weight * c[k].weight;
    sum += weight * chi.square;
    error += weight * chi.error;
    doubted += 2 * (long double)p->doubt[k] * c[k].weight * c[k].weight * (chi.square + chi.error);
  }
  error += sum * (p->plan.gamma_k + 2 * (long double)p->plan.weight_error) + p->plan.tiny_sum;
  doubted += 3 * doubt * (sum + error);
  return (squared){sum, error + stretch * doubted * (1 + stretch * doubt)};
}

static squared mean_square(const problem *p) {
  const field_point *point = &p->point;
  ball lean = p->components[point->leader].lean;
  return tilted(p, p->product, point->weight, (long double)lean.value * point->gap,
                lean_error(lean, point->gap, point->gaps, point->gap_error),
                point->reach * sum_relative(p) + p->plan.tiny_sum + 3 * U * point->reach);
}

static void divergences(void **state) {
  (void)state;
  test_random random = test_random_new(0x506);
  for (size_t number = 0; number < test_cases(3000); number++) {
    problem p;
    double out = 0;
    problem_draw(&p, ASSAY_DIVERGENCE, &random);
    problem_weigh(&p);
    squared spread = spread_of(&p), mean = mean_square(&p);
    check_bound("spread", p.point.spread, spread.square, number);
    check_bound("error of the spread", p.point.spread_error, spread.error, number);
    slope c = slope_of(&p);
    ball factor = p.plan.spread;
    long double size = spread.square + mean.square, d = DIMENSION;
    long double error = upper(factor) * (spread.error + mean.error + U * size) + factor.error * size +
                        2 * U * fabsl(factor.value) * size +
                        d * (c.error + 2 * U * fabsl(c.value) + p.point.stretch * slope_sensitivity(&p));
    double bound = field_point_finish(&out, &p.point, &p.plan, p.x, p.product);
    check_value("divergence", out, d * c.value + factor.value * (spread.square - mean.square),
                d * (fabsl(c.value) + 2 * fabs(p.point.gap)) + fabsl(factor.value) * size, number);
    check_bound("bound of the divergence", bound, INFLATE * error + 0x1p-1068L, number);
    p.x[number % DIMENSION] = NAN;
    assert_true(isinf(field_point_finish(&out, &p.point, &p.plan, p.x, p.product)));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(log_densities), cmocka_unit_test(divergences)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
