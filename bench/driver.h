/* bench/driver.h: what the drivers share. A driver makes its inputs, does the same work PASSES times and prints what
 * the last pass gave, so that T(2 PASSES) - T(PASSES) is the time of PASSES passes without start-up and inputs.
 *
 * usage: <driver> [VARIANT] PASSES [--tiny] [NAME=VALUE...]
 *
 * --tiny: a small size, printed in full with its inputs (check.py); else each array is printed as its sum. NAME=VALUE:
 * a size in the place of its default, or a choice; bench/sizes.h has them. */
#ifndef ASSAY_BENCH_DRIVER_H
#define ASSAY_BENCH_DRIVER_H

#include <assay/model.h>

/* A number from 1 to 2^31 - 1; `isa` and `quantity` are words, each of a list that starts with the default, and their
 * value is the place there (assay_isa, assay_quantity). */
typedef struct {
  const char *name;
  size_t usual, tiny;
} bench_setting;

enum { BENCH_MOST_SETTINGS = 8 };

/* The sizes of a variant, then zeros. Tables end with one without a variant; where the first is such, none is expected.
 */
typedef struct {
  const char *variant;
  bench_setting sizes[BENCH_MOST_SETTINGS];
} bench_table;

typedef struct {
  size_t variant; /* index of its table */
  size_t passes;
  bool tiny;
  bench_setting settings[BENCH_MOST_SETTINGS];
  size_t values[BENCH_MOST_SETTINGS];
} bench_arguments;

/* tables: sizes that a driver and its floor share; own: what this driver takes beside them, then zeros; or NULL. Leaves
 * with status 2 and the usage on anything else. */
bench_arguments bench_begin(int argc, char **argv, const bench_table *tables, const bench_setting *own);

/* The value of a setting; 0 where the driver takes none of that name. */
size_t bench_value(const bench_arguments *arguments, const char *name);

/* The library's defaults, but `isa` and `threads` of the driver; one thread where it takes none. */
assay_context bench_context(const bench_arguments *arguments);

/* Prints the message and leaves with status 1 unless `status` is ASSAY_OK. */
void bench_require(assay_status status, const assay_context *context);

/* rows x columns, zeroed, aligned to 64 bytes; leaves with status 1 without memory. Release with free(). */
double *bench_doubles(size_t rows, size_t columns);

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
