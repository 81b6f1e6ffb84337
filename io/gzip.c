#include "io/gzip.h"

#include "io/file.h"

#include <stdlib.h>

#include <zlib.h>

enum { CHUNK = 1 << 16, GZIP = 16 + MAX_WBITS, MEMORY_LEVEL = 8 };

static unsigned chunk_of(size_t left) { return left < CHUNK ? (unsigned)left : CHUNK; }

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static assay_status compress_into(assay_file_writer *file, const unsigned char *bytes, size_t size,
                                  assay_context *context) {
  unsigned char out[CHUNK];
  z_stream z = {0};
  if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
    return assay_fail(context, ASSAY_MEMORY, "%s: no memory to compress it", file->path);
  assay_status status = ASSAY_OK;
  for (int code = Z_OK; !status && code != Z_STREAM_END;) {
    if (z.avail_in == 0) {
      z.next_in = (unsigned char *)bytes; /* which zlib does not write to */
      z.avail_in = chunk_of(size);
      bytes += z.avail_in, size -= z.avail_in;
    }
    z.next_out = out, z.avail_out = CHUNK;
    code = deflate(&z, size ? Z_NO_FLUSH : Z_FINISH);
    status = assay_file_append(file, out, CHUNK - z.avail_out, context);
  }
  (void)deflateEnd(&z);
  return status;
}

assay_status assay_gzip_write(const char *path, const void *bytes, size_t size, assay_context *context) {
  assay_file_writer file = {0};
  assay_status status = assay_file_create(&file, path, context);
  if (status) return status;
  status = compress_into(&file, bytes, size, context);
  if (!status) return assay_file_commit(&file, context);
  assay_file_abort(&file);
  return status;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static assay_status fail_expand(const z_stream *z, int code, size_t length, const char *path, assay_context *context) {
  if (code == Z_MEM_ERROR) return assay_fail(context, ASSAY_MEMORY, "%s: no memory to read it", path);
  if (code == Z_BUF_ERROR)
    return assay_fail(context, ASSAY_INVALID, "%s: is truncated: ends at byte %zu", path, length);
  return assay_fail(context, ASSAY_INVALID, "%s: was altered: %s before byte %lu", path,
                    z->msg ? z->msg : "not what gzip writes", z->total_in);
}

/* One pass over the file: into `out`, which has room for all and one byte more, or without it only counting. */
static assay_status expand(unsigned char *out, size_t *size, const unsigned char *file, size_t length, const char *path,
                           assay_context *context) {
  unsigned char forgotten[CHUNK] = {0};
  z_stream z = {0};
  if (inflateInit2(&z, GZIP) != Z_OK) return assay_fail(context, ASSAY_MEMORY, "%s: no memory to read it", path);
  size_t taken = 0, given = 0;
  int code = Z_OK;
  while (code == Z_OK) {
    if (z.avail_in == 0) {
      z.next_in = (unsigned char *)file + taken; /* which zlib does not write to */
      z.avail_in = chunk_of(length - taken);
      taken += z.avail_in;
    }
    unsigned room = out ? chunk_of(*size + 1 - given) : CHUNK;
    z.next_out = out ? out + given : forgotten, z.avail_out = room;
    code = inflate(&z, Z_NO_FLUSH);
    given += room - z.avail_out;
  }
  assay_status status = ASSAY_OK;
  size_t behind = length - taken + z.avail_in;
  if (code != Z_STREAM_END)
    status = fail_expand(&z, code, length, path, context);
  else if (behind)
    status = assay_fail(context, ASSAY_INVALID, "%s: was altered: %zu bytes behind its end", path, behind);
  (void)inflateEnd(&z);
  if (!status) *size = given;
  return status;
}

assay_status assay_gzip_expand(char **bytes, size_t *size, const void *file, size_t length, const char *path,
                               assay_context *context) {
  const unsigned char *in = file;
  if (length < 2 || in[0] != 0x1f || in[1] != 0x8b)
    return assay_fail(context, ASSAY_INVALID, "%s: is not compressed by gzip, as what assay writes is", path);
  size_t count = 0;
  void *out = NULL;
  assay_status status = expand(NULL, &count, in, length, path, context);
  if (!status) status = assay_allocate(&out, count + 1, 1, path, context);
  if (!status) status = expand(out, &count, in, length, path, context);
  if (status) {
    free(out);
    return status;
  }
  ((char *)out)[count] = '\0';
  *bytes = out, *size = count;
  return ASSAY_OK;
}

assay_status assay_gzip_read(char **bytes, size_t *size, const char *path, assay_context *context) {
  char *file;
  size_t length;
  assay_status status = assay_file_read(&file, &length, path, context);
  if (status) return status;
  status = assay_gzip_expand(bytes, size, file, length, path, context);
  free(file);
  return status;
}
