/* tests/claims/plain_flow.h: one data set of flow-dae, trained and flowed as written on the page: every vector stored,
 * every sum taken as it stands, normals by Box-Muller on the tests' own generator. */
#ifndef ASSAY_TESTS_CLAIMS_PLAIN_FLOW_H
#define ASSAY_TESTS_CLAIMS_PLAIN_FLOW_H

#include "testing.h"

#include <stdbool.h>

typedef struct {
  size_t samples, dimension, steps, count; /* n, d >= 4, K even, N */
  double sigma, lambda, mean;              /* mean: entries of mu, sqrt(r) */
} plain_sizes;

/* Products per dimension; the fit (c and <w, u>/d), P_j and M, Q, E, P at t = 1/2; at the end P_K, the squared distance
 * per dimension from mu of the cluster's center xb_1 - P_K xb_0, and of the mean of h_i X_K^i. */
/* clang-format off */
#define PLAIN_STATISTICS(X)                                                                                            \
  X(XI2) X(ETA2) X(XI_ETA) X(XI_MU) X(ETA_MU) X(A00) X(A01) X(A11)                                                     \
  X(C) X(W_MU) X(W_XI) X(W_ETA) X(PERP_HALF) X(PERP) X(CENTER)                                                         \
  X(M) X(Q) X(E) X(P) X(ERROR)
/* clang-format on */
#define PLAIN_CODE(name) PLAIN_##name,
typedef enum { PLAIN_STATISTICS(PLAIN_CODE) PLAIN_COUNT } plain_statistic;
#undef PLAIN_CODE
extern const char *const plain_names[PLAIN_COUNT];

/* Draws a data set and N starts; false when a generated sample changed its sign along the flow. */
bool plain_flow_draw(double out[PLAIN_COUNT], const plain_sizes *sizes, test_random *random);

#endif
