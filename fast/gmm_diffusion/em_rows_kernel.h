/* fast/gmm_diffusion/em_rows_kernel.h: the loops of em_rows.h, compiled once per instruction set, which says how many
 * numbers its vectors hold (WIDTH, a divisor of EM_LANES). Only sums see the lanes: EM_LANES/WIDTH vectors of them. */
#include "fast/gmm_diffusion/em_rows.h"

#include <string.h>

typedef double vector __attribute__((vector_size(WIDTH * sizeof(double))));
typedef long long vector_bits __attribute__((vector_size(WIDTH * sizeof(double))));
typedef unsigned long long vector_words __attribute__((vector_size(WIDTH * sizeof(double))));

enum { PARTS = EM_LANES / WIDTH };

static inline void load(vector *to, const double *from) { memcpy(to, from, sizeof *to); }
static inline void store(double *to, const vector *from) { memcpy(to, from, sizeof *from); }

static inline double sum_of(const vector part[PARTS]) {
  double s[EM_LANES];
  memcpy(s, part, sizeof s);
  return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

static void rows_weigh(double *log_weight, double *square, double *top, const double *x, const double *mean, size_t n,
                       double base, double rate, size_t rows) {
  for (size_t r = 0; r < rows; r += WIDTH) {
    vector sum = {0}, leader;
    for (size_t c = 0; c < n; c++) {
      vector y;
      load(&y, x + c * EM_ROWS + r);
      y -= mean[c];
      sum += y * y;
    }
    store(square + r, &sum);
    vector weight = base - rate * sum;
    store(log_weight + r, &weight);
    load(&leader, top + r);
    vector_bits larger = weight > leader;
    leader = (vector)(((vector_bits)weight & larger) | ((vector_bits)leader & ~larger));
    store(top + r, &leader);
  }
}

/* exp(t) = 2^k exp(r), t = k log 2 + r, |r| <= 0.3466, by Taylor's polynomial of degree 13, whose remainder is below
 * 0.06 2^-53 of exp(r). log 2 = high (33 bits: its product with k, of 10 bits, is exact) + low; t - k high is exact, so
 * r is off by little more than 2^-53 |r| <= 0.35 2^-53. Of Horner's rule the last operations count, p r and 1 + p r: at
 * most 2^-54 each where exp(r) < 1, in all below 0.5 + 0.5 of 2^-53 over 0.707; where exp(r) >= 1, 2^-53 and less than
 * 0.42 2^-53. Together, with the steps before (weighted by r), below 3 2^-53. */
static inline void exponential(vector *out, const vector *t) {
  static const double reciprocal[] = {1.0 / 6227020800.0,
                                      1.0 / 479001600.0,
                                      1.0 / 39916800.0,
                                      1.0 / 3628800.0,
                                      1.0 / 362880.0,
                                      1.0 / 40320.0,
                                      1.0 / 5040.0,
                                      1.0 / 720.0,
                                      1.0 / 120.0,
                                      1.0 / 24.0,
                                      1.0 / 6.0,
                                      0.5,
                                      1.0,
                                      1.0};
  const double shift = 0x1.8p52, lowest = -708.0;
  vector_bits kept = *t >= lowest;
  vector argument = (vector)((vector_bits)*t & kept); /* 0 where the result is left out */
  vector shifted = argument * 0x1.71547652b82fep0 + shift, k = shifted - shift;
  vector r = (argument - k * 0x1.62e42feep-1) - k * 0x1.a39ef35793c76p-33;
  vector p = r * reciprocal[0] + reciprocal[1];
#pragma GCC unroll 12
  for (size_t i = 2; i < sizeof reciprocal / sizeof *reciprocal; i++) p = p * r + reciprocal[i];
  vector_words scaled = (vector_words)p + ((vector_words)shifted << 52); /* k stands in the lowest bits of `shifted` */
  *out = (vector)(scaled & (vector_words)kept);
}

static void rows_exponentiate(double *value, double *sum, const double *top, size_t rows) {
  for (size_t r = 0; r < rows; r += WIDTH) {
    vector v, s, leader;
    load(&v, value + r);
    load(&s, sum + r);
    load(&leader, top + r);
    v -= leader;
    exponential(&v, &v);
    s += v;
    store(value + r, &v);
    store(sum + r, &s);
  }
}

/* Shares, their sum, and the sum of their products with the squares. */
static double rows_shares(double *share, double *squares, const double *value, const double *scale,
                          const double *square, size_t rows) {
  vector total[PARTS] = {{0}}, spread[PARTS] = {{0}};
  for (size_t r = 0; r < rows; r += EM_LANES)
    for (size_t i = 0; i < PARTS; i++) {
      vector p, s, q;
      load(&p, value + r + i * WIDTH);
      load(&s, scale + r + i * WIDTH);
      load(&q, square + r + i * WIDTH);
      p *= s;
      total[i] += p;
      spread[i] += p * q;
      store(share + r + i * WIDTH, &p);
    }
  *squares += sum_of(spread);
  return sum_of(total);
}

static double rows_moments(double *squares, double *moments, const double *value, const double *scale,
                           const double *square, const double *x, const double *mean, size_t n, double *share,
                           size_t rows) {
  double total = rows_shares(share, squares, value, scale, square, rows);
  for (size_t c = 0; c < n; c++) {
    vector sum[PARTS] = {{0}};
    for (size_t r = 0; r < rows; r += EM_LANES)
      for (size_t i = 0; i < PARTS; i++) {
        vector p, y;
        load(&p, share + r + i * WIDTH);
        load(&y, x + c * EM_ROWS + r + i * WIDTH);
        sum[i] += p * (y - mean[c]);
      }
    moments[c] += sum_of(sum);
  }
  return total;
}
