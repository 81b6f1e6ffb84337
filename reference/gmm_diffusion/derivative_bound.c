/* The two families of bounds.
 *
 * Cumulants. m^(L) = sigma kappa_{L+1}(v) under the law tilted by e^{zv}, |v| <= R/sigma: b_L = c_{L+1}.
 *
 * Line. |m| <= R/cos(theta) on the circle of radius theta sigma/R around a real point: Cauchy gives b_L = min L!
 * theta^-L/cos(theta). The minimum lies where theta tan(theta) = L; g(theta) = -L log theta - log cos theta has
 * g'' = L/theta^2 + sec^2 theta > 4L/pi^2 + 1, so that at any theta g is at most g'^2/(2 (1 + 4L/pi^2)) above it.
 *
 * Least bound. The factor from L to L+1, (b_{L+1}/b_L)^2 (R/sigma)^2/(D - L), grows with L: c_m = sum_k k^{m-1} 2^-k is
 * log-convex as moments are, and so is the line's b_L: for real L >= 1 (log L!)'' > 1/(L+1) outweighs (min g)'' =
 * -1/(L^2 + L + theta^2), and b_1/b_0 = 1.78 < b_2/b_1 = 2.04. So the first factor of 1 or more ends the search. As
 * b_{L+1}/b_L >= 2 (L+1)/pi in both, that is before L = (pi/2) sqrt(D) sigma/R. */
#include "reference/gmm_diffusion/derivative_bound.h"

#include <math.h>
#include <stdlib.h>

static const double HALF_PI = 1.5707963267948966;

/* theta with theta tan(theta) = L, to a double. */
static double rough_angle(double L) {
  double low = 0, high = HALF_PI;
  for (int i = 0; i < 60; i++) {
    double middle = (low + high) / 2;
    if (middle * sin(middle) < L * cos(middle))
      low = middle;
    else
      high = middle;
  }
  return low;
}

/* Newton's steps for theta sin(theta) = L cos(theta), each on a point; each doubles the digits. */
static iv fine_angle(iv_scope *s, unsigned long L) {
  iv theta = iv_d(s, rough_angle((double)L)), l = iv_ui(s, L);
  for (long bits = 40; bits < iv_bits(s); bits *= 2) {
    iv sine = iv_sin(s, theta), cosine = iv_cos(s, theta);
    iv value = iv_sub(s, iv_mul(s, theta, sine), iv_mul(s, l, cosine));
    iv slope = iv_add(s, iv_mul(s, iv_add_si(s, l, 1), sine), iv_mul(s, theta, cosine));
    theta = iv_mid(s, iv_sub(s, theta, iv_div(s, value, slope)));
  }
  return theta;
}

/* min theta^-L/cos(theta), L >= 1. */
static iv least_on_strip(iv_scope *s, unsigned long L) {
  iv theta = fine_angle(s, L), value = iv_inv(s, iv_mul(s, iv_pow_ui(s, theta, L), iv_cos(s, theta)));
  iv slope = iv_sub(s, iv_tan(s, theta), iv_div(s, iv_ui(s, L), theta));
  iv curvature = iv_add_si(s, iv_div(s, iv_ui(s, 4 * L), iv_sqr(s, iv_pi(s))), 1);
  iv above = iv_mul_2si(s, iv_div(s, iv_sqr(s, slope), curvature), -1);
  return iv_mul(s, value, iv_hull(s, iv_exp(s, iv_neg(s, above)), iv_ui(s, 1)));
}

static void fill_line(derivative_bounds *bounds, iv_scope *s) {
  mpfi_ptr factorial = iv_new(s);
  mpfi_set_ui(factorial, 1);
  bounds->b[0] = iv_ui(s, 1);
  for (size_t L = 1; L < bounds->count; L++) {
    mpfi_ptr value = iv_new(s);
    size_t mark = iv_mark(s);
    mpfi_mul_ui(factorial, factorial, L);
    mpfi_mul(value, factorial, least_on_strip(s, L));
    bounds->b[L] = value;
    iv_release(s, mark);
  }
}

static assay_status fill_cumulants(derivative_bounds *bounds, iv_scope *s, assay_context *context) {
  mpz_t *constants = NULL;
  assay_status status = cumulant_constants_init(&constants, bounds->count, context);
  if (status) return status;
  for (size_t L = 0; L < bounds->count; L++) bounds->b[L] = iv_z(s, constants[L]);
  cumulant_constants_clear(constants, bounds->count);
  return ASSAY_OK;
}

assay_status derivative_bounds_init(derivative_bounds *out, iv_scope *s, assay_gmm_bound bound, double ratio,
                                    size_t degree, size_t order, assay_context *context) {
  enum { MOST = 1 << 12 };
  double last = fmin((double)degree, ceil(1.6 * sqrt((double)degree) / ratio) + 1);
  last = fmax(last, (double)order);
  if (!(last < MOST))
    return assay_fail(context, ASSAY_PRECISION, "degree %zu, R/sigma = %g: more than %d derivatives are needed", degree,
                      ratio, MOST);
  derivative_bounds bounds = {.count = (size_t)last + 1};
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, bounds.count, sizeof(iv), "derivative bounds", context);
  if (status) return status;
  bounds.b = memory;
  if (bound == ASSAY_GMM_BOUND_LINE)
    fill_line(&bounds, s);
  else
    status = fill_cumulants(&bounds, s, context);
  if (status)
    free(memory);
  else
    *out = bounds;
  return status;
}

void derivative_bounds_clear(derivative_bounds *bounds) { free(bounds->b); }

iv derivative_tail(iv_scope *s, const derivative_bounds *bounds, iv ratio, size_t degree, size_t j) {
  iv one = iv_ui(s, 1), square = iv_sqr(s, ratio);
  mpfi_ptr value = iv_new(s), least = iv_new(s);
  mpfi_set(value, iv_mul(s, iv_sqr(s, bounds->b[j]), iv_pow_ui(s, square, j)));
  mpfi_set(least, value);
  for (size_t L = j; L + 1 < bounds->count && L < degree; L++) {
    size_t mark = iv_mark(s);
    iv factor = iv_mul(s, iv_sqr(s, iv_div(s, bounds->b[L + 1], bounds->b[L])), square);
    factor = iv_div(s, factor, iv_ui(s, degree - L));
    bool risen = iv_less(one, factor) == IV_TRUE;
    mpfi_mul(value, value, factor);
    mpfi_set(least, iv_min(s, least, value));
    iv_release(s, mark);
    if (risen) break;
  }
  return least;
}
