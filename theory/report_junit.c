/* A run as JUnit XML: one suite per paper, one test case per claim. REFUTED is a failure, UNDECIDED an error; in a run
 * of the controls, where REFUTED is what they deserve, PROVED and CONFIRMED are the failures. */
#include "io/junit.h"
#include "theory/run.h"

#include <stdlib.h>
#include <string.h>

static assay_junit_outcome outcome_of(const assay_result *result) {
  if (result->verdict == ASSAY_UNDECIDED) return ASSAY_JUNIT_ERROR;
  return (result->verdict == ASSAY_REFUTED) != result->control ? ASSAY_JUNIT_FAILURE : ASSAY_JUNIT_PASSED;
}

assay_status assay_report_junit(const char *path, const assay_run *run, assay_context *context) {
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, run->count, sizeof(assay_junit_case), "test cases", context);
  if (status) return status;
  assay_junit_case *cases = memory;
  for (size_t i = 0; i < run->count; i++) {
    const assay_result *result = &run->results[i];
    const char *key = run->owners[i]->key;
    cases[i] = (assay_junit_case){.suite = key,
                                  .name = result->claim->id + strlen(key) + 1,
                                  .seconds = result->seconds,
                                  .outcome = outcome_of(result),
                                  .type = assay_verdict_name(result->verdict),
                                  .message = result->reason};
  }
  status = assay_junit_write(path, cases, run->count, context);
  free(memory);
  return status;
}
