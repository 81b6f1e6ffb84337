/* Sums over columns in a fixed order, in parallel. */
#include "fast/flow_dae/slabs.h"

#include "fast/flow_dae/tile.h"

#include <math.h>
#include <omp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* Doubles of one tile (256 KiB: two of them fit a core's second-level cache), and the limits of a block. Below the
 * least one, what each row of a block costs beside its columns is more than what larger tiles cost. */
enum { TILE = 32768, BLOCK_LEAST = 128, BLOCK_MOST = 2048, BLOCK_STEP = 16 };

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

assay_status dae_slab_blocks(const dae_slabs *slabs, size_t slab, size_t group, dae_block block, const void *pass,
                             double *partial, double *scratch, assay_context *context) {
  size_t end = dae_slab_end(slabs, slab);
  for (size_t column = dae_slab_begin(slabs, slab); column < end; column += slabs->block) {
    size_t columns = end - column < slabs->block ? end - column : slabs->block;
    assay_status status = block(pass, group, column, columns, partial, scratch, context);
    if (status) return status;
  }
  return ASSAY_OK;
}

double dae_slabs_roundings(const dae_slabs *slabs) {
  return (double)(tile_dot_roundings(slabs->block) + slabs->blocks_per_slab + slabs->slabs);
}

/* What the threads share. Unit u fills slot u modulo `window`, which is free once unit u - window is combined: a thread
 * runs at most that far ahead of the unit whose turn it is, so threads hardly ever wait and memory stays bounded. */
typedef struct {
  const dae_job *job;
  assay_context *context;
  double *slots;
  bool *ready; /* slots filled, waiting for their turn */
  size_t window;
  size_t handed, turn; /* units handed out, units combined */
  size_t limit;        /* the lowest unit that failed; 0 after a cancellation: from here on nothing is wanted */
  assay_status status;
  char message[sizeof((assay_context *)NULL)->message];
} crew;

static double *slot_of(const crew *all, size_t unit) { return all->slots + unit % all->window * all->job->partial; }

/* The next unit, when its slot is free; job->units when there is none or it is no longer wanted. The unit whose turn it
 * is has always been handed out and never waits here, so waiting ends. */
static size_t take_unit(crew *all) {
  size_t unit = 0, turn = 0, limit = 0;
#pragma omp atomic capture
  unit = all->handed++;
  for (;; sched_yield()) {
#pragma omp atomic read
    limit = all->limit;
#pragma omp atomic read seq_cst
    turn = all->turn;
    if (unit >= limit) break;
    if (unit < turn + all->window) return unit;
  }
  return all->job->units;
}

/* Inside the critical section. Units below a failing one go on, so that the failure reported is the first for every
 * number of threads. */
static void stop_at(crew *all, size_t unit, assay_status status, const char *message) {
  if (unit >= all->limit) return;
  all->status = status;
  memcpy(all->message, message, sizeof all->message);
#pragma omp atomic write
  all->limit = unit;
}

/* Inside the critical section: combines what is ready, in order; reports progress when the caller's thread is here. */
static void give_unit(crew *all, size_t unit, bool caller) {
  const dae_job *job = all->job;
  all->ready[unit % all->window] = true;
  for (size_t turn = all->turn; turn < job->units && all->ready[turn % all->window]; turn++) {
    job->combine(job->self, turn, slot_of(all, turn));
    all->ready[turn % all->window] = false;
#pragma omp atomic write seq_cst /* the slot is read before its next owner sees this */
    all->turn = turn + 1;
  }
  if (!caller || all->status) return;
  assay_status status = assay_progress(all->context, job->what, (double)all->turn / (double)job->units);
  if (status) stop_at(all, 0, status, all->context->message);
}

static void run_units(crew *all, double *scratch) {
  const dae_job *job = all->job;
  assay_context own = *all->context;
  own.progress = NULL;
  bool caller = omp_get_thread_num() == 0;
  for (size_t unit = take_unit(all); unit < job->units; unit = take_unit(all)) {
    memset(slot_of(all, unit), 0, job->partial * sizeof(double));
    assay_status status = job->work(job->self, unit, slot_of(all, unit), scratch, &own);
#pragma omp critical(assay_dae_units)
    {
      if (!status)
        give_unit(all, unit, caller);
      else
        stop_at(all, unit, status, own.message);
    }
  }
}

/* Units ahead of the one whose turn it is, for each thread. */
enum { AHEAD = 4 };

assay_status dae_job_run(const dae_job *job, assay_context *context) {
  size_t threads = (size_t)(context->threads > 0 ? context->threads : omp_get_max_threads());
  if (threads > job->units) threads = job->units;
  crew all = {.job = job, .context = context, .limit = job->units, .window = threads > 1 ? AHEAD * threads : 1};
  size_t share = quotient_up(job->scratch, 8) * 8, numbers = threads * share + all.window * job->partial;
  size_t bytes = numbers * sizeof(double) + all.window + job->held;
  if (context->memory_cap && bytes > context->memory_cap)
    return assay_fail(context, ASSAY_MEMORY, "%s: %zu bytes exceed the memory cap of %zu", job->what, bytes,
                      context->memory_cap);
  void *memory = NULL, *ready = NULL;
  assay_status status = assay_allocate(&memory, numbers, sizeof(double), job->what, context);
  if (!status) status = assay_allocate(&ready, all.window, sizeof(bool), job->what, context);
  if (!status) {
    all.slots = (double *)memory + threads * share;
    all.ready = ready;
#pragma omp parallel num_threads((int)threads)
    run_units(&all, (double *)memory + (size_t)omp_get_thread_num() * share);
    if (all.status) status = assay_fail(context, all.status, "%s", all.message);
  }
  free(memory);
  free(ready);
  return status ? status : assay_progress(context, job->what, 1);
}
