#include "theory/flow_dae/notebook.h"

const notebook_grid notebook_own_grid = {1, NOTEBOOK_STEPS + 1}, notebook_simulation_grid = {0, NOTEBOOK_STEPS};

typedef struct {
  iv n, lambda, noise, data; /* n, lambda, lambda + n - 1, lambda (1 + sigma^2) + (n-1) sigma^2 */
} notebook_learner;

/* One step of Q_eta' = growth Q_eta + drive q_eta at t. */
static void advance(mpfi_ptr overlap, iv_scope *s, const notebook_learner *at, iv t, iv step) {
  iv data = t, noise = iv_sub(s, iv_si(s, 1), t), noise2 = iv_mul(s, iv_sqr(s, noise), at->noise);
  iv all = iv_add(s, noise2, iv_mul(s, iv_sqr(s, data), at->data));
  iv skip = iv_div(s, iv_mul(s, data, at->data), all);
  iv weight = iv_div(s, noise2, iv_mul(s, iv_add(s, at->lambda, at->n), all));
  iv drive = iv_add_si(s, iv_div(s, data, noise), 1);
  iv growth = iv_sub(s, iv_mul(s, drive, skip), iv_inv(s, noise));
  iv slope = iv_add(s, iv_mul(s, growth, overlap), iv_mul(s, drive, weight));
  mpfi_set(overlap, iv_add(s, overlap, iv_mul(s, step, slope)));
}

iv notebook_overlap(iv_scope *s, size_t samples, iv sigma, iv lambda, notebook_grid grid) {
  mpfi_ptr overlap = iv_new(s);
  iv n = iv_ui(s, samples), sigma2 = iv_sqr(s, sigma), others = iv_add_si(s, n, -1);
  iv data = iv_add(s, iv_mul(s, lambda, iv_add_si(s, sigma2, 1)), iv_mul(s, others, sigma2));
  notebook_learner learner = {n, lambda, iv_add(s, lambda, others), data};
  iv step = iv_ratio(s, 1, NOTEBOOK_STEPS + 1);
  for (size_t j = 0; j < NOTEBOOK_STEPS; j++) {
    size_t mark = iv_mark(s);
    advance(overlap, s, &learner, iv_ratio(s, (long)(grid.first + j), (long)grid.parts), step);
    iv_release(s, mark);
  }
  return overlap;
}
