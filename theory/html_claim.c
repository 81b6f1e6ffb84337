/* A claim as a row of the table, and in full. */
#include "theory/ends.h"
#include "theory/html.h"

#include "reference/core/interval.h"

#include <math.h>

static const char dash[] = "\xe2\x80\x93";

static void put_pill(assay_text *text, assay_verdict verdict) {
  assay_text_format(text, "<span class=\"pill %s\">%s</span>", assay_verdict_name(verdict),
                    assay_verdict_name(verdict));
}

/* The label stands before the number where the window is too narrow for columns. */
static void open_number(assay_text *text, const char *label) {
  assay_text_format(text, "<td class=\"n\" data-label=\"%s\">", label);
}

static void put_number_cell(assay_text *text, const char *label, double value, int digits) {
  open_number(text, label);
  if (isnan(value))
    assay_text_add(text, dash);
  else
    assay_html_number(text, value, digits);
  assay_text_add(text, "</td>");
}

/* The prediction stands first: left < right reads "right > left". */
static const char *seen_from_right(assay_relation relation) {
  if (relation == ASSAY_EQUAL) return "=";
  return relation == ASSAY_LESS ? "&gt;" : "&lt;";
}

/* Predicted, measured (or left) and allowance of one item, with as many digits as show what the allowance is about. */
static void put_item_numbers(assay_text *text, const assay_item *item) {
  bool measured = item->method == ASSAY_MEASURE;
  double middle = iv_mid_d(item->predicted);
  double step = measured ? fmax(item->allowance, fabs(item->measured - middle)) : middle * 1e-4;
  int digits = assay_html_digits(middle, fabs(step));
  open_number(text, "Predicted");
  assay_html_enclosure(text, item->predicted, digits);
  assay_text_add(text, "</td>");
  open_number(text, measured ? "Measured" : "Left side");
  if (measured) {
    assay_html_number(text, item->measured, digits);
  } else {
    assay_text_format(text, "<span class=\"soft\">%s</span> ", seen_from_right(item->relation));
    assay_html_enclosure(text, item->left, digits);
  }
  assay_text_add(text, "</td>");
  put_number_cell(text, measured ? "Budget" : "Width below", item->method == ASSAY_DECIDE ? NAN : item->allowance, 3);
}

/* ---- the table's row ---- */

typedef struct {
  double used, control; /* largest deviation, and control's distance, over the budget (proofs: control over width) */
  size_t excluded;
} margin;

static margin margin_of(const assay_result *result) {
  margin m = {NAN, NAN, 0};
  for (size_t i = 0; i < result->count; i++) {
    const assay_item *item = &result->items[i];
    double deviation = assay_item_deviation(item), control = assay_control_distance(item);
    bool measured = item->method == ASSAY_MEASURE;
    if (measured) m.used = fmax(m.used, deviation / item->allowance);
    if (item->excludes_control) m.control = fmax(m.control, control / (measured ? item->allowance : deviation));
    m.excluded += item->excludes_control;
  }
  return m;
}

static void put_meter(assay_text *text, double used) {
  if (isnan(used)) return;
  int percent = (int)fmin(ceil(used * 100), 100);
  assay_text_format(text, "<span class=\"meter\"><i%s style=\"width:%d%%\"></i></span>",
                    used > 1 ? " class=\"over\"" : "", percent);
  if (used > 1) {
    assay_text_add(text, "off by ");
    assay_html_number(text, used, 2);
    assay_text_add(text, " \xc3\x97 the budget<br>");
  } else {
    assay_text_format(text, "%d %% of the budget used<br>", percent);
  }
}

static void put_margin(assay_text *text, const assay_result *result) {
  margin m = margin_of(result);
  assay_text_add(text, "<td class=\"margin\">");
  put_meter(text, m.used);
  if (isnan(m.used) && result->count) {
    size_t held = 0;
    for (size_t i = 0; i < result->count; i++) held += result->items[i].holds;
    assay_text_format(text, "%zu of %zu hold<br>", held, result->count);
  }
  if (result->control) {
    assay_text_add(text, "</td>");
    return;
  }
  if (m.excluded == 0) {
    assay_text_add(text, "<span class=\"soft\">control not excluded</span>");
  } else if (isinf(m.control)) { /* both sides are known exactly */
    assay_text_add(text, "<span class=\"soft\">control excluded</span>");
  } else {
    assay_text_add(text, "<span class=\"soft\">control at ");
    assay_html_number(text, m.control, 2);
    assay_text_add(text,
                   result->claim->kind == ASSAY_PROOF ? " \xc3\x97 the width</span>" : " \xc3\x97 the budget</span>");
  }
  assay_text_add(text, "</td>");
}

