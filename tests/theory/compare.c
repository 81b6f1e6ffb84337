/* The three comparisons against exact rational arithmetic, at the edges, and with enclosures that have no ends. */
#include "theory/compare.h"

#include "script.h"
#include "testing.h"
#include "theory/budget.h"

#include <gmp.h>
#include <math.h>

static assay_comparison distance(double measured, script_range p, double allowance) {
  mpfi_t enclosure;
  mpfi_init2(enclosure, 53);
  mpfr_set_d(&enclosure->left, p.lo, MPFR_RNDD);
  mpfr_set_d(&enclosure->right, p.hi, MPFR_RNDU);
  assay_comparison result = assay_compare_distance(measured, enclosure, allowance);
  mpfi_clear(enclosure);
  return result;
}

static assay_comparison pair(script_range left, script_range right, assay_relation relation, long bits) {
  mpfi_t a, b;
  mpfi_init2(a, 53);
  mpfi_init2(b, 53);
  mpfr_set_d(&a->left, left.lo, MPFR_RNDD);
  mpfr_set_d(&a->right, left.hi, MPFR_RNDU);
  mpfr_set_d(&b->left, right.lo, MPFR_RNDD);
  mpfr_set_d(&b->right, right.hi, MPFR_RNDU);
  assay_comparison result =
      relation == ASSAY_EQUAL ? assay_compare_equality(a, b, bits) : assay_compare_order(a, relation, b);
  mpfi_clear(a);
  mpfi_clear(b);
  return result;
}

/* sign of |m - p| - b in rationals */
static int oracle_sign(double m, double p, double b) {
  mpq_t distance_exact, bound;
  mpq_inits(distance_exact, bound, NULL);
  mpq_set_d(distance_exact, m);
  mpq_set_d(bound, p);
  mpq_sub(distance_exact, distance_exact, bound);
  mpq_abs(distance_exact, distance_exact);
  mpq_set_d(bound, b);
  int sign = mpq_cmp(distance_exact, bound);
  mpq_clears(distance_exact, bound, NULL);
  return sign;
}

/* A double of any size, so that m - p is far from exact in double. */
static double any_double(test_random *random) {
  double mantissa = test_uniform(random, -1, 1);
  return ldexp(mantissa, (int)test_integer(random, 0, test_integer(random, 0, 9) ? 6 : 900) - 3);
}

static void distance_is_exact(void **state) {
  (void)state;
  test_random random = test_random_new(0x0d15);
  for (size_t i = 0; i < test_cases(2000); i++) {
    double m = any_double(&random), b = fabs(any_double(&random)), p = any_double(&random);
    if (i % 2) p = test_bits(&random) % 2 ? m + b : m - b; /* at the edge, up to a rounding */
    if (i % 4 == 1) p = nextafter(p, test_bits(&random) % 2 ? INFINITY : -INFINITY);
    if (!isfinite(p)) continue;
    int sign = oracle_sign(m, p, b);
    assay_comparison r = distance(m, (script_range){p, p}, b);
    test_check(r.holds == (sign <= 0) && r.against == (sign > 0), "m %a p %a b %a: holds %d against %d, sign %d", m, p,
               b, r.holds, r.against, sign);
  }
}

static void distance_at_one_ulp(void **state) {
  (void)state;
  double above = nextafter(1.5, 2), below = nextafter(0.5, 0);
  test_check(distance(1, (script_range){1.5, 1.5}, 0.5).holds, "the edge belongs to the budget");
  test_check(distance(1, (script_range){0.5, 0.5}, 0.5).holds, "the edge belongs to the budget");
  test_check(distance(1, (script_range){above, above}, 0.5).against, "one ulp above the edge");
  test_check(distance(1, (script_range){below, below}, 0.5).against, "one ulp below the edge");
  assay_comparison across = distance(1, (script_range){1.5, above}, 0.5);
  test_check(!across.holds && !across.against, "an enclosure across the edge is undecided");
  across = distance(1, (script_range){below, 1.5}, 0.5);
  test_check(!across.holds && !across.against, "an enclosure across the lower edge is undecided");
  test_check(distance(1, (script_range){0.5, 1.5}, 0.5).holds, "an enclosure as wide as the budget");
  assay_comparison around = distance(1, (script_range){0, 2}, 0.5);
  test_check(!around.holds && !around.against, "an enclosure wider than the budget is undecided");
  /* m + b rounds to m in double: only exact arithmetic sees the difference. */
  double next = nextafter(0x1p60, INFINITY);
  test_check(distance(0x1p60, (script_range){next, next}, 255.5).against, "256 away, 255.5 allowed");
  test_check(distance(0x1p60, (script_range){next, next}, 256).holds, "256 away, 256 allowed");
  test_check(distance(0x1p1023, (script_range){-0x1p1023, -0x1p1023}, 0x1.fffffffffffffp1023).against,
             "a distance that overflows");
  test_check(distance(3, (script_range){3, 3}, 0).holds, "no allowance, no difference");
  test_check(distance(3, (script_range){3 + 0x1p-50, 3 + 0x1p-50}, 0).against, "no allowance, a difference");
  test_check(distance(0, (script_range){0x1p-1074, 0x1p-1074}, 0).against, "the smallest difference there is");
}

