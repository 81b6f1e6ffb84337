/* assay gmm em: a mixture of spherical Gaussians fitted by expectation and maximisation. */
#include "cli/gmm_model.h"

#include "io/mixture_json.h"

#include <stdio.h>
#include <string.h>

typedef struct {
  const char *data_path, *out_path, *variance;
  assay_gmm_em_settings settings;
  assay_npy_file data;
  assay_gmm_em_fit fit;
} em_job;

/* ---- --variance ---- */

/* fixed, fixed:V, common or own. */
static assay_status read_variance(assay_gmm_em_settings *settings, const char *text, assay_context *context) {
  static const char fixed[] = "fixed:";
  if (strcmp(text, "common") == 0) {
    settings->kind = ASSAY_GMM_EM_COMMON;
  } else if (strcmp(text, "own") == 0) {
    settings->kind = ASSAY_GMM_EM_OWN;
  } else if (strncmp(text, fixed, strlen(fixed)) == 0) {
    assay_real value;
    assay_status status = assay_real_parse(&value, text + strlen(fixed), false, "--variance", context);
    if (status) return status;
    if (!(value.nearest > 0)) return assay_fail(context, ASSAY_INVALID, "--variance: %s is not positive", text);
    settings->variance = value.nearest;
  } else if (strcmp(text, "fixed") != 0) {
    return assay_fail(context, ASSAY_INVALID, "--variance: '%.200s' is none of fixed, fixed:V, common, own", text);
  }
  return ASSAY_OK;
}

/* ---- the report ---- */

static void print_text(const em_job *job) {
  const assay_gmm_em_fit *fit = &job->fit;
  const assay_mixture *m = &fit->mixture;
  printf("%s: %zu samples (%s) in dimension %zu\n%-17s %-17s %s\n", job->data_path, job->data.header.rows,
         gmm_stored(&job->data), m->dimension, "weight", "variance", "mean");
  for (size_t k = 0; k < m->count; k++) {
    const assay_component *component = &m->components[k];
    printf("%-17.10g %-17.10g", component->weight.nearest, component->covariance.variance.nearest);
    for (size_t j = 0; j < m->dimension; j++) printf(" %.10g", component->mean[j]);
    putchar('\n');
  }
  if (m->count < job->settings.components)
    printf("components whose weight fell to 0: %zu\n", job->settings.components - m->count);
  if (fit->floored) printf("components whose variance lies at the floor: %zu\n", fit->floored);
  printf("log-likelihood %.12g after %zu iterations, from start %zu of %zu\n", fit->log_likelihood, fit->iterations,
         fit->start + 1, job->settings.restarts);
  if (fit->stop == ASSAY_GMM_EM_CONVERGED)
    printf("converged: the last iteration raised it by at most %g or its rounding\n", job->settings.tolerance);
  else
    printf("UNDECIDED: not converged within --iterations %zu\n", job->settings.iterations);
}

static json_t *json_components(const assay_mixture *m) {
  json_t *list = json_array();
  for (size_t k = 0; list && k < m->count; k++) {
    const assay_component *component = &m->components[k];
    if (json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "weight", cli_json_number(component->weight.nearest),
                                              "mean", gmm_json_vector(component->mean, m->dimension), "variance",
                                              cli_json_number(component->covariance.variance.nearest)))) {
      json_decref(list);
      return NULL;
    }
  }
  return list;
}

static json_t *json_of(const em_job *job) {
  const assay_gmm_em_fit *fit = &job->fit;
  return json_pack("{s:I, s:I, s:o, s:o, s:o, s:I, s:s, s:I, s:I}", "samples", (json_int_t)job->data.header.rows,
                   "dimension", (json_int_t)fit->mixture.dimension, "components", json_components(&fit->mixture),
                   "log_likelihood", cli_json_number(fit->log_likelihood), "rounding", cli_json_number(fit->rounding),
                   "iterations", (json_int_t)fit->iterations, "stopped", assay_gmm_em_stop_name(fit->stop), "start",
                   (json_int_t)fit->start, "floored", (json_int_t)fit->floored);
}

/* ---- the command ---- */

static assay_status fit(em_job *job, assay_context *context) {
  assay_status status = read_variance(&job->settings, job->variance, context);
  if (!status) status = assay_npy_open(&job->data, job->data_path, context);
  if (!status && job->out_path) status = cli_check_writable(job->out_path, context);
  if (status) return status;
  assay_stream data = assay_npy_stream(&job->data);
  status = assay_fast_gmm_em(&job->fit, &data, &job->settings, context);
  if (status) return gmm_named(status, job->data_path, context);
  return job->out_path ? assay_mixture_write_json(job->out_path, &job->fit.mixture, context) : ASSAY_OK;
}

static int run_em(int argc, char **argv) {
  em_job job = {.variance = "fixed", .settings = assay_gmm_em_settings_default(1)};
  enum { DATA, COMPONENTS, VARIANCE, RESTARTS, ITERATIONS, OUT, OPTIONS };
  enum { MOST_COMPONENTS = 1 << 16, MOST_RESTARTS = 1 << 20, MOST_ITERATIONS = 1000000 };
  cli_option options[OPTIONS] = {
      [DATA] = cli_required(cli_text("data", &job.data_path, "X.npy", "N x n samples (float32 or float64)")),
      [COMPONENTS] = cli_required(
          cli_size("components", &job.settings.components, "K", 1, MOST_COMPONENTS, "number of components")),
      [VARIANCE] = cli_text("variance", &job.variance, "V",
                            "fixed (1), fixed:V (that value), common (one for all) or own (fixed)"),
      [RESTARTS] =
          cli_size("restarts", &job.settings.restarts, "R", 1, MOST_RESTARTS, "starts; the likeliest fit is kept (1)"),
      [ITERATIONS] = cli_size("iterations", &job.settings.iterations, "I", 1, MOST_ITERATIONS,
                              "at most so many from each start (1000)"),
      [OUT] = cli_text("out", &job.out_path, "M.json", "write the mixture, as other commands read it"),
  };
  cli_common common;
  int exit_status;
  if (!cli_parse(&cli_gmm_em, options, OPTIONS, &common, argc, argv, &exit_status)) return exit_status;
  job.settings.seed = common.seed;
  assay_context context = cli_context(&common);
  assay_status status = fit(&job, &context);
  cli_progress_end();
  if (!status && common.json) status = cli_print_json(json_of(&job), JSON_INDENT(1), &context);
  if (!status && common.json) putchar('\n');
  if (!status && !common.json) print_text(&job);
  exit_status = job.fit.stop == ASSAY_GMM_EM_CONVERGED ? CLI_GOOD : CLI_UNDECIDED;
  assay_gmm_em_fit_clear(&job.fit);
  assay_npy_close(&job.data);
  return status ? cli_failure(&cli_gmm_em, status, &context) : exit_status;
}

const cli_command cli_gmm_em = {
    .name = "gmm em",
    .summary = "Fits a mixture of K spherical Gaussians by expectation and maximisation.",
    .details = "What gmm learn is compared with: EM is told the number of components, which gmm learn is not, and is\n"
               "the better choice when that number and the covariances are right. Starts are k-means++'s. Prints\n"
               "weights, variances (of each coordinate), means and the log-likelihood of all samples together.\n"
               "Exit status 3, with the mixture written: the likelihood was still rising after --iterations.\n"
               "The example takes the samples of gmm learn's.",
    .example = "  assay gmm em --data samples.npy --components 2 --restarts 5 --out fitted.json\n"
               "  assay check-samples --samples samples.npy --mixture fitted.json --time 1",
    .run = run_em,
};
