/* Claim flow-dae/euler-limit: the first order of Euler's error, with a certified remainder.
 *
 * P_K = prod (1 + h gamma_j), h = 1/K, gamma = D'/(2D). For h <= 1/K_0 with h G < 1, where G, G_1, G_2 bound |gamma|,
 * |gamma'|, |gamma''| on [0, 1]:
 *   log(1 + x) = x - x^2/2 + r, |r| <= |x|^3/(3 (1 - |x|)),
 *   h sum gamma_j = int gamma - (h/2) [gamma]_0^1 + r, |r| <= h^2 G_2/12   (trapezoidal rule),
 *   h sum gamma_j^2 = int gamma^2 + r, |r| <= h G G_1,
 * so K log(P_K/P) = L + R, L = -([gamma]_0^1 + int gamma^2)/2, |R| <= h rho,
 *   rho = G_2/12 + G G_1/2 + G^3/(3 (1 - G/K_0)),
 * and by |e^x - 1 - x| <= (x^2/2) e^|x|, with x = (L + R)/K,
 *   |K (P_K - P) - P L| <= C'/K, C' = P (rho + (y^2/2) e^(y/K_0)), y = |L| + rho/K_0, for every K >= K_0.
 * In closed form L = -(1/2) (1 + (pi/4) (A + B)/sqrt(AB)) on the linear schedule, where gamma goes from -1 to 1, and
 * L = -(pi^2/16) (sqrt B - sqrt A)^2/sqrt(AB) on the trigonometric one, where it is 0 at both ends. The latter vanishes
 * for A = B: gamma is then 0 and P_K = 1 for every K. On the linear schedule Q_K = -(n/(lambda+n)) P_K at t = 1. */
#include "theory/flow_dae/learner.h"
#include "theory/flow_dae/paper.h"
#include "theory/flow_dae/series.h"

#include <assay/reference.h>

#include <stdio.h>

/* K_0, and the powers of two K that are computed. */
enum { FIRST_STEPS = 8, STEPS_QUICK = 3, STEPS_FULL = 10 };
static const size_t steps_quick[STEPS_QUICK] = {8, 128, 2048};
static const size_t steps_full[STEPS_FULL] = {8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096};

/* K (P_K - P) loses log2 K bits of GOAL_BITS; M_K, E_K and P_K = 1 must agree to EXACT_BITS; the closed form of L and
 * its quadrature to L_BITS (a choice: the quadrature's order reaches more). */
enum { GOAL_BITS = 140, WORKING_BITS = 192, EXACT_BITS = 100, L_BITS = 60 };

/* [0, 1] in this many pieces, each with a Taylor polynomial of gamma of even degree ORDER and its remainder. */
enum { PIECES = 256, ORDER = 14 };

enum { NAME = LEARNER_NAME + 48 };

/* What holds for every K >= FIRST_STEPS. */
typedef struct {
  iv limit;          /* P */
  iv coefficient;    /* P L, closed form */
  iv remainder;      /* C' */
  iv closed, summed; /* L in closed form and by quadrature */
} expansion;

/* Coefficients 0..order of gamma = D'/(2D) around t. */
static void gamma_series(iv_scope *s, iv *gamma, const learner_constants *constants, assay_schedule_kind schedule, iv t,
                         size_t order) {
  iv alpha[ORDER + 3], beta[ORDER + 3], D[ORDER + 3], slope[ORDER + 3];
  series_schedule(s, alpha, beta, schedule, t, order + 1);
  for (size_t k = 0; k <= order + 1; k++)
    D[k] = iv_add(s, iv_mul(s, constants->A, series_mul(s, alpha, alpha, k)),
                  iv_mul(s, constants->B, series_mul(s, beta, beta, k)));
  for (size_t k = 0; k <= order; k++) {
    slope[k] = iv_mul_2si(s, series_derivative(s, D, k), -1);
    gamma[k] = series_div(s, gamma, slope, D, k);
  }
}

/* int gamma^2 over [centre - half, centre + half] with piece = that interval: the even coefficients around the centre,
 * and Lagrange's remainder of degree ORDER + 1 from the coefficients over the piece. */
