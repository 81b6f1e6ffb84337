/* reference/core/field_coordinate.h: the coefficients of one coordinate of a component whose covariance is isotropic or
 * diagonal, in general problems. They are made again for every point, since d times the number of components of them
 * need not fit in memory. Loops over coordinates allocate nothing. */
#ifndef ASSAY_REFERENCE_CORE_FIELD_COORDINATE_H
#define ASSAY_REFERENCE_CORE_FIELD_COORDINATE_H

#include "reference/core/field_problem.h"

/* S and D, the spread, xi and mu of the component and coordinate last asked for. */
typedef struct {
  const field_problem *problem;
  const field_table *table;
  const field_form *form; /* NULL: the spread alone is wanted */
  size_t shape, column;
  mpfi_t variance, spread, xi, mu, product;
  mpfi_srcptr denominator;
} field_coordinate;

void field_coordinate_init(field_coordinate *out, const field_problem *problem, const field_table *table,
                           const field_form *form, long bits);
void field_coordinate_clear(field_coordinate *coordinate);

bool field_is_full(const field_problem *problem, size_t k);

/* Sets them for component k (not full) and coordinate j. */
void field_coordinate_set(field_coordinate *coordinate, size_t k, size_t j);

/* value = (xi size x + mu sum)/(size spread): the mean over a group of `size` components with this covariance, whose
 * means add up to `sum`. */
void field_coordinate_value(mpfi_ptr value, field_coordinate *coordinate, size_t size, mpfr_srcptr x, mpfi_srcptr sum);

/* What a row of a table holds of component k's covariance: log det V_k and, for the divergence, the rate; for a full
 * one nothing (field_factor.h). */
void field_shape_row(field_table_row *row, const field_problem *problem, const field_table *table, size_t k);

#endif
