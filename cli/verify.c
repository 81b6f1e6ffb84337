/* assay verify: runs claims, prints a table as they finish, writes reports. */
#include "cli/command.h"

#include "io/gnuplot.h"
#include "reference/core/interval.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const char *record, *junit, *html, *markdown, *figures;
  int level;
  double delta;
  bool control;
} verify_arguments;

static const char *const levels[] = {"quick", "full", NULL};

/* ---- the table ---- */

static void print_header(void) {
  printf("%-38s %13s %13s %10s %10s  %s\n", "claim", "predicted", "measured", "budget", "resolution", "verdict");
}

/* One row: the item that decides (the tightest, or the one that refuted). */
static void print_row(void *self, const assay_result *result) {
  (void)self;
  cli_progress_end();
  char predicted[32] = "-", measured[32] = "-", budget[32] = "-", resolution[32] = "-";
  if (result->count) {
    const assay_item *item = &result->items[result->decisive];
    snprintf(predicted, sizeof predicted, "%s%.7g",
             item->relation == ASSAY_EQUAL ? "" : assay_relation_name(item->relation), iv_mid_d(item->predicted));
    snprintf(measured, sizeof measured, "%.7g", item->method == ASSAY_MEASURE ? item->measured : iv_mid_d(item->left));
    if (item->relation == ASSAY_EQUAL) snprintf(budget, sizeof budget, "%.2g", item->allowance);
    if (result->verdict != ASSAY_REFUTED) snprintf(resolution, sizeof resolution, "%.2g", result->resolution);
  }
  printf("%-38s %13s %13s %10s %10s  %s\n", result->claim->id, predicted, measured, budget, resolution,
         assay_verdict_name(result->verdict));
  if (result->reason[0] && result->verdict != ASSAY_PROVED && result->verdict != ASSAY_CONFIRMED)
    printf("    %s\n", result->reason);
  fflush(stdout);
}

typedef struct {
  size_t verdicts[4], total;
  double seconds;
} tally;

static tally count_verdicts(const assay_run *run) {
  tally t = {.total = assay_run_count(run)};
  for (size_t i = 0; i < t.total; i++) {
    const assay_result *result = assay_run_result(run, i);
    t.verdicts[result->verdict]++;
    t.seconds += result->seconds;
  }
  return t;
}

static void print_summary(const assay_run *run, const verify_arguments *arguments) {
  tally t = count_verdicts(run);
  const assay_run_options *options = assay_run_settings(run);
  printf(
      "%zu claim%s%s: %zu proved, %zu confirmed, %zu refuted, %zu undecided (level %s, seed %llu, delta %g, %.1f s)\n",
      t.total, t.total == 1 ? "" : "s", arguments->control ? ", controls in their place" : "", t.verdicts[ASSAY_PROVED],
      t.verdicts[ASSAY_CONFIRMED], t.verdicts[ASSAY_REFUTED], t.verdicts[ASSAY_UNDECIDED],
      assay_level_name(options->level), (unsigned long long)options->seed, options->delta, t.seconds);
}

/* With --control, good is: every control refuted. Otherwise 1 (refuted) wins over 3 (undecided). */
static int judge(const assay_run *run, bool control) {
  tally t = count_verdicts(run);
  size_t wrong = control ? t.verdicts[ASSAY_PROVED] + t.verdicts[ASSAY_CONFIRMED] : t.verdicts[ASSAY_REFUTED];
  if (wrong) return CLI_FAILS;
  return t.verdicts[ASSAY_UNDECIDED] ? CLI_UNDECIDED : CLI_GOOD;
}

/* ---- the command ---- */

static assay_status check_directory(const char *path, assay_context *context) {
  char *inside = NULL, *drawn = NULL;
  assay_status status = assay_allocate((void **)&inside, strlen(path) + sizeof "/.figure", 1, path, context);
  if (status) return status;
  (void)sprintf(inside, "%s/.figure", path);
  status = cli_check_writable(inside, context);
  free(inside);
  if (status) return status;
  status = assay_gnuplot_run(&drawn, "", "figures", context);
  free(drawn);
  return status;
}