static iv square_integral(iv_scope *s, const iv *centre_gamma, const iv *piece_gamma, iv half) {
  iv sum = iv_si(s, 0), power = half, half2 = iv_sqr(s, half);
  for (size_t k = 0; k <= ORDER; k += 2) {
    iv term = iv_mul(s, series_mul(s, centre_gamma, centre_gamma, k), power);
    sum = iv_add(s, sum, iv_div(s, iv_mul_2si(s, term, 1), iv_ui(s, (unsigned long)k + 1)));
    power = iv_mul(s, power, half2);
  }
  /* int |x|^(ORDER+1) dx = 2 half^(ORDER+2)/(ORDER+2). */
  iv last = iv_abs(s, series_mul(s, piece_gamma, piece_gamma, ORDER + 1));
  iv tail = iv_div(s, iv_mul_2si(s, iv_mul(s, last, iv_pow_ui(s, half, ORDER + 2)), 1), iv_si(s, ORDER + 2));
  return iv_ball(s, sum, tail);
}

/* G, G_1, G_2 (each a maximum over pieces of an enclosure's magnitude) and int gamma^2. */
static void survey(iv_scope *s, iv bound[3], iv *integral, const learner_constants *constants,
                   assay_schedule_kind schedule) {
  mpfi_ptr sum = iv_new(s), most[3] = {iv_new(s), iv_new(s), iv_new(s)};
  iv half = iv_ratio(s, 1, 2 * (long)PIECES);
  for (long i = 0; i < PIECES; i++) {
    size_t mark = iv_mark(s);
    iv gamma[ORDER + 2], centre_gamma[ORDER + 2];
    iv centre = iv_ratio(s, 2 * i + 1, 2 * (long)PIECES);
    gamma_series(s, gamma, constants, schedule, iv_ball(s, centre, half), ORDER + 1);
    gamma_series(s, centre_gamma, constants, schedule, centre, ORDER);
    mpfi_add(sum, sum, square_integral(s, centre_gamma, gamma, half));
    /* gamma'' is twice the second coefficient. */
    for (int k = 0; k < 3; k++) {
      iv derivative = iv_mul_si(s, iv_abs(s, gamma[k]), k == 2 ? 2 : 1);
      mpfi_set(most[k], iv_max(s, most[k], iv_upper(s, derivative)));
    }
    iv_release(s, mark);
  }
  for (int k = 0; k < 3; k++) bound[k] = most[k];
  *integral = sum;
}

static iv closed_coefficient(iv_scope *s, const learner_constants *constants, assay_schedule_kind schedule) {
  iv pi = iv_pi(s), root = iv_sqrt(s, iv_mul(s, constants->A, constants->B));
  if (schedule == ASSAY_LINEAR) {
    iv ratio = iv_div(s, iv_mul(s, iv_mul_2si(s, pi, -2), iv_add(s, constants->A, constants->B)), root);
    return iv_neg(s, iv_mul_2si(s, iv_add_si(s, ratio, 1), -1));
  }
  iv difference = iv_sub(s, iv_sqrt(s, constants->B), iv_sqrt(s, constants->A));
  return iv_neg(s, iv_div(s, iv_mul(s, iv_mul_2si(s, iv_sqr(s, pi), -4), iv_sqr(s, difference)), root));
}

static assay_status expand(expansion *out, iv_scope *s, const learner_constants *constants,
                           assay_schedule_kind schedule, assay_context *context) {
  iv G[3], integral, ends[2], one = iv_si(s, 1), first = iv_si(s, FIRST_STEPS);
  survey(s, G, &integral, constants, schedule);
  iv step_growth = iv_div(s, G[0], first);
  if (iv_less(step_growth, one) != IV_TRUE)
    return assay_fail(context, ASSAY_PRECISION, "euler-limit: |gamma|/K < 1 is not certain for K = %d", FIRST_STEPS);
  gamma_series(s, &ends[0], constants, schedule, iv_si(s, 0), 0);
  gamma_series(s, &ends[1], constants, schedule, iv_si(s, 1), 0);
  out->limit = iv_sqrt(s, iv_div(s, constants->B, constants->A));
  out->closed = closed_coefficient(s, constants, schedule);
  out->summed = iv_neg(s, iv_mul_2si(s, iv_add(s, iv_sub(s, ends[1], ends[0]), integral), -1));
  out->coefficient = iv_mul(s, out->limit, out->closed);
  iv cubic = iv_div(s, iv_pow_ui(s, G[0], 3), iv_mul_si(s, iv_sub(s, one, step_growth), 3));
  iv rho = iv_add(s, iv_add(s, iv_div(s, G[2], iv_si(s, 12)), iv_mul_2si(s, iv_mul(s, G[0], G[1]), -1)), cubic);
  iv y = iv_add(s, iv_abs(s, out->closed), iv_div(s, rho, first));
  iv second = iv_mul(s, iv_mul_2si(s, iv_sqr(s, y), -1), iv_exp(s, iv_div(s, y, first)));
  out->remainder = iv_mul(s, out->limit, iv_add(s, rho, second));
  return ASSAY_OK;
}

