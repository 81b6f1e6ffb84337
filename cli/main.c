/* The assay command: finds the command that was named, and leaves no half-written file when interrupted. */
#include "cli/command.h"

#include "io/file.h"

#include <cblas.h>
#include <gmp.h>
#include <openblas_config.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const cli_command *const commands[] = {
    &cli_claims,       &cli_verify,           &cli_field,           &cli_dae_theory,           &cli_dae_train,
    &cli_dae_generate, &cli_bayes_estimation, &cli_bayes_denoising, &cli_bayes_classification,
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_usage(FILE *stream) {
  fprintf(stream, "usage: assay <command> [options]\n\n"
                  "Verifies what papers claim about flow- and diffusion-based generative models where the truth is\n"
                  "known in closed form.\n\nCommands:\n");
  for (size_t i = 0; i < COMMANDS; i++) fprintf(stream, "  %-21s %s\n", commands[i]->name, commands[i]->summary);
  fprintf(stream, "\nassay <command> --help shows options and an example; assay --version the libraries.\n"
                  "Exit status: 0 good, 1 does not hold, 2 bad usage or input, 3 could not be decided.\n");
}

static int print_version(void) {
  printf("assay %s\n", ASSAY_VERSION);
  printf("mpfr %s, mpfi %s, gmp %s, jansson %s\n", mpfr_get_version(), MPFI_VERSION_STRING, gmp_version,
         jansson_version_str());
  printf("%s, core %s\n", openblas_get_config(), openblas_get_corename());
  printf("vector instructions %s\n", assay_fast_isa_name(assay_fast_isa_resolve(ASSAY_ISA_BEST)));
  return CLI_GOOD;
}

static void interrupted(int number) {
  assay_file_abandon_all();
  signal(number, SIG_DFL);
  raise(number);
}

/* Words of "dae theory" that argv spells; 0 when it does not. */
static int words_matched(const char *name, int argc, char **argv) {
  int words = 0;
  while (*name) {
    size_t length = strcspn(name, " ");
    if (words >= argc || strlen(argv[words]) != length || strncmp(name, argv[words], length) != 0) return 0;
    words++;
    name += length + (name[length] == ' ');
  }
  return words;
}

/* Commands whose first word was given: for "assay dae". */
static bool is_group(const char *word) {
  size_t length = strlen(word);
  for (size_t i = 0; i < COMMANDS; i++)
    if (strncmp(commands[i]->name, word, length) == 0 && commands[i]->name[length] == ' ') return true;
  return false;
}

static int print_group(const char *word, bool asked) {
  FILE *stream = asked ? stdout : stderr;
  fprintf(stream, asked ? "usage: assay %s <command> [options]\n\n" : "assay %s: which of these?\n", word);
  for (size_t i = 0; i < COMMANDS; i++)
    if (strncmp(commands[i]->name, word, strlen(word)) == 0 && commands[i]->name[strlen(word)] == ' ')
      fprintf(stream, "  %-21s %s\n", commands[i]->name, commands[i]->summary);
  return asked ? CLI_GOOD : CLI_USAGE;
}

int main(int argc, char **argv) {
  openblas_set_num_threads(1); /* tiles are single-threaded; threads belong to OpenMP */
  signal(SIGINT, interrupted);
  signal(SIGTERM, interrupted);
  signal(SIGHUP, interrupted);
  if (argc < 2) {
    print_usage(stderr);
    return CLI_USAGE;
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
    print_usage(stdout);
    return CLI_GOOD;
  }
  if (strcmp(argv[1], "--version") == 0) return print_version();
  int exit_status = -1;
  for (size_t i = 0; exit_status < 0 && i < COMMANDS; i++) {
    int words = words_matched(commands[i]->name, argc - 1, argv + 1);
    if (words) exit_status = commands[i]->run(argc - 1 - words, argv + 1 + words);
  }
  if (exit_status < 0 && is_group(argv[1]))
    exit_status = print_group(argv[1], argc > 2 && strcmp(argv[2], "--help") == 0);
  if (exit_status < 0) return cli_error(NULL, "unknown command '%s'; see assay --help", argv[1]);
  if (fflush(stdout) || ferror(stdout)) return cli_error(NULL, "standard output: could not be written");
  return exit_status;
}
