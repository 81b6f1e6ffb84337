#include "samples_problem.h"

#include "testing.h"

#include <stdlib.h>
#include <string.h>

assay_context *problem_context(void) {
  static assay_context context;
  if (context.threads == 0) {
    assay_context_init(&context);
    context.threads = 1;
  }
  return &context;
}

void problem_make(problem *out, size_t d, size_t count, int kind, double apart, size_t rows, uint64_t seed) {
  samples_mixture(&out->mixture, out->factors, d, count, kind, apart, seed);
  out->draws = (samples_draws){&out->mixture, (const double *const *)out->factors, 0.5, 0.5, rows, seed};
}

void problem_clear(problem *self) {
  for (size_t k = 0; k < self->mixture.count; k++) free(self->factors[k]);
  assay_mixture_clear(&self->mixture);
}

assay_samples_options problem_options(double delta) {
  assay_samples_options options = assay_samples_options_default();
  options.delta = delta;
  options.sliced = 0;
  return options;
}

assay_samples_report problem_judge(const problem *p, const double *x, size_t rows,
                                   const assay_samples_options *options) {
  assay_path_point point = assay_path_point_of(assay_real_of(p->draws.alpha), assay_real_of(p->draws.beta));
  assay_stream samples = assay_stream_of(x, rows, p->mixture.dimension);
  assay_context *context = problem_context();
  assay_samples_report report;
  test_check(assay_check_samples(&report, &samples, &p->mixture, &point, options, context) == ASSAY_OK, "%s",
             context->message);
  return report;
}

const assay_samples_test *problem_test(const assay_samples_report *report, const char *name) {
  for (size_t i = 0; i < report->comparisons; i++)
    if (strcmp(report->tests[i].name, name) == 0) return &report->tests[i];
  fail_msg("no test %s", name);
  return NULL;
}
