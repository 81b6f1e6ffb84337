#include "verdict.h"

#include "testing.h"

#include <stdio.h>

static void check(const char *id, bool control, assay_verdict expected) {
  assay_context context;
  assay_context_init(&context);
  test_random random = test_random_new(0);
  assay_run_options options = assay_run_options_default();
  options.patterns = &id;
  options.pattern_count = 1;
  options.control = control;
  options.seed = test_bits(&random);
  assay_run *run = NULL;
  assay_status status = assay_run_init(&run, &options, &context);
  if (status == ASSAY_OK) status = assay_run_verify(run, NULL, NULL, &context);
  size_t count = run ? assay_run_count(run) : 0;
  assay_verdict verdict = count == 1 ? assay_run_result(run, 0)->verdict : ASSAY_UNDECIDED;
  char reason[256] = "";
  if (count == 1) (void)snprintf(reason, sizeof reason, "%s", assay_run_result(run, 0)->reason);
  assay_run_clear(run);
  test_check(status == ASSAY_OK, "%s: %s: %s", id, assay_status_name(status), context.message);
  test_check(count == 1, "%s: %zu claims have this id", id, count);
  test_check(verdict == expected, "%s%s, run seed %#llx: %s instead of %s: %s", id, control ? " (control)" : "",
             (unsigned long long)options.seed, assay_verdict_name(verdict), assay_verdict_name(expected), reason);
}

void check_verdict(const char *id, assay_verdict expected) { check(id, false, expected); }

void check_control(const char *id) { check(id, true, ASSAY_REFUTED); }
