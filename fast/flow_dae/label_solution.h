/* fast/flow_dae/label_solution.h: the least-squares fit with the labels as pattern (flow-dae section 2, h = s), in
 * forms without cancellation near t = 0 and 1.
 *
 * With a_uv = q_uv - g_uv/(lambda+n), a_tv = alpha a_0v + beta a_1v, a_tt = alpha a_t0 + beta a_t1 the optimal c is
 * a_t1/a_tt, and 1 - c beta = (a_tt - beta a_t1)/a_tt = alpha a_t0/a_tt. So, xb_u = S_u/(lambda+n),
 *   w = xb_1 - c (alpha xb_0 + beta xb_1) = data xb_1 - noise xb_0,  data = alpha a_t0/a_tt,  noise = alpha a_t1/a_tt,
 * and, the determinant of (u_t, u_1) in the metric a being alpha^2 times that of (u_0, u_1), the least value of
 * sum |x_1 - c x_t - s w|^2 + lambda |w|^2 is a_11 - a_t1^2/a_tt = alpha^2 (a_00 a_11 - a_01^2)/a_tt.
 * Without skip connection, c = 0: w = xb_1, and the least value is a_11. */
#ifndef ASSAY_FAST_FLOW_DAE_LABEL_SOLUTION_H
#define ASSAY_FAST_FLOW_DAE_LABEL_SOLUTION_H

#include "fast/core/schedule.h"
#include "fast/flow_dae/gram.h"

typedef struct {
  ball a00, a01, a11;
  ball weight; /* lambda + n */
  bool skip;
} dae_metric;

dae_metric dae_metric_of(const dae_gram *gram, const assay_dae_settings *settings);

typedef struct {
  ball c, data, noise;
  ball data_rate, noise_rate; /* data/alpha, noise/alpha */
  double slope;               /* -1/2 of the least value's derivative in c: 0 up to rounding; 0 without skip */
  double least;
} dae_solution;

/* Infinite errors when rounding cannot tell a_tt from 0. */
dae_solution dae_solve(const dae_metric *metric, const schedule_coefficients *path);

/* Settings that belong to the data. */
assay_status dae_check_data(const assay_dae_data *data, const assay_dae_settings *settings, assay_context *context);

/* The same, and fixed noise. */
assay_status dae_check_training(const assay_dae_data *data, const assay_dae_settings *settings, assay_context *context);

/* At least one time, all in [0, 1]. */
assay_status dae_check_times(const double *time, size_t times, assay_context *context);

#endif
