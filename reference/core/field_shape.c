#include "reference/core/field_shape.h"

#include "reference/core/field_intervals.h"
#include "reference/core/ldl.h"

#include <stdlib.h>

/* ---- equal covariances ---- */

typedef struct {
  const field_problem *problem;
  size_t index;
} sort_key;

static size_t entry_count(const assay_covariance *covariance, size_t d) {
  return covariance->kind == ASSAY_COVARIANCE_FULL ? d * d : d;
}

static int compare_shapes(const sort_key *a, const sort_key *b) {
  const assay_mixture *mixture = a->problem->mixture;
  const assay_covariance *left = &mixture->components[a->index].covariance,
                         *right = &mixture->components[b->index].covariance;
  if (left->kind != right->kind) return left->kind < right->kind ? -1 : 1;
  if (left->kind == ASSAY_COVARIANCE_ISOTROPIC)
    return mpq_cmp(a->problem->component[a->index].variance, b->problem->component[b->index].variance);
  size_t count = entry_count(left, mixture->dimension);
  for (size_t i = 0; left->entries != right->entries && i < count; i++)
    if (left->entries[i] != right->entries[i]) return left->entries[i] < right->entries[i] ? -1 : 1;
  return 0;
}

static int compare_keys(const void *left, const void *right) {
  const sort_key *a = left, *b = right;
  int r = compare_shapes(a, b);
  return r ? r : (a->index > b->index) - (a->index < b->index);
}

assay_status field_shapes_find(field_problem *problem, assay_context *context) {
  size_t count = problem->mixture->count;
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, count, sizeof(sort_key), "components", context);
  if (status) return status;
  sort_key *key = memory;
  for (size_t k = 0; k < count; k++) key[k] = (sort_key){problem, k};
  qsort(key, count, sizeof *key, compare_keys);
  for (size_t i = 0; i < count; i++) {
    bool fresh = i == 0 || compare_shapes(&key[i - 1], &key[i]);
    problem->component[key[i].index].shape = fresh ? key[i].index : problem->component[key[i - 1].index].shape;
  }
  free(key);
  return ASSAY_OK;
}

/* ---- positive definiteness ---- */

static ldl_verdict factor_covariance(const double *entries, size_t d, long bits, size_t *pivot) {
  size_t count = ldl_index(d, 0);
  mpfi_ptr packed = field_intervals_new(count, bits);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j <= i; j++) mpfi_set_d(&packed[ldl_index(i, j)], entries[i * d + j]);
  ldl_verdict verdict = ldl_factor(packed, d, pivot);
  field_intervals_free(packed, count);
  return verdict;
}

static assay_status check_covariance(const assay_mixture *mixture, size_t k, assay_context *context) {
  enum { FIRST = 128 };
  size_t d = mixture->dimension, pivot = 0;
  const double *entries = mixture->components[k].covariance.entries;
  long bits = FIRST < context->max_bits ? FIRST : context->max_bits;
  for (;;) {
    if (context->memory_cap && field_matrix_bytes(d, bits) > context->memory_cap)
      return assay_fail(context, ASSAY_MEMORY,
                        "components[%zu].covariance: its factors at %ld bits exceed the memory cap "
                        "of %zu",
                        k, bits, context->memory_cap);
    ldl_verdict verdict = factor_covariance(entries, d, bits, &pivot);
    if (verdict == LDL_DEFINITE) return ASSAY_OK;
    if (verdict == LDL_INDEFINITE)
      return assay_fail(context, ASSAY_INVALID,
                        "components[%zu].covariance: not positive definite (its leading %zu x %zu block is not)", k,
                        pivot + 1, pivot + 1);
    if (bits == context->max_bits)
      return assay_fail(context, ASSAY_PRECISION,
                        "components[%zu].covariance: %ld bits do not tell whether it is positive definite", k, bits);
    bits = bits > context->max_bits / 2 ? context->max_bits : 2 * bits;
  }
}

assay_status field_shapes_check(const field_problem *problem, assay_context *context) {
  const assay_mixture *mixture = problem->mixture;
  assay_status status = ASSAY_OK;
  for (size_t k = 0; !status && k < mixture->count; k++) {
    if (mixture->components[k].covariance.kind != ASSAY_COVARIANCE_FULL || problem->component[k].shape != k) continue;
    status = check_covariance(mixture, k, context);
    if (!status) status = assay_progress(context, "field", 0);
  }
  return status;
}
