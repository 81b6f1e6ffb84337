/* The constants of one component of any covariance against their formulas in docs/fast-field-bound.md (M2..M6),
 * evaluated in long double: at least what the formula says, and no more than the inflation above it. Radii are drawn
 * over many orders of magnitude, so that each term is the largest somewhere. */
#include "fast/core/field_metric.h"

#include "testing.h"

#include "fast/core/field_plan.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 4 };

static const long double U = 0x1p-53L, FLOOR_2 = 0x1p-540L;

/* What is inflated most often is the trace's error: E's part nine times by 2^-18. Terms of second order are far below:
 * radii of alpha^2 and beta^2 are below SMALL of their values here. */
static const double SMALL = 0x1p-27;
static const long double ABOVE = 1.0L + 0x1p-14L, BELOW = 1.0L - 0x1p-40L;

static long double gamma_of(long double n) { return n * U / (1.0L - n * U); }

static void check(const char *what, double got, long double formula, size_t number) {
  test_check(got >= formula * BELOW && got <= formula * ABOVE, "case %zu, %s: %a, the formula gives %La", number, what,
             got, formula);
}

/* A radius of any size below `largest` of the value, or none. */
static ball with_radius(double value, double largest, test_random *random) {
  return ball_make(value, test_integer(random, 0, 3) ? fabs(value) * test_log_uniform(random, 0x1p-60, largest) : 0.0);
}

typedef struct {
  size_t d;
  double mean[MOST], centre[MOST], shift[MOST], root[MOST * MOST], gain[MOST * MOST], entries[MOST * MOST];
  double scratch[2 * MOST * MOST + 4 * MOST];
  field_metric_setting setting;
  field_metric metric;
  ball half_log_det;
} problem;

static void set_up(problem *p, size_t number, test_random *random) {
  *p = (problem){.d = test_integer(random, 1, MOST)};
  double means = number % 4 ? test_log_uniform(random, 0x1p-10, 0x1p10) : 0.0;
  for (size_t j = 0; j < p->d; j++) {
    p->mean[j] = means * test_normal(random);
    p->centre[j] = means * test_normal(random);
  }
  p->metric = (field_metric){.mean = p->mean, .shift = p->shift, .root = p->root, .gain = p->gain};
  p->setting = (field_metric_setting){.dimension = p->d, .scalar = test_bits(random) % 2, .centre = p->centre};
  p->setting.output.of_covariance = with_radius(number % 3 == 0 ? 0.0 : test_normal(random), 0x1p-3, random);
  p->setting.output.of_identity = with_radius(number % 3 == 1 ? 0.0 : test_normal(random), 0x1p-3, random);
  p->setting.beta_error = test_log_uniform(random, 0x1p-60, 0x1p-27);
}

/* ---- diagonal ---- */

/* What field_metric_set_diagonal should give; v_j are taken as the nearest doubles of their formula. */
static void check_diagonal(const problem *p, double radius_ratio, size_t number) {
  const field_metric_setting *setting = &p->setting;
  const field_metric *m = &p->metric;
  ball a = setting->output.of_covariance, b = setting->output.of_identity;
  ball alpha = setting->alpha_square, beta = setting->beta_square;
  long double rho = 0, moved = 0, moved_largest = 0, output = 0, error = 0, inverse = 0, trace = 0, trace_size = 0;
  long double trace_error = 0, log_det = 0;
  for (size_t j = 0; j < p->d; j++) {
    long double s = p->entries[j], v = alpha.value + beta.value * s, x = 1 / sqrtl(v), at = fabsl(p->mean[j]) * x;
    long double size = ((fabsl(a.value) + a.error) * s + fabsl(b.value) + b.error) * x;
    long double off = (a.error * s + fabsl(a.value) * radius_ratio * s + b.error) * x;
    rho = fmaxl(rho, (alpha.error + beta.error * s) / v);
    moved += at * at;
    moved_largest = fmaxl(moved_largest, at);
    output = fmaxl(output, size);
    error = fmaxl(error, off);
    inverse = fmaxl(inverse, x);
    trace += (a.value * s + b.value) * x * x;
    trace_size += size * x;
    trace_error += off * x;
    log_det += logl(v) / 2;
  }
  rho += radius_ratio + 2.01L * U;
  long double root = 0.501L * rho + 2.01L * U;
  check("relative", m->relative, root + 2.01L * U, number);
  check("fixed", m->fixed, setting->beta_error * sqrtl(moved) + FLOOR_2, number);
  check("fixed_largest", m->fixed_largest, setting->beta_error * moved_largest + FLOOR_2, number);
  check("output", m->output, output, number);
  check("output_error", m->output_error, error + output * (root + 3.01L * U), number);
  check("output_rounding", m->output_rounding, 2 * U, number);
  check("inverse", m->inverse, inverse, number);
  check("inverse_error", m->inverse_error, root + U, number);
  check("trace.error", m->trace.error, trace_error + trace_size * (gamma_of((long double)p->d + 8) + 2 * root), number);
  test_check(fabsl(m->trace.value - trace) <= m->trace.error, "case %zu: trace %a, not %La", number, m->trace.value,
             trace);
  /* beside the roots, d + 1 roundings of their product and those of log, of 2^exponent and of the sum: log2 v is below
   * 60 in size here */
  long double others = 1.01L * p->d * root;
  test_check(fabsl(p->half_log_det.value - log_det) <= p->half_log_det.error, "case %zu: log det %a +- %a, not %La",
             number, p->half_log_det.value, p->half_log_det.error, log_det);
  test_check(p->half_log_det.error >= others + gamma_of((long double)p->d + 1) &&
                 p->half_log_det.error <= others * ABOVE + 4 * gamma_of((long double)p->d + 1) + 8 * U * (60 * MOST),
             "case %zu: error %a of the log det, the roots give %La", number, p->half_log_det.error, others);
  test_check(m->usable, "case %zu: not usable", number);
}

