/* io/npy_header.h: the header of an NPY file, versions 1 to 3
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). */
#ifndef ASSAY_IO_NPY_HEADER_H
#define ASSAY_IO_NPY_HEADER_H

#include <assay/model.h>

typedef enum { ASSAY_NPY_F2, ASSAY_NPY_F4, ASSAY_NPY_F8 } assay_npy_item;

size_t assay_npy_item_size(assay_npy_item item);

typedef struct {
  assay_npy_item item;
  size_t dimensions;    /* 1 or 2 */
  size_t rows, columns; /* a 1-D array of n has n rows and 1 column */
  uint64_t offset;      /* where the entries begin */
} assay_npy_header;

/* Bytes before the dict: magic, version, length. At least 10 for version 1, 12 for 2 and 3. */
enum { ASSAY_NPY_PREFIX = 12 };

/* The longest dict read: a header that needs more describes nothing this reader takes. */
enum { ASSAY_NPY_DICT_MAX = 65535 };

/* Where the dict begins and how long it is, from the first `size` bytes of the file. */
assay_status assay_npy_prefix_parse(size_t *start, size_t *length, const unsigned char *bytes, size_t size,
                                    const char *path, assay_context *context);

/* The dict itself; sets all but offset. Refuses by name whatever is not a little-endian f4 or f8 (with `half`: or f2)
 * array in C order with 1 or 2 dimensions and at least one entry. */
assay_status assay_npy_dict_parse(assay_npy_header *out, const char *dict, size_t length, bool half, const char *path,
                                  assay_context *context);

/* The header of a float64 C-order array: version 1, padded with spaces so that the entries begin at a multiple of 64.
 * Any two extents fit. */
enum { ASSAY_NPY_WRITTEN = 128 };
void assay_npy_header_format(char out[ASSAY_NPY_WRITTEN], size_t rows, size_t columns);

#endif
