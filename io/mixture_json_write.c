#include "io/mixture_json.h"

#include "io/file.h"
#include "io/text.h"

#include <stdlib.h>

static void put_real(assay_text *out, assay_real value) {
  if (value.exact)
    assay_text_format(out, "\"%s\"", value.exact);
  else
    assay_text_number(out, value.nearest);
}

static void put_list(assay_text *out, const double *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    assay_text_add(out, i ? ", " : "[");
    assay_text_number(out, values[i]);
  }
  assay_text_add(out, "]");
}

static void put_covariance(assay_text *out, const assay_covariance *covariance, size_t d) {
  switch (covariance->kind) {
  case ASSAY_COVARIANCE_ISOTROPIC:
    put_real(out, covariance->variance);
    return;
  case ASSAY_COVARIANCE_DIAGONAL:
    put_list(out, covariance->entries, d);
    return;
  case ASSAY_COVARIANCE_FULL:
    break;
  }
  for (size_t i = 0; i < d; i++) {
    assay_text_add(out, i ? ", " : "[");
    put_list(out, covariance->entries + i * d, d);
  }
  assay_text_add(out, "]");
}

assay_status assay_mixture_write_json(const char *path, const assay_mixture *mixture, assay_context *context) {
  assay_status status = assay_mixture_check(mixture, context);
  if (status) return status;
  assay_text text = {0};
  assay_text_format(&text, "{\"dimension\": %zu, \"components\": [", mixture->dimension);
  for (size_t k = 0; k < mixture->count; k++) {
    const assay_component *component = &mixture->components[k];
    assay_text_add(&text, k ? ",\n  {\"weight\": " : "\n  {\"weight\": ");
    put_real(&text, component->weight);
    assay_text_add(&text, ", \"mean\": ");
    put_list(&text, component->mean, mixture->dimension);
    assay_text_add(&text, ", \"covariance\": ");
    put_covariance(&text, &component->covariance, mixture->dimension);
    assay_text_add(&text, "}");
  }
  assay_text_add(&text, "]}\n");
  size_t length = text.length;
  char *bytes = NULL;
  status = assay_text_take(&bytes, &text, path, context);
  if (!status) status = assay_file_write(path, bytes, length, context);
  free(bytes);
  return status;
}
