/* The data of a figure: series of points. */
#include <assay/theory.h>

#include <stdlib.h>
#include <string.h>

static void free_series(assay_series *series) {
  if (!series) return;
  free(series->label);
  free(series->x);
  free(series->y);
  free(series->error);
  free(series->above);
  free(series);
}

static assay_status allocate_series(assay_series **out, const char *label, size_t count, bool errors,
                                    assay_context *context) {
  void *series = NULL, *text = NULL, *x = NULL, *y = NULL, *error = NULL;
  size_t size = strlen(label) + 1;
  assay_status status = assay_allocate(&series, 1, sizeof **out, "series", context);
  if (status) return status;
  status = assay_allocate(&text, size, 1, "series label", context);
  if (!status) status = assay_allocate(&x, count, sizeof(double), "series x", context);
  if (!status) status = assay_allocate(&y, count, sizeof(double), "series y", context);
  if (!status && errors) status = assay_allocate(&error, count, sizeof(double), "series error", context);
  *(assay_series *)series = (assay_series){.label = text, .count = count, .x = x, .y = y, .error = error};
  if (status) {
    free_series(series);
    return status;
  }
  memcpy(text, label, size);
  *out = series;
  return ASSAY_OK;
}

assay_status assay_plot_add(assay_series **out, assay_plot *plot, const char *label, bool line, size_t count,
                            bool errors, assay_context *context) {
  assay_series *series = NULL;
  assay_status status = allocate_series(&series, label, count, errors, context);
  if (status) return status;
  assay_series **grown = realloc((void *)plot->series, (plot->count + 1) * sizeof(assay_series *));
  if (!grown) {
    free_series(series);
    return assay_fail(context, ASSAY_MEMORY, "plot: no memory for series '%s'", label);
  }
  series->line = line;
  plot->series = grown;
  plot->series[plot->count++] = series;
  *out = series;
  return ASSAY_OK;
}

assay_status assay_series_skew(assay_series *series, assay_context *context) {
  void *above = NULL;
  assay_status status = assay_allocate(&above, series->count, sizeof(double), "series error", context);
  if (!status) series->above = above;
  return status;
}

void assay_plot_clear(assay_plot *plot) {
  for (size_t i = 0; i < plot->count; i++) free_series(plot->series[i]);
  free((void *)plot->series);
  *plot = (assay_plot){NULL, 0};
}