static void diagonal_constants_are_the_formulas(void **state) {
  (void)state;
  test_random random = test_random_new(0x3e1);
  for (size_t number = 0; number < test_cases(400); number++) {
    problem p;
    set_up(&p, number, &random);
    p.setting.alpha_square = with_radius(test_log_uniform(&random, 0x1p-30, 0x1p30), SMALL, &random);
    p.setting.beta_square = with_radius(test_log_uniform(&random, 0x1p-10, 0x1p10), SMALL, &random);
    assay_covariance covariance = {.kind = ASSAY_COVARIANCE_DIAGONAL, .entries = p.entries};
    double radius_ratio = 0.0;
    for (size_t j = 0; j < p.d; j++) p.entries[j] = test_log_uniform(&random, 0x1p-10, 0x1p10);
    if (number % 5 == 0) {
      covariance = (assay_covariance){.kind = ASSAY_COVARIANCE_ISOTROPIC, .variance = {0.1, "1/10"}};
      for (size_t j = 0; j < p.d; j++) p.entries[j] = 0.1;
      radius_ratio = fma(0.1, 10.0, -1.0) / 10.0 / 0.1;
    }
    field_metric_set_diagonal(&p.metric, &p.half_log_det, &p.setting, &covariance);
    check_diagonal(&p, radius_ratio, number);
  }
}

/* A = 2^-80 2^-999 is lost: |A y| = 2^-579.5 |z| must stand in the bound, unless there is no output at all. */
static void gains_that_underflow(void **state) {
  (void)state;
  test_random random = test_random_new(0x3e2);
  for (int none = 0; none < 2; none++) {
    problem p;
    set_up(&p, 0, &random);
    p.setting.alpha_square = ball_exact(0x1p999);
    p.setting.beta_square = ball_exact(1);
    p.setting.output.of_covariance = ball_exact(0);
    p.setting.output.of_identity = ball_exact(none ? 0 : 0x1p-80);
    assay_covariance covariance = {.kind = ASSAY_COVARIANCE_ISOTROPIC, .variance = assay_real_of(1.0)};
    field_metric_set_diagonal(&p.metric, &p.half_log_det, &p.setting, &covariance);
    double error = p.metric.output_error;
    test_check(p.gain[0] == 0 && (none ? error == 0 : error >= 0x1p-579), "gain %a, error %a", p.gain[0], error);
  }
}

/* a s = 2^-540 2^-540 is lost before it is multiplied by root = 2^500, and by 2^1000 in the trace. */
static void covariances_that_underflow(void **state) {
  (void)state;
  test_random random = test_random_new(0x3e3);
  problem p;
  set_up(&p, 0, &random);
  p.setting.alpha_square = ball_exact(0x1p-1000);
  p.setting.beta_square = ball_exact(0);
  p.setting.output.of_covariance = ball_exact(0x1p-540);
  p.setting.output.of_identity = ball_exact(0);
  assay_covariance covariance = {.kind = ASSAY_COVARIANCE_ISOTROPIC, .variance = assay_real_of(0x1p-540)};
  field_metric_set_diagonal(&p.metric, &p.half_log_det, &p.setting, &covariance);
  double error = p.metric.output_error, least = (double)p.setting.dimension * 0x1p-80;
  test_check(p.gain[0] == 0 && error >= 0x1p-580, "gain %a, error %a", p.gain[0], error);
  test_check(p.metric.trace.value == 0 && p.metric.trace.error >= least, "trace %a", p.metric.trace.error);
}

