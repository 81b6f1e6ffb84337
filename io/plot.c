#include "io/plot.h"

#include "io/gnuplot.h"
#include "io/text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Okabe and Ito's colours, which stay apart for colour-blind eyes; yellow left out, it fades on white. */
static const char *const palette[] = {"#0072B2", "#D55E00", "#009E73", "#000000", "#CC79A7", "#E69F00", "#56B4E9"};
enum { COLOURS = sizeof palette / sizeof *palette };

/* gnuplot's hollow circle, square, triangle, inverted triangle, diamond. */
static const int symbols[] = {6, 4, 8, 10, 12};
enum { SYMBOLS = sizeof symbols / sizeof *symbols };

/* gnuplot's solid, dashed, dash-dotted, dotted and dash-dot-dotted lines. */
static const int dashes[] = {1, 2, 4, 3, 5};
enum { DASHES = sizeof dashes / sizeof *dashes };

/* ---- checks ------------------------------------------------------------------------------------------------------ */

static assay_status check_value(const assay_plot_table *table, const assay_plot_series *series, const char *name,
                                size_t index, double value, bool positive, assay_context *context) {
  if (isfinite(value) && (!positive || value > 0)) return ASSAY_OK;
  return assay_fail(context, ASSAY_INVALID, "plot \"%s\", series \"%s\": %s[%zu] = %g, expected a %s number",
                    table->title, series->label, name, index, value, positive ? "positive" : "finite");
}

static assay_status check_bar(const assay_plot_table *table, const assay_plot_series *series, const char *name,
                              const double *bar, size_t index, assay_context *context) {
  if (!bar || (bar[index] >= 0 && isfinite(bar[index]))) return ASSAY_OK;
  return assay_fail(context, ASSAY_INVALID, "plot \"%s\", series \"%s\": %s[%zu] = %g, expected a finite number >= 0",
                    table->title, series->label, name, index, bar[index]);
}

static assay_status check_series(const assay_plot_table *table, const assay_plot_series *series,
                                 assay_context *context) {
  for (size_t i = 0; i < series->count; i++) {
    assay_status status = check_value(table, series, "x", i, series->x[i], table->log_x, context);
    if (status == ASSAY_OK) status = check_value(table, series, "y", i, series->y[i], table->log_y, context);
    if (status == ASSAY_OK) status = check_bar(table, series, "error", series->error, i, context);
    if (status == ASSAY_OK) status = check_bar(table, series, "above", series->above, i, context);
    if (status != ASSAY_OK) return status;
  }
  return ASSAY_OK;
}

static assay_status check_table(const assay_plot_table *table, assay_context *context) {
  size_t points = 0;
  for (size_t k = 0; k < table->count; k++) {
    assay_status status = check_series(table, &table->series[k], context);
    if (status != ASSAY_OK) return status;
    points += table->series[k].count;
  }
  if (points == 0) return assay_fail(context, ASSAY_INVALID, "plot \"%s\": no points", table->title);
  return ASSAY_OK;
}

/* ---- the script -------------------------------------------------------------------------------------------------- */

/* "text" in double quotes with everything but letters, spaces and UTF-8 as \ooo, so that no quote, backquote
 * or backslash of the text reaches gnuplot's scanner. Digits too: gnuplot reads as many as follow the three octal ones.
 * A line break becomes a space. */
static void add_string(assay_text *script, const char *text) {
  assay_text_add(script, "\"");
  for (; *text; text++) {
    unsigned char byte = (unsigned char)*text;
    if (byte < 0x20)
      assay_text_add(script, " ");
    else if (byte >= 0x80 || byte == ' ' || isalpha(byte))
      assay_text_bytes(script, text, 1);
    else
      assay_text_format(script, "\\%03o", byte);
  }
  assay_text_add(script, "\"");
}

static void add_label(assay_text *script, const char *what, const char *text, const char *options) {
  assay_text_format(script, "set %s ", what);
  add_string(script, text);
  assay_text_format(script, " noenhanced%s\n", options);
}

static double above_of(const assay_plot_series *series, size_t i) {
  if (!series->error) return 0;
  return series->above ? series->above[i] : series->error[i];
}

typedef struct {
  double least, largest;
} extent;

/* What an axis has to show; bars that reach 0 on a log axis are left to the frame. */
static extent extent_of(const assay_plot_table *table, bool vertical) {
  extent e = {INFINITY, 0};
  for (size_t k = 0; k < table->count; k++) {
    const assay_plot_series *series = &table->series[k];
    for (size_t i = 0; i < series->count; i++) {
      double value = vertical ? series->y[i] : series->x[i];
      double low = value - (vertical && series->error ? series->error[i] : 0);
      e.least = fmin(e.least, low > 0 ? low : value);
      e.largest = fmax(e.largest, value + (vertical ? above_of(series, i) : 0));
    }
  }
  return e;
}

