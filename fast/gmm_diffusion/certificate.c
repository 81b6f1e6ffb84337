/* The parts of the divergence between the true reverse chain and the learned one that the fits do not give. */
#include "fast/gmm_diffusion/learner.h"
#include "fast/gmm_diffusion/moments.h"

#include "fast/core/tiles.h"

#include <assay/fast.h>

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CERTIFICATE_POINTS = 4096 };

static size_t points_of(const gmm_problem *problem) {
  size_t half = problem->subset_count / 2;
  return half < CERTIFICATE_POINTS ? half : CERTIFICATE_POINTS;
}

/* ---- the SDE's step ---------------------------------------------------------------------------------------------- */

/* The true step's law given y is N(., v I) convolved with the law of (dtau/(1 + tau)) u given y, so to leading order
 * its divergence from the Gaussian with its mean is |rho|_F^2/4, rho = dtau Cov(u | y)/((1 + tau)(1 + tau')) and Cov(u
 * | y) = sigma dU/dz. |rho|_F^2 = E|rho v|^2 with v uniform on |v|^2 = n, by central differences of U along v; 0 beyond
 * the clip, where U is constant along the ray. */
typedef struct {
  const gmm_problem *problem;
  gmm_field field;
  const double *y, *direction; /* points x n each */
  size_t points;
  double factor; /* rho = factor dU/dz */
  double *sums;  /* one for each block */
} kernel_work;

/* Relative to the scale of z: the error is of order step^2, rounding 1e-16/step. */
static const double difference_step = 1e-4;

/* sum |dU/dz v|^2 over the points `members` of one cell. */
static double squared_slopes(const kernel_work *k, size_t cell, const double *y, const double *direction,
                             const uint32_t *members, size_t count, double *work) {
  size_t n = k->field.features->dimension;
  double *z = work, *moved = z + n * GMM_BLOCK, *up = moved + n * GMM_BLOCK, *down = up + n * GMM_BLOCK;
  double *scratch = down + n * GMM_BLOCK, sum = 0;
  gmm_cells_coordinates(z, &k->field.cells, cell, y, GMM_BLOCK, members, count);
  for (int side = 1; side >= -1; side -= 2) {
    for (size_t j = 0; j < n; j++)
      for (size_t i = 0; i < count; i++)
        moved[j * GMM_BLOCK + i] =
            z[j * GMM_BLOCK + i] + side * difference_step * direction[j * GMM_BLOCK + members[i]];
    gmm_field_in_cell(side > 0 ? up : down, &k->field, cell, moved, count, scratch);
  }
  for (size_t i = 0; i < count; i++) {
    double norm2 = 0, slope2 = 0;
    for (size_t j = 0; j < n; j++) {
      double slope = (up[j * GMM_BLOCK + i] - down[j * GMM_BLOCK + i]) / (2 * difference_step);
      norm2 += z[j * GMM_BLOCK + i] * z[j * GMM_BLOCK + i];
      slope2 += slope * slope;
    }
    if (norm2 < k->field.cells.clip * k->field.cells.clip * (1 - 1e-12)) sum += slope2;
  }
  return sum;
}

static assay_status kernel_block(void *self, size_t index, void *memory, assay_context *context) {
  (void)context;
  const kernel_work *k = self;
  size_t n = k->field.features->dimension, first = index * GMM_BLOCK;
  size_t rows = k->points - first < GMM_BLOCK ? k->points - first : GMM_BLOCK;
  double *y = memory, *direction = y + n * GMM_BLOCK, *distance = direction + n * GMM_BLOCK;
  void *integers = distance + 2 * (size_t)GMM_BLOCK;
  uint32_t *cell = integers, *order = cell + GMM_BLOCK, *start = order + GMM_BLOCK;
  double *work = distance + 3 * (size_t)GMM_BLOCK + k->field.cells.count + 1;
  gmm_block_load(y, k->y + first * n, rows, n);
  gmm_block_load(direction, k->direction + first * n, rows, n);
  gmm_cells_nearest(cell, &k->field.cells, y, GMM_BLOCK, rows, distance);
  gmm_sort_buckets(order, start, cell, rows, k->field.cells.count);
  for (size_t c = 0; c < k->field.cells.count; c++)
    k->sums[index] += squared_slopes(k, c, y, direction, order + start[c], start[c + 1] - start[c], work);
  return ASSAY_OK;
}

/* Its stream of directions; the levels' noise is stream 0x1000 + level. */
enum { DIRECTION_STREAM = 0x0ffd };

static void normalise(double *direction, size_t points, size_t n) {
  for (size_t i = 0; i < points; i++) {
    double norm = cblas_dnrm2((blasint)n, direction + i * n, 1);
    for (size_t j = 0; norm > 0 && j < n; j++) direction[i * n + j] *= sqrt((double)n) / norm;
  }
}

