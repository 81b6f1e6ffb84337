/* tests/accuracy/dae_exact.h: flow-dae's label solution and flow from their definitions, entry by entry, in 113-bit
 * arithmetic on the doubles that fast's streams give: its errors are some 2^-60 of those it is there to measure. */
#ifndef ASSAY_TESTS_ACCURACY_DAE_EXACT_H
#define ASSAY_TESTS_ACCURACY_DAE_EXACT_H

#include <assay/fast.h>

__extension__ typedef __float128 quad;

typedef struct {
  size_t n, d;
  assay_schedule_kind schedule;
  double sigma, mean;
  const signed char *labels;
  double *x[2];      /* n x d */
  quad *sum[2];      /* S_0, S_1 */
  quad q[3], weight; /* sum <x_u, x_v> for uv = 00, 01, 11; lambda + n */
  quad a[3];         /* a_uv = q_uv - <S_u, S_v>/(lambda + n) */
} dae_exact;

/* Ends the program when memory runs out or a stream fails. */
dae_exact dae_exact_of(const assay_dae_data *data, const assay_dae_settings *settings);
void dae_exact_clear(dae_exact *exact);

/* The label solution at time p/q. margin: least, largest and mean of s_i <w, x_t^i>/d. */
typedef struct {
  quad alpha, beta, kappa, alpha_slope; /* kappa = beta' - alpha' beta/alpha times alpha */
  quad c, w_mu, w_xi, w_eta, margin[3];
} dae_exact_fit;
dae_exact_fit dae_exact_at(const dae_exact *exact, double p, double q, bool margins);

/* The flow's coefficients at step j for a sample that keeps the sign +1: X_j = perp X_0 + a xb_0 + b xb_1. */
typedef struct {
  quad perp, a, b;
} dae_exact_state;
dae_exact_state dae_exact_step(dae_exact_state at, const dae_exact_fit *fit, size_t steps);

/* Statistics of generated samples at a state, signs constant: coefficients along mu, xi, eta of the projected mean, the
 * root mean square outside the span, |span part - mu|^2/d and |mean - mu|^2/d. d >= 4. */
typedef struct {
  quad mu, xi, eta, perp, mse, mean_error;
} dae_exact_mean;
dae_exact_mean dae_exact_mean_at(const dae_exact *exact, dae_exact_state state, const double *start,
                                 const signed char *signs, size_t count);

double *dae_exact_read(const assay_stream *stream);

#endif
