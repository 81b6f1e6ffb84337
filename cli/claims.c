/* assay claims: what can be verified. */
#include "cli/command.h"

#include <fnmatch.h>
#include <stdio.h>

/* Whether the id is matched by one of the patterns; without patterns all are. */
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

static json_t *json_list(const cli_patterns *patterns) {
  json_t *list = json_array();
  for (size_t p = 0; list && assay_papers[p]; p++)
    for (const assay_claim *const *claim = assay_papers[p]->claims; list && *claim; claim++)
      if (selected((*claim)->id, patterns->list, patterns->count) && json_array_append_new(list, json_of(*claim))) {
        json_decref(list);
        list = NULL;
      }
  return list ? json_pack("{s:o}", "claims", list) : NULL;
}

static assay_status list_claims(const cli_patterns *patterns, bool json, assay_context *context) {
  if (json) {
    assay_status status = cli_print_json(json_list(patterns), JSON_INDENT(1), context);
    if (!status) putchar('\n');
    return status;
  }
  for (size_t p = 0; assay_papers[p]; p++)
    for (const assay_claim *const *claim = assay_papers[p]->claims; *claim; claim++)
      if (selected((*claim)->id, patterns->list, patterns->count)) print_claim(*claim);
  return ASSAY_OK;
}

static int run_claims(int argc, char **argv) {
  cli_common common;
  int exit_status;
  if (!cli_parse(&cli_claims, NULL, 0, &common, argc, argv, &exit_status)) return exit_status;
  assay_context context = cli_context(&common);
  cli_patterns patterns;
  assay_status status = cli_patterns_init(&patterns, &common, &context);
  if (!status) status = list_claims(&patterns, common.json, &context);
  cli_patterns_clear(&patterns);
  return status ? cli_failure(&cli_claims, status, &context) : CLI_GOOD;
}

const cli_command cli_claims = {
    .name = "claims",
    .summary = "Lists the claims: statement, source, kind, negative control, sizes.",
    .positional = "[PATTERN...]",
    .details = "PATTERN is a shell glob on the id, such as 'flow-dae/*', or on its part behind the slash, such as\n"
               "generated-mean, where it has no slash and matches no id. Without one, all claims are listed.",
    .example = "  assay claims 'flow-dae/*-rate'",
    .run = run_claims,
};
