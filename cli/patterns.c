/* Which claims a PATTERN means, beyond the globs that the library takes. */
#include "cli/command.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static bool finds(const char *pattern) {
  for (size_t p = 0; assay_papers[p]; p++)
    for (const assay_claim *const *claim = assay_papers[p]->claims; *claim; claim++)
      if (fnmatch(pattern, (*claim)->id, 0) == 0) return true;
  return false;
}

/* Replaces a bare name that no id matches by the same name in any paper, if that finds one. */
static assay_status complete(char **pattern, char **made, assay_context *context) {
  static const char any_paper[] = "*/";
  if (strchr(*pattern, '/') || finds(*pattern)) return ASSAY_OK;
  size_t length = strlen(*pattern) + sizeof any_paper;
  assay_status status = assay_allocate((void **)made, length, 1, "pattern", context);
  if (status) return status;
  memcpy(*made, any_paper, sizeof any_paper - 1);
  memcpy(*made + sizeof any_paper - 1, *pattern, strlen(*pattern) + 1);
  if (finds(*made)) *pattern = *made;
  return ASSAY_OK;
}

assay_status cli_patterns_init(cli_patterns *out, const cli_common *common, assay_context *context) {
  size_t count = common->positionals;
  *out = (cli_patterns){.count = count};
  if (count == 0) return ASSAY_OK;
  assay_status status = assay_allocate((void **)&out->list, count, sizeof *out->list, "patterns", context);
  if (!status) status = assay_allocate((void **)&out->made, count, sizeof *out->made, "patterns", context);
  for (size_t i = 0; !status && i < count; i++) {
    out->list[i] = common->positional[i];
    status = complete(&out->list[i], &out->made[i], context);
  }
  for (size_t i = 0; !status && i < count; i++)
    if (!finds(out->list[i]))
      status = assay_fail(context, ASSAY_INVALID, "no claim's id matches '%s'; see assay claims", out->list[i]);
  if (status) cli_patterns_clear(out);
  return status;
}

void cli_patterns_clear(cli_patterns *patterns) {
  for (size_t i = 0; patterns->made && i < patterns->count; i++) free(patterns->made[i]);
  free((void *)patterns->made);
  free((void *)patterns->list);
  *patterns = (cli_patterns){0};
}
