/* The coefficients of field_problem.h at one working precision. */
#include "reference/core/field_problem.h"

#include <stdlib.h>

/* One component's variance as S/D, beside the path's numbers. */
typedef struct {
  iv_scope *s;
  const schedule_values *path;
  bool on_circle;
  mpq_srcptr variance;
  iv numerator, denominator;
} setting;

static iv rational_log(iv_scope *s, mpq_srcptr value) {
  mpfi_ptr r = iv_new(s);
  mpfi_set_q(r, value);
  return iv_log(s, r);
}

/* a^2 D + b^2 S */
static iv spread(const setting *c) {
  iv_scope *s = c->s;
  return iv_add(s, iv_mul(s, iv_sqr(s, c->path->alpha), c->denominator),
                iv_mul(s, iv_sqr(s, c->path->beta), c->numerator));
}

/* r q^2 D; on the circle alpha alpha' = - beta beta', so that r = beta beta' (s - 1). */
static iv spread_rate(const setting *c) {
  iv_scope *s = c->s;
  const schedule_values *p = c->path;
  iv growth = iv_mul(s, p->beta, p->beta_rate), decay = iv_mul(s, p->alpha, p->alpha_rate);
  if (!c->on_circle)
    return iv_mul(s, p->unit, iv_add(s, iv_mul(s, decay, c->denominator), iv_mul(s, growth, c->numerator)));
  mpz_t excess;
  mpz_init(excess);
  mpz_sub(excess, mpq_numref(c->variance), mpq_denref(c->variance));
  iv r = iv_mul(s, p->unit, iv_mul(s, growth, iv_z(s, excess)));
  mpz_clear(excess);
  return r;
}

static void numerators(field_coefficients *out, assay_quantity quantity, const setting *c) {
  iv_scope *s = c->s;
  const schedule_values *p = c->path;
  iv unit_d = iv_mul(s, p->unit, c->denominator);
  switch (quantity) {
  case ASSAY_DENOISER:
    out->xi = iv_mul(s, iv_mul(s, p->unit, p->beta), c->numerator);
    out->mu = iv_mul(s, iv_sqr(s, p->alpha), c->denominator);
    return;
  case ASSAY_NOISE:
    out->xi = iv_mul(s, p->alpha, unit_d);
    out->mu = iv_neg(s, iv_mul(s, iv_mul(s, p->alpha, p->beta), c->denominator));
    return;
  case ASSAY_VELOCITY:
  case ASSAY_DIVERGENCE:
    out->xi = spread_rate(c);
    out->mu = iv_mul(s, iv_mul(s, p->alpha, p->wronskian), unit_d);
    return;
  case ASSAY_SCORE:
  case ASSAY_LOG_DENSITY:
    break;
  }
  out->xi = iv_neg(s, iv_mul(s, p->unit, unit_d));
  out->mu = iv_mul(s, p->beta, unit_d);
}

static field_coefficients coefficients(assay_quantity quantity, const setting *c, iv total_spread) {
  field_coefficients r;
  numerators(&r, quantity, c);
  r.x = iv_div(c->s, r.xi, total_spread);
  r.mean = iv_div(c->s, r.mu, total_spread);
  return r;
}

static void fill_row(field_table_row *row, const field_problem *problem, const field_table *table,
                     const schedule_values *path, const field_component *component) {
  iv_scope *s = table->scope;
  setting c = {.s = s,
               .path = path,
               .on_circle = schedule_on_circle(problem->path.schedule),
               .variance = component->variance,
               .numerator = iv_z(s, mpq_numref(component->variance)),
               .denominator = iv_z(s, mpq_denref(component->variance))};
  row->spread = spread(&c);
  row->inverse = iv_div(s, c.denominator, row->spread);
  row->field = coefficients(problem->quantity, &c, row->spread);
  if (problem->quantity == ASSAY_DIVERGENCE) row->score = coefficients(ASSAY_SCORE, &c, row->spread);
  if (problem->mixture->count == 1 && problem->quantity != ASSAY_LOG_DENSITY) return;
  row->log_variance = iv_neg(s, iv_log(s, iv_mul(s, table->unit2, row->inverse)));
  row->log_weight = rational_log(s, component->weight);
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
  table->unit2 = iv_sqr(s, path.unit);
  table->cross = iv_mul_si(s, iv_mul(s, path.unit, path.beta), -2);
  table->beta2 = iv_sqr(s, path.beta);
  table->log_total = rational_log(s, problem->total_weight);
  for (size_t k = 0; k < count; k++) fill_row(&row[k], problem, table, &path, &problem->component[k]);
  return table;
}

void field_table_free(field_table *table) {
  if (!table) return;
  iv_scope_free(table->scope);
  free(table->row);
  free(table);
}
