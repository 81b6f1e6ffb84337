/* Reals as their users gave them. MPFR serves to find the nearest double of an exact string, no more. */
#include <assay/model.h>

#include <math.h>
#include <mpfr.h>
#include <stdlib.h>
#include <string.h>

assay_real assay_real_of(double value) { return (assay_real){.nearest = value, .exact = NULL}; }

/* Longest decimal at `text`: its length, 0 if there is none. */
static size_t decimal_length(const char *text, bool integer_only) {
  size_t i = text[0] == '+' || text[0] == '-';
  size_t digits = strspn(text + i, "0123456789");
  i += digits;
  if (integer_only) return digits ? i : 0;
  if (text[i] == '.') {
    size_t fraction = strspn(text + i + 1, "0123456789");
    digits += fraction;
    i += 1 + fraction;
  }
  if (!digits) return 0;
  if (text[i] == 'e' || text[i] == 'E') {
    size_t sign = text[i + 1] == '+' || text[i + 1] == '-';
    size_t exponent = strspn(text + i + 1 + sign, "0123456789");
    if (exponent) i += 1 + sign + exponent;
  }
  return i;
}

static bool has_nonzero_digit(const char *text, size_t length) {
  for (size_t i = 0; i < length && text[i] != 'e' && text[i] != 'E'; i++)
    if (text[i] >= '1' && text[i] <= '9') return true;
  return false;
}

/* A 53-bit result and its ternary value, brought into a double's exponent range the way MPFR's manual describes, so
 * that subnormals are rounded once. */
static double to_double(mpfr_t value, int inexact) {
  mpfr_exp_t low = mpfr_get_emin(), high = mpfr_get_emax();
  mpfr_set_emin(-1073);
  mpfr_set_emax(1024);
  inexact = mpfr_check_range(value, inexact, MPFR_RNDN);
  mpfr_subnormalize(value, inexact, MPFR_RNDN);
  double r = mpfr_get_d(value, MPFR_RNDN);
  mpfr_set_emin(low);
  mpfr_set_emax(high);
  return r;
}

/* strtod would read the point of the caller's locale; MPFR takes '.' in all of them. */
static double nearest_decimal(const char *text) {
  mpfr_t value;
  mpfr_init2(value, 53);
  double r = to_double(value, mpfr_strtofr(value, text, NULL, 10, MPFR_RNDN));
  mpfr_clear(value);
  return r;
}

static double nearest_ratio(const char *numerator, const char *denominator) {
  mpfr_prec_t bits = (mpfr_prec_t)(4 * (strlen(numerator) + 16)); /* 4 bits a digit: both integers are exact */
  mpfr_t p, q, ratio;
  mpfr_inits2(bits, p, q, (mpfr_ptr)NULL);
  mpfr_init2(ratio, 53);
  mpfr_strtofr(p, numerator, NULL, 10, MPFR_RNDN); /* stops at '/' */
  mpfr_strtofr(q, denominator, NULL, 10, MPFR_RNDN);
  double r = to_double(ratio, mpfr_div(ratio, p, q, MPFR_RNDN));
  mpfr_clears(p, q, ratio, (mpfr_ptr)NULL);
  return r;
}

static assay_status check_range(double nearest, bool nonzero, const char *text, const char *name,
                                assay_context *context) {
  if (isinf(nearest)) return assay_fail(context, ASSAY_INVALID, "%s: '%s' overflows a double", name, text);
  if (nearest == 0 && nonzero) return assay_fail(context, ASSAY_INVALID, "%s: '%s' underflows a double", name, text);
  return ASSAY_OK;
}

static assay_status parse_ratio(assay_real *out, const char *text, size_t slash, const char *name,
                                assay_context *context) {
  const char *denominator = text + slash + 1;
  size_t length = decimal_length(denominator, true);
  if (!slash || decimal_length(text, true) != slash || !length || denominator[length])
    return assay_fail(context, ASSAY_INVALID, "%s: '%s' is not a ratio of two integers", name, text);
  if (!has_nonzero_digit(denominator, length))
    return assay_fail(context, ASSAY_INVALID, "%s: '%s' divides by 0", name, text);
  double nearest = nearest_ratio(text, denominator);
  assay_status status = check_range(nearest, has_nonzero_digit(text, slash), text, name, context);
  if (!status) *out = (assay_real){.nearest = nearest, .exact = text};
  return status;
}

assay_status assay_real_parse(assay_real *out, const char *text, bool keep_decimal, const char *name,
                              assay_context *context) {
  const char *slash = strchr(text, '/');
  if (slash) return parse_ratio(out, text, (size_t)(slash - text), name, context);
  size_t length = decimal_length(text, false);
  if (!length || text[length]) return assay_fail(context, ASSAY_INVALID, "%s: '%s' is not a number", name, text);
  double nearest = nearest_decimal(text);
  assay_status status = check_range(nearest, has_nonzero_digit(text, length), text, name, context);
  if (!status) *out = (assay_real){.nearest = nearest, .exact = keep_decimal ? text : NULL};
  return status;
}

assay_status assay_real_copy(assay_real *out, assay_real in, assay_context *context) {
  assay_real copy = {.nearest = in.nearest, .exact = NULL};
  if (in.exact) {
    void *memory = NULL;
    size_t size = strlen(in.exact) + 1;
    assay_status status = assay_allocate(&memory, size, 1, "exact string", context);
    if (status) return status;
    copy.exact = memcpy(memory, in.exact, size);
  }
  *out = copy;
  return ASSAY_OK;
}

void assay_real_clear(assay_real *real) {
  free((void *)real->exact);
  *real = assay_real_of(0);
}
