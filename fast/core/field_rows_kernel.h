/* fast/core/field_rows_kernel.h: the loops of field_rows.h, compiled once per instruction set. The end of a row is
 * padded with zeros, so every entry sees the same operations wherever it stands. */
#ifndef ASSAY_FAST_CORE_FIELD_ROWS_KERNEL_H
#define ASSAY_FAST_CORE_FIELD_ROWS_KERNEL_H

#include "fast/core/field_rows.h"

#include <math.h>
#include <string.h>

enum { LANES = 8 };
typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));
typedef long long lane_bits __attribute__((vector_size(LANES * sizeof(double))));

/* `width` is LANES, known when compiling, but for the end of a row. */
static inline void load(lanes *to, const double *from, size_t width) {
  lanes padded = {0};
  memcpy(&padded, from, width * sizeof *from);
  *to = padded;
}

static inline void store(double *to, const lanes *from, size_t width) { memcpy(to, from, width * sizeof *to); }

/* top = max(top, |v|); a NaN is left out. */
static inline void raise_to(lanes *top, const lanes *v) {
  lane_bits size = (lane_bits)*v & 0x7fffffffffffffffLL;
  lane_bits larger = (lanes)size > *top;
  *top = (lanes)((size & larger) | ((lane_bits)*top & ~larger));
}

static inline double sum_of(const lanes *v) {
  const lanes s = *v;
  return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

static inline double largest_of(const lanes *v) {
  double largest = 0.0;
  for (int i = 0; i < LANES; i++) largest = (*v)[i] > largest ? (*v)[i] : largest;
  return largest;
}

/* Lanes of two vectors beside those that fold onto them: of each pair, of pairs, of halves. */
static inline void pairs(lanes *low, lanes *high, const lanes *a, const lanes *b) {
  *low = __builtin_shufflevector(*a, *b, 0, 8, 2, 10, 4, 12, 6, 14);
  *high = __builtin_shufflevector(*a, *b, 1, 9, 3, 11, 5, 13, 7, 15);
}

static inline void quarters(lanes *low, lanes *high, const lanes *a, const lanes *b) {
  *low = __builtin_shufflevector(*a, *b, 0, 1, 8, 9, 4, 5, 12, 13);
  *high = __builtin_shufflevector(*a, *b, 2, 3, 10, 11, 6, 7, 14, 15);
}

static inline void halves(lanes *low, lanes *high, const lanes *a, const lanes *b) {
  *low = __builtin_shufflevector(*a, *b, 0, 1, 2, 3, 8, 9, 10, 11);
  *high = __builtin_shufflevector(*a, *b, 4, 5, 6, 7, 12, 13, 14, 15);
}

/* out[i] = sum_of(&v[i]) for LANES vectors, or their largest_of if those are not negative. */
static inline __attribute__((always_inline)) void fold(lanes *out, const lanes *v, bool largest) {
  lanes folded[LANES], high;
#pragma GCC unroll 8
  for (size_t i = 0; i < LANES; i++) folded[i] = v[i];
#pragma GCC unroll 8
  for (size_t span = LANES / 2; span > 0; span /= 2)
#pragma GCC unroll 8
    for (size_t i = 0; i < span; i++) {
      const lanes *a = &folded[2 * i], *b = &folded[2 * i + 1];
      lanes low;
      if (span == 4)
        pairs(&low, &high, a, b);
      else if (span == 2)
        quarters(&low, &high, a, b);
      else
        halves(&low, &high, a, b);
      if (largest)
        raise_to(&low, &high);
      else
        low += high;
      folded[i] = low;
    }
  *out = folded[0];
}

/* Each loop is a step over one vector; rows_* runs it over whole vectors, then over the rest. */

static inline void centre_step(lanes *sum, double *out, const double *x, const double *shift, size_t width) {
  lanes a, b;
  load(&a, x, width);
  load(&b, shift, width);
  lanes y = a - b;
  *sum += y * y;
  store(out, &y, width);
}

static double rows_centre(double *out, const double *x, const double *shift, size_t d) {
  lanes sum = {0};
  size_t j = 0;
  for (; j + LANES <= d; j += LANES) centre_step(&sum, out + j, x + j, shift + j, LANES);
  if (j < d) centre_step(&sum, out + j, x + j, shift + j, d - j);
  return sum_of(&sum);
}

static inline void combine_step(lanes *top, lanes *finite, double *out, const double *x, const double *mean,
                                const double *centred, const double *product, const field_combination *with,
                                size_t width) {
  lanes a, m, c, r;
  load(&a, x, width);
  load(&m, mean, width);
  load(&c, centred, width);
  load(&r, product, width);
  lanes y = a - with->beta * m;
  raise_to(top, &y);
  lanes value = with->slope * y + (with->keep * m + with->gain * (r - with->share * c));
  *finite += value * 0.0;
  store(out, &value, width);
}

static double rows_combine(double *out, double *largest, const double *x, const double *mean, const double *centred,
                           const double *product, field_combination with, size_t d) {
  lanes top = {0}, finite = {0};
  size_t j = 0;
  for (; j + LANES <= d; j += LANES)
    combine_step(&top, &finite, out + j, x + j, mean + j, centred + j, product + j, &with, LANES);
  if (j < d) combine_step(&top, &finite, out + j, x + j, mean + j, centred + j, product + j, &with, d - j);
  *largest = largest_of(&top);
  return sum_of(&finite);
}

static inline void distance_step(lanes *sum, const double *x, const double *mean, double beta, size_t width) {
  lanes a, m;
  load(&a, x, width);
  load(&m, mean, width);
  lanes y = a - beta * m;
  *sum += y * y;
}

static double rows_distance(const double *x, const double *mean, double beta, size_t d) {
  lanes sum = {0};
  size_t j = 0;
  for (; j + LANES <= d; j += LANES) distance_step(&sum, x + j, mean + j, beta, LANES);
  if (j < d) distance_step(&sum, x + j, mean + j, beta, d - j);
  return sum_of(&sum);
}

static inline void tilted_step(lanes *sum, const double *x, const double *mean, double beta, const double *centred,
                               const double *anchor, double share, double tilt, size_t width) {
  lanes a, m, c, o;
  load(&a, x, width);
  load(&m, mean, width);
  load(&c, centred, width);
  load(&o, anchor, width);
  lanes v = (c - share * o) - tilt * (a - beta * m);
  *sum += v * v;
}

static double rows_tilted(const double *x, const double *mean, double beta, const double *centred, const double *anchor,
                          double share, double tilt, size_t d) {
  lanes sum = {0};
  size_t j = 0;
  for (; j + LANES <= d; j += LANES)
    tilted_step(&sum, x + j, mean + j, beta, centred + j, anchor + j, share, tilt, LANES);
  if (j < d) tilted_step(&sum, x + j, mean + j, beta, centred + j, anchor + j, share, tilt, d - j);
  return sum_of(&sum);
}

static double rows_largest(const double *a, size_t d) {
  lanes top = {0}, v;
  size_t j = 0;
  for (; j + LANES <= d; j += LANES) {
    load(&v, a + j, LANES);
    raise_to(&top, &v);
  }
  if (j < d) {
    load(&v, a + j, d - j);
    raise_to(&top, &v);
  }
  return largest_of(&top);
}

static bool rows_finite(const double *a, size_t n) {
  lanes sum[4] = {{0}, {0}, {0}, {0}}, v;
  size_t j = 0;
  for (const size_t step = 4 * (size_t)LANES; j + step <= n; j += step)
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; i++) {
      load(&v, a + j + i * LANES, LANES);
      sum[i] += v * 0.0;
    }
  double rest = 0.0;
  for (; j < n; j++) rest += a[j] * 0.0;
  lanes all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  return sum_of(&all) + rest == 0.0;
}

