/* cli/check_samples_job.h: what assay check-samples was asked, between reading it and telling the report. */
#ifndef ASSAY_CLI_CHECK_SAMPLES_JOB_H
#define ASSAY_CLI_CHECK_SAMPLES_JOB_H

#include "cli/command.h"
#include "cli/path_point.h"

#include "io/npy.h"

typedef struct {
  const char *samples_path, *mixture_path, *junit_path, *svg_path;
  path_arguments path;
  assay_path_point point;
  assay_samples_options options;
  assay_mixture mixture;
  assay_npy_file samples;
  assay_samples_report report;
} samples_job;

const char *samples_verdict(const assay_samples_report *report);
const char *samples_stored(const samples_job *job);

assay_status samples_print_text(const samples_job *job, assay_context *context);
assay_status samples_print_json(const samples_job *job, assay_context *context);

#endif
