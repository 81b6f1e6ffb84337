/* fast/core/field_posterior_kernel.h: shares and their doubts from log-weights (S8 of docs/fast-field-bound.md), eight
 * components at a time. */
#ifndef ASSAY_FAST_CORE_FIELD_POSTERIOR_KERNEL_H
#define ASSAY_FAST_CORE_FIELD_POSTERIOR_KERNEL_H

#include "fast/core/field_rows_kernel.h"

typedef unsigned long long part_words __attribute__((vector_size(REGISTER_LANES * sizeof(double))));

/* `with` where the mask is set, else `without`. */
static inline void choose(lanes *out, const lane_bits *mask, const lanes *with, const lanes *without) {
  *out = (lanes)(((lane_bits)*with & *mask) | ((lane_bits)*without & ~*mask));
}

static inline void choose_part(part *out, const part_bits *mask, const part *with, const part *without) {
  *out = (part)(((part_bits)*with & *mask) | ((part_bits)*without & ~*mask));
}

/* 2^k for whole k from -1022 to 0. */
static inline void power_of_two(part *out, const part *k) {
  part biased = *k + (0x1.8p52 + 1023.0); /* k + 1023 stands in the lowest bits */
  *out = (part)((part_words)biased << 52);
}

/* exp(t) for t <= 0, and NaN for NaN, within 3 u. t = k log 2 + r, |r| <= 0.3466; log 2 = high (33 bits: its product
 * with k, of 11 bits, is exact) + low, and t - k high is exact, so that r is off by little more than u |r| <= 0.35 u,
 * and so is exp(r), relatively. Taylor's polynomial of degree 13 leaves less than 0.06 u of exp(r). Of Horner's rule
 * the last operations count, p r and 1 + p r: together at most u/2 + u/2 where exp(r) < 1, over 0.707; u + 0.42 u
 * above. With the steps before, weighted by r, less than 3 u. 2^k in two steps, of which only the second may round, to
 * a multiple of tau; t < -746 gives 0. */
static inline void exponential(part *out, const part *t) {
  static const double RECIPROCAL[] = {1.0 / 479001600.0,
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
  const part zero = {0}, least = zero - 1000.0;
  part_bits lost = *t < -746.0;
  part argument, k, high, first, second;
  choose_part(&argument, &lost, &zero, t);
  k = (argument * 0x1.71547652b82fep0 + 0x1.8p52) - 0x1.8p52;
  part r = (argument - k * 0x1.62e42feep-1) - k * 0x1.a39ef35793c76p-33;
  part p = r * (1.0 / 6227020800.0) + RECIPROCAL[0];
#pragma GCC unroll 12
  for (size_t i = 1; i < sizeof RECIPROCAL / sizeof *RECIPROCAL; i++) p = p * r + RECIPROCAL[i];
  part_bits far = k < least;
  choose_part(&high, &far, &least, &k);
  part rest = k - high;
  power_of_two(&first, &high);
  power_of_two(&second, &rest);
  part value = (p * first) * second;
  choose_part(out, &lost, &zero, &value);
}

static inline void exponentials(lanes *out, const lanes *t) {
#pragma GCC unroll 4
  for (size_t lane = 0; lane < LANES; lane += REGISTER_LANES) {
    part v;
    memcpy(&v, (const double *)t + lane, sizeof v);
    exponential(&v, &v);
    put_part(out, lane, &v);
  }
}

/* The first of the largest weights; a NaN is none of them. */
static inline size_t leader_of(const double *weights, size_t count) {
  const lanes number = {0, 1, 2, 3, 4, 5, 6, 7}, least = (lanes){0} - HUGE_VAL;
  lanes top = least, v;
  for (size_t k = 0; k < count; k += LANES) {
    load(&v, weights + k, LANES);
    lane_bits larger = (v > top) & (number + (double)k < (double)count);
    choose(&top, &larger, &v, &top);
  }
  double largest = top[0];
  for (int i = 1; i < LANES; i++) largest = top[i] > largest ? top[i] : largest;
  for (size_t k = 0; k < count; k++)
    if (weights[k] == largest) return k;
  return 0;
}

static field_shares rows_shares(double *share, double *doubt, const double *weights, const double *errors,
                                size_t count) {
  const lanes number = {0, 1, 2, 3, 4, 5, 6, 7}, zero = {0}, infinite = zero + HUGE_VAL;
  size_t leader = leader_of(weights, count);
  double top = weights[leader], top_error = errors[leader];
  lanes rest = zero, above = zero, total = zero;
  lane_bits open = {0};
  for (size_t k = 0; k < count; k += LANES) {
    lanes w, e, value, index = number + (double)k;
    lane_bits other = (index != (double)leader) & (index < (double)count);
    load(&w, weights + k, LANES);
    load(&e, errors + k, LANES);
    lanes difference = w - top, size = (lanes)((lane_bits)difference & 0x7fffffffffffffffLL);
    lanes off = (e + top_error + 0x1p-53 * size) * FIELD_INFLATE, end = difference + off;
    exponentials(&value, &difference);
    lanes uncertain = value * (off * (1.0 + off) + 0x1p-50) + 0x1p-1070;
    choose(&value, &other, &value, &zero);
    rest += value;
    store(share + k, &value, LANES);
    store(doubt + k, &uncertain, LANES);
    open |= other & ~(off <= FIELD_LINEAR_RANGE);
    lane_bits unknown = other & ~(end <= HUGE_VAL), larger = other & (end > above);
    choose(&above, &larger, &end, &above);
    choose(&above, &unknown, &infinite, &above);
  }
  field_shares out = {.leader = leader, .rest = sum_of(&rest), .above = largest_of(&above)};
  lanes sum = zero + (1.0 + out.rest);
  share[leader] = 1.0;
  for (size_t k = 0; k < count; k += LANES) {
    lanes value, uncertain, index = number + (double)k;
    lane_bits other = (index != (double)leader) & (index < (double)count);
    load(&value, share + k, LANES);
    load(&uncertain, doubt + k, LANES);
    value /= sum;
    uncertain = uncertain / sum + 0x1p-1074;
    choose(&uncertain, &other, &uncertain, &zero);
    total += uncertain;
    store(share + k, &value, LANES);
    store(doubt + k, &uncertain, LANES);
  }
  out.total_doubt = sum_of(&total);
  for (int i = 0; i < LANES; i++) out.open = out.open || open[i] != 0;
  return out;
}

#endif
