/* Doubles in answer to assay field: the fast engine's, and files of either engine. */
#include "cli/field_job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* `bound` (one per point): of the fast engine's errors; NULL for the reference, which has none. */
typedef struct {
  double *values, *bound;
} doubles;

static void doubles_clear(doubles *d) {
  free(d->values), free(d->bound);
  *d = (doubles){0};
}

static assay_status doubles_compute(doubles *out, const field_job *job, assay_context *context) {
  size_t points = job->points.rows;
  doubles d = {0};
  assay_status status =
      assay_allocate((void **)&d.values, points * field_width(job), sizeof *d.values, "values", context);
  if (!status && job->fast) status = assay_allocate((void **)&d.bound, points, sizeof *d.bound, "bounds", context);
  if (!status && job->fast)
    status = assay_fast_field(d.values, d.bound, job->quantity, &job->mixture, &job->point, job->points.data, points,
                              context);
  else if (!status)
    status = cli_precision_hint(assay_reference_field_double(d.values, job->quantity, &job->mixture, &job->point,
                                                             job->points.data, points, context),
                                context);
  if (status)
    doubles_clear(&d);
  else
    *out = d;
  return status;
}

/* Where no bound is shown beside the value, a value without one must not be shown either. */
static assay_status check_bounds(const doubles *d, size_t points, assay_context *context) {
  for (size_t i = 0; d->bound && i < points; i++)
    if (!isfinite(d->bound[i]))
      return assay_fail(context, ASSAY_PRECISION,
                        "point %zu: doubles have no finite error bound there; --engine reference gives the value", i);
  return ASSAY_OK;
}

/* ---- text ---- */

static assay_status print_number(double value, mpfi_ptr exact, const char *end, size_t digits, assay_context *context) {
  char *text = NULL;
  mpfi_set_d(exact, value);
  assay_status status = assay_enclosure_decimal(&text, exact, digits, context);
  if (!status) printf("%s%s", text, end);
  free(text);
  return status;
}

static assay_status print_text(const field_job *job, const doubles *d, assay_context *context) {
  size_t width = field_width(job);
  assay_status status = check_bounds(d, job->points.rows, context);
  mpfi_t exact;
  mpfi_init2(exact, 53);
  cli_progress_end();
  for (size_t i = 0; !status && i < job->points.rows; i++)
    for (size_t j = 0; !status && j < width; j++)
      status = print_number(d->values[i * width + j], exact, j + 1 < width ? " " : "\n", job->digits, context);
  mpfi_clear(exact);
  return status;
}

/* ---- JSON ---- */

void field_json_open(const field_job *job, bool values) {
  cli_progress_end();
  printf("{\n \"quantity\": \"%s\",\n \"engine\": \"%s\",\n \"points\": %zu%s", assay_quantity_name(job->quantity),
         job->fast ? "fast" : "reference", job->points.rows, values ? ",\n \"values\": [" : "");
}

assay_status field_json_row(json_t *row, size_t index, assay_context *context) {
  cli_progress_end();
  printf("%s\n  ", index ? "," : "");
  return cli_print_json(row, 0, context);
}

static json_t *json_row(const double *values, size_t width) {
  json_t *row = json_array();
  for (size_t j = 0; row && j < width; j++)
    if (json_array_append_new(row, cli_json_number(values[j]))) {
      json_decref(row);
      row = NULL;
    }
  return row;
}

static assay_status print_bounds(const field_job *job, const doubles *d, assay_context *context) {
  printf(",\n \"bounds\": ");
  return cli_print_json(json_row(d->bound, job->points.rows), 0, context);
}

static assay_status print_json(const field_job *job, const doubles *d, assay_context *context) {
  size_t width = field_width(job);
  assay_status status = ASSAY_OK;
  field_json_open(job, true);
  for (size_t i = 0; !status && i < job->points.rows; i++)
    status = field_json_row(json_row(d->values + i * width, width), i, context);
  if (status) return status;
  printf("\n ]");
  status = print_bounds(job, d, context);
  if (!status) printf("\n}\n");
  return status;
}

/* ---- the two ways out ---- */

assay_status field_print_fast(const field_job *job, assay_context *context) {
  doubles d = {0};
  assay_status status = doubles_compute(&d, job, context);
  if (!status) status = job->json ? print_json(job, &d, context) : print_text(job, &d, context);
  doubles_clear(&d);
  return status;
}

assay_status field_write(const field_job *job, assay_context *context) {
  doubles d = {0};
  assay_status status = cli_check_writable(job->out_path, context);
  if (!status) status = doubles_compute(&d, job, context);
  if (!status && !job->json) status = check_bounds(&d, job->points.rows, context);
  if (!status) status = assay_npy_write(job->out_path, d.values, job->points.rows, field_width(job), context);
  if (!status && job->json) field_json_open(job, false);
  if (!status && job->json && job->fast) status = print_bounds(job, &d, context);
  if (!status && job->json) printf("\n}\n");
  doubles_clear(&d);
  return status;
}
