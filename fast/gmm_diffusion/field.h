/* fast/gmm_diffusion/field.h: the learned posterior mean U at one level. Every point's value is its own, bit for bit,
 * whatever points stand beside it. */
#ifndef ASSAY_FAST_GMM_DIFFUSION_FIELD_H
#define ASSAY_FAST_GMM_DIFFUSION_FIELD_H

#include "fast/gmm_diffusion/cells.h"

typedef struct {
  const gmm_features *features;
  gmm_cells cells;
  const assay_gmm_cell *cell;
  const double *coefficients; /* cells x features x n */
  const double *mean;         /* n; |U - mean| <= limit */
  double limit;
} gmm_field;

gmm_field gmm_field_of(const assay_gmm_model *model, size_t level, const gmm_features *features);

/* Doubles of scratch below. */
size_t gmm_field_scratch(const gmm_features *features, size_t cells);

/* U at the points of a block (coordinate j of point i at y[j GMM_BLOCK + i], and so in out). */
void gmm_field_values(double *out, const gmm_field *field, const double *y, size_t rows, double *scratch);

/* U for given coordinates z in one cell. */
void gmm_field_in_cell(double *out, const gmm_field *field, size_t cell, const double *z, size_t rows, double *scratch);

/* Blocks from rows of points (row-major) and back. */
void gmm_block_load(double *block, const double *rows_of, size_t rows, size_t dimension);
void gmm_block_store(double *rows_of, const double *block, size_t rows, size_t dimension);

#endif
