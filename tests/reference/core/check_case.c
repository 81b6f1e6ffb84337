#include "check_case.h"

#include "field_examples.h"

assay_status check_case_run(assay_check_report *out, const check_case *c, const assay_check_options *options) {
  assay_stream points = assay_stream_of(c->x, c->rows, c->mixture.dimension);
  assay_stream values = assay_stream_of(c->got, c->rows, c->width);
  return assay_reference_check(out, c->quantity, &c->mixture, &c->point, c->times, &points, &values, c->format, options,
                               &example_context);
}
