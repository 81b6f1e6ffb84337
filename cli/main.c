/* The assay command: finds the command that was named, and leaves no half-written file when interrupted. */
#include "cli/command.h"

#include "io/file.h"

#include <cblas.h>
#include <gmp.h>
#include <openblas_config.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

static const cli_command *const commands[] = {
    &cli_claims,       &cli_verify,           &cli_calibrate,       &cli_field,
    &cli_check,        &cli_check_samples,    &cli_dae_theory,      &cli_dae_train,
    &cli_dae_generate, &cli_bayes_estimation, &cli_bayes_denoising, &cli_bayes_classification,
    &cli_gmm_learn,    &cli_gmm_sample,       &cli_gmm_score,       &cli_gmm_em,
    &cli_vectors,
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_summary(FILE *stream, const cli_command *command) {
  (void)fprintf(stream, "  %-21s %s\n", command->name, command->summary);
}

static void print_usage(FILE *stream) {
  (void)fprintf(stream, "usage: assay <command> [options]\n\n"
                        "Verifies what papers claim about flow- and diffusion-based generative models where the truth\n"
                        "is known in closed form.\n\nCommands:\n");
  for (size_t i = 0; i < COMMANDS; i++) print_summary(stream, commands[i]);
  (void)fprintf(stream, "\nassay <command> --help shows options and an example; assay --version the libraries.\n"
                        "Exit status: 0 good, 1 does not hold, 2 bad usage or input, 3 could not be decided.\n");
}

static int print_version(void) {
  printf("assay %s\n", ASSAY_VERSION);
  printf("mpfr %s, mpfi %s, gmp %s, jansson %s, zlib %s\n", mpfr_get_version(), MPFI_VERSION_STRING, gmp_version,
         jansson_version_str(), zlibVersion());
  printf("%s, core %s\n", openblas_get_config(), openblas_get_corename());
  printf("vector instructions %s\n", assay_fast_isa_name(assay_fast_isa_resolve(ASSAY_ISA_BEST)));
  return CLI_GOOD;
}

/* ---- the process ---- */

/* Both functions promise to be async-signal-safe. */
static void interrupted(int number) {
  cli_progress_end();       /* NOLINT(bugprone-signal-handler,cert-sig30-c) */
  assay_file_abandon_all(); /* NOLINT(bugprone-signal-handler,cert-sig30-c) */
  (void)signal(number, SIG_DFL);
  (void)raise(number);
}

/* A signal that the caller had ignored stays ignored: nohup, and background jobs of a shell. */
static void catch_signals(void) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (signal(numbers[i], interrupted) == SIG_IGN) (void)signal(numbers[i], SIG_IGN);
}

/* ---- finding the command ---- */

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

/* The part of "dae theory" behind "dae ", or NULL. */
static const char *member_of(const char *name, const char *group) {
  size_t length = strlen(group);
  return length && strncmp(name, group, length) == 0 && name[length] == ' ' ? name + length + 1 : NULL;
}

static bool is_group(const char *word) {
  for (size_t i = 0; i < COMMANDS; i++)
    if (member_of(commands[i]->name, word)) return true;
  return false;
}

static int refuse_member(const char *group, const char *word) {
  char known[256] = "";
  size_t length = 0;
  for (size_t i = 0; i < COMMANDS && length < sizeof known; i++) {
    const char *member = member_of(commands[i]->name, group);
    if (member) length += (size_t)snprintf(known + length, sizeof known - length, "%s%s", length ? ", " : "", member);
  }
  if (word) return cli_error(NULL, "%s: '%s' is none of %s; see assay %s --help", group, word, known, group);
  return cli_error(NULL, "%s: which one is missing: %s; see assay %s --help", group, known, group);
}

static bool is_help(const char *word) { return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0; }

static int run_group(const char *group, int argc, char **argv) {
  if (argc == 0 || !is_help(argv[0])) return refuse_member(group, argc ? argv[0] : NULL);
  printf("usage: assay %s <command> [options]\n\nCommands:\n", group);
  for (size_t i = 0; i < COMMANDS; i++)
    if (member_of(commands[i]->name, group)) print_summary(stdout, commands[i]);
  return CLI_GOOD;
}

static int run_command(int argc, char **argv) {
  if (argc == 0) {
    print_usage(stderr);
    return CLI_USAGE;
  }
  bool help = is_help(argv[0]);
  if (help || strcmp(argv[0], "--version") == 0) {
    if (argc > 1) return cli_error(NULL, "unexpected argument '%s' behind %s", argv[1], argv[0]);
    if (!help) return print_version();
    print_usage(stdout);
    return CLI_GOOD;
  }
  for (size_t i = 0; i < COMMANDS; i++) {
    int words = words_matched(commands[i]->name, argc, argv);
    if (words) return commands[i]->run(argc - words, argv + words);
  }
  if (is_group(argv[0])) return run_group(argv[0], argc - 1, argv + 1);
  return cli_error(NULL, "unknown command '%s'; see assay --help", argv[0]);
}

int main(int argc, char **argv) {
  catch_signals();
  openblas_set_num_threads(1); /* tiles are single-threaded; threads belong to OpenMP */
  int exit_status = run_command(argc - (argc > 0), argv + (argc > 0));
  cli_progress_end();
  if (fflush(stdout) || ferror(stdout)) return cli_error(NULL, "standard output: could not be written");
  return exit_status;
}
