/* The reference engine's answer to assay field. */
#include "cli/field_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- progress over pieces ---- */

/* A piece's own progress, as part of the whole. */
typedef struct {
  const assay_context *whole;
  size_t first, count, points;
} piece_progress;

static int report_piece(void *self, const char *what, double fraction) {
  const piece_progress *piece = self;
  double done = ((double)piece->first + fraction * (double)piece->count) / (double)piece->points;
  return piece->whole->progress(piece->whole->progress_self, what, done);
}

/* Points first..first + count - 1. A message of the library counts points from the piece's first. */
static assay_status evaluate(mpfi_ptr values, const field_job *job, size_t first, size_t count, long goal,
                             assay_context *context) {
  piece_progress progress = {context, first, count, job->points.rows};
  assay_context piece = *context;
  if (context->progress) piece.progress = report_piece, piece.progress_self = &progress;
  const double *x = job->points.data + first * job->mixture.dimension;
  assay_status status =
      assay_reference_field(values, job->quantity, &job->mixture, &job->point, x, count, goal, &piece);
  if (!status) return ASSAY_OK;
  if (first) return assay_fail(context, status, "behind the first %zu points: %s", first, piece.message);
  return assay_fail(context, status, "%s", piece.message);
}

/* ---- one point ---- */

static void free_texts(char **texts, size_t count) {
  for (size_t j = 0; j < count; j++) free(texts[j]);
  free((void *)texts);
}

/* Decimals of one point's components, raising the goal until each is decided. */
static assay_status decide_point(char **texts, const field_job *job, size_t point, mpfi_ptr values, long goal,
                                 assay_context *context) {
  assay_status status = ASSAY_OK;
  for (size_t j = 0; !status && j < field_width(job);) {
    status = assay_enclosure_decimal(&texts[j], &values[j], job->digits, context);
    if (!status) {
      j++;
    } else if (status == ASSAY_PRECISION) {
      if (goal > context->max_bits / 2)
        return assay_fail(context, status,
                          "point %zu, component %zu: %ld bits do not decide its rounding to %zu digits", point, j, goal,
                          job->digits);
      status = evaluate(values, job, point, 1, goal *= 2, context);
    }
  }
  return status;
}

static assay_status print_point(const field_job *job, size_t point, mpfi_ptr values, long goal,
                                assay_context *context) {
  size_t width = field_width(job);
  char **texts = NULL;
  assay_status status = assay_allocate((void **)&texts, width, sizeof *texts, "decimals", context);
  if (status) return status;
  status = decide_point(texts, job, point, values, goal, context);
  if (!status) cli_progress_end();
  for (size_t j = 0; !status && j < width; j++) printf("%s%s", j ? " " : "", texts[j]);
  if (!status) putchar('\n');
  free_texts(texts, width);
  return status;
}

static assay_status print_json_point(const field_job *job, size_t point, mpfi_srcptr values, assay_context *context) {
  json_t *row = json_array();
  for (size_t j = 0; row && j < field_width(job); j++)
    if (json_array_append_new(row, cli_json_enclosure(&values[j], context))) {
      json_decref(row);
      row = NULL;
    }
  return field_json_row(row, point, context);
}

/* ---- all points ---- */

/* Points whose enclosures take about PIECE_BYTES. */
static size_t points_per_piece(const field_job *job, long goal) {
  enum { PIECE_BYTES = 1 << 23, HEADERS = 64 };
  size_t per_point = field_width(job) * (HEADERS + (size_t)goal / 4), points = PIECE_BYTES / per_point;
  if (points > job->points.rows) points = job->points.rows;
  return points ? points : 1;
}

assay_status field_print_reference(const field_job *job, assay_context *context) {
  long goal = cli_goal_bits(job->digits);
  size_t width = field_width(job), points = job->points.rows, piece = points_per_piece(job, goal);
  mpfi_ptr values = NULL;
  assay_status status = assay_enclosures_init(&values, piece * width, context);
  if (status) return status;
  for (size_t first = 0; !status && first < points; first += piece) {
    size_t count = points - first < piece ? points - first : piece;
    status = evaluate(values, job, first, count, goal, context);
    if (!status && job->json && first == 0) field_json_open(job, true);
    for (size_t i = 0; !status && i < count; i++)
      status = job->json ? print_json_point(job, first + i, values + i * width, context)
                         : print_point(job, first + i, values + i * width, goal, context);
  }
  assay_enclosures_clear(values, piece * width);
  if (!status && job->json) printf("\n ]\n}\n");
  return cli_precision_hint(status, context);
}