/* coefficient - remainder/K < K (computed - limit) < coefficient + remainder/K. The control, second order, has
 * coefficient 0. `factor` turns what is known of P into the same of Q. */
static assay_status bracket(assay_trial *trial, iv_scope *s, const char *what, const expansion *known, iv factor,
                            iv computed, size_t steps) {
  char name[NAME];
  iv K = iv_ui(s, (unsigned long)steps);
  iv scaled = iv_mul(s, K, iv_sub(s, computed, iv_mul(s, factor, known->limit)));
  iv slack = iv_div(s, iv_mul(s, iv_abs(s, factor), known->remainder), K);
  iv coefficient = iv_mul(s, factor, known->coefficient);
  (void)snprintf(name, sizeof name, "%s K=%zu, from below", what, steps);
  assay_status status =
      assay_trial_decide(trial, name, scaled, ASSAY_GREATER, iv_sub(s, coefficient, slack), iv_neg(s, slack));
  if (status != ASSAY_OK) return status;
  (void)snprintf(name, sizeof name, "%s K=%zu, from above", what, steps);
  return assay_trial_decide(trial, name, scaled, ASSAY_LESS, iv_add(s, coefficient, slack), slack);
}

static assay_status exact(assay_trial *trial, const char *learner, const char *what, size_t steps, iv left, iv right) {
  char name[NAME];
  (void)snprintf(name, sizeof name, "%s %s K=%zu", learner, what, steps);
  return assay_trial_agree(trial, name, left, right, NULL, EXACT_BITS);
}

/* One learner with K steps: P, on the linear schedule Q, M and E too. */
static assay_status with_steps(assay_trial *trial, iv_scope *s, const char *learner, const expansion *known,
                               const learner_constants *constants, const assay_dae_settings *settings,
                               assay_dae_theory *theory, assay_context *context) {
  char what[NAME];
  size_t K = settings->steps;
  assay_status status = assay_reference_dae_theory(theory, settings, assay_real_of(1), GOAL_BITS, context);
  (void)snprintf(what, sizeof what, "%s K(P_K-P)", learner);
  if (status == ASSAY_OK) status = bracket(trial, s, what, known, iv_si(s, 1), theory->flow_perp, K);
  if (settings->schedule.kind != ASSAY_LINEAR) return status;
  (void)snprintf(what, sizeof what, "%s K(Q_K-Q)", learner);
  if (status == ASSAY_OK) status = bracket(trial, s, what, known, iv_neg(s, constants->nu), theory->flow_xi, K);
  if (status == ASSAY_OK) status = exact(trial, learner, "M_K = M", K, theory->flow_mu, constants->nu);
  iv E = iv_mul(s, constants->sigma, constants->nu);
  if (status == ASSAY_OK) status = exact(trial, learner, "E_K = E", K, theory->flow_eta, E);
  return status;
}

enum { SCHEDULES = 2, LINEAR_ITEMS = 6, TRIGONOMETRIC_ITEMS = 2 };

static assay_status learner_on_schedule(assay_trial *trial, iv_scope *s, assay_dae_settings settings,
                                        assay_dae_theory *theory, assay_context *context) {
  bool quick = assay_trial_level(trial) == ASSAY_LEVEL_QUICK;
  const size_t *steps = quick ? steps_quick : steps_full;
  char learner[LEARNER_NAME], name[NAME];
  learner_name(learner, &settings);
  learner_constants constants = learner_constants_of(s, &settings);
  expansion known = {NULL, NULL, NULL, NULL, NULL};
  assay_status status = expand(&known, s, &constants, settings.schedule.kind, context);
  (void)snprintf(name, sizeof name, "%s L in closed form", learner);
  if (status == ASSAY_OK) status = assay_trial_agree(trial, name, known.closed, known.summed, NULL, L_BITS);
  for (size_t i = 0; i < (quick ? STEPS_QUICK : STEPS_FULL) && status == ASSAY_OK; i++) {
    settings.steps = steps[i];
    status = with_steps(trial, s, learner, &known, &constants, &settings, theory, context);
  }
  return status;
}

