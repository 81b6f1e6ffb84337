/* cli/dae_arguments.h: the options that the three dae commands share. */
#ifndef ASSAY_CLI_DAE_ARGUMENTS_H
#define ASSAY_CLI_DAE_ARGUMENTS_H

#include "cli/command.h"

typedef struct {
  size_t samples, dimension, steps, count, digits, epochs;
  assay_real sigma, lambda, time, rate;
  cli_schedule_argument schedule;
  int noise, grid, activation, solver, start;
  bool no_skip;
} dae_arguments;

/* --samples --sigma --lambda --schedule --noise --no-skip, into the first DAE_MODEL_OPTIONS entries. */
enum { DAE_MODEL_OPTIONS = 6 };
void dae_model_options(cli_option options[DAE_MODEL_OPTIONS], dae_arguments *arguments);

cli_option dae_dimension_option(dae_arguments *arguments);
cli_option dae_steps_option(dae_arguments *arguments, const char *help);

assay_dae_settings dae_settings(const dae_arguments *arguments);

#endif
