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

/* Each selection leaves the larger values behind its rank, and the next one looks there. */
static void fill_errors(assay_check_errors *out, double *value, size_t count) {
  if (count == 0) return;
  size_t p50 = quantile_rank(count, 500), p99 = quantile_rank(count, 990), p999 = quantile_rank(count, 999);
  out->p50 = select_rank(value, count, p50);
  out->p99 = select_rank(value + p50, count - p50, p99 - p50);
  out->p999 = select_rank(value + p99, count - p99, p999 - p99);
}

/* ---- the report ---- */

static size_t bin_of(double ulp) {
  size_t bin = 0;
  double limit = 0.5;
  while (ulp > limit && bin + 1 < ASSAY_CHECK_BINS) {
    bin++;
    limit *= 2;
  }
  return bin;
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
