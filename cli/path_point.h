/* cli/path_point.h: the options that name a point on the path: a schedule and a time, or alpha and beta. */
#ifndef ASSAY_CLI_PATH_POINT_H
#define ASSAY_CLI_PATH_POINT_H

#include "cli/command.h"

#include "io/text.h"

typedef struct {
  cli_schedule_argument schedule;
  assay_real time, alpha, beta;
} path_arguments;

enum { PATH_OPTIONS = 4 };

/* --schedule, --time (whose help is given), --alpha, --beta. */
void path_options(cli_option options[PATH_OPTIONS], path_arguments *arguments, const char *time_help);

/* The point they name: false, with the line on stderr, when they contradict each other; or when there is none, unless
 * `optional`: then arguments->time as it was counts. */
bool path_point_of(assay_path_point *out, const cli_command *command, const cli_option options[PATH_OPTIONS],
                   const path_arguments *arguments, bool optional);

/* A number and a schedule, as --time and --schedule read them. */
void path_real_text(assay_text *out, assay_real value);
void path_schedule_text(assay_text *out, const assay_schedule *schedule);

#endif
