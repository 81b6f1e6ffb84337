/* Names of verdicts, kinds, levels, terms, bases, relations and methods. */
#include <assay/theory.h>

#define CASE(code, name)                                                                                               \
  case code:                                                                                                           \
    return name;

const char *assay_verdict_name(assay_verdict verdict) {
  switch (verdict) { ASSAY_VERDICTS(CASE) }
  return "unknown";
}

const char *assay_kind_name(assay_kind kind) {
  switch (kind) { ASSAY_KINDS(CASE) }
  return "unknown";
}

const char *assay_level_name(assay_level level) {
  switch (level) {
    ASSAY_LEVELS(CASE)
  case ASSAY_LEVEL_COUNT:
    break;
  }
  return "unknown";
}

const char *assay_term_name(assay_term term) {
  switch (term) { ASSAY_TERMS(CASE) }
  return "unknown";
}

const char *assay_basis_name(assay_basis basis) {
  switch (basis) { ASSAY_BASES(CASE) }
  return "unknown";
}

const char *assay_relation_name(assay_relation relation) {
  switch (relation) { ASSAY_RELATIONS(CASE) }
  return "unknown";
}

const char *assay_method_name(assay_method method) {
  switch (method) { ASSAY_METHODS(CASE) }
  return "unknown";
}
