#include "theory/vectors/mixture.h"

#include "theory/vectors/value.h"

static void add_number(assay_text *text, double value, bool hex) {
  if (!hex) {
    assay_text_number(text, value);
    return;
  }
  assay_text_add(text, "\"");
  vectors_add_hex(text, value);
  assay_text_add(text, "\"");
}

static void add_row(assay_text *text, const double *values, size_t count, bool hex) {
  for (size_t j = 0; j < count; j++) {
    assay_text_add(text, j ? ", " : "[");
    add_number(text, values[j], hex);
  }
  assay_text_add(text, "]");
}

static void add_covariance(assay_text *text, const assay_covariance *covariance, size_t d, bool hex) {
  switch (covariance->kind) {
  case ASSAY_COVARIANCE_ISOTROPIC:
    add_number(text, covariance->variance.nearest, hex);
    return;
  case ASSAY_COVARIANCE_DIAGONAL:
    add_row(text, covariance->entries, d, hex);
    return;
  case ASSAY_COVARIANCE_FULL:
    for (size_t i = 0; i < d; i++) {
      assay_text_add(text, i ? ", " : "[");
      add_row(text, covariance->entries + i * d, d, hex);
    }
    assay_text_add(text, "]");
  }
}

void vectors_add_mixture(assay_text *text, const assay_mixture *mixture, bool hex) {
  assay_text_format(text, "{\"dimension\": %zu, \"components\": [\n", mixture->dimension);
  for (size_t k = 0; k < mixture->count; k++) {
    const assay_component *component = &mixture->components[k];
    assay_text_add(text, "    {\"weight\": ");
    add_number(text, component->weight.nearest, hex);
    assay_text_add(text, ", \"mean\": ");
    add_row(text, component->mean, mixture->dimension, hex);
    assay_text_add(text, ", \"covariance\": ");
    add_covariance(text, &component->covariance, mixture->dimension, hex);
    assay_text_add(text, k + 1 < mixture->count ? "},\n" : "}]}");
  }
}