assay_status gmm_kernel_divergence(gmm_piece *piece, const gmm_problem *problem, size_t k, double next,
                                   assay_context *context) {
  size_t n = problem->features.dimension, points = points_of(problem), blocks = tiles_count(points, GMM_BLOCK);
  double tau = piece->level.tau;
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, 2 * points * n + blocks, sizeof(double), "certificate", context);
  if (status) return status;
  double *y = memory, *direction = y + points * n, *sums = direction + points * n, sum = 0;
  assay_normals normals = {problem->settings.seed, DIRECTION_STREAM};
  assay_stream directions = assay_fast_normals(&normals, (k + 1) * points, n);
  kernel_work work = {problem, gmm_piece_field(piece, problem), y, direction, points, 0, sums};
  work.factor = (tau - next) / ((1 + tau) * (1 + next)) * work.field.cells.sigma;
  size_t scratch = 6 * n * GMM_BLOCK + 3 * (size_t)GMM_BLOCK + work.field.cells.count + 1 +
                   gmm_field_scratch(&problem->features, work.field.cells.count);
  status = gmm_noised_subset(y, problem, k, tau, 0, 2, points, context);
  if (!status) status = directions.read(&directions, k * points, points, 0, n, direction, n, context);
  if (!status) normalise(direction, points, n);
  if (!status) status = tiles_run(blocks, scratch * sizeof(double), kernel_block, &work, "certificate", context);
  for (size_t b = 0; b < blocks; b++) sum += sums[b];
  if (!status) piece->level.kernel = work.factor * work.factor * sum / (double)points / 4;
  free(memory);
  return status;
}

/* ---- the start --------------------------------------------------------------------------------------------------- */

/* p_tau is the samples' law convolved with N(0, tau I), so that a kernel density of width tau on some samples estimates
 * it without bias. With r = q/p the divergence E_p log(p/q) is E_p[r - 1 - log r], whose terms are all positive. */
typedef struct {
  const double *centre, *y, *mean, *factor; /* points x n; points x n; n; n x n, L L' = covariance + tau I */
  size_t points, n;
  double tau, log_root; /* log of the product of L's diagonal */
  double *terms;        /* points */
} start_work;

static double log_kernel_density(const start_work *s, const double *y) {
  double largest = -INFINITY, sum = 0; /* log-sum-exp in one pass */
  for (size_t i = 0; i < s->points; i++) {
    double distance2 = 0;
    for (size_t j = 0; j < s->n; j++) {
      double difference = y[j] - s->centre[i * s->n + j];
      distance2 += difference * difference;
    }
    double exponent = -distance2 / (2 * s->tau);
    if (exponent > largest) {
      sum = sum * exp(largest - exponent) + 1;
      largest = exponent;
    } else {
      sum += exp(exponent - largest);
    }
  }
  return largest + log(sum / (double)s->points) - 0.5 * (double)s->n * log(s->tau);
}

/* Both densities leave out (2 pi)^-n/2. */
static double log_start_density(const start_work *s, const double *y, double *work) {
  for (size_t j = 0; j < s->n; j++) work[j] = y[j] - s->mean[j];
  cblas_dtrsv(CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit, (blasint)s->n, s->factor, (blasint)s->n, work, 1);
  return -0.5 * cblas_ddot((blasint)s->n, work, 1, work, 1) - s->log_root;
}

static assay_status start_block(void *self, size_t index, void *memory, assay_context *context) {
  (void)context;
  const start_work *s = self;
  for (size_t i = index * GMM_BLOCK; i < s->points && i < (index + 1) * GMM_BLOCK; i++) {
    const double *y = s->y + i * s->n;
    double log_ratio = log_start_density(s, y, memory) - log_kernel_density(s, y);
    s->terms[i] = expm1(log_ratio) - log_ratio;
  }
  return ASSAY_OK;
}

assay_status gmm_initial_divergence(double *out, const gmm_problem *problem, double tau, assay_context *context) {
  size_t n = problem->features.dimension, points = points_of(problem);
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, (2 * points + n) * n + points, sizeof(double), "certificate", context);
  if (status) return status;
  double *centre = memory, *y = centre + points * n, *factor = y + points * n, *terms = factor + n * n, sum = 0;
  start_work work = {centre, y, problem->mean, factor, points, n, tau, 0, terms};
  for (size_t i = 0; i < points; i++) memcpy(centre + i * n, problem->subset + 2 * i * n, n * sizeof *centre);
  memcpy(factor, problem->covariance, n * n * sizeof *factor);
  for (size_t j = 0; j < n; j++) factor[j * n + j] += tau;
  if (!gmm_cholesky(factor, n))
    status = assay_fail(context, ASSAY_PRECISION, "samples: covariance + %.17g I without Cholesky factor", tau);
  for (size_t j = 0; !status && j < n; j++) work.log_root += log(factor[j * n + j]);
  if (!status) status = gmm_noised_subset(y, problem, 0, tau, 1, 2, points, context);
  if (!status)
    status = tiles_run(tiles_count(points, GMM_BLOCK), n * sizeof(double), start_block, &work, "certificate", context);
  for (size_t i = 0; i < points; i++) sum += terms[i];
  if (!status) *out = points ? sum / (double)points : 0;
  free(memory);
  return status;
}

/* ---- the sum ----------------------------------------------------------------------------------------------------- */

void gmm_certificate(assay_gmm_model *model, double initial) {
  assay_gmm_certificate c = {.initial = initial};
  for (size_t k = 0; k < model->levels; k++) {
    const assay_gmm_level *level = &model->level[k];
    double next = k + 1 < model->levels ? model->level[k + 1].tau : 0;
    double weight = (level->tau - next) * (1 + level->tau) / (1 + next) / 2;
    c.degree += weight * level->degree_error;
    c.data += weight * level->data_error;
    c.discretisation += level->kernel;
  }
  c.total_variation = fmin(1, sqrt((c.initial + c.degree + c.data + c.discretisation) / 2));
  model->certificate = c;
}
