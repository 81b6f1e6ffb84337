/* Posterior weights and their doubts from log-weights, against the formulas of S8 in docs/fast-field-bound.md,
 * evaluated in long double. */
#include "fast/core/field_posterior.h"

#include "testing.h"

#include <math.h>

enum { MOST = 12, PADDED = 16 };

static const long double U = 0x1p-53L;

typedef struct {
  double share[PADDED], doubt[PADDED], weights[PADDED], errors[PADDED];
  field_posterior posterior;
} problem;

static field_posterior *normalise(problem *p, size_t count) {
  p->posterior = (field_posterior){.share = p->share, .doubt = p->doubt, .weights = p->weights, .errors = p->errors};
  field_posterior_normalise(&p->posterior, field_rows_for(ASSAY_ISA_SSE2), count);
  return &p->posterior;
}

/* eta of S8 */
static long double eta_of(long double difference, long double off) {
  if (off <= 0.25L) return expl(difference) * (off * (1 + off) + 8 * U) + 0x1p-1070L;
  return expl(difference + off + 0x1p-20L) + 0x1p-1070L;
}

typedef struct {
  long double sum, share[MOST], doubt[MOST], total_doubt, stretch, log_doubt;
  bool at_a_switch; /* so near to where a formula changes that an inflation decides */
} formulas;

static bool near(long double a, long double b) { return fabsl(a - b) <= 0x1p-12L * b; }

/* S8 with all errors of exponents `inflated` times as large. */
static formulas evaluate(const problem *p, size_t leader, size_t count, long double inflated) {
  formulas f = {0};
  long double above = 0;
  for (size_t k = 0; k < count; k++) {
    double difference = p->weights[k] - p->weights[leader];
    long double off = inflated * ((long double)p->errors[k] + p->errors[leader] + U * fabsl(difference));
    f.share[k] = expl(difference);
    f.doubt[k] = k == leader ? 0 : eta_of(difference, off);
    f.at_a_switch = f.at_a_switch || near(off, 0.25L);
    if (k != leader) above = fmaxl(above, difference + off);
    f.sum += f.share[k];
  }
  for (size_t k = 0; k < count; k++) {
    f.share[k] /= f.sum;
    f.total_doubt += f.doubt[k] /= f.sum;
  }
  f.stretch = f.total_doubt < 0.25L ? fminl(f.sum, 1 / (1 - f.total_doubt)) : f.sum;
  f.log_doubt = f.total_doubt * f.stretch;
  f.at_a_switch = f.at_a_switch || near(f.total_doubt, 0.25L) || near(f.log_doubt, 0.5L);
  if (f.log_doubt <= 0.5L) return f;
  f.log_doubt = fminl(f.log_doubt, above + logl((long double)count));
  f.total_doubt = 0;
  for (size_t k = 0; k < count; k++) f.total_doubt += f.doubt[k] = fminl(1, f.doubt[k] * f.stretch);
  f.stretch = 1;
  return f;
}

static void check(const char *what, double got, long double low, long double high, size_t number) {
  test_check(got >= low * (1 - 0x1p-45L) && got <= high * (1 + 0x1p-16L) + 0x1p-1073L, "case %zu, %s: %a, not %La",
             number, what, got, low);
}

static void compare(problem *p, size_t count, size_t number) {
  const field_posterior *got = normalise(p, count);
  size_t leader = 0;
  for (size_t k = 1; k < count; k++)
    if (p->weights[k] > p->weights[leader]) leader = k;
  assert_int_equal(got->leader, leader);
  formulas low = evaluate(p, leader, count, 1), high = evaluate(p, leader, count, 1 + 0x1p-17L);
  if (low.at_a_switch) return;
  check("sum", got->sum, low.sum, high.sum, number);
  for (size_t k = 0; k < count; k++) {
    check("share", got->share[k], low.share[k] - 0x1p-1074L, high.share[k], number);
    check("doubt", got->doubt[k], low.doubt[k], high.doubt[k], number);
  }
  check("total doubt", got->total_doubt, low.total_doubt, high.total_doubt, number);
  check("stretch", got->stretch, low.stretch, high.stretch, number);
  check("log doubt", got->log_doubt, low.log_doubt, high.log_doubt, number);
}

