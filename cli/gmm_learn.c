/* assay gmm learn: a sampler learned from samples of a mixture, and what its certificate says. */
#include "cli/gmm_model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  const char *data_path, *model_path;
  assay_gmm_settings settings;
  assay_real ratio, weight, radius;
  assay_npy_file data;
  gmm_file file;
} learn_job;

/* ---- the report as text ---- */

/* 1 (tau 97 to 12) -> 2 (tau 10 to 0.02): levels with as many cells in one. */
static void print_cells(const assay_gmm_model *m) {
  printf("cells by level: ");
  for (size_t k = 0, end; k < m->levels; k = end) {
    for (end = k + 1; end < m->levels && m->level[end].cells == m->level[k].cells;) end++;
    printf("%s%zu (tau %.6g", k ? " -> " : "", m->level[k].cells, m->level[k].tau);
    if (end > k + 1) printf(" to %.6g", m->level[end - 1].tau);
    printf(")");
  }
  putchar('\n');
}

/* Fewer than 10 draws for each feature of the model's degree. */
static bool is_limited(const assay_gmm_model *m, size_t cell) {
  const double draws_a_feature = 10;
  double draws = round(m->cell[cell].weight * (double)m->samples * (double)m->settings.draws);
  return draws < draws_a_feature * (double)m->features;
}

static size_t count_limited(const assay_gmm_model *m) {
  size_t count = 0;
  for (size_t c = 0; c < m->cells; c++) count += is_limited(m, c);
  return count;
}

static size_t count_of_degree(const assay_gmm_model *m, size_t degree) {
  size_t count = 0;
  for (size_t c = 0; c < m->cells; c++) count += m->cell[c].degree == degree;
  return count;
}

static void print_degrees(const assay_gmm_model *m) {
  printf("degrees of cells, by cross-validated risk:");
  const char *between = "";
  for (size_t d = m->degree + 1; d-- > 0;) {
    size_t count = count_of_degree(m, d);
    if (!count) continue;
    printf("%s %zu in %zu", between, d, count);
    between = ",";
  }
  size_t limited = count_limited(m);
  if (limited) printf("; %zu have too few draws for degree %zu (10 a feature)", limited, m->degree);
  putchar('\n');
}

static void print_text(const learn_job *job) {
  const assay_gmm_model *m = &job->file.model;
  const assay_gmm_certificate *c = &m->certificate;
  printf("%s: %zu samples (%s) in dimension %zu\n", job->data_path, m->samples, gmm_stored(&job->data), m->dimension);
  printf("degree %zu (%zu features), radius %.6g, %zu levels from tau %.6g to %.6g\n", m->degree, m->features,
         m->radius, m->levels, m->level[0].tau, m->level[m->levels - 1].tau);
  print_cells(m);
  print_degrees(m);
  printf("certificate of the sde sampler, estimated from the samples, not proved (Kullback-Leibler, nats):\n");
  printf("  initial          %.3g\n  degree           %.3g\n  data             %.3g\n  discretisation   %.3g\n",
         c->initial, c->degree, c->data, c->discretisation);
  printf("total variation from the samples' law by these: %.3g, tolerance %g\n", c->total_variation,
         job->file.tolerance);
  char reason[GMM_REASON];
  gmm_reason(reason, &job->file);
  if (gmm_is_undecided(&job->file))
    printf("UNDECIDED: %s\n", reason);
  else
    printf("within tolerance\n");
}

/* ---- as JSON ---- */

static json_t *whole(size_t value) { return json_integer((json_int_t)value); }

static json_t *json_cells(const assay_gmm_model *m, const assay_gmm_level *level) {
  json_t *list = json_array();
  for (size_t i = 0; list && i < level->cells; i++) {
    const assay_gmm_cell *cell = &m->cell[level->first_cell + i];
    json_t *centre = gmm_json_vector(m->centres + (level->first_cell + i) * m->dimension, m->dimension);
    if (json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "degree", whole(cell->degree), "weight",
                                              cli_json_number(cell->weight), "centre", centre))) {
      json_decref(list);
      return NULL;
    }
  }
  return list;
}

static json_t *json_levels(const assay_gmm_model *m) {
  json_t *list = json_array();
  for (size_t k = 0; list && k < m->levels; k++) {
    const assay_gmm_level *level = &m->level[k];
    json_t *object = json_pack("{s:o, s:o, s:o, s:o, s:o}", "tau", cli_json_number(level->tau), "cells",
                               json_cells(m, level), "degree_error", cli_json_number(level->degree_error), "data_error",
                               cli_json_number(level->data_error), "kernel", cli_json_number(level->kernel));
    if (json_array_append_new(list, object)) {
      json_decref(list);
      return NULL;
    }
  }
  return list;
}

/* How many cells have degree 0, 1, ... */
static json_t *json_degrees(const assay_gmm_model *m) {
  json_t *list = json_array();
  for (size_t d = 0; list && d <= m->degree; d++)
    if (json_array_append_new(list, whole(count_of_degree(m, d)))) {
      json_decref(list);
      return NULL;
    }
  return list;
}

static json_t *json_certificate(const assay_gmm_certificate *c) {
  return json_pack("{s:o, s:o, s:o, s:o, s:o}", "initial", cli_json_number(c->initial), "degree",
                   cli_json_number(c->degree), "data", cli_json_number(c->data), "discretisation",
                   cli_json_number(c->discretisation), "total_variation", cli_json_number(c->total_variation));
}