/* ---- full ---- */

/* Norms of X, exactly but for long double's roundings. */
typedef struct {
  long double frobenius, sizes, condition, columns[MOST];
} norms;

static norms norms_of(const problem *p, const long double *v) {
  size_t d = p->d;
  norms n = {0, 0, 0, {0}};
  long double rows[MOST] = {0}, largest_row = 0, largest_column = 0, sums[MOST] = {0};
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) {
      long double x = fabsl(p->root[i * d + j]);
      n.frobenius += x * x;
      n.columns[j] += x * x;
      rows[i] += x;
      sums[j] += x;
    }
  for (size_t i = 0; i < d; i++) {
    long double row = 0; /* of |X| |V| |X'| times ones */
    for (size_t j = 0; j < d; j++)
      for (size_t k = 0; k < d; k++) row += fabsl(p->root[i * d + j]) * fabsl(v[j * d + k]) * sums[k];
    n.condition = fmaxl(n.condition, row);
    n.columns[i] = sqrtl(n.columns[i]);
    largest_row = fmaxl(largest_row, rows[i]);
    largest_column = fmaxl(largest_column, sums[i]);
  }
  n.frobenius = sqrtl(n.frobenius);
  n.sizes = fminl(n.frobenius, sqrtl(largest_row * largest_column));
  return n;
}

static long double norm_of(const double *x, size_t count) {
  long double square = 0;
  for (size_t j = 0; j < count; j++) square += (long double)x[j] * x[j];
  return sqrtl(square);
}

/* W and its error row by row, and the trace. */
static void check_gain(const problem *p, const norms *n, long double eta, long double covariance_norm, size_t number) {
  size_t d = p->d;
  const field_metric *m = &p->metric;
  ball a = p->setting.output.of_covariance, b = p->setting.output.of_identity;
  long double gamma = gamma_of((long double)d + 2), all = 0, largest = 0, errors = 0, largest_error = 0;
  long double trace = 0, trace_size = 0, trace_error = 0, inverse = 0;
  for (size_t i = 0; i < d; i++) {
    long double spread = 0, square = 0;
    for (size_t j = 0; j < d; j++) {
      long double w = b.value * (long double)p->root[j * d + i];
      for (size_t k = 0; k < d; k++) w += a.value * (long double)p->entries[i * d + k] * p->root[j * d + k];
      spread += fabsl(p->entries[i * d + j]) * n->columns[j];
      square += w * w;
      trace += w * p->root[j * d + i];
      trace_size += fabsl(w * p->root[j * d + i]);
    }
    long double error = (fabsl(a.value) * (gamma + 4 * U) + a.error) * spread +
                        (4 * U * fabsl(b.value) + b.error) * n->columns[i] + FLOOR_2;
    all += square;
    largest = fmaxl(largest, square);
    errors += error > 2 * FLOOR_2 ? error * error : 0; /* S = 0 and b = 0: W is exact, and the square underflows */
    largest_error = fmaxl(largest_error, error);
    trace_error += error * n->columns[i];
    inverse = fmaxl(inverse, n->columns[i]);
  }
  bool scalar = p->setting.scalar;
  check("output", m->output, sqrtl(scalar ? all : largest) + FLOOR_2, number);
  check("output_error", m->output_error, scalar ? sqrtl(errors) + FLOOR_2 : largest_error, number);
  check("output_rounding", m->output_rounding, gamma, number);
  check("inverse", m->inverse, scalar ? n->sizes : inverse, number);
  check("inverse_error", m->inverse_error, gamma, number);
  long double square = n->frobenius * n->frobenius;
  long double of_covariance =
      fminl(covariance_norm * square, 2.0L * d / (p->setting.beta_square.value - p->setting.beta_square.error));
  long double of_identity = fminl(square, 2.0L * d / (p->setting.alpha_square.value - p->setting.alpha_square.error));
  trace_error += gamma_of((long double)(d * d)) * trace_size +
                 eta * ((fabsl(a.value) + a.error) * of_covariance + (fabsl(b.value) + b.error) * of_identity);
  check("trace.error", m->trace.error, trace_error, number);
  test_check(fabsl(m->trace.value - trace) <= m->trace.error, "case %zu: trace %a, not %La", number, m->trace.value,
             trace);
}

