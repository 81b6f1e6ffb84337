/* Moments in one pass over the samples, which also looks at every entry; then how far they go. */
#include "fast/gmm_diffusion/moments.h"

#include "fast/gmm_diffusion/slab_sums.h"

#include <assay/fast.h>

#include <cblas.h>
#include <f77blas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TILE = 1024 };

bool gmm_cholesky(double *matrix, size_t n) {
  blasint order = (blasint)n, info = 0;
  char upper = 'U'; /* LAPACK's columns are our rows */
  BLASFUNC(dpotrf)(&upper, &order, matrix, &order, &info);
  return info == 0;
}

/* Sums of x - shift and of its products (lower triangle). */
typedef struct {
  const assay_stream *samples;
  const double *shift;
} moments_pass;

static assay_status check_entry(double value, size_t row, size_t column, assay_context *context) {
  if (isfinite(value)) return ASSAY_OK;
  return assay_fail(context, ASSAY_INVALID, "samples[%zu][%zu]: %.17g is not finite", row, column, value);
}

static assay_status add_moments(const void *self, size_t row, size_t rows, double *sums, double *scratch,
                                assay_context *context) {
  const moments_pass *pass = self;
  size_t n = pass->samples->columns;
  assay_status status = pass->samples->read(pass->samples, row, rows, 0, n, scratch, n, context);
  for (size_t i = 0; !status && i < rows; i++)
    for (size_t j = 0; !status && j < n; j++) {
      double *value = scratch + i * n + j;
      status = check_entry(*value, row + i, j, context);
      *value -= pass->shift[j];
      sums[j] += *value;
    }
  if (!status)
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, (blasint)n, (blasint)rows, 1, scratch, (blasint)n, 1, sums + n,
                (blasint)n);
  return status;
}

/* Samples with unit noise have variance at least 1 in every direction. That of N samples falls below (1 - sqrt(n/N) -
 * 6.5/sqrt(N))^2 with a chance of about exp(-6.5^2/2) < 1e-9 (Davidson and Szarek's bound, for the noise alone). */
static assay_status check_spread(const double *covariance, size_t n, size_t rows, double *work,
                                 assay_context *context) {
  double root = 1 - sqrt((double)n / (double)rows) - 6.5 / sqrt((double)rows), least = root > 0 ? root * root : 0;
  for (size_t k = 0; k < n * n; k++)
    if (!isfinite(covariance[k]))
      return assay_fail(context, ASSAY_INVALID, "samples: the squares of column %zu overflow", k / n);
  for (size_t j = 0; j < n; j++)
    if (!(covariance[j * n + j] > least))
      return assay_fail(context, ASSAY_INVALID,
                        "samples: variance %.17g in column %zu; samples with unit noise have at least 1 (%.3g allowing "
                        "for chance)",
                        covariance[j * n + j], j, least);
  memcpy(work, covariance, n * n * sizeof *work);
  for (size_t j = 0; j < n; j++) work[j * n + j] -= least;
  if (gmm_cholesky(work, n)) return ASSAY_OK;
  return assay_fail(context, ASSAY_INVALID,
                    "samples: variance below %.3g in some direction; samples with unit noise have at least 1", least);
}

static void finish_moments(double *mean, double *covariance, const double *sums, const double *shift, size_t n,
                           double rows) {
  for (size_t j = 0; j < n; j++) {
    mean[j] = shift[j] + sums[j] / rows;
    for (size_t l = 0; l <= j; l++) {
      double value = sums[n + j * n + l] / rows - (sums[j] / rows) * (sums[l] / rows);
      covariance[j * n + l] = covariance[l * n + j] = value;
    }
  }
}

assay_status gmm_moments(double *mean, double *covariance, const assay_stream *samples, assay_context *context) {
  size_t n = samples->columns;
  if (n < 1) return assay_fail(context, ASSAY_INVALID, "samples: no columns");
  if (samples->rows < 1) return assay_fail(context, ASSAY_INVALID, "samples: no rows");
  void *shift = NULL;
  assay_status status = assay_allocate(&shift, n + 1, n * sizeof(double), "moments", context);
  if (!status) status = samples->read(samples, 0, 1, 0, n, shift, n, context);
  double *first = shift, *sums = NULL;
  for (size_t j = 0; !status && j < n; j++) status = check_entry(first[j], 0, j, context);
  moments_pass self = {samples, shift};
  slab_pass pass = {samples->rows, TILE, n * (n + 1), TILE * n, &self, add_moments};
  if (!status) status = slab_sums(&sums, &pass, "moments", context);
  if (!status) {
    finish_moments(mean, covariance, sums, shift, n, (double)samples->rows);
    status = check_spread(covariance, n, samples->rows, first + n, context);
  }
  free(sums);
  free(shift);
  return status;
}

assay_status gmm_reach(double *out, const assay_stream *samples, const double *mean, assay_context *context) {
  size_t n = samples->columns;
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, TILE, n * sizeof(double), "moments", context);
  double *x = memory, largest = 0;
  for (size_t row = 0; !status && row < samples->rows; row += TILE) {
    size_t rows = samples->rows - row < TILE ? samples->rows - row : TILE;
    status = samples->read(samples, row, rows, 0, n, x, n, context);
    for (size_t i = 0; !status && i < rows; i++) {
      double distance2 = 0;
      for (size_t j = 0; j < n; j++) distance2 += (x[i * n + j] - mean[j]) * (x[i * n + j] - mean[j]);
      largest = fmax(largest, distance2);
    }
  }
  if (!status) *out = sqrt(largest);
  free(memory);
  return status;
}

/* The stream of random places; the noise of level k is stream 0x1000 + k. */
enum { SUBSET_STREAM = 0x0ffe };

assay_status gmm_subset(double *out, size_t *row, const assay_stream *samples, size_t count, uint64_t seed,
                        assay_context *context) {
  const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  assay_status status = ASSAY_OK;
  size_t n = samples->columns, part = samples->rows / count, longer = samples->rows % count, first = 0;
  for (size_t k = 0; !status && k < count; k++) {
    const uint32_t counter[4] = {(uint32_t)k, (uint32_t)((uint64_t)k >> 32), 0, SUBSET_STREAM};
    uint32_t bits[4];
    assay_fast_philox(bits, counter, key);
    size_t length = part + (k < longer), at = first + ((uint64_t)bits[1] << 32 | bits[0]) % length;
    status = samples->read(samples, at, 1, 0, n, out + k * n, n, context);
    if (row) row[k] = at;
    first += length;
  }
  return status;
}
