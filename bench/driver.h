/* bench/driver.h: what the drivers share. A driver makes its inputs, does the same work PASSES times and prints what
 * the last pass gave, so that T(2 PASSES) - T(PASSES) is the time of PASSES passes without start-up and inputs.
 *
 * usage: <driver> [VARIANT] PASSES [--tiny]
 *
 * --tiny: a small size, printed in full with its inputs (check.py); else each array is printed as its sum. */
#ifndef ASSAY_BENCH_DRIVER_H
#define ASSAY_BENCH_DRIVER_H

#include <assay/model.h>

typedef struct {
  size_t variant; /* index in `variants` */
  size_t passes;
  bool tiny;
} bench_arguments;

/* variants: names, ending with NULL; NULL: none is expected. Leaves with status 2 and the usage on anything else. */
bench_arguments bench_begin(int argc, char **argv, const char *const *variants);

/* The library's defaults on one thread. */
assay_context bench_context(void);

/* Prints the message and leaves with status 1 unless `status` is ASSAY_OK. */
void bench_require(assay_status status, const assay_context *context);

/* Zeroed, aligned to 64 bytes; leaves with status 1 without memory. Release with free(). */
double *bench_doubles(size_t count);

/* Multiples of 2^-31 in [-1, 1), a sequence fixed by `seed`. */
void bench_fill(double *out, size_t count, uint64_t seed);

/* One line: name, then the numbers in hex (tiny) or their sum. */
void bench_show(const bench_arguments *arguments, const char *name, const double *numbers, size_t count);
/* Likewise; not tiny: their exclusive or. */
void bench_show_words(const bench_arguments *arguments, const char *name, const uint64_t *words, size_t count);

/* tiny: the shape and what out (left x right) = <x_l, y_r>/columns follows from; and `out`. */
void bench_show_product(const bench_arguments *arguments, const double *x, const double *y, const double *out,
                        size_t left, size_t right, size_t columns);

#endif
