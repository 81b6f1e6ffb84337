#include "cli/dae_learner.h"

#include <string.h>

enum { GRID, ACTIVATION, SOLVER, START, EPOCHS, RATE };

/* In the order of the library's codes. */
static const char *const grids[] = {"uniform", "published", NULL};
#define NAME(code, name) name,
static const char *const activations[] = {ASSAY_ACTIVATIONS(NAME) NULL};
#undef NAME
static const char *const solvers[] = {"exact", "adam", NULL};
static const char *const starts[] = {"labels", "random", "previous", NULL};

void dae_learner_options(cli_option options[DAE_LEARNER_OPTIONS], dae_arguments *a) {
  const size_t most_epochs = (size_t)1 << 40;
  options[GRID] = cli_choice("grid", &a->grid, "G", grids, "uniform: steps of 1/K; published: of 1/(K+1) (uniform)");
  options[ACTIVATION] = cli_choice("activation", &a->activation, "A", activations, "sign, tanh or erf (sign)");
  options[SOLVER] =
      cli_choice("solver", &a->solver, "M", solvers, "exact: a stationary point; adam: the published training (exact)");
  options[START] =
      cli_choice("start", &a->start, "W", starts, "labels: their solution; random: N(0, I); previous: time (labels)");
  options[EPOCHS] = cli_size("epochs", &a->epochs, "E", 1, most_epochs, "full-batch epochs of Adam (6000)");
  options[RATE] = cli_real("learning-rate", &a->rate, "R", "Adam's learning rate, as a double (0.04)");
}

static bool refuse(const cli_command *command, const cli_option *options, const dae_arguments *a) {
  bool is_adam = a->solver == 1;
  for (int option = EPOCHS; option <= RATE; option++)
    if (options[option].given && !is_adam)
      return cli_error(command, "--%s: needs --solver adam; the exact solver has no such setting",
                       options[option].name);
  if (options[RATE].given && !(a->rate.nearest > 0))
    return cli_error(command, "--learning-rate: %.17g must be positive", a->rate.nearest);
  if (a->start == ASSAY_START_PREVIOUS && a->noise && !is_adam)
    return cli_error(command, "--start previous: needs --noise fixed or --solver adam");
  return false;
}

bool dae_learner_read(assay_dae_learner *out, const cli_command *command, const cli_option *options, dae_arguments *a,
                      uint64_t seed) {
  enum { UNIFORM_STEPS = 100, PUBLISHED_STEPS = 99 };
  if (refuse(command, options, a)) return false;
  if (a->steps == 0) a->steps = a->grid ? PUBLISHED_STEPS : UNIFORM_STEPS;
  assay_activation activation = (assay_activation)a->activation;
  if (a->solver == 1)
    *out = assay_dae_learner_adam(activation, seed);
  else if (activation == ASSAY_SIGN && a->start == ASSAY_START_LABELS)
    *out = assay_dae_learner_labels();
  else
    *out = assay_dae_learner_stationary(activation);
  out->start = (assay_dae_start)a->start;
  out->seed = seed;
  if (options[EPOCHS].given) out->iterations = a->epochs;
  if (options[RATE].given) out->rate = a->rate.nearest;
  return true;
}

bool dae_learner_is_label_solution(const assay_dae_learner *learner) {
  return learner->solver == ASSAY_SOLVER_LABELS && learner->activation == ASSAY_SIGN;
}

/* What else is reported meanwhile are passes over the data, which are short beside the epochs. */
static int show_adam(void *self, const char *what, double fraction) {
  dae_adam_progress *progress = self;
  bool is_adam = strcmp(what, "Adam") == 0, between = progress->done > 0 && progress->done < progress->times;
  if (!is_adam) return between ? 0 : progress->show(progress->show_self, what, fraction);
  double overall = ((double)progress->done + fraction) / (double)progress->times;
  progress->done += fraction >= 1;
  return progress->show(progress->show_self, what, overall);
}

void dae_adam_progress_begin(dae_adam_progress *out, size_t times, assay_context *context) {
  *out = (dae_adam_progress){.show = context->progress, .show_self = context->progress_self, .times = times};
  if (!context->progress) return;
  context->progress = show_adam;
  context->progress_self = out;
}