static void without_ends(void **state) {
  (void)state;
  const script_range bad[] = {
      {NAN, NAN},          {NAN, 1}, {1, NAN}, {-INFINITY, 1}, {1, INFINITY}, {-INFINITY, INFINITY}, {2, 1},
      {INFINITY, INFINITY}};
  const script_range good = {1, 1}, far = {100, 100};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assay_comparison results[] = {distance(1, bad[i], 1),
                                  distance(1e9, bad[i], 1),
                                  distance(1, bad[i], INFINITY),
                                  pair(bad[i], good, ASSAY_LESS, 0),
                                  pair(bad[i], far, ASSAY_LESS, 0),
                                  pair(far, bad[i], ASSAY_LESS, 0),
                                  pair(far, bad[i], ASSAY_GREATER, 0),
                                  pair(bad[i], good, ASSAY_EQUAL, 1),
                                  pair(far, bad[i], ASSAY_EQUAL, 1)};
    for (size_t j = 0; j < sizeof results / sizeof *results; j++)
      test_check(!results[j].holds && !results[j].against && isnan(results[j].resolution),
                 "[%g, %g], comparison %zu: holds %d against %d", bad[i].lo, bad[i].hi, j, results[j].holds,
                 results[j].against);
  }
}

static void distance_at_infinity(void **state) {
  (void)state;
  const script_range one = {1, 1};
  test_check(distance(1e300, one, INFINITY).holds, "an infinite allowance holds");
  test_check(distance(1e300, one, INFINITY).resolution == INFINITY, "and resolves nothing");
  const double bad[] = {NAN, INFINITY, -INFINITY};
  for (size_t i = 0; i < 3; i++) {
    test_check(distance(bad[i], one, 1).against, "measured %g", bad[i]);
    test_check(distance(bad[i], one, INFINITY).against, "measured %g, infinite allowance", bad[i]);
  }
  assay_comparison none = distance(1, one, NAN);
  test_check(!none.holds && !none.against, "an allowance that is no number");
}

static void order(void **state) {
  (void)state;
  const script_range low = {1, 2}, high = {3, 4}, touching = {2, 3}, across = {1.5, 5};
  test_check(pair(low, high, ASSAY_LESS, 0).holds && !pair(low, high, ASSAY_LESS, 0).against, "1..2 < 3..4");
  test_check(pair(high, low, ASSAY_LESS, 0).against, "3..4 < 1..2");
  test_check(pair(high, low, ASSAY_GREATER, 0).holds, "3..4 > 1..2");
  test_check(pair(low, high, ASSAY_GREATER, 0).against, "1..2 > 3..4");
  test_check(!pair(low, touching, ASSAY_LESS, 0).holds, "1..2 < 2..3 may be an equality");
  test_check(!pair(low, touching, ASSAY_LESS, 0).against, "1..2 < 2..3 may hold");
  test_check(pair(touching, low, ASSAY_LESS, 0).against, "2..3 < 1..2 holds for no values");
  test_check(!pair(low, across, ASSAY_LESS, 0).holds && !pair(low, across, ASSAY_LESS, 0).against, "overlap");
  /* right must move down by 4 - 1 = 3 before 1..2 < 3..4 is false for all values; and up when it is '>'. */
  test_check(pair(low, high, ASSAY_LESS, 0).resolution == 3, "%a", pair(low, high, ASSAY_LESS, 0).resolution);
  test_check(pair(high, low, ASSAY_GREATER, 0).resolution == 3, "%a", pair(high, low, ASSAY_GREATER, 0).resolution);
  test_check(pair(low, (script_range){0.9, 1}, ASSAY_LESS, 0).against,
             "moved by exactly the resolution: no left < right");
  test_check(!pair(low, (script_range){0.1, nextafter(1, 2)}, ASSAY_LESS, 0).against, "moved by less");
}

