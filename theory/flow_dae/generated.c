#include "theory/flow_dae/generated.h"

#include <math.h>

static double largest_of(const double *v, size_t count) {
  double largest = 0;
  for (size_t j = 0; j < count; j++) largest = fmax(largest, fabs(v[j]));
  return largest;
}

/* An entry P X_0 + (a_i + h along0) xb_0 + (b_i - h along1) xb_1 is off by at most this: errors of the numbers in it,
 * and eight roundings of terms so large. Twice that covers products of errors and the roundings of the bound itself. */
double generated_error(const assay_dae_flow *flow, double along0, double along1) {
  enum { LARGEST_NORMAL = 9, ROUNDINGS = 8 };
  assay_bounded P = flow->perp[flow->steps];
  double xb0 = largest_of(flow->xb0, flow->dimension), xb1 = largest_of(flow->xb1, flow->dimension);
  double a = 0, b = 0, a_error = 0, b_error = 0;
  for (size_t i = 0; i < flow->count; i++) {
    a = fmax(a, fabs(flow->a[i].value)), a_error = fmax(a_error, flow->a[i].error);
    b = fmax(b, fabs(flow->b[i].value)), b_error = fmax(b_error, flow->b[i].error);
  }
  a += fabs(along0), b += fabs(along1);
  double known = P.error * (LARGEST_NORMAL + xb0) + a_error * xb0 + b_error * xb1;
  known += a * flow->xb0_error + b * flow->xb1_error;
  return 2 * (known + ROUNDINGS * 0x1p-53 * (fabs(P.value) * LARGEST_NORMAL + a * xb0 + b * xb1));
}
