#include "reference/core/rational.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Digits without their point, with the number of them that stood behind it. */
static void set_mantissa(mpz_ptr out, size_t *fraction_digits, const char *text) {
  bool behind_point = false;
  mpz_set_ui(out, 0);
  *fraction_digits = 0;
  for (; *text && *text != 'e' && *text != 'E'; text++) {
    if (*text == '.') {
      behind_point = true;
      continue;
    }
    mpz_mul_ui(out, out, 10);
    mpz_add_ui(out, out, (unsigned long)(*text - '0'));
    *fraction_digits += behind_point;
  }
}

/* A decimal that assay_real_parse has accepted: a nonzero one lies in the range of doubles, so its power of ten is
 * no larger than its own length allows. */
static void set_decimal(mpq_ptr out, const char *text) {
  bool negative = text[0] == '-';
  text += text[0] == '-' || text[0] == '+';
  size_t fraction_digits = 0;
  set_mantissa(mpq_numref(out), &fraction_digits, text);
  mpz_set_ui(mpq_denref(out), 1);
  if (!mpz_sgn(mpq_numref(out))) return;
  const char *mark = strpbrk(text, "eE");
  long exponent = (mark ? strtol(mark + 1, NULL, 10) : 0) - (long)fraction_digits;
  mpz_t power;
  mpz_init(power);
  mpz_ui_pow_ui(power, 10, (unsigned long)labs(exponent));
  mpz_ptr scaled = exponent < 0 ? mpq_denref(out) : mpq_numref(out);
  mpz_mul(scaled, scaled, power);
  mpz_clear(power);
  if (negative) mpq_neg(out, out);
  mpq_canonicalize(out);
}

static void set_ratio(mpq_ptr out, const char *text, const char *slash) {
  const char *denominator = slash + 1;
  size_t ignored = 0;
  bool negative = (text[0] == '-') != (denominator[0] == '-');
  text += text[0] == '-' || text[0] == '+';
  denominator += denominator[0] == '-' || denominator[0] == '+';
  mpz_set_ui(mpq_numref(out), 0);
  for (; text < slash; text++) {
    mpz_mul_ui(mpq_numref(out), mpq_numref(out), 10);
    mpz_add_ui(mpq_numref(out), mpq_numref(out), (unsigned long)(*text - '0'));
  }
  set_mantissa(mpq_denref(out), &ignored, denominator);
  mpq_canonicalize(out);
  if (negative) mpq_neg(out, out);
}

assay_status rational_set(mpq_ptr out, assay_real value, const char *name, assay_context *context) {
  if (!value.exact) {
    if (!isfinite(value.nearest))
      return assay_fail(context, ASSAY_INVALID, "%s: %g is not finite", name, value.nearest);
    mpq_set_d(out, value.nearest);
    return ASSAY_OK;
  }
  assay_real parsed;
  assay_status status = assay_real_parse(&parsed, value.exact, true, name, context);
  if (status) return status;
  const char *slash = strchr(value.exact, '/');
  if (slash)
    set_ratio(out, value.exact, slash);
  else
    set_decimal(out, value.exact);
  return ASSAY_OK;
}
