#include "normals.h"

/* Row and column indices have 48 bits of the counter each. */
#define INDEX_LIMIT ((size_t)1 << 48)

/* Below this many pairs in a row, rows share vectors; above, the half-filled last vector of each row costs less than
 * the bookkeeping. */
static const size_t run_pairs = 32;

const assay_normals_kernel *assay_normals_kernel_of(assay_isa isa) {
  switch (assay_fast_isa_resolve(isa)) {
  case ASSAY_ISA_AVX512:
    return &assay_normals_avx512;
  case ASSAY_ISA_AVX2:
    return &assay_normals_avx2;
  default:
    return &assay_normals_sse2;
  }
}

/* What one read() works with. */
typedef struct {
  const assay_normals_kernel *kernel;
  const assay_normals *normals;
  double *out; /* where (row, column) of the rectangle goes */
  size_t row, column, stride;
} target;

#define LIST_PAIRS 64

/* A batch of pairs whose values are cut and copied to where they belong. */
typedef struct {
  uint64_t row[LIST_PAIRS], pair[LIST_PAIRS];
  size_t count;
} pair_list;

static void flush(pair_list *list, const target *to, size_t column, size_t end) {
  double values[2 * LIST_PAIRS];
  to->kernel->list(values, to->normals, list->row, list->pair, list->count);
  for (size_t k = 0; k < list->count; k++) {
    double *out = to->out + (list->row[k] - to->row) * to->stride;
    size_t even = 2 * list->pair[k];
    if (even >= column) out[even - to->column] = values[2 * k];
    if (even + 1 < end) out[even + 1 - to->column] = values[2 * k + 1];
  }
  list->count = 0;
}

/* Columns [column, end) of `rows` rows, few of them or cutting pairs. */
static void read_strip(const target *to, size_t rows, size_t column, size_t end) {
  if (column >= end) return;
  pair_list list = {.count = 0};
  for (size_t row = to->row; row < to->row + rows; row++)
    for (size_t pair = column / 2; pair <= (end - 1) / 2; pair++) {
      list.row[list.count] = row;
      list.pair[list.count] = pair;
      if (++list.count == LIST_PAIRS) flush(&list, to, column, end);
    }
  flush(&list, to, column, end);
}

/* Whole pairs in long rows. */
static void read_runs(const target *to, size_t rows, size_t column, size_t end) {
  for (size_t i = 0; i < rows; i++)
    to->kernel->run(to->out + i * to->stride + (column - to->column), to->normals, to->row + i, column / 2,
                    (end - column) / 2);
}

static assay_status check_rectangle(const assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns,
                                    size_t stride, assay_context *context) {
  if (stream->rows > INDEX_LIMIT || stream->columns > INDEX_LIMIT)
    return assay_fail(context, ASSAY_INVALID, "normals: %zu rows x %zu columns, expected at most 2^48 of each",
                      stream->rows, stream->columns);
  if (row > stream->rows || rows > stream->rows - row)
    return assay_fail(context, ASSAY_INVALID, "normals: row %zu + %zu rows, expected at most %zu", row, rows,
                      stream->rows);
  if (column > stream->columns || columns > stream->columns - column)
    return assay_fail(context, ASSAY_INVALID, "normals: column %zu + %zu columns, expected at most %zu", column,
                      columns, stream->columns);
  if (rows > 1 && stride < columns)
    return assay_fail(context, ASSAY_INVALID, "normals: stride %zu, expected at least the %zu columns read", stride,
                      columns);
  return ASSAY_OK;
}

static assay_status read_normals(const assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns,
                                 double *out, size_t stride, assay_context *context) {
  assay_status status = check_rectangle(stream, row, rows, column, columns, stride, context);
  if (status != ASSAY_OK) return status;
  target to = {assay_normals_kernel_of(context->isa), stream->self, NULL, row, column, stride};
  to.out = out;
  size_t end = column + columns, whole = column + column % 2, whole_end = end - end % 2;
  if (whole_end < whole + 2 * run_pairs) {
    read_strip(&to, rows, column, end);
  } else {
    read_strip(&to, rows, column, whole);
    read_runs(&to, rows, whole, whole_end);
    read_strip(&to, rows, whole_end, end);
  }
  return ASSAY_OK;
}

assay_stream assay_fast_normals(const assay_normals *normals, size_t rows, size_t columns) {
  return (assay_stream){rows, columns, normals, read_normals};
}
