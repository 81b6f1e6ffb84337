/* Learning the posterior mean level by level: gmm-diffusion section 2. */
#include "fast/gmm_diffusion/learner.h"
#include "fast/gmm_diffusion/moments.h"
#include "fast/gmm_diffusion/slab_sums.h"

#include <assay/fast.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

assay_status gmm_piece_init(gmm_piece *out, const gmm_problem *problem, size_t cells, double tau,
                            assay_context *context) {
  size_t n = problem->features.dimension;
  void *cell = NULL, *numbers = NULL;
  assay_status status = assay_allocate(&cell, cells, sizeof *out->cell, "cells", context);
  if (!status)
    status = assay_allocate(&numbers, cells, (problem->features.count + 1) * n * sizeof(double), "cells", context);
  if (status) {
    free(cell);
    return status;
  }
  *out = (gmm_piece){.level = {.tau = tau, .cells = cells}, .cell = cell, .centres = numbers};
  out->coefficients = out->centres + cells * n;
  return ASSAY_OK;
}

void gmm_piece_clear(gmm_piece *piece) {
  free(piece->cell);
  free(piece->centres);
  memset(piece, 0, sizeof *piece);
}

gmm_field gmm_piece_field(const gmm_piece *piece, const gmm_problem *problem) {
  size_t n = problem->features.dimension;
  return (gmm_field){.features = &problem->features,
                     .cells = {n, piece->level.cells, piece->centres, sqrt(1 + piece->level.tau), gmm_clip(n)},
                     .cell = piece->cell,
                     .coefficients = piece->coefficients,
                     .mean = problem->mean,
                     .limit = problem->limit};
}

assay_status gmm_noised_subset(double *y, const gmm_problem *problem, size_t k, double tau, size_t first, size_t stride,
                               size_t count, assay_context *context) {
  size_t n = problem->features.dimension;
  assay_normals normals = {problem->settings.seed, (uint32_t)(GMM_NOISE_STREAM + k)};
  assay_stream noise = assay_fast_normals(&normals, problem->samples->rows, problem->settings.draws * n);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < count; i++) {
    size_t at = first + i * stride;
    double *out = y + i * n;
    status = noise.read(&noise, problem->subset_row[at], 1, 0, n, out, n, context);
    for (size_t j = 0; !status && j < n; j++) out[j] = problem->subset[at * n + j] + sqrt(tau) * out[j];
  }
  return status;
}

/* ---- the problem ------------------------------------------------------------------------------------------------- */

static int compare(const void *left, const void *right) {
  double x = *(const double *)left, y = *(const double *)right;
  return (x > y) - (x < y);
}

/* R^2: the .995 quantile of |x - mean|^2 - n over the subset, at least 1. */
static assay_status find_radius(gmm_problem *problem, assay_context *context) {
  size_t n = problem->features.dimension, count = problem->subset_count;
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, count, sizeof(double), "radius", context);
  if (status) return status;
  double *distance2 = memory;
  for (size_t i = 0; i < count; i++) {
    distance2[i] = 0;
    for (size_t j = 0; j < n; j++) {
      double difference = problem->subset[i * n + j] - problem->mean[j];
      distance2[i] += difference * difference;
    }
  }
  qsort(distance2, count, sizeof *distance2, compare);
  problem->settings.radius = sqrt(fmax(1, distance2[(size_t)(0.995 * (double)(count - 1))] - (double)n));
  free(memory);
  if (problem->settings.radius <= 1e6) return ASSAY_OK;
  return assay_fail(context, ASSAY_INVALID, "samples: spread over a radius of %.17g; at most 1e6 is expected",
                    problem->settings.radius);
}

static void problem_clear(gmm_problem *problem) {
  gmm_features_clear(&problem->features);
  free(problem->mean);
  free(problem->subset);
  free(problem->subset_row);
}

static assay_status problem_fill(gmm_problem *p, assay_context *context) {
  const assay_stream *samples = p->samples;
  size_t n = samples->columns;
  void *mean = NULL, *subset = NULL, *row = NULL;
  p->subset_count = samples->rows < GMM_SUBSET ? samples->rows : GMM_SUBSET;
  assay_status status = assay_allocate(&mean, n + 1, n * sizeof(double), "moments", context);
  p->mean = mean;
  if (!status) status = assay_allocate(&subset, p->subset_count, n * sizeof(double), "subset", context);
  p->subset = subset;
  if (!status) status = assay_allocate(&row, p->subset_count, sizeof(size_t), "subset", context);
  p->subset_row = row;
  if (status) return status;
  p->covariance = p->mean + n;
  status = gmm_moments(p->mean, p->covariance, samples, context);
  if (!status) status = gmm_reach(&p->limit, samples, p->mean, context);
  if (!status) status = gmm_subset(p->subset, p->subset_row, samples, p->subset_count, p->settings.seed, context);
  return status || p->settings.radius > 0 ? status : find_radius(p, context);
}

static assay_status problem_init(gmm_problem *out, const assay_stream *samples, const assay_gmm_settings *settings,
                                 assay_context *context) {
  gmm_problem problem = {.samples = samples, .settings = *settings};
  assay_status status = assay_gmm_settings_check(settings, context);
  if (!status && samples->columns < 1) status = assay_fail(context, ASSAY_INVALID, "samples: no columns");
  if (status) return status;
  if (settings->degree == 0) problem.settings.degree = assay_gmm_default_degree(samples->columns);
  status = gmm_features_init(&problem.features, samples->columns, problem.settings.degree, context);
  if (status) return status;
  if (samples->rows < problem.features.count)
    status = assay_fail(context, ASSAY_INVALID, "samples: %zu rows are fewer than the %zu features of degree %zu",
                        samples->rows, problem.features.count, problem.settings.degree);
  if (!status) status = problem_fill(&problem, context);
  if (status)
    problem_clear(&problem);
  else
    *out = problem;
  return status;
}

