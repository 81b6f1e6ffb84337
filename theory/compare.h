/* theory/compare.h: the three comparisons that evidence is made of. Each says whether the statement holds, is decided
 * against, or neither, and how far the prediction could have moved unnoticed. An enclosure with a NaN or infinite end,
 * or with its ends in the wrong order, decides nothing. */
#ifndef ASSAY_THEORY_COMPARE_H
#define ASSAY_THEORY_COMPARE_H

#include <assay/theory.h>

typedef struct {
  bool holds, against; /* never both */
  double resolution;   /* every larger shift of the prediction is decided against: distance: in the nearer of the two
                          directions; order: towards the other side; equality: in both. Rounded up; 0 when it is decided
                          against as it stands, NaN when an enclosure has no ends */
} assay_comparison;

/* |measured - p| <= allowance for every p of the enclosure, or for none. Exact: no rounding enters the decision.
 * allowance >= 0; infinite: holds. A measured value that is not finite is decided against. */
assay_comparison assay_compare_distance(double measured, mpfi_srcptr predicted, double allowance);

/* left < right or left > right (relation is not ASSAY_EQUAL). */
assay_comparison assay_compare_order(mpfi_srcptr left, assay_relation relation, mpfi_srcptr right);

/* left - right contains 0 and is narrower than 2^-bits; against when they are disjoint. */
assay_comparison assay_compare_equality(mpfi_srcptr left, mpfi_srcptr right, long bits);

/* Both ends are numbers, in order. */
bool assay_enclosure_usable(mpfi_srcptr enclosure);

#endif
