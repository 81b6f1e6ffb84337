/* Cells of a line, their masses, and what counts in them say: against long double, exact binomials, and the equation
 * that the lower bound solves. */
#include "fast/core/variation.h"

#include "mixtures.h"
#include "testing.h"

#include <math.h>
#include <string.h>

static const double weights3[] = {0.3, 0.5, 0.2}, means3[] = {-3, 0.5, 4}, variances3[] = {1, 0.04, 2.25};

/* E|X - N p| from the binomial law itself. */
static long double plain_deviation(size_t samples, long double p) {
  long double probability = powl(1.0L - p, (long double)samples), sum = 0.0L;
  for (size_t x = 0; x <= samples; x++) {
    sum += probability * fabsl((long double)x - (long double)samples * p);
    probability *= (long double)(samples - x) / (long double)(x + 1) * p / (1.0L - p);
  }
  return sum;
}

static void the_bias_is_the_binomials(void **state) {
  (void)state;
  test_random random = test_random_new(71);
  for (size_t i = 0; i < test_cases(300); i++) {
    size_t samples = test_integer(&random, 1, 400);
    double p = i % 2 ? test_uniform(&random, 0.0, 0.999) : test_log_uniform(&random, 1e-6, 0.5);
    double mass[2] = {p, 1.0 - p}, n = (double)samples;
    long double want = 0.5L * (plain_deviation(samples, p) + plain_deviation(samples, mass[1])) / n;
    double got = variation_bias(mass, 2, samples);
    /* The exponent's terms, log N! and the like, are below N log N + N |log p| + N |log(1 - p)| + N, each within 4
     * units of 2^-53 and 2e-14. */
    double terms = n * (log(n + 1.0) + fabs(log(p)) + fabs(log1p(-p)) + 1.0);
    double bound = (double)want * (0x1p-53 * 16.0 * terms + 1e-13);
    test_check(fabsl(got - want) <= bound, "N %zu, p %a: %a, want %a", samples, p, got, (double)want);
  }
  const double all[] = {1.0, 0.0};
  test_check(variation_bias(all, 2, 100) == 0.0, "%a", variation_bias(all, 2, 100));
}

/* lower is where D + E W's bound at D, chance and doubt together reach the value. */
static void the_lower_bound_solves_its_equation(void **state) {
  (void)state;
  test_random random = test_random_new(72);
  for (size_t i = 0; i < test_cases(500); i++) {
    enum { MOST = 40 };
    size_t cells = test_integer(&random, 2, MOST), samples = 0;
    uint64_t count[MOST];
    double mass[MOST], total = 0.0, value = 0.0, roots = 0.0;
    for (size_t c = 0; c < cells; c++) samples += count[c] = test_integer(&random, 0, 400);
    for (size_t c = 0; c < cells; c++) total += mass[c] = test_log_uniform(&random, 1e-6, 1.0);
    for (size_t c = 0; c < cells; c++) mass[c] /= total;
    double n = (double)samples, delta = test_log_uniform(&random, 1e-9, 0.5),
           doubt = test_log_uniform(&random, 1e-6, 0.1);
    assay_variation got = variation_of_counts(count, mass, cells, samples, doubt, delta);
    for (size_t c = 0; c < cells; c++) value += 0.5 * fabs((double)count[c] / n - mass[c]);
    for (size_t c = 0; c < cells; c++) roots += sqrt(mass[c]);
    double b = (double)cells - 1.0, mean = fmin(sqrt(b), roots + sqrt(b * got.lower)) / (2.0 * sqrt(n));
    double reached = got.lower + mean + sqrt(log(1.0 / delta) / (2.0 * n)) + doubt;
    double rounding = 1e-14; /* some dozens of operations on numbers of size 1 */
    test_check(fabs(got.value - value) <= rounding, "value %a, want %a", got.value, value);
    test_check(got.lower >= 0.0, "lower %a", got.lower);
    if (got.lower > 0.0)
      test_check(fabs(reached - value) <= rounding, "lower %a reaches %a of %a", got.lower, reached, value);
    else
      test_check(reached >= value - rounding, "lower 0 although %a is below %a", reached, value);
  }
}

