/* Any text as a number: accepted exactly when it is one in a double's range. Its nearest double is the nearest one,
 * ties to even, by exact rational arithmetic; the reference's interval encloses it and its rational equals it. The
 * oracle reads numbers its own way: POSIX regular expressions and GMP's mpz_set_str. */
#include "fuzz.h"
#include "reference/core/interval.h"
#include "reference/core/rational.h"

#include <float.h>
#include <math.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include <gmp.h>
#include <mpfr.h>

typedef enum { NO_NUMBER, DIVIDES_BY_ZERO, IN_RANGE, HUGE_POWER } kind;

static bool matches(const char *text, const char *pattern) {
  regex_t expression;
  if (regcomp(&expression, pattern, REG_EXTENDED | REG_NOSUB) != 0) abort();
  bool found = regexec(&expression, text, 0, NULL, 0) == 0;
  regfree(&expression);
  return found;
}

static void set_integer(mpz_ptr out, const char *digits, size_t length) {
  char *copy = strndup(digits, length);
  if (!copy || (length && mpz_set_str(out, copy + (*copy == '+'), 10) != 0)) abort();
  if (!length) mpz_set_ui(out, 0);
  free(copy);
}

static kind set_ratio(mpq_ptr out, const char *text) {
  const char *slash = strchr(text, '/');
  set_integer(mpq_numref(out), text, (size_t)(slash - text));
  set_integer(mpq_denref(out), slash + 1, strlen(slash + 1));
  if (mpz_sgn(mpq_denref(out)) == 0) return DIVIDES_BY_ZERO;
  mpq_canonicalize(out);
  return IN_RANGE;
}

/* out *= 10^power. */
static void scale(mpq_ptr out, long power) {
  mpq_t ten;
  mpq_init(ten);
  mpz_ui_pow_ui(mpq_numref(ten), 10, (unsigned long)labs(power));
  if (power < 0)
    mpq_div(out, out, ten);
  else
    mpq_mul(out, out, ten);
  mpq_clear(ten);
}

/* [sign] whole [. fraction] [e power] = sign (whole fraction) 10^(power - digits of the fraction). */
static kind set_decimal(mpq_ptr out, const char *text) {
  enum { POWER_MAX = 9999 }; /* no input is long enough to bring such a power back into range */
  bool negative = *text == '-';
  text += *text == '-' || *text == '+';
  size_t whole = strcspn(text, ".eE");
  const char *fraction = text + whole + (text[whole] == '.');
  size_t digits = strcspn(fraction, "eE");
  set_integer(mpq_numref(out), text, whole);
  mpz_set_ui(mpq_denref(out), 1);
  scale(out, (long)digits);
  mpq_t tail;
  mpq_init(tail);
  set_integer(mpq_numref(tail), fraction, digits);
  mpq_add(out, out, tail);
  mpq_clear(tail);
  if (negative) mpq_neg(out, out);
  if (mpq_sgn(out) == 0) return IN_RANGE;
  const char *power = fraction + digits;
  power += *power != '\0';
  long value = strtol(power, NULL, 10);
  if (value > POWER_MAX || value < -POWER_MAX) return HUGE_POWER;
  scale(out, value - (long)digits);
  return IN_RANGE;
}

static kind read_exactly(mpq_ptr out, const char *text) {
  if (matches(text, "^[+-]?[0-9]+/[+-]?[0-9]+$")) return set_ratio(out, text);
  if (matches(text, "^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?$")) return set_decimal(out, text);
  return NO_NUMBER;
}

/* Is |exact| at least the midpoint of two doubles (the upper one 2^1024 beyond the last)? sign of |exact| - midpoint.
 */
