/* The learned posterior mean, block by block. */
#include "fast/gmm_diffusion/field.h"

#include <math.h>
#include <string.h>

gmm_field gmm_field_of(const assay_gmm_model *model, size_t level, const gmm_features *features) {
  const assay_gmm_level *at = &model->level[level];
  size_t n = model->dimension;
  return (gmm_field){.features = features,
                     .cells = {n, at->cells, model->centres + at->first_cell * n, sqrt(1 + at->tau), model->clip},
                     .cell = model->cell + at->first_cell,
                     .coefficients = model->coefficients + at->first_cell * model->features * n,
                     .mean = model->mean,
                     .limit = model->limit};
}

/* Scratch: for the polynomial, Hermite values and features; for the whole, also z, its U, distances, and the buckets
 * (three arrays of 32-bit integers, of GMM_BLOCK, GMM_BLOCK and cells + 1 entries). */
static size_t polynomial_scratch(const gmm_features *features) {
  return gmm_features_scratch(features) + features->count * GMM_BLOCK;
}

size_t gmm_field_scratch(const gmm_features *features, size_t cells) {
  return polynomial_scratch(features) + (2 * features->dimension + 2 + 1) * GMM_BLOCK + cells + 1;
}

/* Projects U onto the ball |U - mean| <= limit. */
static void keep_within_limit(double *out, const gmm_field *field, size_t rows) {
  size_t n = field->features->dimension;
  double norm2[GMM_BLOCK] = {0};
  for (size_t j = 0; j < n; j++)
    for (size_t i = 0; i < rows; i++) {
      double difference = out[j * GMM_BLOCK + i] - field->mean[j];
      norm2[i] += difference * difference;
    }
  for (size_t i = 0; i < rows; i++) {
    if (norm2[i] <= field->limit * field->limit) continue;
    double cut = field->limit / sqrt(norm2[i]);
    for (size_t j = 0; j < n; j++)
      out[j * GMM_BLOCK + i] = field->mean[j] + cut * (out[j * GMM_BLOCK + i] - field->mean[j]);
  }
}

void gmm_field_in_cell(double *out, const gmm_field *field, size_t cell, const double *z, size_t rows,
                       double *scratch) {
  const gmm_features *features = field->features;
  size_t n = features->dimension, degree = field->cell[cell].degree;
  double *values = scratch + gmm_features_scratch(features);
  gmm_features_values(values, features, degree, z, rows, scratch);
  for (size_t j = 0; j < n; j++) {
    double *sum = out + j * GMM_BLOCK;
    memset(sum, 0, rows * sizeof *sum);
    const double *coefficients = field->coefficients + cell * features->count * n + j;
    for (size_t f = 0; f < features->prefix[degree]; f++) {
      double coefficient = coefficients[f * n];
      const double *value = values + f * GMM_BLOCK;
      for (size_t i = 0; i < rows; i++) sum[i] += coefficient * value[i];
    }
    double centre = field->cells.centres[cell * n + j];
    for (size_t i = 0; i < rows; i++) sum[i] += centre;
  }
  keep_within_limit(out, field, rows);
}

void gmm_field_values(double *out, const gmm_field *field, const double *y, size_t rows, double *scratch) {
  size_t n = field->features->dimension, cells = field->cells.count;
  double *z = scratch + polynomial_scratch(field->features), *mean = z + n * GMM_BLOCK;
  double *distance = mean + n * GMM_BLOCK;
  void *integers = distance + 2 * (size_t)GMM_BLOCK;
  uint32_t *cell = integers, *order = cell + GMM_BLOCK, *start = order + GMM_BLOCK;
  gmm_cells_nearest(cell, &field->cells, y, GMM_BLOCK, rows, distance);
  gmm_sort_buckets(order, start, cell, rows, cells);
  for (size_t c = 0; c < cells; c++) {
    const uint32_t *members = order + start[c];
    size_t count = start[c + 1] - start[c];
    if (count == 0) continue;
    gmm_cells_coordinates(z, &field->cells, c, y, GMM_BLOCK, members, count);
    gmm_field_in_cell(mean, field, c, z, count, scratch);
    for (size_t j = 0; j < n; j++)
      for (size_t i = 0; i < count; i++) out[j * GMM_BLOCK + members[i]] = mean[j * GMM_BLOCK + i];
  }
}

void gmm_block_load(double *block, const double *rows_of, size_t rows, size_t dimension) {
  for (size_t j = 0; j < dimension; j++)
    for (size_t i = 0; i < rows; i++) block[j * GMM_BLOCK + i] = rows_of[i * dimension + j];
}

void gmm_block_store(double *rows_of, const double *block, size_t rows, size_t dimension) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < dimension; j++) rows_of[i * dimension + j] = block[j * GMM_BLOCK + i];
}
