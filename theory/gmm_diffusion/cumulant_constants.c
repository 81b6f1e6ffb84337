/* Claim gmm-diffusion/cumulant-constants: what cumulants of a bounded law can be.
 *
 * |kappa_m| <= c_m R^m, c_m = sum_j S(m, j) (j-1)! = sum_{k >= 1} k^{m-1} 2^-k. Every law of two atoms is, up to scale
 * and shift, u = +-1 with some mean mu in [-1, 1]; tilting changes mu only, and kappa_{m+1} = (1 - mu^2) d kappa_m/d mu
 * with kappa_1 = mu: polynomials, enclosed over all mu. Other laws here have rational places and weights, and exact
 * rational cumulants by kappa_m = E u^m - sum_{k < m} C(m-1, k-1) kappa_k E u^{m-k}. */
#include "theory/gmm_diffusion/paper.h"

#include "reference/core/interval.h"
#include "reference/gmm_diffusion/derivative_bound.h"

#include <stdio.h>

enum { WORKING_BITS = 512, AGREE_BITS = 64, NAME = 80 };

enum { ORDERS_QUICK = 12, ORDERS_FULL = 24, ITEMS_PER_ORDER = 3 }; /* m = 2, ...; three bounds each */
enum { SERIES_QUICK = 16, SERIES_FULL = 48 };                      /* m = 1, ... */

/* ---- the constants as a series ---- */

/* Terms up to K = 16 m + 128, where the quotient of neighbours, ((k+1)/k)^{m-1}/2, stays below exp(1/16)/2 < 3/5: the
 * rest is less than 3/2 of the last. */
static iv constant_series(iv_scope *s, unsigned long m) {
  mpfi_ptr sum = iv_new(s);
  iv term = NULL;
  for (unsigned long k = 1; k <= 16 * m + 128; k++) {
    term = iv_mul_2si(s, iv_pow_ui(s, iv_ui(s, k), m - 1), -(long)k);
    mpfi_add(sum, sum, term);
  }
  iv rest = iv_mul(s, term, iv_ratio(s, 3, 2));
  return iv_add(s, sum, iv_hull(s, iv_ui(s, 0), rest));
}

static assay_status compare_series(assay_trial *trial, iv_scope *s, mpz_t *constants, unsigned long count) {
  assay_status status = ASSAY_OK;
  for (unsigned long m = 1; m <= count && !status; m++) {
    size_t mark = iv_mark(s);
    char name[NAME];
    (void)snprintf(name, sizeof name, "c_%lu = sum_k k^%lu 2^-k", m, m - 1);
    status = assay_trial_agree(trial, name, constant_series(s, m), iv_z(s, constants[m - 1]), NULL, AGREE_BITS);
    iv_release(s, mark);
  }
  return status;
}

/* ---- two atoms, all means ---- */

enum { CELLS = 256 };

/* Coefficients of kappa_m in powers of mu; degree m. */
typedef struct {
  mpz_t coefficient[ORDERS_FULL + 2];
  size_t degree;
} polynomial;

/* (1 - mu^2) p' in place: coefficient i becomes (i+1) p_{i+1} - (i-1) p_{i-1}. */
static void next_cumulant(polynomial *p) {
  mpz_t before, now;
  mpz_inits(before, now, (mpz_ptr)NULL);
  p->degree++;
  for (size_t i = 0; i <= p->degree; i++) {
    mpz_set(now, p->coefficient[i]);
    mpz_set_ui(p->coefficient[i], 0);
    if (i < p->degree) mpz_mul_ui(p->coefficient[i], p->coefficient[i + 1], i + 1);
    if (i > 1) mpz_submul_ui(p->coefficient[i], before, i - 1);
    mpz_set(before, now);
  }
  mpz_clears(before, now, (mpz_ptr)NULL);
}

static iv evaluate(iv_scope *s, const polynomial *p, iv mu) {
  iv value = iv_z(s, p->coefficient[p->degree]);
  for (size_t i = p->degree; i > 0; i--) value = iv_add(s, iv_mul(s, value, mu), iv_z(s, p->coefficient[i - 1]));
  return iv_abs(s, value);
}

/* Over middle +- radius, by the powers of mu - middle: those of mu cancel. */
static iv evaluate_around(iv_scope *s, const polynomial *p, iv middle, iv radius) {
  iv shifted[ORDERS_FULL + 2];
  for (size_t i = 0; i <= p->degree; i++) shifted[i] = iv_z(s, p->coefficient[i]);
  for (size_t k = 0; k < p->degree; k++)
    for (size_t i = p->degree; i-- > k;) shifted[i] = iv_add(s, shifted[i], iv_mul(s, middle, shifted[i + 1]));
  iv value = shifted[p->degree], off = iv_ball(s, iv_ui(s, 0), radius);
  for (size_t i = p->degree; i > 0; i--) value = iv_add(s, iv_mul(s, value, off), shifted[i - 1]);
  return iv_abs(s, value);
}

