/* assay gmm sample: new samples from a learned model. */
#include "cli/gmm_model.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct {
  const char *model_path, *out_path;
  size_t count;
  int sampler; /* index of `samplers` */
  uint64_t seed;
  gmm_file file;
} sample_job;

static const char *const samplers[] = {"ode", "sde", NULL};

/* A piece at a time: the samples need not fit in memory. */
static assay_status write_samples(const sample_job *job, assay_context *context) {
  const size_t piece = (size_t)1 << 18, n = job->file.model.dimension;
  size_t rows = piece / n ? piece / n : 1;
  if (rows > job->count) rows = job->count;
  double *block = NULL;
  assay_status status = assay_allocate((void **)&block, rows, n * sizeof *block, "samples", context);
  if (status) return status;
  assay_npy_writer writer = {0};
  status = assay_npy_create(&writer, job->out_path, job->count, n, context);
  for (size_t row = 0; !status && row < job->count; row += rows) {
    size_t count = job->count - row < rows ? job->count - row : rows;
    status = gmm_named(assay_fast_gmm_sample(block, &job->file.model, job->sampler ? ASSAY_GMM_SDE : ASSAY_GMM_ODE, row,
                                             count, job->seed, context),
                       job->model_path, context);
    if (!status) status = assay_npy_write_tile(&writer, row, count, 0, n, block, n, context);
    if (!status) status = assay_progress(context, job->out_path, (double)(row + count) / (double)job->count);
  }
  if (status)
    assay_npy_abort(&writer);
  else
    status = assay_npy_commit(&writer, context);
  free(block);
  return status;
}

static void print_text(const sample_job *job) {
  const assay_gmm_model *m = &job->file.model;
  printf("%s: %zu samples in dimension %zu by the %s sampler of %s, learned from %zu\n", job->out_path, job->count,
         m->dimension, samplers[job->sampler], job->model_path, m->samples);
  printf("total variation by the certificate (of the sde sampler): %.3g, tolerance %g\n",
         m->certificate.total_variation, job->file.tolerance);
}

static json_t *json_of(const sample_job *job) {
  const assay_gmm_model *m = &job->file.model;
  return json_pack("{s:I, s:I, s:s, s:I, s:o, s:o, s:s}", "count", (json_int_t)job->count, "dimension",
                   (json_int_t)m->dimension, "sampler", samplers[job->sampler], "learned_from", (json_int_t)m->samples,
                   "total_variation", cli_json_number(m->certificate.total_variation), "tolerance",
                   cli_json_number(job->file.tolerance), "verdict", gmm_verdict(&job->file));
}

static int run_sample(int argc, char **argv) {
  sample_job job = {.sampler = 1};
  enum { MODEL, COUNT, SAMPLER, OUT, OPTIONS };
  enum { MOST_EXPONENT = 40 };
  cli_option options[OPTIONS] = {
      [MODEL] = cli_required(cli_text("model", &job.model_path, "M", "a model that gmm learn wrote")),
      [COUNT] = cli_required(cli_size("count", &job.count, "N", 1, (size_t)1 << MOST_EXPONENT, "samples")),
      [SAMPLER] = cli_choice("sampler", &job.sampler, "S", samplers,
                             "sde: the chain the certificate speaks of; ode: the probability flow (sde)"),
      [OUT] = cli_required(cli_text("out", &job.out_path, "Y.npy", "write the samples as N x n float64")),
  };
  cli_common common;
  int exit_status;
  if (!cli_parse(&cli_gmm_sample, options, OPTIONS, &common, argc, argv, &exit_status)) return exit_status;
  job.seed = common.seed;
  assay_context context = cli_context(&common);
  assay_status status = cli_check_writable(job.out_path, &context);
  if (!status) status = gmm_file_read(&job.file, job.model_path, &context);
  if (!status) status = write_samples(&job, &context);
  cli_progress_end();
  if (!status && common.json) status = cli_print_json(json_of(&job), JSON_INDENT(1), &context);
  if (!status && common.json) putchar('\n');
  if (!status && !common.json) print_text(&job);
  exit_status = status ? cli_failure(&cli_gmm_sample, status, &context)
                       : gmm_exit_status(&cli_gmm_sample, job.model_path, &job.file);
  assay_gmm_model_clear(&job.file.model);
  return exit_status;
}

const cli_command cli_gmm_sample = {
    .name = "gmm sample",
    .summary = "Draws new samples from a model that gmm learn wrote.",
    .details = "sde: the reverse chain on the model's levels and then to tau = 0; the model's certificate is of its\n"
               "law. ode: the probability flow by Heun's rule on the same levels, often nearer at high degrees, with\n"
               "no certificate. Row i depends on --seed and i alone. Exit status 3, with the samples written: the\n"
               "certificate exceeds the tolerance of gmm learn. The example needs the model of gmm learn's.",
    .example = "  assay gmm sample --model model.gmm --count 1000 --seed 2 --out new.npy",
    .run = run_sample,
};
