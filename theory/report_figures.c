/* Figures as SVG files and as parts of a page. */
#include "io/file.h"
#include "io/plot.h"
#include "io/text.h"
#include "theory/html.h"
#include "theory/run.h"

#include <stdlib.h>
#include <string.h>

static assay_status plot_svg(char **svg, const assay_plot *plot, const assay_figure *figure, assay_context *context) {
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, plot->count, sizeof(assay_plot_series), "figure", context);
  if (status) return status;
  assay_plot_series *series = memory;
  for (size_t i = 0; i < plot->count; i++) {
    const assay_series *own = plot->series[i];
    series[i] = (assay_plot_series){own->label, own->line, own->count, own->x, own->y, own->error, own->above};
  }
  const assay_plot_table table = {.title = figure->title,
                                  .x_label = figure->x_label,
                                  .y_label = figure->y_label,
                                  .log_x = figure->log_x,
                                  .log_y = figure->log_y,
                                  .series = series,
                                  .count = plot->count};
  status = assay_plot_svg(svg, &table, context);
  free(series);
  return status;
}

bool assay_figure_wanted(const assay_run *run, const assay_figure *figure) {
  for (size_t i = 0; i < run->count; i++)
    if (!figure->claim || strcmp(run->results[i].claim->id, figure->claim) == 0) return true;
  return false;
}

assay_status assay_figure_svg(char **svg, assay_run *run, const assay_figure *figure, assay_context *context) {
  assay_plot plot = {NULL, 0};
  assay_status status = assay_run_figure(&plot, run, figure, context);
  if (status) return status;
  status = plot_svg(svg, &plot, figure, context);
  assay_plot_clear(&plot);
  return status;
}

static assay_status write_figure(const char *directory, const assay_paper *paper, const assay_figure *figure,
                                 assay_run *run, assay_context *context) {
  char *svg = NULL;
  assay_status status = assay_figure_svg(&svg, run, figure, context);
  if (status) return status;
  assay_text path = {0};
  assay_text_format(&path, "%s/%s-%s.svg", directory, paper->key, figure->id);
  if (path.status)
    status = assay_fail(context, ASSAY_MEMORY, "figure '%s': no memory for its path", figure->id);
  else
    status = assay_file_write(assay_text_string(&path), svg, strlen(svg), context);
  assay_text_clear(&path);
  free(svg);
  return status;
}

assay_status assay_report_figures(const char *directory, assay_run *run, assay_context *context) {
  for (size_t i = 0; i < run->count; i++) {
    if (i && run->owners[i] == run->owners[i - 1]) continue; /* claims of one paper stand together */
    for (const assay_figure *figure = run->owners[i]->figures; figure && figure->id; figure++) {
      if (!assay_figure_wanted(run, figure)) continue;
      assay_status status = write_figure(directory, run->owners[i], figure, run, context);
      if (status) return status;
    }
  }
  return ASSAY_OK;
}
