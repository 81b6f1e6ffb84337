/* reference/core/quick_field_units.h: constants of docs/quick-field-bound.md. */
#ifndef ASSAY_REFERENCE_CORE_QUICK_FIELD_UNITS_H
#define ASSAY_REFERENCE_CORE_QUICK_FIELD_UNITS_H

#include <stddef.h>

/* u^2; what covers the roundings of bounds and their products; what covers underflow (Q1). */
#define UNIT_2 0x1p-106
#define INFLATE (1 + 0x1p-16)
#define FLOOR 0x1p-500

/* Largest |x_j| and |m_kj|. */
#define MOST_ENTRY 0x1p100

/* Responsibilities below exp(-CUT) < FAINT of the leader's are left out of values, and enter bounds as FAINT (Q6). */
#define CUT 90.0
#define FAINT 0x1p-129

/* Arrays are padded to whole vectors; distances are summed block by block. */
enum { QUICK_LANES = 8, QUICK_BLOCK = 512, QUICK_MOST_DIMENSIONS = 1 << 24, QUICK_MOST_COMPONENTS = 1 << 20 };

static inline size_t quick_padded(size_t dimension) {
  return (dimension + QUICK_LANES - 1) / QUICK_LANES * QUICK_LANES;
}

/* How many sums a term of a distance goes through (Q4): halves of a block, then one for each block. */
static inline size_t quick_depth(size_t padded) {
  size_t blocks = (padded + QUICK_BLOCK - 1) / QUICK_BLOCK, depth = blocks;
  for (size_t count = padded < QUICK_BLOCK ? padded : QUICK_BLOCK; count > 1; count = (count + 1) / 2) depth++;
  return depth;
}

#endif
