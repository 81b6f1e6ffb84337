/* Forms of enclosed coefficients in exact numbers: every choice of coefficients gives a sum inside, and the enclosure
 * is hardly wider than such sums reach. Expected sums by MPFR with so many bits that nothing is rounded. */
#include "testing.h"

#include "reference/core/exact_form.h"

#include <math.h>

enum { MOST = 7, EXACT = 3000, BITS = 120 };

typedef struct {
  size_t count;
  mpfi_t coefficient[MOST];
  mpz_t value[MOST];
  long exponent;
} sample;

static void draw_coefficient(mpfi_ptr out, test_random *random) {
  mpfi_set_d(out, test_integer(random, 0, 7) ? test_normal(random) : 0);
  mpfi_mul_2si(out, out, -(long)test_integer(random, 0, 150));
  switch (test_integer(random, 0, 2)) {
  case 0: /* all bits in use */
    mpfi_div_ui(out, out, 3);
    break;
  case 1: /* wide, 0 perhaps inside */
    mpfi_put_d(out, test_normal(random));
    break;
  default:
    break;
  }
}

static void draw(sample *s, test_random *random) {
  s->count = test_integer(random, 1, MOST);
  s->exponent = (long)test_integer(random, 0, 300) - 200;
  for (size_t i = 0; i < MOST; i++) {
    mpfi_init2(s->coefficient[i], BITS);
    draw_coefficient(s->coefficient[i], random);
    mpz_init_set_d(s->value[i], ldexp(test_normal(random), 53));
    mpz_mul_2exp(s->value[i], s->value[i], test_integer(random, 0, 90));
    if (test_integer(random, 0, 5) == 0) mpz_set_ui(s->value[i], 0);
  }
}

static void clear(sample *s) {
  for (size_t i = 0; i < MOST; i++) {
    mpfi_clear(s->coefficient[i]);
    mpz_clear(s->value[i]);
  }
}

static void evaluate(mpfi_ptr out, const sample *s) {
  iv coefficient[MOST];
  for (size_t i = 0; i < s->count; i++) coefficient[i] = s->coefficient[i];
  exact_form form;
  exact_form_init(&form, s->count);
  exact_form_set(&form, coefficient, BITS);
  for (int pass = 0; pass < 2; pass++) { /* nothing is left of the first */
    exact_form_start(&form);
    for (size_t i = s->count; i-- > 0;) exact_form_add(&form, i, s->value[i]);
  }
  exact_form_value(out, &form, s->exponent);
  exact_form_clear(&form);
}

/* sum C_i v_i with each C_i the end that makes it smallest (side -1) or largest (1). */
static void extreme(mpfr_ptr out, const sample *s, int side) {
  mpfr_t term;
  mpfr_init2(term, EXACT);
  mpfr_set_zero(out, 1);
  for (size_t i = 0; i < s->count; i++) {
    bool right = side * mpz_sgn(s->value[i]) > 0;
    mpfr_mul_z(term, right ? &s->coefficient[i]->right : &s->coefficient[i]->left, s->value[i], MPFR_RNDN);
    mpfr_add(out, out, term, MPFR_RNDN);
  }
  mpfr_mul_2si(out, out, s->exponent, MPFR_RNDN);
  mpfr_clear(term);
}

/* sum |v_i| 2^(top - BITS), what coefficients of BITS bits of the largest can move the sum by. */
static void grain(mpfr_ptr out, const sample *s) {
  mpz_t sizes;
  mpz_init(sizes);
  long top = LONG_MIN;
  for (size_t i = 0; i < s->count; i++) {
    (mpz_sgn(s->value[i]) < 0 ? mpz_sub : mpz_add)(sizes, sizes, s->value[i]);
    const mpfr_srcptr ends[] = {&s->coefficient[i]->left, &s->coefficient[i]->right};
    for (int e = 0; e < 2; e++)
      if (mpfr_regular_p(ends[e]) && mpfr_get_exp(ends[e]) > top) top = mpfr_get_exp(ends[e]);
  }
  mpfr_set_z_2exp(out, sizes, top == LONG_MIN ? 0 : top - BITS + s->exponent, MPFR_RNDU);
  mpz_clear(sizes);
}