/* `residual`: Frobenius norm of the computed X V X' - I. */
static void check_full(const problem *p, long double residual, size_t number) {
  size_t d = p->d;
  const field_metric *m = &p->metric;
  ball alpha = p->setting.alpha_square, beta = p->setting.beta_square;
  long double v[MOST * MOST] = {0};
  for (size_t i = 0; i < d * d; i++)
    v[i] = (long double)beta.value * p->entries[i] + (i % (d + 1) ? 0 : (long double)alpha.value);
  norms n = norms_of(p, v);
  long double square = n.frobenius * n.frobenius, covariance_norm = norm_of(p->entries, d * d);
  long double gamma = gamma_of((long double)d + 2);
  long double epsilon = residual * (1 + 2 * U) + 2 * U + (2 * gamma + 4 * U) * n.condition + alpha.error * square +
                        fminl(1.1L * beta.error / beta.value * n.condition, beta.error * covariance_norm * square);
  long double eta = epsilon / (1 - epsilon);
  check("defect", m->defect, eta, number);
  check("stray", m->stray, n.sizes * (gamma + 2 * U), number);
  check("fixed", m->fixed, n.sizes * p->setting.beta_error * norm_of(p->mean, d) + FLOOR_2, number);
  check("fixed_largest", m->fixed_largest, m->fixed, number);
  check_gain(p, &n, eta, covariance_norm, number);
  long double log_det = 0;
  for (size_t i = 0; i < d; i++) log_det -= logl(p->root[i * d + i]);
  test_check(fabsl(p->half_log_det.value - log_det) <= p->half_log_det.error - 0.5L * d * eta * BELOW,
             "case %zu: log det %a +- %a, not %La", number, p->half_log_det.value, p->half_log_det.error, log_det);
  test_check(p->half_log_det.error <= 0.5L * d * eta * ABOVE + 4 * gamma_of((long double)d + 1) + 8 * U * (60 * MOST),
             "case %zu: error %a of the log det, the defect gives %La", number, p->half_log_det.error, 0.5L * d * eta);
  test_check(m->usable, "case %zu: not usable", number);
}

/* V = L L' with L of small integers and diagonal entries that are powers of 2, S = (V - alpha^2)/beta^2 with powers of
 * 2: every number the code computes up to E is exact, and E is 0. */
static void fill_exact(problem *p, test_random *random) {
  size_t d = p->d;
  double factor[MOST * MOST] = {0};
  int scale = (int)test_integer(random, 0, 40) - 20, spread = (int)test_integer(random, 0, 6);
  for (size_t i = 0; i < d; i++) {
    for (size_t j = 0; j < i; j++) factor[i * d + j] = (double)test_integer(random, 0, 6) - 3.0;
    factor[i * d + i] = exp2((double)test_integer(random, 0, 2));
  }
  for (size_t i = 0; i < d; i++) /* coordinates of different sizes */
    for (size_t j = 0; j <= i; j++) factor[i * d + j] = ldexp(factor[i * d + j], scale + (int)(i % 2) * spread);
  double alpha = ldexp(1.0, 2 * scale - (int)test_integer(random, 0, 8)),
         beta = ldexp(1.0, -(int)test_integer(random, 0, 12));
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++) {
      double v = 0;
      for (size_t k = 0; k < d; k++) v += factor[i * d + k] * factor[j * d + k];
      p->entries[i * d + j] = (v - (i == j ? alpha : 0)) / beta;
    }
  p->setting.alpha_square = with_radius(alpha, SMALL, random);
  p->setting.beta_square = with_radius(beta, SMALL, random);
}

static void full_constants_are_the_formulas(void **state) {
  (void)state;
  test_random random = test_random_new(0x3e2);
  assay_context context;
  assay_context_init(&context);
  for (size_t number = 0; number < test_cases(400); number++) {
    problem p;
    set_up(&p, number, &random);
    fill_exact(&p, &random);
    if (field_metric_set_full(&p.metric, &p.half_log_det, &p.setting, p.entries, 0, p.scratch, &context) != ASSAY_OK)
      fail_msg("case %zu: %s", number, context.message);
    check_full(&p, 0, number);
  }
}

