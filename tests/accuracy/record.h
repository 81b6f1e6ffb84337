/* tests/accuracy/record.h: measured errors and their witnesses as JSON. Numbers that must come back exactly are hex
 * floats in strings, arrays of them one string with spaces between. */
#ifndef ASSAY_TESTS_ACCURACY_RECORD_H
#define ASSAY_TESTS_ACCURACY_RECORD_H

#include "problem.h"

#include <jansson.h>

/* One measurement. ulps: of the largest component; units: error over 2^-53 scale, scale the largest of 1, |x_j| and
 * |m_kj| (flow-dae: of 1 and the number itself; normals: unused, 0). */
typedef struct {
  double error, bound, ulps, units;
} accuracy_error;

double accuracy_ratio(accuracy_error error);

/* error over the spacing of doubles at `value`; 0 for a value of 0. */
double accuracy_ulps(double error, double value);

/* {"error", "bound", "ratio", "ulps", "units", "witness"}; takes the reference to `witness`. */
json_t *accuracy_record(accuracy_error error, json_t *witness);

json_t *accuracy_hex(const double *values, size_t count);
/* Exactly `count` numbers: ends the program otherwise. */
void accuracy_unhex(double *out, size_t count, const json_t *text);

/* mixture, path point and one point x. */
json_t *accuracy_witness(const accuracy_problem *problem, const double *x, accuracy_family family);
/* x (d) is allocated. The problem's path point keeps strings of `witness`. */
void accuracy_witness_read(accuracy_problem *out, double **x, const json_t *witness);

#endif
