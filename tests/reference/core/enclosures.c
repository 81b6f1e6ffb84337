/* Arrays of enclosures count against the cap with all that they take: the array, and the numbers behind it that GMP
 * allocates. */
#include "testing.h"

#include <assay/reference.h>

#include <stdlib.h>

static size_t taken;

static void *count_bytes(size_t bytes) {
  taken += bytes;
  return malloc(bytes);
}

static void *recount_bytes(void *old, size_t before, size_t bytes) {
  taken += bytes - before;
  return realloc(old, bytes);
}

static void release(void *memory, size_t bytes) {
  taken -= bytes;
  free(memory);
}

/* The smallest cap that lets `count` of them pass. */
static size_t least_cap(size_t count) {
  size_t refused = 1, accepted = (size_t)1 << 30;
  while (accepted - refused > 1) {
    assay_context context;
    mpfi_ptr made = NULL;
    assay_context_init(&context);
    context.memory_cap = refused + (accepted - refused) / 2;
    assay_status status = assay_enclosures_init(&made, count, &context);
    assert_true(status == ASSAY_OK || (status == ASSAY_MEMORY && !made));
    if (status)
      refused = context.memory_cap;
    else
      accepted = context.memory_cap;
    assay_enclosures_clear(made, count);
  }
  return accepted;
}

/* At least what is taken, and not twice as much. */
static void the_cap_counts_what_is_taken(void **state) {
  (void)state;
  mp_set_memory_functions(count_bytes, recount_bytes, release);
  for (size_t count = 1; count <= 1000; count *= 10) {
    assay_context context;
    mpfi_ptr made = NULL;
    assay_context_init(&context);
    taken = 0;
    assert_int_equal(assay_enclosures_init(&made, count, &context), ASSAY_OK);
    size_t bytes = taken + count * sizeof *made, cap = least_cap(count);
    test_check(taken > 0 && cap >= bytes && cap <= 2 * bytes, "%zu enclosures: %zu bytes, least cap %zu", count, bytes,
               cap);
    assay_enclosures_clear(made, count);
    test_check(taken == 0, "%zu enclosures: %zu bytes are left", count, taken);
  }
}

static void too_many_are_refused(void **state) {
  (void)state;
  assay_context context;
  mpfi_ptr made = NULL;
  assay_context_init(&context);
  assert_int_equal(assay_enclosures_init(&made, SIZE_MAX / sizeof *made, &context), ASSAY_MEMORY);
  assert_null(made);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_cap_counts_what_is_taken),
                                     cmocka_unit_test(too_many_are_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
