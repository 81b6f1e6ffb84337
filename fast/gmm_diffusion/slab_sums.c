/* Sums over rows by slabs. */
#include "fast/gmm_diffusion/slab_sums.h"

#include "fast/core/tiles.h"

#include <stdlib.h>
#include <string.h>

/* As many slabs as balance the threads of large machines, while their sums take no more than 512 MB. */
enum { MOST_SLABS = 64, FEWEST_SLABS = 2 };
static const size_t most_doubles = (size_t)1 << 26;

typedef struct {
  const slab_pass *pass;
  size_t slabs, tiles;
  double *sums; /* slabs x length */
} slab_work;

static size_t slabs_of(size_t tiles, size_t length) {
  size_t slabs = most_doubles / length;
  if (slabs > MOST_SLABS) slabs = MOST_SLABS;
  if (slabs < FEWEST_SLABS) slabs = FEWEST_SLABS;
  return slabs < tiles ? slabs : tiles;
}

static assay_status add_slab(void *self, size_t slab, void *scratch, assay_context *context) {
  const slab_work *work = self;
  const slab_pass *pass = work->pass;
  size_t end = (slab + 1) * work->tiles / work->slabs;
  for (size_t tile = slab * work->tiles / work->slabs; tile < end; tile++) {
    size_t row = tile * pass->tile, rows = pass->rows - row < pass->tile ? pass->rows - row : pass->tile;
    assay_status status = pass->add(pass->self, row, rows, work->sums + slab * pass->length, scratch, context);
    if (status) return status;
  }
  return ASSAY_OK;
}

assay_context slab_context(const assay_context *context, size_t used) {
  assay_context rest = *context;
  rest.progress = NULL;
  if (context->memory_cap) rest.memory_cap = context->memory_cap > used ? context->memory_cap - used : 1;
  return rest;
}

assay_status slab_sums(double **sums, const slab_pass *pass, const char *what, assay_context *context) {
  slab_work work = {.pass = pass, .tiles = tiles_count(pass->rows, pass->tile)};
  work.slabs = slabs_of(work.tiles, pass->length);
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, work.slabs, pass->length * sizeof(double), what, context);
  if (status) return status;
  work.sums = memory;
  assay_context rest = slab_context(context, work.slabs * pass->length * sizeof(double));
  status = tiles_run(work.slabs, pass->scratch * sizeof(double), add_slab, &work, what, &rest);
  if (status) memcpy(context->message, rest.message, sizeof context->message);
  for (size_t slab = 1; !status && slab < work.slabs; slab++)
    for (size_t k = 0; k < pass->length; k++) work.sums[k] += work.sums[slab * pass->length + k];
  if (status)
    free(memory);
  else
    *sums = work.sums;
  return status;
}
