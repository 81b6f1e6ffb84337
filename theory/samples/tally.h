/* theory/samples/tally.h: everything that one pass over the samples leaves for the tests. Counts are exact; sums carry
 * bounds of what rounding does to them. */
#ifndef ASSAY_THEORY_SAMPLES_TALLY_H
#define ASSAY_THEORY_SAMPLES_TALLY_H

#include "theory/samples/directions.h"
#include "theory/samples/law.h"

#include "fast/core/whiten.h"

#include <assay/samples.h>

enum { TALLY_WIDEST_GRAM = 1024, TALLY_EXPONENTS = 2200 };

/* How many values lie below 2^(i - 1100), i-th entry: bounds of what all but a few move by. */
typedef struct {
  uint64_t count[TALLY_EXPONENTS];
} tally_sizes;

typedef struct {
  size_t samples, dimension, components, directions;
  uint64_t *labels; /* by component */
  uint64_t *clear;  /* those whose label is doubtful by at most `doubt` */
  double doubt;
  double *radii;   /* by component: sum |z|^2 */
  double *sums;    /* components x d: sum z */
  double *squares; /* d: sum z_j^2, over all components */
  double *gram;    /* d x d: sum z z', or NULL for d = 1 and d > TALLY_WIDEST_GRAM */
  /* How far sums may be off, over all samples and (components each) over a component's: |sum z|; sum (v, z)^2 for any
   * unit v, and sum |z|^2; and how many samples may belong there that do not, or the other way round. */
  double first, second, *component_first, *component_second;
  uint64_t uncertain, *component_uncertain;
  double *norms;  /* by component: sum |z| */
  double largest; /* certified lower bound of the largest |z| */
  law radius;     /* of |z| */
  uint64_t *radius_tally;
  law component_radius;      /* coarser */
  uint64_t *component_tally; /* components x (component_radius.count + 1) */
  law *projections;          /* one for each direction */
  uint64_t **projection_tally;
  tally_sizes errors, reach; /* of |z|'s errors, and of |x| */
  double *sliced;            /* directions->random x sliced_samples */
  size_t sliced_samples;
  void *memory;
  uint64_t *counts;
} tally;

/* Reads every sample once. *components_seen: directions->count x mixture->count, what each direction sees. */
assay_status tally_init(tally *out, const assay_stream *samples, const assay_mixture *mixture,
                        const assay_path_point *point, const direction_set *along, const marginal_component *seen,
                        const assay_samples_options *options, assay_context *context);
void tally_clear(tally *self);

/* How far an empirical distribution function may be from that of the exact values when all but the counted ones move by
 * `scale` times their size, against a density of at most `steepest`: the best split into many small moves and few
 * samples that count as wrong. `total` samples. */
double tally_shift(const tally_sizes *sizes, double scale, double steepest, uint64_t total);

#endif