/* What would stop a report from being written, found before minutes of computing. */
static assay_status check_reports(const verify_arguments *arguments, assay_context *context) {
  const struct {
    const char *option, *path;
  } files[] = {{"record", arguments->record},
               {"junit", arguments->junit},
               {"html", arguments->html},
               {"markdown", arguments->markdown}};
  enum { FILES = sizeof files / sizeof *files };
  for (size_t i = 0; i < FILES; i++) {
    if (!files[i].path) continue;
    for (size_t j = 0; j < i; j++)
      if (files[j].path && strcmp(files[i].path, files[j].path) == 0)
        return assay_fail(context, ASSAY_INVALID, "--%s and --%s: both name the file %s", files[j].option,
                          files[i].option, files[i].path);
    assay_status status = cli_check_writable(files[i].path, context);
    if (status) return status;
  }
  return arguments->figures ? check_directory(arguments->figures, context) : ASSAY_OK;
}

static assay_status write_reports(assay_run *run, const verify_arguments *arguments, assay_context *context) {
  assay_status status = ASSAY_OK;
  if (arguments->record) status = assay_report_json(arguments->record, run, context);
  if (!status && arguments->junit) status = assay_report_junit(arguments->junit, run, context);
  if (!status && arguments->html) status = assay_report_html(arguments->html, run, context);
  if (!status && arguments->markdown) status = assay_report_markdown(arguments->markdown, run, context);
  if (!status && arguments->figures) status = assay_report_figures(arguments->figures, run, context);
  cli_progress_end(); /* figures are experiments too */
  return status;
}

static assay_status verify(assay_run *run, const verify_arguments *arguments, bool json, assay_context *context) {
  assay_status status = check_reports(arguments, context);
  if (status) return status;
  if (!json) print_header();
  status = assay_run_verify(run, json ? NULL : print_row, NULL, context);
  cli_progress_end();
  if (!status && !json) print_summary(run, arguments);
  if (!status) status = write_reports(run, arguments, context);
  if (status || !json) return status;
  char *text = NULL;
  status = assay_report_json_text(&text, run, context);
  if (!status) puts(text);
  free(text);
  return status;
}

static int run_verify(int argc, char **argv) {
  verify_arguments a = {.delta = assay_run_options_default().delta};
  cli_option options[] = {
      cli_choice("level", &a.level, "L", levels, "quick (about a minute) or full (quick)"),
      cli_probability("delta", &a.delta, "P", "chance that a true claim is refuted, over all papers (1e-6)"),
      cli_flag("control", &a.control, "each claim's negative control in its place; good: all REFUTED"),
      cli_text("record", &a.record, "FILE", "write the evidence as JSON"),
      cli_text("junit", &a.junit, "FILE", "write JUnit XML"),
      cli_text("html", &a.html, "FILE", "write a page with table, budgets and figures"),
      cli_text("markdown", &a.markdown, "FILE", "write the claims in words, with this run's resolutions"),
      cli_text("figures", &a.figures, "DIR", "write the figures as SVG files into this directory"),
  };
  cli_common common;
  int exit_status;
  if (!cli_parse(&cli_verify, options, sizeof options / sizeof *options, &common, argc, argv, &exit_status))
    return exit_status;
  assay_context context = cli_context(&common);
  assay_run_options settings = assay_run_options_default();
  cli_patterns patterns;
  assay_status status = cli_patterns_init(&patterns, &common, &context);
  settings.patterns = (const char *const *)patterns.list;
  settings.pattern_count = patterns.count;
  settings.level = (assay_level)a.level;
  settings.delta = a.delta;
  settings.seed = common.seed;
  settings.control = a.control;
  assay_run *run = NULL;
  if (!status) status = assay_run_init(&run, &settings, &context);
  if (!status) status = verify(run, &a, common.json, &context);
  exit_status = status ? cli_failure(&cli_verify, status, &context) : judge(run, a.control);
  assay_run_clear(run);
  cli_patterns_clear(&patterns);
  return exit_status;
}

const cli_command cli_verify = {
    .name = "verify",
    .summary = "Runs claims; verdicts are PROVED, CONFIRMED, REFUTED or UNDECIDED.",
    .positional = "[PATTERN...]",
    .details = "PATTERN is a shell glob on the id, such as 'flow-dae/*', or on its part behind the slash, such as\n"
               "generated-mean, where it has no slash and matches no id; without one, every claim is run. A row\n"
               "shows the item that is tightest: prediction, measurement, the error budget allowed between them,\n"
               "and the smallest change of the prediction that this evidence would have refuted. Exit status: 1\n"
               "when a claim is REFUTED (with --control: when one is not), else 3 when one is UNDECIDED.",
    .example = "  assay verify 'flow-dae/*-rate'",
    .run = run_verify,
};
