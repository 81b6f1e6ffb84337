#include "theory/budget.h"

#include "reference/core/interval.h"

#include <math.h>

static const char *broken_rule(const assay_budget_term *term) {
  if (!(term->bound >= 0)) return "a bound must be a number >= 0";
  if (!(term->delta >= 0 && term->delta < 1)) return "delta must be in [0, 1)";
  if (term->basis == ASSAY_BASIS_QUANTILE && term->delta == 0) return "a quantile must spend delta";
  if (!term->why || !*term->why) return "the reason (why) is missing";
  return NULL;
}

const char *assay_budget_broken_rule(size_t *at, const assay_budget_term *terms, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const char *rule = broken_rule(&terms[i]);
    if (!rule) continue;
    *at = i;
    return rule;
  }
  return NULL;
}

/* Doubles are multiples of 2^-1074 below 2^1024, so that 2^13 of them are summed without rounding. */
enum { EXACT_BITS = 2112 };

static double sum_up(const assay_budget_term *terms, size_t count, bool bounds) {
  for (size_t i = 0; bounds && i < count; i++)
    if (isinf(terms[i].bound)) return INFINITY;
  iv_scope *s = iv_scope_new(EXACT_BITS);
  iv sum = iv_new(s);
  for (size_t i = 0; i < count; i++) sum = iv_add(s, sum, iv_d(s, bounds ? terms[i].bound : terms[i].delta));
  double up = iv_upper_d(sum);
  iv_scope_free(s);
  return up;
}

double assay_budget_bound(const assay_budget_term *terms, size_t count) { return sum_up(terms, count, true); }
double assay_budget_delta(const assay_budget_term *terms, size_t count) { return sum_up(terms, count, false); }
