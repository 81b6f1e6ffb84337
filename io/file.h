/* io/file.h: whole files in, and files out that appear complete or not at all. */
#ifndef ASSAY_IO_FILE_H
#define ASSAY_IO_FILE_H

#include <assay/model.h>

/* Opens for reading. size: bytes of a regular file, 0 for a pipe; regular tells which. ASSAY_IO for anything else
 * (directories, devices). The caller closes the descriptor. */
assay_status assay_file_open(int *descriptor, uint64_t *size, bool *regular, const char *path, assay_context *context);

/* Fills `bytes` from `offset`; ASSAY_IO when the file ends before. `path` is for the message only. */
assay_status assay_file_read_at(int descriptor, uint64_t offset, void *bytes, size_t size, const char *path,
                                assay_context *context);

/* The whole file (or pipe), followed by a zero byte that does not count; free() it. ASSAY_MEMORY beyond the context's
 * cap. */
assay_status assay_file_read(char **bytes, size_t *size, const char *path, assay_context *context);

/* A file being written under a temporary name in the directory of its final one. Nothing else sees it before commit;
 * abort leaves nothing. Start from {0}. Symbolic links are followed: the file they name is replaced. */
typedef struct {
  char *path, *temporary;
  int descriptor;
  size_t slot;     /* where abandon_all finds it */
  uint64_t length; /* bytes appended so far */
} assay_file_writer;

/* ASSAY_IO when `path` exists and is not a regular file, or its directory cannot be written. */
assay_status assay_file_create(assay_file_writer *out, const char *path, assay_context *context);

/* ASSAY_IO when fewer than `bytes` bytes are free where the file is being written: better known before long work. */
assay_status assay_file_expect(const assay_file_writer *writer, uint64_t bytes, assay_context *context);

/* Behind what was appended so far. A failed write leaves the writer open: abort it. */
assay_status assay_file_append(assay_file_writer *writer, const void *bytes, size_t size, assay_context *context);

/* At any offset, in any order; gaps read as zeros. */
assay_status assay_file_write_at(assay_file_writer *writer, uint64_t offset, const void *bytes, size_t size,
                                 assay_context *context);

/* Flushes to the disk and renames; on failure as abort. The writer is released either way. */
assay_status assay_file_commit(assay_file_writer *writer, assay_context *context);

/* Removes the temporary file and releases the writer; nothing to do for a released or {0} one. */
void assay_file_abort(assay_file_writer *writer);

/* Create, append, commit. */
assay_status assay_file_write(const char *path, const void *bytes, size_t size, assay_context *context);

/* Removes every temporary file of this process that is not committed yet. Async-signal-safe and safe against writers in
 * other threads: meant for the handler of a signal that ends the process, which then calls _exit or raises again. (A
 * handler that only lets the progress callback cancel needs nothing: the failing call aborts its writers.) A writer
 * whose file was removed so fails to commit. */
void assay_file_abandon_all(void);

#endif
