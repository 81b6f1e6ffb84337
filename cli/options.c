/* Reading options, and the help made from the same table. */
#include "cli/command.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- making options ---- */

cli_option cli_flag(const char *name, bool *target, const char *help) {
  return (cli_option){.name = name, .kind = CLI_FLAG, .target = target, .help = help};
}

cli_option cli_text(const char *name, const char **target, const char *argument, const char *help) {
  return (cli_option){.name = name, .kind = CLI_TEXT, .target = (void *)target, .argument = argument, .help = help};
}

cli_option cli_size(const char *name, size_t *target, const char *argument, size_t low, size_t high, const char *help) {
  return (cli_option){
      .name = name, .kind = CLI_SIZE, .target = target, .argument = argument, .low = low, .high = high, .help = help};
}

cli_option cli_seed(const char *name, uint64_t *target, const char *argument, const char *help) {
  return (cli_option){.name = name, .kind = CLI_SEED, .target = target, .argument = argument, .help = help};
}

cli_option cli_real(const char *name, assay_real *target, const char *argument, const char *help) {
  return (cli_option){.name = name, .kind = CLI_REAL, .target = target, .argument = argument, .help = help};
}

cli_option cli_probability(const char *name, double *target, const char *argument, const char *help) {
  return (cli_option){.name = name, .kind = CLI_PROBABILITY, .target = target, .argument = argument, .help = help};
}

cli_option cli_choice(const char *name, int *target, const char *argument, const char *const *choices,
                      const char *help) {
  return (cli_option){
      .name = name, .kind = CLI_CHOICE, .target = target, .argument = argument, .choices = choices, .help = help};
}

cli_option cli_required(cli_option option) {
  option.required = true;
  return option;
}

cli_option cli_digits(size_t *target) {
  enum { MOST = 100000 };
  return cli_size("digits", target, "D", 1, MOST, "significant decimals (17)");
}

cli_option cli_schedule(cli_schedule_argument *target) {
  return (cli_option){.name = "schedule",
                      .kind = CLI_SCHEDULE,
                      .target = target,
                      .argument = "S",
                      .help = "linear, trigonometric, polynomial:N, linear-vp or vp:BMIN:BMAX (linear)"};
}

enum { COMMON_OPTIONS = 5 };

static void common_options(cli_option table[COMMON_OPTIONS], cli_common *common) {
  enum { MOST_THREADS = 1024, FEWEST_BITS = 53, MOST_BITS = 1 << 24 };
  *common = (cli_common){.seed = 1, .max_bits = 4096};
  const cli_option options[COMMON_OPTIONS] = {
      cli_seed("seed", &common->seed, "N", "seed of all random numbers (1)"),
      cli_size("threads", &common->threads, "N", 1, MOST_THREADS, "threads (all); results do not depend on it"),
      cli_size("max-bits", &common->max_bits, "B", FEWEST_BITS, MOST_BITS,
               "highest working precision of the reference (4096)"),
      cli_flag("quiet", &common->quiet, "no progress line"),
      cli_flag("json", &common->json, "one JSON object on stdout instead of text"),
  };
  memcpy(table, options, sizeof options);
}

/* ---- help ---- */

static void print_options(const cli_option *options, size_t count) {
  for (size_t i = 0; i < count; i++) {
    char left[64];
    (void)snprintf(left, sizeof left, "--%s%s%s", options[i].name, options[i].argument ? " " : "",
                   options[i].argument ? options[i].argument : "");
    printf("  %-20s %s%s\n", left, options[i].help, options[i].required ? " (required)" : "");
  }
}

static void print_help(const cli_command *command, const cli_option *options, size_t count, const cli_option *common) {
  printf("usage: assay %s [options]%s%s\n\n%s\n", command->name, command->positional ? " " : "",
         command->positional ? command->positional : "", command->summary);
  if (command->details) printf("\n%s\n", command->details);
  printf("\nOptions:\n");
  print_options(options, count);
  print_options(common, COMMON_OPTIONS);
  printf("\nExample:\n%s\n", command->example);
}

/* ---- values ---- */

static bool read_unsigned(const char *text, uint64_t *out) {
  if (!isdigit((unsigned char)*text)) return false;
  char *end = NULL;
  errno = 0;
  *out = strtoull(text, &end, 10);
  return !errno && !*end;
}

static bool read_size(const cli_command *command, const cli_option *option, const char *text) {
  uint64_t value = 0;
  if (!read_unsigned(text, &value) || value < option->low || value > option->high) {
    cli_error(command, "--%s: '%s' is not an integer from %zu to %zu", option->name, text, option->low, option->high);
    return false;
  }
  *(size_t *)option->target = (size_t)value;
  return true;
}

static bool read_seed(const cli_command *command, const cli_option *option, const char *text) {
  if (read_unsigned(text, option->target)) return true;
  cli_error(command, "--%s: '%s' is not an integer from 0 to %llu", option->name, text, (unsigned long long)UINT64_MAX);
  return false;
}

static bool read_text(const cli_command *command, const cli_option *option, const char *text) {
  if (!*text) {
    cli_error(command, "--%s: the value (%s) is empty", option->name, option->argument);
    return false;
  }
  *(const char **)option->target = text;
  return true;
}

static bool read_choice(const cli_command *command, const cli_option *option, const char *text) {
  for (int i = 0; option->choices[i]; i++)
    if (strcmp(text, option->choices[i]) == 0) {
      *(int *)option->target = i;
      return true;
    }
  char known[128] = "";
  size_t length = 0;
  for (size_t i = 0; option->choices[i] && length < sizeof known; i++)
    length += (size_t)snprintf(known + length, sizeof known - length, " %s", option->choices[i]);
  cli_error(command, "--%s: '%s' is none of%s", option->name, text, known);
  return false;
}

