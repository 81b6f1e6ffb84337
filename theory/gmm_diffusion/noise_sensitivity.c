/* Claim gmm-diffusion/noise-sensitivity: smoothing by P_t changes the posterior mean little, to every order.
 *
 * (1 - e^{-x})^{2L} <= min(1, x^2)^L <= x^L, and d^L = sum_j S(L, j) d (d-1) ... (d-j+1), so that
 *   E|(I - P_t)^L m|^2 = sum_d (1 - e^{-td})^{2L} m_d^2 <= t^L sum_d d^L m_d^2 = t^L sum_j S(L, j) E|m^(j)|^2
 *     <= t^L sum_j S(L, j) c_{j+1}^2 R^{2j+2}.
 * The last bound says nothing where it is above E m^2 itself, as for large a or t. */
#include "theory/gmm_diffusion/paper.h"
#include "theory/gmm_diffusion/two_atoms.h"

#include "reference/core/interval.h"
#include "reference/gmm_diffusion/weighted.h"

#include <assay/reference.h>

#include <stdio.h>

enum { GOAL_BITS = 30, WORKING_BITS = 128, NAME = 64 };

enum { PLACES_QUICK = 3, PLACES_FULL = 5, TIMES_QUICK = 3, TIMES_FULL = 4, ORDERS = 4, ITEMS_PER_CELL = 2 };
static const atom_place places[PLACES_FULL] = {{1, 2}, {1, 1}, {2, 1}, {1, 4}, {3, 1}};
static const assay_real times[TIMES_FULL] = {{0.2, "1/5"}, {0.05, "1/20"}, {0.01, "1/100"}, {1, NULL}};

enum { GRADIENTS = ORDERS, SUMS = GRADIENTS + TIMES_FULL * ORDERS };

/* S(L, j), 1 <= j <= L <= 4. */
static const unsigned long stirling[ORDERS][ORDERS] = {{1}, {1, 1}, {1, 3, 1}, {1, 7, 6, 1}};

/* c_{j+1}^2 R^{2j+2} */
static assay_status gradient_bound(iv *out, iv_scope *s, iv radius, unsigned j, assay_context *context) {
  mpz_t constant;
  mpz_init(constant);
  assay_status status = assay_reference_gmm_cumulant_constant(constant, j + 1, context);
  if (!status) *out = iv_sqr(s, iv_mul(s, iv_z(s, constant), iv_pow_ui(s, radius, j + 1)));
  mpz_clear(constant);
  return status;
}

/* t^L sum_j S(L, j) of what stands for E|m^(j)|^2. */
static iv stirling_sum(iv_scope *s, assay_real time, unsigned order, const iv *gradient) {
  mpfi_ptr sum = iv_new(s);
  for (unsigned j = 1; j <= order; j++)
    mpfi_add(sum, sum, iv_mul(s, iv_ui(s, stirling[order - 1][j - 1]), gradient[j - 1]));
  return iv_mul(s, iv_pow_ui(s, iv_real(s, time), order), sum);
}

static assay_status at_cell(assay_trial *trial, iv_scope *s, const char *place, assay_real time, unsigned order,
                            mpfi_srcptr sensitivity, const iv *gradient, const iv *most) {
  char name[NAME];
  iv bound = stirling_sum(s, time, order, gradient), plain = stirling_sum(s, time, order, most);
  iv control = iv_mul(s, iv_pow_ui(s, iv_real(s, time), 2UL * order), gradient[order - 1]);
  const char *text = time.exact ? time.exact : "1";
  (void)snprintf(name, sizeof name, "%s t=%s L=%u by derivatives", place, text, order);
  assay_status status = assay_trial_decide(trial, name, sensitivity, ASSAY_LESS, bound, control);
  if (status) return status;
  (void)snprintf(name, sizeof name, "%s t=%s L=%u by cumulants", place, text, order);
  return assay_trial_decide(trial, name, bound, ASSAY_LESS, plain, NULL);
}

static size_t list_sums(weighted_sum *sums, size_t time_count) {
  size_t count = 0;
  for (unsigned j = 1; j <= ORDERS; j++) sums[count++] = (weighted_sum){WEIGHTED_GRADIENT, j, {0, NULL}};
  for (size_t i = 0; i < time_count; i++)
    for (unsigned order = 1; order <= ORDERS; order++) sums[count++] = (weighted_sum){WEIGHTED_NOISE, order, times[i]};
  return count;
}

static assay_status at_place(assay_trial *trial, iv_scope *s, atom_place a, size_t time_count, assay_context *context) {
  two_atoms atoms;
  two_atoms_set(&atoms, a);
  weighted_sum sums[SUMS];
  size_t count = list_sums(sums, time_count);
  mpfi_ptr value = NULL;
  assay_status status = assay_enclosures_init(&value, SUMS, context);
  if (status) return status;
  status = weighted_sums(value, sums, count, &atoms.line, GOAL_BITS, context);
  iv gradient[ORDERS], most[ORDERS];
  for (unsigned j = 1; j <= ORDERS && !status; j++) {
    gradient[j - 1] = &value[j - 1];
    status = gradient_bound(&most[j - 1], s, iv_ratio(s, a.numerator, a.denominator), j, context);
  }
  for (size_t i = GRADIENTS; i < count && !status; i++)
    status = at_cell(trial, s, atoms.name, sums[i].time, sums[i].order, &value[i], gradient, most);
  assay_enclosures_clear(value, SUMS);
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  bool quick = assay_trial_level(trial) == ASSAY_LEVEL_QUICK;
  size_t place_count = quick ? PLACES_QUICK : PLACES_FULL, time_count = quick ? TIMES_QUICK : TIMES_FULL;
  assay_status status = ASSAY_OK;
  iv_scope *s = iv_scope_new(WORKING_BITS);
  for (size_t i = 0; i < place_count && !status; i++) {
    size_t mark = iv_mark(s);
    status = at_place(trial, s, places[i], time_count, context);
    iv_release(s, mark);
  }
  iv_scope_free(s);
  return status;
}

const assay_claim assay_gmm_diffusion_noise_sensitivity = {
    .id = "gmm-diffusion/noise-sensitivity",
    .statement =
        "For u = +-a and unit noise, E|(I - P_t)^L m|^2 of the posterior mean m under the Ornstein-Uhlenbeck semigroup "
        "is "
        "below t^L sum_j S(L, j) E|m^(j)|^2, and that below t^L sum_j S(L, j) c_{j+1}^2 a^{2j+2}, c_m = sum_j S(m, j) "
        "(j-1)!, S Stirling's numbers of the second kind.",
    .source = "derived here (gmm-diffusion section 3) for the higher-order noise sensitivity of arXiv:2404.18869",
    .control = "E|(I - P_t)^L m|^2 is below t^{2L} E|m^(L)|^2: without the sum over lower orders",
    .sizes = {"a in {1/2, 1, 2}, t in {1/5, 1/20, 1/100}, L <= 4",
              "a in {1/4, 1/2, 1, 2, 3}, t in {1, 1/5, 1/20, 1/100}, L <= 4"},
    .kind = ASSAY_PROOF,
    .comparisons = {(size_t)PLACES_QUICK * TIMES_QUICK * ORDERS * ITEMS_PER_CELL,
                    (size_t)PLACES_FULL *TIMES_FULL *ORDERS *ITEMS_PER_CELL},
    .gather = gather,
};
