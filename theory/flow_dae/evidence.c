#include "theory/flow_dae/evidence.h"

#include <stdio.h>

enum { NAME = 192 };

assay_status evidence_agree(assay_trial *trial, const char *subject, const char *what, iv left, iv right, iv control,
                            long bits) {
  char name[NAME];
  (void)snprintf(name, sizeof name, "%s: %s", subject, what);
  return assay_trial_agree(trial, name, left, right, control, bits);
}

assay_status evidence_decide(assay_trial *trial, const char *subject, const char *what, iv left,
                             assay_relation relation, iv right) {
  char name[NAME];
  (void)snprintf(name, sizeof name, "%s: %s", subject, what);
  return assay_trial_decide(trial, name, left, relation, right, NULL);
}
