/* With y = sqrt(kappa) Im z, |y| < pi/2:
 *   |tanh(x + iy)|^2 = (sinh^2 x + sin^2 y)/(sinh^2 x + cos^2 y) <= max(1, tan^2 y),
 *   |sech(x + iy)|^2 = 1/(sinh^2 x + cos^2 y) <= 1/cos^2 y. */
#include "reference/flow_dae/overlap.h"

#include "reference/core/quadrature.h"

#include <math.h>

typedef struct {
  iv kappa, root;
} overlap;

/* sqrt(kappa) times the strip stays below this: near enough to pi/2 for few nodes, far enough for a small bound. */
static const double WIDEST = 1.45;

/* Beyond this root of kappa steps would leave the range of doubles; exp(-kappa/2) has long underflowed to [0, tiny]. */
static const double HUGE_ROOT = 0x1p800;

static iv strip_of(iv_scope *s, const overlap *o, long target_bits) {
  return iv_lower(s, iv_min(s, quadrature_strip(s, target_bits), iv_div(s, iv_d(s, WIDEST), iv_upper(s, o->root))));
}

static iv argument(iv_scope *s, iv x, const overlap *o) { return iv_add(s, o->kappa, iv_mul(s, o->root, x)); }

static iv tanh_value(iv_scope *s, iv x, const void *self) { return iv_tanh(s, argument(s, x, self)); }

static iv tanh_square_value(iv_scope *s, iv x, const void *self) { return iv_sqr(s, iv_tanh(s, argument(s, x, self))); }

static iv at_most_one(iv_scope *s, iv cut, const void *self) {
  (void)cut, (void)self;
  return iv_ui(s, 1);
}

static iv sech_value(iv_scope *s, iv x, const void *self) {
  const overlap *o = self;
  return iv_inv(s, iv_cosh(s, iv_mul(s, o->root, x)));
}

static iv sech_beyond(iv_scope *s, iv cut, const void *self) { return iv_upper(s, sech_value(s, cut, self)); }

static overlap overlap_of(iv_scope *s, iv kappa) { return (overlap){kappa, iv_sqrt(s, kappa)}; }

iv overlap_square(iv_scope *s, iv kappa, long target_bits) {
  if (iv_is_zero(kappa)) return iv_ui(s, 0);
  overlap o = overlap_of(s, kappa);
  iv strip = strip_of(s, &o, target_bits), tangent = iv_tan(s, iv_mul(s, strip, iv_upper(s, o.root)));
  gaussian_integrand g = {
      tanh_square_value, at_most_one, strip, iv_max(s, iv_ui(s, 1), iv_sqr(s, tangent)), &o, NULL, NULL};
  return quadrature_normal(s, &g, target_bits);
}

iv overlap_mean(iv_scope *s, iv kappa, long target_bits) {
  if (iv_is_zero(kappa)) return iv_ui(s, 0);
  overlap o = overlap_of(s, kappa);
  iv strip = strip_of(s, &o, target_bits), tangent = iv_tan(s, iv_mul(s, strip, iv_upper(s, o.root)));
  gaussian_integrand g = {tanh_value, at_most_one, strip, iv_max(s, iv_ui(s, 1), tangent), &o, NULL, NULL};
  return quadrature_normal(s, &g, target_bits);
}

iv overlap_gap(iv_scope *s, iv kappa, long target_bits, const char *task, assay_context *context) {
  if (iv_is_zero(kappa)) return iv_ui(s, 1);
  overlap o = overlap_of(s, kappa);
  iv factor = iv_exp(s, iv_mul_2si(s, iv_neg(s, kappa), -1));
  if (!(iv_upper_d(o.root) < HUGE_ROOT)) return iv_mul(s, factor, iv_hull(s, iv_ui(s, 0), iv_ui(s, 1)));
  iv strip = strip_of(s, &o, target_bits);
  iv bound = iv_inv(s, iv_cos(s, iv_mul(s, strip, iv_upper(s, o.root))));
  gaussian_integrand g = {sech_value, sech_beyond, strip, bound, &o, task, context};
  /* E sech(sqrt(kappa) Z) >= E exp(-sqrt(kappa) |Z|) >= 1/(2 (1 + sqrt(kappa))): an absolute error so much smaller */
  long magnitude = (long)ceil(log2(1 + iv_upper_d(o.root))) + 1;
  iv spread = quadrature_normal(s, &g, target_bits + magnitude);
  return spread ? iv_mul(s, factor, spread) : NULL;
}
