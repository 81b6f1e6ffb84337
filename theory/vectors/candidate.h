/* theory/vectors/candidate.h: inputs from numbers. Candidate n of a target and a schedule is the same bits on every
 * machine: integers, and IEEE 754's +, -, *, / and sqrt in binary64, nothing of the C library that rounds. */
#ifndef ASSAY_THEORY_VECTORS_CANDIDATE_H
#define ASSAY_THEORY_VECTORS_CANDIDATE_H

#include "theory/vectors/schedule.h"
#include "theory/vectors/target.h"

/* What n mod VECTORS_FAMILIES says of the place: inside; near noise; near data; exactly at an end; inside or near data
 * with a point far away. */
typedef enum {
  VECTORS_INSIDE,
  VECTORS_NEAR_NOISE,
  VECTORS_NEAR_DATA,
  VECTORS_END,
  VECTORS_FAR,
  VECTORS_FAMILIES
} vectors_family;

typedef struct {
  vectors_place place;
  bool binary32; /* place and x are exact in binary32: n/VECTORS_FAMILIES is even */
  double x[VECTORS_MOST_DIMENSION];
} vectors_candidate;

/* `mixture` is the target's. */
void vectors_candidate_make(vectors_candidate *out, const vectors_target *target, const assay_mixture *mixture,
                            const vectors_schedule *schedule, unsigned n);

#endif
