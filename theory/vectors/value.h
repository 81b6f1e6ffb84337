/* theory/vectors/value.h: numbers of the test vectors as JSON. */
#ifndef ASSAY_THEORY_VECTORS_VALUE_H
#define ASSAY_THEORY_VECTORS_VALUE_H

#include "io/text.h"

#include <mpfi.h>

enum { VECTORS_DIGITS = 40 };

/* What is written of a real number q: the decimals of 40 digits next below and above it (both q when q is proved to be
 * one, the two neighbours of a decimal within 2^-640 of q otherwise), and q correctly rounded to binary64 and binary32:
 * the same from every enclosure that is narrow enough. */
typedef struct {
  char *lower, *upper;
  double binary64, binary32;
  bool zero; /* q is proved to be 0 */
} vectors_value;

void vectors_value_clear(vectors_value *value);

/* ASSAY_PRECISION when the enclosure is too wide to tell; with `last`, one that still holds a decimal other than 0 is
 * not, but one that leaves a rounding open is. */
assay_status vectors_value_set(vectors_value *out, mpfi_srcptr enclosure, bool last, assay_context *context);

/* `count` values from `compute`, which is asked for more bits until each is told. `what` names them in messages. */
assay_status vectors_values(vectors_value *out, size_t count, const char *what,
                            assay_status (*compute)(mpfi_ptr out, const void *self, long goal_bits,
                                                    assay_context *context),
                            const void *self, assay_context *context);

/* {"lo": "...", "hi": "...", "double": "0x1.8p+0", "float": "0x1.8p+0"} */
void vectors_add_value(assay_text *text, const vectors_value *value);

/* The digits of C's %a in glibc: 0x1.8p+0, 0x0p+0, 0x0.8p-1022, inf. */
void vectors_add_hex(assay_text *text, double value);

#endif
