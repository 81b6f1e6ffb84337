/* assay gmm score: the learned score at given points of one noise level. */
#include "cli/gmm_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  const char *model_path, *points_path, *out_path;
  assay_real noise;
  size_t level;
  bool json;
  gmm_file file;
  assay_npy_array points;
  double *scores; /* points x n */
} score_job;

/* ---- the level ---- */

/* Levels are 1 % apart or more; gmm learn prints six digits. */
static bool is_level(double tau, double asked) { return fabs(tau - asked) <= 5e-6 * tau; }

/* The level with that tau; else the message lists the two that enclose it. */
static assay_status find_level(score_job *job, assay_context *context) {
  const assay_gmm_model *m = &job->file.model;
  double asked = job->noise.nearest;
  size_t below = 0; /* the first level below what was asked */
  while (below < m->levels && m->level[below].tau > asked && !is_level(m->level[below].tau, asked)) below++;
  if (below < m->levels && is_level(m->level[below].tau, asked)) {
    job->level = below;
    return ASSAY_OK;
  }
  if (below == 0 || below == m->levels)
    return assay_fail(context, ASSAY_INVALID, "--noise: %.6g is no level of %s; the nearest is %.6g", asked,
                      job->model_path, m->level[below ? below - 1 : 0].tau);
  return assay_fail(context, ASSAY_INVALID, "--noise: %.6g is no level of %s; the nearest are %.6g and %.6g", asked,
                    job->model_path, m->level[below - 1].tau, m->level[below].tau);
}

/* ---- computing ---- */

static assay_status score(score_job *job, bool noise_given, assay_context *context) {
  assay_status status = job->out_path ? cli_check_writable(job->out_path, context) : ASSAY_OK;
  if (!status) status = gmm_file_read(&job->file, job->model_path, context);
  if (!status) job->level = job->file.model.levels - 1;
  if (!status && noise_given) status = find_level(job, context);
  if (!status) status = assay_npy_read(&job->points, job->points_path, context);
  if (status) return status;
  size_t n = job->file.model.dimension;
  if (job->points.columns != n)
    return assay_fail(context, ASSAY_INVALID, "%s: %zu columns, but the dimension of %s is %zu", job->points_path,
                      job->points.columns, job->model_path, n);
  status = assay_allocate((void **)&job->scores, job->points.rows, n * sizeof *job->scores, "scores", context);
  if (status) return status;
  status = assay_fast_gmm_score(job->scores, &job->file.model, job->level, job->points.data, job->points.rows, context);
  if (!status && job->out_path) status = assay_npy_write(job->out_path, job->scores, job->points.rows, n, context);
  return status;
}

/* ---- printing ---- */

static void print_text(const score_job *job) {
  size_t n = job->file.model.dimension;
  for (size_t i = 0; i < job->points.rows; i++)
    for (size_t j = 0; j < n; j++) printf("%.17g%s", job->scores[i * n + j], j + 1 < n ? " " : "\n");
}

static json_t *json_scores(const score_job *job) {
  size_t n = job->file.model.dimension;
  json_t *list = json_array();
  for (size_t i = 0; list && i < job->points.rows; i++)
    if (json_array_append_new(list, gmm_json_vector(job->scores + i * n, n))) {
      json_decref(list);
      return NULL;
    }
  return list;
}

static json_t *json_of(const score_job *job) {
  const assay_gmm_model *m = &job->file.model;
  json_t *object =
      json_pack("{s:o, s:I, s:o, s:o, s:s}", "noise", cli_json_number(m->level[job->level].tau), "points",
                (json_int_t)job->points.rows, "total_variation", cli_json_number(m->certificate.total_variation),
                "tolerance", cli_json_number(job->file.tolerance), "verdict", gmm_verdict(&job->file));
  if (object && !job->out_path && json_object_set_new(object, "values", json_scores(job))) {
    json_decref(object);
    return NULL;
  }
  return object;
}

static int run_score(int argc, char **argv) {
  score_job job = {0};
  enum { MODEL, POINTS, NOISE, OUT, OPTIONS };
  cli_option options[OPTIONS] = {
      [MODEL] = cli_required(cli_text("model", &job.model_path, "M", "a model that gmm learn wrote")),
      [POINTS] = cli_required(cli_text("points", &job.points_path, "P.npy", "N x n points (float32 or float64)")),
      [NOISE] = cli_real("noise", &job.noise, "TAU", "a level of the model, to six digits (the smallest)"),
      [OUT] = cli_text("out", &job.out_path, "V.npy", "write float64 here instead of printing"),
  };
  cli_common common;
  int exit_status;
  if (!cli_parse(&cli_gmm_score, options, OPTIONS, &common, argc, argv, &exit_status)) return exit_status;
  assay_context context = cli_context(&common);
  assay_status status = score(&job, options[NOISE].given, &context);
  cli_progress_end();
  if (!status && common.json) status = cli_print_json(json_of(&job), JSON_INDENT(1), &context);
  if (!status && common.json) putchar('\n');
  if (!status && !common.json && !job.out_path) print_text(&job);
  exit_status = status ? cli_failure(&cli_gmm_score, status, &context)
                       : gmm_exit_status(&cli_gmm_score, job.model_path, &job.file);
  assay_gmm_model_clear(&job.file.model);
  assay_npy_array_clear(&job.points);
  free(job.scores);
  return exit_status;
}

const cli_command cli_gmm_score = {
    .name = "gmm score",
    .summary = "Evaluates the learned score of a noise level at given points.",
    .details = "The score grad log p_tau(y), p_tau the law of x + sqrt(tau) xi, x a sample, xi ~ N(0, I). One line\n"
               "a point, components separated by a space. Levels are those that gmm learn --json lists; nothing is\n"
               "learned between them. Exit status 3, with the scores given: the certificate exceeds the tolerance\n"
               "of gmm learn. The example needs the model of gmm learn's; it takes the samples as points.",
    .example = "  assay gmm score --model model.gmm --points samples.npy --noise 0.02",
    .run = run_score,
};
