/* The rules under the proofs of flow-dae: ranges by subdivision, integrals by Taylor panels and the flow in one
 * dimension, where range, integral and end are known. */
#include "testing.h"

#include "theory/flow_dae/integrate.h"
#include "theory/flow_dae/range.h"
#include "theory/flow_dae/scalar_flow.h"

enum { BITS = 200 };

/* x^2 - y, with factor `self`. */
static iv saddle(iv_scope *s, const iv *at, const void *self) {
  const double *factor = self;
  return iv_mul(s, iv_d(s, *factor), iv_sub(s, iv_sqr(s, at[0]), at[1]));
}

/* Over [-1, 2] x [0, 1/2] it takes all values from -1/2 to 4, times 3; a piece adds less than 3 (2 * 2 + 1/2)/cells. */
static void range_of_saddle(void **state) {
  (void)state;
  const range_side box[2] = {{-1, 2}, {0, 0.5}};
  const double factor = 3, slack = 0.25;
  iv_scope *s = iv_scope_new(BITS);
  iv range = range_over(s, saddle, &factor, box, 2, 64);
  test_check(iv_contains_d(range, -1.5) && iv_contains_d(range, 12), "range [%a, %a] misses an end of [-1.5, 12]",
             iv_lower_d(range), iv_upper_d(range));
  test_check(iv_lower_d(range) > -1.5 - slack && iv_upper_d(range) < 12 + slack, "range [%a, %a] is wide",
             iv_lower_d(range), iv_upper_d(range));
  iv_scope_free(s);
}

static iv total(iv_scope *s, const iv *at, const void *self) {
  (void)self;
  return iv_add(s, at[0], at[1]);
}

/* x + y is least in the first piece of all and greatest in the last. */
static void range_of_sum(void **state) {
  (void)state;
  const range_side box[2] = {{-1, 2}, {0, 0.5}};
  iv_scope *s = iv_scope_new(BITS);
  iv range = range_over(s, total, NULL, box, 2, 64);
  test_check(iv_lower_d(range) == -1 && iv_upper_d(range) == 2.5, "range [%a, %a] instead of [-1, 2.5]",
             iv_lower_d(range), iv_upper_d(range));
  iv_scope_free(s);
}

static iv inverse(iv_scope *s, const iv *at, const void *self) {
  (void)self;
  return iv_inv(s, at[0]);
}

static iv logarithm(iv_scope *s, const iv *at, const void *self) {
  (void)self;
  return iv_log(s, at[0]);
}

/* Outside the function's domain there are no finite ends, wherever the pieces outside come. */
static void range_outside_domain(void **state) {
  (void)state;
  const range_side boxes[4] = {{-1, 1}, {0, 1}, {-2, -1}, {1, 2}};
  for (size_t i = 0; i < 4; i++) {
    iv_scope *s = iv_scope_new(BITS);
    bool finite = i >= 2;
    test_check(iv_finite(range_over(s, inverse, NULL, &boxes[i], 1, 8)) == finite, "1/x over box %zu", i);
    finite = i == 3;
    test_check(iv_finite(range_over(s, logarithm, NULL, &boxes[i], 1, 8)) == finite, "log over box %zu", i);
    iv_scope_free(s);
  }
}

/* 1/(1 + a x^2) by its recurrence: c_k + a (x^2 c_k + 2 x c_{k-1} + c_{k-2}) = 0. */
static void witch_series(iv_scope *s, iv *out, iv x, const void *self) {
  const long *a = self;
  iv scale = iv_inv(s, iv_add_si(s, iv_mul_si(s, iv_sqr(s, x), *a), 1));
  out[0] = scale;
  for (size_t k = 1; k <= INTEGRATE_ORDER; k++) {
    iv sum = iv_mul_2si(s, iv_mul(s, x, out[k - 1]), 1);
    if (k > 1) sum = iv_add(s, sum, out[k - 2]);
    out[k] = iv_neg(s, iv_mul(s, scale, iv_mul_si(s, sum, *a)));
  }
}

