#include "cli/path_point.h"

enum { SCHEDULE, TIME, ALPHA, BETA };

void path_options(cli_option options[PATH_OPTIONS], path_arguments *arguments, const char *time_help) {
  options[SCHEDULE] = cli_schedule(&arguments->schedule);
  options[TIME] = cli_real("time", &arguments->time, "T", time_help);
  options[ALPHA] = cli_real("alpha", &arguments->alpha, "A", "with --beta: the point on the path directly");
  options[BETA] = cli_real("beta", &arguments->beta, "B", "x_t = A x_0 + B x_1");
}

bool path_point_of(assay_path_point *out, const cli_command *command, const cli_option options[PATH_OPTIONS],
                   const path_arguments *arguments, bool optional) {
  bool alpha = options[ALPHA].given, beta = options[BETA].given;
  if ((alpha || beta) && (options[SCHEDULE].given || options[TIME].given)) {
    cli_error(command, "--alpha and --beta stand in place of --schedule and --time, not beside them");
    return false;
  }
  if (alpha != beta) {
    cli_error(command, "--%s is missing: --alpha and --beta go together", alpha ? "beta" : "alpha");
    return false;
  }
  if (!alpha && !optional && !options[TIME].given) {
    cli_error(command, "--time T is missing (or --alpha A --beta B); see assay %s --help", command->name);
    return false;
  }
  *out = alpha ? assay_path_point_of(arguments->alpha, arguments->beta)
               : assay_path_point_at(arguments->schedule.value, arguments->time);
  return true;
}

void path_real_text(assay_text *out, assay_real value) {
  if (value.exact)
    assay_text_add(out, value.exact);
  else
    assay_text_number(out, value.nearest);
}

void path_schedule_text(assay_text *out, const assay_schedule *schedule) {
  assay_text_add(out, assay_schedule_name(schedule->kind));
  if (schedule->kind == ASSAY_POLYNOMIAL) assay_text_format(out, ":%u", schedule->degree);
  if (schedule->kind != ASSAY_VP) return;
  assay_text_add(out, ":");
  path_real_text(out, schedule->beta_min);
  assay_text_add(out, ":");
  path_real_text(out, schedule->beta_max);
}
