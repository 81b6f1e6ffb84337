/* A run as one self-contained page: a summary, the table of claims, each claim in full, and the papers' figures. Only
 * the seconds change between two runs with the same settings. */
#include "io/file.h"
#include "io/text.h"
#include "theory/html.h"
#include "theory/run.h"

#include <stdlib.h>

static void put_count(assay_text *text, const assay_run *run, assay_verdict verdict, const char *meaning) {
  size_t count = 0;
  for (size_t i = 0; i < run->count; i++) count += run->results[i].verdict == verdict;
  assay_text_format(text, "<div class=\"count %s%s\"><b>%zu</b>%s<div class=\"small\">%s</div></div>\n",
                    assay_verdict_name(verdict), count ? "" : " zero", count, assay_verdict_name(verdict), meaning);
}

static void put_papers(assay_text *text, const assay_run *run) {
  for (size_t i = 0; i < run->count; i++) {
    if (i && run->owners[i] == run->owners[i - 1]) continue;
    assay_text_add(text, "<p>");
    assay_text_escape(text, run->owners[i]->title);
    assay_text_add(text, "</p>\n");
  }
}

static void put_header(assay_text *text, const assay_run *run) {
  bool controls = run->options.control;
  assay_text_add(text, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                       "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                       "<title>Assay report</title>\n<style>\n");
  assay_text_add(text, assay_html_style);
  assay_text_format(text, "</style></head>\n<body%s>\n<h1>%s</h1>\n", controls ? " class=\"controls\"" : "",
                    controls ? "Negative controls in place of the claims" : "Which claims hold, and by how much");
  put_papers(text, run);
  assay_text_add(text, "<div class=\"counts\">\n");
  put_count(text, run, ASSAY_PROVED, "by enclosures");
  put_count(text, run, ASSAY_CONFIRMED, "within the error budget");
  put_count(text, run, ASSAY_REFUTED, controls ? "as they should be" : "outside the error budget");
  put_count(text, run, ASSAY_UNDECIDED, "evidence too coarse");
  assay_text_format(text,
                    "</div>\n<p class=\"soft small\">Level %s, seed %llu, probability that chance refutes a true claim "
                    "at most ",
                    assay_level_name(run->options.level), (unsigned long long)run->options.seed);
  assay_html_number(text, run->options.delta, 3);
  assay_text_add(text, controls ? ". Every control is a false statement near the true one: each is expected to be "
                                  "REFUTED.</p>\n"
                                : ". A claim holds when every item lies within its budget and a nearby false "
                                  "statement, its control, does not.</p>\n");
}

static void put_table(assay_text *text, const assay_run *run) {
  assay_text_add(text, "<div class=\"wide\"><table><thead><tr><th>Verdict</th><th>Claim</th><th class=\"n\">Predicted"
                       "</th><th class=\"n\">Measured</th><th class=\"n\">Budget</th><th>Margin</th>"
                       "<th class=\"n\">Resolution</th><th class=\"n\">Seconds</th></tr></thead><tbody>\n");
  for (size_t i = 0; i < run->count; i++) assay_html_row(text, &run->results[i]);
  assay_text_add(text,
                 "</tbody></table></div>\n<p class=\"soft small\">Numbers are those of each claim's sharpest item "
                 "(the one that refutes or stays open, where there is one); proofs show both sides and the width "
                 "that their difference must stay below. Resolution: the smallest change of the prediction that "
                 "this evidence would have refuted, relative to the prediction where that is not 0.</p>\n");
}

static void put_caption(assay_text *text, const assay_figure *figure) {
  assay_text_add(text, "<figcaption>");
  if (figure->caption) assay_text_escape(text, figure->caption);
  if (figure->claim) {
    assay_text_add(text, figure->caption ? " Evidence: <a href=\"#" : "Evidence: <a href=\"#");
    assay_text_escape(text, figure->claim);
    assay_text_add(text, "\">");
    assay_text_escape(text, figure->claim);
    assay_text_add(text, "</a>.");
  }
  assay_text_add(text, "</figcaption>");
}

/* A figure that cannot be drawn leaves a note; what ends runs ends the report. */
static assay_status put_figure(assay_text *text, assay_run *run, const assay_figure *figure, assay_context *context) {
  char *svg = NULL;
  assay_status status = assay_figure_svg(&svg, run, figure, context);
  if (status == ASSAY_CANCELLED || status == ASSAY_INTERNAL || status == ASSAY_MEMORY) return status;
  assay_text_add(text, "<figure>");
  if (svg) {
    assay_text_add(text, svg);
  } else {
    assay_text_escape(text, figure->title);
    assay_text_add(text, "<p class=\"small\">Not drawn: ");
    assay_text_escape(text, context->message);
    assay_text_add(text, "</p>");
  }
  put_caption(text, figure);
  assay_text_add(text, "</figure>\n");
  free(svg);
  return ASSAY_OK;
}

static assay_status put_figures(assay_text *text, assay_run *run, assay_context *context) {
  bool first = true;
  for (size_t i = 0; i < run->count; i++) {
    if (i && run->owners[i] == run->owners[i - 1]) continue;
    for (const assay_figure *figure = run->owners[i]->figures; figure && figure->id; figure++) {
      if (!assay_figure_wanted(run, figure)) continue;
      if (first) assay_text_add(text, "<h2>Figures</h2>\n<div class=\"figures\">\n");
      first = false;
      assay_status status = put_figure(text, run, figure, context);
      if (status) return status;
    }
  }
  if (!first) assay_text_add(text, "</div>\n");
  return ASSAY_OK;
}

assay_status assay_report_html(const char *path, assay_run *run, assay_context *context) {
  assay_text text = {0};
  put_header(&text, run);
  put_table(&text, run);
  assay_status status = put_figures(&text, run, context);
  assay_text_add(&text, "<h2>Claims in full</h2>\n");
  for (size_t i = 0; i < run->count; i++) assay_html_claim(&text, &run->results[i]);
  assay_text_add(&text, "</body></html>\n");
  char *bytes = NULL;
  size_t length = text.length;
  if (!status) status = assay_text_take(&bytes, &text, "report", context);
  if (!status) status = assay_file_write(path, bytes, length, context);
  assay_text_clear(&text);
  free(bytes);
  return status;
}
