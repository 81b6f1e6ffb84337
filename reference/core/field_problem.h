/* reference/core/field_problem.h: a mixture on a path as exact numbers, and the coefficients that a field needs from it
 * at one working precision.
 *
 * Write alpha = a/q, beta = b/q, s_k = S_k/D_k with integers where the data are rational, and
 *   spread_k = a^2 D_k + b^2 S_k = v_k q^2 D_k.
 * In every component each wide quantity is (xi_k x + mu_k m_k)/spread_k (from flow-dae section 1; r = alpha alpha' +
 * beta beta' s, W = alpha beta' - alpha' beta):
 *   denoiser  xi = q b S                              mu = a^2 D
 *   score     xi = - q^2 D                            mu = b q D
 *   noise     xi = a q D                              mu = - a b D
 *   velocity  xi = q (a alpha' D + b beta' S) = r q^2 D   mu = a q W D
 * so nothing is divided by alpha or beta, and rational values come out exactly. */
#ifndef ASSAY_REFERENCE_CORE_FIELD_PROBLEM_H
#define ASSAY_REFERENCE_CORE_FIELD_PROBLEM_H

#include "reference/core/interval.h"
#include "reference/core/schedule.h"

#include <gmp.h>

/* One component, exactly. norm2: |m_k|^2 in units of 2^EXACT_SUM_EXPONENT. Components of one kind agree in weight,
 * variance and norm2 (in weight alone at beta = 0, where nothing else enters the responsibilities). */
typedef struct {
  mpq_t weight, variance;
  mpz_t norm2;
  size_t kind;
} field_component;

typedef struct {
  const assay_mixture *mixture;
  assay_quantity quantity;
  schedule_path path;
  bool at_noise;
  mpq_t total_weight;
  field_component *component;
  size_t *order;    /* components sorted so that a kind is contiguous */
  size_t kinds;     /* number of kinds */
  double mean_size; /* largest |m_kj| */
} field_problem;

/* Checks everything there is to check but the points. The mixture must outlive `out`. */
assay_status field_problem_init(field_problem *out, assay_quantity quantity, const assay_mixture *mixture,
                                const assay_path_point *point, assay_context *context);
void field_problem_clear(field_problem *problem);

/* Do components k and l have the same coefficients? */
bool field_same_coefficients(const field_problem *problem, size_t k, size_t l);

/* xi and mu as above, and divided by the spread. */
typedef struct {
  iv xi, mu;
  iv x, mean;
} field_coefficients;

typedef struct {
  iv spread;
  iv inverse;                  /* 1/(q^2 v_k) */
  iv log_variance, log_weight; /* log v_k; log w_k, not normalised. NULL where a single component needs none. */
  field_coefficients field;    /* of the quantity; of the velocity for the divergence */
  field_coefficients score;    /* for the divergence: -g_k */
} field_table_row;

typedef struct {
  iv_scope *scope;
  iv unit2;     /* q^2 */
  iv cross;     /* - 2 q b */
  iv beta2;     /* b^2 */
  iv log_total; /* log sum_k w_k */
  field_table_row *row;
} field_table;

field_table *field_table_new(const field_problem *problem, long bits);
void field_table_free(field_table *table);

#endif
