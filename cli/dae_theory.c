/* assay dae theory: the limits of flow-dae (R1-R8), from the reference. */
#include "cli/dae_arguments.h"

const char *const dae_schedules[] = {"linear", "trigonometric", NULL};
const char *const dae_noises[] = {"fixed", "fresh", NULL};

assay_dae_settings dae_settings(const dae_arguments *arguments) {
  assay_dae_settings settings = assay_dae_settings_of(arguments->samples, arguments->sigma, arguments->lambda);
  settings.schedule = arguments->schedule ? ASSAY_TRIGONOMETRIC : ASSAY_LINEAR;
  settings.steps = arguments->steps;
  settings.noise = arguments->noise ? ASSAY_NOISE_FRESH : ASSAY_NOISE_FIXED;
  settings.skip = !arguments->no_skip;
  return settings;
}

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
  cli_option options[] = {
      DAE_MODEL_OPTIONS(a),
      {.name = "time",
       .kind = CLI_REAL,
       .target = &a.time,
       .argument = "T",
       .help = "time of c, w and flow in [0, 1] (1); with --steps a grid point j/K"},
      DAE_STEPS_OPTION(a, "Euler steps (the ODE's exact solution)", false),
      {.name = "noise",
       .kind = CLI_CHOICE,
       .target = &a.noise,
       .argument = "P",
       .choices = dae_noises,
       .help = "fixed: the same noise at every time; fresh: redrawn (fixed)"},
      {.name = "no-skip",
       .kind = CLI_FLAG,
       .target = &a.no_skip,
       .help = "the network without its skip connection, c = 0"},
      {.name = "digits",
       .kind = CLI_SIZE,
       .target = &a.digits,
       .argument = "D",
       .low = 1,
       .high = 100000,
       .help = "significant decimals, correctly rounded (17)"},
  };
  cli_common common;
  char **positional;
  size_t positionals;
  int exit_status;
  if (!cli_parse(&cli_dae_theory, options, sizeof options / sizeof *options, &common, argc, argv, &positional,
                 &positionals, &exit_status))
    return exit_status;
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
    .summary = "What the flow-dae paper predicts for d -> infinity: the fit at time T, the flow, its errors.",
    .details =
        "Target 1/2 N(mu, sigma^2 I) + 1/2 N(-mu, sigma^2 I), |mu|^2 = d; denoiser c x + w sign(<w, x>).\n"
        "c, w_mu, w_xi, w_eta: skip strength, and w's coefficients along mu, the mean noise xi and the mean deviation\n"
        "eta; flow_mu, flow_xi, flow_eta, flow_perp: those of a generated sample at T, and the scale of the rest; "
        "mse,\n"
        "cosine, cluster_variance, w2_squared: of the generated clusters; mse_bayes: the best possible mse.",
    .example = "  assay dae theory --samples 8 --sigma 1.5 --lambda 1/10 --time 1 --digits 30",
    .run = run_theory,
};