static bool read_real(const cli_command *command, const cli_option *option, const char *text) {
  assay_context context;
  assay_context_init(&context);
  char name[64];
  (void)snprintf(name, sizeof name, "--%s", option->name);
  if (!assay_real_parse(option->target, text, false, name, &context)) return true;
  cli_error(command, "%s", context.message);
  return false;
}

static bool read_schedule(const cli_command *command, const cli_option *option, const char *text) {
  cli_schedule_argument *target = option->target;
  if (strlen(text) >= sizeof target->text) {
    cli_error(command, "--%s: more than %zu characters", option->name, sizeof target->text - 1);
    return false;
  }
  assay_context context;
  assay_context_init(&context);
  if (!assay_schedule_parse(&target->value, text, target->text, &context)) return true;
  const char *own = "schedule: ", *said = context.message;
  if (strncmp(said, own, strlen(own)) == 0) said += strlen(own);
  cli_error(command, "--%s: %s", option->name, said);
  return false;
}

static bool read_probability(const cli_command *command, const cli_option *option, const char *text) {
  assay_context context;
  assay_context_init(&context);
  assay_real real;
  if (!assay_real_parse(&real, text, false, option->name, &context) && real.nearest > 0 && real.nearest < 1) {
    *(double *)option->target = real.nearest;
    return true;
  }
  cli_error(command, "--%s: '%s' is not a number strictly between 0 and 1", option->name, text);
  return false;
}

static bool read_value(const cli_command *command, const cli_option *option, const char *text) {
  switch (option->kind) {
  case CLI_FLAG:
    *(bool *)option->target = true;
    return true;
  case CLI_TEXT:
    return read_text(command, option, text);
  case CLI_SIZE:
    return read_size(command, option, text);
  case CLI_SEED:
    return read_seed(command, option, text);
  case CLI_CHOICE:
    return read_choice(command, option, text);
  case CLI_REAL:
    return read_real(command, option, text);
  case CLI_SCHEDULE:
    return read_schedule(command, option, text);
  case CLI_PROBABILITY:
    return read_probability(command, option, text);
  }
  return false;
}

/* ---- the command line ---- */

static cli_option *find(cli_option *options, size_t count, const char *name, size_t length) {
  for (size_t i = 0; i < count; i++)
    if (strlen(options[i].name) == length && memcmp(options[i].name, name, length) == 0) return &options[i];
  return NULL;
}

/* Reads argv[*at] ("--name", "--name=value") and its value; advances *at past both. What begins with "--" is a value
 * only behind "=": "--out --time 1" lacks a file. */
static bool read_option(const cli_command *command, cli_option *options, size_t count, cli_option *common, int argc,
                        char **argv, int *at) {
  const char *name = argv[*at] + 2, *equals = strchr(name, '=');
  size_t length = equals ? (size_t)(equals - name) : strlen(name);
  cli_option *option = find(options, count, name, length);
  if (!option) option = find(common, COMMON_OPTIONS, name, length);
  if (!option) {
    cli_error(command, "unknown option '--%.*s'; see assay %s --help", (int)length, name, command->name);
    return false;
  }
  if (option->given) {
    cli_error(command, "--%s: given twice", option->name);
    return false;
  }
  option->given = true;
  const char *value = equals ? equals + 1 : NULL;
  if (option->kind == CLI_FLAG && value) {
    cli_error(command, "--%s: takes no value", option->name);
    return false;
  }
  if (option->kind != CLI_FLAG && !value) {
    if (*at + 1 >= argc || strncmp(argv[*at + 1], "--", 2) == 0) {
      cli_error(command, "--%s: a value (%s) is missing", option->name, option->argument);
      return false;
    }
    value = argv[++*at];
  }
  ++*at;
  return read_value(command, option, value);
}

/* Behind "--" everything is positional. */
static bool read_words(const cli_command *command, cli_option *options, size_t count, cli_option *shared,
                       cli_common *common, int argc, char **argv) {
  bool only_positional = false;
  for (int i = 0; i < argc;) {
    if (!only_positional && strcmp(argv[i], "--") == 0) {
      only_positional = true;
      i++;
    } else if (!only_positional && strncmp(argv[i], "--", 2) == 0) {
      if (!read_option(command, options, count, shared, argc, argv, &i)) return false;
    } else if (!only_positional && argv[i][0] == '-') {
      cli_error(command, "unknown option '%s'; see assay %s --help", argv[i], command->name);
      return false;
    } else if (command->positional) {
      common->positional[common->positionals++] = argv[i++]; /* never ahead of where argv is read */
    } else {
      cli_error(command, "unexpected argument '%s'; see assay %s --help", argv[i], command->name);
      return false;
    }
  }
  return true;
}

static bool asks_for_help(int argc, char **argv) {
  for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
  return false;
}

bool cli_parse(const cli_command *command, cli_option *options, size_t count, cli_common *common, int argc, char **argv,
               int *exit_status) {
  cli_option shared[COMMON_OPTIONS];
  common_options(shared, common);
  common->positional = argv;
  *exit_status = CLI_USAGE;
  if (asks_for_help(argc, argv)) {
    print_help(command, options, count, shared);
    *exit_status = CLI_GOOD;
    return false;
  }
  if (!read_words(command, options, count, shared, common, argc, argv)) return false;
  for (size_t i = 0; i < count; i++)
    if (options[i].required && !options[i].given) {
      cli_error(command, "--%s %s is missing; see assay %s --help", options[i].name, options[i].argument,
                command->name);
      return false;
    }
  return true;
}