/* Errors from far below a rounding to far above 1. */
static void the_formulas(void **state) {
  (void)state;
  test_random random = test_random_new(0x58);
  for (size_t number = 0; number < test_cases(2000); number++) {
    problem p;
    size_t count = test_integer(&random, 1, MOST);
    double size = exp2(test_uniform(&random, -70, 9)), range = exp2(test_uniform(&random, -20, 6));
    for (size_t k = 0; k < count; k++) {
      p.weights[k] = -40 + range * test_normal(&random);
      p.errors[k] = size * test_uniform(&random, 0, 1);
    }
    compare(&p, count, number);
  }
}

/* A leader that is not the first; equal log-weights; two orders of the same; exponentials that underflow. */
static void crafted(void **state) {
  (void)state;
  const double weights[][3] = {{0, -0x1p-3, -20}, {-5, 0, -5},   {-1, -1, 0},  {-700, -20, 0},
                               {0, 0, -20},       {-800, 0, -1}, {-2000, 0, 0}};
  const double errors[][3] = {
      {0x1p-30, 0x1p-40, 0x1p-50}, {0x1p-4, 0x1p-3, 0x1p-5}, {3, 0, 0}, {600, 0.1, 0}, {0, 0, 0}};
  for (size_t w = 0; w < 7; w++)
    for (size_t e = 0; e < 5; e++) {
      problem p;
      for (size_t k = 0; k < 3; k++) p.weights[k] = weights[w][k], p.errors[k] = errors[e][k];
      compare(&p, 3, 5 * w + e);
    }
}

/* Nothing known of one exponent: its share may be anything, and log p too. */
static void an_infinite_error_stays(void **state) {
  (void)state;
  for (size_t unknown = 0; unknown < 3; unknown++)
    for (int what = 0; what < 2; what++) {
      problem p = {.weights = {-1, 0, -2}, .errors = {0x1p-50, 0x1p-50, 0x1p-50}};
      p.errors[unknown] = what ? NAN : INFINITY;
      const field_posterior *got = normalise(&p, 3);
      test_check(isinf(got->log_doubt), "component %zu: log doubt %a", unknown, got->log_doubt);
      for (size_t k = 0; k < 3; k++) {
        bool open = k != 1 && (unknown == 1 || unknown == k);
        test_check(open ? got->doubt[k] == 1 : got->doubt[k] < 1, "component %zu: doubt %zu is %a", unknown, k,
                   got->doubt[k]);
      }
    }
}

/* exp is within 3 u of itself, the sum has that in part (1.5 u at most) and a rounding, the quotient one more; where
 * the share is subnormal, half of 2^-1074 twice. */
static void exponentials_keep_their_bound(void **state) {
  (void)state;
  test_random random = test_random_new(0x59);
  for (size_t number = 0; number < test_cases(20000); number++) {
    double exponent = number < 3 ? -745.0 - (double)number : test_uniform(&random, number % 2 ? -745 : -2, 0);
    double weights[PADDED] = {0, exponent}, errors[PADDED] = {0}, share[PADDED], doubt[PADDED];
    long double q = expl(exponent), want = q / (1 + q);
    for (int isa = ASSAY_ISA_SSE2; isa <= ASSAY_ISA_AVX512; isa++) {
      field_rows_for(assay_fast_isa_resolve((assay_isa)isa))->shares(share, doubt, weights, errors, 2);
      test_check(fabsl(share[1] - want) <= 6.5L * U * want + 0x1p-1074L, "exp(%a), isa %d: share %a, not %La", exponent,
                 isa, share[1], want);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_formulas), cmocka_unit_test(crafted),
                                     cmocka_unit_test(an_infinite_error_stays),
                                     cmocka_unit_test(exponentials_keep_their_bound)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
