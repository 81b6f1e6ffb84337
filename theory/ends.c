#include "theory/ends.h"

#include "reference/core/interval.h"
#include "theory/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINT_DIGITS = 17, LEAST_DIGITS = 6, MOST_DIGITS = 40, BITS = 64 };

/* Two digits beyond the first that the width touches. */
static int digits_for(mpfi_srcptr enclosure) {
  double width = iv_width_d(enclosure), magnitude = iv_magnitude_d(enclosure);
  if (!isfinite(width) || !isfinite(magnitude) || width == 0) return POINT_DIGITS;
  double digits = ceil(log10(magnitude / width)) + 2;
  return (int)fmin(fmax(digits, LEAST_DIGITS), MOST_DIGITS);
}

/* MPFR writes with the locale's point, and into memory of its own. */
static char *end_text(mpfr_srcptr end, int digits, bool up) {
  char *text = NULL, *copy = NULL;
  int length = up ? mpfr_asprintf(&text, "%.*RUg", digits, end) : mpfr_asprintf(&text, "%.*RDg", digits, end);
  if (length < 0) return NULL;
  const char *digits_of = mpfr_zero_p(end) ? "0" : text; /* no -0 */
  copy = malloc((size_t)length + 1);
  if (copy) memcpy(copy, digits_of, strlen(digits_of) + 1);
  mpfr_free_str(text);
  char *comma = copy && mpfr_number_p(end) ? strchr(copy, ',') : NULL;
  if (comma) *comma = '.';
  return copy;
}

assay_status assay_ends_text(char **lower, char **upper, mpfi_srcptr enclosure, assay_context *context) {
  int digits = digits_for(enclosure);
  char *low = end_text(&enclosure->left, digits, false), *high = end_text(&enclosure->right, digits, true);
  if (!low || !high) {
    free(low);
    free(high);
    return assay_fail(context, ASSAY_MEMORY, "report: no memory for an enclosure's ends");
  }
  *lower = low;
  *upper = high;
  return ASSAY_OK;
}

/* The ends of |a - p|, rounded outward; untouched when a or p has none. */
static void distance_range(double *nearest, double *farthest, mpfi_srcptr a, mpfi_srcptr p) {
  if (!assay_enclosure_usable(a) || !assay_enclosure_usable(p)) return;
  mpfr_prec_t bits_a = mpfi_get_prec(a), bits_p = mpfi_get_prec(p);
  iv_scope *s = iv_scope_new((bits_a > bits_p ? bits_a : bits_p) + BITS);
  iv distance = iv_abs(s, iv_sub(s, a, p));
  *nearest = iv_lower_d(distance);
  *farthest = iv_upper_d(distance);
  iv_scope_free(s);
}

static void double_distance(double *nearest, double *farthest, double a, mpfi_srcptr p) {
  mpfi_t point;
  mpfi_init2(point, BITS);
  mpfi_set_d(point, a);
  distance_range(nearest, farthest, point, p);
  mpfi_clear(point);
}

double assay_control_distance(const assay_item *item) {
  double nearest = NAN, farthest = NAN;
  if (!item->has_control) return NAN;
  if (item->method == ASSAY_MEASURE)
    double_distance(&nearest, &farthest, item->measured, item->control);
  else
    distance_range(&nearest, &farthest, item->left, item->control);
  return nearest;
}

double assay_item_deviation(const assay_item *item) {
  double nearest = NAN, farthest = NAN;
  if (item->method == ASSAY_MEASURE) {
    double_distance(&nearest, &farthest, item->measured, item->predicted);
    return farthest;
  }
  if (!assay_enclosure_usable(item->left) || !assay_enclosure_usable(item->predicted)) return NAN;
  return iv_width_d(item->left) + iv_width_d(item->predicted);
}