static void masses_are_those_of_the_law(void **state) {
  (void)state;
  assay_context context = quiet();
  const double far[] = {1e6, 1e6 + 1, -2e5}, narrow[] = {1e-8, 1, 100};
  for (int shape = 0; shape < 2; shape++) {
    const double *mean = shape ? far : means3, *variance = shape ? narrow : variances3;
    assay_mixture mixture = mixture_of(1, 3, weights3, mean, variance);
    variation_law law;
    variation_axis axis;
    assert_int_equal(variation_law_init(&law, &mixture, NULL, 0, &context), ASSAY_OK);
    assert_int_equal(variation_axis_init(&axis, &law, 200, &context), ASSAY_OK);
    for (size_t c = 0; c < axis.bins; c++) {
      double left = c ? axis.edge[c - 1] : -HUGE_VAL, right = c + 1 < axis.bins ? axis.edge[c] : HUGE_VAL;
      test_check(left <= right, "edges %a, %a", left, right);
      long double want = 0.0L, slack = 0.0L;
      double got = 0.0;
      for (size_t k = 0; k < 3; k++) {
        long double root = sqrtl(2.0L * variance[k]), weight = weights3[k] / (0.3L + 0.5L + 0.2L);
        want += weight * 0.5L *
                (erfcl(((long double)left - mean[k]) / root) - erfcl(((long double)right - mean[k]) / root));
        slack += weight * 0.4L * sqrtl(2.0L) / root * (fabsl(mean[k]) + 100.0L) * 0x1p-51L;
        got += law.weight[k] * axis.mass[k * axis.bins + c];
      }
      test_check(fabsl(got - want) <= 2.0 * axis.edge_error, "cell %zu: %a, want %a", c, got, (double)want);
      /* bisection ends within 4 units of the quantile: slack is what these weigh */
      test_check(fabsl(got - 1.0L / 200.0L) <= 2.0L * slack + 4.0L * axis.edge_error, "cell %zu: mass %a", c, got);
    }
    variation_axis_clear(&axis);
    variation_law_clear(&law);
    assay_mixture_clear(&mixture);
  }
}

static void cells_hold_what_lies_between_their_edges(void **state) {
  (void)state;
  double edge[4] = {-1.0, 0.5, 0.5, 2.0};
  variation_axis axis = {.bins = 5, .edge = edge};
  const struct {
    double y, error;
    size_t cell;
    bool doubtful;
  } cases[] = {{-1.5, 0, 0, false}, {-1, 0, 1, false},   {0.4, 0.05, 1, false}, {0.4, 0.2, 1, true},
               {0.5, 0, 3, false},  {1.9, 0.2, 3, true}, {2.1, 0.2, 4, true},   {9, 0.2, 4, false},
               {-9, 1, 0, false},   {-1.1, 0.2, 0, true}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bool doubtful = false;
    size_t cell = variation_cell(&axis, cases[i].y, cases[i].error, &doubtful);
    test_check(cell == cases[i].cell && doubtful == cases[i].doubtful, "y %g, error %g: cell %zu, doubtful %d",
               cases[i].y, cases[i].error, cell, doubtful);
  }
}

/* Directions nearly orthogonal to a full covariance's widest axis: u'S u is what cancellation leaves. */
static void laws_of_forms_are_within_their_errors(void **state) {
  (void)state;
  enum { N = 4 };
  assay_context context = quiet();
  test_random random = test_random_new(75);
  const double one = 1.0, origin[N] = {0.0};
  for (size_t i = 0; i < test_cases(100); i++) {
    double axis[N], u[N], full[N * N], along = 0.0, length = 0.0, size = test_log_uniform(&random, 1.0, 1e10);
    for (size_t a = 0; a < N; a++) axis[a] = test_uniform(&random, 0.5, 1.0);
    for (size_t a = 0; a < N; a++) u[a] = test_uniform(&random, -1.0, 1.0);
    for (size_t a = 0; a < N; a++) along += axis[a] * u[a];
    for (size_t a = 0; a < N; a++) length += axis[a] * axis[a];
    for (size_t a = 0; a < N; a++) u[a] -= axis[a] * along / length;
    for (size_t a = 0; a < N; a++)
      for (size_t b = 0; b < N; b++) full[a * N + b] = size * axis[a] * axis[b] + (a == b ? 1.0 : 0.0);
    for (size_t a = 0; a < N; a++)
      for (size_t b = 0; b < a; b++) full[a * N + b] = full[b * N + a];
    assay_mixture mixture = mixture_of(N, 1, &one, origin, &one);
    mixture.components[0].covariance = (assay_covariance){.kind = ASSAY_COVARIANCE_FULL, .entries = full};
    for (size_t a = 0; a < N; a++) mixture.components[0].mean[a] = u[(a + 1) % N] * size;
    variation_law law;
    assert_int_equal(variation_law_init(&law, &mixture, u, 0, &context), ASSAY_OK);
    long double variance = 0.0L, mean = 0.0L;
    for (size_t a = 0; a < N; a++) mean += (long double)u[a] * mixture.components[0].mean[a];
    for (size_t a = 0; a < N; a++)
      for (size_t b = 0; b < N; b++) variance += (long double)u[a] * full[a * N + b] * u[b];
    long double deviation = sqrtl(variance);
    test_check(fabsl(law.deviation[0] - deviation) <= law.deviation_error[0] * deviation, "size %g: %a, want %La", size,
               law.deviation[0], deviation);
    test_check(fabsl(law.mean[0] - mean) <= law.mean_error[0], "size %g: %a, want %La", size, law.mean[0], mean);
    variation_law_clear(&law);
    mixture.components[0].covariance.entries = NULL;
    assay_mixture_clear(&mixture);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_bias_is_the_binomials),
      cmocka_unit_test(the_lower_bound_solves_its_equation),
      cmocka_unit_test(masses_are_those_of_the_law),
      cmocka_unit_test(laws_of_forms_are_within_their_errors),
      cmocka_unit_test(cells_hold_what_lies_between_their_edges),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