/* The largest |kappa_m| over mu in [-1, 1], by symmetry over [0, 1]: at least what it is at the cells' ends, at most
 * what a cell's enclosure says. */
static iv largest_of_two(iv_scope *s, const polynomial *p) {
  mpfi_ptr most = iv_new(s), least = iv_new(s);
  for (long i = 0; i < CELLS; i++) {
    size_t mark = iv_mark(s);
    iv low = iv_ratio(s, i, CELLS), high = iv_ratio(s, i + 1, CELLS);
    iv middle = iv_ratio(s, 2 * i + 1, 2L * CELLS), radius = iv_ratio(s, 1, 2L * CELLS);
    mpfi_set(most, iv_max(s, most, evaluate_around(s, p, middle, radius)));
    mpfi_set(least, iv_max(s, least, iv_max(s, evaluate(s, p, low), evaluate(s, p, high))));
    iv_release(s, mark);
  }
  return iv_hull(s, iv_lower(s, least), iv_upper(s, most));
}

/* ---- other laws ---- */

enum { ATOMS = 5, LAWS_QUICK = 4, LAWS_FULL = 8 };

/* Atoms at place/scale with these weights, of which 0 ends the list; |place| <= scale, so that R = 1. */
typedef struct {
  long scale, place[ATOMS];
  unsigned long weight[ATOMS];
} rational_law;

static const rational_law laws[LAWS_FULL] = {
    {1, {-1, 0, 1}, {1, 4, 1}},        {1, {-1, 0, 1}, {10, 3, 87}},
    {2, {-2, -1, 1, 2}, {3, 1, 1, 3}}, {5, {-5, -4, 5}, {1, 2, 3}},
    {3, {-3, -1, 1, 3}, {1, 7, 7, 1}}, {7, {-7, -6, 0, 5, 7}, {1, 1, 100, 1, 1}},
    {4, {-4, 3, 4}, {50, 1, 49}},      {2, {-2, -1, 0, 1, 2}, {1, 1, 1, 1, 1}},
};

static void moment_of(mpq_t out, const rational_law *law, unsigned long order) {
  mpz_t power;
  mpz_init(power);
  mpz_set_ui(mpq_numref(out), 0), mpz_set_ui(mpq_denref(out), 0);
  for (size_t i = 0; i < ATOMS && law->weight[i]; i++) {
    mpz_set_si(power, law->place[i]);
    mpz_pow_ui(power, power, order);
    mpz_addmul_ui(mpq_numref(out), power, law->weight[i]);
    mpz_add_ui(mpq_denref(out), mpq_denref(out), law->weight[i]);
  }
  mpz_set_si(power, law->scale);
  mpz_pow_ui(power, power, order);
  mpz_mul(mpq_denref(out), mpq_denref(out), power);
  mpq_canonicalize(out);
  mpz_clear(power);
}

/* kappa[m - 1], m <= count. */
static void cumulants_of(mpq_t *kappa, const rational_law *law, unsigned long count) {
  mpq_t moment[ORDERS_FULL + 1], term;
  mpz_t choices;
  mpq_init(term), mpz_init(choices);
  for (unsigned long m = 0; m <= count; m++) mpq_init(moment[m]), moment_of(moment[m], law, m);
  for (unsigned long m = 1; m <= count; m++) {
    mpq_set(kappa[m - 1], moment[m]);
    for (unsigned long k = 1; k < m; k++) {
      mpz_bin_uiui(choices, m - 1, k - 1);
      mpq_set_z(term, choices);
      mpq_mul(term, term, kappa[k - 1]);
      mpq_mul(term, term, moment[m - k]);
      mpq_sub(kappa[m - 1], kappa[m - 1], term);
    }
  }
  for (unsigned long m = 0; m <= count; m++) mpq_clear(moment[m]);
  mpq_clear(term), mpz_clear(choices);
}

/* largest[m - 1]: the largest |kappa_m| among the laws. */
static void largest_of_laws(mpq_t *largest, size_t law_count, unsigned long count) {
  mpq_t kappa[ORDERS_FULL];
  for (unsigned long m = 0; m < count; m++) mpq_init(kappa[m]);
  for (size_t i = 0; i < law_count; i++) {
    cumulants_of(kappa, &laws[i], count);
    for (unsigned long m = 0; m < count; m++) {
      mpq_abs(kappa[m], kappa[m]);
      if (mpq_cmp(kappa[m], largest[m]) > 0) mpq_set(largest[m], kappa[m]);
    }
  }
  for (unsigned long m = 0; m < count; m++) mpq_clear(kappa[m]);
}

