/* theory/flow_dae/saturated.h: how far a stationary point for tanh or erf is from the label solution (c_L, w_L) when
 * every training point saturates phi.
 *
 * Norms per dimension: |v|^2 = <v, v>/d. At (c, w) let a_i = s_i <w, x_t^i>_d/sqrt(d) > 0, and p_i = s_i (1 - e_i) the
 * value of phi. For tanh 0 <= e_i <= 2 exp(-2 a_i) and phi' <= 4 exp(-2 a_i); for erf e_i <= exp(-a_i^2) and phi' <=
 * 2/sqrt(pi) exp(-a_i^2). The label solution is where the gradient of the loss with s_i for p_i vanishes. At (c, w)
 * half of that gradient, (E_w, E_c), differs from half of the loss' own, (L_w, L_c), by
 *   w:  - sum e_i (2 - e_i) w + sum s_i e_i (x_1^i - c x_t^i) - sum phi'_i <w, r_i>_d/sqrt(d) x_t^i,
 *   c:  - sum s_i e_i <x_t^i, w>,
 * so with q_i = x_1^i - c x_t^i and |r_i| <= |q_i| + |w|,
 *   |E_w| <= |L_w| + sum e_i (2 |w| + |q_i|) + sqrt(d) sum phi'_i |w| (|q_i| + |w|) |x_t^i|,
 *   |E_c| <= |L_c| + sum e_i |x_t^i| |w|.
 * As the loss with s_i is quadratic, (lambda + n) (w - w_L) + (c - c_L) S_t = E_w and <S_t, w - w_L> + (c - c_L)
 * sum|x_t^i|^2 = E_c give, with a_tt = sum|x_t^i|^2 - |S_t|^2/(lambda + n),
 *   a_tt (c - c_L) = E_c - <S_t, E_w>/(lambda + n),  (lambda + n) (w - w_L) = E_w - (c - c_L) S_t.
 * All of it, L too, is taken from the d entries of w and the data, with the rounding of every sum bounded: what a
 * solver says of itself is not used. */
#ifndef ASSAY_THEORY_FLOW_DAE_SATURATED_H
#define ASSAY_THEORY_FLOW_DAE_SATURATED_H

#include <assay/fast.h>

/* least: a lower bound of all a_i. Upper bounds: rest, of |w - w_mu mu - w_xi xi - w_eta eta| with the fit's
 * coefficients; gradient, of the norm of (2 L_w, 2 L_c) as assay_dae_learned has it; c and w, of |c - c_L| and |w -
 * w_L|. The last three are infinite where a label may not be reproduced. */
typedef struct {
  double least, rest, gradient, c, w;
} saturated_bounds;

/* Of a fit with w (d entries) on the linear schedule, with skip connection. */
assay_status saturated_bounds_of(saturated_bounds *out, const assay_dae_learned *fit, const double *w,
                                 const assay_dae_data *data, const assay_dae_settings *settings,
                                 assay_activation activation, assay_context *context);

#endif
