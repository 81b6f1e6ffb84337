/* realpath() is an X/Open function to the C library. */
#define _XOPEN_SOURCE 700

#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

static assay_status fail_errno(assay_context *context, const char *path, const char *what) {
  return assay_fail(context, ASSAY_IO, "%s: cannot %s: %s", path, what, strerror(errno));
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

assay_status assay_file_open(int *descriptor, uint64_t *size, bool *regular, const char *path, assay_context *context) {
  int opened = open(path, O_RDONLY | O_CLOEXEC);
  if (opened < 0) return fail_errno(context, path, "open");
  struct stat state;
  assay_status status = ASSAY_OK;
  if (fstat(opened, &state) != 0)
    status = fail_errno(context, path, "inspect");
  else if (S_ISDIR(state.st_mode))
    status = assay_fail(context, ASSAY_IO, "%s: is a directory, expected a file", path);
  else if (!S_ISREG(state.st_mode) && !S_ISFIFO(state.st_mode))
    status = assay_fail(context, ASSAY_IO, "%s: is neither a regular file nor a pipe", path);
  if (status != ASSAY_OK) {
    close(opened);
    return status;
  }
  *descriptor = opened;
  *regular = S_ISREG(state.st_mode);
  *size = *regular ? (uint64_t)state.st_size : 0;
  return ASSAY_OK;
}

assay_status assay_file_read_at(int descriptor, uint64_t offset, void *bytes, size_t size, const char *path,
                                assay_context *context) {
  char *next = bytes;
  while (size > 0) {
    ssize_t got = pread(descriptor, next, size, (off_t)offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(context, path, "read");
    if (got == 0) return assay_fail(context, ASSAY_IO, "%s: ends at byte %llu", path, (unsigned long long)offset);
    next += got;
    offset += (uint64_t)got;
    size -= (size_t)got;
  }
  return ASSAY_OK;
}

/* Doubles *bytes from `capacity`, within the cap. */
static assay_status grow(char **bytes, size_t *capacity, const char *path, assay_context *context) {
  size_t cap = context->memory_cap;
  if (*capacity > SIZE_MAX / 2 || (cap && *capacity > cap / 2))
    return assay_fail(context, ASSAY_MEMORY, "%s: holds more than %zu bytes, beyond the memory cap", path, *capacity);
  char *larger = realloc(*bytes, *capacity * 2);
  if (!larger) return assay_fail(context, ASSAY_MEMORY, "%s: no memory for %zu bytes", path, *capacity * 2);
  *bytes = larger;
  *capacity *= 2;
  return ASSAY_OK;
}

/* To the end of the file; `capacity` bytes are there already. One byte stays free for the zero. */
static assay_status read_to_end(char **bytes, size_t *size, size_t capacity, int descriptor, const char *path,
                                assay_context *context) {
  size_t used = 0;
  for (;;) {
    if (used + 1 == capacity) {
      assay_status status = grow(bytes, &capacity, path, context);
      if (status != ASSAY_OK) return status;
    }
    ssize_t got = read(descriptor, *bytes + used, capacity - used - 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno(context, path, "read");
    if (got == 0) break;
    used += (size_t)got;
  }
  (*bytes)[used] = '\0';
  *size = used;
  return ASSAY_OK;
}

assay_status assay_file_read(char **bytes, size_t *size, const char *path, assay_context *context) {
  enum { FIRST_PIECE = 4096 };
  int descriptor = -1;
  uint64_t expected = 0;
  bool regular = false;
  assay_status status = assay_file_open(&descriptor, &expected, &regular, path, context);
  if (status != ASSAY_OK) return status;
  /* Two bytes more than expected: one for the zero, one for the read that finds the end. */
  size_t capacity = regular && expected < SIZE_MAX - 2 ? (size_t)expected + 2 : FIRST_PIECE;
  void *memory = NULL;
  status = assay_allocate(&memory, capacity, 1, path, context);
  char *content = memory;
  size_t length = 0;
  if (status == ASSAY_OK) status = read_to_end(&content, &length, capacity, descriptor, path, context);
  close(descriptor);
  if (status != ASSAY_OK) {
    free(content);
    return status;
  }
  *bytes = content;
  *size = length;
  return ASSAY_OK;
}

/* ---- what a signal handler removes ------------------------------------------------------------------------------- */

/* The library's one piece of process-wide state: a signal handler has no argument through which to reach a writer.
 * Each slot owns the name it holds; whoever exchanges it for NULL owns it from then on. The handler never frees what it
 * took, so a name that another thread still uses stays valid. */
enum { PENDING_SLOTS = 64 };
static _Atomic(char *) pending[PENDING_SLOTS];
_Static_assert(ATOMIC_POINTER_LOCK_FREE == 2, "a signal handler may only touch lock-free atomics");

static bool pending_add(assay_file_writer *writer) {
  for (writer->slot = 0; writer->slot < PENDING_SLOTS; writer->slot++) {
    char *empty = NULL;
    if (atomic_compare_exchange_strong(&pending[writer->slot], &empty, writer->temporary)) return true;
  }
  return false;
}

/* Frees the temporary name unless the handler took it, and the final one. */
static void release(assay_file_writer *writer) {
  char *name = writer->temporary;
  if (atomic_compare_exchange_strong(&pending[writer->slot], &name, NULL)) free(writer->temporary);
  free(writer->path);
  *writer = (assay_file_writer){0};
}

void assay_file_abandon_all(void) {
  int saved = errno;
  for (size_t i = 0; i < PENDING_SLOTS; i++) {
    char *name = atomic_exchange(&pending[i], NULL);
    if (name) (void)unlink(name);
  }
  errno = saved;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* The file that `path` names, links followed; the path itself when there is none yet. Renaming onto a device or a link
 * like /dev/stdout would replace the device or the link, so only regular files are accepted. */
static assay_status resolve(char **out, const char *path, assay_context *context) {
  struct stat state;
  bool there = stat(path, &state) == 0;
  if (there && !S_ISREG(state.st_mode))
    return assay_fail(context, ASSAY_IO, "%s: exists and is not a regular file: cannot be replaced", path);
  char *resolved = NULL;
  if (there)
    resolved = realpath(path, NULL);
  else if (errno == ENOENT)
    resolved = strdup(path);
  if (!resolved && errno == ENOMEM) return assay_fail(context, ASSAY_MEMORY, "%s: no memory for its name", path);
  if (!resolved) return fail_errno(context, path, "write");
  *out = resolved;
  return ASSAY_OK;
}

/* A name nobody else chooses: process, time and a count within the process. */
static char *temporary_name(const char *path) {
  static atomic_uint count;
  struct timespec now = {0};
  (void)clock_gettime(CLOCK_REALTIME, &now);
  size_t size = strlen(path) + 64;
  char *name = malloc(size);
  if (name)
    (void)snprintf(name, size, "%s.%ld-%lx-%x.part", path, (long)getpid(), (unsigned long)now.tv_nsec,
                   atomic_fetch_add(&count, 1));
  return name;
}

assay_status assay_file_create(assay_file_writer *out, const char *path, assay_context *context) {
  assay_file_writer writer = {.descriptor = -1};
  assay_status status = resolve(&writer.path, path, context);
  if (!writer.path) return status;
  writer.temporary = temporary_name(writer.path);
  if (!writer.temporary) {
    free(writer.path);
    return assay_fail(context, ASSAY_MEMORY, "%s: no memory for a temporary name", path);
  }
  /* Registered before it exists: at no moment is there a file that a signal would not remove. */
  if (!pending_add(&writer)) {
    free(writer.temporary);
    free(writer.path);
    return assay_fail(context, ASSAY_UNSUPPORTED, "%s: more than %d files are being written", path, PENDING_SLOTS);
  }
  writer.descriptor = open(writer.temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (writer.descriptor < 0) {
    status = fail_errno(context, path, "write");
    release(&writer);
    return status;
  }
  *out = writer;
  return ASSAY_OK;
}

assay_status assay_file_write_at(assay_file_writer *writer, uint64_t offset, const void *bytes, size_t size,
                                 assay_context *context) {
  const char *next = bytes;
  if (offset > INT64_MAX - size) return assay_fail(context, ASSAY_IO, "%s: too large for a file", writer->path);
  while (size > 0) {
    ssize_t put = pwrite(writer->descriptor, next, size, (off_t)offset);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail_errno(context, writer->path, "write");
    next += put;
    offset += (uint64_t)put;
    size -= (size_t)put;
  }
  return ASSAY_OK;
}

assay_status assay_file_expect(const assay_file_writer *writer, uint64_t bytes, assay_context *context) {
  struct statvfs state;
  if (fstatvfs(writer->descriptor, &state) != 0) return fail_errno(context, writer->path, "inspect");
  uint64_t free_bytes = 0;
  if (__builtin_mul_overflow((uint64_t)state.f_bavail, (uint64_t)state.f_frsize, &free_bytes)) return ASSAY_OK;
  if (bytes <= free_bytes) return ASSAY_OK;
  return assay_fail(context, ASSAY_IO, "%s: takes %llu bytes, and %llu are free there", writer->path,
                    (unsigned long long)bytes, (unsigned long long)free_bytes);
}

assay_status assay_file_append(assay_file_writer *writer, const void *bytes, size_t size, assay_context *context) {
  assay_status status = assay_file_write_at(writer, writer->length, bytes, size, context);
  if (status == ASSAY_OK) writer->length += size;
  return status;
}

void assay_file_abort(assay_file_writer *writer) {
  if (!writer->temporary) return;
  if (writer->descriptor >= 0) close(writer->descriptor);
  (void)unlink(writer->temporary);
  release(writer);
}

assay_status assay_file_commit(assay_file_writer *writer, assay_context *context) {
  assay_status status = ASSAY_OK;
  if (fsync(writer->descriptor) != 0 && errno != EINVAL && errno != ENOTSUP)
    status = fail_errno(context, writer->path, "flush");
  int closed = close(writer->descriptor);
  writer->descriptor = -1;
  if (status == ASSAY_OK && closed != 0) status = fail_errno(context, writer->path, "close");
  if (status == ASSAY_OK && rename(writer->temporary, writer->path) != 0)
    status = fail_errno(context, writer->path, "rename to");
  if (status != ASSAY_OK) {
    assay_file_abort(writer);
    return status;
  }
  release(writer);
  return ASSAY_OK;
}

assay_status assay_file_write(const char *path, const void *bytes, size_t size, assay_context *context) {
  assay_file_writer writer = {0};
  assay_status status = assay_file_create(&writer, path, context);
  if (status != ASSAY_OK) return status;
  status = assay_file_append(&writer, bytes, size, context);
  if (status == ASSAY_OK) return assay_file_commit(&writer, context);
  assay_file_abort(&writer);
  return status;
}
