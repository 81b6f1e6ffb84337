/* tests/cross/dae_intervals.h: intervals by the pool, and numbers with errors checked against them. */
#ifndef ASSAY_TESTS_CROSS_DAE_INTERVALS_H
#define ASSAY_TESTS_CROSS_DAE_INTERVALS_H

#include "testing.h"

#include <assay/fast.h>

#include <math.h>
#include <mpfi.h>
#include <stdlib.h>

enum { BITS = 256 };

/* A pool of intervals, released together. */
typedef struct {
  mpfi_ptr all;
  size_t count, used;
} pool;

static inline pool pool_new(size_t count) {
  pool p = {malloc(count * sizeof(__mpfi_struct)), count, 0};
  for (size_t k = 0; k < count; k++) mpfi_init2(p.all + k, BITS);
  return p;
}

/* `count` intervals [0, 0]. */
static inline mpfi_ptr take(pool *p, size_t count) {
  mpfi_ptr first = p->all + p->used;
  p->used += count;
  test_check(p->used <= p->count, "pool of %zu", p->count);
  for (size_t k = 0; k < count; k++) mpfi_set_d(first + k, 0);
  return first;
}

static inline void pool_free(pool *p) {
  for (size_t k = 0; k < p->count; k++) mpfi_clear(p->all + k);
  free(p->all);
}

/* |got.value - exact| <= got.error for every number in `exact`; and got.error <= relative |value|. */
static inline void check_bounded(assay_bounded got, mpfi_srcptr exact, const char *what, double relative) {
  mpfi_t distance;
  mpfi_init2(distance, BITS);
  mpfi_sub_d(distance, exact, got.value);
  double most = fmax(fabs(mpfr_get_d(&distance->left, MPFR_RNDA)), fabs(mpfr_get_d(&distance->right, MPFR_RNDA)));
  mpfi_clear(distance);
  test_check(most <= got.error, "%s: %a is %g away, its error says %g", what, got.value, most, got.error);
  test_check(got.error <= relative * fabs(got.value), "%s: %g +- %g says nothing", what, got.value, got.error);
}

#endif