/* A = B = 4 with n = 2, sigma = 1/2, lambda = 3: nothing to approximate on the trigonometric schedule. */
static assay_status degenerate(assay_trial *trial, iv_scope *s, assay_dae_theory *theory, assay_context *context) {
  assay_dae_settings settings = assay_dae_settings_of(2, assay_real_of(0.5), assay_real_of(3));
  settings.schedule = assay_schedule_of(ASSAY_TRIGONOMETRIC);
  settings.steps = FIRST_STEPS;
  char learner[LEARNER_NAME];
  learner_name(learner, &settings);
  assay_status status = assay_reference_dae_theory(theory, &settings, assay_real_of(1), GOAL_BITS, context);
  if (status != ASSAY_OK) return status;
  return exact(trial, learner, "A = B: P_K = 1", FIRST_STEPS, theory->flow_perp, iv_si(s, 1));
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  size_t learners = assay_trial_level(trial) == ASSAY_LEVEL_QUICK ? LEARNERS_QUICK : LEARNERS_FULL;
  static const assay_schedule_kind schedules[SCHEDULES] = {ASSAY_LINEAR, ASSAY_TRIGONOMETRIC};
  iv_scope *s = iv_scope_new(WORKING_BITS);
  assay_dae_theory theory;
  assay_dae_theory_init(&theory);
  assay_status status = degenerate(trial, s, &theory, context);
  for (size_t i = 0; i < learners * SCHEDULES && status == ASSAY_OK; i++) {
    size_t mark = iv_mark(s);
    assay_dae_settings settings = learner_settings(i / SCHEDULES);
    settings.schedule = assay_schedule_of(schedules[i % SCHEDULES]);
    status = learner_on_schedule(trial, s, settings, &theory, context);
    iv_release(s, mark);
    if (status == ASSAY_OK)
      status = assay_progress(context, "euler-limit", (double)(i + 1) / (double)(learners * SCHEDULES));
  }
  assay_dae_theory_clear(&theory);
  iv_scope_free(s);
  return status;
}

/* Per learner: L on both schedules, and per K the items of both. */
#define ITEMS(learners, steps) (1 + (size_t)(learners) * (SCHEDULES + (steps) * (LINEAR_ITEMS + TRIGONOMETRIC_ITEMS)))

const assay_claim assay_flow_dae_euler_limit = {
    .id = "flow-dae/euler-limit",
    .statement =
        "With K >= 8 Euler steps in place of the flow, and M, E, Q, P the coefficients of a generated sample "
        "along mu, eta, xi, X_0 (as in summary-ode), K (P_K - P) and K (Q_K - Q) at t = 1 stay within C'/K of "
        "explicit constants, with a C' certified for each listed learner: on the linear schedule -(P/2) (1 + "
        "(pi/4) (A+B)/sqrt(AB)) for P and -n/(lambda+n) times that for Q, on the trigonometric one -P (pi^2/16) "
        "(sqrt B - sqrt A)^2/sqrt(AB) for P, which is 0 only for A = B; on the linear schedule M_K = M and "
        "E_K = E (A = lambda + n - 1, B = lambda (r + sigma^2) + (n-1) sigma^2).",
    .source = "derived here (flow-dae section 4, R4) for the generative flow of arXiv:2310.03575 in K Euler steps",
    .control = "Euler's error is of second order: K (P_K - P) and K (Q_K - Q) tend to 0 at the rate C'/K",
    .sizes = {"3 learners, both schedules; C' for all K >= 8, decided at K in {8, 128, 2048}",
              "6 learners, both schedules; C' for all K >= 8, decided at K = 2^3, 2^4, ..., 2^12"},
    .kind = ASSAY_PROOF,
    .comparisons = {ITEMS(LEARNERS_QUICK, STEPS_QUICK), ITEMS(LEARNERS_FULL, STEPS_FULL)},
    .gather = gather,
};
