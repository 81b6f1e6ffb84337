#include "io/npy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bytes read or written in one piece: large enough for the disk, small enough for the stack. */
enum { PIECE = 16384 };

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static assay_status read_header(assay_npy_header *out, int descriptor, uint64_t size, bool half, const char *path,
                                assay_context *context) {
  unsigned char prefix[ASSAY_NPY_PREFIX];
  size_t available = size < sizeof prefix ? (size_t)size : sizeof prefix;
  assay_status status = assay_file_read_at(descriptor, 0, prefix, available, path, context);
  if (status != ASSAY_OK) return status;
  size_t start, length;
  status = assay_npy_prefix_parse(&start, &length, prefix, available, path, context);
  if (status != ASSAY_OK) return status;
  if (length > size - start)
    return assay_fail(context, ASSAY_INVALID, "%s: truncated header: %zu bytes announced, %llu there", path, length,
                      (unsigned long long)(size - start));
  void *dict;
  status = assay_allocate(&dict, length, 1, path, context);
  if (status != ASSAY_OK) return status;
  status = assay_file_read_at(descriptor, start, dict, length, path, context);
  if (status == ASSAY_OK) status = assay_npy_dict_parse(out, dict, length, half, path, context);
  if (status == ASSAY_OK) out->offset = start + length;
  free(dict);
  return status;
}

/* The entries fill the file exactly. Comparing here bounds every later allocation by the file's size. */
static assay_status check_size(const assay_npy_header *header, uint64_t size, const char *path,
                               assay_context *context) {
  uint64_t there = size - header->offset;
  uint64_t expected = 0;
  bool overflow = __builtin_mul_overflow((uint64_t)header->rows, (uint64_t)header->columns, &expected) ||
                  __builtin_mul_overflow(expected, (uint64_t)assay_npy_item_size(header->item), &expected);
  if (!overflow && expected == there) return ASSAY_OK;
  char shape[64];
  (void)snprintf(shape, sizeof shape, header->dimensions == 1 ? "(%zu,)" : "(%zu, %zu)", header->rows, header->columns);
  if (overflow) return assay_fail(context, ASSAY_INVALID, "%s: shape %s is too large for any file", path, shape);
  return assay_fail(context, ASSAY_INVALID, "%s: %s data: shape %s needs %llu bytes, %llu are there", path,
                    expected > there ? "truncated" : "trailing", shape, (unsigned long long)expected,
                    (unsigned long long)there);
}

static assay_status open_file(assay_npy_file *out, const char *path, bool judged, assay_context *context) {
  assay_npy_file file = {.judged = judged};
  uint64_t size;
  bool regular;
  assay_status status = assay_file_open(&file.descriptor, &size, &regular, path, context);
  if (status != ASSAY_OK) return status;
  if (!regular)
    status = assay_fail(context, ASSAY_UNSUPPORTED, "%s: is a pipe, expected a regular file for an NPY array", path);
  if (status == ASSAY_OK) status = read_header(&file.header, file.descriptor, size, judged, path, context);
  if (status == ASSAY_OK) status = check_size(&file.header, size, path, context);
  if (status == ASSAY_OK && !(file.path = strdup(path)))
    status = assay_fail(context, ASSAY_MEMORY, "%s: no memory for its name", path);
  if (status != ASSAY_OK) {
    close(file.descriptor);
    return status;
  }
  *out = file;
  return ASSAY_OK;
}

assay_status assay_npy_open(assay_npy_file *out, const char *path, assay_context *context) {
  return open_file(out, path, false, context);
}

assay_status assay_npy_open_judged(assay_npy_file *out, const char *path, assay_context *context) {
  return open_file(out, path, true, context);
}

void assay_npy_close(assay_npy_file *file) {
  if (!file->path) return;
  close(file->descriptor);
  free(file->path);
  *file = (assay_npy_file){0};
}

