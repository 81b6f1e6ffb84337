/* Drawings of one item as inline SVG. */
#include "theory/ends.h"
#include "theory/html.h"

#include "reference/core/interval.h"

#include <math.h>

enum { WIDTH = 500, HEIGHT = 44, LEFT = 8, RIGHT = 330, TOP = 18, BOTTOM = 32 };

/* The control's marker is drawn to scale up to this many times the budget; beyond, the drawing says how far it is. */
static const double control_fits = 4;

static void put_coordinate(assay_text *text, double value) {
  assay_text_format(text, "%d.%d", (int)value, (int)(value * 10) % 10);
}

static void put_line(assay_text *text, const char *class, double x, int from, int to) {
  assay_text_format(text, "<line class=\"%s\" x1=\"", class);
  put_coordinate(text, x);
  assay_text_add(text, "\" x2=\"");
  put_coordinate(text, x);
  assay_text_format(text, "\" y1=\"%d\" y2=\"%d\"/>", from, to);
}

static void put_rectangle(assay_text *text, const char *class, double from, double to) {
  assay_text_format(text, "<rect class=\"%s\" y=\"%d\" height=\"%d\" x=\"", class, TOP, BOTTOM - TOP);
  put_coordinate(text, from);
  assay_text_add(text, "\" width=\"");
  put_coordinate(text, to - from);
  assay_text_add(text, "\"/>");
}

static void put_diamond(assay_text *text, double x) {
  assay_text_add(text, "<path class=\"control\" d=\"M");
  put_coordinate(text, x);
  assay_text_format(text, " %dl5 7l-5 7l-5 -7z\"/>", TOP);
}

static void put_label(assay_text *text, const char *class, double x, int y, const char *label) {
  assay_text_format(text, "<text class=\"%s\" y=\"%d\" x=\"", class, y);
  put_coordinate(text, x);
  assay_text_format(text, "\">%s ", label);
}

static void open_drawing(assay_text *text, const char *title) {
  assay_text_format(text, "<svg role=\"img\" aria-label=\"%s\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">",
                    title, WIDTH, HEIGHT, WIDTH, HEIGHT);
  assay_text_format(text, "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>", LEFT, RIGHT, BOTTOM,
                    BOTTOM);
}

/* ---- measurements: the budget ---- */

/* The length that stands for `value` when `span`, which is no less, fills the drawing. */
static double length_of(double value, double span) { return span > 0 ? value / span * (RIGHT - LEFT) : 0; }

static void put_terms(assay_text *text, const assay_item *item, double span) {
  double from = LEFT;
  for (size_t i = 0; i < item->terms; i++) {
    double to = from + length_of(item->budget[i].bound, span);
    put_rectangle(text, assay_term_name(item->budget[i].term), from, to);
    from = to;
  }
}

static void put_control(assay_text *text, double distance, double allowance, double span, bool fits) {
  if (isnan(distance)) return;
  if (fits) put_diamond(text, LEFT + length_of(distance, span));
  put_label(text, "soft", RIGHT + 8, BOTTOM - 3, "control at");
  if (allowance > 0) {
    assay_html_number(text, distance / allowance, 3);
    assay_text_add(text, " \xc3\x97 budget");
  } else {
    assay_html_number(text, distance, 3);
  }
  assay_text_add(text, fits ? "</text>" : " \xe2\x86\x92</text>");
}

static void draw_budget(assay_text *text, const assay_item *item) {
  double deviation = assay_item_deviation(item), control = assay_control_distance(item), budget = item->allowance;
  if (!isfinite(deviation) || isinf(budget)) {
    assay_text_add(text, "<span class=\"soft small\">no finite budget or deviation to draw</span>");
    return;
  }
  double reach = fmax(budget, deviation);
  bool fits = isfinite(control) && control <= control_fits * reach;
  double span = fmax(reach * 1.1, fits ? control * 1.05 : 0);
  open_drawing(text, "error budget");
  put_terms(text, item, span);
  put_line(text, "edge", LEFT + length_of(budget, span), TOP - 3, BOTTOM + 3);
  double tick = LEFT + length_of(deviation, span);
  put_line(text, "tick", tick, TOP - 5, BOTTOM + 5);
  put_label(text, "", fmin(tick, RIGHT - 90), TOP - 7, "off by");
  assay_html_number(text, deviation, 2);
  assay_text_add(text, "</text>");
  put_control(text, control, budget, span, fits);
  assay_text_add(text, "</svg>");
}

/* ---- decided items: widths and the control on a log scale ---- */

typedef struct {
  double low, high; /* powers of ten at the ends */
} decades;

/* Where a positive number stands; zero and what is smaller than the scale at the left end. */
static double place(decades axis, double value) {
  double power = value > 0 ? log10(value) : axis.low;
  double part = (power - axis.low) / (axis.high - axis.low);
  return LEFT + fmin(fmax(part, 0), 1) * (RIGHT - LEFT);
}

static decades decades_of(const double *values, int count) {
  decades axis = {INFINITY, -INFINITY};
  for (int i = 0; i < count; i++) {
    if (!isfinite(values[i]) || values[i] <= 0) continue;
    axis.low = fmin(axis.low, floor(log10(values[i])) - 1);
    axis.high = fmax(axis.high, ceil(log10(values[i])) + 1);
  }
  return isfinite(axis.low) ? axis : (decades){-1, 1};
}

static void put_decade(assay_text *text, double x, double power) {
  assay_text_format(text, "<text class=\"soft\" y=\"%d\" x=\"", HEIGHT - 1);
  put_coordinate(text, x);
  assay_text_add(text, "\">1e");
  assay_html_number(text, power, 6);
  assay_text_add(text, "</text>");
}

static void draw_widths(assay_text *text, const assay_item *item) {
  double width = assay_item_deviation(item), control = assay_control_distance(item);
  double limit = item->method == ASSAY_AGREE ? item->allowance : NAN;
  if (isnan(width)) {
    assay_text_add(text, "<span class=\"soft small\">an enclosure has no ends</span>");
    return;
  }
  const double values[] = {width, control, limit};
  decades axis = decades_of(values, 3);
  open_drawing(text, "widths on a log scale");
  put_decade(text, LEFT, axis.low);
  put_decade(text, RIGHT - 24, axis.high);
  put_rectangle(text, "width", LEFT, place(axis, width));
  put_label(text, "", fmin(place(axis, width), RIGHT - 150), TOP - 7, "width");
  assay_html_number(text, width, 2);
  assay_text_add(text, "</text>");
  if (!isnan(limit)) put_line(text, "edge", place(axis, limit), TOP - 3, BOTTOM + 3);
  if (!isnan(control)) {
    put_diamond(text, place(axis, control));
    put_label(text, "soft", RIGHT + 8, BOTTOM - 3, "control");
    assay_html_number(text, control, 2);
    assay_text_add(text, " off</text>");
  }
  assay_text_add(text, "</svg>");
}

void assay_html_bar(assay_text *text, const assay_item *item) {
  if (item->method == ASSAY_MEASURE)
    draw_budget(text, item);
  else
    draw_widths(text, item);
}
