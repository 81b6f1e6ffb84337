/* reference/core/exact_form.h: sums sum_i C_i v_i of enclosed coefficients and exact numbers, in whole numbers. With
 * C_i in [c_i, c_i + r_i] 2^unit the sum lies within R 2^unit of S 2^unit, S = sum c_i v_i and R = sum r_i |v_i|
 * without any rounding: it is exact where each v_i is 0 or its C_i a point of few bits. */
#ifndef ASSAY_REFERENCE_CORE_EXACT_FORM_H
#define ASSAY_REFERENCE_CORE_EXACT_FORM_H

#include "reference/core/interval.h"

typedef struct {
  size_t count;
  bool finite; /* are the coefficients? */
  long unit;
  mpz_t *center, *radius; /* c_i, r_i */
  mpz_t sum, reach, end;  /* S, R */
} exact_form;

void exact_form_init(exact_form *out, size_t count);
void exact_form_clear(exact_form *form);

/* Coefficients, kept to `bits` bits of the largest. */
void exact_form_set(exact_form *form, const iv *coefficient, long bits);

/* v_i = value 2^exponent, exponent the same for all; terms in any order, an i as often as it occurs. */
void exact_form_start(exact_form *form);
void exact_form_add(exact_form *form, size_t i, mpz_srcptr value);
void exact_form_value(mpfi_ptr out, exact_form *form, long exponent);

#endif
