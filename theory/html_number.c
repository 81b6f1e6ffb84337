#include "theory/html.h"

#include "reference/core/interval.h"
#include "theory/compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LEAST_DIGITS = 4, MOST_DIGITS = 10 };

/* "-1.25e-05" becomes "-1.25e-5", with a minus sign of full width in front. */
static void put_parts(assay_text *text, const char *digits) {
  if (*digits == '-') {
    assay_text_add(text, "\xe2\x88\x92");
    digits++;
  }
  const char *exponent = strchr(digits, 'e');
  size_t mantissa = exponent ? (size_t)(exponent - digits) : strlen(digits);
  for (size_t i = 0; i < mantissa; i++) assay_text_bytes(text, digits[i] == ',' ? "." : &digits[i], 1);
  if (!exponent) return;
  const char *first = exponent + 2;
  while (*first == '0' && first[1]) first++;
  assay_text_add(text, exponent[1] == '-' ? "e\xe2\x88\x92" : "e");
  assay_text_add(text, first);
}

void assay_html_number(assay_text *text, double value, int digits) {
  char buffer[64];
  if (isnan(value)) {
    assay_text_add(text, "none");
  } else if (isinf(value)) {
    assay_text_add(text, value > 0 ? "unbounded" : "\xe2\x88\x92unbounded");
  } else {
    double size = fabs(value);
    bool plain = size == 0 || (size >= 1e-4 && size < 1e6 && size < pow(10, digits + 2));
    value += 0.0; /* no minus before a zero */
    (void)snprintf(buffer, sizeof buffer, "%.*g", digits, value);
    if (!plain && !strchr(buffer, 'e')) (void)snprintf(buffer, sizeof buffer, "%.*e", digits - 1, value);
    if (plain && strchr(buffer, 'e')) (void)snprintf(buffer, sizeof buffer, "%.0f", value);
    put_parts(text, buffer);
  }
}

void assay_html_enclosure(assay_text *text, mpfi_srcptr enclosure, int digits) {
  if (assay_enclosure_usable(enclosure))
    assay_html_number(text, iv_mid_d(enclosure), digits);
  else
    assay_text_add(text, "undefined");
}

int assay_html_digits(double value, double step) {
  if (!isfinite(value) || !isfinite(step) || value == 0 || step <= 0) return LEAST_DIGITS;
  double digits = ceil(log10(fabs(value) / step)) + 2;
  return (int)fmin(fmax(digits, LEAST_DIGITS), MOST_DIGITS);
}
