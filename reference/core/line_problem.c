#include "reference/core/line_problem.h"

#include "reference/core/rational.h"

#include <stdlib.h>
#include <string.h>

static assay_status allocate(line_problem *problem, size_t count, assay_context *context) {
  void *numbers = NULL, *means = NULL, *rivals = NULL;
  assay_status status = assay_allocate(&numbers, count, 2 * sizeof(mpq_t), "components", context);
  if (!status) status = assay_allocate(&means, count, sizeof(double), "components", context);
  if (!status) status = assay_allocate(&rivals, count, sizeof(bool), "components", context);
  if (status) {
    free(numbers), free(means), free(rivals);
    return status;
  }
  *problem = (line_problem){.count = count, .weight = numbers, .mean = means, .rival = rivals};
  problem->variance = problem->weight + count;
  for (size_t k = 0; k < 2 * count; k++) mpq_init(problem->weight[k]);
  return ASSAY_OK;
}

static void release(line_problem *problem) {
  for (size_t k = 0; k < 2 * problem->count; k++) mpq_clear(problem->weight[k]);
  free(problem->weight), free((void *)problem->mean), free(problem->rival);
}

static assay_status read_components(line_problem *problem, const assay_mixture *mixture, assay_context *context) {
  mpq_t total;
  mpq_init(total);
  assay_status status = ASSAY_OK;
  double *mean = (double *)problem->mean;
  for (size_t k = 0; !status && k < problem->count; k++) {
    const assay_component *component = &mixture->components[k];
    const assay_covariance *covariance = &component->covariance;
    bool isotropic = covariance->kind == ASSAY_COVARIANCE_ISOTROPIC;
    assay_real variance = isotropic ? covariance->variance : assay_real_of(covariance->entries[0]);
    mean[k] = component->mean[0];
    status = rational_set(problem->weight[k], component->weight, "weight", context);
    if (!status) status = rational_set(problem->variance[k], variance, "covariance", context);
    mpq_add(total, total, problem->weight[k]);
  }
  for (size_t k = 0; !status && k < problem->count; k++) mpq_div(problem->weight[k], problem->weight[k], total);
  mpq_clear(total);
  return status;
}

/* At beta = 0 all components are the same Gaussian. */
static bool same_gaussian(const line_problem *problem, size_t j, size_t k) {
  if (schedule_at_noise(&problem->path)) return true;
  return problem->mean[j] == problem->mean[k] && mpq_equal(problem->variance[j], problem->variance[k]);
}

static void find_rivals(line_problem *problem) {
  for (size_t k = 0; k < problem->count; k++) {
    problem->rival[k] = true;
    for (size_t j = 0; j < problem->count; j++) {
      if (j == k || !same_gaussian(problem, j, k)) continue;
      int order = mpq_cmp(problem->weight[j], problem->weight[k]);
      if (order > 0 || (order == 0 && j < k)) problem->rival[k] = false;
    }
  }
}

assay_status line_problem_init(line_problem *out, const assay_mixture *mixture, const assay_path_point *point,
                               assay_context *context) {
  assay_status status = assay_mixture_check(mixture, context);
  if (status) return status;
  if (mixture->dimension != 1)
    return assay_fail(context, ASSAY_UNSUPPORTED, "dimension: %zu; a mixture on a line is expected",
                      mixture->dimension);
  line_problem problem;
  status = allocate(&problem, mixture->count, context);
  if (status) return status;
  status = read_components(&problem, mixture, context);
  if (!status) status = schedule_path_init(&problem.path, point, context);
  if (status) {
    release(&problem);
    return status;
  }
  find_rivals(&problem);
  *out = problem;
  return ASSAY_OK;
}

void line_problem_clear(line_problem *problem) {
  schedule_path_clear(&problem->path);
  release(problem);
}

static iv rational_value(iv_scope *s, mpq_srcptr value) {
  mpfi_ptr r = iv_new(s);
  mpfi_set_q(r, value);
  return r;
}

void line_problem_at(line_component *out, iv_scope *s, const line_problem *problem) {
  schedule_values at = schedule_at(s, &problem->path);
  iv alpha2 = iv_sqr(s, at.alpha), beta2 = iv_sqr(s, at.beta);
  for (size_t k = 0; k < problem->count; k++) {
    line_component *c = &out[k];
    c->weight = rational_value(s, problem->weight[k]);
    c->prior_mean = iv_d(s, problem->mean[k]);
    c->prior_variance = rational_value(s, problem->variance[k]);
    c->mean = iv_mul(s, at.beta, c->prior_mean);
    c->variance = iv_add(s, alpha2, iv_mul(s, beta2, c->prior_variance));
    c->deviation = iv_sqrt(s, c->variance);
    c->height = iv_sub(s, iv_log(s, c->weight), iv_log(s, c->deviation));
  }
}
