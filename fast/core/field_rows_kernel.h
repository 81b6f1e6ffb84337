/* fast/core/field_rows_kernel.h: the loops of field_rows.h, compiled once per instruction set. The end of a row is
 * padded with zeros, so every entry sees the same operations wherever it stands. */
#include "fast/core/field_rows.h"

#include <string.h>

enum { LANES = 8 };
typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));
typedef long long lane_bits __attribute__((vector_size(LANES * sizeof(double))));

static inline size_t width_at(size_t j, size_t d) { return d - j < LANES ? d - j : LANES; }

static inline void load(lanes *to, const double *from, size_t width) {
  if (width == LANES) {
    memcpy(to, from, sizeof *to);
  } else {
    memset(to, 0, sizeof *to);
    memcpy(to, from, width * sizeof *from);
  }
}

static inline void store(double *to, const lanes *from, size_t width) {
  if (width == LANES)
    memcpy(to, from, sizeof *from);
  else
    memcpy(to, from, width * sizeof *to);
}

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

static double rows_centre(double *out, const double *x, const double *shift, size_t d) {
  lanes sum = {0}, a, b;
  for (size_t j = 0; j < d; j += LANES) {
    size_t width = width_at(j, d);
    load(&a, x + j, width);
    load(&b, shift + j, width);
    lanes y = a - b;
    sum += y * y;
    store(out + j, &y, width);
  }
  return sum_of(&sum);
}

static double rows_combine(double *out, double *largest, const double *x, const double *mean, const double *centred,
                           const double *product, field_combination with, size_t d) {
  lanes top = {0}, finite = {0}, a, m, c, r;
  for (size_t j = 0; j < d; j += LANES) {
    size_t width = width_at(j, d);
    load(&a, x + j, width);
    load(&m, mean + j, width);
    load(&c, centred + j, width);
    load(&r, product + j, width);
    lanes y = a - with.beta * m;
    raise_to(&top, &y);
    lanes value = with.slope * y + (with.keep * m + with.gain * (r - with.share * c));
    finite += value * 0.0;
    store(out + j, &value, width);
  }
  *largest = largest_of(&top);
  return sum_of(&finite);
}

static double rows_distance(const double *x, const double *mean, double beta, size_t d) {
  lanes sum = {0}, a, m;
  for (size_t j = 0; j < d; j += LANES) {
    size_t width = width_at(j, d);
    load(&a, x + j, width);
    load(&m, mean + j, width);
    lanes y = a - beta * m;
    sum += y * y;
  }
  return sum_of(&sum);
}

static double rows_tilted(const double *x, const double *mean, double beta, const double *centred, const double *anchor,
                          double share, double tilt, size_t d) {
  lanes sum = {0}, a, m, c, o;
  for (size_t j = 0; j < d; j += LANES) {
    size_t width = width_at(j, d);
    load(&a, x + j, width);
    load(&m, mean + j, width);
    load(&c, centred + j, width);
    load(&o, anchor + j, width);
    lanes v = (c - share * o) - tilt * (a - beta * m);
    sum += v * v;
  }
  return sum_of(&sum);
}

static double rows_largest(const double *a, size_t d) {
  lanes top = {0}, v;
  for (size_t j = 0; j < d; j += LANES) {
    load(&v, a + j, width_at(j, d));
    raise_to(&top, &v);
  }
  return largest_of(&top);
}

static double rows_squares(const double *a, size_t d) {
  lanes sum = {0}, v;
  for (size_t j = 0; j < d; j += LANES) {
    load(&v, a + j, width_at(j, d));
    sum += v * v;
  }
  return sum_of(&sum);
}