static double rows_squares(const double *a, size_t d) {
  lanes sum = {0}, v;
  size_t j = 0;
  for (; j + LANES <= d; j += LANES) {
    load(&v, a + j, LANES);
    sum += v * v;
  }
  if (j < d) {
    load(&v, a + j, d - j);
    sum += v * v;
  }
  return sum_of(&sum);
}

static inline void moments_step(lanes sums[3], double *mean_g, double *mean_h, const double *g, const double *h,
                                double part, size_t width) {
  lanes a, b, p, q;
  load(&a, g, width);
  load(&b, h, width);
  load(&p, mean_g, width);
  load(&q, mean_h, width);
  lanes dg = a - p, dh = b - q;
  sums[0] += dg * dg;
  sums[1] += dh * dh;
  sums[2] += dg * dh;
  p += part * dg;
  q += part * dh;
  store(mean_g, &p, width);
  store(mean_h, &q, width);
}

static void rows_moments(double moments[3], double *mean_g, double *mean_h, const double *g, const double *h,
                         double part, size_t d) {
  lanes sums[3] = {{0}, {0}, {0}};
  size_t j = 0;
  for (; j + LANES <= d; j += LANES) moments_step(sums, mean_g + j, mean_h + j, g + j, h + j, part, LANES);
  if (j < d) moments_step(sums, mean_g + j, mean_h + j, g + j, h + j, part, d - j);
  for (size_t i = 0; i < 3; i++) moments[i] = sum_of(&sums[i]);
}

#endif
