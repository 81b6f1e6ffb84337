/* reference/core/ldl.h: enclosures of A = L D L^T of a symmetric matrix, L unit lower triangular, D diagonal.
 *
 * Packed: entry (i, j) with j <= i lies at ldl_index(i, j). No square root is taken, so that matrices whose factors are
 * short numbers (diagonal ones among them) are factored exactly once the precision holds them. Interval elimination
 * widens from row to row; the caller raises the precision. Seen on solutions for random matrices of 200 rows: 20 to 40
 * bits lost when well-conditioned, 220 at condition 10^12 (of 100 rows 25 to 30, and 165). */
#ifndef ASSAY_REFERENCE_CORE_LDL_H
#define ASSAY_REFERENCE_CORE_LDL_H

#include <stddef.h>

#include <mpfi.h>

/* Definite: every pivot is positive, hence A is positive definite. Indefinite: a pivot after positive ones is proved <=
 * 0, hence A is not. Undecided: a pivot's enclosure has 0 inside. */
typedef enum { LDL_DEFINITE, LDL_INDEFINITE, LDL_UNDECIDED } ldl_verdict;

static inline size_t ldl_index(size_t row, size_t column) { return row * (row + 1) / 2 + column; }

/* `packed` with its size d(d+1)/2 initialised at one precision: A on entry, L below the diagonal and D on it on return.
 * *pivot: where it stopped, when not definite. */
ldl_verdict ldl_factor(mpfi_ptr packed, size_t dimension, size_t *pivot);

/* y = L^{-1} y, and then y = L^{-T} D^{-1} y: together A^{-1} y. */
void ldl_forward(mpfi_ptr y, mpfi_srcptr packed, size_t dimension);
void ldl_backward(mpfi_ptr y, mpfi_srcptr packed, size_t dimension);

#endif
