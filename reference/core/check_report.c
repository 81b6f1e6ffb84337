#include "reference/core/check_report.h"

#include <math.h>
#include <string.h>

/* ---- the worst ---- */

/* `worst` is sorted: larger errors first, earlier entries first among equal ones. Entries come in order. */
static void keep_worst(check_worst *worst, size_t *count, size_t wanted, check_worst entry) {
  if (*count == wanted && (wanted == 0 || !(entry.ulp > worst[wanted - 1].ulp))) return;
  size_t place = *count < wanted ? (*count)++ : wanted - 1;
  while (place > 0 && worst[place - 1].ulp < entry.ulp) place--;
  memmove(worst + place + 1, worst + place, (*count - 1 - place) * sizeof *worst);
  worst[place] = entry;
}

/* ---- order statistics ---- */

static void swap(double *a, double *b) {
  double kept = *a;
  *a = *b;
  *b = kept;
}

static double median_of_three(double a, double b, double c) { return fmax(fmin(a, b), fmin(fmax(a, b), c)); }

/* Hoare's selection: what sorting would put at value[rank], with nothing larger before it and nothing smaller behind.
 */
static double select_rank(double *value, size_t count, size_t rank) {
  ptrdiff_t first = 0, last = (ptrdiff_t)count - 1, wanted = (ptrdiff_t)rank;
  while (first < last) {
    double pivot = median_of_three(value[first], value[first + (last - first) / 2], value[last]);
    ptrdiff_t i = first, j = last;
    while (i <= j) {
      while (value[i] < pivot) i++;
      while (value[j] > pivot) j--;
      if (i <= j) swap(&value[i++], &value[j--]);
    }
    if (wanted > j && wanted < i) break; /* between the parts: equal to the pivot */
    if (wanted <= j)
      last = j;
    else
      first = i;
  }
  return value[rank];
}

/* Where sorting puts the smallest value that at least thousandths/1000 of them do not exceed. */
static size_t quantile_rank(size_t count, size_t thousandths) {
  return (count / 1000) * thousandths + ((count % 1000) * thousandths + 999) / 1000 - 1;
}

/* Numbers >= 0 and infinity are ordered as their bits; the first of them, exponent and two more, make a class. */
enum { CLASS_SHIFT = 50, CLASSES = 1 << (63 - CLASS_SHIFT), QUANTILES = 3 };

static uint64_t bits_of(double value) {
  uint64_t bits = 0;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* Selection among the few values whose classes hold a quantile; they are brought to the front. */
static void fill_errors(assay_check_errors *out, double *value, size_t count) {
  static const size_t thousandths[QUANTILES] = {500, 990, 999};
  double *const quantile[QUANTILES] = {&out->p50, &out->p99, &out->p999};
  size_t size[CLASSES] = {0}, rank[QUANTILES], below = 0, kept = 0;
  bool wanted[CLASSES] = {false};
  if (count == 0) return;
  for (size_t i = 0; i < count; i++) size[bits_of(value[i]) >> CLASS_SHIFT]++;
  for (size_t q = 0, class = 0, left_out = 0; class < CLASSES; below += size[class ++]) {
    for (; q < QUANTILES && quantile_rank(count, thousandths[q]) < below + size[class]; q++) {
      wanted[class] = true;
      rank[q] = quantile_rank(count, thousandths[q]) - left_out;
    }
    if (!wanted[class]) left_out += size[class];
  }
  for (size_t i = 0; i < count; i++)
    if (wanted[bits_of(value[i]) >> CLASS_SHIFT]) swap(&value[kept++], &value[i]);
  for (size_t q = 0; q < QUANTILES; q++) *quantile[q] = select_rank(value, kept, rank[q]);
}

/* ---- the report ---- */

/* 0 up to 1/2, then one for each power of two: the exponent of the number just below tells. */
static size_t bin_of(double ulp) {
  if (!(ulp > 0.5)) return 0;
  size_t bin = (size_t)((bits_of(ulp) - 1) >> 52) - 1021;
  return bin < ASSAY_CHECK_BINS ? bin : ASSAY_CHECK_BINS - 1;
}

static assay_check_place place_of(size_t index, size_t width) {
  return (assay_check_place){.row = index / width, .column = index % width};
}

static void raise_maximum(assay_check_errors *errors, double value, size_t index, size_t width, bool first) {
  if (!first && !(value > errors->maximum)) return;
  errors->maximum = value;
  errors->place = place_of(index, width);
}

void check_report_fill(assay_check_report *report, check_worst *worst, check_columns *columns,
                       const assay_check_options *options) {
  size_t kept = 0, width = columns->width;
  for (size_t i = 0; i < columns->entries; i++) {
    check_worst entry = {i, columns->ulp[i], columns->relative[i]};
    if (isnan(entry.ulp)) {
      if (report->nonfinite++ == 0) report->first_nonfinite = place_of(i, width);
      continue;
    }
    raise_maximum(&report->ulp, entry.ulp, i, width, kept == 0);
    raise_maximum(&report->relative, entry.relative, i, width, kept == 0);
    report->beyond += entry.ulp > options->tolerance_ulp || entry.relative > options->tolerance_relative;
    report->histogram[bin_of(entry.ulp)]++;
    keep_worst(worst, &report->worst_count, options->worst, entry);
    columns->ulp[kept] = entry.ulp;
    columns->relative[kept++] = entry.relative;
  }
  report->beyond += report->nonfinite;
  fill_errors(&report->ulp, columns->ulp, kept);
  fill_errors(&report->relative, columns->relative, kept);
}
