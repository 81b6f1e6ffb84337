/* Central differences of the reference. With x_j moved by h = 2^-20 |x_j| both ways, (q(x + h e_j) - q(x - h e_j))/2h
 * is off by about h^2/6 times the third derivative: 2^-42 of the whole where q bends on the scale of x_j or above; and
 * q is rounded to 80 bits, which the quotient sees as 2^-60 of |q|/|x_j|. */
#include "reference/core/check_condition.h"

#include "reference/core/field_rounded.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_EXPONENT = -20, BITS = 80, LEAST = -100000, BATCH = 32 };
static const size_t MOVED = 2 * (size_t)BATCH; /* points at a time */

typedef struct {
  size_t column, dimension, width;
  assay_quantity quantity;
  const assay_mixture *mixture;
  const assay_path_point *point;
  const double *x;
  double *moved;
  rounded *value;
} differences;

static assay_status evaluate(const differences *d, const double *x, size_t points, assay_context *context) {
  rounding_rule rule = {.precision = BITS, .least = LEAST};
  return field_rounded(d->value, NULL, rule, d->quantity, d->mixture, d->point, x, points, 0, false, context);
}

static double moved(double x, double step) {
  double y = x + step * x;
  return isfinite(y) ? y : x;
}

/* The terms of coordinates first, first + 1, ..., BATCH of them at most, added to *sum. `center`: Q. */
static assay_status add_batch(double *sum, const differences *d, size_t first, rounded center, assay_context *context) {
  size_t count = d->dimension - first < BATCH ? d->dimension - first : BATCH, n = d->dimension;
  double step = ldexp(1, STEP_EXPONENT);
  for (size_t i = 0; i < 2 * count; i++) {
    size_t j = first + i / 2;
    memcpy(d->moved + i * n, d->x, n * sizeof(double));
    d->moved[i * n + j] = moved(d->x[j], i % 2 ? -step : step);
  }
  assay_status status = evaluate(d, d->moved, 2 * count, context);
  if (status) return status;
  for (size_t i = 0; i < count; i++) {
    size_t j = first + i;
    double width = fabs(d->moved[2 * i * n + j] - d->moved[(2 * i + 1) * n + j]);
    rounded change =
        rounded_distance(d->value[2 * i * d->width + d->column], d->value[(2 * i + 1) * d->width + d->column]);
    if (width == 0 || change.magnitude == 0) continue; /* x_j = 0, or too small to be moved; or q does not change */
    *sum += center.magnitude ? rounded_ratio(change, center) * (fabs(d->x[j]) / width) : INFINITY;
  }
  return ASSAY_OK;
}

assay_status check_condition(double *out, size_t column, assay_quantity quantity, const assay_mixture *mixture,
                             const assay_path_point *point, const double *x, assay_context *context) {
  size_t dimension = mixture->dimension, width = assay_quantity_width(quantity, dimension);
  differences d = {.column = column,
                   .dimension = dimension,
                   .width = width,
                   .quantity = quantity,
                   .mixture = mixture,
                   .point = point,
                   .x = x};
  void *moved_points = NULL, *values = NULL;
  assay_status status = assay_allocate(&moved_points, dimension, MOVED * sizeof(double), "check", context);
  if (!status) status = assay_allocate(&values, width, MOVED * sizeof(rounded), "check", context);
  d.moved = moved_points;
  d.value = values;
  rounded center = {0};
  double sum = 0;
  if (!status) status = evaluate(&d, x, 1, context);
  if (!status) center = rounded_distance(d.value[column], rounded_of_double(0));
  for (size_t first = 0; !status && first < dimension; first += BATCH)
    status = add_batch(&sum, &d, first, center, context);
  free(moved_points);
  free(values);
  if (!status) *out = sum;
  return status;
}
