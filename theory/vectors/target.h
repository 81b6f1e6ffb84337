/* theory/vectors/target.h: the mixtures of the test vectors. Every number is exact in binary32, and weights sum to 1,
 * so that code in any format is given the same distribution. */
#ifndef ASSAY_THEORY_VECTORS_TARGET_H
#define ASSAY_THEORY_VECTORS_TARGET_H

#include <assay/model.h>

enum { VECTORS_MOST_DIMENSION = 64 };

/* `kind` groups targets as docs/vectors.md does: isotropic, diagonal, full, mixed. */
typedef struct {
  const char *name, *kind;
  size_t dimension, count;
  void (*fill)(assay_mixture *mixture);
} vectors_target;

extern const vectors_target vectors_targets[];
extern const size_t vectors_target_count;

assay_status vectors_target_mixture(assay_mixture *out, const vectors_target *target, assay_context *context);

#endif
