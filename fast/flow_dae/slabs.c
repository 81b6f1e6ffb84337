/* Sums over columns in a fixed order, in parallel. */
#include "fast/flow_dae/slabs.h"

#include "fast/flow_dae/tile.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* Doubles of one tile (256 KiB: two of them fit a core's second-level cache), and the limits of a block. */
enum { TILE = 32768, BLOCK_LEAST = 64, BLOCK_MOST = 2048, BLOCK_STEP = 16 };

static size_t quotient_up(size_t a, size_t b) { return a / b + (a % b != 0); }

/* sqrt(blocks)/2 blocks in a slab: enough slabs for many threads, and few additions in a row. */
dae_slabs dae_slabs_of(size_t rows, size_t columns) {
  size_t block = TILE / rows / BLOCK_STEP * BLOCK_STEP;
  if (block < BLOCK_LEAST) block = BLOCK_LEAST;
  if (block > BLOCK_MOST) block = BLOCK_MOST;
  size_t blocks = quotient_up(columns, block);
  size_t per_slab = (size_t)(sqrt((double)blocks) / 2);
  if (per_slab < 1) per_slab = 1;
  return (dae_slabs){columns, block, per_slab, quotient_up(blocks, per_slab)};
}

size_t dae_slab_begin(const dae_slabs *slabs, size_t slab) { return slab * slabs->blocks_per_slab * slabs->block; }

size_t dae_slab_end(const dae_slabs *slabs, size_t slab) {
  return slab + 1 < slabs->slabs ? dae_slab_begin(slabs, slab + 1) : slabs->columns;
}

double dae_slabs_roundings(const dae_slabs *slabs) {
  return (double)(tile_dot_roundings(slabs->block) + slabs->blocks_per_slab + slabs->slabs);
}

typedef struct {
  assay_status status;
  char message[sizeof((assay_context *)NULL)->message];
  bool stop;
} outcome;

static bool stopped(outcome *result) {
  bool stop = false;
#pragma omp atomic read
  stop = result->stop;
  return stop;
}

static void stop_with(outcome *result, assay_status status, const char *message) {
  if (result->status) return;
  result->status = status;
  memcpy(result->message, message, sizeof result->message);
#pragma omp atomic write
  result->stop = true;
}

/* The thread's share of the units. Ordered sections run one at a time, so `combine` and `stop_with` need no lock; the
 * calling thread (number 0) reports progress inside its own. */
static void run_units(const dae_job *job, outcome *result, double *memory, assay_context *context) {
  assay_context own = *context;
  own.progress = NULL;
  bool caller = omp_get_thread_num() == 0;
#pragma omp for ordered schedule(dynamic, 1)
  for (size_t unit = 0; unit < job->units; unit++) {
    assay_status status = ASSAY_OK;
    bool skip = stopped(result);
    if (!skip) {
      memset(memory, 0, job->partial * sizeof *memory);
      status = job->work(job->self, unit, memory, memory + job->partial, &own);
    }
#pragma omp ordered
    {
      if (status) stop_with(result, status, own.message);
      if (!skip) job->combine(job->self, unit, memory);
      if (caller && !stopped(result)) {
        status = assay_progress(context, job->what, (double)(unit + 1) / (double)job->units);
        if (status) stop_with(result, status, context->message);
      }
    }
  }
}

assay_status dae_job_run(const dae_job *job, assay_context *context) {
  size_t threads = (size_t)(context->threads > 0 ? context->threads : omp_get_max_threads());
  if (threads > job->units) threads = job->units;
  size_t share = quotient_up(job->partial + job->scratch, 8) * 8;
  size_t bytes = threads * share * sizeof(double) + job->held;
  if (context->memory_cap && bytes > context->memory_cap)
    return assay_fail(context, ASSAY_MEMORY, "%s: %zu bytes exceed the memory cap of %zu", job->what, bytes,
                      context->memory_cap);
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, threads, share * sizeof(double), job->what, context);
  if (status) return status;
  outcome result = {.status = ASSAY_OK};
#pragma omp parallel num_threads((int)threads)
  run_units(job, &result, (double *)memory + (size_t)omp_get_thread_num() * share, context);
  free(memory);
  if (!result.status) return ASSAY_OK;
  return assay_fail(context, result.status, "%s", result.message);
}
