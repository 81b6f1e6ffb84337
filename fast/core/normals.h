/* fast/core/normals.h: the vector kernels behind assay_fast_normals, one per instruction set. All give the same bits:
 * they do the same additions, multiplications, divisions, square roots and bit operations, each correctly rounded by
 * IEEE 754, in the same order, and never contract them. */
#ifndef ASSAY_FAST_CORE_NORMALS_H
#define ASSAY_FAST_CORE_NORMALS_H

#include <assay/fast.h>

/* Each `out` takes 2 x count values, pair after pair, the even column first. */
typedef struct {
  /* Pairs of consecutive columns 2 pair, 2 pair + 1, ... of one row. */
  void (*run)(double *out, const assay_normals *normals, uint64_t row, uint64_t pair, size_t count);
  /* Any pairs: the k-th at row[k], columns 2 pair[k] and 2 pair[k] + 1. */
  void (*list)(double *out, const assay_normals *normals, const uint64_t *row, const uint64_t *pair, size_t count);
  /* Box-Muller alone, on given random words a and b: what accuracy tests aim at. */
  void (*transform)(double *out, const uint64_t *a, const uint64_t *b, size_t count);
} assay_normals_kernel;

extern const assay_normals_kernel assay_normals_sse2, assay_normals_avx2, assay_normals_avx512;

/* The kernel that runs when the context says `isa`. */
const assay_normals_kernel *assay_normals_kernel_of(assay_isa isa);

#endif
