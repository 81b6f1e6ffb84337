#include "cli/dae_arguments.h"

static const char *const noises[] = {"fixed", "fresh", NULL};

void dae_model_options(cli_option options[DAE_MODEL_OPTIONS], dae_arguments *a) {
  options[0] = cli_required(cli_size("samples", &a->samples, "n", 1, SIZE_MAX / 2, "training samples"));
  options[1] = cli_required(cli_real("sigma", &a->sigma, "S", "standard deviation of a cluster; 3/2 is exact"));
  options[2] = cli_required(cli_real("lambda", &a->lambda, "L", "penalty on |w|^2; 1/10 is exact"));
  options[3] = cli_schedule(&a->schedule);
  options[4] =
      cli_choice("noise", &a->noise, "P", noises, "fixed: the same noise at every time; fresh: redrawn (fixed)");
  options[5] = cli_flag("no-skip", &a->no_skip, "the network without its skip connection, c = 0");
}

cli_option dae_dimension_option(dae_arguments *a) {
  return cli_required(cli_size("dimension", &a->dimension, "d", 1, (size_t)1 << 47, "dimension"));
}

cli_option dae_steps_option(dae_arguments *a, const char *help) {
  enum { MOST = 1000000 };
  return cli_size("steps", &a->steps, "K", 1, MOST, help);
}

assay_dae_settings dae_settings(const dae_arguments *a) {
  assay_dae_settings settings = assay_dae_settings_of(a->samples, a->sigma, a->lambda);
  settings.schedule = a->schedule.value;
  settings.steps = a->steps;
  settings.noise = a->noise ? ASSAY_NOISE_FRESH : ASSAY_NOISE_FIXED;
  settings.grid = a->grid ? ASSAY_GRID_PUBLISHED : ASSAY_GRID_UNIFORM;
  settings.skip = !a->no_skip;
  return settings;
}
