/* assay calibrate: do verdicts err as rarely as delta promises? */
#include "cli/command.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const levels[] = {"quick", "full", NULL};

static void print_rate(assay_rate rate) {
  printf("  %5zu/%-5zu [%.4f, %.4f]", rate.seen, rate.of, rate.low, rate.high);
}

static void print_table(const assay_calibration *list, size_t count) {
  printf("%-36s  %-29s  %-29s  %s\n", "claim", "false alarms (95 %)", "controls refuted (95 %)", "undecided");
  for (size_t i = 0; i < count; i++) {
    printf("%-36s", list[i].claim->id);
    print_rate(list[i].false_alarms);
    print_rate(list[i].controls_refuted);
    printf("  %zu\n", list[i].undecided.seen);
  }
}

static json_t *json_rate(assay_rate rate) {
  return json_pack("{s:I, s:I, s:f, s:f}", "seen", (json_int_t)rate.seen, "of", (json_int_t)rate.of, "low", rate.low,
                   "high", rate.high);
}

/* Statement, control and sizes say which claim it was: a record of an older one is found out. */
static json_t *json_of(const assay_calibration *list, size_t count, const assay_run_options *options, size_t seeds) {
  json_t *claims = json_array();
  for (size_t i = 0; claims && i < count; i++) {
    const assay_claim *claim = list[i].claim;
    json_t *row =
        json_pack("{s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:o}", "id", claim->id, "statement", claim->statement, "control",
                  claim->control, "sizes", claim->sizes[options->level], "comparisons",
                  (json_int_t)claim->comparisons[options->level], "false_alarms", json_rate(list[i].false_alarms),
                  "controls_refuted", json_rate(list[i].controls_refuted), "undecided", json_rate(list[i].undecided));
    if (json_array_append_new(claims, row)) {
      json_decref(claims);
      claims = NULL;
    }
  }
  if (!claims) return NULL;
  return json_pack("{s:i, s:I, s:I, s:f, s:s, s:o}", "schema", 1, "seed", (json_int_t)options->seed, "seeds",
                   (json_int_t)seeds, "delta", options->delta, "level", assay_level_name(options->level), "claims",
                   claims);
}

/* 1 when a claim's rate of false alarms is above delta beyond doubt, or a control is refuted less often than not. */
static int judge(const assay_calibration *list, size_t count, double delta) {
  for (size_t i = 0; i < count; i++)
    if (list[i].false_alarms.low > delta || list[i].controls_refuted.high < 0.5) return CLI_FAILS;
  return CLI_GOOD;
}

static int run_calibrate(int argc, char **argv) {
  enum { MOST_SEEDS = 1000000 };
  int level = 0, exit_status;
  double delta = 0.1;
  size_t seeds = 500, count = 0;
  cli_option options[] = {
      cli_size("seeds", &seeds, "N", 1, MOST_SEEDS, "runs, with seeds from --seed on (500)"),
      cli_choice("level", &level, "L", levels, "quick or full (quick)"),
      cli_probability("delta", &delta, "P", "chance of a false alarm that verdicts may spend (0.1)"),
  };
  cli_common common;
  if (!cli_parse(&cli_calibrate, options, sizeof options / sizeof *options, &common, argc, argv, &exit_status))
    return exit_status;
  assay_context context = cli_context(&common);
  assay_run_options settings = assay_run_options_default();
  settings.level = (assay_level)level;
  settings.delta = delta;
  settings.seed = common.seed;
  cli_patterns patterns;
  assay_calibration *list = NULL;
  assay_status status = cli_patterns_init(&patterns, &common, &context);
  settings.patterns = (const char *const *)patterns.list;
  settings.pattern_count = patterns.count;
  if (!status) status = assay_calibrate(&list, &count, &settings, seeds, &context);
  cli_progress_end();
  if (!status && common.json) {
    status = cli_print_json(json_of(list, count, &settings, seeds), JSON_INDENT(1), &context);
    if (!status) putchar('\n');
  } else if (!status) {
    print_table(list, count);
  }
  exit_status = status ? cli_failure(&cli_calibrate, status, &context) : judge(list, count, delta);
  free(list);
  cli_patterns_clear(&patterns);
  return exit_status;
}

const cli_command cli_calibrate = {
    .name = "calibrate",
    .summary = "Runs claims over many seeds: rate of false alarms, rate of refuted controls.",
    .positional = "[PATTERN...]",
    .details = "A large delta (0.1) makes budgets small enough for their guarantee to be seen at work: a true claim\n"
               "may be refuted in at most that share of the runs. Rates come with Clopper-Pearson intervals at 95 %.\n"
               "Exit status: 1 when a rate of false alarms is above delta beyond doubt, or a control survives more\n"
               "often than not.",
    .example = "  assay calibrate finite-d-theorem --seeds 20",
    .run = run_calibrate,
};
