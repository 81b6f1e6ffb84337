#include "reference/core/field_problem.h"

#include "reference/core/exact_sum.h"
#include "reference/core/field_shape.h"
#include "reference/core/rational.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- exact numbers ---- */

static assay_status read_component(field_component *out, const assay_mixture *mixture, size_t k,
                                   assay_context *context) {
  const assay_component *component = &mixture->components[k];
  char name[64];
  (void)snprintf(name, sizeof name, "components[%zu].weight", k);
  assay_status status = rational_set(out->weight, component->weight, name, context);
  (void)snprintf(name, sizeof name, "components[%zu].covariance", k);
  bool isotropic = component->covariance.kind == ASSAY_COVARIANCE_ISOTROPIC;
  assay_real variance = isotropic ? component->covariance.variance : assay_real_of(1);
  if (!status) status = rational_set(out->variance, variance, name, context);
  if (!status && (mpq_sgn(out->weight) <= 0 || mpq_sgn(out->variance) <= 0))
    status = assay_fail(context, ASSAY_INVALID, "components[%zu]: weight and covariance must be positive", k);
  if (!status) exact_dot(out->norm2, component->mean, component->mean, mixture->dimension);
  return status;
}

typedef struct {
  const field_component *component;
  size_t index;
  const field_problem *problem;
} sort_key;

static int compare_kinds(const sort_key *a, const sort_key *b) {
  int r = mpq_cmp(a->component->weight, b->component->weight);
  if (r || a->problem->at_noise) return r;
  if (a->problem->general)
    return (a->component->shape > b->component->shape) - (a->component->shape < b->component->shape);
  r = mpq_cmp(a->component->variance, b->component->variance);
  return r ? r : mpz_cmp(a->component->norm2, b->component->norm2);
}

static int compare_keys(const void *left, const void *right) {
  const sort_key *a = left, *b = right;
  int r = compare_kinds(a, b);
  return r ? r : (a->index > b->index) - (a->index < b->index);
}

static void number_kinds(field_problem *problem, sort_key *key) {
  size_t count = problem->mixture->count;
  for (size_t k = 0; k < count; k++) key[k] = (sort_key){&problem->component[k], k, problem};
  qsort(key, count, sizeof *key, compare_keys);
  for (size_t i = 0; i < count; i++) {
    problem->kinds += i == 0 || compare_kinds(&key[i - 1], &key[i]);
    problem->component[key[i].index].kind = problem->kinds - 1;
  }
}

static assay_status allocate(field_problem *problem, sort_key **key, assay_context *context) {
  size_t count = problem->mixture->count;
  void *component = NULL, *keys = NULL;
  assay_status status = assay_allocate(&component, count, sizeof *problem->component, "components", context);
  if (!status) status = assay_allocate(&keys, count, sizeof **key, "components", context);
  if (status) {
    free(component);
    return status;
  }
  problem->component = component;
  *key = keys;
  for (size_t k = 0; k < count; k++) {
    mpq_inits(problem->component[k].weight, problem->component[k].variance, (mpq_ptr)NULL);
    mpz_init(problem->component[k].norm2);
  }
  return ASSAY_OK;
}

static bool any_anisotropic(const assay_mixture *mixture) {
  for (size_t k = 0; k < mixture->count; k++)
    if (mixture->components[k].covariance.kind != ASSAY_COVARIANCE_ISOTROPIC) return true;
  return false;
}

static assay_status read_mixture(field_problem *problem, assay_context *context) {
  const assay_mixture *mixture = problem->mixture;
  sort_key *key = NULL;
  assay_status status = allocate(problem, &key, context);
  for (size_t k = 0; !status && k < mixture->count; k++) {
    status = read_component(&problem->component[k], mixture, k, context);
    mpq_add(problem->total_weight, problem->total_weight, problem->component[k].weight);
    for (size_t j = 0; j < mixture->dimension; j++)
      problem->mean_size = fmax(problem->mean_size, fabs(mixture->components[k].mean[j]));
  }
  if (!status && any_anisotropic(mixture)) {
    problem->general = !problem->at_noise;
    status = field_shapes_find(problem, context);
    if (!status) status = field_shapes_check(problem, context);
  }
  if (!status) number_kinds(problem, key);
  free(key);
  return status;
}

static assay_status check(assay_quantity quantity, const assay_mixture *mixture, const assay_path_point *point,
                          assay_context *context) {
  assay_status status = assay_mixture_check(mixture, context);
  return status ? status : assay_path_point_check(point, quantity, context);
}

assay_status field_problem_init(field_problem *out, assay_quantity quantity, const assay_mixture *mixture,
                                const assay_path_point *point, assay_context *context) {
  assay_status status = check(quantity, mixture, point, context);
  if (status) return status;
  field_problem problem = {.mixture = mixture, .quantity = quantity};
  status = schedule_path_init(&problem.path, point, context);
  if (status) return status;
  problem.at_noise = schedule_at_noise(&problem.path);
  mpq_init(problem.total_weight);
  status = read_mixture(&problem, context);
  if (status) {
    field_problem_clear(&problem);
    return status;
  }
  *out = problem;
  return ASSAY_OK;
}

void field_problem_clear(field_problem *problem) {
  for (size_t k = 0; problem->component && k < problem->mixture->count; k++) {
    mpq_clears(problem->component[k].weight, problem->component[k].variance, (mpq_ptr)NULL);
    mpz_clear(problem->component[k].norm2);
  }
  free(problem->component);
  mpq_clear(problem->total_weight);
  schedule_path_clear(&problem->path);
}

bool field_same_coefficients(const field_problem *problem, size_t k, size_t l) {
  return problem->at_noise || mpq_equal(problem->component[k].variance, problem->component[l].variance);
}
