/* The coefficients of field_problem.h at one working precision. */
#include "reference/core/field_problem.h"

#include "reference/core/field_coordinate.h"

#include <stdlib.h>

static iv rational_value(iv_scope *s, mpq_srcptr value) {
  mpfi_ptr r = iv_new(s);
  mpfi_set_q(r, value);
  return r;
}

static field_form form_of(iv_scope *s, const schedule_values *p, assay_quantity quantity, bool on_circle) {
  iv zero = iv_ui(s, 0);
  switch (quantity) {
  case ASSAY_DENOISER:
    return (field_form){iv_mul(s, p->unit, p->beta), zero, p->alpha_square, false};
  case ASSAY_NOISE:
    return (field_form){zero, iv_mul(s, p->alpha, p->unit), iv_neg(s, iv_mul(s, p->alpha, p->beta)), false};
  case ASSAY_VELOCITY:
  case ASSAY_DIVERGENCE: {
    iv growth = iv_mul(s, p->beta, p->beta_rate), decay = on_circle ? zero : p->alpha_decay;
    return (field_form){growth, decay, p->turn, on_circle};
  }
  case ASSAY_SCORE:
  case ASSAY_LOG_DENSITY:
    break;
  }
  return (field_form){zero, iv_neg(s, iv_sqr(s, p->unit)), iv_mul(s, p->beta, p->unit), false};
}

static field_coefficients coefficients(iv_scope *s, const field_form *form, const field_table_row *row) {
  field_coefficients r;
  iv variance = form->excess ? iv_sub(s, row->numerator, row->denominator) : row->numerator;
  r.xi = iv_add(s, iv_mul(s, form->xi_variance, variance), iv_mul(s, form->xi_unit, row->denominator));
  r.mu = iv_mul(s, form->mu_unit, row->denominator);
  r.x = iv_div(s, r.xi, row->spread);
  r.mean = iv_div(s, r.mu, row->spread);
  return r;
}

static void fill_isotropic(field_table_row *row, const field_problem *problem, const field_table *table) {
  iv_scope *s = table->scope;
  row->inverse = iv_div(s, row->denominator, row->spread);
  row->field = coefficients(s, &table->field, row);
  if (problem->quantity == ASSAY_DIVERGENCE) row->score = coefficients(s, &table->score, row);
  if (problem->mixture->count == 1 && problem->quantity != ASSAY_LOG_DENSITY) return;
  row->log_variance = iv_neg(s, iv_log(s, iv_mul(s, table->unit2, row->inverse)));
}

static void fill_row(field_table_row *row, const field_problem *problem, const field_table *table, size_t k) {
  iv_scope *s = table->scope;
  const field_component *component = &problem->component[k];
  row->numerator = iv_z(s, mpq_numref(component->variance));
  row->denominator = iv_z(s, mpq_denref(component->variance));
  row->spread = iv_add(s, iv_mul(s, table->alpha2, row->denominator), iv_mul(s, table->beta2, row->numerator));
  row->log_weight = iv_log(s, rational_value(s, component->weight));
  if (!problem->general)
    fill_isotropic(row, problem, table);
  else if (component->shape == k)
    field_shape_row(row, problem, table, k);
}

field_table *field_table_new(const field_problem *problem, long bits) {
  size_t count = problem->mixture->count;
  field_table *table = calloc(1, sizeof *table);
  field_table_row *row = calloc(count, sizeof *row);
  if (!table || !row) abort(); /* as GMP does: the caller has checked the sizes against the cap */
  iv_scope *s = iv_scope_new(bits);
  schedule_values path = schedule_scaled_at(s, &problem->path);
  table->scope = s;
  table->row = row;
  bool on_circle = schedule_on_circle(problem->path.kind);
  table->unit = path.unit;
  table->beta = path.beta;
  table->alpha2 = path.alpha_square;
  table->beta2 = iv_sqr(s, path.beta);
  table->unit2 = iv_sqr(s, path.unit);
  table->cross = iv_mul_si(s, iv_mul(s, path.unit, path.beta), -2);
  table->log_total = iv_log(s, rational_value(s, problem->total_weight));
  table->field = form_of(s, &path, problem->quantity, on_circle);
  table->score = form_of(s, &path, ASSAY_SCORE, on_circle);
  for (size_t k = 0; k < count; k++) fill_row(&row[k], problem, table, k);
  return table;
}

void field_table_free(field_table *table) {
  if (!table) return;
  iv_scope_free(table->scope);
  free(table->row);
  free(table);
}
