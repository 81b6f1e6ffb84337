/* io/npy.h: arrays in NumPy's NPY files, versions 1 to 3. Read: little-endian f4 and f8, C order, 1 or 2 dimensions,
 * all entries finite; values to be judged also in f2, and with NaN and infinities. Written: float64, C order, 2
 * dimensions. Every refusal names the file and what is wrong with it. */
#ifndef ASSAY_IO_NPY_H
#define ASSAY_IO_NPY_H

#include "io/file.h"
#include "io/npy_header.h"

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* An open file whose header agrees with its size. Nothing of the entries is in memory. */
typedef struct {
  assay_npy_header header;
  char *path;
  int descriptor;
  bool judged; /* by assay_npy_open_judged */
} assay_npy_file;

assay_status assay_npy_open(assay_npy_file *out, const char *path, assay_context *context);
/* Values to be judged: f2 is taken too, and so are NaN and infinities. */
assay_status assay_npy_open_judged(assay_npy_file *out, const char *path, assay_context *context);
void assay_npy_close(assay_npy_file *file);

/* The entries as doubles (a 1-D array as one column). Refuses NaN and infinity, naming row and column, in what is read
 * (values to be judged excepted); `out` may then be partly filled. Reads may overlap in time. `file` must outlive the
 * stream and not move. */
assay_stream assay_npy_stream(const assay_npy_file *file);

/* A whole array in memory. */
typedef struct {
  assay_npy_item item;  /* what the file held */
  size_t dimensions;    /* 1 or 2 */
  size_t rows, columns; /* a 1-D array is one column */
  double *data;
} assay_npy_array;

assay_status assay_npy_read(assay_npy_array *out, const char *path, assay_context *context);
void assay_npy_array_clear(assay_npy_array *array);

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* A rows x columns array being written through io/file.h: nothing under its name before commit. Start from {0}. */
typedef struct {
  assay_file_writer file;
  size_t rows, columns;
  size_t missing; /* entries not written yet */
} assay_npy_writer;

assay_status assay_npy_create(assay_npy_writer *out, const char *path, size_t rows, size_t columns,
                              assay_context *context);

/* One rectangle, row stride `stride` in doubles, in any order. The rectangles must not overlap. */
assay_status assay_npy_write_tile(assay_npy_writer *writer, size_t row, size_t rows, size_t column, size_t columns,
                                  const double *data, size_t stride, assay_context *context);

/* ASSAY_INTERNAL when entries are missing. The writer is released either way. */
assay_status assay_npy_commit(assay_npy_writer *writer, assay_context *context);
void assay_npy_abort(assay_npy_writer *writer);

/* A whole array. */
assay_status assay_npy_write(const char *path, const double *data, size_t rows, size_t columns, assay_context *context);

#endif
