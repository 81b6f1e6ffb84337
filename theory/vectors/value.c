#include "theory/vectors/value.h"

#include "reference/core/interval.h"
#include "reference/core/rounding.h"

#include <assay/reference.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_GOAL = 160, LAST_GOAL = 640 };

void vectors_value_clear(vectors_value *value) {
  free(value->lower);
  free(value->upper);
  *value = (vectors_value){0};
}

/* ---- decimals ---- */

/* The decimals of 40 digits next below and above an end. */
static assay_status around(char **below, char **above, mpfr_srcptr end, assay_context *context) {
  mpfi_t point;
  mpfi_init2(point, mpfr_get_prec(end));
  mpfi_set_fr(point, end);
  assay_status status = assay_enclosure_outward(below, above, point, VECTORS_DIGITS, context);
  mpfi_clear(point);
  return status;
}

/* Those around the whole enclosure; *told: its ends lie between the same two. */
static assay_status around_both(char **below, char **above, bool *told, mpfi_srcptr enclosure, assay_context *context) {
  char *left[2] = {NULL, NULL}, *right[2] = {NULL, NULL};
  assay_status status = around(&left[0], &left[1], &enclosure->left, context);
  if (!status) status = around(&right[0], &right[1], &enclosure->right, context);
  if (!status) *told = strcmp(left[0], right[0]) == 0 && strcmp(left[1], right[1]) == 0;
  free(left[1]);
  free(right[0]);
  if (status) {
    free(left[0]);
    free(right[1]);
    return status;
  }
  *below = left[0];
  *above = right[1];
  return ASSAY_OK;
}

/* Wider by 2^-300 of its size, so that what it holds lies strictly inside. */
static void widen(mpfi_ptr out, mpfi_srcptr enclosure) {
  enum { MARGIN = 300 };
  mpfi_t factor;
  mpfi_init2(factor, mpfi_get_prec(out));
  mpfi_set_si(factor, 1);
  mpfi_mul_2si(factor, factor, -MARGIN);
  mpfi_put_si(factor, 0);
  mpfr_neg(&factor->left, &factor->right, MPFR_RNDD);
  mpfi_add_ui(factor, factor, 1);
  mpfi_mul(out, enclosure, factor);
  mpfi_clear(factor);
}

/* At last a decimal of 40 digits is still inside: q is it, or inconceivably near. Its two neighbours hold q anyway. */
static assay_status set_decimals(vectors_value *out, mpfi_srcptr enclosure, bool last, assay_context *context) {
  bool told = false;
  assay_status status = around_both(&out->lower, &out->upper, &told, enclosure, context);
  if (status || told) return status;
  free(out->lower);
  free(out->upper);
  out->lower = out->upper = NULL;
  if (!last || mpfi_has_zero(enclosure)) return assay_fail(context, ASSAY_PRECISION, "its decimals are open");
  mpfi_t wide;
  mpfi_init2(wide, mpfi_get_prec(enclosure));
  widen(wide, enclosure);
  status = around_both(&out->lower, &out->upper, &told, wide, context);
  mpfi_clear(wide);
  return status;
}

/* ---- formats ---- */

static assay_status set_binary32(double *out, mpfi_srcptr enclosure, assay_context *context) {
  static const rounding_rule rule = {.precision = 24, .least = -149};
  rounded value;
  if (!rounding_of_enclosure(&value, enclosure, false, false, rule))
    return assay_fail(context, ASSAY_PRECISION, "its rounding to binary32 is open");
  double nearest = rounded_double(value);
  *out = fabs(nearest) < 0x1p128 ? nearest : copysign(INFINITY, nearest);
  return ASSAY_OK;
}

assay_status vectors_value_set(vectors_value *out, mpfi_srcptr enclosure, bool last, assay_context *context) {
  vectors_value value = {.zero = iv_is_zero(enclosure)};
  assay_status status = assay_enclosure_double(&value.binary64, enclosure, context);
  if (!status) status = set_binary32(&value.binary32, enclosure, context);
  if (!status) status = set_decimals(&value, enclosure, last, context);
  if (status) return status;
  *out = value;
  return ASSAY_OK;
}

assay_status vectors_values(vectors_value *out, size_t count, const char *what,
                            assay_status (*compute)(mpfi_ptr out, const void *self, long goal_bits,
                                                    assay_context *context),
                            const void *self, assay_context *context) {
  mpfi_ptr enclosures = NULL;
  assay_status status = assay_enclosures_init(&enclosures, count, context);
  if (status) return status;
  size_t done = 0;
  for (long goal = FIRST_GOAL; !status && done < count; goal *= 2) {
    status = compute(enclosures, self, goal, context);
    bool last = goal >= LAST_GOAL;
    while (!status && done < count) {
      status = vectors_value_set(&out[done], &enclosures[done], last, context);
      if (!status) done++;
    }
    if (status == ASSAY_PRECISION && !last) status = ASSAY_OK;
  }
  assay_enclosures_clear(enclosures, count);
  if (!status) return ASSAY_OK;
  for (size_t i = 0; i < done; i++) vectors_value_clear(&out[i]);
  char reason[sizeof context->message];
  memcpy(reason, context->message, sizeof reason);
  return assay_fail(context, status, "%s, component %zu: %s", what, done, reason);
}

/* ---- text ---- */

void vectors_add_hex(assay_text *text, double value) {
  const char *sign = signbit(value) ? "-" : "";
  if (isinf(value)) {
    assay_text_format(text, "%sinf", sign);
    return;
  }
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint64_t digits = bits & 0xfffffffffffff;
  int exponent = (int)(bits >> 52 & 0x7ff), places = 13;
  bool normal = exponent > 0;
  assay_text_format(text, "%s0x%d", sign, normal);
  for (; digits && !(digits & 0xf); places--) digits >>= 4;
  if (digits) assay_text_format(text, ".%0*llx", places, (unsigned long long)digits);
  assay_text_format(text, "p%+d", value == 0 ? 0 : normal ? exponent - 1023 : -1022);
}

void vectors_add_value(assay_text *text, const vectors_value *value) {
  assay_text_format(text, "{\"lo\": \"%s\", \"hi\": \"%s\", \"double\": \"", value->lower, value->upper);
  vectors_add_hex(text, value->binary64);
  assay_text_add(text, "\", \"float\": \"");
  vectors_add_hex(text, value->binary32);
  assay_text_add(text, "\"}");
}
