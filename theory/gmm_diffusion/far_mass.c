/* Claim gmm-diffusion/far-mass: components far apart are told apart, whatever their number of points.
 *
 * The expected posterior mass of components other than the one that u was drawn from is at most 2 (k-1) Phi(-Delta/(2
 * sigma)) when their hulls are Delta apart (reference/gmm_diffusion/far_mass.c has the proof): at most delta with
 * probability 1 - delta once Delta = 2 sigma sqrt(2 log((k-1)/delta^2)). That is about components: of a single point of
 * an extended component the posterior forgets more.
 *
 * Sphere. u uniform on the sphere of radius rho in R^n, y = u + g: u given y follows von Mises and Fisher's law with
 * concentration kappa = rho |y|, whose mean is rho A y/|y|, A = I_{n/2}(kappa)/I_{n/2-1}(kappa). For u' drawn from it,
 * E<u, u'> = rho^2 E A^2. A <= kappa/(b + sqrt(kappa^2 + b^2)), b = (n-1)/2 (D. E. Amos, Math. Comp. 28, 1974), so that
 * A^2 <= (S - b)/(S + b), S = sqrt(kappa^2 + b^2), which is concave in kappa^2; by Jensen's inequality with E kappa^2 =
 * rho^2 (rho^2 + n) that bounds E A^2. As |u - u'|^2 <= 4 rho^2,
 *   P(|u - u'| > Delta) >= (2 rho^2 (1 - E A^2) - Delta^2)/(4 rho^2 - Delta^2). */
#include "theory/gmm_diffusion/paper.h"

#include "reference/core/interval.h"

#include <assay/gmm_reference.h>
#include <assay/reference.h>

#include <stdio.h>

enum { GOAL_BITS = 20, WORKING_BITS = 128, NAME = 96 };

/* ---- components on a line ---- */

enum { PIECES = 3, LINES_QUICK = 8, LINES_FULL = 14 };

typedef struct {
  const char *name;
  size_t count;
  double piece[PIECES][3]; /* weight, left, right */
  double sigma;
} case_line;

static const case_line lines[LINES_FULL] = {
    {"two atoms, Delta=4", 2, {{1, -2, -2}, {1, 2, 2}}, 1},
    {"two atoms, Delta=6", 2, {{1, -3, -3}, {1, 3, 3}}, 1},
    {"two atoms, weights 1:9, Delta=4", 2, {{1, -2, -2}, {9, 2, 2}}, 1},
    {"three atoms, Delta=4", 3, {{1, -4, -4}, {1, 0, 0}, {1, 4, 4}}, 1},
    {"two segments of length 2, Delta=4", 2, {{1, -4, -2}, {1, 2, 4}}, 1},
    {"three segments of length 1/8, Delta=4", 3, {{1, -4.1875, -4.0625}, {1, -0.0625, 0.0625}, {1, 4.0625, 4.1875}}, 1},
    {"three segments of length 1/8, Delta=6", 3, {{1, -6.1875, -6.0625}, {1, -0.0625, 0.0625}, {1, 6.0625, 6.1875}}, 1},
    {"an atom, a segment of length 3, sigma=1/2, Delta=2", 2, {{1, 0, 0}, {2, 2, 5}}, 0.5},
    {"two atoms, Delta=1", 2, {{1, -0.5, -0.5}, {1, 0.5, 0.5}}, 1},
    {"two atoms, Delta=10", 2, {{1, -5, -5}, {1, 5, 5}}, 1},
    {"three atoms, weights 1:2:5, Delta=5", 3, {{1, -5, -5}, {2, 0, 0}, {5, 5, 5}}, 1},
    {"three segments of length 1/8, Delta=5", 3, {{1, -5.1875, -5.0625}, {1, -0.0625, 0.0625}, {1, 5.0625, 5.1875}}, 1},
    {"three segments of lengths 1, 2, 3, Delta=4", 3, {{1, -5, -4}, {1, 0, 2}, {1, 6, 9}}, 1},
    {"two segments of length 8, Delta=4", 2, {{1, -10, -2}, {1, 2, 10}}, 1},
};

static assay_status on_line(assay_trial *trial, mpfi_ptr mass, mpfi_ptr bound, const case_line *at,
                            assay_context *context) {
  assay_gmm_piece pieces[PIECES];
  for (size_t i = 0; i < at->count; i++)
    pieces[i] = (assay_gmm_piece){assay_real_of(at->piece[i][0]), assay_real_of(at->piece[i][1]),
                                  assay_real_of(at->piece[i][2])};
  assay_gmm_line line = {pieces, at->count, assay_real_of(at->sigma), assay_real_of(0)};
  assay_status status = assay_reference_gmm_far_mass(mass, &line, GOAL_BITS, context);
  if (!status) status = assay_reference_gmm_far_mass_bound(bound, &line, GOAL_BITS, context);
  if (!status) status = assay_trial_decide(trial, at->name, mass, ASSAY_LESS, bound, NULL);
  return status;
}

