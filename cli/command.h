/* cli/command.h: what the commands share. A command lists its options, calls cli_parse, calls the library, renders the
 * answer. Data go to stdout, everything else to stderr. */
#ifndef ASSAY_CLI_COMMAND_H
#define ASSAY_CLI_COMMAND_H

#include <assay/assay.h>

#include <jansson.h>

/* Exit statuses of interface: 1 the thing checked does not hold, 2 bad usage or input, 3 not decided or computed. */
enum { CLI_GOOD = 0, CLI_FAILS = 1, CLI_USAGE = 2, CLI_UNDECIDED = 3 };

/* ---- options ---- */

typedef enum { CLI_FLAG, CLI_TEXT, CLI_SIZE, CLI_SEED, CLI_REAL, CLI_PROBABILITY, CLI_CHOICE, CLI_SCHEDULE } cli_kind;

/* One option; made by the functions below, which fix what `target` points to. */
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

cli_option cli_flag(const char *name, bool *target, const char *help);
cli_option cli_text(const char *name, const char **target, const char *argument, const char *help);
cli_option cli_size(const char *name, size_t *target, const char *argument, size_t low, size_t high, const char *help);
cli_option cli_seed(const char *name, uint64_t *target, const char *argument, const char *help);
cli_option cli_real(const char *name, assay_real *target, const char *argument, const char *help);
cli_option cli_probability(const char *name, double *target, const char *argument, const char *help);
/* target: the index into `choices`. */
cli_option cli_choice(const char *name, int *target, const char *argument, const char *const *choices,
                      const char *help);
cli_option cli_required(cli_option option);

/* A schedule, linear where it is 0, and what its exact strings live in. */
enum { CLI_SCHEDULE_TEXT = 256 };
typedef struct {
  assay_schedule value;
  char text[CLI_SCHEDULE_TEXT];
} cli_schedule_argument;

/* --digits and --schedule, the same wherever they are taken. */
cli_option cli_digits(size_t *target);
cli_option cli_schedule(cli_schedule_argument *target);

/* ---- commands ---- */

typedef struct {
  const char *name;                  /* "dae theory" */
  const char *summary;               /* one line */
  const char *positional;            /* "[PATTERN...]", or NULL where none are taken */
  const char *details;               /* further lines, or NULL */
  const char *example;               /* shell lines that work; the tests run them */
  int (*run)(int argc, char **argv); /* argv behind the name */
} cli_command;

extern const cli_command cli_claims, cli_verify, cli_calibrate, cli_field, cli_check, cli_check_samples, cli_dae_theory,
    cli_dae_train, cli_dae_generate, cli_bayes_estimation, cli_bayes_denoising, cli_bayes_classification, cli_vectors,
    cli_gmm_learn, cli_gmm_sample, cli_gmm_score, cli_gmm_em;

/* Options that every command takes, and what stands on the line besides options. */
typedef struct {
  uint64_t seed;
  size_t threads, max_bits;
  bool quiet, json;
  char **positional; /* argv's own array */
  size_t positionals;
} cli_common;

/* Reads argv (after the command's name) into the options' targets and `common`. Returns true to go on; false when
 * *exit_status says how to leave (help or error). */
bool cli_parse(const cli_command *command, cli_option *options, size_t count, cli_common *common, int argc, char **argv,
               int *exit_status);

/* ---- patterns on claims ---- */

/* The positional words as globs on ids. A word without '/' that matches no id stands for that name in any paper.
 * ASSAY_INVALID: one that matches no id then either. */
typedef struct {
  char **list;
  char **made; /* those of `list` that are not the words themselves */
  size_t count;
} cli_patterns;

assay_status cli_patterns_init(cli_patterns *out, const cli_common *common, assay_context *context);
void cli_patterns_clear(cli_patterns *patterns);

/* ---- progress and failures ---- */

/* A context set up from the common options, with a progress line when stderr is a terminal and not --quiet. */
assay_context cli_context(const cli_common *common);

/* Removes the progress line, if there is one: before anything else is written. Async-signal-safe. */
void cli_progress_end(void);

/* Seconds of a clock that never goes back. */
double cli_seconds(void);

/* One line on stderr, "assay <command>: message"; returns CLI_USAGE. */
int cli_error(const cli_command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The failure's line, and the exit status for it. */
int cli_failure(const cli_command *command, assay_status status, const assay_context *context);

/* Adds to a message of ASSAY_PRECISION that names bits which option may help; returns `status`. */
assay_status cli_precision_hint(assay_status status, assay_context *context);

/* Puts the mixture's file before a message of ASSAY_INVALID that begins with its component; returns `status`. */
assay_status cli_mixture_named(assay_status status, const char *path, assay_context *context);

/* Whether a file could be written at `path`; asked before long work. Nothing stays there. */
assay_status cli_check_writable(const char *path, assay_context *context);

/* ---- rendering ---- */

/* Prints a JSON value on one line or indented; releases it. ASSAY_MEMORY when it could not be made (NULL). */
assay_status cli_print_json(json_t *value, size_t flags, assay_context *context);

/* JSON has no NaN and no infinity: null. */
json_t *cli_json_number(double value);

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
