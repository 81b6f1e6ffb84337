#include "reference/core/field_coordinate.h"

#include "reference/core/field_sum.h"

bool field_is_full(const field_problem *problem, size_t k) {
  return problem->mixture->components[k].covariance.kind == ASSAY_COVARIANCE_FULL;
}

void field_coordinate_init(field_coordinate *out, const field_problem *problem, const field_table *table,
                           const field_form *form, long bits) {
  *out = (field_coordinate){.problem = problem, .table = table, .form = form, .shape = SIZE_MAX};
  mpfi_ptr all[] = {out->variance, out->spread, out->xi, out->mu, out->product, NULL};
  for (mpfi_ptr *p = all; *p; p++) mpfi_init2(*p, bits);
}

void field_coordinate_clear(field_coordinate *c) {
  mpfi_ptr all[] = {c->variance, c->spread, c->xi, c->mu, c->product, NULL};
  for (mpfi_ptr *p = all; *p; p++) mpfi_clear(*p);
}

static void set_form(field_coordinate *c) {
  if (c->form->excess) mpfi_sub(c->variance, c->variance, c->denominator);
  mpfi_mul(c->xi, c->form->xi_variance, c->variance);
  mpfi_mul(c->product, c->form->xi_unit, c->denominator);
  mpfi_add(c->xi, c->xi, c->product);
  mpfi_mul(c->mu, c->form->mu_unit, c->denominator);
}

void field_coordinate_set(field_coordinate *c, size_t k, size_t j) {
  size_t shape = c->problem->component[k].shape;
  const assay_covariance *covariance = &c->problem->mixture->components[shape].covariance;
  bool isotropic = covariance->kind == ASSAY_COVARIANCE_ISOTROPIC;
  if (shape == c->shape && (isotropic || j == c->column)) return;
  c->shape = shape;
  c->column = j;
  c->denominator = c->table->row[shape].denominator;
  if (isotropic)
    mpfi_set(c->variance, c->table->row[shape].numerator);
  else
    mpfi_set_d(c->variance, covariance->entries[j]);
  mpfi_mul(c->spread, c->table->alpha2, c->denominator);
  mpfi_mul(c->product, c->table->beta2, c->variance);
  mpfi_add(c->spread, c->spread, c->product);
  if (c->form) set_form(c);
}

void field_coordinate_value(mpfi_ptr value, field_coordinate *c, size_t size, mpfr_srcptr x, mpfi_srcptr sum) {
  mpfi_mul(value, c->mu, sum);
  mpfi_mul_ui(c->product, c->xi, size);
  field_accumulate(value, c->product, x);
  mpfi_mul_ui(c->product, c->spread, size);
  mpfi_div(value, value, c->product);
}

/* ---- what is the same at every point ---- */

/* log prod_j spread_j, with one logarithm per block: products of so few doubles and their squares stay far inside
 * MPFR's exponents. */
static iv log_of_product(field_coordinate *c, iv_scope *s, size_t k) {
  enum { BLOCK = 4096 };
  size_t d = c->problem->mixture->dimension;
  iv sum = iv_ui(s, 0);
  for (size_t first = 0; first < d; first += BLOCK) {
    mpfi_ptr product = iv_new(s);
    mpfi_set_ui(product, 1);
    for (size_t j = first; j < d && j < first + BLOCK; j++) {
      field_coordinate_set(c, k, j);
      mpfi_mul(product, product, c->spread);
    }
    sum = iv_add(s, sum, iv_log(s, product));
  }
  return sum;
}

static iv rate_sum(field_coordinate *c, iv_scope *s, size_t k) {
  mpfi_ptr sum = iv_new(s);
  for (size_t j = 0; j < c->problem->mixture->dimension; j++) {
    field_coordinate_set(c, k, j);
    mpfi_div(c->product, c->xi, c->spread);
    mpfi_add(sum, sum, c->product);
  }
  return sum;
}

void field_shape_row(field_table_row *row, const field_problem *problem, const field_table *table, size_t k) {
  iv_scope *s = table->scope;
  if (field_is_full(problem, k)) return;
  iv dimension = iv_ui(s, problem->mixture->dimension);
  iv unit = iv_mul(s, dimension, iv_log(s, iv_mul(s, table->unit2, row->denominator)));
  field_coordinate c;
  field_coordinate_init(&c, problem, table, &table->field, iv_bits(s));
  row->log_variance = iv_sub(s, log_of_product(&c, s, k), unit);
  if (problem->quantity == ASSAY_DIVERGENCE) row->rate = rate_sum(&c, s, k);
  field_coordinate_clear(&c);
}
