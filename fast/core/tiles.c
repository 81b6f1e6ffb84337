/* Tiles over OpenMP threads, with deterministic errors. */
#include "fast/core/tiles.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

size_t tiles_count(size_t items, size_t tile) { return items / tile + (items % tile != 0); }

size_t tiles_threads(size_t count, const assay_context *context) {
  size_t threads = context->threads > 0 ? (size_t)context->threads : (size_t)omp_get_max_threads();
  return count < threads ? (count ? count : 1) : threads;
}

/* What the threads share; guarded by the critical section below. */
typedef struct {
  size_t failed; /* lowest failing tile so far; count: none */
  size_t done;
  assay_status status;
  bool cancelled;
  assay_context *context;
} shared_state;

static void record_failure(shared_state *shared, size_t index, assay_status status, const assay_context *local) {
#pragma omp critical(assay_tiles)
  if (index < shared->failed) {
    shared->failed = index;
    shared->status = status;
    memcpy(shared->context->message, local->message, sizeof local->message);
  }
}

/* Every tile below the lowest failing one is done, so that the failure reported is the same for any thread count. */
static bool still_wanted(shared_state *shared, size_t index) {
  bool wanted = false;
#pragma omp critical(assay_tiles)
  wanted = index < shared->failed && !shared->cancelled;
  return wanted;
}

static void report(shared_state *shared, size_t count, const char *what) {
  size_t done = 0;
#pragma omp critical(assay_tiles)
  done = ++shared->done;
  if (omp_get_thread_num() != 0 || !shared->context->progress) return;
  assay_context local = *shared->context;
  if (assay_progress(&local, what, (double)done / (double)count) == ASSAY_OK) return;
#pragma omp critical(assay_tiles)
  shared->cancelled = true;
}

assay_status tiles_run(size_t count, size_t scratch_bytes, tile_body body, void *self, const char *what,
                       assay_context *context) {
  size_t threads = tiles_threads(count, context);
  size_t stride = (scratch_bytes / ALIGNMENT + 2) * ALIGNMENT;
  if (scratch_bytes > SIZE_MAX / 2)
    return assay_fail(context, ASSAY_MEMORY, "%s: work memory of %zu bytes", what, scratch_bytes);
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, threads, stride, what, context);
  if (status != ASSAY_OK) return status;
  char *aligned = (char *)memory + (ALIGNMENT - (uintptr_t)memory % ALIGNMENT) % ALIGNMENT;

  shared_state shared = {.failed = count, .status = ASSAY_OK, .context = context};
#pragma omp parallel num_threads((int)threads)
  {
    assay_context local = *context;
    local.progress = NULL;
    void *scratch = aligned + (size_t)omp_get_thread_num() * stride;
#pragma omp for schedule(dynamic, 1)
    for (size_t index = 0; index < count; index++) {
      if (!still_wanted(&shared, index)) continue;
      assay_status tile_status = body(self, index, scratch, &local);
      if (tile_status != ASSAY_OK) record_failure(&shared, index, tile_status, &local);
      report(&shared, count, what);
    }
  }
  free(memory);
  if (shared.status != ASSAY_OK) return shared.status;
  if (shared.cancelled) return assay_fail(context, ASSAY_CANCELLED, "%s: cancelled", what);
  return ASSAY_OK;
}
