/* The normal equations of a level's cells, in one pass over the samples. */
#include "fast/gmm_diffusion/learner.h"
#include "fast/gmm_diffusion/slab_sums.h"

#include <assay/fast.h>

#include <cblas.h>
#include <math.h>

/* Noised points of a tile. */
enum { TILE_POINTS = 4096 };

typedef struct {
  const gmm_problem *problem;
  const gmm_cells *cells;
  const assay_stream *noise; /* N x (draws n): draw m of sample i in columns m n, ... of row i */
  double root_tau;
  uint32_t level;
  size_t size; /* of one cell's half */
} equations_pass;

/* Views into a thread's work memory. Point q of a tile is draw q mod M of row q / M. */
typedef struct {
  double *x, *noise;     /* rows x n; points x n */
  double *y;             /* n x points: coordinate after coordinate */
  double *distance;      /* 2 points */
  double *z, *target;    /* n x GMM_BLOCK */
  double *hermite, *phi; /* features and what they need */
  uint32_t *bucket, *order, *start;
} tile_memory;

static size_t tile_rows(const gmm_problem *problem) { return TILE_POINTS / problem->settings.draws; }

static tile_memory lay_out(double *scratch, const gmm_problem *problem, size_t cells, size_t *doubles) {
  size_t n = problem->features.dimension;
  tile_memory t;
  t.x = scratch;
  t.noise = t.x + tile_rows(problem) * n;
  t.y = t.noise + TILE_POINTS * n;
  t.distance = t.y + TILE_POINTS * n;
  t.z = t.distance + 2 * (size_t)TILE_POINTS;
  t.target = t.z + n * GMM_BLOCK;
  t.hermite = t.target + n * GMM_BLOCK;
  t.phi = t.hermite + gmm_features_scratch(&problem->features);
  double *end = t.phi + problem->features.count * GMM_BLOCK;
  void *integers = end;
  t.bucket = integers;
  t.order = t.bucket + TILE_POINTS;
  t.start = t.order + TILE_POINTS;
  if (doubles) *doubles = (size_t)(end - scratch) + TILE_POINTS + cells + 1;
  return t;
}

/* Which half a sample belongs to: a bit of its own, so that no order of the samples matters, and another at each level,
 * so that chance in the split evens out over the levels. */
static uint32_t half_of(uint64_t seed, uint32_t level, uint64_t row) {
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  uint64_t block = row / 128;
  const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), level, GMM_HALF_STREAM};
  uint32_t bits[4];
  assay_fast_philox(bits, counter, key);
  return bits[row % 128 / 32] >> (row % 32) & 1;
}

static void noise_points(const equations_pass *pass, const tile_memory *t, size_t points) {
  size_t n = pass->cells->dimension, draws = pass->problem->settings.draws;
  for (size_t q = 0; q < points; q++)
    for (size_t j = 0; j < n; j++)
      t->y[j * TILE_POINTS + q] = t->x[q / draws * n + j] + pass->root_tau * t->noise[q * n + j];
}

static void sort_points(const equations_pass *pass, const tile_memory *t, size_t row, size_t points) {
  size_t draws = pass->problem->settings.draws;
  gmm_cells_nearest(t->bucket, pass->cells, t->y, TILE_POINTS, points, t->distance);
  for (size_t i = 0; i * draws < points; i++) {
    uint32_t half = half_of(pass->problem->settings.seed, pass->level, row + i);
    for (size_t q = i * draws; q < (i + 1) * draws; q++) t->bucket[q] = 2 * t->bucket[q] + half;
  }
  gmm_sort_buckets(t->order, t->start, t->bucket, points, 2 * pass->cells->count);
}

/* Targets of a block, and their sum of squares. */
static double fill_targets(const equations_pass *pass, const tile_memory *t, size_t cell, const uint32_t *order,
                           size_t rows) {
  size_t n = pass->cells->dimension, draws = pass->problem->settings.draws;
  const double *centre = pass->cells->centres + cell * n;
  double squares = 0;
  for (size_t j = 0; j < n; j++)
    for (size_t i = 0; i < rows; i++) {
      size_t q = order[i];
      double target = t->x[q / draws * n + j] - t->noise[q * n + j] / pass->root_tau - centre[j];
      t->target[j * GMM_BLOCK + i] = target;
      squares += target * target;
    }
  return squares;
}

static void add_block(const equations_pass *pass, const tile_memory *t, size_t bucket, const uint32_t *order,
                      size_t rows, double *sums) {
  const gmm_features *features = &pass->problem->features;
  size_t n = features->dimension, p = features->count, cell = bucket / 2;
  double *gram = sums + bucket * pass->size, *right = gram + p * p, *scalars = right + p * n;
  gmm_cells_coordinates(t->z, pass->cells, cell, t->y, TILE_POINTS, order, rows);
  scalars[0] += fill_targets(pass, t, cell, order, rows);
  scalars[1] += (double)rows;
  gmm_features_values(t->phi, features, features->degree, t->z, rows, t->hermite);
  cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, (blasint)p, (blasint)rows, 1, t->phi, GMM_BLOCK, 1, gram,
              (blasint)p);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (blasint)p, (blasint)n, (blasint)rows, 1, t->phi, GMM_BLOCK,
              t->target, GMM_BLOCK, 1, right, (blasint)n);
}

static assay_status add_tile(const void *self, size_t row, size_t rows, double *sums, double *scratch,
                             assay_context *context) {
  const equations_pass *pass = self;
  const gmm_problem *problem = pass->problem;
  size_t n = problem->features.dimension, width = problem->settings.draws * n, points = rows * problem->settings.draws;
  tile_memory t = lay_out(scratch, problem, pass->cells->count, NULL);
  assay_status status = problem->samples->read(problem->samples, row, rows, 0, n, t.x, n, context);
  if (!status) status = pass->noise->read(pass->noise, row, rows, 0, width, t.noise, width, context);
  if (status) return status;
  noise_points(pass, &t, points);
  sort_points(pass, &t, row, points);
  for (size_t bucket = 0; bucket < 2 * pass->cells->count; bucket++)
    for (size_t k = t.start[bucket]; k < t.start[bucket + 1]; k += GMM_BLOCK) {
      size_t left = t.start[bucket + 1] - k;
      add_block(pass, &t, bucket, t.order + k, left < GMM_BLOCK ? left : GMM_BLOCK, sums);
    }
  return ASSAY_OK;
}

size_t gmm_equations_size(const gmm_features *features) {
  return features->count * (features->count + features->dimension) + 2;
}

assay_status gmm_normal_equations(double **sums, const gmm_problem *problem, const gmm_piece *piece, size_t k,
                                  assay_context *context) {
  gmm_field field = gmm_piece_field(piece, problem);
  assay_normals normals = {problem->settings.seed, (uint32_t)(GMM_NOISE_STREAM + k)};
  assay_stream noise =
      assay_fast_normals(&normals, problem->samples->rows, problem->settings.draws * problem->features.dimension);
  equations_pass self = {.problem = problem,
                         .cells = &field.cells,
                         .noise = &noise,
                         .root_tau = sqrt(piece->level.tau),
                         .level = (uint32_t)k,
                         .size = gmm_equations_size(&problem->features)};
  slab_pass pass = {.rows = problem->samples->rows,
                    .tile = tile_rows(problem),
                    .length = 2 * piece->level.cells * self.size,
                    .self = &self,
                    .add = add_tile};
  double nowhere = 0;
  lay_out(&nowhere, problem, piece->level.cells, &pass.scratch);
  return slab_sums(sums, &pass, "normal equations", context);
}