static assay_status on_lines(assay_trial *trial, size_t count, assay_context *context) {
  mpfi_t mass, bound;
  mpfi_init(mass), mpfi_init(bound);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; i < count && !status; i++) status = on_line(trial, mass, bound, &lines[i], context);
  mpfi_clear(mass), mpfi_clear(bound);
  return status;
}

/* ---- the distance that is enough ---- */

enum { DISTANCES = 4 };
static const struct {
  unsigned long others, inverse; /* k - 1, 1/delta */
} distances[DISTANCES] = {{1, 10}, {2, 100}, {9, 1000}, {1000000, 1000000}};

static assay_status far_enough(assay_trial *trial, iv_scope *s) {
  assay_status status = ASSAY_OK;
  for (size_t i = 0; i < DISTANCES && !status; i++) {
    char name[NAME];
    iv others = iv_ui(s, distances[i].others), inverse2 = iv_sqr(s, iv_ui(s, distances[i].inverse));
    iv half = iv_sqrt(s, iv_mul_2si(s, iv_log(s, iv_mul(s, others, inverse2)), 1)); /* Delta/(2 sigma) */
    iv mass = iv_mul_2si(s, iv_mul(s, others, iv_normal_cdf(s, iv_neg(s, half))), 1);
    (void)snprintf(name, sizeof name,
                   "k=%lu: bound at Delta = 2 sigma sqrt(2 log((k-1)/delta^2)) < delta^2, delta=1/%lu",
                   distances[i].others + 1, distances[i].inverse);
    status = assay_trial_decide(trial, name, mass, ASSAY_LESS, iv_inv(s, inverse2), NULL);
  }
  return status;
}

/* ---- a sphere ---- */

enum { SPHERES_QUICK = 3, SPHERES_FULL = 5 };
static const struct {
  long n, square, distance; /* rho^2, Delta */
} spheres[SPHERES_FULL] = {{500, 50, 6}, {500, 50, 8}, {500, 32, 6}, {500, 50, 4}, {10000, 200, 12}};

static iv forgotten(iv_scope *s, long n, long square, long distance) {
  iv b = iv_ratio(s, n - 1, 2), kappa2 = iv_si(s, square * (square + n));
  iv S = iv_sqrt(s, iv_add(s, kappa2, iv_sqr(s, b))), overlap = iv_div(s, iv_sub(s, S, b), iv_add(s, S, b));
  iv apart = iv_mul_si(s, iv_sub(s, iv_ui(s, 1), overlap), 2 * square);
  long near = distance * distance;
  return iv_div(s, iv_add_si(s, apart, -near), iv_si(s, 4 * square - near));
}

/* left > 2 left - right says left < right: the control in right's place. */
static assay_status on_spheres(assay_trial *trial, iv_scope *s, size_t count) {
  assay_status status = ASSAY_OK;
  for (size_t i = 0; i < count && !status; i++) {
    char name[NAME];
    iv least = forgotten(s, spheres[i].n, spheres[i].square, spheres[i].distance);
    iv half = iv_ratio(s, spheres[i].distance, 2), tail = iv_mul_2si(s, iv_normal_cdf(s, iv_neg(s, half)), 1);
    iv mirrored = iv_sub(s, iv_mul_2si(s, least, 1), tail);
    (void)snprintf(name, sizeof name, "sphere n=%ld rho^2=%ld: mass beyond Delta=%ld of u itself > 2 Phi(-Delta/2)",
                   spheres[i].n, spheres[i].square, spheres[i].distance);
    status = assay_trial_decide(trial, name, least, ASSAY_GREATER, tail, mirrored);
  }
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  bool quick = assay_trial_level(trial) == ASSAY_LEVEL_QUICK;
  assay_status status = on_lines(trial, quick ? LINES_QUICK : LINES_FULL, context);
  iv_scope *s = iv_scope_new(WORKING_BITS);
  if (!status) status = far_enough(trial, s);
  if (!status) status = on_spheres(trial, s, quick ? SPHERES_QUICK : SPHERES_FULL);
  iv_scope_free(s);
  return status;
}

const assay_claim assay_gmm_diffusion_far_mass = {
    .id = "gmm-diffusion/far-mass",
    .statement =
        "The expected posterior mass of the components that u was not drawn from is below 2 (k-1) Phi(-Delta/(2 "
        "sigma)) "
        "for hulls Delta apart, without a minimum weight, and below delta^2 from Delta = 2 sigma sqrt(2 log((k-1)/"
        "delta^2)) on; but the mass beyond Delta of u itself is larger on spheres in n = 500.",
    .source = "derived here (gmm-diffusion section 3) for the Voronoi cells of arXiv:2404.18869",
    .control =
        "the expected posterior mass farther than Delta from u itself is below 2 Phi(-Delta/(2 sigma)) on spheres",
    .sizes = {"8 laws of two or three atoms and segments, 4 pairs of k and delta, 3 spheres",
              "14 laws of two or three atoms and segments, 4 pairs of k and delta, 5 spheres"},
    .kind = ASSAY_PROOF,
    .comparisons = {LINES_QUICK + DISTANCES + SPHERES_QUICK, LINES_FULL + DISTANCES + SPHERES_FULL},
    .gather = gather,
};
