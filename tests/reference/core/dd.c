/* Double-double arithmetic against MPFR at a precision where sums, products and quotients of pairs are exact or as good
 * as exact: errors within the bounds that dd.h cites; exp and log likewise. */
#include "testing.h"

#include "reference/core/dd.h"
#include "reference/core/quick_exp.h"

#include <math.h>
#include <mpfr.h>
#include <stdbool.h>

enum { BITS = 2400 }; /* sums of pairs of exponents within 2^-1000 and 2^1000 */

typedef struct {
  mpfr_t a, b, exact, error;
} registers;

static void registers_init(registers *r) { mpfr_inits2(BITS, r->a, r->b, r->exact, r->error, (mpfr_ptr)NULL); }

static void registers_clear(registers *r) { mpfr_clears(r->a, r->b, r->exact, r->error, (mpfr_ptr)NULL); }

static void set(mpfr_ptr out, dd value) {
  mpfr_set_d(out, value.high, MPFR_RNDN);
  mpfr_add_d(out, out, value.low, MPFR_RNDN);
}

/* |result - exact|/|exact| in units of u^2 = 2^-106; 0/0 is 0. */
static double relative_error(registers *r, dd result) {
  set(r->error, result);
  mpfr_sub(r->error, r->error, r->exact, MPFR_RNDN);
  if (mpfr_zero_p(r->error)) return 0;
  mpfr_div(r->error, r->error, r->exact, MPFR_RNDN);
  mpfr_mul_2ui(r->error, r->error, 106, MPFR_RNDN);
  return fabs(mpfr_get_d(r->error, MPFR_RNDA));
}

static bool is_pair(dd value) { return value.high + value.low == value.high; }

/* Exponents near each other, so that cancellation and ties occur; few bits now and then. */
static double draw_double(test_random *random, int reach) {
  double value = ldexp(test_uniform(random, 0.5, 1), (int)test_integer(random, 0, 2 * (size_t)reach) - reach);
  if (test_integer(random, 0, 3) == 0 && fabs(value) > 1) value = rint(value);
  return test_integer(random, 0, 1) ? -value : value;
}

static dd draw(test_random *random, int reach) {
  double high = draw_double(random, reach);
  int below = (int)test_integer(random, 0, 3) ? 53 : 53 + (int)test_integer(random, 0, 60);
  double low = ldexp(high, -below) * test_uniform(random, -1, 1);
  if (test_integer(random, 0, 5) == 0) low = ldexp(high, -54) * (1 - 0x1p-53);
  return dd_fast_two_sum(high, test_integer(random, 0, 7) ? low : 0);
}

typedef enum { ADD, ADD_POSITIVE, SUBTRACT, ADD_DOUBLE, MULTIPLY, MULTIPLY_DOUBLE, DIVIDE, OPERATIONS } operation;

typedef struct {
  const char *name;
  double bound; /* u^2 */
} operation_bound;

static const operation_bound bounds[OPERATIONS] = {[ADD] = {"add", 3 * (1 + 0x1p-50)},
                                                   [ADD_POSITIVE] = {"add_positive", 3 * (1 + 0x1p-50)},
                                                   [SUBTRACT] = {"subtract", 3 * (1 + 0x1p-50)},
                                                   [ADD_DOUBLE] = {"add_double", 2},
                                                   [MULTIPLY] = {"multiply", 7},
                                                   [MULTIPLY_DOUBLE] = {"multiply_double", 1.5 * (1 + 0x1p-50)},
                                                   [DIVIDE] = {"divide", 15 * (1 + 0x1p-50)}};

static dd apply(registers *r, operation op, dd a, dd b) {
  set(r->a, a);
  set(r->b, op == ADD_DOUBLE || op == MULTIPLY_DOUBLE ? dd_of(b.high) : b);
  switch (op) {
  case ADD:
  case ADD_POSITIVE:
    mpfr_add(r->exact, r->a, r->b, MPFR_RNDN);
    return op == ADD ? dd_add(a, b) : dd_add_positive(a, b);
  case SUBTRACT:
    mpfr_sub(r->exact, r->a, r->b, MPFR_RNDN);
    return dd_subtract(a, b);
  case ADD_DOUBLE:
    mpfr_add(r->exact, r->a, r->b, MPFR_RNDN);
    return dd_add_double(a, b.high);
  case MULTIPLY:
    mpfr_mul(r->exact, r->a, r->b, MPFR_RNDN);
    return dd_multiply(a, b);
  case MULTIPLY_DOUBLE:
    mpfr_mul(r->exact, r->a, r->b, MPFR_RNDN);
    return dd_multiply_double(a, b.high);
  case DIVIDE:
  case OPERATIONS:
    break;
  }
  mpfr_div(r->exact, r->a, r->b, MPFR_RNDN);
  return dd_divide(a, b);
}

static void operations_keep_their_bounds(void **state) {
  (void)state;
  test_random random = test_random_new(7101);
  registers r;
  registers_init(&r);
  for (size_t i = 0; i < test_cases(40000); i++) {
    operation op = (operation)(i % OPERATIONS);
    int reach = i % 3 ? 3 : 200;
    dd a = draw(&random, reach), b = draw(&random, reach);
    if (op == ADD_POSITIVE && (a.high < 0) != (b.high < 0)) b = dd_negate(b);
    if (i % 11 == 0 && op != ADD_POSITIVE) b = (dd){-a.high * (1 + 0x1p-50), a.low}; /* nearly cancels */
    dd result = apply(&r, op, a, b);
    double error = relative_error(&r, result);
    test_check(error <= bounds[op].bound, "%s (%a, %a), (%a, %a): error %g u^2", bounds[op].name, a.high, a.low, b.high,
               b.low, error);
    test_check(is_pair(result), "%s (%a, %a), (%a, %a): (%a, %a) is no pair", bounds[op].name, a.high, a.low, b.high,
               b.low, result.high, result.low);
  }
  registers_clear(&r);
}

