/* Bare MPFR multiplications, one by one and rounded downward or upward in turn: the 4 k d N that the two sums over
 * coordinates of reference.c take as intervals, at its first working precision. */
#include "bench/driver.h"
#include "bench/sizes.h"

#include <mpfr.h>
#include <stdlib.h>

/* The reference starts with 32 bits more than the goal, and those of d = 2^6 and k = 2^3. */
enum { BITS = REFERENCE_BITS + 32 + 6 + 3, OPERANDS = 64 };

int main(int argc, char **argv) {
  bench_arguments arguments = bench_begin(argc, argv, NULL);
  size_t count =
      arguments.tiny ? (size_t)2 * OPERANDS : (size_t)4 * REFERENCE_COUNT * REFERENCE_DIMENSION * REFERENCE_POINTS;
  mpfr_t operand[OPERANDS], product[OPERANDS];
  double start[OPERANDS], out[OPERANDS];
  bench_fill(start, OPERANDS, 1);
  for (size_t i = 0; i < OPERANDS; i++) {
    mpfr_init2(operand[i], BITS);
    mpfr_init2(product[i], BITS);
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
