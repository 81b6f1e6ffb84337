/* reference/core/field_groups.h: components whose responsibilities at a point are equal. */
#ifndef ASSAY_REFERENCE_CORE_FIELD_GROUPS_H
#define ASSAY_REFERENCE_CORE_FIELD_GROUPS_H

#include "reference/core/field_weights.h"

/* Sets member, group and groups from the point (and, in isotropic problems, its inner products). */
void field_groups_form(field_weights *weights);

#endif