/* The sum of the pair is exact, whatever the two doubles are, and with the product's error term above 2^-1074. */
static void two_sums_and_products_are_exact(void **state) {
  (void)state;
  test_random random = test_random_new(7102);
  registers r;
  registers_init(&r);
  for (size_t i = 0; i < test_cases(20000); i++) {
    double a = draw_double(&random, i % 2 ? 60 : 470), b = draw_double(&random, i % 2 ? 60 : 470);
    if (i % 5 == 0) b = -a * (1 + 0x1p-30);
    mpfr_set_d(r.a, a, MPFR_RNDN);
    mpfr_add_d(r.exact, r.a, b, MPFR_RNDN);
    test_check(relative_error(&r, dd_two_sum(a, b)) == 0, "two_sum %a %a", a, b);
    mpfr_sub_d(r.exact, r.a, b, MPFR_RNDN);
    test_check(relative_error(&r, dd_two_difference(a, b)) == 0, "two_difference %a %a", a, b);
    mpfr_mul_d(r.exact, r.a, b, MPFR_RNDN);
    test_check(relative_error(&r, dd_two_product(a, b)) == 0, "two_product %a %a", a, b);
  }
  registers_clear(&r);
}

/* Where the product's error term underflows: 2^-1070 absolutely. */
static void tiny_products_err_by_little(void **state) {
  (void)state;
  test_random random = test_random_new(7103);
  registers r;
  registers_init(&r);
  for (size_t i = 0; i < test_cases(5000); i++) {
    double a = draw_double(&random, 10), b = ldexp(draw_double(&random, 10), -960 - (int)test_integer(&random, 0, 100));
    mpfr_set_d(r.a, a, MPFR_RNDN);
    mpfr_mul_d(r.exact, r.a, b, MPFR_RNDN);
    set(r.error, dd_two_product(a, b));
    mpfr_sub(r.error, r.error, r.exact, MPFR_RNDN);
    mpfr_mul_2ui(r.error, r.error, 1070, MPFR_RNDN);
    test_check(fabs(mpfr_get_d(r.error, MPFR_RNDA)) <= 1, "%a %a", a, b);
  }
  registers_clear(&r);
}

/* ---- exp and log ---- */

static void exponentials_keep_their_bound(void **state) {
  (void)state;
  test_random random = test_random_new(7104);
  registers r;
  registers_init(&r);
  mpfr_set_prec(r.exact, 300);
  for (size_t i = 0; i < test_cases(4000); i++) {
    double high = i % 4 == 0 ? test_uniform(&random, -600, 600) : test_uniform(&random, -1, 1);
    if (i % 4 == 1) high = ldexp((double)test_integer(&random, 0, 90) - 45, -7); /* between entries of the table */
    if (i % 4 == 2) high = ldexp(high, -(int)test_integer(&random, 0, 900));
    dd x = dd_fast_two_sum(high, high * test_uniform(&random, -0x1p-54, 0x1p-54));
    set(r.a, x);
    mpfr_exp(r.exact, r.a, MPFR_RNDN);
    double error = relative_error(&r, quick_exp(x)); /* Q6 proves this much, a quarter of what it promises */
    test_check(error <= 8 + 2 * fabs(high), "exp(%a + %a): error %g u^2", x.high, x.low, error);
    assert_true(8 + 2 * fabs(high) <= 0x1p106 * (QUICK_EXP_ERROR + QUICK_EXP_SLOPE * fabs(high)));
  }
  registers_clear(&r);
}

static void logarithms_keep_their_bound(void **state) {
  (void)state;
  test_random random = test_random_new(7105);
  registers r;
  registers_init(&r);
  mpfr_set_prec(r.exact, 300);
  for (size_t i = 0; i < test_cases(4000); i++) {
    double high = i % 3 == 0 ? ldexp(test_uniform(&random, 0.5, 1), (int)test_integer(&random, 0, 1600) - 800)
                             : 1 + ldexp(test_uniform(&random, -1, 1), -(int)test_integer(&random, 1, 60));
    dd x = dd_fast_two_sum(high, high * test_uniform(&random, -0x1p-54, 0x1p-54));
    int exponent = i % 2 ? 0 : (int)test_integer(&random, 0, 1000000) - 500000;
    set(r.a, x);
    mpfr_mul_2si(r.a, r.a, exponent, MPFR_RNDN);
    mpfr_log(r.exact, r.a, MPFR_RNDN);
    dd y = quick_log(x, exponent);
    set(r.error, y);
    mpfr_sub(r.error, r.error, r.exact, MPFR_RNDN);
    double error = fabs(mpfr_get_d(r.error, MPFR_RNDA));
    test_check(error <= QUICK_LOG_ERROR + QUICK_LOG_SLOPE * fabs(y.high), "log((%a + %a) 2^%d): error %a", x.high,
               x.low, exponent, error);
  }
  registers_clear(&r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(operations_keep_their_bounds), cmocka_unit_test(two_sums_and_products_are_exact),
      cmocka_unit_test(tiny_products_err_by_little),  cmocka_unit_test(exponentials_keep_their_bound),
      cmocka_unit_test(logarithms_keep_their_bound),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  mpfr_free_cache();
  return failed;
}
