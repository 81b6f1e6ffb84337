#include "rounding_oracle.h"

#include <stdbool.h>

void oracle_round(mpfr_ptr out, mpfr_srcptr value, int precision, long least) {
  if (mpfr_zero_p(value)) {
    mpfr_set_zero(out, 1);
    return;
  }
  long bits = mpfr_get_exp(value) - least;
  if (bits >= 2) {
    mpfr_set_prec(out, bits < precision ? bits : precision);
    mpfr_set(out, value, MPFR_RNDN);
    return;
  }
  /* below twice the least bit: 0, 1 or 2 of it; compare with 1/2 and 3/2, ties to the even ones */
  mpfr_t half;
  mpfr_init2(half, 60);
  mpfr_set_ui_2exp(half, 1, least - 1, MPFR_RNDN);
  bool one = mpfr_cmpabs(value, half) > 0;
  mpfr_mul_ui(half, half, 3, MPFR_RNDN);
  bool two = mpfr_cmpabs(value, half) >= 0;
  mpfr_set_prec(out, 2);
  mpfr_set_ui_2exp(out, two ? 2 : one, least, MPFR_RNDN);
  if (mpfr_sgn(value) < 0) mpfr_neg(out, out, MPFR_RNDN);
  mpfr_clear(half);
}