/* ---- levels ------------------------------------------------------------------------------------------------------ */

/* tau_k = (2 R)^2 ratio^-k while that is above tau_min; the last level is tau_min. */
static size_t count_levels(const assay_gmm_settings *s) {
  double tau = 4 * s->radius * s->radius;
  size_t levels = 1;
  while (tau > s->tau_min) {
    tau /= s->ratio;
    levels++;
  }
  return levels;
}

static void set_levels(double *tau, size_t levels, const assay_gmm_settings *s) {
  tau[0] = 4 * s->radius * s->radius;
  for (size_t k = 1; k < levels; k++) tau[k] = tau[k - 1] / s->ratio;
  tau[levels - 1] = s->tau_min;
}

/* Level k, with the cells that the one before gives. */
static assay_status learn_level(gmm_piece *piece, const gmm_problem *problem, size_t k, const double *tau,
                                size_t levels, assay_context *context) {
  size_t n = problem->features.dimension, cells = 1;
  double *centres = NULL, *sums = NULL;
  assay_status status = k > 0 ? gmm_cover(&centres, &cells, problem, piece - 1, k - 1, context) : ASSAY_OK;
  if (!status) status = gmm_piece_init(piece, problem, cells, tau[k], context);
  if (!status) memcpy(piece->centres, centres ? centres : problem->mean, cells * n * sizeof(double));
  free(centres);
  if (!status) status = gmm_normal_equations(&sums, problem, piece, k, context);
  if (!status) status = gmm_fit(piece, sums, problem, context);
  free(sums);
  return status ? status : gmm_kernel_divergence(piece, problem, k, k + 1 < levels ? tau[k + 1] : 0, context);
}

/* What stays allocated while a level's sums are: moments, subset, and what solving them takes. */
static size_t held_bytes(const gmm_problem *problem) {
  size_t n = problem->features.dimension, p = problem->features.count;
  return (n * (n + 1) + problem->subset_count * (n + 1) + p * (2 * p + 5 * n + 4)) * sizeof(double);
}

static assay_status learn_levels(gmm_piece *pieces, const gmm_problem *problem, const double *tau, size_t levels,
                                 assay_context *context) {
  size_t held = held_bytes(problem);
  for (size_t k = 0; k < levels; k++) {
    assay_context quiet = slab_context(context, held); /* progress is counted in levels */
    assay_status status = learn_level(&pieces[k], problem, k, tau, levels, &quiet);
    if (status) {
      memcpy(context->message, quiet.message, sizeof context->message);
      return status;
    }
    held += pieces[k].level.cells * (problem->features.count + 1) * problem->features.dimension * sizeof(double);
    status = assay_progress(context, "learning", (double)(k + 1) / (double)levels);
    if (status) return status;
  }
  return ASSAY_OK;
}

/* ---- the model --------------------------------------------------------------------------------------------------- */

static assay_status assemble(assay_gmm_model *out, const gmm_piece *pieces, size_t levels, const gmm_problem *problem,
                             assay_context *context) {
  size_t n = problem->features.dimension, p = problem->features.count, cells = 0;
  for (size_t k = 0; k < levels; k++) cells += pieces[k].level.cells;
  assay_gmm_model model;
  assay_status status = assay_gmm_model_init(&model, n, problem->features.degree, levels, cells, context);
  if (status) return status;
  for (size_t k = 0, first = 0; k < levels; first += pieces[k++].level.cells) {
    size_t count = pieces[k].level.cells;
    model.level[k] = pieces[k].level;
    model.level[k].first_cell = first;
    memcpy(model.cell + first, pieces[k].cell, count * sizeof *model.cell);
    memcpy(model.centres + first * n, pieces[k].centres, count * n * sizeof(double));
    memcpy(model.coefficients + first * p * n, pieces[k].coefficients, count * p * n * sizeof(double));
  }
  memcpy(model.mean, problem->mean, n * sizeof(double));
  memcpy(model.covariance, problem->covariance, n * n * sizeof(double));
  model.samples = problem->samples->rows;
  model.radius = problem->settings.radius;
  model.clip = gmm_clip(n);
  model.limit = problem->limit;
  model.settings = problem->settings;
  double initial = 0;
  status = gmm_initial_divergence(&initial, problem, model.level[0].tau, context);
  if (!status) {
    gmm_certificate(&model, initial);
    status = assay_gmm_model_check(&model, context);
  }
  if (status)
    assay_gmm_model_clear(&model);
  else
    *out = model;
  return status;
}

assay_status assay_fast_gmm_learn(assay_gmm_model *out, const assay_stream *samples, const assay_gmm_settings *settings,
                                  assay_context *context) {
  gmm_problem problem = {0};
  assay_status status = problem_init(&problem, samples, settings, context);
  if (status) return status;
  size_t levels = count_levels(&problem.settings);
  void *pieces = NULL, *tau = NULL;
  status = assay_allocate(&pieces, levels, sizeof(gmm_piece), "levels", context);
  if (!status) status = assay_allocate(&tau, levels, sizeof(double), "levels", context);
  if (!status) {
    set_levels(tau, levels, &problem.settings);
    status = learn_levels(pieces, &problem, tau, levels, context);
  }
  if (!status) status = assemble(out, pieces, levels, &problem, context);
  for (size_t k = 0; pieces && k < levels; k++) gmm_piece_clear((gmm_piece *)pieces + k);
  free(pieces);
  free(tau);
  problem_clear(&problem);
  return status;
}
