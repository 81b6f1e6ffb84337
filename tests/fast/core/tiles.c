/* Tiles: each done once, failures the same for any number of threads. */
#include "fast/core/tiles.h"

#include "testing.h"

#include <string.h>

typedef struct {
  int seen[100];
  size_t fail_from; /* tiles from here on fail */
} record;

static assay_status note(void *self, size_t index, void *scratch, assay_context *context) {
  record *r = self;
  memset(scratch, 1, 40); /* the sanitizer watches the end of it */
  if ((uintptr_t)scratch % 64 != 0) return assay_fail(context, ASSAY_INTERNAL, "scratch is not aligned");
  r->seen[index]++;
  if (index >= r->fail_from) return assay_fail(context, ASSAY_IO, "tile %zu failed", index);
  return ASSAY_OK;
}

static void every_tile_is_done_once(void **state) {
  (void)state;
  for (int threads = 1; threads <= 4; threads++) {
    assay_context context;
    assay_context_init(&context);
    context.threads = threads;
    record r = {.fail_from = 100};
    assert_int_equal(tiles_run(100, 40, note, &r, "work", &context), ASSAY_OK);
    for (size_t i = 0; i < 100; i++) assert_int_equal(r.seen[i], 1);
  }
  assert_int_equal(tiles_count(0, 8), 0);
  assert_int_equal(tiles_count(16, 8), 2);
  assert_int_equal(tiles_count(17, 8), 3);
}

static void the_first_failing_tile_is_reported(void **state) {
  (void)state;
  for (int threads = 1; threads <= 4; threads++) {
    assay_context context;
    assay_context_init(&context);
    context.threads = threads;
    record r = {.fail_from = 37};
    assert_int_equal(tiles_run(100, 40, note, &r, "work", &context), ASSAY_IO);
    assert_string_equal(context.message, "tile 37 failed");
    for (size_t i = 0; i < 37; i++) assert_int_equal(r.seen[i], 1);
  }
}

static int stop_at_once(void *self, const char *what, double fraction) {
  (void)self;
  assert_string_equal(what, "work");
  assert_true(fraction > 0.0 && fraction <= 1.0);
  return 1;
}

static void progress_may_cancel(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  context.threads = 1;
  context.progress = stop_at_once;
  record r = {.fail_from = 100};
  assert_int_equal(tiles_run(100, 40, note, &r, "work", &context), ASSAY_CANCELLED);
  assert_int_equal(r.seen[0], 1);
  assert_int_equal(r.seen[1], 0);
}

static void scratch_counts_against_the_cap(void **state) {
  (void)state;
  assay_context context;
  assay_context_init(&context);
  context.threads = 2;
  context.memory_cap = 10000;
  record r = {.fail_from = 100};
  assert_int_equal(tiles_run(100, 5000, note, &r, "work", &context), ASSAY_MEMORY);
  assert_int_equal(r.seen[0], 0);
  assert_int_equal(tiles_run(100, 4000, note, &r, "work", &context), ASSAY_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_tile_is_done_once),
      cmocka_unit_test(the_first_failing_tile_is_reported),
      cmocka_unit_test(progress_may_cancel),
      cmocka_unit_test(scratch_counts_against_the_cap),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
