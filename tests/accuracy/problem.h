/* tests/accuracy/problem.h: random mixtures, path points and points meant to hurt, from families with a name. The same
 * whatever the compiler: no expression draws two numbers, whose order would be the compiler's choice. */
#ifndef ASSAY_TESTS_ACCURACY_PROBLEM_H
#define ASSAY_TESTS_ACCURACY_PROBLEM_H

#include <assay/model.h>

#include "testing.h"

/* X(code, name). ordinary: variances from 0.1 to 3, conditions up to 10, times inside (0.02, 0.98): what a user meets.
 * ends: the ends of the path and times within 2^-20 .. 2^-53 of them, exact strings. tiny: variances from 1e-12 to 1e-6
 * and means of order one. contested: two components tie although their log-weights are large. large: means and points
 * up to 1e6. stiff: conditions (isotropic: ratios between components) from 1e6 to 1e12. many: 32 components. */
#define ACCURACY_FAMILIES(X)                                                                                           \
  X(FAMILY_ORDINARY, "ordinary")                                                                                       \
  X(FAMILY_ENDS, "ends")                                                                                               \
  X(FAMILY_TINY, "tiny")                                                                                               \
  X(FAMILY_CONTESTED, "contested")                                                                                     \
  X(FAMILY_LARGE, "large")                                                                                             \
  X(FAMILY_STIFF, "stiff")                                                                                             \
  X(FAMILY_MANY, "many")

typedef enum {
#define ACCURACY_CODE(code, name) code,
  ACCURACY_FAMILIES(ACCURACY_CODE)
#undef ACCURACY_CODE
      FAMILY_COUNT
} accuracy_family;
const char *accuracy_family_name(accuracy_family family);

/* The three covariance kinds of model.h, and their mixture (at least one of them not isotropic). */
enum { KIND_MIXED = 3, KIND_COUNT = 4 };
const char *accuracy_kind_name(int kind);

typedef struct {
  assay_mixture mixture;
  assay_path_point point;
} accuracy_problem;

/* Ends the program when memory runs out. */
void accuracy_problem_make(accuracy_problem *out, accuracy_family family, int kind, assay_schedule_kind schedule,
                           size_t d, test_random *random);
void accuracy_problem_clear(accuracy_problem *problem);

/* `points` points (points x d) where the family wants them. */
void accuracy_problem_points(double *x, size_t points, const accuracy_problem *problem, accuracy_family family,
                             test_random *random);

/* A small relative change of one number of the problem: the time, a coefficient, a mean's entry, a variance. */
typedef struct {
  assay_real *real; /* NULL: nothing was moved, or an entry was */
  double *entry;
  assay_real old;
} accuracy_move;

accuracy_move accuracy_problem_move(accuracy_problem *problem, test_random *random);
void accuracy_problem_undo(accuracy_move move);

/* x (1 + s) with |s| from 2^-52 to `largest`, uniform in the logarithm. */
double accuracy_nudge(double x, double largest, test_random *random);

#endif
