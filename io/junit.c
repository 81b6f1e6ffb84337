#include "io/junit.h"

#include "io/file.h"
#include "io/text.h"

#include <stdlib.h>
#include <string.h>

/* Fixed point, with a point whatever the locale: XML's readers expect seconds as decimals. */
static void put_seconds(assay_text *text, double seconds) {
  long long milliseconds = (long long)(seconds * 1000 + 0.5);
  assay_text_format(text, "%lld.%03lld", milliseconds / 1000, milliseconds % 1000);
}

static void put_tag(assay_text *text, const char *tag, const char *name, const assay_junit_case *cases, size_t count) {
  size_t failures = 0, errors = 0;
  double seconds = 0;
  for (size_t i = 0; i < count; i++) {
    failures += cases[i].outcome == ASSAY_JUNIT_FAILURE;
    errors += cases[i].outcome == ASSAY_JUNIT_ERROR;
    seconds += cases[i].seconds;
  }
  assay_text_format(text, "<%s name=\"", tag);
  assay_text_escape(text, name);
  assay_text_format(text, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"", count, failures, errors);
  put_seconds(text, seconds);
  assay_text_add(text, "\">\n");
}

static void put_case(assay_text *text, const assay_junit_case *one) {
  assay_text_add(text, "    <testcase classname=\"");
  assay_text_escape(text, one->suite);
  assay_text_add(text, "\" name=\"");
  assay_text_escape(text, one->name);
  assay_text_add(text, "\" time=\"");
  put_seconds(text, one->seconds);
  if (one->outcome == ASSAY_JUNIT_PASSED) {
    assay_text_add(text, "\"/>\n");
    return;
  }
  assay_text_format(text, "\">\n      <%s type=\"", one->outcome == ASSAY_JUNIT_FAILURE ? "failure" : "error");
  assay_text_escape(text, one->type);
  assay_text_add(text, "\" message=\"");
  assay_text_escape(text, one->message);
  assay_text_add(text, "\"/>\n    </testcase>\n");
}

assay_status assay_junit_write(const char *path, const assay_junit_case *cases, size_t count, assay_context *context) {
  assay_text text = {0};
  assay_text_add(&text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  put_tag(&text, "testsuites", "assay", cases, count);
  for (size_t first = 0, end = 0; first < count; first = end) {
    while (end < count && strcmp(cases[end].suite, cases[first].suite) == 0) end++;
    assay_text_add(&text, "  ");
    put_tag(&text, "testsuite", cases[first].suite, cases + first, end - first);
    for (size_t i = first; i < end; i++) put_case(&text, &cases[i]);
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
