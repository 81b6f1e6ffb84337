/* A drawn plan of a double-double field at a drawn point, and what formulas of docs/quick-field-bound.md share, in long
 * double. Sizes that a plan takes together are drawn apart, so that each term of a bound is large somewhere. */
#ifndef ASSAY_TESTS_REFERENCE_CORE_QUICK_PROBLEM_H
#define ASSAY_TESTS_REFERENCE_CORE_QUICK_PROBLEM_H

#include "reference/core/quick_field_point.h"
#include "testing.h"

enum { COMPONENTS = 5, DIMENSIONS = 11, ROW = 24 /* padded, and a row of lanes that nothing may read */ };

static const long double U2 = 0x1p-106L, SLACK = 1 + 0x1p-16L, TINY = 0x1p-500L;

typedef struct {
  double mean[ROW], variance_high[ROW], variance_low[ROW], shift_high[ROW], shift_low[ROW], inverse_high[ROW],
      inverse_low[ROW], slope_high[ROW], slope_low[ROW], slope_size[ROW];
} component_rows;

typedef struct {
  component_rows rows[COMPONENTS + 1]; /* the last: NaN */
  quick_component components[COMPONENTS + 1];
  bool zero[ROW];
  double x[ROW];
  quick_plan plan;
  quick_work *work;
  quick_values values;
  bool taken;
} problem;

/* Q4 to Q6. error: of L_k, then of the share */
typedef struct {
  size_t leader, counting;
  bool counts[COMPONENTS];
  long double log_weight[COMPONENTS], error[COMPONENTS], share[COMPONENTS], share_error[COMPONENTS];
  long double sum, sum_error, largest_off, x_size;
} posterior;

/* d at most DIMENSIONS, fewer than COMPONENTS or as many components. */
void problem_draw(problem *p, assay_quantity quantity, test_random *random);

/* Its values. Pointers stay inside the problem; the memory of the point is kept until problem_clear. */
void problem_evaluate(problem *p);
void problem_clear(problem *p);

posterior posterior_of(const problem *p);

/* A bound is the formula but for roundings; a number that may cancel is made of parts of the given size. */
void check_bound(const char *what, double got, long double formula, size_t number);
void check_value(const char *what, dd got, long double value, long double size, size_t number);

long double of_pair(dd value);
long double pair_at(const double *high, const double *low, size_t j);

/* g of the leader and rho of Q7 */
long double pull_at(const problem *p, size_t leader, size_t j);
long double pull_error_at(const problem *p, size_t leader, size_t j);

/* The bracket of Q8, z and its error */
typedef struct {
  long double value, size, error;
} bracket;
bracket bracket_at(const problem *p, size_t leader, size_t k, size_t j);
long double reach_of(const problem *p, const posterior *at, size_t k);

#endif
