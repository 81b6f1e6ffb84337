/* The learned model as plain data. */
#include <assay/gmm_fast.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static assay_status allocate(void **out, size_t count, size_t size, assay_context *context) {
  return assay_allocate(out, count, size, "model", context);
}

assay_status assay_gmm_model_init(assay_gmm_model *out, size_t dimension, size_t degree, size_t levels, size_t cells,
                                  assay_context *context) {
  size_t n = dimension, p = assay_gmm_features(dimension, degree);
  if (p == 0)
    return assay_fail(context, ASSAY_UNSUPPORTED, "degree: %zu in %zu dimensions takes more than 4096 features", degree,
                      dimension);
  assay_gmm_model model = {.dimension = n, .degree = degree, .features = p, .levels = levels, .cells = cells};
  void *level = NULL, *cell = NULL, *numbers = NULL, *moments = NULL;
  assay_status status = allocate(&level, levels, sizeof *model.level, context);
  if (!status) status = allocate(&cell, cells, sizeof *model.cell, context);
  if (!status) status = allocate(&numbers, cells, (p + 1) * n * sizeof(double), context);
  if (!status) status = allocate(&moments, n + 1, n * sizeof(double), context);
  if (status) {
    free(level);
    free(cell);
    free(numbers);
    free(moments);
    return status;
  }
  model.level = level;
  model.cell = cell;
  model.centres = numbers;
  model.coefficients = model.centres + cells * n;
  model.mean = moments;
  model.covariance = model.mean + n;
  *out = model;
  return ASSAY_OK;
}

void assay_gmm_model_clear(assay_gmm_model *model) {
  free(model->level);
  free(model->cell);
  free(model->centres);
  free(model->mean);
  memset(model, 0, sizeof *model);
}

static assay_status check_sizes(const assay_gmm_model *m, assay_context *context) {
  if (m->dimension < 1) return assay_fail(context, ASSAY_INVALID, "model.dimension: 0; at least 1 is expected");
  if (m->degree < 1) return assay_fail(context, ASSAY_INVALID, "model.degree: 0; at least 1 is expected");
  size_t p = assay_gmm_features(m->dimension, m->degree);
  if (p == 0 || p != m->features)
    return assay_fail(context, ASSAY_INVALID, "model.features: %zu; degree %zu in %zu dimensions has %s%zu",
                      m->features, m->degree, m->dimension, p ? "" : "too many: ", p);
  if (m->levels < 1) return assay_fail(context, ASSAY_INVALID, "model.levels: 0; at least 1 is expected");
  if (m->cells < m->levels || m->cells > UINT32_MAX / 2)
    return assay_fail(context, ASSAY_INVALID, "model.cells: %zu; %zu levels need as many, and at most 2^31 - 1",
                      m->cells, m->levels);
  if (m->samples < 1) return assay_fail(context, ASSAY_INVALID, "model.samples: 0; at least 1 is expected");
  return ASSAY_OK;
}

/* Finite and at least 0. */
static bool is_size(double value) { return value >= 0 && value <= 1e300; }

static assay_status check_error(double value, size_t k, const char *name, assay_context *context) {
  if (is_size(value)) return ASSAY_OK;
  return assay_fail(context, ASSAY_INVALID, "model.level[%zu].%s: %.17g is not finite and at least 0", k, name, value);
}

static assay_status check_level(const assay_gmm_model *m, size_t k, size_t first, assay_context *context) {
  const assay_gmm_level *level = &m->level[k];
  if (!(level->tau > 0 && isfinite(level->tau)))
    return assay_fail(context, ASSAY_INVALID, "model.level[%zu].tau: %.17g is not positive and finite", k, level->tau);
  if (k > 0 && !(level->tau < m->level[k - 1].tau))
    return assay_fail(context, ASSAY_INVALID, "model.level[%zu].tau: %.17g is not below the level before, %.17g", k,
                      level->tau, m->level[k - 1].tau);
  if (level->first_cell != first)
    return assay_fail(context, ASSAY_INVALID, "model.level[%zu].first_cell: %zu, expected %zu", k, level->first_cell,
                      first);
  if (level->cells < 1 || level->cells > m->cells - first)
    return assay_fail(context, ASSAY_INVALID, "model.level[%zu].cells: %zu, expected 1 to the %zu left", k,
                      level->cells, m->cells - first);
  assay_status status = check_error(level->degree_error, k, "degree_error", context);
  if (!status) status = check_error(level->data_error, k, "data_error", context);
  return status ? status : check_error(level->kernel, k, "kernel", context);
}

