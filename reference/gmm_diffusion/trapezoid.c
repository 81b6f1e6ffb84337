#include "reference/gmm_diffusion/trapezoid.h"

#include <math.h>

static const double MOST_NODES = 0x1p22;

iv trapezoid_step(iv_scope *s, const trapezoid *rule) { return trapezoid_node(s, rule, 1); }

iv trapezoid_node(iv_scope *s, const trapezoid *rule, long k) {
  return iv_mul_2si(s, iv_si(s, k * rule->step), rule->exponent);
}

iv trapezoid_error(iv_scope *rough, const trapezoid *rule, const trapezoid_integrand *f) {
  iv h = trapezoid_step(rough, rule), cut = trapezoid_node(rough, rule, rule->nodes);
  iv decay = iv_div(rough, iv_mul_2si(rough, iv_mul(rough, iv_pi(rough), f->strip), 1), h);
  iv aliased = iv_div(rough, iv_mul_2si(rough, f->mass, 1), iv_expm1(rough, decay));
  return iv_upper(rough, iv_add(rough, aliased, f->beyond(rough, cut, f->self)));
}

/* 2 M/(exp(2 pi a/h) - 1) <= 2^-(target_bits + 1), up to rounding h down to eight bits. */
static void choose_step(trapezoid *out, iv_scope *rough, const trapezoid_integrand *f, long target_bits) {
  enum { STEP_BITS = 8 };
  iv decay = iv_log1p(rough, iv_mul_2si(rough, f->mass, target_bits + 2));
  int exponent = 0;
  double h = iv_lower_d(iv_div(rough, iv_mul_2si(rough, iv_mul(rough, iv_pi(rough), f->strip), 1), decay));
  out->step = (long)floor(ldexp(frexp(h, &exponent), STEP_BITS));
  out->exponent = (long)exponent - STEP_BITS;
}

/* beyond(cut) <= 2^-(target_bits + 1): doubling from 1, then a few bisections. */
static double choose_cut(iv_scope *rough, const trapezoid_integrand *f, long target_bits) {
  const double farthest = 0x1p40; /* ends the search; too many nodes by then */
  iv target = iv_mul_2si(rough, iv_ui(rough, 1), -(target_bits + 1));
  double cut = 1;
  while (cut < farthest && iv_less(f->beyond(rough, iv_d(rough, cut), f->self), target) != IV_TRUE) cut *= 2;
  double low = cut / 2;
  for (int i = 0; i < 5; i++) {
    double middle = (low + cut) / 2;
    if (iv_less(f->beyond(rough, iv_d(rough, middle), f->self), target) == IV_TRUE)
      cut = middle;
    else
      low = middle;
  }
  return cut;
}

bool trapezoid_choose(trapezoid *out, iv_scope *rough, const trapezoid_integrand *f, long target_bits) {
  choose_step(out, rough, f, target_bits);
  double h = ldexp((double)out->step, (int)out->exponent);
  double nodes = ceil(choose_cut(rough, f, target_bits) / h);
  if (!(nodes <= MOST_NODES)) return false;
  out->nodes = (long)nodes;
  return true;
}

iv trapezoid_strip(iv_scope *rough, iv radius, long target_bits) {
  const double part = 0.93 * 1.5707963; /* below pi/2: 1/cos stays below 10 */
  double rewarded = sqrt(2 * log(2) * (double)target_bits), reach = iv_upper_d(radius);
  return iv_d(rough, reach * rewarded <= part ? rewarded : part / reach);
}
