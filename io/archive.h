/* io/archive.h: named numbers, strings and arrays of doubles in one file, each exactly as it was. What the names mean
 * is its user's business; the file says which format it has, in which version, and what is no such file is refused.
 *
 * The file: JSON, compressed by gzip, which finds out what was cut short or altered.
 *   {"format": "...", "version": 1, "contents": {"name": 0.5, "text": "...", "array": {"shape": [2, 1], "values": [1,
 *   2]}}}
 * Numbers have the 15 to 17 digits that read back as the same double; infinite ones are strings. */
#ifndef ASSAY_IO_ARCHIVE_H
#define ASSAY_IO_ARCHIVE_H

#include "io/json_array.h"
#include "io/text.h"

typedef struct {
  const char *name;
  size_t version;
  const char *const *keys; /* NULL at the end; a file has these and no others */
} assay_archive_format;

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* Contents being gathered. After a failure further ones change nothing: assay_archive_write tells. */
typedef struct {
  const assay_archive_format *format;
  const char *path; /* to be written, for messages */
  assay_text text;
  assay_status status;
  assay_context *context;
} assay_archive_writer;

assay_archive_writer assay_archive_begin(const assay_archive_format *format, const char *path, assay_context *context);

/* Keys are the format's own, each once. ASSAY_INVALID: NaN; a text that is not UTF-8. */
void assay_archive_put_number(assay_archive_writer *writer, const char *key, double value);
void assay_archive_put_whole(assay_archive_writer *writer, const char *key, size_t value);
void assay_archive_put_text(assay_archive_writer *writer, const char *key, const char *value);

/* Row-major; every entry finite. */
void assay_archive_put_array(assay_archive_writer *writer, const char *key, const double *values, const size_t *shape,
                             size_t axes);

/* Writes the file and releases the writer, or only releases it after a failure. */
assay_status assay_archive_write(assay_archive_writer *writer);

/* ---- reading ----------------------------------------------------------------------------------------------------- */

typedef struct {
  assay_json_reader reader;
  const json_t *contents;
} assay_archive;

/* path and context must outlive the archive. */
assay_status assay_archive_read(assay_archive *out, const assay_archive_format *format, const char *path,
                                assay_context *context);
void assay_archive_clear(assay_archive *archive);

/* Each refuses, with file, key, index and value, what is of another kind. */
assay_status assay_archive_number(double *out, const assay_archive *archive, const char *key);
assay_status assay_archive_whole(size_t *out, const assay_archive *archive, const char *key);
/* The text belongs to the archive. */
assay_status assay_archive_text(const char **out, const assay_archive *archive, const char *key);
/* Refuses another shape; nothing is allocated before as many entries were seen. free() it. */
assay_status assay_archive_array(double **out, const assay_archive *archive, const char *key, const size_t *shape,
                                 size_t axes);

#endif
