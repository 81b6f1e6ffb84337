/* reference/core/exact_sum.h: sums of doubles and of products of two doubles without any rounding.
 *
 * A long fixed-point number: limb i holds a signed multiple of 2^(32 i + EXACT_SUM_EXPONENT), carries are taken care of
 * now and then. Every product of finite doubles fits, and 2^63 of them. */
#ifndef ASSAY_REFERENCE_CORE_EXACT_SUM_H
#define ASSAY_REFERENCE_CORE_EXACT_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gmp.h>

/* Lowest bit of a product: 2^-2148, rounded down to a multiple of 32. Highest: 2^2048 times 2^63 terms. */
enum { EXACT_SUM_EXPONENT = -2176, EXACT_SUM_LIMBS = 140 };

typedef struct {
  int64_t limb[EXACT_SUM_LIMBS];
  size_t pending; /* terms since carries were last moved */
} exact_sum;

void exact_sum_start(exact_sum *sum);
void exact_sum_add(exact_sum *sum, double term);

/* The sum so far is out 2^EXACT_SUM_EXPONENT. */
void exact_sum_value(mpz_ptr out, exact_sum *sum);

/* out 2^EXACT_SUM_EXPONENT = sum_j a_j b_j. */
void exact_dot(mpz_ptr out, const double *a, const double *b, size_t count);

#endif
