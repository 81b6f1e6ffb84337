/* tests/claims/figure_data.h: the data of figures beside the items of the claims they belong to, and the
 * summary equations of flow-dae sections 3 and 4 once more, in double and by another route than reference/ takes. */
#ifndef ASSAY_TESTS_CLAIMS_FIGURE_DATA_H
#define ASSAY_TESTS_CLAIMS_FIGURE_DATA_H

#include <assay/theory.h>

/* A run of these claims, verified, at the quick level and the tests' seed. count: of patterns. */
typedef struct {
  assay_context context;
  assay_run *run;
  assay_plot plot;
} figure_data;

void figure_data_open(figure_data *data, const char *const *patterns, size_t count);
void figure_data_close(figure_data *data);

/* Draws this figure into data->plot and checks that it has `count` series with these labels; `lines`: 'l' for a line,
 * 'p' for points, one letter each. */
void figure_data_draw(figure_data *data, const char *id, const char *lines, const char *const *labels);

/* The item of this name, which must be there. */
const assay_item *figure_data_item(const figure_data *data, const char *claim, const char *name);

/* |value - expected| <= 1e-9 |expected|: far more than the roundings of either side. */
void figure_data_same(const char *what, size_t index, double value, double expected);

/* r = 1, linear schedule. P_j/P_0 = |u_j|/|u_0| prod cos(theta_i), u = (alpha, beta) in the metric diag(A, B);
 * mu + sigma eta and xi enter with k beta and k (alpha - P), k = n/(lambda+n). steps = 0: continuous time. */
typedef struct {
  double mu, xi, eta, perp;
  double mse, cosine; /* of the mean of infinitely many samples, at these overlaps */
} plain_summary;
plain_summary plain_summary_at(double n, double sigma, double lambda, size_t steps, size_t j);

/* n (MSE_K - its part from mu + sigma eta) of noise drawn anew at each of K steps: n V_K of R7. */
double plain_fresh_noise(double n, double sigma, double lambda, size_t steps);

#endif
