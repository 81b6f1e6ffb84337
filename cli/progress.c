/* What goes to stderr: the progress line and the one line of a failure. */
#include "cli/command.h"

#include "io/file.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Process-wide, as the terminal is; a signal handler reads it. */
static volatile sig_atomic_t line_shown;

double cli_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Work may report thousands of times a second; a terminal need not see more than some of them. */
static int show_progress(void *self, const char *what, double fraction) {
  static double last;
  const double pause = 0.1;
  (void)self;
  double now = cli_seconds();
  if (line_shown && now - last < pause) return 0;
  last = now;
  line_shown = 1;
  (void)fprintf(stderr, "\r\033[K%3.0f %%  %.60s", 100 * fraction, what);
  return 0;
}

void cli_progress_end(void) {
  static const char erase[] = "\r\033[K";
  if (!line_shown) return;
  line_shown = 0;
  if (write(STDERR_FILENO, erase, sizeof erase - 1) < 0) return; /* a lost terminal shows no line either */
}

assay_context cli_context(const cli_common *common) {
  assay_context context;
  assay_context_init(&context);
  context.threads = (int)common->threads;
  context.max_bits = (long)common->max_bits;
  if (!common->quiet && isatty(STDERR_FILENO)) context.progress = show_progress;
  return context;
}

int cli_error(const cli_command *command, const char *format, ...) {
  cli_progress_end();
  (void)fprintf(stderr, "assay%s%s: ", command ? " " : "", command ? command->name : "");
  va_list arguments;
  va_start(arguments, format);
  (void)vfprintf(stderr, format, arguments);
  va_end(arguments);
  (void)fputc('\n', stderr);
  return CLI_USAGE;
}

int cli_failure(const cli_command *command, assay_status status, const assay_context *context) {
  cli_error(command, "%s", context->message[0] ? context->message : assay_status_meaning(status));
  bool input = status == ASSAY_INVALID || status == ASSAY_UNSUPPORTED || status == ASSAY_IO;
  return input ? CLI_USAGE : CLI_UNDECIDED;
}

assay_status cli_precision_hint(assay_status status, assay_context *context) {
  static const char hint[] = "; a larger --max-bits may help";
  if (status != ASSAY_PRECISION) return status;
  if (!context->message[0]) return assay_fail(context, status, "%s%s", assay_status_meaning(status), hint);
  size_t length = strlen(context->message);
  if (!strstr(context->message, "bits")) return status;
  if (length + sizeof hint <= sizeof context->message) memcpy(context->message + length, hint, sizeof hint);
  return status;
}

assay_status cli_mixture_named(assay_status status, const char *path, assay_context *context) {
  if (status != ASSAY_INVALID || strncmp(context->message, "components[", strlen("components[")) != 0) return status;
  char message[sizeof context->message];
  memcpy(message, context->message, sizeof message);
  return assay_fail(context, status, "%s: %s", path, message);
}

assay_status cli_check_writable(const char *path, assay_context *context) {
  assay_file_writer probe = {0};
  assay_status status = assay_file_create(&probe, path, context);
  assay_file_abort(&probe);
  return status;
}
