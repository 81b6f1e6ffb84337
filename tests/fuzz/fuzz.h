/* tests/fuzz/fuzz.h: what the fuzz targets share. A target takes any bytes and aborts when a property does not hold;
 * libFuzzer searches for such bytes (./run fuzz), replay.c runs the corpus and seeded mutations of it (CTest). */
#ifndef ASSAY_TESTS_FUZZ_FUZZ_H
#define ASSAY_TESTS_FUZZ_FUZZ_H

#include <assay/model.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The path of a nameless file with these bytes, on descriptor `slot`: readers can open it again, it vanishes with the
 * process. Files of one process lie in one directory, where a slot's number is its name. */
const char *fuzz_file(int slot, const void *bytes, size_t size);

/* Prints `property` and the message in `context`, and aborts, unless `holds`. */
void fuzz_check(bool holds, const char *property, const assay_context *context);

/* A refusal has a status of its own, a message of one line, and leaves its output, zeros before, untouched. */
void fuzz_check_refusal(assay_status status, const void *output, size_t size, const assay_context *context);

/* No more memory than this for one input. */
enum { FUZZ_MEMORY = 1 << 26 };

#endif
