/* The loops of quick fields: the same bits from every instruction set, and distances of many blocks. */
#include "quick_problem.h"

#include "reference/core/quick_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const assay_isa sets[] = {ASSAY_ISA_SSE2, ASSAY_ISA_AVX2, ASSAY_ISA_AVX512};
enum { SETS = sizeof sets / sizeof *sets };

/* Bits of values, bounds and what the posterior is made of. */
enum { SCALARS = 7 };
typedef struct {
  uint64_t words[3 * ROW + SCALARS];
} seen;

static seen look(problem *p, assay_isa isa) {
  p->plan.isa = isa;
  problem_evaluate(p);
  const quick_work *work = p->work;
  size_t bytes = assay_quantity_width(p->plan.quantity, p->plan.dimension) * sizeof(double);
  const double scalars[SCALARS] = {work->leader_log_weight.high,
                                   work->leader_log_weight.low,
                                   work->sum.high,
                                   work->sum.low,
                                   work->leader_error,
                                   work->sum_error,
                                   p->taken};
  seen out = {{0}};
  memcpy(out.words, p->values.high, bytes);
  memcpy(out.words + ROW, p->values.low, bytes);
  memcpy(out.words + 2 * (size_t)ROW, p->values.bound, bytes);
  memcpy(out.words + 3 * (size_t)ROW, scalars, sizeof scalars);
  problem_clear(p);
  return out;
}

static void every_instruction_set_gives_the_same_bits(void **state) {
  (void)state;
  static const assay_quantity quantities[] = {ASSAY_SCORE,    ASSAY_NOISE,       ASSAY_DENOISER,
                                              ASSAY_VELOCITY, ASSAY_LOG_DENSITY, ASSAY_DIVERGENCE};
  test_random random = test_random_new(7450);
  for (size_t number = 0; number < test_cases(1500); number++) {
    problem p;
    problem_draw(&p, quantities[number % 6], &random);
    seen first = look(&p, ASSAY_ISA_BEST);
    for (size_t i = 0; i < SETS; i++) {
      seen other = look(&p, sets[i]);
      test_check(memcmp(&first, &other, sizeof first) == 0, "problem %zu, d %zu, set %d: other bits", number,
                 p.plan.dimension, (int)sets[i]);
    }
  }
}

/* Otherwise the comparison above would be one with itself. */
static void instruction_sets_are_chosen(void **state) {
  (void)state;
  const quick_rows *wanted[SETS] = {&quick_rows_sse2, &quick_rows_avx2, &quick_rows_avx512};
  bool has[SETS] = {true, __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"),
                    __builtin_cpu_supports("avx512f")};
  quick_plan plan = {.padded = 8, .count = 1};
  const quick_rows *best = NULL;
  for (size_t i = 0; i < SETS; i++) {
    plan.isa = sets[i];
    quick_work *work = quick_work_new(&plan);
    if (has[i]) best = wanted[i];
    assert_true(work->rows == best);
    quick_work_free(work);
  }
  plan.isa = ASSAY_ISA_BEST;
  quick_work *work = quick_work_new(&plan);
  assert_true(work->rows == best);
  quick_work_free(work);
}

/* ---- distances ---- */

enum { MOST = 1600 };

typedef struct {
  double x[MOST], shift_high[MOST], shift_low[MOST], inverse_high[MOST], inverse_low[MOST];
} coordinates;

/* Terms of very different sizes where `steep`, so that one left out shows wherever it stands. */
static void draw(coordinates *c, size_t d, size_t padded, bool steep, test_random *random) {
  for (size_t j = 0; j < padded; j++) {
    c->x[j] = j < d ? test_normal(random) : 0;
    c->shift_high[j] = j < d ? test_normal(random) : 0;
    c->shift_low[j] = c->shift_high[j] * test_uniform(random, -0x1p-54, 0x1p-54);
    c->inverse_high[j] = j < d ? ldexp(test_uniform(random, 1, 2), steep ? (int)test_integer(random, 0, 40) : 0) : 0;
    c->inverse_low[j] = c->inverse_high[j] * test_uniform(random, -0x1p-54, 0x1p-54);
  }
}

static mpfr_prec_t const BITS = 400;

/* |sum - distance| */
static double error_of(dd sum, const coordinates *c, size_t d) {
  mpfr_t total, u, part;
  mpfr_inits2(BITS, total, u, part, (mpfr_ptr)NULL);
  mpfr_set_d(total, -sum.high, MPFR_RNDN);
  mpfr_sub_d(total, total, sum.low, MPFR_RNDN);
  for (size_t j = 0; j < d; j++) {
    mpfr_set_d(u, c->x[j], MPFR_RNDN);
    mpfr_sub_d(u, u, c->shift_high[j], MPFR_RNDN);
    mpfr_sub_d(u, u, c->shift_low[j], MPFR_RNDN);
    mpfr_sqr(u, u, MPFR_RNDN);
    mpfr_mul_d(part, u, c->inverse_high[j], MPFR_RNDN);
    mpfr_add(total, total, part, MPFR_RNDN);
    mpfr_mul_d(part, u, c->inverse_low[j], MPFR_RNDN);
    mpfr_add(total, total, part, MPFR_RNDN);
  }
  double error = fabs(mpfr_get_d(total, MPFR_RNDN));
  mpfr_clears(total, u, part, (mpfr_ptr)NULL);
  return error;
}

/* Within the bound of Q4, its depth counted from the lengths drawn here, not by quick_depth. */
static void distances_of_many_blocks_stay_within_their_bound(void **state) {
  (void)state;
  static const struct {
    size_t padded;
    long double depth;
  } lengths[] = {{8, 3 + 1}, {64, 6 + 1}, {504, 9 + 1}, {512, 9 + 1}, {520, 9 + 2}, {1024, 9 + 2}, {1592, 9 + 4}};
  test_random random = test_random_new(7451);
  coordinates *c = malloc(sizeof *c);
  assert_non_null(c);
  quick_component component = {.shift_high = c->shift_high,
                               .shift_low = c->shift_low,
                               .inverse_high = c->inverse_high,
                               .inverse_low = c->inverse_low};
  const quick_rows *all[SETS] = {&quick_rows_sse2, &quick_rows_avx2, &quick_rows_avx512};
  quick_plan plan = {.padded = 8, .count = 1};
  for (size_t i = 0; i < test_cases(70); i++) {
    size_t padded = lengths[i % 7].padded, d = padded - test_integer(&random, 0, 7);
    draw(c, d, padded, i % 2, &random);
    for (size_t set = 0; set < SETS; set++) {
      plan.isa = sets[set];
      quick_work *work = quick_work_new(&plan);
      if (work->rows == all[set]) {
        dd sum = work->rows->distance(&component, c->x, padded);
        double error = error_of(sum, c, d), most = (double)((18 + 3 * lengths[i % 7].depth) * U2) * sum.high;
        test_check(error <= most, "case %zu, %zu of %zu coordinates: %a off, bound %a", i, d, padded, error, most);
      }
      quick_work_free(work);
    }
    assert_true((long double)quick_depth(padded) == lengths[i % 7].depth);
  }
  free(c);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_instruction_set_gives_the_same_bits),
                                     cmocka_unit_test(instruction_sets_are_chosen),
                                     cmocka_unit_test(distances_of_many_blocks_stay_within_their_bound)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
