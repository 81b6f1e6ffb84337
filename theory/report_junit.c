/* A run as JUnit XML: one suite per paper, one test case per claim. REFUTED is a failure, UNDECIDED an error; in a run
 * of the controls, where REFUTED is what they deserve, PROVED and CONFIRMED are the failures. */
#include "io/file.h"
#include "io/text.h"
#include "theory/run.h"

#include <stdlib.h>
#include <string.h>

static bool fails(const assay_result *result) {
  if (result->verdict == ASSAY_UNDECIDED) return false;
  return (result->verdict == ASSAY_REFUTED) != result->control;
}

typedef struct {
  size_t failures, errors;
  double seconds;
} counts;

static counts count_claims(const assay_run *run, size_t first, size_t end) {
  counts c = {0};
  for (size_t i = first; i < end; i++) {
    c.failures += fails(&run->results[i]);
    c.errors += run->results[i].verdict == ASSAY_UNDECIDED;
    c.seconds += run->results[i].seconds;
  }
  return c;
}

/* Fixed point, with a point whatever the locale: XML's readers expect seconds as decimals. */
static void put_seconds(assay_text *text, double seconds) {
  long long milliseconds = (long long)(seconds * 1000 + 0.5);
  assay_text_format(text, "%lld.%03lld", milliseconds / 1000, milliseconds % 1000);
}

static void put_tag(assay_text *text, const char *tag, const char *name, size_t tests, counts c) {
  assay_text_format(text, "<%s name=\"", tag);
  assay_text_escape(text, name);
  assay_text_format(text, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"", tests, c.failures, c.errors);
  put_seconds(text, c.seconds);
  assay_text_add(text, "\">\n");
}

static void put_case(assay_text *text, const assay_paper *paper, const assay_result *result) {
  const char *id = result->claim->id;
  bool failure = fails(result), error = result->verdict == ASSAY_UNDECIDED;
  assay_text_add(text, "    <testcase classname=\"");
  assay_text_escape(text, paper->key);
  assay_text_add(text, "\" name=\"");
  assay_text_escape(text, id + strlen(paper->key) + 1);
  assay_text_add(text, "\" time=\"");
  put_seconds(text, result->seconds);
  if (!failure && !error) {
    assay_text_add(text, "\"/>\n");
    return;
  }
  assay_text_format(text, "\">\n      <%s type=\"%s\" message=\"", failure ? "failure" : "error",
                    assay_verdict_name(result->verdict));
  assay_text_escape(text, result->reason);
  assay_text_add(text, "\"/>\n    </testcase>\n");
}

assay_status assay_report_junit(const char *path, const assay_run *run, assay_context *context) {
  assay_text text = {0};
  assay_text_add(&text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  put_tag(&text, "testsuites", "assay", run->count, count_claims(run, 0, run->count));
  for (size_t first = 0, end = 0; first < run->count; first = end) {
    while (end < run->count && run->owners[end] == run->owners[first]) end++;
    assay_text_add(&text, "  ");
    put_tag(&text, "testsuite", run->owners[first]->key, end - first, count_claims(run, first, end));
    for (size_t i = first; i < end; i++) put_case(&text, run->owners[i], &run->results[i]);
    assay_text_add(&text, "  </testsuite>\n");
  }
  assay_text_add(&text, "</testsuites>\n");
  char *bytes = NULL;
  size_t length = text.length;
  assay_status status = assay_text_take(&bytes, &text, "report", context);
  if (!status) status = assay_file_write(path, bytes, length, context);
  free(bytes);
  return status;
}
