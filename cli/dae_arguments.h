/* cli/dae_arguments.h: the options that the three dae commands share. */
#ifndef ASSAY_CLI_DAE_ARGUMENTS_H
#define ASSAY_CLI_DAE_ARGUMENTS_H

#include "cli/command.h"

typedef struct {
  size_t samples, dimension, steps, count, digits;
  assay_real sigma, lambda, time;
  int schedule, noise;
  bool no_skip;
} dae_arguments;

extern const char *const dae_schedules[];
extern const char *const dae_noises[];

#define DAE_MODEL_OPTIONS(a)                                                                                           \
  {.name = "samples",                                                                                                  \
   .kind = CLI_SIZE,                                                                                                   \
   .target = &(a).samples,                                                                                             \
   .argument = "n",                                                                                                    \
   .low = 1,                                                                                                           \
   .high = SIZE_MAX / 2,                                                                                               \
   .required = true,                                                                                                   \
   .help = "training samples"},                                                                                        \
      {.name = "sigma",                                                                                                \
       .kind = CLI_REAL,                                                                                               \
       .target = &(a).sigma,                                                                                           \
       .argument = "S",                                                                                                \
       .required = true,                                                                                               \
       .help = "standard deviation of a cluster; 3/2 is exact"},                                                       \
      {.name = "lambda",                                                                                               \
       .kind = CLI_REAL,                                                                                               \
       .target = &(a).lambda,                                                                                          \
       .argument = "L",                                                                                                \
       .required = true,                                                                                               \
       .help = "penalty on |w|^2; 1/10 is exact"},                                                                     \
  {                                                                                                                    \
    .name = "schedule", .kind = CLI_CHOICE, .target = &(a).schedule, .argument = "S", .choices = dae_schedules,        \
    .help = "linear or trigonometric (linear)"                                                                         \
  }

#define DAE_DIMENSION_OPTION(a)                                                                                        \
  {                                                                                                                    \
    .name = "dimension", .kind = CLI_SIZE, .target = &(a).dimension, .argument = "d", .low = 1,                        \
    .high = (size_t)1 << 47, .required = true, .help = "dimension"                                                     \
  }

#define DAE_STEPS_OPTION(a, text, must)                                                                                \
  {                                                                                                                    \
    .name = "steps", .kind = CLI_SIZE, .target = &(a).steps, .argument = "K", .low = 1, .high = 1000000,               \
    .required = (must), .help = text                                                                                   \
  }

assay_dae_settings dae_settings(const dae_arguments *arguments);

#endif