/* ---- evidence ---- */

static assay_status at_order(assay_trial *trial, iv_scope *s, unsigned long m, iv two, mpq_srcptr others, iv constant,
                             iv line) {
  char name[NAME];
  iv control = m > 2 ? iv_ui(s, 1) : NULL; /* u = +-1 has variance 1: no evidence for or against |kappa_2| <= R^2 */
  mpfi_ptr largest = iv_new(s);
  mpfi_set_q(largest, others);
  (void)snprintf(name, sizeof name, "m=%lu |kappa_m| < c_m, two atoms, all means", m);
  assay_status status = assay_trial_decide(trial, name, two, ASSAY_LESS, constant, control);
  (void)snprintf(name, sizeof name, "m=%lu |kappa_m| < c_m, largest of listed laws", m);
  if (!status) status = assay_trial_decide(trial, name, largest, ASSAY_LESS, constant, control);
  (void)snprintf(name, sizeof name, "m=%lu both below the bound on the line", m);
  if (!status) status = assay_trial_decide(trial, name, iv_max(s, two, largest), ASSAY_LESS, line, control);
  return status;
}

static assay_status compare_cumulants(assay_trial *trial, iv_scope *s, mpz_t *constants, size_t law_count,
                                      unsigned long count, assay_context *context) {
  derivative_bounds line;
  assay_status status = derivative_bounds_init(&line, s, ASSAY_GMM_BOUND_LINE, 1, count, count, context);
  if (status) return status;
  polynomial p = {.degree = 1};
  mpq_t largest[ORDERS_FULL];
  for (size_t i = 0; i < ORDERS_FULL + 2; i++) mpz_init(p.coefficient[i]);
  for (size_t m = 0; m < ORDERS_FULL; m++) mpq_init(largest[m]);
  mpz_set_ui(p.coefficient[1], 1);
  largest_of_laws(largest, law_count, count);
  for (unsigned long m = 2; m <= count && !status; m++) {
    size_t mark = iv_mark(s);
    next_cumulant(&p);
    status = at_order(trial, s, m, largest_of_two(s, &p), largest[m - 1], iv_z(s, constants[m - 1]), line.b[m - 1]);
    iv_release(s, mark);
  }
  for (size_t i = 0; i < ORDERS_FULL + 2; i++) mpz_clear(p.coefficient[i]);
  for (size_t m = 0; m < ORDERS_FULL; m++) mpq_clear(largest[m]);
  derivative_bounds_clear(&line);
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  bool quick = assay_trial_level(trial) == ASSAY_LEVEL_QUICK;
  mpz_t *constants = NULL;
  assay_status status = cumulant_constants_init(&constants, SERIES_FULL, context);
  if (status) return status;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  status = compare_series(trial, s, constants, quick ? SERIES_QUICK : SERIES_FULL);
  if (!status)
    status = compare_cumulants(trial, s, constants, quick ? LAWS_QUICK : LAWS_FULL, quick ? ORDERS_QUICK : ORDERS_FULL,
                               context);
  iv_scope_free(s);
  cumulant_constants_clear(constants, SERIES_FULL);
  return status;
}

const assay_claim assay_gmm_diffusion_cumulant_constants = {
    .id = "gmm-diffusion/cumulant-constants",
    .statement = "c_m = sum_j S(m, j) (j-1)!, S Stirling's numbers of the second kind, is sum_k k^{m-1} 2^-k, and "
                 "cumulants of laws "
                 "in [-R, R] have |kappa_m| < c_m R^m and |kappa_m| < R^m min over theta of (m-1)! "
                 "theta^{1-m}/cos(theta), m >= 2: "
                 "of two atoms with any weights, and of listed laws.",
    .source = "derived here (gmm-diffusion section 3): derivatives of the posterior mean are cumulants",
    .control = "|kappa_m| <= R^m",
    .sizes = {"c_m for m <= 16; two atoms, all weights, and 4 laws of 3 to 4 atoms, 2 <= m <= 12",
              "c_m for m <= 48; two atoms, all weights, and 8 laws of 3 to 5 atoms, 2 <= m <= 24"},
    .kind = ASSAY_PROOF,
    .comparisons = {SERIES_QUICK + (size_t)(ORDERS_QUICK - 1) * ITEMS_PER_ORDER,
                    SERIES_FULL + (size_t)(ORDERS_FULL - 1) * ITEMS_PER_ORDER},
    .gather = gather,
};
