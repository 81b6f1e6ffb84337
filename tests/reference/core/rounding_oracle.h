/* Rounding by MPFR, for tests. */
#ifndef ASSAY_TESTS_REFERENCE_CORE_ROUNDING_ORACLE_H
#define ASSAY_TESTS_REFERENCE_CORE_ROUNDING_ORACLE_H

#include <mpfr.h>

/* out = value to nearest, ties to even, to `precision` bits, or to fewer where they would lie below 2^least. The
 * precision of `out` is set. */
void oracle_round(mpfr_ptr out, mpfr_srcptr value, int precision, long least);

#endif