void assay_html_row(assay_text *text, const assay_result *result) {
  const assay_claim *claim = result->claim;
  bool good = result->verdict == ASSAY_PROVED || result->verdict == ASSAY_CONFIRMED;
  long long hundredths = (long long)(result->seconds * 100 + 0.5);
  assay_text_add(text, "<tr><td>");
  put_pill(text, result->verdict);
  assay_text_add(text, "</td><td class=\"claim\"><a href=\"#");
  assay_text_escape(text, claim->id);
  assay_text_add(text, "\">");
  assay_text_escape(text, claim->id);
  assay_text_add(text, "</a><details class=\"small statement\"><summary>"); /* closed: its first lines */
  assay_text_escape(text, result->control ? claim->control : claim->statement);
  assay_text_add(text, "</summary></details>");
  if (!good) {
    assay_text_add(text, "<div class=\"small soft reason\">");
    assay_text_escape(text, result->reason);
    assay_text_add(text, "</div>");
  }
  assay_text_add(text, "</td>");
  if (result->count)
    put_item_numbers(text, &result->items[result->decisive]);
  else
    for (size_t i = 0; i < 3; i++) assay_text_format(text, "<td class=\"n none\">%s</td>", dash);
  put_margin(text, result);
  put_number_cell(text, "Resolution", result->verdict == ASSAY_REFUTED ? NAN : result->resolution, 2);
  open_number(text, "Seconds");
  assay_text_format(text, "%lld.%02lld</td></tr>\n", hundredths / 100, hundredths % 100);
}

/* ---- the claim in full ---- */

static void put_entry(assay_text *text, const char *name, const char *value) {
  assay_text_format(text, "<dt>%s</dt><dd>", name);
  assay_text_escape(text, value);
  assay_text_add(text, "</dd>");
}

static void put_legend(assay_text *text, const assay_item *item) {
  assay_text_add(text, "<ul class=\"terms small\">");
  for (size_t i = 0; i < item->terms; i++) {
    const assay_budget_term *term = &item->budget[i];
    assay_text_format(text,
                      "<li><svg width=\"10\" height=\"10\"><rect width=\"10\" height=\"10\" class=\"%s\"/></svg>%s ",
                      assay_term_name(term->term), assay_term_name(term->term));
    assay_html_number(text, term->bound, 3);
    assay_text_format(text, " <span class=\"soft\">(%s", assay_basis_name(term->basis));
    if (term->delta > 0) {
      assay_text_add(text, ", \xce\xb4 = ");
      assay_html_number(text, term->delta, 2);
    }
    assay_text_add(text, ")</span>: ");
    assay_text_escape(text, term->why);
    assay_text_add(text, "</li>");
  }
  assay_text_add(text, "</ul>");
}

static const char *state_of(const assay_item *item) {
  if (item->decided_against) return "against";
  if (!item->holds) return "open";
  return item->excludes_control ? "holds, control excluded" : "holds";
}

static void put_item(assay_text *text, const assay_item *item) {
  assay_text_add(text, "<tr><td>");
  assay_text_escape(text, item->name);
  assay_text_format(text, "<div class=\"small soft\">%s</div></td>", state_of(item));
  put_item_numbers(text, item);
  put_number_cell(text, "Resolution", item->decided_against ? NAN : item->resolution, 2);
  assay_text_add(text, "<td>");
  assay_html_bar(text, item);
  if (item->terms) put_legend(text, item);
  assay_text_add(text, "</td></tr>\n");
}

void assay_html_claim(assay_text *text, const assay_result *result) {
  const assay_claim *claim = result->claim;
  assay_text_add(text, "<details class=\"full\"><summary>");
  put_pill(text, result->verdict);
  assay_text_add(text, "<code>");
  assay_text_escape(text, claim->id);
  assay_text_format(text, "</code><span class=\"soft small\">%zu item%s</span></summary><div id=\"", result->count,
                    result->count == 1 ? "" : "s");
  assay_text_escape(text, claim->id); /* inside: a link to it opens the claim */
  assay_text_add(text, "\"><dl>");
  put_entry(text, "Statement", result->control ? claim->control : claim->statement);
  put_entry(text, result->control ? "In place of" : "Control", result->control ? claim->statement : claim->control);
  put_entry(text, "Source", claim->source);
  put_entry(text, "Kind", assay_kind_name(claim->kind));
  put_entry(text, "Sizes", claim->sizes[result->level]);
  put_entry(text, "Verdict", result->reason);
  assay_text_add(text, "</dl>");
  if (result->count) {
    assay_text_format(text,
                      "<div class=\"wide\"><table><thead><tr><th>Item</th><th class=\"n\">Predicted</th>"
                      "<th class=\"n\">%s</th><th class=\"n\">%s</th><th class=\"n\">Resolution</th><th>%s</th>"
                      "</tr></thead><tbody>\n",
                      claim->kind == ASSAY_PROOF ? "Left side" : "Measured",
                      claim->kind == ASSAY_PROOF ? "Width below" : "Budget",
                      claim->kind == ASSAY_PROOF ? "Width and control, log scale" : "Budget by term");
    for (size_t i = 0; i < result->count; i++) put_item(text, &result->items[i]);
    assay_text_add(text, "</tbody></table></div>");
  }
  assay_text_add(text, "</div></details>\n");
}