static uint64_t little_endian(const unsigned char *bytes, size_t count) {
  uint64_t value = 0;
  for (size_t i = count; i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

/* IEEE 754 binary16: 1 bit of sign, 5 of exponent with bias 15, 10 of fraction. */
static double decode_half(unsigned bits) {
  enum { FRACTION = 10, BIAS = 15, SPECIAL = 31 };
  unsigned fraction = bits & ((1U << FRACTION) - 1);
  int exponent = (int)(bits >> FRACTION & SPECIAL);
  double value;
  if (exponent == SPECIAL)
    value = fraction ? (double)NAN : (double)INFINITY;
  else if (exponent)
    value = ldexp((double)(fraction | 1U << FRACTION), exponent - BIAS - FRACTION);
  else
    value = ldexp((double)fraction, 1 - BIAS - FRACTION);
  return bits >> 15 ? -value : value;
}

static double decode(const unsigned char *bytes, assay_npy_item item) {
  uint64_t wide = little_endian(bytes, assay_npy_item_size(item));
  if (item == ASSAY_NPY_F2) return decode_half((unsigned)wide);
  if (item == ASSAY_NPY_F8) {
    double value;
    memcpy(&value, &wide, sizeof value);
    return value;
  }
  uint32_t narrow = (uint32_t)wide;
  float value;
  memcpy(&value, &narrow, sizeof value);
  return (double)value;
}

static assay_status fail_entry(const assay_npy_file *file, size_t row, size_t column, double value,
                               assay_context *context) {
  const char *kind = isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (file->header.dimensions == 1)
    return assay_fail(context, ASSAY_INVALID, "%s: entry %zu is %s, expected a finite number", file->path, row, kind);
  return assay_fail(context, ASSAY_INVALID, "%s: row %zu, column %zu is %s, expected a finite number", file->path, row,
                    column, kind);
}

/* `count` entries in the file's order from entry `first` on, into consecutive doubles. */
static assay_status read_run(const assay_npy_file *file, size_t first, size_t count, double *out,
                             assay_context *context) {
  unsigned char bytes[PIECE];
  const size_t size = assay_npy_item_size(file->header.item);
  while (count > 0) {
    size_t piece = PIECE / size;
    if (piece > count) piece = count;
    assay_status status = assay_file_read_at(file->descriptor, file->header.offset + (uint64_t)first * size, bytes,
                                             piece * size, file->path, context);
    if (status != ASSAY_OK) return status;
    for (size_t i = 0; i < piece; i++) {
      out[i] = decode(bytes + i * size, file->header.item);
      if (!file->judged && !isfinite(out[i]))
        return fail_entry(file, (first + i) / file->header.columns, (first + i) % file->header.columns, out[i],
                          context);
    }
    first += piece;
    out += piece;
    count -= piece;
  }
  return ASSAY_OK;
}

static assay_status read_tile(const assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns,
                              double *out, size_t stride, assay_context *context) {
  const assay_npy_file *file = stream->self;
  if (columns == stream->columns && stride == columns) /* whole rows lie one behind the other, there and here */
    return read_run(file, row * columns, rows * columns, out, context);
  for (size_t i = 0; i < rows; i++) {
    assay_status status = read_run(file, (row + i) * stream->columns + column, columns, out + i * stride, context);
    if (status != ASSAY_OK) return status;
  }
  return ASSAY_OK;
}

assay_stream assay_npy_stream(const assay_npy_file *file) {
  return (assay_stream){file->header.rows, file->header.columns, file, read_tile};
}

assay_status assay_npy_read(assay_npy_array *out, const char *path, assay_context *context) {
  assay_npy_file file = {0};
  assay_status status = assay_npy_open(&file, path, context);
  if (status != ASSAY_OK) return status;
  const assay_npy_header *header = &file.header;
  void *data = NULL;
  status = assay_allocate(&data, header->rows * header->columns, sizeof(double), path, context);
  if (status == ASSAY_OK) status = read_run(&file, 0, header->rows * header->columns, data, context);
  if (status == ASSAY_OK)
    *out = (assay_npy_array){header->item, header->dimensions, header->rows, header->columns, data};
  else
    free(data);
  assay_npy_close(&file);
  return status;
}

void assay_npy_array_clear(assay_npy_array *array) {
  free(array->data);
  *array = (assay_npy_array){0};
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

assay_status assay_npy_create(assay_npy_writer *out, const char *path, size_t rows, size_t columns,
                              assay_context *context) {
  size_t entries = 0, bytes = 0;
  if (__builtin_mul_overflow(rows, columns, &entries) || __builtin_mul_overflow(entries, sizeof(double), &bytes) ||
      bytes > (size_t)INT64_MAX - ASSAY_NPY_WRITTEN)
    return assay_fail(context, ASSAY_INVALID, "%s: shape (%zu, %zu) is too large for any file", path, rows, columns);
  assay_npy_writer writer = {.rows = rows, .columns = columns, .missing = entries};
  assay_status status = assay_file_create(&writer.file, path, context);
  if (status != ASSAY_OK) return status;
  char header[ASSAY_NPY_WRITTEN];
  assay_npy_header_format(header, rows, columns);
  status = assay_file_expect(&writer.file, sizeof header + (uint64_t)bytes, context);
  if (status == ASSAY_OK) status = assay_file_append(&writer.file, header, sizeof header, context);
  if (status != ASSAY_OK) {
    assay_npy_abort(&writer);
    return status;
  }
  *out = writer;
  return ASSAY_OK;
}

static void encode(unsigned char *bytes, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  for (size_t i = 0; i < sizeof bits; i++) bytes[i] = (unsigned char)(bits >> (8 * i));
}

static assay_status write_run(assay_npy_writer *writer, size_t first, size_t count, const double *data,
                              assay_context *context) {
  unsigned char bytes[PIECE];
  while (count > 0) {
    size_t piece = PIECE / sizeof *data;
    if (piece > count) piece = count;
    for (size_t i = 0; i < piece; i++) encode(bytes + i * sizeof *data, data[i]);
    assay_status status = assay_file_write_at(&writer->file, ASSAY_NPY_WRITTEN + (uint64_t)first * sizeof *data, bytes,
                                              piece * sizeof *data, context);
    if (status != ASSAY_OK) return status;
    first += piece;
    data += piece;
    count -= piece;
  }
  return ASSAY_OK;
}

assay_status assay_npy_write_tile(assay_npy_writer *writer, size_t row, size_t rows, size_t column, size_t columns,
                                  const double *data, size_t stride, assay_context *context) {
  bool inside = row <= writer->rows && rows <= writer->rows - row && column <= writer->columns &&
                columns <= writer->columns - column;
  if (!inside || rows * columns > writer->missing)
    return assay_fail(context, ASSAY_INTERNAL,
                      "%s: tile of %zu x %zu at row %zu, column %zu overlaps another or leaves the array",
                      writer->file.path, rows, columns, row, column);
  for (size_t i = 0; i < rows; i++) {
    assay_status status = write_run(writer, (row + i) * writer->columns + column, columns, data + i * stride, context);
    if (status != ASSAY_OK) return status;
  }
  writer->missing -= rows * columns;
  return ASSAY_OK;
}

assay_status assay_npy_commit(assay_npy_writer *writer, assay_context *context) {
  if (writer->missing > 0) {
    assay_status status =
        assay_fail(context, ASSAY_INTERNAL, "%s: %zu entries were never written", writer->file.path, writer->missing);
    assay_npy_abort(writer);
    return status;
  }
  assay_status status = assay_file_commit(&writer->file, context);
  *writer = (assay_npy_writer){0};
  return status;
}

void assay_npy_abort(assay_npy_writer *writer) {
  assay_file_abort(&writer->file);
  *writer = (assay_npy_writer){0};
}

assay_status assay_npy_write(const char *path, const double *data, size_t rows, size_t columns,
                             assay_context *context) {
  assay_npy_writer writer = {0};
  assay_status status = assay_npy_create(&writer, path, rows, columns, context);
  if (status != ASSAY_OK) return status;
  /* As one row: the rows lie one behind the other. */
  status = write_run(&writer, 0, rows * columns, data, context);
  writer.missing = 0;
  if (status == ASSAY_OK) return assay_npy_commit(&writer, context);
  assay_npy_abort(&writer);
  return status;
}
