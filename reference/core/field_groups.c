/* Isotropic problems: components of one kind with the same <x, m_k>. General problems compare coordinates: with weight
 * and covariance equal, flipping the sign of m_kj changes nothing where x_j = 0 and the covariance is diagonal,
 * flipping all of m_k nothing where x = 0. */
#include "reference/core/field_groups.h"

#include "reference/core/field_coordinate.h"

#include <math.h>
#include <stdlib.h>

/* turn: the sign that makes the first entry of m_k positive, where all of m_k may be flipped; else 1. flip: single
 * entries may be. */
typedef struct {
  const field_weights *weights;
  size_t index;
  double turn;
  bool flip;
} sort_key;

static double canonical_entry(const sort_key *key, size_t j) {
  double entry = key->weights->problem->mixture->components[key->index].mean[j];
  return key->flip && key->weights->x[j] == 0 ? fabs(entry) : key->turn * entry;
}

static int compare_means(const sort_key *a, const sort_key *b) {
  for (size_t j = 0; j < a->weights->problem->mixture->dimension; j++) {
    double left = canonical_entry(a, j), right = canonical_entry(b, j);
    if (left != right) return left < right ? -1 : 1;
  }
  return 0;
}

/* Of two components of one kind. */
static int compare_positions(const sort_key *a, const sort_key *b) {
  const field_weights *w = a->weights;
  if (w->problem->at_noise) return 0;
  return w->problem->general ? compare_means(a, b) : mpz_cmp(w->x_mean[a->index], w->x_mean[b->index]);
}

static int compare_keys(const void *left, const void *right) {
  const sort_key *a = left, *b = right;
  const field_component *component = a->weights->problem->component;
  size_t kind = component[a->index].kind, other = component[b->index].kind;
  if (kind != other) return kind < other ? -1 : 1;
  int r = compare_positions(a, b);
  return r ? r : (a->index > b->index) - (a->index < b->index);
}

static bool is_origin(const field_weights *w) {
  for (size_t j = 0; j < w->problem->mixture->dimension; j++)
    if (w->x[j] != 0) return false;
  return true;
}

static double sign_of_first(const double *mean, size_t d) {
  size_t j = 0;
  while (j < d && mean[j] == 0) j++;
  return j < d && mean[j] < 0 ? -1 : 1;
}

static sort_key key_of(const field_weights *w, size_t k, bool origin) {
  const field_problem *problem = w->problem;
  sort_key key = {.weights = w, .index = k, .turn = 1};
  if (!problem->general) return key;
  key.flip = !field_is_full(problem, k);
  if (!key.flip && origin) key.turn = sign_of_first(problem->mixture->components[k].mean, problem->mixture->dimension);
  return key;
}

/* The divergence of general problems needs every component by itself. */
static bool joins(const field_weights *w, const sort_key *previous, const sort_key *key) {
  const field_problem *problem = w->problem;
  return !(problem->general && problem->quantity == ASSAY_DIVERGENCE) &&
         problem->component[previous->index].kind == problem->component[key->index].kind &&
         !compare_positions(previous, key);
}

void field_groups_form(field_weights *w) {
  const field_problem *problem = w->problem;
  size_t count = problem->mixture->count;
  sort_key *key = malloc(count * sizeof *key);
  if (!key) abort(); /* as GMP does: the caller has checked the sizes against the cap */
  bool origin = problem->general && is_origin(w);
  for (size_t i = 0; i < count; i++) key[i] = key_of(w, i, origin);
  qsort(key, count, sizeof *key, compare_keys);
  w->groups = 0;
  for (size_t i = 0; i < count; i++) {
    w->member[i] = key[i].index;
    if (i > 0 && joins(w, &key[i - 1], &key[i]))
      w->group[w->groups - 1].size++;
    else
      w->group[w->groups++] = (field_group){.first = i, .size = 1};
  }
  free(key);
}
