#include "theory/flow_dae/growth.h"

/* c = a_t1/a_tt; near t = 0 as it stands, since a_t1 may be 0 there. */
iv growth_skip(iv_scope *s, const fluctuation *f, size_t steps, size_t j) {
  iv alpha = iv_ratio(s, (long)(steps - j), (long)steps), beta = iv_ratio(s, (long)j, (long)steps);
  if (2 * j >= steps) return fluctuation_fit_at(s, f, alpha, beta).c;
  iv at0 = iv_add(s, iv_mul(s, alpha, f->a00), iv_mul(s, beta, f->a01));
  iv at1 = iv_add(s, iv_mul(s, alpha, f->a01), iv_mul(s, beta, f->a11));
  return iv_div(s, at1, iv_add(s, iv_mul(s, alpha, at0), iv_mul(s, beta, at1)));
}

iv growth_factor(iv_scope *s, iv skip, iv step, size_t steps, size_t j) {
  iv over_alpha = iv_div(s, step, iv_ratio(s, (long)(steps - j), (long)steps));
  return iv_add_si(s, iv_mul(s, over_alpha, iv_add_si(s, skip, -1)), 1);
}
