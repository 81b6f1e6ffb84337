/* Panels and tails of the spread's integral at loose tolerances, where what is left out shows, against tight ones. */
#include "tests/reference/core/line_case.h"

#include "reference/core/line_panel.h"

#include <math.h>
#include <stdlib.h>

enum { BITS = 260, ROUGH_BITS = 64, FINE_BITS = 150, TERMS = 200 };

static assay_context context;

/* A mixture's panels. */
typedef struct {
  line_problem problem;
  line_component component[LINE_MOST];
  line_spread spread;
} subject;

static void subject_init(subject *out, const line_case *at) {
  assay_mixture mixture;
  line_case_mixture(&mixture, at);
  assay_path_point point = line_case_point(at);
  assert_int_equal(line_problem_init(&out->problem, &mixture, &point, &context), ASSAY_OK);
  assay_mixture_clear(&mixture);
  iv_scope *s = iv_scope_new(BITS);
  line_problem_at(out->component, s, &out->problem);
  schedule_values values = schedule_at(s, &out->problem.path);
  out->spread = (line_spread){.s = s,
                              .rough = iv_scope_new(ROUGH_BITS),
                              .count = at->count,
                              .component = out->component,
                              .alpha2 = iv_sqr(s, values.alpha),
                              .beta = values.beta,
                              .most_terms = TERMS};
  assert_int_equal(line_spread_init(&out->spread, &context), ASSAY_OK);
}

static void subject_clear(subject *in) {
  line_spread_clear(&in->spread);
  iv_scope_free(in->spread.s), iv_scope_free(in->spread.rough);
  line_problem_clear(&in->problem);
}

static iv power_of_two(iv_scope *s, long exponent) { return iv_mul_2si(s, iv_ui(s, 1), exponent); }

/* Adds the integral over [at, at + 2^size] to `sum`, by the widest panels that are taken; returns how many. */
static size_t add_integral(mpfi_ptr sum, line_spread *l, double at, long size, long tolerance_bits) {
  const double end = at + ldexp(1, (int)size);
  size_t taken = 0;
  l->tolerance = power_of_two(l->rough, -tolerance_bits);
  for (long now = size; at < end;) {
    test_check(now > -60, "panel at %a", at);
    if (at + ldexp(1, (int)now) > end || !line_panel_add(sum, l, iv_d(l->s, at), now)) {
      now--;
      continue;
    }
    at += ldexp(1, (int)now++);
    taken++;
  }
  return taken;
}

/* The coarse enclosure contains the fine one, but for the fine one's own width, and is as narrow as was asked. */
static void panels(void **state) {
  (void)state;
  test_random random = test_random_new(0x9a7e1);
  size_t whole = 0, cases = test_cases(400);
  for (size_t c = 0; c < cases; c++) {
    line_case at = line_case_random(&random);
    double low = (double)test_integer(&random, 0, 64) / 8 - 4;
    long size = (long)test_integer(&random, 0, 5) - 4, loose = (long)test_integer(&random, 0, 30);
    subject x;
    subject_init(&x, &at);
    iv_scope *s = x.spread.s;
    mpfi_ptr coarse = iv_new(s), fine = iv_new(s);
    size_t taken = add_integral(coarse, &x.spread, low, size, loose);
    (void)add_integral(fine, &x.spread, low, size, FINE_BITS);
    whole += taken == 1 && !iv_is_zero(coarse);
    double allowed = 2 * (double)taken * ldexp(1, -(int)loose);
    test_check(iv_overlap(coarse, fine) == IV_TRUE && iv_width_d(coarse) <= allowed && iv_width_d(fine) < 0x1p-130,
               "case %zu: %zu components, alpha %a beta %a, from %a size 2^%ld at 2^-%ld: [%a, %a], not [%a, %a]", c,
               at.count, at.alpha, at.beta, low, size, loose, iv_lower_d(coarse), iv_upper_d(coarse), iv_lower_d(fine),
               iv_upper_d(fine));
    subject_clear(&x);
  }
  test_check(4 * whole > cases, "only %zu panels of %zu were taken whole", whole, cases);
}

/* What lies beyond a cut is no more than the bound. */
static void tails(void **state) {
  (void)state;
  test_random random = test_random_new(0x9a7e2);
  for (size_t c = 0; c < test_cases(20); c++) {
    line_case at = line_case_random(&random);
    at.count = 2;
    at.weight[1] = 1, at.mean[1] = -at.mean[0], at.variance[1] = exp2((double)test_integer(&random, 0, 8) - 6);
    enum { CUT = 3 }; /* 2^CUT is beyond all means */
    subject x;
    subject_init(&x, &at);
    iv_scope *s = x.spread.s;
    mpfi_ptr sum = iv_new(s);
    const double cut = ldexp(1, CUT);
    (void)add_integral(sum, &x.spread, cut, CUT, FINE_BITS);
    (void)add_integral(sum, &x.spread, -2 * cut, CUT, FINE_BITS);
    iv bound = line_spread_beyond(&x.spread, iv_d(s, cut));
    test_check(iv_less(bound, iv_lower(s, sum)) != IV_TRUE && iv_finite(bound),
               "case %zu: bound %a, integral at least %a", c, iv_upper_d(bound), iv_lower_d(sum));
    test_check(!iv_finite(line_spread_beyond(&x.spread, iv_d(s, 0))), "case %zu", c);
    subject_clear(&x);
  }
}

int main(void) {
  assay_context_init(&context);
  const struct CMUnitTest tests[] = {cmocka_unit_test(panels), cmocka_unit_test(tails)};
  int failed = cmocka_run_group_tests_name("panels of a line", tests, NULL, NULL);
  mpfr_free_cache();
  return failed;
}
