#include "reference/core/decimal.h"

#include "reference/core/rounding.h"

#include <assay/reference.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- doubles ---- */

static double nearest_double(mpfr_srcptr value, int side) {
  return rounded_double(rounding_of_end(value, side, ROUNDING_DOUBLE));
}

bool enclosure_nearest(double *out, mpfi_srcptr enclosure, bool above_lower, bool below_upper) {
  if (!iv_finite(enclosure)) return false;
  double low = nearest_double(&enclosure->left, above_lower ? 1 : 0);
  if (low != nearest_double(&enclosure->right, below_upper ? -1 : 0)) return false;
  *out = low;
  return true;
}

assay_status assay_enclosure_double(double *out, mpfi_srcptr enclosure, assay_context *context) {
  if (enclosure_nearest(out, enclosure, false, false)) return ASSAY_OK;
  return assay_fail(context, ASSAY_PRECISION,
                    "enclosure of width %.3g around %.17g: its ends round to different doubles", iv_width_d(enclosure),
                    iv_mid_d(enclosure));
}

/* ---- decimals ---- */

typedef enum { DOWN, UP, TO_NEAREST } direction;

/* 0.d1 d2 ... dn 10^exponent with its sign; digits NULL for 0. */
typedef struct {
  bool negative;
  char *digits;
  mpfr_exp_t exponent;
} decimal;

static bool same_decimal(decimal a, decimal b) {
  if (!a.digits || !b.digits) return !a.digits && !b.digits;
  return a.negative == b.negative && a.exponent == b.exponent && !strcmp(a.digits, b.digits);
}

/* n >= 2 digits of |value|. */
static char *magnitude_digits(mpfr_exp_t *exponent, mpfr_srcptr value, size_t n, mpfr_rnd_t rounding) {
  char *text = mpfr_get_str(NULL, exponent, 10, n, value, rounding);
  if (!text) return NULL;
  char *copy = malloc(n + 1);
  if (copy) {
    memcpy(copy, text + (text[0] == '-'), n);
    copy[n] = '\0';
  }
  mpfr_free_str(text);
  return copy;
}

/* One more in the last of n places: 199 -> 200, 999 -> 100 with the exponent raised. */
static void increment(decimal *value, size_t n) {
  size_t i = n;
  while (i > 0 && value->digits[i - 1] == '9') value->digits[--i] = '0';
  if (i > 0) {
    value->digits[i - 1]++;
    return;
  }
  value->digits[0] = '1';
  value->exponent++;
}

/* Away from zero after a cut to n digits? `cut` has one digit more, and all of the number if `exact`. Ties go to an
 * even last digit. */
static bool rounds_away(const decimal *cut, size_t n, bool exact, direction rounding) {
  char next = cut->digits[n];
  if (rounding != TO_NEAREST) return (rounding == DOWN) == cut->negative && (next != '0' || !exact);
  if (next != '5') return next > '5';
  return !exact || (cut->digits[n - 1] - '0') % 2;
}

/* `value` to n significant decimals; false without memory. */
static bool decimal_set(decimal *out, mpfr_srcptr value, size_t n, direction rounding) {
  *out = (decimal){.negative = mpfr_sgn(value) < 0};
  if (mpfr_zero_p(value)) return true;
  mpfr_exp_t away_exponent = 0;
  char *away = magnitude_digits(&away_exponent, value, n + 1, MPFR_RNDA);
  out->digits = magnitude_digits(&out->exponent, value, n + 1, MPFR_RNDZ);
  if (!away || !out->digits) {
    free(away);
    free(out->digits);
    out->digits = NULL;
    return false;
  }
  bool exact = away_exponent == out->exponent && !strcmp(out->digits, away);
  free(away);
  bool up = rounds_away(out, n, exact, rounding);
  out->digits[n] = '\0';
  if (up) increment(out, n);
  return true;
}

/* d.ddd 10^e is written plainly for e in [LOWEST, HIGHEST]. */
enum { LOWEST_PLAIN = -5, HIGHEST_PLAIN = 20, LONGEST_FRAME = 64 };

static void append(char **end, const char *text, size_t length) {
  memcpy(*end, text, length);
  *end += length;
}

