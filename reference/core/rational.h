/* reference/core/rational.h: exact reals as GMP rationals. */
#ifndef ASSAY_REFERENCE_CORE_RATIONAL_H
#define ASSAY_REFERENCE_CORE_RATIONAL_H

#include <assay/model.h>

#include <gmp.h>

/* The exact value, canonical. `name` says whose it is when the exact string is refused (ASSAY_INVALID). */
assay_status rational_set(mpq_ptr out, assay_real value, const char *name, assay_context *context);

#endif
