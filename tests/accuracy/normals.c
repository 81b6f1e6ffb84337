/* Standard normals against MPFR: Box-Muller at 160 bits of the words that fast.h defines. */
#include "search.h"

#include <assay/fast.h>

#include <math.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>

/* Far beyond 53 bits even for cos(2 pi v) near 0, which is at least 2^-51 when it is not 0. */
enum { BITS = 160, COLUMNS = 1024, SEED = 1, WHOLE_ROWS = 1500, QUICK_ROWS = 100 };

typedef struct {
  mpfr_t radius, angle, turn, value[2], error;
} oracle;

static void oracle_init(oracle *o) {
  mpfr_inits2(BITS, o->radius, o->angle, o->turn, o->value[0], o->value[1], o->error, (mpfr_ptr)NULL);
  mpfr_const_pi(o->turn, MPFR_RNDN);
  mpfr_mul_2ui(o->turn, o->turn, 1, MPFR_RNDN);
}

static void oracle_clear(oracle *o) {
  mpfr_clears(o->radius, o->angle, o->turn, o->value[0], o->value[1], o->error, (mpfr_ptr)NULL);
}

/* Both values of the pair at (SEED, stream 0, row, pair). */
static void oracle_pair(oracle *o, uint64_t row, uint64_t pair) {
  const uint32_t key[2] = {SEED, 0};
  const uint32_t counter[4] = {(uint32_t)pair, (uint32_t)row, (uint32_t)(row >> 32 << 16 | pair >> 32), 0};
  uint32_t word[4];
  assay_fast_philox(word, counter, key);
  uint64_t a = (uint64_t)word[1] << 32 | word[0], b = (uint64_t)word[3] << 32 | word[2];
  mpfr_set_ui_2exp(o->radius, (unsigned long)(a >> 11) + 1, -53, MPFR_RNDN);
  mpfr_log(o->radius, o->radius, MPFR_RNDN);
  mpfr_mul_si(o->radius, o->radius, -2, MPFR_RNDN);
  mpfr_sqrt(o->radius, o->radius, MPFR_RNDN);
  mpfr_set_ui_2exp(o->angle, (unsigned long)(b >> 11), -53, MPFR_RNDN);
  mpfr_mul(o->angle, o->angle, o->turn, MPFR_RNDN);
  mpfr_sin_cos(o->value[1], o->value[0], o->angle, MPFR_RNDN);
  for (int odd = 0; odd < 2; odd++) mpfr_mul(o->value[odd], o->value[odd], o->radius, MPFR_RNDN);
}

static accuracy_error compare(oracle *o, mpfr_srcptr exact, double got) {
  mpfr_d_sub(o->error, got, exact, MPFR_RNDN);
  double error = fabs(mpfr_get_d(o->error, MPFR_RNDN)), value = fabs(mpfr_get_d(exact, MPFR_RNDN));
  return (accuracy_error){error, 0x1p-51 * value, accuracy_ulps(error, value), 0.0};
}

static void read_rectangle(double *out, uint64_t row, uint64_t column, size_t columns) {
  assay_normals normals = {SEED, 0};
  assay_stream stream = assay_fast_normals(&normals, (size_t)row + 1, (size_t)(column + columns));
  assay_context context;
  assay_context_init(&context);
  if (stream.read(&stream, (size_t)row, 1, (size_t)column, columns, out, columns, &context)) {
    fprintf(stderr, "accuracy: normals: %s\n", context.message);
    exit(3);
  }
}

static json_t *witness_at(uint64_t row, uint64_t column) {
  return json_pack("{s:i, s:i, s:I, s:I}", "seed", SEED, "stream", 0, "row", (json_int_t)row, "column",
                   (json_int_t)column);
}

static accuracy_error measure(oracle *o, uint64_t row, uint64_t column) {
  double got;
  read_rectangle(&got, row, column, 1);
  oracle_pair(o, row, column / 2);
  return compare(o, o->value[column % 2], got);
}

static size_t check(accuracy_error seen, json_t *witness) {
  if (seen.error <= seen.bound) return 0;
  accuracy_print_violation("normals", "normals", seen, witness);
  return 1;
}

/* The worst of a row. */
static size_t search_row(accuracy_error *worst, uint64_t *worst_column, oracle *o, uint64_t row) {
  double got[COLUMNS];
  size_t violations = 0;
  read_rectangle(got, row, 0, COLUMNS);
  for (uint64_t column = 0; column < COLUMNS; column++) {
    if (column % 2 == 0) oracle_pair(o, row, column / 2);
    accuracy_error seen = compare(o, o->value[column % 2], got[column]);
    if (!(seen.error <= seen.bound)) {
      json_t *witness = witness_at(row, column);
      violations += check(seen, witness);
      json_decref(witness);
    }
    if (accuracy_ratio(seen) > accuracy_ratio(*worst)) {
      *worst = seen;
      *worst_column = column;
    }
  }
  return violations;
}

size_t accuracy_normals(json_t *rows, accuracy_effort effort, const json_t *committed) {
  int64_t count = effort == SEARCH_QUICK ? QUICK_ROWS : WHOLE_ROWS;
  accuracy_error worst = {0};
  uint64_t worst_row = 0, worst_column = 0;
  size_t violations = 0;
  oracle o;
  oracle_init(&o);
  for (int64_t row = 0; row < count; row++) {
    double before = accuracy_ratio(worst);
    violations += search_row(&worst, &worst_column, &o, (uint64_t)row);
    if (accuracy_ratio(worst) > before) worst_row = (uint64_t)row;
  }
  json_t *out = accuracy_new_row("normals", "normals", "", "", (size_t)count * COLUMNS);
  json_object_set_new(out, "ratios", json_pack("[f]", accuracy_ratio(worst)));
  json_t *witness = witness_at(worst_row, worst_column);
  if (committed) {
    json_decref(witness);
    const json_t *old = accuracy_row(committed, "normals", "normals", "", "");
    witness = json_incref(json_object_get(json_object_get(old, "worst"), "witness"));
    worst = measure(&o, (uint64_t)json_integer_value(json_object_get(witness, "row")),
                    (uint64_t)json_integer_value(json_object_get(witness, "column")));
    violations += check(worst, witness);
  }
  json_object_set_new(out, "worst", accuracy_record(worst, witness));
  json_array_append_new(rows, out);
  oracle_clear(&o);
  return violations;
}
