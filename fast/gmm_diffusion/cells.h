/* fast/gmm_diffusion/cells.h: which cell a point lies in, and its coordinates there. */
#ifndef ASSAY_FAST_GMM_DIFFUSION_CELLS_H
#define ASSAY_FAST_GMM_DIFFUSION_CELLS_H

#include "fast/gmm_diffusion/features.h"

/* The Voronoi cells of `count` centres (count x n) at a level. */
typedef struct {
  size_t dimension, count;
  const double *centres;
  double sigma, clip;
} gmm_cells;

/* How far z may go. In a cell of one component |z| is about sqrt(n), within 1. Beyond, few samples tell a polynomial
 * where to go, and the posterior mean changes little; in one dimension 3.5 leaves less error than 4.5 at all N. */
double gmm_clip(size_t dimension);

/* out[i]: the cell of point i, whose coordinate j is y[j stride + i]; the first of equally near centres. distance:
 * 2 rows doubles of scratch. */
void gmm_cells_nearest(uint32_t *out, const gmm_cells *cells, const double *y, size_t stride, size_t rows,
                       double *distance);

/* Lists the rows of each of `buckets` buckets, bucket after bucket and in each in order: those of bucket b are
 * order[k], start[b] <= k < start[b + 1]. start: buckets + 1 entries. */
void gmm_sort_buckets(uint32_t *order, uint32_t *start, const uint32_t *bucket, size_t rows, size_t buckets);

/* z (a block) of the points order[0], ..., order[rows - 1] in cell `cell`: (y - centre)/sigma, cut to |z| <= clip. */
void gmm_cells_coordinates(double *z, const gmm_cells *cells, size_t cell, const double *y, size_t stride,
                           const uint32_t *order, size_t rows);

#endif
