/* Streams over arrays in memory. */
#include <assay/model.h>

#include <string.h>

static assay_status read_array(const assay_stream *stream, size_t row, size_t rows, size_t column, size_t columns,
                               double *out, size_t stride, assay_context *context) {
  (void)context;
  const double *data = stream->self;
  for (size_t i = 0; i < rows; i++)
    memcpy(out + i * stride, data + (row + i) * stream->columns + column, columns * sizeof *out);
  return ASSAY_OK;
}

assay_stream assay_stream_of(const double *data, size_t rows, size_t columns) {
  return (assay_stream){.rows = rows, .columns = columns, .self = data, .read = read_array};
}
