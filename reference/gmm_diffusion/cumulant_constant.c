/* kappa_m = sum over partitions of m factors into j blocks of (-1)^{j-1} (j-1)! times the product of the blocks'
 * moments, each moment of k factors at most R^k: |kappa_m| <= R^m sum_j S(m, j) (j-1)!. */
#include "reference/gmm_diffusion/derivative_bound.h"

#include <stdlib.h>

/* row[j - 1] = S(m, j), j <= m, from S(m-1, .) in place. */
static void next_row(mpz_t *row, size_t m) {
  mpz_set_ui(row[m - 1], 1);
  for (size_t j = m - 1; j > 1; j--) {
    mpz_mul_ui(row[j - 1], row[j - 1], j);
    mpz_add(row[j - 1], row[j - 1], row[j - 2]);
  }
}

static void weigh_row(mpz_t out, mpz_t *row, size_t m) {
  mpz_t factorial;
  mpz_init_set_ui(factorial, 1);
  mpz_set_ui(out, 0);
  for (size_t j = 1; j <= m; j++) {
    mpz_addmul(out, row[j - 1], factorial);
    mpz_mul_ui(factorial, factorial, j);
  }
  mpz_clear(factorial);
}

static assay_status new_integers(mpz_t **out, size_t count, assay_context *context) {
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, count + 1, sizeof(mpz_t), "cumulant constants", context);
  if (status) return status;
  *out = memory;
  for (size_t i = 0; i < count; i++) mpz_init((*out)[i]);
  return ASSAY_OK;
}

assay_status cumulant_constants_init(mpz_t **out, size_t count, assay_context *context) {
  mpz_t *row = NULL, *constants = NULL;
  assay_status status = new_integers(&row, count, context);
  if (status) return status;
  status = new_integers(&constants, count, context);
  if (!status) {
    for (size_t m = 1; m <= count; m++) next_row(row, m), weigh_row(constants[m - 1], row, m);
    *out = constants;
  }
  cumulant_constants_clear(row, count);
  return status;
}

void cumulant_constants_clear(mpz_t *constants, size_t count) {
  for (size_t i = 0; constants && i < count; i++) mpz_clear(constants[i]);
  free(constants);
}

/* c_m has about m log2 m bits, and the rows before it take m^3 operations on limbs. */
enum { LARGEST = 4096 };

assay_status assay_reference_gmm_cumulant_constant(mpz_ptr out, unsigned order, assay_context *context) {
  if (order < 1 || order > LARGEST)
    return assay_fail(context, ASSAY_INVALID, "order: %u; between 1 and %d is expected", order, LARGEST);
  mpz_t *row = NULL;
  assay_status status = new_integers(&row, order, context);
  if (status) return status;
  for (size_t m = 1; m <= order; m++) next_row(row, m);
  weigh_row(out, row, order);
  cumulant_constants_clear(row, order);
  return ASSAY_OK;
}
