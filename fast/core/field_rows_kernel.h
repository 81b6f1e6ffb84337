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

/* The lanes of one register, of REGISTER_LANES doubles, a divisor of LANES. Where loops carry more than a few sums, a
 * register's lanes of them run by themselves: compilers keep what a loop carries in registers only where it fits one.
 */
typedef double part __attribute__((vector_size(REGISTER_LANES * sizeof(double))));
typedef long long part_bits __attribute__((vector_size(REGISTER_LANES * sizeof(double))));

enum { PARTS = (int)LANES / (int)REGISTER_LANES };

/* `width` is REGISTER_LANES, known when compiling, but for the end of a row. */
static inline void load_part(part *to, const double *from, size_t width) {
  part padded = {0};
  memcpy(&padded, from, width * sizeof *from);
  *to = padded;
}

static inline void store_part(double *to, const part *from, size_t width) { memcpy(to, from, width * sizeof *to); }

static inline void put_part(lanes *to, size_t lane, const part *from) {
  memcpy((double *)to + lane, from, sizeof *from);
}

/* What a row of `width` columns has of a register's lanes. */
static inline size_t part_width(size_t width) { return width < REGISTER_LANES ? width : REGISTER_LANES; }

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

static inline void raise_part(part *top, const part *v) {
  part_bits size = (part_bits)*v & 0x7fffffffffffffffLL;
  part_bits larger = (part)size > *top;
  *top = (part)((size & larger) | ((part_bits)*top & ~larger));
}

static inline double sum_of_parts(const part v[PARTS]) {
  lanes all;
  memcpy(&all, v, sizeof all);
  return sum_of(&all);
}

static inline void centre_step(part *sum, double *out, const double *x, const double *shift, size_t width) {
  part a, b;
  load_part(&a, x, width);
  load_part(&b, shift, width);
  part y = a - b;
  *sum += y * y;
  store_part(out, &y, width);
}

static double rows_centre(double *out, const double *x, const double *shift, size_t d) {
  part sum[PARTS];
#pragma GCC unroll 4
  for (size_t l = 0; l < PARTS; l++) sum[l] = (part){0};
  size_t j = 0;
  for (; j + LANES <= d; j += LANES) {
#pragma GCC unroll 4
    for (size_t l = 0, i = j; l < PARTS; l++, i += REGISTER_LANES)
      centre_step(&sum[l], out + i, x + i, shift + i, REGISTER_LANES);
  }
#pragma GCC unroll 4
  for (size_t l = 0; l < PARTS; l++, j += REGISTER_LANES)
    if (j < d) centre_step(&sum[l], out + j, x + j, shift + j, part_width(d - j));
  return sum_of_parts(sum);
}

static inline void combine_step(part *top, part *finite, double *out, const double *x, const double *mean,
                                const double *centred, const double *product, const field_combination *with,
                                size_t width) {
  part a, m, c, r;
  load_part(&a, x, width);
  load_part(&m, mean, width);
  load_part(&c, centred, width);
  load_part(&r, product, width);
  part y = a - with->beta * m;
  raise_part(top, &y);
  part value = with->slope * y + (with->keep * m + with->gain * (r - with->share * c));
  *finite += value * 0.0;
  store_part(out, &value, width);
}

static double rows_combine(double *out, double *largest, const double *x, const double *mean, const double *centred,
                           const double *product, field_combination with, size_t d) {
  part top[PARTS], finite[PARTS];
  lanes tops;
#pragma GCC unroll 4
  for (size_t l = 0; l < PARTS; l++) top[l] = finite[l] = (part){0};
  size_t j = 0;
  for (; j + LANES <= d; j += LANES) {
#pragma GCC unroll 4
    for (size_t l = 0, i = j; l < PARTS; l++, i += REGISTER_LANES)
      combine_step(&top[l], &finite[l], out + i, x + i, mean + i, centred + i, product + i, &with, REGISTER_LANES);
  }
#pragma GCC unroll 4
  for (size_t l = 0; l < PARTS; l++, j += REGISTER_LANES)
    if (j < d)
      combine_step(&top[l], &finite[l], out + j, x + j, mean + j, centred + j, product + j, &with, part_width(d - j));
  memcpy(&tops, top, sizeof tops);
  *largest = largest_of(&tops);
  return sum_of_parts(finite);
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
                                double step, size_t width) {
  lanes a, b, p, q;
  load(&a, g, width);
  load(&b, h, width);
  load(&p, mean_g, width);
  load(&q, mean_h, width);
  lanes dg = a - p, dh = b - q;
  sums[0] += dg * dg;
  sums[1] += dh * dh;
  sums[2] += dg * dh;
  p += step * dg;
  q += step * dh;
  store(mean_g, &p, width);
  store(mean_h, &q, width);
}

static void rows_moments(double moments[3], double *mean_g, double *mean_h, const double *g, const double *h,
                         double step, size_t d) {
  lanes sums[3] = {{0}, {0}, {0}};
  size_t j = 0;
  for (; j + LANES <= d; j += LANES) moments_step(sums, mean_g + j, mean_h + j, g + j, h + j, step, LANES);
  if (j < d) moments_step(sums, mean_g + j, mean_h + j, g + j, h + j, step, d - j);
  for (size_t i = 0; i < 3; i++) moments[i] = sum_of(&sums[i]);
}

#endif
