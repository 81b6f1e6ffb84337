/* cli/field_job.h: what assay field was asked, between reading it and printing the answer. */
#ifndef ASSAY_CLI_FIELD_JOB_H
#define ASSAY_CLI_FIELD_JOB_H

#include "cli/command.h"
#include "cli/path_point.h"

#include "io/npy.h"

typedef struct {
  const char *quantity_name, *mixture_path, *points_path, *out_path;
  path_arguments path;
  bool fast, json;
  size_t digits;
  assay_quantity quantity;
  assay_mixture mixture;
  assay_npy_array points;
  assay_path_point point;
} field_job;

/* Numbers per point. */
size_t field_width(const field_job *job);

/* The reference's enclosures as correctly rounded decimals or as JSON, some points at a time: whatever their number,
 * memory stays small and output starts early. */
assay_status field_print_reference(const field_job *job, assay_context *context);

/* Doubles: printed (fast engine), or written to job->out_path (either engine). */
assay_status field_print_fast(const field_job *job, assay_context *context);
assay_status field_write(const field_job *job, assay_context *context);

/* The JSON object around the values, which are printed as they come: "values" is left open, for field_json_row. */
void field_json_open(const field_job *job, bool values);
assay_status field_json_row(json_t *row, size_t index, assay_context *context);

#endif
