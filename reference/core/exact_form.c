#include "reference/core/exact_form.h"

#include <stdlib.h>

void exact_form_init(exact_form *out, size_t count) {
  *out = (exact_form){.count = count, .center = malloc(2 * count * sizeof *out->center)};
  if (!out->center) abort(); /* as GMP does: the caller has checked the sizes against the cap */
  out->radius = out->center + count;
  for (size_t i = 0; i < 2 * count; i++) mpz_init(out->center[i]);
  mpz_inits(out->sum, out->reach, out->end, (mpz_ptr)NULL);
}

void exact_form_clear(exact_form *form) {
  for (size_t i = 0; i < 2 * form->count; i++) mpz_clear(form->center[i]);
  free(form->center);
  mpz_clears(form->sum, form->reach, form->end, (mpz_ptr)NULL);
}

/* ---- coefficients ---- */

static void raise_top(long *top, bool *any, mpfr_srcptr end) {
  if (!mpfr_regular_p(end)) return;
  if (!*any || mpfr_get_exp(end) > *top) *top = mpfr_get_exp(end);
  *any = true;
}

/* value 2^-unit, rounded to a whole number. */
static void whole(mpz_ptr out, mpfr_srcptr value, long unit, mpfr_rnd_t round) {
  mpfr_t scaled;
  mpfr_init2(scaled, mpfr_get_prec(value));
  mpfr_mul_2si(scaled, value, -unit, round);
  mpfr_get_z(out, scaled, round);
  mpfr_clear(scaled);
}

void exact_form_set(exact_form *form, const iv *coefficient, long bits) {
  long top = 0;
  bool any = false;
  form->finite = true;
  for (size_t i = 0; i < form->count; i++) {
    form->finite = form->finite && iv_finite(coefficient[i]);
    raise_top(&top, &any, &coefficient[i]->left);
    raise_top(&top, &any, &coefficient[i]->right);
  }
  if (!form->finite) return;
  form->unit = top - bits;
  for (size_t i = 0; i < form->count; i++) {
    whole(form->center[i], &coefficient[i]->left, form->unit, MPFR_RNDD);
    whole(form->radius[i], &coefficient[i]->right, form->unit, MPFR_RNDU);
    mpz_sub(form->radius[i], form->radius[i], form->center[i]);
  }
}

/* ---- sums ---- */

void exact_form_start(exact_form *form) {
  mpz_set_ui(form->sum, 0);
  mpz_set_ui(form->reach, 0);
}

void exact_form_add(exact_form *form, size_t i, mpz_srcptr value) {
  mpz_addmul(form->sum, form->center[i], value);
  (mpz_sgn(value) < 0 ? mpz_submul : mpz_addmul)(form->reach, form->radius[i], value);
}

void exact_form_value(mpfi_ptr out, exact_form *form, long exponent) {
  if (!form->finite) {
    mpfr_set_nan(&out->left);
    mpfr_set_nan(&out->right);
    return;
  }
  mpz_sub(form->end, form->sum, form->reach);
  mpfr_set_z_2exp(&out->left, form->end, form->unit + exponent, MPFR_RNDD);
  mpz_add(form->end, form->sum, form->reach);
  mpfr_set_z_2exp(&out->right, form->end, form->unit + exponent, MPFR_RNDU);
}
