/* theory/flow_dae/range.h: all values of a function over a box, enclosed by subdivision: what a claim "for all n >= 2"
 * stands on, with u = 1/n in [0, 1/2]. */
#ifndef ASSAY_THEORY_FLOW_DAE_RANGE_H
#define ASSAY_THEORY_FLOW_DAE_RANGE_H

#include "reference/core/interval.h"

#include <stddef.h>

enum { RANGE_SIDES_MAX = 2 };

typedef struct {
  double low, high;
} range_side;

/* Encloses f(at[0], ..., at[sides - 1]) for at in a cell. */
typedef iv (*range_function)(iv_scope *s, const iv *at, const void *self);

/* Encloses every value of f over the box of `sides` <= RANGE_SIDES_MAX sides, each cut into `cells` pieces, a power of
 * two: the pieces then meet exactly. Where one cell's enclosure lacks a finite end, so does
 * this one. */
iv range_over(iv_scope *s, range_function f, const void *self, const range_side *box, size_t sides, size_t cells);

#endif
