/* fast/flow_dae/adam_rows.h: the training set at one time in memory, whole rows of x_t and x_1, and what Adam with the
 * activation sign asks of some of them. Sums over columns run in slabs: the same bits for every number of threads. */
#ifndef ASSAY_FAST_FLOW_DAE_ADAM_ROWS_H
#define ASSAY_FAST_FLOW_DAE_ADAM_ROWS_H

#include "fast/flow_dae/slabs.h"

#include <assay/fast.h>

typedef struct {
  const assay_dae_data *data;
  double alpha, beta;
  dae_slabs slabs; /* of one block each */
  size_t stride;   /* of a row and of a vector: d padded with zeros to whole lanes */
  double *xt, *x1; /* n rows each */
  double *squares; /* n: |x_t^i|^2 */
  double with_1;   /* sum <x_t^i, x_1^i> */
  double *room;    /* for short jobs */
  size_t held;     /* bytes, the caller's and ours */
} adam_rows;

/* Reads the rows. held: bytes of the caller. adam_rows_clear() frees, after a failure too. */
assay_status adam_rows_init(adam_rows *out, double alpha, double beta, const assay_dae_data *data, size_t held,
                            assay_context *context);
void adam_rows_clear(adam_rows *rows);

/* out: <w, y_k> of `count` vectors y_k; square: |w|^2, untouched when there are none. All of length stride. */
assay_status adam_rows_products(double *out, double *square, const double *w, const double *const *vectors,
                                size_t count, const adam_rows *rows, assay_context *context);

/* Adds factors_k times row list_k, in order, to sum_t (x_t) and sum_1 (x_1), which start at 0 if `anew`. with_t:
 * <w, sum_t> then. */
assay_status adam_rows_add(double *sum_t, double *sum_1, double *with_t, const double *w, bool anew,
                           const double *factors, const size_t *list, size_t count, const adam_rows *rows,
                           assay_context *context);

#endif
