/* Bayes classification on a line: the error is the mass of all components but the likeliest, cell by cell.
 *
 * Which of two components is likelier at x is the sign of a quadratic q. On a piece c +- h it lies in
 *   q(c) + q'(c) [-h, h] + (q''/2) [0, h^2],
 * so pieces next to a root are decided as soon as they are a fraction of their distance from it. From the left, pieces
 * grow while they can be decided and are halved while they cannot; one that is still open when it is negligible (at a
 * root) counts with its mass times [0, 1], and so do both tails. */
#include "reference/core/line_problem.h"

#include "reference/core/ziv.h"

#include <assay/reference.h>

#include <limits.h>
#include <stdlib.h>

enum { MOST_TRIES = 1 << 16, GUARD_BITS = 24 };

typedef struct {
  iv_scope *s;
  const line_problem *problem;
  const line_component *component;
} line;

enum { OPEN = -1 };

/* log(w_k N(x)) up to a constant. */
static iv log_likelihood(const line *l, size_t k, iv x) {
  iv_scope *s = l->s;
  const line_component *c = &l->component[k];
  iv z = iv_div(s, iv_sub(s, x, c->mean), c->deviation);
  return iv_sub(s, c->height, iv_mul_2si(s, iv_sqr(s, z), -1));
}

/* -d/dx log N(x) */
static iv pull(const line *l, size_t k, iv x) {
  const line_component *c = &l->component[k];
  return iv_div(l->s, iv_sub(l->s, x, c->mean), c->variance);
}

/* Is k likelier than j (or as likely) on all of c +- h? */
static bool beats(const line *l, size_t k, size_t j, iv middle, iv half) {
  iv_scope *s = l->s;
  iv value = iv_sub(s, log_likelihood(l, k, middle), log_likelihood(l, j, middle));
  iv slope = iv_sub(s, pull(l, j, middle), pull(l, k, middle));
  iv bend = iv_sub(s, iv_inv(s, l->component[j].variance), iv_inv(s, l->component[k].variance));
  iv square = iv_mul_2si(s, iv_mul(s, bend, iv_hull(s, iv_ui(s, 0), iv_sqr(s, half))), -1);
  iv lowest = iv_lower(s, iv_add(s, iv_ball(s, value, iv_abs(s, iv_mul(s, slope, half))), square));
  return iv_less(lowest, iv_ui(s, 0)) == IV_FALSE;
}

/* The component that is likeliest all over the piece [a, a + h], or OPEN. */
static int likeliest(const line *l, iv a, iv h) {
  iv_scope *s = l->s;
  size_t mark = iv_mark(s), best = 0;
  iv half = iv_mul_2si(s, h, -1), middle = iv_add(s, a, half);
  iv most = NULL;
  for (size_t k = 0; k < l->problem->count; k++) {
    if (!l->problem->rival[k]) continue;
    iv value = log_likelihood(l, k, middle);
    if (!most || mpfr_greater_p(&value->left, &most->left)) most = value, best = k;
  }
  int winner = (int)best;
  for (size_t j = 0; winner != OPEN && j < l->problem->count; j++)
    if (j != best && l->problem->rival[j] && !beats(l, best, j, middle, half)) winner = OPEN;
  iv_release(s, mark);
  return winner;
}

/* Mass of component k between a and b, from the nearer tail. */
static iv mass(const line *l, size_t k, iv a, iv b) {
  iv_scope *s = l->s;
  const line_component *c = &l->component[k];
  iv low = iv_div(s, iv_sub(s, a, c->mean), c->deviation), high = iv_div(s, iv_sub(s, b, c->mean), c->deviation);
  iv share = iv_positive(low) == IV_TRUE
                 ? iv_sub(s, iv_normal_cdf(s, iv_neg(s, low)), iv_normal_cdf(s, iv_neg(s, high)))
                 : iv_sub(s, iv_normal_cdf(s, high), iv_normal_cdf(s, low));
  return iv_mul(s, c->weight, share);
}

/* Adds the cell [a, b] to the error. */
static void add_cell(mpfi_ptr error, const line *l, int winner, iv a, iv b) {
  size_t mark = iv_mark(l->s);
  mpfi_ptr lost = iv_new(l->s);
  for (size_t k = 0; k < l->problem->count; k++)
    if ((int)k != winner) mpfi_add(lost, lost, mass(l, k, a, b));
  mpfi_add(error, error, winner == OPEN ? iv_hull(l->s, iv_ui(l->s, 0), lost) : lost);
  iv_release(l->s, mark);
}

static void add_tails(mpfi_ptr error, const line *l, iv reach) {
  size_t mark = iv_mark(l->s);
  for (size_t k = 0; k < l->problem->count; k++) {
    const line_component *c = &l->component[k];
    iv above = iv_div(l->s, iv_sub(l->s, c->mean, reach), c->deviation);
    iv below = iv_div(l->s, iv_neg(l->s, iv_add(l->s, c->mean, reach)), c->deviation);
    iv both = iv_add(l->s, iv_normal_cdf(l->s, above), iv_normal_cdf(l->s, below));
    mpfi_add(error, error, iv_hull(l->s, iv_ui(l->s, 0), iv_mul(l->s, c->weight, both)));
  }
  iv_release(l->s, mark);
}

