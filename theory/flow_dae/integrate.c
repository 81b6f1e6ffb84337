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

static void add_panel(iv_scope *s, const integral *in, iv remainder, double low, double high) {
  mpfi_add(in->sum, in->sum, remainder);
  mpfi_add(in->sum, in->sum, polynomial_part(s, in, low, high));
}

/* From left to right: the panel at hand is halved until it is narrow enough, and `ends` keeps the right ends of the
 * halves put off. Neighbouring panels share the double at which they meet, wherever rounding put it. */
static void add_panels(iv_scope *s, const integral *in, double low, double high) {
  double ends[DEEPEST + 1] = {high};
  int depths[DEEPEST + 1] = {0}; /* of the panels that end there */
  for (int top = 0; top >= 0;) {
    size_t mark = iv_mark(s);
    double end = ends[top];
    iv remainder = remainder_of(s, in, low, end);
    bool accepted = depths[top] == DEEPEST || narrow(s, in, remainder, end - low);
    if (accepted) {
      add_panel(s, in, remainder, low, end);
      low = end;
      top--;
    } else {
      depths[top]++;
      ends[top + 1] = low + (end - low) / 2;
      depths[top + 1] = depths[top];
      top++;
    }
    iv_release(s, mark);
  }
}

iv integrate(iv_scope *s, integrate_series f, const void *self, double low, double high, long target_bits) {
  integral in = {.f = f, .self = self, .length = high - low, .target_bits = target_bits, .sum = iv_new(s)};
  if (low < high) add_panels(s, &in, low, high);
  return in.sum;
}
