/* reference/core/check_report.h: what assay_check_report says of the errors of all entries. */
#ifndef ASSAY_REFERENCE_CORE_CHECK_REPORT_H
#define ASSAY_REFERENCE_CORE_CHECK_REPORT_H

#include <assay/check.h>

/* Entry i is in row i / width. ulp is NaN where an entry counts as nonfinite. */
typedef struct {
  size_t entries, width;
  double *ulp, *relative;
} check_columns;

/* Counts, histogram and order statistics into `report`, and the entries of the largest ULP errors into worst[0 ...
 * report->worst_count - 1], their indices. Sorts the columns on the way: nothing may be read from them afterwards but
 * through `worst_errors` (ulp and relative of each). */
typedef struct {
  size_t index;
  double ulp, relative;
} check_worst;

void check_report_fill(assay_check_report *report, check_worst *worst, check_columns *columns,
                       const assay_check_options *options);

#endif
