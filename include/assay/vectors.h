/* assay/vectors.h: test vectors for code in any language: inputs chosen so that formulas in common use lose digits, and
 * what is exactly right there. Schema and use: docs/vectors.md. */
#ifndef ASSAY_VECTORS_H
#define ASSAY_VECTORS_H

#include <assay/model.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* Writes the files <quantity>.json of every quantity, dae-theory.json and bayes.json into `directory`, which is made
 * when its parent exists. Their bytes depend on nothing but this library's version. Files of other names stay. */
assay_status assay_vectors_write(const char *directory, assay_context *context);

/* Does `directory` hold exactly those files with exactly those bytes? *differences: "" when it does, else one line for
 * each file that is missing, of another name, or differs, with the first line that does and its case; free(). ASSAY_IO:
 * a file or the directory that cannot be read. */
assay_status assay_vectors_check(char **differences, const char *directory, assay_context *context);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
