/* Voronoi cells. */
#include "fast/gmm_diffusion/cells.h"

#include <math.h>
#include <string.h>

double gmm_clip(size_t dimension) { return sqrt((double)dimension) + 2.5; }

void gmm_cells_nearest(uint32_t *out, const gmm_cells *cells, const double *y, size_t stride, size_t rows,
                       double *distance) {
  memset(out, 0, rows * sizeof *out);
  if (cells->count < 2) return;
  double *least = distance + rows;
  for (size_t c = 0; c < cells->count; c++) {
    memset(distance, 0, rows * sizeof *distance);
    for (size_t j = 0; j < cells->dimension; j++) {
      double centre = cells->centres[c * cells->dimension + j];
      const double *coordinate = y + j * stride;
      for (size_t i = 0; i < rows; i++) {
        double difference = coordinate[i] - centre;
        distance[i] += difference * difference;
      }
    }
    for (size_t i = 0; i < rows; i++) {
      bool nearer = c == 0 || distance[i] < least[i];
      least[i] = nearer ? distance[i] : least[i];
      out[i] = nearer ? (uint32_t)c : out[i];
    }
  }
}

void gmm_sort_buckets(uint32_t *order, uint32_t *start, const uint32_t *bucket, size_t rows, size_t buckets) {
  memset(start, 0, (buckets + 1) * sizeof *start);
  for (size_t i = 0; i < rows; i++) start[bucket[i] + 1]++;
  for (size_t b = 0; b < buckets; b++) start[b + 1] += start[b];
  for (size_t i = 0; i < rows; i++) order[start[bucket[i]]++] = (uint32_t)i;
  memmove(start + 1, start, buckets * sizeof *start); /* start[b] has moved to where b + 1 begins */
  start[0] = 0;
}

void gmm_cells_coordinates(double *z, const gmm_cells *cells, size_t cell, const double *y, size_t stride,
                           const uint32_t *order, size_t rows) {
  const double *centre = cells->centres + cell * cells->dimension;
  double norm2[GMM_BLOCK] = {0};
  for (size_t j = 0; j < cells->dimension; j++) {
    double *out = z + j * GMM_BLOCK;
    for (size_t i = 0; i < rows; i++) {
      out[i] = (y[j * stride + order[i]] - centre[j]) / cells->sigma;
      norm2[i] += out[i] * out[i];
    }
  }
  for (size_t i = 0; i < rows; i++) {
    if (norm2[i] <= cells->clip * cells->clip) continue;
    double cut = cells->clip / sqrt(norm2[i]);
    for (size_t j = 0; j < cells->dimension; j++) z[j * GMM_BLOCK + i] *= cut;
  }
}
