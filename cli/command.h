/* cli/command.h: what the commands share. A command declares its options in a table, calls cli_parse, calls the
 * library, renders the answer. Data go to stdout, everything else to stderr. */
#ifndef ASSAY_CLI_COMMAND_H
#define ASSAY_CLI_COMMAND_H

#include <assay/assay.h>

#include <jansson.h>

/* Exit statuses of interface: 1 the thing checked does not hold, 2 bad usage or input, 3 not decided or computed. */
enum { CLI_GOOD = 0, CLI_FAILS = 1, CLI_USAGE = 2, CLI_UNDECIDED = 3 };

typedef enum { CLI_FLAG, CLI_TEXT, CLI_SIZE, CLI_SEED, CLI_REAL, CLI_PROBABILITY, CLI_CHOICE } cli_kind;

/* One option. target: bool, const char *, size_t, uint64_t, assay_real, double or int (index into choices). */
typedef struct {
  const char *name; /* without the dashes */
  cli_kind kind;
  void *target;
  const char *argument; /* what stands for the value in the help: "N" */
  const char *help;
  bool required;
  size_t low, high;           /* CLI_SIZE: both included */
  const char *const *choices; /* CLI_CHOICE: names, ends with NULL */
  bool given;                 /* set by cli_parse */
} cli_option;

typedef struct {
  const char *name;                  /* "dae theory" */
  const char *summary;               /* one line */
  const char *positional;            /* "[PATTERN...]", or NULL where none are taken */
  const char *details;               /* further lines, or NULL */
  const char *example;               /* shell lines that work; the tests run them */
  int (*run)(int argc, char **argv); /* argv behind the name */
} cli_command;

extern const cli_command cli_claims, cli_verify, cli_field, cli_dae_theory, cli_dae_train, cli_dae_generate,
    cli_bayes_estimation, cli_bayes_denoising, cli_bayes_classification;

/* Options that every command takes. */
typedef struct {
  uint64_t seed;
  size_t threads, max_bits;
  bool quiet, json;
} cli_common;

/* Reads argv (after the command's name) into the options' targets; `common` too. *positional is argv's tail without
 * options, *positionals its length. Returns true to go on; false when *exit_status says how to leave (help or error).
 */
bool cli_parse(const cli_command *command, cli_option *options, size_t count, cli_common *common, int argc, char **argv,
               char ***positional, size_t *positionals, int *exit_status);

/* A context set up from the common options, with a progress line when stderr is a terminal and not --quiet. */
assay_context cli_context(const cli_common *common);

/* One line on stderr, "assay <command>: message", and the exit status for it. */
int cli_error(const cli_command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
int cli_failure(const cli_command *command, assay_status status, const assay_context *context);

/* Clears a progress line, so that messages start on a fresh one. */
void cli_progress_end(const assay_context *context);

/* ---- rendering ---- */

/* Prints one JSON object and a newline; releases it. ASSAY_MEMORY's exit status when it could not be made. */
int cli_print_json(const cli_command *command, json_t *object);

/* {"lo": "...", "hi": "..."} with enough digits to show the width; NULL when memory is out. */
json_t *cli_json_enclosure(mpfi_srcptr enclosure, assay_context *context);

/* Named enclosures, computed until each is known to `digits` decimals; then printed as a table or as JSON. */
typedef struct {
  const char *name;
  mpfi_ptr value;
} cli_named;
typedef assay_status (*cli_compute)(void *self, long goal_bits, assay_context *context);
int cli_print_enclosures(const cli_command *command, const cli_named *values, size_t count, cli_compute compute,
                         void *self, size_t digits, bool json, assay_context *context);

/* The goal, in bits, with which one starts for `digits` decimals. */
long cli_goal_bits(size_t digits);

#endif
