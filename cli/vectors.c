/* assay vectors: writes the test vectors, or tells whether a folder holds exactly them. */
#include "cli/command.h"

#include <assay/vectors.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int write_vectors(const char *directory, const cli_common *common) {
  assay_context context = cli_context(common);
  assay_status status = assay_vectors_write(directory, &context);
  cli_progress_end();
  if (!status && common->json)
    status = cli_print_json(json_pack("{s:s}", "written", directory), 0, &context);
  else if (!status)
    printf("%s: written", directory);
  if (status) return cli_failure(&cli_vectors, status, &context);
  putchar('\n');
  return CLI_GOOD;
}

/* One line a difference; JSON has them in a list. */
static json_t *list_of(char *differences) {
  json_t *list = json_array();
  for (char *end; list && (end = strchr(differences, '\n')); differences = end + 1)
    if (json_array_append_new(list, json_stringn(differences, (size_t)(end - differences)))) {
      json_decref(list);
      return NULL;
    }
  return list;
}

static int check_vectors(const char *directory, const cli_common *common) {
  assay_context context = cli_context(common);
  char *differences = NULL;
  assay_status status = assay_vectors_check(&differences, directory, &context);
  cli_progress_end();
  bool same = !status && !*differences;
  if (!status && common->json) {
    status = cli_print_json(json_pack("{s:b, s:o}", "same", same, "differences", list_of(differences)), JSON_INDENT(1),
                            &context);
    if (!status) putchar('\n');
  } else if (!status) {
    (void)fputs(differences, stdout);
    if (same) printf("%s: exactly the test vectors\n", directory);
  }
  free(differences);
  if (status) return cli_failure(&cli_vectors, status, &context);
  return same ? CLI_GOOD : CLI_FAILS;
}

static int run_vectors(int argc, char **argv) {
  const char *out = "vectors", *check = NULL;
  cli_option options[] = {
      cli_text("out", &out, "DIR", "write them here (vectors); made when missing"),
      cli_text("check", &check, "DIR", "instead: does DIR hold exactly what would be written?"),
  };
  cli_common common;
  int exit_status;
  if (!cli_parse(&cli_vectors, options, 2, &common, argc, argv, &exit_status)) return exit_status;
  if (options[0].given && options[1].given) return cli_error(&cli_vectors, "--out and --check: one of them");
  return check ? check_vectors(check, &common) : write_vectors(out, &common);
}

const cli_command cli_vectors = {
    .name = "vectors",
    .summary = "Writes test vectors for flow and diffusion code, or checks a folder of them.",
    .details = "Exact values of each quantity, of dae theory and of bayes, as JSON, on inputs where formulas in\n"
               "common use lose digits: docs/vectors.md. Exit status of --check: 1 when a byte differs, or a file is\n"
               "missing or one too many.",
    .example = "  assay vectors --out vectors",
    .run = run_vectors,
};
