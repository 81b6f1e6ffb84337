/* The precisions that Ziv's strategy tries. */
#include "testing.h"

#include "reference/core/ziv.h"

#include <string.h>

static void test_sequence(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  context.max_bits = 1000;
  const long expected[] = {164, 328, 656, 1000, 0};
  long bits = ziv_first(100, &context);
  for (size_t i = 0; i < 5; i++, bits = bits ? ziv_next(bits, &context) : 0) assert_int_equal(bits, expected[i]);
}

/* A goal next to or beyond max_bits is still tried, at max_bits; one below 1 is not. */
static void test_ends(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  context.max_bits = 120;
  assert_int_equal(ziv_first(55, &context), 119);
  assert_int_equal(ziv_first(56, &context), 120);
  assert_int_equal(ziv_first(500, &context), 120);
  assert_int_equal(ziv_next(120, &context), 0);
  assert_int_equal(ziv_first(0, &context), 0);
  assert_int_equal(ziv_failed("this", 0, &context), ASSAY_INVALID);
  assert_non_null(strstr(context.message, "goal_bits: 0"));
  assert_int_equal(ziv_failed("this", 500, &context), ASSAY_PRECISION);
  assert_non_null(strstr(context.message, "this: 500 bits were not reached within max_bits = 120"));
  context.max_bits = 1;
  assert_int_equal(ziv_first(1, &context), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_sequence), cmocka_unit_test(test_ends)};
  return cmocka_run_group_tests_name("Ziv's strategy", tests, NULL, NULL);
}
