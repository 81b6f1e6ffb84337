/* One point of a mixture of isotropic components with drawn constants, and what formulas of docs/fast-field-bound.md
 * share, in long double. */
#ifndef ASSAY_TESTS_FAST_CORE_POINT_PROBLEM_H
#define ASSAY_TESTS_FAST_CORE_POINT_PROBLEM_H

#include "fast/core/field_point.h"
#include "testing.h"

enum { COMPONENTS = 3, DIMENSION = 5, PADDED = 8 };

static const long double U = 0x1p-53L, INFLATE = 1 + 0x1p-18L, FLOOR = 0x1p-1000L;

typedef struct {
  assay_component sources[COMPONENTS];
  assay_mixture mixture;
  double mean[COMPONENTS][DIMENSION], centred[COMPONENTS + 1][DIMENSION], centre[DIMENSION];
  double x[DIMENSION], product[DIMENSION], products[COMPONENTS], square;
  field_component components[COMPONENTS + 1];
  ball base[COMPONENTS];
  field_plan plan;
  bool grouped;                                                 /* weighed in a group, but for points in doubt */
  double share[PADDED], doubt[PADDED], weights[COMPONENTS + 1]; /* the last: NaN */
  double log_weights[PADDED], errors[PADDED];
  field_posterior posterior;
  field_point point;
} problem;

/* Sizes about 1 or 0, radii from far below a rounding to 1/16, or 0; sometimes underflow is all there is. */
void problem_draw(problem *p, assay_quantity quantity, test_random *random);

/* Posterior and sums over components. Pointers stay inside the problem. */
void problem_weigh(problem *p);

/* A bound is the formula but for roundings; a number that may cancel is made of parts of the given size. */
void check_bound(const char *what, double got, long double formula, size_t number);
void check_value(const char *what, double got, long double value, long double size, size_t number);

long double upper(ball b);
const double *mean_of(const problem *p, size_t anchor); /* COMPONENTS: the centre */
long double distance(const problem *p, size_t anchor);  /* |x - beta mean|^2 */
long double square_error(const problem *p, size_t k);   /* q of S5 */
long double sum_relative(const problem *p);             /* gamma_{2k+10} + relative error of omega */

/* gap_k: the value, its size and its radius */
typedef struct {
  long double value, size, error;
} difference;
difference gap_of(const problem *p, size_t k);

/* C of S6 and E_C, and what the doubts make of it (S8) */
typedef struct {
  long double value, error;
} slope;
slope slope_of(const problem *p);
long double slope_sensitivity(const problem *p);

#endif
