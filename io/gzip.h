/* io/gzip.h: bytes in a gzip file (RFC 1952), whose length and CRC-32 show when it was cut short or altered. */
#ifndef ASSAY_IO_GZIP_H
#define ASSAY_IO_GZIP_H

#include <assay/model.h>

/* The same bytes give the same file (with the same zlib). Written through io/file.h. */
assay_status assay_gzip_write(const char *path, const void *bytes, size_t size, assay_context *context);

/* The bytes, followed by a zero byte that does not count; free() them. ASSAY_INVALID: no gzip file, one that ends too
 * early or was altered, or something behind its end. Nothing is allocated for the bytes before length and CRC-32 were
 * found right. */
assay_status assay_gzip_read(char **bytes, size_t *size, const char *path, assay_context *context);

/* The same of a file in memory; `path` is for messages. */
assay_status assay_gzip_expand(char **bytes, size_t *size, const void *file, size_t length, const char *path,
                               assay_context *context);

#endif
