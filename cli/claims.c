/* assay claims: what can be verified. */
#include "cli/command.h"

#include <fnmatch.h>
#include <stdio.h>

static bool selected(const char *id, char **patterns, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (fnmatch(patterns[i], id, 0) == 0) return true;
  return count == 0;
}

static void print_claim(const assay_claim *claim) {
  printf("%s (%s)\n  %s\n  source   %s\n  control  %s\n", claim->id, assay_kind_name(claim->kind), claim->statement,
         claim->source, claim->control);
  for (int level = 0; level < ASSAY_LEVEL_COUNT; level++)
    printf("  %-8s %s (%zu comparison%s)\n", assay_level_name((assay_level)level), claim->sizes[level],
           claim->comparisons[level], claim->comparisons[level] == 1 ? "" : "s");
  putchar('\n');
}

static json_t *json_of(const assay_claim *claim) {
  json_t *sizes = json_object(), *comparisons = json_object();
  for (int level = 0; level < ASSAY_LEVEL_COUNT; level++) {
    json_object_set_new(sizes, assay_level_name((assay_level)level), json_string(claim->sizes[level]));
    json_object_set_new(comparisons, assay_level_name((assay_level)level),
                        json_integer((json_int_t)claim->comparisons[level]));
  }
  return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "id", claim->id, "statement", claim->statement, "source",
                   claim->source, "kind", assay_kind_name(claim->kind), "control", claim->control, "sizes", sizes,
                   "comparisons", comparisons);
}

static int run_claims(int argc, char **argv) {
  cli_common common;
  char **patterns;
  size_t count;
  int exit_status;
  if (!cli_parse(&cli_claims, NULL, 0, &common, argc, argv, &patterns, &count, &exit_status)) return exit_status;
  json_t *list = json_array();
  size_t found = 0;
  for (size_t p = 0; assay_papers[p]; p++)
    for (const assay_claim *const *claim = assay_papers[p]->claims; *claim; claim++)
      if (selected((*claim)->id, patterns, count)) {
        found++;
        if (common.json)
          json_array_append_new(list, json_of(*claim));
        else
          print_claim(*claim);
      }
  if (!found) {
    json_decref(list);
    return cli_error(&cli_claims, "no claim matches '%s'; see assay claims", patterns[0]);
  }
  if (common.json) return cli_print_json(&cli_claims, json_pack("{s:o}", "claims", list));
  json_decref(list);
  return CLI_GOOD;
}

const cli_command cli_claims = {
    .name = "claims",
    .summary = "Lists the claims: statement, source, kind, negative control, sizes at each level.",
    .positional = "[PATTERN...]",
    .details = "PATTERN is a shell glob on the id, such as 'flow-dae/*'. Without one, all claims are listed.",
    .example = "  assay claims 'flow-dae/*-rate'",
    .run = run_claims,
};
