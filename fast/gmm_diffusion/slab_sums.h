/* fast/gmm_diffusion/slab_sums.h: sums over the rows of a stream, bitwise the same for every number of threads.
 *
 * Rows are cut into tiles, tiles into slabs; one thread adds up a slab's tiles in order, and slabs are added in order.
 * The cuts depend on rows, tile and length alone. */
#ifndef ASSAY_FAST_GMM_DIFFUSION_SLAB_SUMS_H
#define ASSAY_FAST_GMM_DIFFUSION_SLAB_SUMS_H

#include <assay/model.h>

typedef struct {
  size_t rows, tile; /* all; at a time */
  size_t length;     /* doubles of the sums */
  size_t scratch;    /* doubles of each thread's work memory */
  const void *self;
  /* Adds what rows row, ..., row + rows - 1 give to `sums`. */
  assay_status (*add)(const void *self, size_t row, size_t rows, double *sums, double *scratch, assay_context *context);
} slab_pass;

/* A silent context whose memory cap is what `used` bytes leave of this one's. */
assay_context slab_context(const assay_context *context, size_t used);

/* *sums: `length` doubles, to be freed. */
assay_status slab_sums(double **sums, const slab_pass *pass, const char *what, assay_context *context);

#endif
