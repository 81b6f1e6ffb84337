/* Any bytes as an NPY file, and as the dict of its header: refused in one line, or as many finite entries as its shape
 * says, the same when read piece by piece and when written and read again. */
#include "io/npy.h"
#include "fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT = 100, WRITTEN };

static void check_dict(const char *dict, size_t length, assay_context *context) {
  assay_npy_header header;
  memset(&header, 0, sizeof header);
  assay_status status = assay_npy_dict_parse(&header, dict, length, true, "dict", context);
  if (status != ASSAY_OK) {
    fuzz_check_refusal(status, &header, sizeof header, context);
    return;
  }
  fuzz_check(header.rows > 0 && header.columns > 0 && (header.dimensions == 2 || header.columns == 1),
             "a shape has entries", context);
  char written[ASSAY_NPY_WRITTEN];
  assay_npy_header_format(written, header.rows, header.columns);
  assay_npy_header again;
  size_t start = 0, count = 0;
  fuzz_check(assay_npy_prefix_parse(&start, &count, (unsigned char *)written, sizeof written, "written", context) ==
                 ASSAY_OK,
             "a written header has a prefix", context);
  fuzz_check(assay_npy_dict_parse(&again, written + start, count, false, "written", context) == ASSAY_OK &&
                 again.rows == header.rows && again.columns == header.columns,
             "a written header says the same shape", context);
}

/* Each entry on its own, in the middle of its file, equals the one of the whole. */
static void check_tiles(const assay_npy_array *array, const char *path, assay_context *context) {
  assay_npy_file file;
  fuzz_check(assay_npy_open(&file, path, context) == ASSAY_OK, "what was read can be opened", context);
  assay_stream stream = assay_npy_stream(&file);
  size_t row = array->rows / 2, column = array->columns / 2;
  double entry = 0;
  fuzz_check(stream.read(&stream, row, 1, column, 1, &entry, 1, context) == ASSAY_OK &&
                 entry == array->data[row * array->columns + column],
             "an entry alone is the entry of the whole", context);
  assay_npy_close(&file);
}

static void check_written_again(const assay_npy_array *array, assay_context *context) {
  size_t count = array->rows * array->columns, size = ASSAY_NPY_WRITTEN + count * sizeof(double);
  char *bytes = malloc(size);
  if (!bytes) abort();
  assay_npy_header_format(bytes, array->rows, array->columns);
  memcpy(bytes + ASSAY_NPY_WRITTEN, array->data, count * sizeof(double)); /* NPY's little-endian, as this machine's */
  assay_npy_array again = {0};
  fuzz_check(assay_npy_read(&again, fuzz_file(WRITTEN, bytes, size), context) == ASSAY_OK &&
                 again.rows == array->rows && again.columns == array->columns && again.item == ASSAY_NPY_F8,
             "what is written reads as what was read", context);
  for (size_t i = 0; i < count; i++)
    fuzz_check(again.data[i] == array->data[i], "an entry written reads as it was", context);
  assay_npy_array_clear(&again);
  free(bytes);
}

static void check_file(const uint8_t *data, size_t size, assay_context *context) {
  assay_npy_array array = {0};
  assay_status status = assay_npy_read(&array, fuzz_file(INPUT, data, size), context);
  if (status != ASSAY_OK) {
    fuzz_check_refusal(status, &array, sizeof array, context);
    return;
  }
  fuzz_check(size - array.rows * array.columns * (array.item == ASSAY_NPY_F4 ? 4 : 8) <= ASSAY_NPY_DICT_MAX + 12,
             "the entries fill the file behind its header", context);
  for (size_t i = 0; i < array.rows * array.columns; i++)
    fuzz_check(isfinite(array.data[i]), "entries are finite", context);
  check_tiles(&array, fuzz_file(INPUT, data, size), context);
  check_written_again(&array, context);
  assay_npy_array_clear(&array);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  assay_context context;
  assay_context_init(&context);
  context.memory_cap = FUZZ_MEMORY;
  /* A copy of its own length: a read beyond it is seen by AddressSanitizer. */
  char *copy = malloc(size ? size : 1);
  if (!copy) abort();
  if (size) memcpy(copy, data, size);
  check_dict(copy, size, &context);
  free(copy);
  check_file(data, size, &context);
  return 0;
}
