/* Orthonormal coordinates from a Gram matrix, by Cholesky's factorisation with pivots. */
#include "fast/flow_dae/subspace.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is left of vector b's square, as a part of it. */
static double part_left(const double *rest, const double *gram, size_t b, size_t rows) {
  double square = gram[b * rows + b];
  return square > 0 ? rest[b] / square : 0;
}

static size_t largest_rest(const double *rest, const double *gram, const size_t *pivots, size_t from, size_t rows) {
  size_t best = from;
  for (size_t k = from + 1; k < rows; k++)
    if (part_left(rest, gram, pivots[k], rows) > part_left(rest, gram, pivots[best], rows)) best = k;
  return best;
}

/* Coordinate k of every vector that is not yet a pivot, v_pivots[k] being the k-th. */
static void eliminate(double *factor, double *rest, const double *gram, const size_t *pivots, size_t k, size_t rows) {
  size_t p = pivots[k];
  double root = sqrt(rest[p]);
  const double *pivot = factor + p * rows;
  for (size_t l = k; l < rows; l++) {
    size_t b = pivots[l];
    double *row = factor + b * rows, sum = gram[b * rows + p];
    for (size_t j = 0; j < k; j++) sum -= row[j] * pivot[j];
    row[k] = b == p ? root : sum / root;
    rest[b] -= row[k] * row[k];
  }
}

assay_status dae_subspace_init(dae_subspace *out, const double *gram, size_t rows, assay_context *context) {
  void *factor = NULL, *pivots = NULL, *rest = NULL;
  assay_status status = assay_allocate(&factor, rows * rows, sizeof(double), "coordinates", context);
  if (!status) status = assay_allocate(&pivots, rows, sizeof(size_t), "coordinates", context);
  if (!status) status = assay_allocate(&rest, rows, sizeof(double), "coordinates", context);
  if (status) {
    free(factor), free(pivots);
    return status;
  }
  dae_subspace made = {.rows = rows, .coordinates = factor, .pivots = pivots};
  double *left = rest;
  for (size_t b = 0; b < rows; b++) {
    made.pivots[b] = b;
    left[b] = gram[b * rows + b];
  }
  double least = 4 * (double)rows * DBL_EPSILON;
  for (; made.rank < rows; made.rank++) {
    size_t best = largest_rest(left, gram, made.pivots, made.rank, rows), kept = made.pivots[best];
    if (!(part_left(left, gram, kept, rows) > least)) break;
    made.pivots[best] = made.pivots[made.rank];
    made.pivots[made.rank] = kept;
    eliminate(made.coordinates, left, gram, made.pivots, made.rank, rows);
  }
  for (size_t b = 0; b < rows; b++)
    memmove(made.coordinates + b * made.rank, made.coordinates + b * rows, made.rank * sizeof(double));
  free(rest);
  *out = made;
  return ASSAY_OK;
}

void dae_subspace_clear(dae_subspace *subspace) {
  free(subspace->coordinates);
  free(subspace->pivots);
  memset(subspace, 0, sizeof *subspace);
}

void dae_subspace_place(double *coordinates, const dae_subspace *subspace, const double *products) {
  for (size_t k = 0; k < subspace->rank; k++) {
    const double *row = subspace->coordinates + subspace->pivots[k] * subspace->rank;
    double sum = products[subspace->pivots[k]];
    for (size_t j = 0; j < k; j++) sum -= row[j] * coordinates[j];
    coordinates[k] = sum / row[k];
  }
}

void dae_subspace_combine(double *weights, const dae_subspace *subspace, const double *coordinates) {
  memset(weights, 0, subspace->rows * sizeof *weights);
  for (size_t k = subspace->rank; k-- > 0;) {
    double sum = coordinates[k];
    for (size_t l = k + 1; l < subspace->rank; l++)
      sum -= subspace->coordinates[subspace->pivots[l] * subspace->rank + k] * weights[subspace->pivots[l]];
    weights[subspace->pivots[k]] = sum / subspace->coordinates[subspace->pivots[k] * subspace->rank + k];
  }
}
