/* Cells from a warm start: where the posterior means of the level before gather. */
#include "fast/gmm_diffusion/learner.h"

#include <assay/fast.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COVER_POINTS = 2048, WORD = 64 };

/* near: for each point, a bit for each point within the ball around it. */
typedef struct {
  const double *point; /* count x n */
  size_t count, n, words;
  uint64_t *near, *left; /* count x words; words: not covered yet */
} cover;

static double distance2(const double *x, const double *y, size_t n) {
  double sum = 0;
  for (size_t j = 0; j < n; j++) sum += (x[j] - y[j]) * (x[j] - y[j]);
  return sum;
}

static void find_near(const cover *c, double radius) {
  for (size_t i = 0; i < c->count; i++)
    for (size_t k = 0; k <= i; k++) {
      if (!(distance2(c->point + i * c->n, c->point + k * c->n, c->n) <= radius * radius)) continue;
      c->near[i * c->words + k / WORD] |= (uint64_t)1 << k % WORD;
      c->near[k * c->words + i / WORD] |= (uint64_t)1 << i % WORD;
    }
}

static size_t covered_by(const cover *c, size_t i) {
  size_t sum = 0;
  for (size_t w = 0; w < c->words; w++) sum += (size_t)__builtin_popcountll(c->near[i * c->words + w] & c->left[w]);
  return sum;
}

/* The mean of the points in ball i that no earlier one covers; they are covered from now on. */
static void take_ball(const cover *c, size_t i, double *centre) {
  size_t count = 0;
  memset(centre, 0, c->n * sizeof *centre);
  for (size_t k = 0; k < c->count; k++) {
    if (!(c->near[i * c->words + k / WORD] & c->left[k / WORD] & (uint64_t)1 << k % WORD)) continue;
    for (size_t j = 0; j < c->n; j++) centre[j] += c->point[k * c->n + j];
    count++;
  }
  for (size_t j = 0; j < c->n; j++) centre[j] /= (double)count;
  for (size_t w = 0; w < c->words; w++) c->left[w] &= ~c->near[i * c->words + w];
}

/* The fullest ball first, while one holds at least `least` points. The first of equals wins. */
static size_t take_balls(const cover *c, double least, double *centres) {
  for (size_t k = 0; k < c->count; k++) c->left[k / WORD] |= (uint64_t)1 << k % WORD;
  for (size_t found = 0;; found++) {
    size_t best = 0, most = 0;
    for (size_t i = 0; i < c->count; i++) {
      size_t gain = covered_by(c, i);
      if (gain > most) {
        most = gain;
        best = i;
      }
    }
    if (most == 0 || (double)most < least) return found;
    take_ball(c, best, centres + found * c->n);
  }
}

/* The posterior means of the level before at its own noised samples. */
static assay_status posterior_means(double *out, const gmm_problem *problem, const gmm_piece *before, size_t k,
                                    size_t count, assay_context *context) {
  size_t n = problem->features.dimension;
  gmm_field field = gmm_piece_field(before, problem);
  void *memory = NULL;
  assay_status status =
      gmm_noised_subset(out, problem, k, before->level.tau, 0, problem->subset_count / count, count, context);
  if (!status)
    status = assay_allocate(&memory, 2 * n * GMM_BLOCK + gmm_field_scratch(&problem->features, field.cells.count),
                            sizeof(double), "cover", context);
  double *y = memory, *mean = y + n * GMM_BLOCK;
  for (size_t first = 0; !status && first < count; first += GMM_BLOCK) {
    size_t rows = count - first < GMM_BLOCK ? count - first : GMM_BLOCK;
    gmm_block_load(y, out + first * n, rows, n);
    gmm_field_values(mean, &field, y, rows, mean + n * GMM_BLOCK);
    gmm_block_store(out + first * n, mean, rows, n);
  }
  free(memory);
  return status;
}

assay_status gmm_cover(double **centres, size_t *count, const gmm_problem *problem, const gmm_piece *before, size_t k,
                       assay_context *context) {
  size_t n = problem->features.dimension;
  cover c = {.count = problem->subset_count < COVER_POINTS ? problem->subset_count : COVER_POINTS, .n = n};
  c.words = (c.count + WORD - 1) / WORD;
  void *points = NULL, *bits = NULL, *found = NULL;
  assay_status status = assay_allocate(&points, c.count, n * sizeof(double), "cover", context);
  if (!status) status = posterior_means(points, problem, before, k, c.count, context);
  if (!status) status = assay_allocate(&bits, c.count + 1, c.words * sizeof(uint64_t), "cover", context);
  if (!status) status = assay_allocate(&found, c.count + 1, n * sizeof(double), "cover", context);
  if (!status) {
    c.point = points;
    c.near = bits;
    c.left = c.near + c.count * c.words;
    find_near(&c, problem->settings.cover * sqrt(1 + before->level.tau));
    *count = take_balls(&c, problem->settings.minimum_weight / 2 * (double)c.count, found);
    *centres = found;
    if (*count == 0) {
      memcpy(found, problem->mean, n * sizeof(double));
      *count = 1;
    }
    found = NULL;
  }
  free(found);
  free(bits);
  free(points);
  return status;
}