static json_t *json_of(const learn_job *job) {
  const assay_gmm_model *m = &job->file.model;
  char reason[GMM_REASON];
  gmm_reason(reason, &job->file);
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o}", "samples", whole(m->samples),
                   "dimension", whole(m->dimension), "degree", whole(m->degree), "features", whole(m->features),
                   "radius", cli_json_number(m->radius), "degrees", json_degrees(m), "limited_cells",
                   whole(count_limited(m)), "levels", json_levels(m), "certificate", json_certificate(&m->certificate),
                   "tolerance", cli_json_number(job->file.tolerance), "verdict", gmm_verdict(&job->file), "reason",
                   gmm_is_undecided(&job->file) ? json_string(reason) : json_null());
}

/* ---- the command ---- */

/* The library names settings, users know options. */
static assay_status check_settings(const assay_gmm_settings *settings, assay_context *context) {
  static const char *const names[][2] = {
      {"settings.ratio", "--ratio"}, {"settings.minimum_weight", "--min-weight"}, {"settings.radius", "--radius"}};
  assay_status status = assay_gmm_settings_check(settings, context);
  char message[sizeof context->message];
  memcpy(message, context->message, sizeof message);
  for (size_t i = 0; status && i < sizeof names / sizeof *names; i++)
    if (strncmp(message, names[i][0], strlen(names[i][0])) == 0)
      return assay_fail(context, status, "%s%.400s", names[i][1], message + strlen(names[i][0]));
  return status;
}

static assay_status learn(learn_job *job, assay_context *context) {
  assay_status status = check_settings(&job->settings, context);
  if (!status) status = assay_npy_open(&job->data, job->data_path, context);
  if (!status) status = cli_check_writable(job->model_path, context);
  if (status) return status;
  assay_stream samples = assay_npy_stream(&job->data);
  status = assay_fast_gmm_learn(&job->file.model, &samples, &job->settings, context);
  if (status) return gmm_named(status, job->data_path, context);
  return gmm_file_write(job->model_path, &job->file, context);
}

enum { DATA, MODEL, DEGREE, RATIO, WEIGHT, DRAWS, RADIUS, TOLERANCE, OPTIONS };

static void make_options(cli_option options[OPTIONS], learn_job *job) {
  enum { MOST_DEGREE = 64, MOST_DRAWS = 64 };
  options[DATA] = cli_required(cli_text("data", &job->data_path, "X.npy", "N x n samples (float32 or float64)"));
  options[MODEL] = cli_required(cli_text("model", &job->model_path, "M", "write the learned model here"));
  options[DEGREE] = cli_size("degree", &job->settings.degree, "D", 1, MOST_DEGREE,
                             "of the polynomials (the largest up to 8 with at most 256 features)");
  options[RATIO] = cli_real("ratio", &job->ratio, "R", "of neighbouring noise levels, 1.01 to 4 (1.25)");
  options[WEIGHT] = cli_real("min-weight", &job->weight, "A", "a cell needs half this share of the samples (0.05)");
  options[DRAWS] =
      cli_size("draws", &job->settings.draws, "M", 1, MOST_DRAWS, "noise draws of each sample at a level (4)");
  options[RADIUS] = cli_real("radius", &job->radius, "R", "how far means lie from their mean (from the samples)");
  options[TOLERANCE] = cli_probability("tolerance", &job->file.tolerance, "T",
                                       "total variation that is accepted from the certificate (0.25)");
}

static int run_learn(int argc, char **argv) {
  learn_job job = {.settings = assay_gmm_settings_default(), .file = {.tolerance = 0.25}};
  cli_option options[OPTIONS];
  make_options(options, &job);
  cli_common common;
  int exit_status;
  if (!cli_parse(&cli_gmm_learn, options, OPTIONS, &common, argc, argv, &exit_status)) return exit_status;
  if (options[RATIO].given) job.settings.ratio = job.ratio.nearest;
  if (options[WEIGHT].given) job.settings.minimum_weight = job.weight.nearest;
  if (options[RADIUS].given) job.settings.radius = job.radius.nearest;
  if (options[RADIUS].given && job.settings.radius == 0)
    return cli_error(&cli_gmm_learn, "--radius: 0 is outside [1, 1e+06]");
  job.settings.seed = common.seed;
  assay_context context = cli_context(&common);
  assay_status status = learn(&job, &context);
  cli_progress_end();
  if (!status && common.json) status = cli_print_json(json_of(&job), JSON_INDENT(1), &context);
  if (!status && common.json) putchar('\n');
  if (!status && !common.json) print_text(&job);
  exit_status = gmm_is_undecided(&job.file) ? CLI_UNDECIDED : CLI_GOOD;
  assay_gmm_model_clear(&job.file.model);
  assay_npy_close(&job.data);
  return status ? cli_failure(&cli_gmm_learn, status, &context) : exit_status;
}

const cli_command cli_gmm_learn = {
    .name = "gmm learn",
    .summary = "Learns to sample a mixture of unit Gaussians from samples, by diffusion.",
    .details = "Samples are x = u + g, g ~ N(0, I), u of unknown law: scale data so that this noise has variance 1.\n"
               "At falling noise levels the posterior mean of u is fitted by polynomials, in cells that the level\n"
               "before suggests; each cell takes the degree of least cross-validated risk. The certificate estimates\n"
               "from the same samples how far the law of new ones (gmm sample, sde) is from theirs: divergences of\n"
               "the start, of too low degrees, of too few samples and of too large steps, whose sum KL bounds total\n"
               "variation by sqrt(KL/2). It is an estimate, no bound. Beyond --tolerance the model is written, the\n"
               "largest part named, and the exit status 3, also of every later use of the model. docs/gmm.md says\n"
               "more. To make the samples of the example:\n"
               "  python3 -c 'import numpy; r = numpy.random.default_rng(1); numpy.save(\"samples.npy\",\n"
               "    r.choice([-3.0, 3.0], (5000, 1)) + r.standard_normal((5000, 1)))'",
    .example = "  assay gmm learn --data samples.npy --model model.gmm",
    .run = run_learn,
};
