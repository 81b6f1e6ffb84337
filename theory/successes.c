#include "theory/successes.h"

enum { BITS = 128, PARTS = 1024 };

/* Terms binomial(trials, i) p^i (1-p)^(trials-i), each from the one before. */
iv successes_below(iv_scope *s, size_t trials, size_t count, iv p) {
  iv fails = iv_sub(s, iv_si(s, 1), p), odds = iv_div(s, p, fails), sum = iv_si(s, 0);
  iv term = iv_pow_ui(s, fails, trials);
  for (size_t i = 0; i < count; i++) {
    sum = iv_add(s, sum, term);
    term = iv_mul(s, iv_mul(s, term, odds), iv_ratio(s, (long)(trials - i), (long)(i + 1)));
  }
  return sum;
}

/* Certainly at most `most`. */
static bool within(iv probability, iv most) { return iv_less(most, probability) == IV_FALSE; }

size_t successes_least(size_t trials, assay_real p, double delta) {
  iv_scope *s = iv_scope_new(BITS);
  iv chance = iv_real(s, p), most = iv_d(s, delta);
  size_t k = 0;
  for (bool more = true; more && k < trials;) {
    size_t mark = iv_mark(s);
    more = within(successes_below(s, trials, k + 1, chance), most);
    k += more;
    iv_release(s, mark);
  }
  iv_scope_free(s);
  return k;
}

/* P(X >= count) at probability p is P(Y < trials - count + 1) for the failures Y at 1 - p. */
double successes_proved(size_t trials, size_t count, double delta) {
  iv_scope *s = iv_scope_new(BITS);
  iv most = iv_d(s, delta);
  long low = 0, high = PARTS;
  while (high - low > 1) {
    size_t mark = iv_mark(s);
    long middle = (low + high) / 2;
    iv fails = iv_ratio(s, PARTS - middle, PARTS);
    if (count > 0 && within(successes_below(s, trials, trials - count + 1, fails), most))
      low = middle;
    else
      high = middle;
    iv_release(s, mark);
  }
  iv_scope_free(s);
  return (double)low / PARTS;
}
