/* reference/core/field_sum.h: sums over groups and coordinates with directed roundings, allocating nothing, and what is
 * known of a sum beyond its enclosure. */
#ifndef ASSAY_REFERENCE_CORE_FIELD_SUM_H
#define ASSAY_REFERENCE_CORE_FIELD_SUM_H

#include "reference/core/exact_sum.h"
#include "reference/core/field_weights.h"

/* What is known beyond the enclosure: the value is not its lower (upper) end. It settles the rounding of values like
 * 1/2 + 2^-10000, which no enclosure of moderate precision could. */
enum { FIELD_ABOVE_LOWER = 1, FIELD_BELOW_UPPER = 2 };

/* acc += c y for a point y; c y is rounded once, together with the sum. */
void field_accumulate(mpfi_ptr acc, mpfi_srcptr c, mpfr_srcptr y);

/* A correction sum_g P_g (a_g - a_r), and the signs seen among its differences. */
typedef struct {
  mpfi_t sum;
  bool negative, positive, unknown;
} field_correction;

void field_correction_start(field_correction *correction);
/* += p difference for a responsibility 0 < p of a group. */
void field_correction_add(field_correction *correction, mpfi_srcptr p, mpfi_srcptr difference);

/* out = base + correction; returns the flags above. */
unsigned char field_correct(mpfi_ptr out, mpfi_srcptr base, const field_correction *correction);

/* Sums of a group's means. */
typedef struct {
  exact_sum exact;
  mpz_t integer;
} field_group_summer;

/* out = M_gj, the sum of m_kj over group g, rounded once. */
void field_group_sum(mpfi_ptr out, field_group_summer *summer, const field_weights *weights, size_t group, size_t j);

/* m_kj of the group's member i. */
double field_mean(const field_weights *weights, size_t group, size_t i, size_t j);

#endif
