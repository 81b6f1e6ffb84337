#include "reference/core/ldl.h"

#include "reference/core/interval.h"

/* acc -= a b; exact zeros, frequent in structured matrices, cost nothing. */
static void subtract_product(mpfi_ptr acc, mpfi_srcptr a, mpfi_srcptr b, mpfi_ptr product) {
  if (mpfi_is_zero(a) || mpfi_is_zero(b)) return;
  mpfi_mul(product, a, b);
  mpfi_sub(acc, acc, product);
}

/* Row i of L times D, left in place: C_ij = A_ij - sum_{k<j} C_ik L_jk. */
static void eliminate_row(mpfi_ptr packed, size_t i, mpfi_ptr product) {
  mpfi_ptr row = packed + ldl_index(i, 0);
  for (size_t j = 0; j < i; j++) {
    mpfi_srcptr other = packed + ldl_index(j, 0);
    for (size_t k = 0; k < j; k++) subtract_product(&row[j], &row[k], &other[k], product);
  }
}

/* L_ij = C_ij/D_j, and D_i = A_ii - sum_j C_ij L_ij = A_ii - sum_j C_ij^2/D_j. */
static void divide_row(mpfi_ptr packed, size_t i, mpfi_ptr quotient, mpfi_ptr product) {
  mpfi_ptr row = packed + ldl_index(i, 0);
  for (size_t j = 0; j < i; j++) {
    if (mpfi_is_zero(&row[j])) continue;
    mpfi_srcptr pivot = packed + ldl_index(j, j);
    mpfi_div(quotient, &row[j], pivot);
    mpfi_sqr(product, &row[j]);
    mpfi_div(product, product, pivot);
    mpfi_sub(&row[i], &row[i], product);
    mpfi_swap(&row[j], quotient);
  }
}

ldl_verdict ldl_factor(mpfi_ptr packed, size_t dimension, size_t *pivot) {
  mpfi_t product, quotient;
  mpfi_init2(product, mpfi_get_prec(packed));
  mpfi_init2(quotient, mpfi_get_prec(packed));
  ldl_verdict verdict = LDL_DEFINITE;
  for (size_t i = 0; verdict == LDL_DEFINITE && i < dimension; i++) {
    eliminate_row(packed, i, product);
    divide_row(packed, i, quotient, product);
    mpfi_srcptr d = packed + ldl_index(i, i);
    *pivot = i;
    if (iv_finite(d) && mpfr_sgn(&d->left) > 0) continue;
    verdict = iv_finite(d) && mpfr_sgn(&d->right) <= 0 ? LDL_INDEFINITE : LDL_UNDECIDED;
  }
  mpfi_clear(product);
  mpfi_clear(quotient);
  return verdict;
}

void ldl_forward(mpfi_ptr y, mpfi_srcptr packed, size_t dimension) {
  mpfi_t product;
  mpfi_init2(product, mpfi_get_prec(y));
  for (size_t i = 1; i < dimension; i++)
    for (size_t k = 0; k < i; k++) subtract_product(&y[i], packed + ldl_index(i, k), &y[k], product);
  mpfi_clear(product);
}

void ldl_backward(mpfi_ptr y, mpfi_srcptr packed, size_t dimension) {
  mpfi_t product;
  mpfi_init2(product, mpfi_get_prec(y));
  for (size_t i = 0; i < dimension; i++)
    if (!mpfi_is_zero(&y[i])) mpfi_div(&y[i], &y[i], packed + ldl_index(i, i));
  for (size_t i = dimension; i-- > 0;)
    for (size_t k = 0; k < i; k++) subtract_product(&y[k], packed + ldl_index(i, k), &y[i], product);
  mpfi_clear(product);
}