static int compare_to_midpoint(mpq_srcptr exact, double low, double high) {
  mpq_t middle, other, size;
  mpq_inits(middle, other, size, NULL);
  mpq_set_d(middle, low);
  if (isinf(high)) {
    mpq_set_ui(other, 1, 1);
    mpq_mul_2exp(other, other, DBL_MAX_EXP);
  } else {
    mpq_set_d(other, high);
  }
  mpq_add(middle, middle, other);
  mpq_div_2exp(middle, middle, 1);
  mpq_abs(size, exact);
  int order = mpq_cmp(size, middle);
  mpq_clears(middle, other, size, NULL);
  return order;
}

static bool is_even(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return (bits & 1) == 0;
}

static void check_nearest(double nearest, mpq_srcptr exact, const assay_context *context) {
  double size = fabs(nearest);
  fuzz_check(size == 0 ? mpq_sgn(exact) == 0 : (nearest > 0) == (mpq_sgn(exact) > 0), "its sign", context);
  if (size == 0) return;
  int above = compare_to_midpoint(exact, size, nextafter(size, INFINITY));
  int below = compare_to_midpoint(exact, nextafter(size, 0), size);
  fuzz_check(above < 0 || (above == 0 && is_even(size)), "no double above is nearer", context);
  fuzz_check(below > 0 || (below == 0 && is_even(size)), "no double below is nearer", context);
}

static void check_enclosure(assay_real real, mpq_srcptr exact, long bits, const assay_context *context) {
  iv_scope *s = iv_scope_new(bits);
  iv enclosure = iv_real(s, real);
  fuzz_check(mpfr_cmp_q(&enclosure->left, exact) <= 0 && mpfr_cmp_q(&enclosure->right, exact) >= 0,
             "the interval encloses the number", context);
  iv_scope_free(s);
}

static void check_rational(assay_real real, mpq_srcptr exact, assay_context *context) {
  mpq_t read;
  mpq_init(read);
  fuzz_check(rational_set(read, real, "number", context) == ASSAY_OK && mpq_equal(read, exact),
             "the reference's rational is the number", context);
  mpq_clear(read);
}

static void check_accepted(assay_real real, const char *text, bool keep_decimal, kind expected, mpq_srcptr exact,
                           assay_context *context) {
  fuzz_check(expected == IN_RANGE, "only numbers are accepted", context);
  fuzz_check(isfinite(real.nearest), "the nearest double is finite", context);
  check_nearest(real.nearest, exact, context);
  bool keeps = keep_decimal || strchr(text, '/');
  fuzz_check(keeps ? real.exact == text : real.exact == NULL, "ratios, and decimals when asked, keep their text",
             context);
  if (!keeps) return;
  check_enclosure(real, exact, 53, context);
  check_enclosure(real, exact, 200, context);
  check_rational(real, exact, context);
}

static void check_refused(kind expected, mpq_srcptr exact, const assay_context *context) {
  if (expected != IN_RANGE) return;
  fuzz_check(mpq_sgn(exact) != 0, "zero is a number", context);
  bool overflows = compare_to_midpoint(exact, DBL_MAX, INFINITY) >= 0;
  bool underflows = compare_to_midpoint(exact, 0, 0x1p-1074) <= 0;
  fuzz_check(overflows || underflows, "a number in range is accepted", context);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = malloc(size + 1);
  if (!text) abort();
  if (size) memcpy(text, data, size);
  text[size] = '\0';
  mpq_t exact;
  mpq_init(exact);
  kind expected = read_exactly(exact, text);
  for (int keep = 0; keep < 2; keep++) {
    assay_context context;
    assay_context_init(&context);
    assay_real real = {NAN, text};
    assay_status status = assay_real_parse(&real, text, keep == 1, "number", &context);
    if (status == ASSAY_OK) {
      check_accepted(real, text, keep == 1, expected, exact, &context);
    } else {
      fuzz_check(status == ASSAY_INVALID && context.message[0], "a refusal is invalid and says why", &context);
      fuzz_check(isnan(real.nearest) && real.exact == text, "a refusal leaves the number untouched", &context);
      check_refused(expected, exact, &context);
    }
  }
  mpq_clear(exact);
  free(text);
  return 0;
}
