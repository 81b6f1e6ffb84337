/* theory/html.h: the pieces of the HTML report. */
#ifndef ASSAY_THEORY_HTML_H
#define ASSAY_THEORY_HTML_H

#include "io/text.h"

#include <assay/theory.h>

/* The page's style sheet: light, dark and print. */
extern const char assay_html_style[];

/* `digits` significant digits, "1.2e-5" beyond [1e-4, 1e6), "none" for NaN, "unbounded" for infinity. */
void assay_html_number(assay_text *text, double value, int digits);

/* An enclosure by a point near its middle, with `digits` digits; "undefined" without ends. */
void assay_html_enclosure(assay_text *text, mpfi_srcptr enclosure, int digits);

/* Digits at which a number near `value` shows changes of size `step`: 4 to 10. */
int assay_html_digits(double value, double step);

/* A drawing of one item: its budget, term by term, with the deviation as a tick and the control as a marker; or, for
 * decide and agree, widths and the control's distance on a log scale. */
void assay_html_bar(assay_text *text, const assay_item *item);

/* A claim in full: what it says, and every item. */
void assay_html_claim(assay_text *text, const assay_result *result);

/* One row of the table of claims. */
void assay_html_row(assay_text *text, const assay_result *result);

/* Whether the claim that this figure belongs to was run. */
bool assay_figure_wanted(const assay_run *run, const assay_figure *figure);

/* A figure's SVG; free() it. Failures as of assay_run_figure and assay_plot_svg. */
assay_status assay_figure_svg(char **svg, assay_run *run, const assay_figure *figure, assay_context *context);

#endif
