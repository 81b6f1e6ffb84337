/* tests/io/scratch.h: a directory of its own for a test, and files in it. */
#ifndef ASSAY_TESTS_IO_SCRATCH_H
#define ASSAY_TESTS_IO_SCRATCH_H

#include <assay/model.h>

#include "testing.h"

typedef struct {
  char directory[64];
  assay_context context;
} scratch;

/* cmocka's set-up and tear-down; *state is a scratch. Tear-down removes the directory and what is in it. */
int scratch_make(void **state);
int scratch_remove(void **state);

/* directory/name, valid until the next eight calls. */
const char *scratch_path(const scratch *place, const char *name);

/* A file with these bytes; returns its path. */
const char *scratch_file(const scratch *place, const char *name, const void *bytes, size_t size);

/* How many entries the directory holds. */
size_t scratch_count(const scratch *place);

/* The call failed with `status`, and the message is one line that names `path` and holds `expected`. */
void scratch_refused(const scratch *place, assay_status status, assay_status wanted, const char *path,
                     const char *expected);

#endif
