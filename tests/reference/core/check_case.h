/* Arguments of assay_reference_check, for tests. */
#ifndef ASSAY_TESTS_REFERENCE_CORE_CHECK_CASE_H
#define ASSAY_TESTS_REFERENCE_CORE_CHECK_CASE_H

#include <assay/check.h>

typedef struct {
  assay_mixture mixture;
  assay_quantity quantity;
  assay_path_point point;
  assay_format format;
  size_t rows, width;
  double *times, *x, *got;
} check_case;

/* By example_context. */
assay_status check_case_run(assay_check_report *out, const check_case *c, const assay_check_options *options);

#endif
