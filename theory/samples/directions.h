/* theory/samples/directions.h: the directions along which samples are looked at. They depend on the mixture, the point
 * and the seed alone, never on the samples. */
#ifndef ASSAY_THEORY_SAMPLES_DIRECTIONS_H
#define ASSAY_THEORY_SAMPLES_DIRECTIONS_H

#include <assay/model.h>

enum { DIRECTION_NAME = 64, DIRECTIONS_RANDOM = 16 };

/* Unit vectors, the random ones last; in one dimension the one there is. */
typedef struct {
  size_t count, random; /* random: how many of them are random */
  double *vectors;      /* count x d */
  char (*names)[DIRECTION_NAME];
} direction_set;

assay_status directions_init(direction_set *out, const assay_mixture *mixture, const assay_path_point *point,
                             uint64_t seed, assay_context *context);
void directions_clear(direction_set *self);

#endif