static void equality(void **state) {
  (void)state;
  const script_range left = {1, 1 + 0x1p-30};
  test_check(pair(left, left, ASSAY_EQUAL, 28).holds, "2^-29 wide, narrower than 2^-28");
  test_check(!pair(left, left, ASSAY_EQUAL, 29).holds, "2^-29 wide, not narrower than 2^-29");
  test_check(!pair(left, left, ASSAY_EQUAL, 29).against, "too wide is no decision");
  const script_range touching = {1 + 0x1p-30, 1 + 0x1p-30}, apart = {1 + 0x1p-29, 1 + 0x1p-29};
  test_check(pair(left, touching, ASSAY_EQUAL, 20).holds, "they share one point");
  test_check(pair(left, apart, ASSAY_EQUAL, 20).against, "disjoint");
  test_check(pair(apart, left, ASSAY_EQUAL, 20).against, "disjoint the other way");
  /* left - right = [-2^-30, 0]: right leaves left downwards after 2^-30. */
  test_check(pair(left, touching, ASSAY_EQUAL, 20).resolution == 0x1p-30, "%a",
             pair(left, touching, ASSAY_EQUAL, 20).resolution);
  test_check(pair((script_range){0, 0}, (script_range){0, 0}, ASSAY_EQUAL, 100000).holds, "points, to any width");
  test_check(!pair((script_range){0, 0x1p-1074}, (script_range){0, 0}, ASSAY_EQUAL, 1074).holds, "2^-1074 wide");
  test_check(pair((script_range){0, 0x1p-1074}, (script_range){0, 0}, ASSAY_EQUAL, 1073).holds, "below 2^-1073");
}

/* Moving the prediction by a little less than the resolution leaves it standing, by a little more refutes it. */
static void resolution_brackets(void **state) {
  (void)state;
  test_random random = test_random_new(0x4e50);
  for (size_t i = 0; i < test_cases(300); i++) {
    double m = test_uniform(&random, -1, 1), b = test_uniform(&random, 0.1, 1);
    double p = m + test_uniform(&random, -0.9, 0.9) * b, wide = test_uniform(&random, 0, 0.05) * b;
    script_range predicted = {p - wide, p + wide};
    assay_comparison now = distance(m, predicted, b);
    test_check(now.holds && now.resolution > 0, "m %a p %a b %a wide %a", m, p, b, wide);
    double less = now.resolution * (1 - 1e-9), more = now.resolution * (1 + 1e-9);
    bool stands = true, falls = false;
    for (int sign = -1; sign <= 1; sign += 2) {
      stands &= !distance(m, (script_range){predicted.lo + sign * less, predicted.hi + sign * less}, b).against;
      falls |= distance(m, (script_range){predicted.lo + sign * more, predicted.hi + sign * more}, b).against;
    }
    test_check(stands && falls, "m %a p %a b %a wide %a: resolution %a, stands %d falls %d", m, p, b, wide,
               now.resolution, stands, falls);
  }
}

/* The sums of a budget are the exact sums rounded up: not below them, and by less than one ulp above. */
static void budget_sums(void **state) {
  (void)state;
  test_random random = test_random_new(0xb0d9);
  for (size_t i = 0; i < test_cases(500); i++) {
    assay_budget_term terms[5];
    mpq_t sum, next;
    mpq_inits(sum, next, NULL);
    size_t count = test_integer(&random, 1, 5);
    for (size_t j = 0; j < count; j++) {
      terms[j] =
          (assay_budget_term){.bound = fabs(any_double(&random)), .delta = fabs(any_double(&random)), .why = "x"};
      mpq_set_d(next, terms[j].bound);
      mpq_add(sum, sum, next);
    }
    double up = assay_budget_bound(terms, count), before = nextafter(up, 0);
    mpq_set_d(next, up);
    test_check(mpq_cmp(next, sum) >= 0, "%zu terms: %a is below their sum", count, up);
    mpq_set_d(next, before);
    test_check(mpq_cmp(next, sum) < 0, "%zu terms: %a is not the least", count, up);
    for (size_t j = 0; j < count; j++) terms[j].delta = terms[j].bound;
    test_check(assay_budget_delta(terms, count) == up, "deltas sum alike");
    mpq_clears(sum, next, NULL);
  }
  const assay_budget_term infinite[] = {{.bound = 1}, {.bound = INFINITY}};
  test_check(assay_budget_bound(infinite, 2) == INFINITY, "an infinite bound makes the sum infinite");
  test_check(assay_budget_bound(NULL, 0) == 0, "no terms allow nothing");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(distance_is_exact),
      cmocka_unit_test(distance_at_one_ulp),
      cmocka_unit_test(without_ends),
      cmocka_unit_test(distance_at_infinity),
      cmocka_unit_test(order),
      cmocka_unit_test(equality),
      cmocka_unit_test(resolution_brackets),
      cmocka_unit_test(budget_sums),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
