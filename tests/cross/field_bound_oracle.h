/* tests/cross/field_bound_oracle.h: fields of mixtures of any covariances by definition, in plain 768-bit MPFR: V_k
 * factored as L D L', the density summed as it stands, the divergence by central differences of the velocity. Not
 * rigorous, but its errors are some 10^-60 of what it sums. */
#ifndef ASSAY_TESTS_CROSS_FIELD_BOUND_ORACLE_H
#define ASSAY_TESTS_CROSS_FIELD_BOUND_ORACLE_H

#include <assay/model.h>

#include <mpfr.h>

typedef struct {
  const assay_mixture *mixture;
  mpfr_t alpha, beta, alpha_decay, beta_rate; /* alpha_decay: alpha alpha', finite at t = 1 */
  mpfr_t *factors;     /* per full component d x d: L below the diagonal, D on it; per other one d: V's entries */
  size_t *first;       /* where each component's factor starts; the last entry: their number */
  mpfr_t *log_weights; /* log(w/sum w) - log det V/2 - d/2 log(2 pi) */
} field_oracle;

void field_oracle_init(field_oracle *oracle, const assay_mixture *mixture, const assay_path_point *point);
void field_oracle_clear(field_oracle *oracle);

/* out: assay_quantity_width numbers, initialised here; release with field_oracle_free. */
mpfr_t *field_oracle_value(const field_oracle *oracle, assay_quantity quantity, const double *x);
void field_oracle_free(mpfr_t *numbers, size_t count);

#endif
