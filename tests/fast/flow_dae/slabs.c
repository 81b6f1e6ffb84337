/* Ordered sums over threads: every unit once, in order, when one unit is slow; and the first failure wins. */
#include "testing.h"

#include "fast/flow_dae/slabs.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

enum { UNITS = 200, LATE = 3 };

typedef struct {
  size_t slow, failing[2]; /* UNITS: none */
  size_t combined;
} order;

static void sleep_ms(long ms) {
  const struct timespec pause = {0, ms * 1000000};
  nanosleep(&pause, NULL);
}

static assay_status work(void *self, size_t unit, double *partial, double *scratch, assay_context *context) {
  const order *state = self;
  if (unit == state->slow) sleep_ms(30);
  for (size_t k = 0; k < 2; k++)
    if (unit == state->failing[k]) {
      sleep_ms(10); /* so that the other one is in work too */
      return assay_fail(context, ASSAY_IO, "unit %zu", unit);
    }
  scratch[0] = (double)unit;
  for (size_t k = 0; k < 5; k++) partial[k] += scratch[0] + (double)k;
  return ASSAY_OK;
}

static void combine(void *self, size_t unit, const double *partial) {
  order *state = self;
  test_check(unit == state->combined, "unit %zu combined after %zu others", unit, state->combined);
  for (size_t k = 0; k < 5; k++) test_check(partial[k] == (double)(unit + k), "unit %zu holds %g", unit, partial[k]);
  state->combined++;
}

static assay_status run(order *state, int threads, assay_context *context) {
  assay_context_init(context);
  context->threads = threads;
  dae_job job = {
      .what = "order", .units = UNITS, .partial = 5, .scratch = 1, .self = state, .work = work, .combine = combine};
  return dae_job_run(&job, context);
}

static void in_order(void **state) {
  (void)state;
  assay_context context;
  for (int threads = 1; threads <= 5; threads++)
    for (size_t slow = 0; slow <= UNITS; slow += UNITS / 4) {
      order job = {.slow = slow, .failing = {UNITS, UNITS}};
      assert_int_equal(run(&job, threads, &context), ASSAY_OK);
      test_check(job.combined == UNITS, "%zu of %d units", job.combined, UNITS);
    }
}

/* Both failing units are in work at once; the lower one is the slow one, or the other. */
static void first_failure(void **state) {
  (void)state;
  assay_context context;
  for (int threads = 1; threads <= 5; threads++)
    for (size_t slow = 0; slow <= LATE; slow += LATE) {
      order job = {.slow = slow, .failing = {0, LATE}};
      assert_int_equal(run(&job, threads, &context), ASSAY_IO);
      test_check(strcmp(context.message, "unit 0") == 0, "'%s' with %d threads", context.message, threads);
      test_check(job.combined == 0, "%zu combined", job.combined);
    }
}

typedef struct {
  double last;
  size_t calls, left; /* calls until it says stop */
  pthread_t caller;
  bool wrong; /* a fraction, a name, or a thread that is not the caller's */
} progress;

static int follow(void *self, const char *what, double fraction) {
  progress *seen = self;
  seen->wrong = seen->wrong || !pthread_equal(pthread_self(), seen->caller) || strcmp(what, "order") != 0 ||
                !(fraction >= seen->last && fraction <= 1);
  seen->last = fraction;
  seen->calls++;
  return seen->left-- == 0;
}

/* On the caller's thread, fractions never fall, stay in [0, 1] and end at 1; whoever stops at any of them, the last one
 * too, has cancelled. */
static void progress_ends_at_1(void **state) {
  (void)state;
  assay_context context;
  for (int threads = 1; threads <= 5; threads += 2)
    for (size_t left = 0; left <= UNITS + 1; left += threads == 1 ? 1 : UNITS + 1) {
      order own = {.slow = UNITS, .failing = {UNITS, UNITS}};
      progress seen = {.left = left, .caller = pthread_self()};
      assay_context_init(&context);
      context.threads = threads;
      context.progress = follow;
      context.progress_self = &seen;
      dae_job job = {
          .what = "order", .units = UNITS, .partial = 5, .scratch = 1, .self = &own, .work = work, .combine = combine};
      assay_status status = dae_job_run(&job, &context);
      bool stopped = seen.calls > left;
      test_check(!seen.wrong && status == (stopped ? ASSAY_CANCELLED : ASSAY_OK) && (stopped || seen.last == 1),
                 "%d threads, stop after %zu: status %d, %zu calls, the last %a", threads, left, (int)status,
                 seen.calls, seen.last);
      if (threads == 1)
        test_check(seen.calls == (stopped ? left : UNITS) + 1 && own.combined == (left < UNITS ? left + 1 : UNITS),
                   "stop after %zu: %zu calls, %zu units", left, seen.calls, own.combined);
    }
}

/* Slabs cover the columns once, in whole blocks but the last. */
static void cuts(void **state) {
  (void)state;
  test_random random = test_random_new(0x51a);
  for (size_t k = 0; k < test_cases(1000); k++) {
    size_t rows = test_integer(&random, 1, 3000), columns = test_integer(&random, 1, 3000000), begin = 0;
    dae_slabs slabs = dae_slabs_of(rows, columns);
    for (size_t slab = 0; slab < slabs.slabs; slab++) {
      size_t end = dae_slab_end(&slabs, slab);
      test_check(dae_slab_begin(&slabs, slab) == begin && end > begin && begin % slabs.block == 0,
                 "%zu x %zu: slab %zu from %zu to %zu", rows, columns, slab, begin, end);
      begin = end;
    }
    test_check(begin == columns, "%zu x %zu: ends at %zu", rows, columns, begin);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(in_order), cmocka_unit_test(first_failure),
                                     cmocka_unit_test(progress_ends_at_1), cmocka_unit_test(cuts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
