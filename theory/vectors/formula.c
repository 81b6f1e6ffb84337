#include "theory/vectors/formula.h"

static const struct {
  const char *name, *meaning;
} formulas[] = {
#define ROW(code, name, meaning) [code] = {name, meaning},
    VECTORS_FORMULAS(ROW)
#undef ROW
};

const char *vectors_formula_name(vectors_formula formula) { return formulas[formula].name; }
const char *vectors_formula_meaning(vectors_formula formula) { return formulas[formula].meaning; }

bool vectors_formula_gives(vectors_formula formula, assay_quantity quantity) {
  switch (formula) {
  case VECTORS_FROM_DENOISER:
    return quantity == ASSAY_VELOCITY || quantity == ASSAY_SCORE || quantity == ASSAY_NOISE;
  case VECTORS_FROM_SCORE:
    return quantity == ASSAY_VELOCITY || quantity == ASSAY_DENOISER;
  case VECTORS_DIFFERENCES:
    return quantity == ASSAY_DIVERGENCE;
  case VECTORS_GUARDED:
  case VECTORS_EXPANDED:
  case VECTORS_UNGUARDED:
  case VECTORS_PLAIN_PATH:
  case VECTORS_FORMULA_COUNT:
    break;
  }
  return true;
}
