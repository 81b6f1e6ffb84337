/* io/plot.h: plots as SVG, drawn by gnuplot. */
#ifndef ASSAY_IO_PLOT_H
#define ASSAY_IO_PLOT_H

#include <assay/model.h>

/* A line or a set of points; error (length of the bar below y and, without `above`, above it; >= 0) and above may be
 * NULL. On a log axis a bar that reaches 0 goes down to the frame. A label "" stays out of the key. */
typedef struct {
  const char *label;
  bool line;
  size_t count;
  const double *x, *y, *error, *above;
} assay_plot_series;

/* Lines and points take colours from the same list, each in their own order: the first points are drawn in the colour
 * of the first line, so that a measurement looks like its prediction. Without colour, lines differ by their dashes and
 * points by their symbols. */
typedef struct {
  const char *title, *x_label, *y_label;
  bool log_x, log_y;
  const assay_plot_series *series;
  size_t count;
} assay_plot_table;

/* The SVG from "<svg" on: a file of its own, or part of an HTML page. free() it. The same table gives the same bytes
 * (with the same gnuplot). Labels are plain UTF-8. ASSAY_INVALID, naming series and index: numbers that are not finite,
 * or not positive on a log axis; a plot without points. ASSAY_UNSUPPORTED: gnuplot is not on PATH. */
assay_status assay_plot_svg(char **svg, const assay_plot_table *table, assay_context *context);

#endif
