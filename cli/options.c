/* Reading options, and the help made from the same table. */
#include "cli/command.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMMON_OPTIONS = 5 };

static void common_options(cli_option table[COMMON_OPTIONS], cli_common *common) {
  *common = (cli_common){.seed = 1, .max_bits = 4096};
  const cli_option options[COMMON_OPTIONS] = {
      {.name = "seed",
       .kind = CLI_SEED,
       .target = &common->seed,
       .argument = "N",
       .help = "seed of all random numbers (1)"},
      {.name = "threads",
       .kind = CLI_SIZE,
       .target = &common->threads,
       .argument = "N",
       .low = 1,
       .high = 1024,
       .help = "threads (all); results do not depend on it"},
      {.name = "max-bits",
       .kind = CLI_SIZE,
       .target = &common->max_bits,
       .argument = "B",
       .low = 53,
       .high = 1u << 24,
       .help = "highest working precision of the reference (4096)"},
      {.name = "quiet", .kind = CLI_FLAG, .target = &common->quiet, .help = "no progress line"},
      {.name = "json", .kind = CLI_FLAG, .target = &common->json, .help = "one JSON object on stdout instead of text"},
  };
  memcpy(table, options, sizeof options);
}

int cli_error(const cli_command *command, const char *format, ...) {
  fprintf(stderr, "assay%s%s: ", command ? " " : "", command ? command->name : "");
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  return CLI_USAGE;
}

/* ---- help ---- */

static void print_options(const cli_option *options, size_t count) {
  for (size_t i = 0; i < count; i++) {
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", options[i].name, options[i].argument ? " " : "",
             options[i].argument ? options[i].argument : "");
    printf("  %-24s %s%s\n", left, options[i].help, options[i].required ? " (required)" : "");
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

static bool read_choice(const cli_command *command, const cli_option *option, const char *text) {
  for (int i = 0; option->choices[i]; i++)
    if (strcmp(text, option->choices[i]) == 0) {
      *(int *)option->target = i;
      return true;
    }
  fprintf(stderr, "assay %s: --%s: '%s' is none of", command->name, option->name, text);
  for (size_t i = 0; option->choices[i]; i++) fprintf(stderr, " %s", option->choices[i]);
  fputc('\n', stderr);
  return false;
}

static bool read_value(const cli_command *command, const cli_option *option, const char *text) {
  assay_context context;
  assay_context_init(&context);
  assay_real real;
  char name[64];
  snprintf(name, sizeof name, "--%s", option->name);
  switch (option->kind) {
  case CLI_FLAG:
    *(bool *)option->target = true;
    return true;
  case CLI_TEXT:
    *(const char **)option->target = text;
    return true;
  case CLI_SIZE:
    return read_size(command, option, text);
  case CLI_SEED:
    if (read_unsigned(text, option->target)) return true;
    cli_error(command, "%s: '%s' is not an integer from 0 to 18446744073709551615", name, text);
    return false;
  case CLI_CHOICE:
    return read_choice(command, option, text);
  case CLI_REAL:
    if (!assay_real_parse(option->target, text, false, name, &context)) return true;
    cli_error(command, "%s", context.message);
    return false;
  case CLI_PROBABILITY:
    if (!assay_real_parse(&real, text, false, name, &context) && real.nearest > 0 && real.nearest < 1) {
      *(double *)option->target = real.nearest;
      return true;
    }
    cli_error(command, "%s: '%s' is not a number strictly between 0 and 1", name, text);
    return false;
  }
  return false;
}

/* ---- the command line ---- */

static cli_option *find(cli_option *options, size_t count, const char *name, size_t length) {
  for (size_t i = 0; i < count; i++)
    if (strlen(options[i].name) == length && memcmp(options[i].name, name, length) == 0) return &options[i];
  return NULL;
}

/* Reads argv[*at] ("--name", "--name=value") and its value; advances *at past both. */
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
    if (*at + 1 >= argc) {
      cli_error(command, "--%s: a value (%s) is missing", option->name, option->argument);
      return false;
    }
    value = argv[++*at];
  }
  ++*at;
  return read_value(command, option, value);
}

bool cli_parse(const cli_command *command, cli_option *options, size_t count, cli_common *common, int argc, char **argv,
               char ***positional, size_t *positionals, int *exit_status) {
  cli_option shared[COMMON_OPTIONS];
  common_options(shared, common);
  *positional = argv;
  *positionals = 0;
  *exit_status = CLI_USAGE;
  for (int i = 0; i < argc;) {
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
      print_help(command, options, count, shared);
      *exit_status = CLI_GOOD;
      return false;
    }
    if (strncmp(argv[i], "--", 2) == 0 && argv[i][2]) {
      if (!read_option(command, options, count, shared, argc, argv, &i)) return false;
    } else if (command->positional) {
      argv[(*positionals)++] = argv[i++]; /* behind the read position, always */
    } else {
      cli_error(command, "unexpected argument '%s'; see assay %s --help", argv[i], command->name);
      return false;
    }
  }
  for (size_t i = 0; i < count; i++)
    if (options[i].required && !options[i].given) {
      cli_error(command, "--%s %s is missing; see assay %s --help", options[i].name, options[i].argument,
                command->name);
      return false;
    }
  return true;
}