static void forms_contain_their_sums_and_little_more(void **state) {
  (void)state;
  test_random random = test_random_new(7460);
  mpfi_t got;
  mpfr_t least, most, allowed, width;
  mpfi_init2(got, EXACT);
  mpfr_inits2(EXACT, least, most, allowed, width, (mpfr_ptr)NULL);
  for (size_t i = 0; i < test_cases(4000); i++) {
    sample s;
    draw(&s, &random);
    evaluate(got, &s);
    extreme(least, &s, -1);
    extreme(most, &s, 1);
    grain(allowed, &s);
    test_check(mpfr_lessequal_p(&got->left, least) && mpfr_lessequal_p(most, &got->right), "case %zu: not inside", i);
    /* below: c_i is cut by less than a unit, and r_i, taken both ways, exceeds the width by less than 2 */
    mpfr_sub(width, most, least, MPFR_RNDN);
    mpfr_mul_2ui(width, width, 1, MPFR_RNDN);
    mpfr_mul_ui(allowed, allowed, 4, MPFR_RNDN);
    mpfr_add(allowed, allowed, width, MPFR_RNDN);
    mpfr_sub(width, &got->right, &got->left, MPFR_RNDN);
    test_check(mpfr_lessequal_p(width, allowed), "case %zu: too wide", i);
    clear(&s);
  }
  mpfi_clear(got);
  mpfr_clears(least, most, allowed, width, (mpfr_ptr)NULL);
}

/* A wide coefficient of 0 does not matter, nor one that is not used. */
static void points_of_few_bits_are_exact(void **state) {
  (void)state;
  iv_scope *s = iv_scope_new(BITS);
  iv third = iv_ratio(s, 1, 3), coefficient[] = {iv_d(s, 0.75), iv_d(s, -5), third, third};
  mpfi_t got;
  mpfi_init2(got, 53);
  mpz_t value;
  mpz_init(value);
  exact_form form;
  exact_form_init(&form, 4);
  exact_form_set(&form, coefficient, BITS);
  exact_form_start(&form);
  mpz_set_si(value, -6);
  exact_form_add(&form, 0, value);
  mpz_set_si(value, 11);
  exact_form_add(&form, 1, value);
  mpz_set_ui(value, 0);
  exact_form_add(&form, 2, value);
  exact_form_value(got, &form, 1);
  assert_true(mpfr_cmp_d(&got->left, -119) == 0 && mpfr_cmp_d(&got->right, -119) == 0);
  mpz_set_ui(value, 1);
  exact_form_add(&form, 2, value);
  exact_form_value(got, &form, 1);
  assert_true(mpfr_cmp(&got->left, &got->right) < 0);
  exact_form_clear(&form);
  mpz_clear(value);
  mpfi_clear(got);
  iv_scope_free(s);
}

static void coefficients_without_bounds_give_no_number(void **state) {
  (void)state;
  iv_scope *s = iv_scope_new(BITS);
  iv coefficient[] = {iv_ui(s, 1), iv_div(s, iv_ui(s, 1), iv_hull(s, iv_si(s, -1), iv_si(s, 1)))};
  mpfi_t got;
  mpfi_init2(got, 53);
  exact_form form;
  exact_form_init(&form, 2);
  exact_form_set(&form, coefficient, BITS);
  exact_form_start(&form);
  exact_form_value(got, &form, 0);
  assert_true(mpfr_nan_p(&got->left) && mpfr_nan_p(&got->right));
  exact_form_clear(&form);
  mpfi_clear(got);
  iv_scope_free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(forms_contain_their_sums_and_little_more),
                                     cmocka_unit_test(points_of_few_bits_are_exact),
                                     cmocka_unit_test(coefficients_without_bounds_give_no_number)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
