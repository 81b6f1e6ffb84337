/* The files of assay check, and whether they fit together. */
#include "cli/check_job.h"

#include "io/mixture_json.h"

static assay_status check_points(const check_job *job, assay_context *context) {
  const assay_npy_header *points = &job->points.header;
  if (points->columns == job->mixture.dimension) return ASSAY_OK;
  return assay_fail(context, ASSAY_INVALID, "%s: %zu columns, but the dimension of %s is %zu", job->points_path,
                    points->columns, job->mixture_path, job->mixture.dimension);
}

static assay_status check_values(const check_job *job, assay_context *context) {
  const assay_npy_header *points = &job->points.header, *values = &job->values.header;
  size_t width = assay_quantity_width(job->quantity, job->mixture.dimension);
  if (values->rows != points->rows)
    return assay_fail(context, ASSAY_INVALID, "%s: %zu rows, but %s has %zu", job->values_path, values->rows,
                      job->points_path, points->rows);
  if (values->columns == width) return ASSAY_OK;
  return assay_fail(context, ASSAY_INVALID, "%s: %zu columns, expected %zu for %s in dimension %zu", job->values_path,
                    values->columns, width, assay_quantity_name(job->quantity), job->mixture.dimension);
}

static assay_status read_times(check_job *job, assay_context *context) {
  if (!job->times_path) return ASSAY_OK;
  assay_status status = assay_npy_read(&job->times, job->times_path, context);
  if (status) return status;
  const assay_npy_array *times = &job->times;
  if (times->columns != 1)
    return assay_fail(context, ASSAY_INVALID, "%s: %zu columns, expected one time a row", job->times_path,
                      times->columns);
  if (times->rows != job->points.header.rows)
    return assay_fail(context, ASSAY_INVALID, "%s: %zu times, but %s has %zu rows", job->times_path, times->rows,
                      job->points_path, job->points.header.rows);
  for (size_t i = 0; i < times->rows; i++)
    if (!(times->data[i] >= 0 && times->data[i] <= 1))
      return assay_fail(context, ASSAY_INVALID, "%s: entry %zu is %.17g, expected a time in [0, 1]", job->times_path, i,
                        times->data[i]);
  return ASSAY_OK;
}

static assay_format format_of(assay_npy_item item) {
  switch (item) {
  case ASSAY_NPY_F2:
    return ASSAY_BINARY16;
  case ASSAY_NPY_F4:
    return ASSAY_BINARY32;
  case ASSAY_NPY_F8:
    break;
  }
  return ASSAY_BINARY64;
}

assay_status check_inputs_read(check_job *job, assay_context *context) {
  assay_status status = assay_quantity_parse(&job->quantity, job->quantity_name, context);
  if (!status) status = assay_path_point_check(&job->point, job->quantity, context);
  if (!status) status = assay_mixture_read_json(&job->mixture, job->mixture_path, context);
  if (!status) status = assay_npy_open(&job->points, job->points_path, context);
  if (!status) status = check_points(job, context);
  if (!status) status = assay_npy_open_judged(&job->values, job->values_path, context);
  if (!status) status = check_values(job, context);
  if (!status) status = read_times(job, context);
  if (!status) job->format = format_of(job->values.header.item);
  return status;
}

void check_inputs_clear(check_job *job) {
  assay_mixture_clear(&job->mixture);
  assay_npy_close(&job->points);
  assay_npy_close(&job->values);
  assay_npy_array_clear(&job->times);
}
