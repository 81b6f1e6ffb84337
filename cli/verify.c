/* assay verify: runs claims, prints a table as they finish, writes reports. */
#include "cli/command.h"

#include "reference/core/interval.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct {
  const char *record, *junit, *html, *figures;
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
  const assay_context *context = self;
  cli_progress_end(context);
  char predicted[32] = "-", measured[32] = "-", budget[32] = "-", resolution[32] = "-";
  if (result->count) {
    const assay_item *item = &result->items[result->decisive];
    bool proof = result->claim->kind == ASSAY_PROOF;
    snprintf(predicted, sizeof predicted, "%s%.7g",
             item->relation == ASSAY_EQUAL ? "" : assay_relation_name(item->relation), iv_mid_d(item->predicted));
    snprintf(measured, sizeof measured, "%.7g", proof ? iv_mid_d(item->left) : item->measured);
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

static assay_status write_reports(assay_run *run, const verify_arguments *arguments, assay_context *context) {
  assay_status status = ASSAY_OK;
  if (arguments->record) status = assay_report_json(arguments->record, run, context);
  if (!status && arguments->junit) status = assay_report_junit(arguments->junit, run, context);
  if (!status && arguments->html) status = assay_report_html(arguments->html, run, context);
  if (!status && arguments->figures) status = assay_report_figures(arguments->figures, run, context);
  return status;
}

static assay_status verify(assay_run *run, const verify_arguments *arguments, bool json, assay_context *context) {
  if (!json) print_header();
  assay_status status = assay_run_verify(run, json ? NULL : print_row, context, context);
  cli_progress_end(context);
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
      {.name = "level",
       .kind = CLI_CHOICE,
       .target = &a.level,
       .argument = "L",
       .choices = levels,
       .help = "quick (about a minute) or full (quick)"},
      {.name = "delta",
       .kind = CLI_PROBABILITY,
       .target = &a.delta,
       .argument = "P",
       .help = "probability that a true claim is refuted by chance, over all papers (1e-6)"},
      {.name = "control",
       .kind = CLI_FLAG,
       .target = &a.control,
       .help = "put each claim's negative control in its place; good is every one REFUTED"},
      {.name = "record",
       .kind = CLI_TEXT,
       .target = &a.record,
       .argument = "FILE",
       .help = "write the evidence as JSON"},
      {.name = "junit", .kind = CLI_TEXT, .target = &a.junit, .argument = "FILE", .help = "write JUnit XML"},
      {.name = "html",
       .kind = CLI_TEXT,
       .target = &a.html,
       .argument = "FILE",
       .help = "write a page with table, budgets, figures"},
      {.name = "figures",
       .kind = CLI_TEXT,
       .target = &a.figures,
       .argument = "DIR",
       .help = "write the figures as SVG files"},
  };
  cli_common common;
  char **patterns;
  size_t count;
  int exit_status;
  if (!cli_parse(&cli_verify, options, sizeof options / sizeof *options, &common, argc, argv, &patterns, &count,
                 &exit_status))
    return exit_status;
  assay_context context = cli_context(&common);
  assay_run_options settings = assay_run_options_default();
  settings.patterns = (const char *const *)patterns;
  settings.pattern_count = count;
  settings.level = (assay_level)a.level;
  settings.delta = a.delta;
  settings.seed = common.seed;
  settings.control = a.control;
  assay_run *run = NULL;
  assay_status status = assay_run_init(&run, &settings, &context);
  if (!status) status = verify(run, &a, common.json, &context);
  exit_status = status ? cli_failure(&cli_verify, status, &context) : judge(run, a.control);
  assay_run_clear(run);
  return exit_status;
}

const cli_command cli_verify = {
    .name = "verify",
    .summary = "Runs claims and gives each a verdict: PROVED, CONFIRMED, REFUTED or UNDECIDED.",
    .positional = "[PATTERN...]",
    .details =
        "PATTERN is a shell glob on the id, such as 'flow-dae/*'; without one, every claim is run. A row shows the\n"
        "item that is tightest: prediction, measurement, the error budget allowed between them, and the smallest\n"
        "change of the prediction that this evidence would have refuted.",
    .example = "  assay verify 'flow-dae/*-rate'",
    .run = run_verify,
};
