#include "tests/reference/arb_bridge.h"

#include <stdio.h>
#include <stdlib.h>

void bridge_set(arb_t out, mpfi_srcptr enclosure) {
  arb_set_interval_mpfr(out, &enclosure->left, &enclosure->right, (slong)mpfi_get_prec(enclosure) + 32);
}

bool bridge_meets(mpfi_srcptr enclosure, const arb_t ball) {
  if (!mpfr_number_p(&enclosure->left) || !mpfr_number_p(&enclosure->right)) return false;
  arb_t ours;
  arb_init(ours);
  bridge_set(ours, enclosure);
  bool meets = arb_overlaps(ours, ball);
  arb_clear(ours);
  return meets;
}

bool bridge_narrow(mpfi_srcptr enclosure, long bits) {
  mpfr_t width;
  mpfr_init2(width, 64);
  mpfr_sub(width, &enclosure->right, &enclosure->left, MPFR_RNDU);
  bool narrow = mpfr_number_p(width) && mpfr_cmp_ui_2exp(width, 1, -bits) <= 0;
  mpfr_clear(width);
  return narrow;
}

static char *next_text(void) {
  enum { TEXTS = 4, LENGTH = 256 };
  static char text[TEXTS][LENGTH];
  static size_t next;
  return text[next++ % TEXTS];
}

const char *bridge_text(mpfi_srcptr enclosure) {
  char *text = next_text();
  mpfr_snprintf(text, 256, "[%.40Rg, %.40Rg]", &enclosure->left, &enclosure->right);
  return text;
}

const char *bridge_ball(const arb_t ball) {
  char *text = next_text(), *decimal = arb_get_str(ball, 40, 0);
  (void)snprintf(text, 256, "%s", decimal);
  flint_free(decimal);
  return text;
}