static void add_range(assay_text *script, char axis, double least, double largest) {
  assay_text_format(script, "set %crange [", axis);
  assay_text_number(script, least);
  assay_text_add(script, ":");
  assay_text_number(script, largest);
  assay_text_add(script, "]\n");
}

/* A log axis ends a little beyond its numbers, where gnuplot would go on to whole decades; not when it has so few
 * decades that none might be left to write beside it. Counts up to a thousandfold are marked by doublings. Decades are
 * written out as far as they are short. */
static void add_axis(assay_text *script, const assay_plot_table *table, bool vertical) {
  const double margin = 1.3, few = 30, thousandfold = 1100, least_plain = 1e-3, largest_plain = 2e4;
  char axis = vertical ? 'y' : 'x';
  if (!(vertical ? table->log_y : table->log_x)) return;
  extent e = extent_of(table, vertical);
  bool counts = !vertical && e.least >= 1 && e.largest <= thousandfold * e.least;
  bool plain = e.least >= least_plain && e.largest <= largest_plain;
  assay_text_format(script, "set logscale %c %d\n", axis, counts ? 2 : 10);
  assay_text_format(script, "set format %c '%s'\n", axis, counts || plain ? "%g" : "10^{%L}");
  if (counts || e.largest >= few * e.least) add_range(script, axis, e.least / margin, e.largest * margin);
}

static void add_settings(assay_text *script, const assay_plot_table *table) {
  assay_text_add(script,
                 "set encoding utf8\n"
                 "set terminal svg size 640,440 dynamic enhanced font 'sans,12' background '#ffffff'\n"
                 "set border 3 linecolor '#808080' linewidth 0.75\n"
                 "set tics nomirror scale 0.6 textcolor '#303030'\n"
                 "set grid linetype 1 linecolor '#e2e2e2' linewidth 0.5\n"
                 "set key outside bottom center horizontal Left reverse noenhanced samplen 2.5 width -1 height 1\n"
                 "set bars 0.4\n"
                 "set pointsize 0.6\n");
  add_label(script, "title", table->title, "");
  add_label(script, "xlabel", table->x_label, " offset 0,0.5"); /* away from the key beneath */
  add_label(script, "ylabel", table->y_label, "");
  add_axis(script, table, false);
  add_axis(script, table, true);
}

static void add_data(assay_text *script, const assay_plot_table *table) {
  for (size_t k = 0; k < table->count; k++) {
    const assay_plot_series *series = &table->series[k];
    assay_text_format(script, "$series%zu << EOD\n", k);
    for (size_t i = 0; i < series->count; i++) {
      assay_text_number(script, series->x[i]);
      assay_text_add(script, " ");
      assay_text_number(script, series->y[i]);
      assay_text_add(script, " ");
      assay_text_number(script, series->error ? series->error[i] : 0);
      assay_text_add(script, " ");
      assay_text_number(script, above_of(series, i));
      assay_text_add(script, "\n");
    }
    assay_text_add(script, "EOD\n");
  }
}

static void add_plot(assay_text *script, const assay_plot_table *table) {
  size_t lines = 0, points = 0;
  const char *separator = "plot ";
  for (size_t k = 0; k < table->count; k++) {
    const assay_plot_series *series = &table->series[k];
    if (series->count == 0) continue;
    size_t place = series->line ? lines++ : points++;
    const char *colour = palette[place % COLOURS];
    assay_text_format(script, "%s$series%zu using 1:2%s with %s", separator, k, series->error ? ":($2-$3):($2+$4)" : "",
                      series->line ? (series->error ? "yerrorlines" : "lines")
                                   : (series->error ? "yerrorbars" : "points"));
    assay_text_format(script, " linetype 1 linecolor '%s' linewidth %s", colour, series->line ? "1.4" : "1");
    if (series->line)
      assay_text_format(script, " dashtype %d%s", dashes[place % DASHES], series->error ? " pointtype 0" : "");
    else
      assay_text_format(script, " pointtype %d", symbols[place % SYMBOLS]);
    assay_text_add(script, " title ");
    add_string(script, series->label);
    separator = ", ";
  }
  assay_text_add(script, "\n");
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

assay_status assay_plot_svg(char **svg, const assay_plot_table *table, assay_context *context) {
  assay_status status = check_table(table, context);
  if (status != ASSAY_OK) return status;
  assay_text script = {0};
  add_settings(&script, table);
  add_data(&script, table);
  add_plot(&script, table);
  char *commands = NULL, *drawn = NULL;
  status = assay_text_take(&commands, &script, table->title, context);
  if (status == ASSAY_OK) status = assay_gnuplot_run(&drawn, commands, table->title, context);
  free(commands);
  if (status != ASSAY_OK) return status;
  const char *start = strstr(drawn, "<svg");
  if (!start) {
    free(drawn);
    return assay_fail(context, ASSAY_IO, "plot \"%s\": gnuplot drew no SVG", table->title);
  }
  memmove(drawn, start, strlen(start) + 1);
  *svg = drawn;
  return ASSAY_OK;
}
