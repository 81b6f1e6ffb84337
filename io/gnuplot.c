#include "io/gnuplot.h"

#include "io/text.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Script, output and complaints pass through nameless files instead of pipes: nothing can block, and no SIGPIPE reaches
 * the caller's program when gnuplot stops early. */
typedef struct {
  FILE *script, *output, *complaints;
} files;

static void close_file(FILE *file) {
  if (file) (void)fclose(file);
}

static void close_files(const files *set) {
  close_file(set->script);
  close_file(set->output);
  close_file(set->complaints);
}

static assay_status open_files(files *out, const char *script, const char *name, assay_context *context) {
  files set = {tmpfile(), tmpfile(), tmpfile()};
  bool good = set.script && set.output && set.complaints && fputs(script, set.script) >= 0 && fflush(set.script) == 0 &&
              lseek(fileno(set.script), 0, SEEK_SET) == 0;
  if (good) {
    *out = set;
    return ASSAY_OK;
  }
  int reason = errno;
  close_files(&set);
  return assay_fail(context, ASSAY_IO, "plot \"%s\": cannot write a temporary file: %s", name, strerror(reason));
}

/* posix_spawn, not fork: the caller may have threads. Returns an errno value. */
static int spawn(pid_t *child, const files *set) {
  char *const arguments[] = {"gnuplot", "--default-settings", NULL};
  posix_spawn_file_actions_t actions;
  int error = posix_spawn_file_actions_init(&actions);
  if (error) return error;
  error = posix_spawn_file_actions_adddup2(&actions, fileno(set->script), STDIN_FILENO);
  if (!error) error = posix_spawn_file_actions_adddup2(&actions, fileno(set->output), STDOUT_FILENO);
  if (!error) error = posix_spawn_file_actions_adddup2(&actions, fileno(set->complaints), STDERR_FILENO);
  if (!error) error = posix_spawnp(child, "gnuplot", &actions, NULL, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

static bool succeeded(pid_t child) {
  int state = 0;
  pid_t ended;
  do ended = waitpid(child, &state, 0);
  while (ended < 0 && errno == EINTR);
  return ended == child && WIFEXITED(state) && WEXITSTATUS(state) == 0;
}

static assay_status read_all(char **out, FILE *file, const char *name, assay_context *context) {
  assay_text text = {0};
  char piece[4096];
  size_t got;
  rewind(file);
  while ((got = fread(piece, 1, sizeof piece, file)) > 0) assay_text_bytes(&text, piece, got);
  return assay_text_take(out, &text, name, context);
}

/* gnuplot shows the line it could not read, a caret, and then says why: the last line that is not empty. */
static assay_status fail_with_complaint(FILE *complaints, const char *name, assay_context *context) {
  char line[160], last[160] = "it gave no reason";
  rewind(complaints);
  while (fgets(line, sizeof line, complaints)) {
    line[strcspn(line, "\n")] = '\0';
    if (line[strspn(line, " \t")]) memcpy(last, line, sizeof last);
  }
  return assay_fail(context, ASSAY_IO, "plot \"%s\": gnuplot failed: %s", name, last + strspn(last, " \t"));
}

assay_status assay_gnuplot_run(char **output, const char *script, const char *name, assay_context *context) {
  files set = {0};
  assay_status status = open_files(&set, script, name, context);
  if (status != ASSAY_OK) return status;
  pid_t child;
  int error = spawn(&child, &set);
  if (error == ENOENT || error == EACCES)
    status = assay_fail(context, ASSAY_UNSUPPORTED, "plot \"%s\": gnuplot is not on PATH", name);
  else if (error)
    status = assay_fail(context, ASSAY_IO, "plot \"%s\": cannot start gnuplot: %s", name, strerror(error));
  else if (!succeeded(child))
    status = fail_with_complaint(set.complaints, name, context);
  else
    status = read_all(output, set.output, name, context);
  close_files(&set);
  return status;
}
