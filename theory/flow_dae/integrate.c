/* On a panel c - h..c + h and for even N, f(c + x) = sum_{k < N} f_k(c) x^k + f_N(xi) x^N with xi in the panel, so
 *   int f = sum_{k < N even} 2 f_k(c) h^{k+1}/(k+1) + F 2 h^{N+1}/(N+1),   F in the hull of f_N over the panel. */
#include "theory/flow_dae/integrate.h"

enum { DEEPEST = 20 };

typedef struct {
  integrate_series f;
  const void *self;
  double length; /* of the whole interval: a panel may err by its share */
  long target_bits;
  mpfi_ptr sum;
} integral;

static iv half_width(iv_scope *s, double low, double high) {
  return iv_mul_2si(s, iv_sub(s, iv_d(s, high), iv_d(s, low)), -1);
}

/* F 2 h^{N+1}/(N+1). */
static iv remainder_of(iv_scope *s, const integral *in, double low, double high) {
  iv box = iv_hull(s, iv_d(s, low), iv_d(s, high)), half = half_width(s, low, high);
  iv coefficients[INTEGRATE_ORDER + 1];
  in->f(s, coefficients, box, in->self);
  iv volume = iv_mul_2si(s, iv_pow_ui(s, half, INTEGRATE_ORDER + 1), 1);
  return iv_div(s, iv_mul(s, coefficients[INTEGRATE_ORDER], volume), iv_si(s, INTEGRATE_ORDER + 1));
}

/* Is it narrow enough for a panel of this length? */
static bool narrow(iv_scope *s, const integral *in, iv remainder, double length) {
  iv width = iv_sub(s, iv_upper(s, remainder), iv_lower(s, remainder));
  iv share = iv_div(s, iv_d(s, length), iv_d(s, in->length));
  return iv_less(width, iv_mul_2si(s, share, -in->target_bits)) == IV_TRUE;
}

static iv polynomial_part(iv_scope *s, const integral *in, double low, double high) {
  iv center = iv_mul_2si(s, iv_add(s, iv_d(s, low), iv_d(s, high)), -1), half = half_width(s, low, high);
  iv coefficients[INTEGRATE_ORDER + 1], power = iv_mul_2si(s, half, 1), square = iv_sqr(s, half), sum = iv_si(s, 0);
  in->f(s, coefficients, center, in->self);
  for (long k = 0; k < INTEGRATE_ORDER; k += 2) {
    sum = iv_add(s, sum, iv_div(s, iv_mul(s, coefficients[k], power), iv_si(s, k + 1)));
    power = iv_mul(s, power, square);
  }
  return sum;
}

/* Neighbouring panels share the double at which they meet, wherever rounding put it. */
static void add_panels(iv_scope *s, const integral *in, double low, double high, int depth) {
  size_t mark = iv_mark(s);
  iv remainder = remainder_of(s, in, low, high);
  bool accepted = depth == DEEPEST || narrow(s, in, remainder, high - low);
  if (accepted) {
    mpfi_add(in->sum, in->sum, remainder);
    mpfi_add(in->sum, in->sum, polynomial_part(s, in, low, high));
  }
  iv_release(s, mark);
  if (accepted) return;
  double middle = low + (high - low) / 2;
  add_panels(s, in, low, middle, depth + 1);
  add_panels(s, in, middle, high, depth + 1);
}

iv integrate(iv_scope *s, integrate_series f, const void *self, double low, double high, long target_bits) {
  integral in = {.f = f, .self = self, .length = high - low, .target_bits = target_bits, .sum = iv_new(s)};
  if (low < high) add_panels(s, &in, low, high, 0);
  return in.sum;
}
