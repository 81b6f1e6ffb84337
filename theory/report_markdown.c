/* A run as Markdown: what each claim says, its control, its sizes, and how closely this run resolved it. */
#include "io/file.h"
#include "io/text.h"
#include "theory/run.h"

#include <math.h>
#include <stdlib.h>

/* Claims are written in plain text: '*', '_', '<', '>' and the like are meant as they stand. */
static void put_plain(assay_text *text, const char *string) {
  for (; *string; string++) {
    bool markup = *string == '*' || *string == '_' || *string == '<' || *string == '>' || *string == '|' ||
                  *string == '`' || *string == '\\' || *string == '[' || *string == ']' || *string == '#';
    if (markup) assay_text_add(text, "\\");
    assay_text_bytes(text, string, 1);
  }
}

static void put_entry(assay_text *text, const char *name, const char *value) {
  assay_text_format(text, "- **%s** ", name);
  put_plain(text, value);
  assay_text_add(text, "\n");
}

static void put_claim(assay_text *text, const assay_result *result) {
  const assay_claim *claim = result->claim;
  assay_text_format(text, "\n### %s\n\n", claim->id);
  put_plain(text, claim->statement);
  assay_text_add(text, "\n\n");
  put_entry(text, "Source:", claim->source);
  put_entry(text, "Control:", claim->control);
  for (int level = 0; level < ASSAY_LEVEL_COUNT; level++) {
    assay_text_format(text, "- **At level %s,** %zu comparison%s: ", assay_level_name((assay_level)level),
                      claim->comparisons[level], claim->comparisons[level] == 1 ? "" : "s");
    put_plain(text, claim->sizes[level]);
    assay_text_add(text, "\n");
  }
  assay_text_format(text, "- **%s** at level %s", assay_verdict_name(result->verdict), assay_level_name(result->level));
  if (isfinite(result->resolution)) assay_text_format(text, ", resolution %.2g", result->resolution);
  assay_text_add(text, "\n");
}

assay_status assay_report_markdown(const char *path, const assay_run *run, assay_context *context) {
  assay_text text = {0};
  assay_text_format(
      &text,
      "# Claims\n\nWritten by `./run results` from the claims themselves and a run at level %s, seed %llu, "
      "delta %g.\nA claim's control is a nearby false statement that the same evidence refutes. Resolution "
      "is the smallest\nchange of a prediction that the evidence would have refuted, relative to it where it "
      "is not 0.\n",
      assay_level_name(run->options.level), (unsigned long long)run->options.seed, run->options.delta);
  for (size_t i = 0; i < run->count; i++) {
    if (i == 0 || run->owners[i] != run->owners[i - 1]) {
      assay_text_format(&text, "\n## %s\n\n", run->owners[i]->key);
      put_plain(&text, run->owners[i]->title);
      assay_text_add(&text, "\n");
    }
    put_claim(&text, &run->results[i]);
  }
  char *bytes = NULL;
  size_t length = text.length;
  assay_status status = assay_text_take(&bytes, &text, "report", context);
  if (!status) status = assay_file_write(path, bytes, length, context);
  free(bytes);
  return status;
}
