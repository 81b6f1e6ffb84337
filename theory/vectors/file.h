/* theory/vectors/file.h: the texts of the files of test vectors. Schema: docs/vectors.md. */
#ifndef ASSAY_THEORY_VECTORS_FILE_H
#define ASSAY_THEORY_VECTORS_FILE_H

#include "theory/vectors/flag.h"

/* Appends to `text`; a text that runs out of memory says so at its end. */
assay_status vectors_field_file(assay_text *text, assay_quantity quantity, assay_context *context);
assay_status vectors_dae_theory_file(assay_text *text, assay_context *context);
assay_status vectors_bayes_file(assay_text *text, assay_context *context);

/* What every file begins with, and how it ends: with the list called `name`, whose inside is `body`. */
void vectors_begin_file(assay_text *text, const char *quantity, const char *definition, size_t cases,
                        vectors_flag_set flags);
void vectors_end_file(assay_text *text, const char *name, const assay_text *body);

/* "time", or "alpha" and "beta" alone for coefficients; of a schedule alpha and beta there with their values:
 *   "time": "0x1p-1", "alpha": {"lo": ...}, "beta": {"lo": ...}
 * Coefficients stand as {"lo": ...} too, being doubles exactly. */
assay_status vectors_add_place(assay_text *text, const vectors_schedule *schedule, vectors_place place,
                               assay_context *context);

#endif
