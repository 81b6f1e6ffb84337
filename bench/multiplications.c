/* Bare MPFR multiplications, one by one and rounded downward or upward in turn: the 4 k d N that the two sums over
 * coordinates of reference.c take as intervals, at its first working precision. */
#include "bench/driver.h"
#include "bench/sizes.h"

#include <mpfr.h>
#include <stdlib.h>

enum { OPERANDS = 64 };

/* ceil(log2 count) */
static size_t bits_of(size_t count) {
  size_t bits = 0;
  while (count > (size_t)1 << bits) bits++;
  return bits;
}

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, REFERENCE_SIZES, NULL);
  size_t k = bench_value(&arguments, "k"), d = bench_value(&arguments, "d");
  size_t count = 4 * k * d * bench_value(&arguments, "N");
  /* The reference starts with 32 bits more than the goal, and those of d and k. */
  mpfr_prec_t bits = (mpfr_prec_t)(bench_value(&arguments, "bits") + 32 + bits_of(d) + bits_of(k));
  mpfr_t operand[OPERANDS], product[OPERANDS];
  double start[OPERANDS], out[OPERANDS];
  bench_fill(start, OPERANDS, 1);
  for (size_t i = 0; i < OPERANDS; i++) {
    mpfr_init2(operand[i], bits);
    mpfr_init2(product[i], bits);
    mpfr_set_d(operand[i], 2.0 + start[i], MPFR_RNDN);
    mpfr_sqrt(operand[i], operand[i], MPFR_RNDN); /* all limbs are in use */
  }
  for (size_t pass = 0; pass < arguments.passes; pass++)
    for (size_t i = 0; i < count; i++) {
      size_t left = i % OPERANDS, right = (i / OPERANDS + i) % OPERANDS;
      mpfr_mul(product[left], operand[left], operand[right], i % 2 ? MPFR_RNDU : MPFR_RNDD);
    }
  for (size_t i = 0; i < OPERANDS; i++) out[i] = mpfr_get_d(product[i], MPFR_RNDN);
  if (arguments.tiny) bench_show(&arguments, "start", start, OPERANDS);
  bench_show(&arguments, "products", out, OPERANDS);
  for (size_t i = 0; i < OPERANDS; i++) {
    mpfr_clear(operand[i]);
    mpfr_clear(product[i]);
  }
  mpfr_free_cache();
  return 0;
}