static void append_zeros(char **end, long count) {
  for (; count > 0; count--) *(*end)++ = '0';
}

static void write_plain(char **end, const char *digits, size_t n, long exponent) {
  size_t integer_digits = exponent < 0 ? 0 : (size_t)exponent + 1;
  if (!integer_digits) {
    append(end, "0.", 2);
    append_zeros(end, -exponent - 1);
    append(end, digits, n);
    return;
  }
  size_t kept = n < integer_digits ? n : integer_digits;
  append(end, digits, kept);
  append_zeros(end, (long)(integer_digits - kept));
  if (n == kept) return;
  append(end, ".", 1);
  append(end, digits + kept, n - kept);
}

static void write_scientific(char **end, const char *digits, size_t n, long exponent) {
  append(end, digits, 1);
  if (n > 1) append(end, ".", 1);
  append(end, digits + 1, n - 1);
  *end += sprintf(*end, "e%ld", exponent);
}

/* NULL without memory. */
static char *decimal_text(const decimal *value) {
  size_t n = value->digits ? strlen(value->digits) : 1;
  char *text = malloc(n + LONGEST_FRAME), *end = text;
  if (!text) return NULL;
  long exponent = (long)value->exponent - 1;
  if (value->negative) append(&end, "-", 1);
  if (!value->digits)
    append(&end, "0", 1);
  else if (exponent >= LOWEST_PLAIN && exponent <= HIGHEST_PLAIN)
    write_plain(&end, value->digits, n, exponent);
  else
    write_scientific(&end, value->digits, n, exponent);
  *end = '\0';
  return text;
}

static assay_status check_request(mpfi_srcptr enclosure, size_t digits, assay_context *context) {
  if (digits < 1) return assay_fail(context, ASSAY_INVALID, "digits: 0; at least 1 is expected");
  if (digits > SIZE_MAX / 4 || (context->memory_cap && 4 * digits > context->memory_cap))
    return assay_fail(context, ASSAY_MEMORY, "digits: %zu exceed the memory cap", digits);
  if (!iv_finite(enclosure)) return assay_fail(context, ASSAY_PRECISION, "enclosure: an end is not a finite number");
  return ASSAY_OK;
}

/* Both ends as text, each rounded its own way. */
typedef struct {
  char *lower, *upper;
  bool equal; /* the same decimal */
} ends;

static bool write_ends(ends *out, mpfi_srcptr enclosure, size_t digits, direction lower_way, direction upper_way) {
  decimal lower = {0}, upper = {0};
  ends text = {0};
  if (decimal_set(&lower, &enclosure->left, digits, lower_way) &&
      decimal_set(&upper, &enclosure->right, digits, upper_way))
    text = (ends){decimal_text(&lower), decimal_text(&upper), same_decimal(lower, upper)};
  free(lower.digits);
  free(upper.digits);
  if (text.lower && text.upper) {
    *out = text;
    return true;
  }
  free(text.lower);
  free(text.upper);
  return false;
}

static assay_status no_memory(size_t digits, assay_context *context) {
  return assay_fail(context, ASSAY_MEMORY, "digits: no memory for %zu decimals", digits);
}

assay_status assay_enclosure_decimal(char **out, mpfi_srcptr enclosure, size_t digits, assay_context *context) {
  assay_status status = check_request(enclosure, digits, context);
  if (status) return status;
  ends text;
  if (!write_ends(&text, enclosure, digits, TO_NEAREST, TO_NEAREST)) return no_memory(digits, context);
  if (text.equal) {
    *out = text.lower;
  } else {
    status = assay_fail(context, ASSAY_PRECISION, "enclosure: its ends round to %.60s and %.60s at %zu digits",
                        text.lower, text.upper, digits);
    free(text.lower);
  }
  free(text.upper);
  return status;
}

assay_status assay_enclosure_outward(char **lower, char **upper, mpfi_srcptr enclosure, size_t digits,
                                     assay_context *context) {
  assay_status status = check_request(enclosure, digits, context);
  if (status) return status;
  ends text;
  if (!write_ends(&text, enclosure, digits, DOWN, UP)) return no_memory(digits, context);
  *lower = text.lower;
  *upper = text.upper;
  return ASSAY_OK;
}
