/* tests/io/npy_bytes.h: NPY files put together byte by byte, by hand. */
#ifndef ASSAY_TESTS_IO_NPY_BYTES_H
#define ASSAY_TESTS_IO_NPY_BYTES_H

#include <stddef.h>

enum { NPY_BYTES_MAX = 4096 };

/* Version `major`, the dict as it stands (its length in 2 bytes for version 1, else 4), then the data. Returns the
 * size. */
size_t npy_bytes(unsigned char out[NPY_BYTES_MAX], unsigned major, const char *dict, const void *data, size_t size);

#endif
