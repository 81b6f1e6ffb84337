/* io/mixture_json.h: a Gaussian mixture from a JSON file, and into one.
 *
 *   {"dimension": d, "components": [{"weight": w, "mean": m, "covariance": c}, ...]}
 *   {"binary": {"mean": m, "variance": v}}      1/2 N(m, v I) + 1/2 N(-m, v I); "dimension" may stand beside it
 *
 * w, v, and c as an isotropic variance: a number (the double nearest to it) or a string (that decimal or ratio exactly,
 * "0.1" or "1/10"). m: a list of d numbers. c: also a list of d numbers (diagonal) or d lists of d (full, symmetric).
 * m and lists of c may be named: {"npy": "file.npy", "row": i} is row i of an array, without "row" the whole array
 * (1-D: d numbers; for c also d x d); the name is relative to the JSON file. */
#ifndef ASSAY_IO_MIXTURE_JSON_H
#define ASSAY_IO_MIXTURE_JSON_H

#include <assay/model.h>

/* ASSAY_INVALID names file, key, index and value. Nothing is allocated for a dimension before arrays of that length
 * were seen. Whether a full covariance is positive definite is left to its factorisation. */
assay_status assay_mixture_read_json(assay_mixture *out, const char *path, assay_context *context);

/* In the first form, without named arrays. Read again, it is the same mixture: doubles bit by bit, exact strings as
 * they are. ASSAY_INVALID: what assay_mixture_check refuses. */
assay_status assay_mixture_write_json(const char *path, const assay_mixture *mixture, assay_context *context);

#endif