/* int_low^high dx/(1 + a^2 x^2) = (arctan(a high) - arctan(a low))/a; a = 40 needs panels of many widths. */
static void integral_of_witch(void **state) {
  (void)state;
  const double ends[3][2] = {{-1, 1}, {0, 3}, {0.125, 100}};
  const long scales[2] = {1, 40};
  const long target = 120;
  for (size_t i = 0; i < 6; i++) {
    iv_scope *s = iv_scope_new(BITS);
    long a = scales[i % 2], square = a * a;
    const double *end = ends[i / 2];
    iv own = integrate(s, witch_series, &square, end[0], end[1], target);
    iv high = iv_atan(s, iv_mul_si(s, iv_d(s, end[1]), a)), low = iv_atan(s, iv_mul_si(s, iv_d(s, end[0]), a));
    iv exact = iv_div(s, iv_sub(s, high, low), iv_si(s, a));
    test_check(iv_contains(own, exact), "a=%ld, [%a, %a]: [%a, %a] misses %a", a, end[0], end[1], iv_lower_d(own),
               iv_upper_d(own), iv_mid_d(exact));
    /* the panels' shares add up to 2^-target; rounding at BITS is far less */
    test_check(iv_width_d(own) <= 0x1.01p-120, "a=%ld, [%a, %a]: width %a", a, end[0], end[1], iv_width_d(own));
    iv_scope_free(s);
  }
}

/* x^N: coefficient k is binomial(N, k) x^{N-k}. */
static void power_series(iv_scope *s, iv *out, iv x, const void *self) {
  (void)self;
  out[INTEGRATE_ORDER] = iv_si(s, 1);
  for (long k = INTEGRATE_ORDER; k > 0; k--)
    out[k - 1] = iv_div(s, iv_mul(s, iv_mul_si(s, out[k], k), x), iv_si(s, INTEGRATE_ORDER - k + 1));
}

/* Coefficient N is 1 everywhere, so one panel does, and over [-1, 1] the remainder alone is the integral, 2/(N+1). */
static void integral_of_power(void **state) {
  (void)state;
  iv_scope *s = iv_scope_new(BITS);
  iv own = integrate(s, power_series, NULL, -1, 1, 150), exact = iv_ratio(s, 2, INTEGRATE_ORDER + 1);
  test_check(iv_overlap(own, exact) == IV_TRUE && iv_width_d(own) < 0x1p-150, "[%a, %a] instead of %a", iv_lower_d(own),
             iv_upper_d(own), iv_mid_d(exact));
  iv_scope_free(s);
}

static void integral_of_nothing(void **state) {
  (void)state;
  const long square = 1;
  iv_scope *s = iv_scope_new(BITS);
  test_check(iv_is_zero(integrate(s, witch_series, &square, 0.5, 0.5, 50)), "integral from 0.5 to 0.5 is not 0");
  iv_scope_free(s);
}

/* To N(m, s) the flow is X(t) = beta m + sqrt(alpha^2 + beta^2 s) X(0), so X(1) = m + sqrt(s) X(0). */
static void flow_to_one_gaussian(void **state) {
  (void)state;
  enum { FLOW_BITS = 160, CASES = 4, RUNS = CASES * 2 };
  const double cases[CASES][3] = {{1, 0.25, 0.375}, {-0.5, 0.0625, -2}, {0, 4, 3}, {2, 0.015625, 1.5}}; /* m, s, X(0) */
  assay_context context;
  assay_context_init(&context);
  for (size_t i = 0; i < RUNS; i++) {
    const double *at = cases[i / 2];
    assay_mixture mixture = {0};
    assert_int_equal(assay_mixture_init(&mixture, 1, 1, &context), ASSAY_OK);
    mixture.components[0].weight = assay_real_of(1);
    mixture.components[0].mean[0] = at[0];
    mixture.components[0].covariance.variance = assay_real_of(at[1]);
    iv_scope *s = iv_scope_new(FLOW_BITS);
    scalar_velocity b = {&mixture, i % 2 ? ASSAY_TRIGONOMETRIC : ASSAY_LINEAR, iv_si(s, 1)};
    iv end;
    assert_int_equal(scalar_flow_end(&end, s, &b, at[2], &context), ASSAY_OK);
    iv exact = iv_add(s, iv_d(s, at[0]), iv_mul(s, iv_sqrt(s, iv_d(s, at[1])), iv_d(s, at[2])));
    test_check(iv_contains(end, exact), "case %zu: [%a, %a] misses %a", i, iv_lower_d(end), iv_upper_d(end),
               iv_mid_d(exact));
    test_check(iv_width_d(end) < 0x1p-36, "case %zu: width %a", i, iv_width_d(end));
    iv_scope_free(s);
    assay_mixture_clear(&mixture);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(range_of_saddle),      cmocka_unit_test(range_of_sum),
      cmocka_unit_test(range_outside_domain), cmocka_unit_test(integral_of_witch),
      cmocka_unit_test(integral_of_power),    cmocka_unit_test(integral_of_nothing),
      cmocka_unit_test(flow_to_one_gaussian),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
