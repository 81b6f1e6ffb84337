/* Any bytes as an archive, and any text inside a whole one: refused in one line, or contents of the kinds asked for. */
#include "io/archive.h"
#include "fuzz.h"
#include "io/gzip.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

enum { INPUT = 100, ROWS = 2 };

static const char *const keys[] = {"number", "whole", "text", "array", NULL};
static const assay_archive_format format = {"fuzz", 1, keys};
static const size_t shape[2] = {ROWS, 1};

static void check_refused(assay_status status, const void *output, size_t size, const assay_context *context) {
  if (status) fuzz_check_refusal(status, output, size, context);
}

static void check_contents(const assay_archive *archive, assay_context *context) {
  double number = 0, *array = NULL;
  size_t whole = 0;
  const char *text = NULL;
  assay_status status = assay_archive_number(&number, archive, "number");
  check_refused(status, &number, sizeof number, context);
  fuzz_check(!isnan(number), "a number is none", context);
  status = assay_archive_whole(&whole, archive, "whole");
  check_refused(status, &whole, sizeof whole, context);
  status = assay_archive_text(&text, archive, "text");
  check_refused(status, (const void *)&text, sizeof text, context);
  fuzz_check(status || assay_text_is_utf8(text), "a text is UTF-8", context);
  status = assay_archive_array(&array, archive, "array", shape, 2);
  check_refused(status, (const void *)&array, sizeof array, context);
  for (size_t i = 0; !status && i < ROWS; i++) fuzz_check(isfinite(array[i]), "entries are finite", context);
  free(array);
}

static void check_file(const void *bytes, size_t size, assay_context *context) {
  assay_archive archive = {0};
  assay_status status = assay_archive_read(&archive, &format, fuzz_file(INPUT, bytes, size), context);
  check_refused(status, &archive, sizeof archive, context);
  if (status) return;
  check_contents(&archive, context);
  assay_archive_clear(&archive);
}

/* The text compressed here, so that length and CRC-32 are right. */
static void check_text(const uint8_t *data, size_t size, assay_context *context) {
  z_stream z = {0};
  if (deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) abort();
  size_t room = deflateBound(&z, (uLong)size), length = 0;
  unsigned char *file = malloc(room);
  if (!file) abort();
  z.next_in = (unsigned char *)data, z.avail_in = (uInt)size;
  z.next_out = file, z.avail_out = (uInt)room;
  if (deflate(&z, Z_FINISH) != Z_STREAM_END) abort();
  char *bytes = NULL;
  fuzz_check(assay_gzip_expand(&bytes, &length, file, z.total_out, "file", context) == ASSAY_OK && length == size &&
                 (size == 0 || memcmp(bytes, data, size) == 0),
             "what zlib compressed reads as it was", context);
  check_file(file, z.total_out, context);
  (void)deflateEnd(&z);
  free(bytes);
  free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  assay_context context;
  assay_context_init(&context);
  context.memory_cap = FUZZ_MEMORY;
  check_file(data, size, &context);
  check_text(data, size, &context);
  return 0;
}