/* Exponents: how far cells reach, and the size of a negligible piece, which the precision holds at that distance. */
static void choose_scales(long *reach, long *least, const line *l) {
  iv_scope *s = l->s;
  long bits = iv_bits(s), narrowest = LONG_MAX;
  size_t mark = iv_mark(s);
  iv far = iv_ui(s, 0), tail = iv_sqrt(s, iv_ui(s, 2 * (unsigned long)bits)); /* Phi(-sqrt(2 bits)) < 2^-bits */
  for (size_t k = 0; k < l->problem->count; k++) {
    const line_component *c = &l->component[k];
    far = iv_max(s, far, iv_add(s, iv_abs(s, c->mean), iv_mul(s, tail, c->deviation)));
    if (mpfr_get_exp(&c->deviation->left) < narrowest) narrowest = mpfr_get_exp(&c->deviation->left);
  }
  *reach = mpfr_get_exp(&far->right);
  long negligible = narrowest - bits + GUARD_BITS, held = *reach - bits + 2;
  *least = negligible > held ? negligible : held;
  iv_release(s, mark);
}

static iv power_of_two(iv_scope *s, long exponent) { return iv_mul_2si(s, iv_ui(s, 1), exponent); }

/* The cell being built: pieces from `begin` to `at` have the same winner. */
typedef struct {
  mpfi_ptr error, begin, at;
  int winner;
} cells;

static void close_cell(cells *c, const line *l, int winner) {
  if (mpfr_less_p(&c->begin->left, &c->at->left)) add_cell(c->error, l, c->winner, c->begin, c->at);
  mpfi_set(c->begin, c->at);
  c->winner = winner;
}

/* One step over the piece of size 2^size at c->at. False: its end is not a number of this precision. */
static bool take_piece(cells *c, const line *l, int winner, iv piece) {
  if (winner != c->winner) close_cell(c, l, winner);
  mpfi_add(c->at, c->at, piece);
  return mpfr_equal_p(&c->at->left, &c->at->right);
}

/* [0, 1] when the precision does not hold the pieces' ends, or there are too many. */
static iv error_by_cells(iv_scope *s, const line *l) {
  long reach = 0, least = 0;
  choose_scales(&reach, &least, l);
  iv end = power_of_two(s, reach);
  cells c = {iv_new(s), iv_new(s), iv_new(s), OPEN};
  mpfi_neg(c.begin, end);
  mpfi_neg(c.at, end);
  add_tails(c.error, l, end);
  const long largest = reach - 2;
  long size = largest, allowed = least; /* open pieces in a row grow too: about a double root there are many */
  for (long tries = 0; mpfr_less_p(&c.at->left, &end->left); tries++) {
    size_t mark = iv_mark(s);
    iv piece = power_of_two(s, size);
    int winner = likeliest(l, c.at, piece);
    bool open = winner == OPEN, taken = !open || size <= allowed;
    if (tries == MOST_TRIES || (taken && !take_piece(&c, l, winner, piece)))
      return iv_hull(s, iv_ui(s, 0), iv_ui(s, 1));
    iv_release(s, mark);
    if (taken) allowed = open ? allowed + 1 : least;
    size = taken ? size + (size < largest) : size - 1;
  }
  close_cell(&c, l, OPEN);
  return c.error;
}

/* Where all components are the same Gaussian the heaviest always wins. */
static iv classification_error(iv_scope *s, const line *l) {
  size_t rivals = 0;
  mpfi_ptr others = iv_new(s);
  for (size_t k = 0; k < l->problem->count; k++)
    if (l->problem->rival[k])
      rivals++;
    else
      mpfi_add(others, others, l->component[k].weight);
  return rivals == 1 ? others : error_by_cells(s, l);
}

assay_status assay_reference_line_classification(mpfi_ptr out, const assay_mixture *mixture,
                                                 const assay_path_point *point, long goal_bits,
                                                 assay_context *context) {
  line_problem problem;
  void *components = NULL;
  assay_status status = line_problem_init(&problem, mixture, point, context);
  if (status) return status;
  status = assay_allocate(&components, problem.count, sizeof(line_component), "components", context);
  bool done = false;
  for (long bits = ziv_first(goal_bits, context); !status && !done && bits; bits = ziv_next(bits, context)) {
    iv_scope *s = iv_scope_new(bits);
    line_problem_at(components, s, &problem);
    line l = {s, &problem, components};
    iv value = classification_error(s, &l);
    done = iv_reached(value, goal_bits, 1);
    if (done) {
      mpfi_set_prec(out, bits);
      mpfi_set(out, value);
    }
    iv_scope_free(s);
  }
  if (!status && !done) status = ziv_failed("classification error", goal_bits, context);
  line_problem_clear(&problem);
  free(components);
  return status;
}