/* One dimension, where the residual is plain: fl(fl(X V) X) - 1. */
static void the_residual_counts(void **state) {
  (void)state;
  test_random random = test_random_new(0x3e3);
  assay_context context;
  assay_context_init(&context);
  size_t inexact = 0;
  for (size_t number = 0; number < test_cases(100); number++) {
    problem p;
    set_up(&p, number, &random);
    p.d = p.setting.dimension = 1;
    p.setting.alpha_square = ball_exact(test_uniform(&random, 0.5, 2.0));
    p.setting.beta_square = ball_exact(0.25);
    p.entries[0] = 1.0;
    assert_int_equal(field_metric_set_full(&p.metric, &p.half_log_det, &p.setting, p.entries, 0, p.scratch, &context),
                     ASSAY_OK);
    double v = 0.25 + p.setting.alpha_square.value, residual = p.root[0] * v * p.root[0] - 1.0;
    inexact += residual != 0.0;
    check_full(&p, fabs(residual), number);
  }
  assert_true(inexact > 10);
}

/* beta^2 X S X' is no more than X V X', so its trace is at most d (1 + E): where S or X is large, that counts, and not
 * |S| |X|^2 (M6). A component near the edge is not usable. */
static void edges(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  test_random random = test_random_new(0x3e4);
  const struct {
    double alpha_square, entry;
    bool full, usable;
  } cases[] = {{1.0, 1.0, true, true},
               {0x1p-900, 0x1p-900, true, true},
               {0x1p-1010, 0x1p-1010, true, false},
               {0x1p900, 1.0, false, true},
               {0x1p1001, 1.0, false, false},
               {0x1p-999, 0x1p-999, false, true},
               {0x1p-1010, 0x1p-1010, false, false}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    problem p;
    set_up(&p, 1, &random);
    p.d = p.setting.dimension = 1;
    p.setting.alpha_square = ball_exact(cases[k].alpha_square);
    p.setting.beta_square = ball_exact(1.0);
    p.entries[0] = cases[k].entry;
    assay_covariance diagonal = {.kind = ASSAY_COVARIANCE_DIAGONAL, .entries = p.entries};
    if (cases[k].full)
      assert_int_equal(field_metric_set_full(&p.metric, &p.half_log_det, &p.setting, p.entries, 0, p.scratch, &context),
                       ASSAY_OK);
    else
      field_metric_set_diagonal(&p.metric, &p.half_log_det, &p.setting, &diagonal);
    test_check(p.metric.usable == cases[k].usable, "case %zu", k);
  }
}

/* What both kinds share: sizes of the mean, beta m and the log-weight's constant. */
static void means_and_weights(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  test_random random = test_random_new(0x3e5);
  for (size_t number = 0; number < test_cases(50); number++) {
    problem p;
    set_up(&p, number, &random);
    fill_exact(&p, &random);
    p.setting.beta = ball_exact(test_uniform(&random, 0.1, 0.9));
    assay_component component = {.weight = assay_real_of(test_uniform(&random, 0.1, 1.0)), .mean = p.mean};
    component.covariance = (assay_covariance){.kind = ASSAY_COVARIANCE_FULL, .entries = p.entries};
    assert_int_equal(field_metric_set(&p.metric, &p.setting, &component, 0, p.scratch, &context), ASSAY_OK);
    double off[MOST];
    long double size = 0, centred = 0, log_det = 0;
    for (size_t j = 0; j < p.d; j++) {
      off[j] = p.mean[j] - p.centre[j];
      size = fmaxl(size, fabsl(p.mean[j]));
      centred = fmaxl(centred, fabsl(off[j]));
      log_det -= logl(p.root[j * p.d + j]);
      test_check(p.shift[j] == p.setting.beta.value * p.mean[j], "case %zu, entry %zu", number, j);
    }
    check("mean_size", p.metric.mean_size, (p.setting.scalar ? norm_of(p.mean, p.d) : size) + 0x1p-500L, number);
    check("centred_size", p.metric.centred_size, (p.setting.scalar ? norm_of(off, p.d) : centred) + 0x1p-500L, number);
    long double base = logl(component.weight.nearest) - log_det;
    test_check(fabsl(p.metric.base - base) <= p.metric.base_error, "case %zu: %a +- %a, not %La", number, p.metric.base,
               p.metric.base_error, base);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(diagonal_constants_are_the_formulas),
                                     cmocka_unit_test(gains_that_underflow),
                                     cmocka_unit_test(covariances_that_underflow),
                                     cmocka_unit_test(full_constants_are_the_formulas),
                                     cmocka_unit_test(the_residual_counts),
                                     cmocka_unit_test(edges),
                                     cmocka_unit_test(means_and_weights)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
