/* fast/flow_dae/slabs.h: sums over columns, in parallel and yet always in the same order.
 *
 * Columns are cut into blocks (a tile of all rows of one block stays in cache), blocks are grouped into slabs. A slab
 * is summed by one thread; slabs are combined in their order. The cuts depend on the array's shape alone, so the sums
 * are bitwise the same for every number of threads. */
#ifndef ASSAY_FAST_FLOW_DAE_SLABS_H
#define ASSAY_FAST_FLOW_DAE_SLABS_H

#include <assay/model.h>

typedef struct {
  size_t columns, block, blocks_per_slab, slabs;
} dae_slabs;

dae_slabs dae_slabs_of(size_t rows, size_t columns);

/* First column of a slab, and of the one after it. */
size_t dae_slab_begin(const dae_slabs *slabs, size_t slab);
size_t dae_slab_end(const dae_slabs *slabs, size_t slab);

/* Adds one block of columns, of one group of rows where a pass has several (else group is 0), to `partial`. */
typedef assay_status (*dae_block)(const void *pass, size_t group, size_t column, size_t columns, double *partial,
                                  double *scratch, assay_context *context);

/* The slab's blocks in order, up to the first failure. */
assay_status dae_slab_blocks(const dae_slabs *slabs, size_t slab, size_t group, dae_block block, const void *pass,
                             double *partial, double *scratch, assay_context *context);

/* The number of roundings that a term of a dot product over all columns goes through: its product, the additions of its
 * lane, of the lanes, of blocks in a slab and of slabs. The computed sum of x_j y_j is within gamma_roundings sum
 * |x_j y_j| of the exact one, underflow apart. */
double dae_slabs_roundings(const dae_slabs *slabs);

/* Work in units. work: fills `partial` (zeroed) for one unit, on any thread. combine: adds it up, in the order of
 * units, one at a time. */
typedef struct {
  const char *what;        /* for progress and messages */
  size_t units;            /* >= 1 */
  size_t partial, scratch; /* doubles per thread */
  size_t held;             /* bytes the caller has allocated already; counted against the memory cap */
  void *self;
  assay_status (*work)(void *self, size_t unit, double *partial, double *scratch, assay_context *context);
  void (*combine)(void *self, size_t unit, const double *partial);
} dae_job;

/* Runs all units with the context's threads; progress is reported from the calling thread, at the end at least. On
 * failure the status and message of the first unit that failed, whatever the number of threads. */
assay_status dae_job_run(const dae_job *job, assay_context *context);

#endif
