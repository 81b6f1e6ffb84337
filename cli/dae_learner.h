/* cli/dae_learner.h: how training goes, from the options that dae train and dae generate share. */
#ifndef ASSAY_CLI_DAE_LEARNER_H
#define ASSAY_CLI_DAE_LEARNER_H

#include "cli/dae_arguments.h"

/* --grid --activation --solver --start --epochs --learning-rate, into the first DAE_LEARNER_OPTIONS entries. */
enum { DAE_LEARNER_OPTIONS = 6 };
void dae_learner_options(cli_option options[DAE_LEARNER_OPTIONS], dae_arguments *arguments);

/* The learner that parsed options ask for; --steps takes its default. False, after one line that names the option, for
 * what the solver does not take. */
bool dae_learner_read(assay_dae_learner *out, const cli_command *command, const cli_option *options,
                      dae_arguments *arguments, uint64_t seed);

/* The label solution, whose limits the reference knows. */
bool dae_learner_is_label_solution(const assay_dae_learner *learner);

/* Progress over all times while Adam, which reports each time's epochs, is at work. */
typedef struct {
  int (*show)(void *self, const char *what, double fraction);
  void *show_self;
  size_t times, done;
} dae_adam_progress;

/* Puts itself, which must stay where it is, before the context's own callback, if there is one. */
void dae_adam_progress_begin(dae_adam_progress *out, size_t times, assay_context *context);

#endif
