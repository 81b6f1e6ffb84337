/* tests/fast/flow_dae/plain.h: flow-dae done plainly, in long double, with everything stored: the oracle of fast's
 * Gram-product forms. Sums run along a row, then over rows, so the oracle's own rounding (d + n) 2^-64 is a small part
 * of the proved bounds it judges (at least 40 2^-53): comparisons allow the bound times PLAIN_SLACK. */
#ifndef ASSAY_TESTS_FAST_FLOW_DAE_PLAIN_H
#define ASSAY_TESTS_FAST_FLOW_DAE_PLAIN_H

#include <assay/fast.h>

#define PLAIN_SLACK 1.1L

typedef struct {
  size_t n, d;
  long double *x0, *x1; /* n x d, the streams' doubles */
  const signed char *labels;
  long double sigma, lambda, mean;
  assay_schedule_kind schedule;
  bool skip;
  assay_dae_grid grid;
  assay_dae_rule rule;
} plain_set;

plain_set plain_set_of(const assay_dae_data *data, const assay_dae_settings *settings);
void plain_set_free(plain_set *set);

/* The schedules that the learner takes, by number; polynomial has degree 3. */
enum { PLAIN_KINDS = 4 };
assay_schedule_kind plain_kind(size_t number);
assay_schedule plain_schedule(assay_schedule_kind kind);

long double plain_alpha(assay_schedule_kind schedule, long double time);
long double plain_beta(assay_schedule_kind schedule, long double time);

/* alpha' (time < 1) and beta'. */
long double plain_alpha_slope(assay_schedule_kind schedule, long double time);
long double plain_beta_slope(assay_schedule_kind schedule, long double time);

long double plain_dot(const long double *a, const long double *b, size_t d);

/* x_t^i of every sample (n x d; free it). */
long double *plain_noisy(const plain_set *set, long double time);

/* The label solution at a time; w has d entries. */
void plain_fit(long double *c, long double *w, const plain_set *set, long double time);

/* sum_i |x_1^i - c x_t^i - w h_i|^2 + lambda |w|^2 with h_i the labels, or the signs of <w, x_t^i>. */
long double plain_loss(const plain_set *set, long double time, long double c, const long double *w, bool own_signs);

/* One step of one sample in place (d entries) with the solutions given for each step (w: steps x d); signs: those
 * used. */
void plain_flow_step(long double *x, int *sign, const plain_set *set, size_t step, size_t steps, long double c,
                     const long double *w);

/* xi and eta (flow-dae section 4) of the training set. */
void plain_directions(long double *xi, long double *eta, const plain_set *set);

/* Coefficients of the projection of v onto the span of `count` independent vectors, by modified Gram-Schmidt on the
 * vectors themselves; v becomes the rest. */
void plain_project(long double *coefficients, long double *v, const long double *const *vectors, size_t count,
                   size_t d);

#endif
