/* theory/samples/distance.h: how far apart the samples' law and p_t are. */
#ifndef ASSAY_THEORY_SAMPLES_DISTANCE_H
#define ASSAY_THEORY_SAMPLES_DISTANCE_H

#include "theory/samples/comparisons.h"

/* A lower bound of the total variation distance that holds with probability 1 - share, from the test `index`: of labels
 * or of a projection; 0 for others. */
double distance_total_variation(const comparisons *c, size_t index, double square_norm);

/* Sliced W2 of the kept samples. `seen`: the marginals of all directions. */
typedef struct {
  double estimate, error, exact;
} distance_sliced;
assay_status distance_sliced_w2(distance_sliced *out, const comparisons *c, uint64_t seed, assay_context *context);

#endif
