/* assay dae theory: the limits of flow-dae (R1-R8), from the reference. */
#include "cli/dae_arguments.h"

typedef struct {
  assay_dae_settings settings;
  assay_real time;
  assay_dae_theory theory;
} theory_job;

static assay_status compute(void *self, long goal_bits, assay_context *context) {
  theory_job *job = self;
  return assay_reference_dae_theory(&job->theory, &job->settings, job->time, goal_bits, context);
}

static int run_theory(int argc, char **argv) {
  dae_arguments a = {.digits = 17, .time = assay_real_of(1)};
  enum { TIME = DAE_MODEL_OPTIONS, STEPS, DIGITS, COUNT };
  cli_option options[COUNT] = {
      [TIME] = cli_real("time", &a.time, "T", "time of c, w and flow in [0, 1] (1); with --steps a grid point j/K"),
      [STEPS] = dae_steps_option(&a, "Euler steps (without: the ODE's exact solution)"),
      [DIGITS] = cli_digits(&a.digits),
  };
  dae_model_options(options, &a);
  cli_common common;
  int exit_status;
  if (!cli_parse(&cli_dae_theory, options, COUNT, &common, argc, argv, &exit_status)) return exit_status;
  assay_context context = cli_context(&common);
  theory_job job = {.settings = dae_settings(&a), .time = a.time};
  assay_dae_theory_init(&job.theory);
  const cli_named values[] = {
#define NAMED(field) {#field, job.theory.field},
      ASSAY_DAE_THEORY_FIELDS(NAMED)
#undef NAMED
  };
  exit_status = cli_print_enclosures(&cli_dae_theory, values, sizeof values / sizeof *values, compute, &job, a.digits,
                                     common.json, &context);
  assay_dae_theory_clear(&job.theory);
  return exit_status;
}

const cli_command cli_dae_theory = {
    .name = "dae theory",
    .summary = "What the flow-dae paper predicts for d -> infinity: fit, flow, errors.",
    .details = "Target 1/2 N(mu, sigma^2 I) + 1/2 N(-mu, sigma^2 I), |mu|^2 = d; denoiser c x + w sign(<w, x>).\n"
               "c, w_mu, w_xi, w_eta: skip strength, and w's coefficients along mu, the mean noise xi and the mean\n"
               "deviation eta; flow_mu, flow_xi, flow_eta, flow_perp: those of a generated sample at T, and the\n"
               "scale of the rest; mse, cosine, cluster_variance, w2_squared: of the generated clusters at the end\n"
               "of the flow; mse_bayes: the best possible mse. Decimals are correctly rounded.",
    .example = "  assay dae theory --samples 8 --sigma 1.5 --lambda 1/10 --time 1 --digits 30",
    .run = run_theory,
};
