/* fast/flow_dae/subspace.h: orthonormal coordinates in the span of a few d-dimensional vectors, so that a problem that
 * depends on products alone becomes a plain one in `rank` dimensions.
 *
 * Cholesky's factorisation of their Gram matrix with the largest relative pivot first: v_b = sqrt(d) sum_k
 * coordinates_bk e_k, products of coordinates are <v, v'>/d. Coordinates reproduce the Gram matrix to a few units in
 * the last place of |v| |v'|; vectors whose remaining square is a part below rounding are taken to depend on those
 * before. */
#ifndef ASSAY_FAST_FLOW_DAE_SUBSPACE_H
#define ASSAY_FAST_FLOW_DAE_SUBSPACE_H

#include <assay/model.h>

typedef struct {
  size_t rows, rank;
  double *coordinates; /* rows x rank */
  size_t *pivots;      /* the first `rank` are the rows that span; their coordinates are lower triangular */
} dae_subspace;

/* gram: rows x rows, <v, v'>/d. */
assay_status dae_subspace_init(dae_subspace *out, const double *gram, size_t rows, assay_context *context);
void dae_subspace_clear(dae_subspace *subspace);

/* Coordinates (rank) of the projection of x with the products <v_b, x>/d (rows). */
void dae_subspace_place(double *coordinates, const dae_subspace *subspace, const double *products);

/* Weights (rows) with sum_b weights_b v_b = the vector with these coordinates (rank). */
void dae_subspace_combine(double *weights, const dae_subspace *subspace, const double *coordinates);

#endif
