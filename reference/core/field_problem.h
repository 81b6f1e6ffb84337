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
 * so nothing is divided by alpha or beta, and rational values come out exactly. Each xi is xi_variance S + xi_unit D
 * and each mu is mu_unit D (a form). A diagonal covariance has these coefficients coordinate by coordinate, D = 1. For
 * a full one they are matrices that commute, D = 1 and S_k in place of S: the quantity is W_k^{-1} ((xi_variance S_k +
 * xi_unit I) x + mu_unit m_k),  W_k = a^2 I + b^2 S_k = q^2 V_k. */
#ifndef ASSAY_REFERENCE_CORE_FIELD_PROBLEM_H
#define ASSAY_REFERENCE_CORE_FIELD_PROBLEM_H

#include "reference/core/interval.h"
#include "reference/core/schedule.h"

#include <gmp.h>

/* One component, exactly. variance: of an isotropic one, else 1. norm2: |m_k|^2 in units of 2^EXACT_SUM_EXPONENT.
 * shape: the first component with the same covariance. Components of one kind agree in weight, variance and norm2 (in
 * weight alone at beta = 0, where nothing else enters the responsibilities; in weight and shape in general problems).
 */
typedef struct {
  mpq_t weight, variance;
  mpz_t norm2;
  size_t shape, kind;
} field_component;

typedef struct {
  const assay_mixture *mixture;
  assay_quantity quantity;
  schedule_path path;
  bool at_noise; /* beta = 0: covariances play no part */
  bool general;  /* they do, and not all are isotropic */
  mpq_t total_weight;
  field_component *component;
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

/* On the circle alpha alpha' = - beta beta', so that the velocity's xi is xi_variance (S - D): `excess`. */
typedef struct {
  iv xi_variance, xi_unit, mu_unit;
  bool excess;
} field_form;

/* Isotropic problems have all members that their quantity needs; general ones have the variances of isotropic
 * components, log_weight, and of components that are their own shape log_variance and rate where the covariance is not
 * full. */
typedef struct {
  iv numerator, denominator; /* S and D */
  iv spread;
  iv inverse;                  /* 1/(q^2 v_k) */
  iv log_variance, log_weight; /* log v_k (general: log det V_k); log w_k, not normalised. NULL where a single component
                                  needs none. */
  iv rate;                     /* general, for the divergence: tr of the velocity's xi/spread */
  field_coefficients field;    /* of the quantity; of the velocity for the divergence */
  field_coefficients score;    /* for the divergence: -g_k */
} field_table_row;

typedef struct {
  iv_scope *scope;
  iv unit, beta;    /* q, b */
  iv alpha2, beta2; /* a^2, b^2 */
  iv unit2;         /* q^2 */
  iv cross;         /* - 2 q b */
  iv log_total;     /* log sum_k w_k */
  field_form field; /* of the quantity; of the velocity for the divergence */
  field_form score; /* for the divergence */
  field_table_row *row;
} field_table;

field_table *field_table_new(const field_problem *problem, long bits);
void field_table_free(field_table *table);

#endif
