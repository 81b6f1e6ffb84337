/* tests/io/mixture_files.h: the files that tests of mixtures read. */
#ifndef ASSAY_TESTS_IO_MIXTURE_FILES_H
#define ASSAY_TESTS_IO_MIXTURE_FILES_H

#include "scratch.h"

/* m.json with this text; returns its path. */
const char *mixture_file(const scratch *place, const char *text);

/* rows.npy (3 x 2: 1 to 6), square.npy (2 x 2, symmetric), skew.npy (2 x 2, not), nan.npy (1 x 2, the second a NaN),
 * flat.npy (2 floats: 1, 2). */
void mixture_arrays(scratch *place);

#endif
