/* theory/flow_dae/evidence.h: items of proofs, named "<subject> <what>". */
#ifndef ASSAY_THEORY_FLOW_DAE_EVIDENCE_H
#define ASSAY_THEORY_FLOW_DAE_EVIDENCE_H

#include "reference/core/interval.h"

#include <assay/theory.h>

/* left = right to within 2^-bits; control may be NULL. */
assay_status evidence_agree(assay_trial *trial, const char *subject, const char *what, iv left, iv right, iv control,
                            long bits);

/* left < right or left > right, without a control. */
assay_status evidence_decide(assay_trial *trial, const char *subject, const char *what, iv left,
                             assay_relation relation, iv right);

#endif
