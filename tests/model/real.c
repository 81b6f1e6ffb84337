#include "tests.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void real_reads_decimals_and_ratios(void **state) {
  (void)state;
  const struct {
    const char *text;
    bool keep;
    double nearest;
    bool exact;
  } cases[] = {
      {"0.1", false, 0.1, false},
      {"0.1", true, 0.1, true},
      {"1/10", false, 0.1, true},
      {"-3/4", false, -0.75, true},
      {"+2.5e-3", false, 2.5e-3, false},
      {".5", false, 0.5, false},
      {"5.", false, 5, false},
      {"0e-999999", false, 0, false},
      {"4.9406564584124654e-324", false, 0x1p-1074, false},
      {"0/7", false, 0, true},
      {"1/3", false, 0x1.5555555555555p-2, true},
  };
  assay_context context;
  assay_context_init(&context);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    assay_real real = assay_real_of(7);
    assert_int_equal(assay_real_parse(&real, cases[i].text, cases[i].keep, "value", &context), ASSAY_OK);
    test_check(real.nearest == cases[i].nearest, "%s gives %a, expected %a", cases[i].text, real.nearest,
               cases[i].nearest);
    assert_ptr_equal(real.exact, cases[i].exact ? cases[i].text : NULL);
  }
}

void real_refuses_by_name(void **state) {
  (void)state;
  const char *texts[] = {"",    "abc",   "1.2.3", "1e400", "1e-400", "1/0", "1/-0",  "1.5/2", "1/2/3", "nan",
                         "inf", "0x1p3", "1 ",    " 1",    "1e",     "--1", "1/2.5", "/2",    "1/",    "1,5"};
  assay_context context;
  assay_context_init(&context);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    assay_real real = assay_real_of(7);
    test_check(assay_real_parse(&real, texts[i], false, "lambda", &context) == ASSAY_INVALID, "'%s'", texts[i]);
    test_check(strstr(context.message, "lambda") && strstr(context.message, texts[i]), "message: %s", context.message);
    assert_true(real.nearest == 7);
  }
}

/* p/q with p = m 2^e0 + 1 just beyond the middle of two neighbouring doubles: only one correct rounding sees the 1.
 * Subnormal: m/2^1075 lies exactly between two subnormals when m is odd; to nearest even decides. */
void real_ratio_is_nearest(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  assay_real real;
  /* (2^54 + 2 + tiny)/2^54 lies beyond the middle of 1 and 1 + 2^-52: written with 3 more digits. */
  assert_int_equal(assay_real_parse(&real, "18014398509481986001/18014398509481984000", false, "value", &context), 0);
  assert_true(real.nearest == 1 + 0x1p-52);
  assert_int_equal(assay_real_parse(&real, "18014398509481986000/18014398509481984000", false, "value", &context), 0);
  assert_true(real.nearest == 1); /* the middle itself: to even */
  char text[1200]; /* 3/(2 10^324) = 1.5e-324, nearest the smallest subnormal 4.94e-324? below its half: underflow */
  snprintf(text, sizeof text, "3/2%0*d", 324, 0);
  assert_int_equal(assay_real_parse(&real, text, false, "value", &context), ASSAY_INVALID);
  snprintf(text, sizeof text, "6/2%0*d", 324, 0); /* 3e-324: above the half of 4.94e-324 */
  assert_int_equal(assay_real_parse(&real, text, false, "value", &context), ASSAY_OK);
  assert_true(real.nearest == 0x1p-1074);
  char huge[1200]; /* 10^500/10^499: both beyond a double, the ratio is 10 */
  snprintf(huge, sizeof huge, "1%0*d/1%0*d", 500, 0, 499, 0);
  assert_int_equal(assay_real_parse(&real, huge, false, "value", &context), ASSAY_OK);
  assert_true(real.nearest == 10);
  snprintf(huge, sizeof huge, "1%0*d/3", 320, 0);
  assert_int_equal(assay_real_parse(&real, huge, false, "value", &context), ASSAY_INVALID);
}

void real_copy_owns_its_string(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  char text[] = "1/10";
  assay_real real, copy;
  assert_int_equal(assay_real_parse(&real, text, false, "value", &context), ASSAY_OK);
  assert_int_equal(assay_real_copy(&copy, real, &context), ASSAY_OK);
  text[0] = '9';
  assert_string_equal(copy.exact, "1/10");
  assay_real_clear(&copy);
  assert_null(copy.exact);
}