static assay_status check_levels(const assay_gmm_model *m, assay_context *context) {
  size_t first = 0;
  for (size_t k = 0; k < m->levels; k++) {
    assay_status status = check_level(m, k, first, context);
    if (status) return status;
    first += m->level[k].cells;
  }
  if (first != m->cells)
    return assay_fail(context, ASSAY_INVALID, "model.cells: %zu, but its levels have %zu", m->cells, first);
  return ASSAY_OK;
}

static assay_status check_cells(const assay_gmm_model *m, assay_context *context) {
  for (size_t c = 0; c < m->cells; c++) {
    if (m->cell[c].degree > m->degree)
      return assay_fail(context, ASSAY_INVALID, "model.cell[%zu].degree: %zu; the model has %zu", c, m->cell[c].degree,
                        m->degree);
    if (!(m->cell[c].weight >= 0 && m->cell[c].weight <= 1))
      return assay_fail(context, ASSAY_INVALID, "model.cell[%zu].weight: %.17g is outside [0, 1]", c,
                        m->cell[c].weight);
  }
  return ASSAY_OK;
}

static assay_status check_finite(const double *values, size_t rows, size_t columns, const char *name,
                                 assay_context *context) {
  for (size_t k = 0; k < rows * columns; k++)
    if (!isfinite(values[k]))
      return assay_fail(context, ASSAY_INVALID, "model.%s[%zu][%zu]: %.17g is not finite", name, k / columns,
                        k % columns, values[k]);
  return ASSAY_OK;
}

static assay_status check_numbers(const assay_gmm_model *m, assay_context *context) {
  size_t n = m->dimension;
  assay_status status = check_finite(m->centres, m->cells, n, "centres", context);
  if (!status) status = check_finite(m->coefficients, m->cells, m->features * n, "coefficients", context);
  if (!status) status = check_finite(m->mean, 1, n, "mean", context);
  if (!status) status = check_finite(m->covariance, n, n, "covariance", context);
  for (size_t j = 0; !status && j < n; j++)
    for (size_t l = 0; !status && l < j; l++)
      if (m->covariance[j * n + l] != m->covariance[l * n + j])
        status = assay_fail(context, ASSAY_INVALID, "model.covariance[%zu][%zu]: %.17g, but [%zu][%zu] is %.17g", j, l,
                            m->covariance[j * n + l], l, j, m->covariance[l * n + j]);
  return status;
}

static assay_status check_certificate(const assay_gmm_certificate *c, assay_context *context) {
  const double values[] = {c->initial, c->degree, c->data, c->discretisation};
  static const char *const names[] = {"initial", "degree", "data", "discretisation"};
  for (size_t k = 0; k < sizeof values / sizeof *values; k++)
    if (!is_size(values[k]))
      return assay_fail(context, ASSAY_INVALID, "model.certificate.%s: %.17g is not finite and at least 0", names[k],
                        values[k]);
  if (!(c->total_variation >= 0 && c->total_variation <= 1))
    return assay_fail(context, ASSAY_INVALID, "model.certificate.total_variation: %.17g is outside [0, 1]",
                      c->total_variation);
  return ASSAY_OK;
}

assay_status assay_gmm_model_check(const assay_gmm_model *model, assay_context *context) {
  assay_status status = check_sizes(model, context);
  if (!status) status = check_levels(model, context);
  if (!status) status = check_cells(model, context);
  if (status) return status;
  if (!(model->clip > 0 && isfinite(model->clip)))
    return assay_fail(context, ASSAY_INVALID, "model.clip: %.17g is not positive and finite", model->clip);
  if (!(model->limit > 0 && isfinite(model->limit)))
    return assay_fail(context, ASSAY_INVALID, "model.limit: %.17g is not positive and finite", model->limit);
  if (!is_size(model->radius))
    return assay_fail(context, ASSAY_INVALID, "model.radius: %.17g is not finite and at least 0", model->radius);
  status = check_numbers(model, context);
  if (!status) status = check_certificate(&model->certificate, context);
  return status ? status : assay_gmm_settings_check(&model->settings, context);
}
