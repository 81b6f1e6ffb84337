/* cli/check_job.h: what assay check was asked, between reading it and telling the report. */
#ifndef ASSAY_CLI_CHECK_JOB_H
#define ASSAY_CLI_CHECK_JOB_H

#include "cli/command.h"
#include "cli/path_point.h"

#include "io/npy.h"
#include "io/text.h"

typedef struct {
  const char *quantity_name, *mixture_path, *points_path, *values_path, *times_path, *junit_path;
  path_arguments path;
  assay_check_options options;
  assay_quantity quantity;
  assay_path_point point;
  assay_mixture mixture;
  assay_npy_file points, values;
  assay_npy_array times; /* data: NULL without --times */
  assay_format format;
} check_job;

/* Reads the mixture and the times, opens points and values, and checks that they fit together. */
assay_status check_inputs_read(check_job *job, assay_context *context);
void check_inputs_clear(check_job *job);

/* ---- one of the worst entries ---- */

/* Whether code that rounds the coordinates x_j to the format of the values, and is exact but for that, can be as far
 * off as this entry: at most condition |Q| 2^-p, p the format's precision, and half an ULP for its own result. */
typedef enum { CHECK_WITHIN_ROUNDING, CHECK_BEYOND_ROUNDING, CHECK_NO_CONDITION } check_blame;

typedef struct {
  double rounding_ulp; /* what the rounding of x does at most, in ULPs; infinity with CHECK_NO_CONDITION */
  check_blame blame;   /* CHECK_NO_CONDITION: Q = 0 */
} check_sensitivity;

check_sensitivity check_entry_sensitivity(const assay_check_entry *entry, assay_format format);

/* The row's point (d doubles), to be released with free(). */
assay_status check_entry_point(double **out, const check_job *job, size_t row, assay_context *context);

/* The value judged at a place, NaN and infinities too. */
assay_status check_entry_got(double *out, const check_job *job, assay_check_place place, assay_context *context);

/* ---- telling ---- */

assay_status check_print_text(const check_job *job, const assay_check_report *report, assay_context *context);
assay_status check_print_json(const check_job *job, const assay_check_report *report, assay_context *context);

/* The check as one test case. report == NULL: it could not be decided, and context->message says why. */
assay_status check_write_junit(const check_job *job, const assay_check_report *report, double seconds,
                               assay_context *context);

/* "linear, time 1/3", "times T.npy", "alpha 1, beta 1/2". */
void check_path_text(assay_text *out, const check_job *job);

#endif
