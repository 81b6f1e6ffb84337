/* assay/theory.h: claims, evidence and verdicts.
 *
 * A claim only gathers evidence: items, each with a predicted enclosure, its negative control's enclosure, and either a
 * measured value with an error budget (experiments) or a second enclosure (proofs). The engine alone gives the verdict.
 */
#ifndef ASSAY_THEORY_H
#define ASSAY_THEORY_H

#include <assay/model.h>

#include <mpfi.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* PROVED: enclosures decide every item for the claim, and at least one decides its control the other way.
 * CONFIRMED: every item lies within the budget of its prediction and at least one outside the budget of its control.
 * REFUTED: an item lies outside the budget of its prediction (a measured value that is not a finite number lies outside
 * every budget), or enclosures decide against it; even when gathering failed later.
 * UNDECIDED: anything else; the reason says what was missing. An enclosure with a NaN or infinite end decides nothing.
 */
#define ASSAY_VERDICTS(X)                                                                                              \
  X(ASSAY_PROVED, "PROVED")                                                                                            \
  X(ASSAY_CONFIRMED, "CONFIRMED")                                                                                      \
  X(ASSAY_REFUTED, "REFUTED")                                                                                          \
  X(ASSAY_UNDECIDED, "UNDECIDED")
#define ASSAY_KINDS(X) X(ASSAY_PROOF, "proof") X(ASSAY_EXPERIMENT, "experiment")
#define ASSAY_LEVELS(X) X(ASSAY_LEVEL_QUICK, "quick") X(ASSAY_LEVEL_FULL, "full")
/* What a measurement differs from its prediction by. rounding: double against exact arithmetic on the same data.
 * discretisation: finite steps instead of the ODE. dimension: finite d instead of the limit. sampling: finitely many
 * samples. optimisation: trained instead of the exact stationary point. */
#define ASSAY_TERMS(X)                                                                                                 \
  X(ASSAY_TERM_ROUNDING, "rounding")                                                                                   \
  X(ASSAY_TERM_DISCRETISATION, "discretisation")                                                                       \
  X(ASSAY_TERM_DIMENSION, "dimension")                                                                                 \
  X(ASSAY_TERM_SAMPLING, "sampling")                                                                                   \
  X(ASSAY_TERM_OPTIMISATION, "optimisation")
#define ASSAY_BASES(X)                                                                                                 \
  X(ASSAY_BASIS_PROVED, "proved bound")                                                                                \
  X(ASSAY_BASIS_COMPUTED, "computed exactly")                                                                          \
  X(ASSAY_BASIS_QUANTILE, "quantile")                                                                                  \
  X(ASSAY_BASIS_MEASURED, "measured, with a proved consequence")
#define ASSAY_RELATIONS(X) X(ASSAY_LESS, "<") X(ASSAY_GREATER, ">") X(ASSAY_EQUAL, "=")

#define ASSAY_CODE(code, name) code,
typedef enum { ASSAY_VERDICTS(ASSAY_CODE) } assay_verdict;
typedef enum { ASSAY_KINDS(ASSAY_CODE) } assay_kind;
typedef enum { ASSAY_LEVELS(ASSAY_CODE) ASSAY_LEVEL_COUNT } assay_level;
typedef enum { ASSAY_TERMS(ASSAY_CODE) } assay_term;
typedef enum { ASSAY_BASES(ASSAY_CODE) } assay_basis;
typedef enum { ASSAY_RELATIONS(ASSAY_CODE) } assay_relation;
#undef ASSAY_CODE

const char *assay_verdict_name(assay_verdict verdict);
const char *assay_kind_name(assay_kind kind);
const char *assay_level_name(assay_level level);
const char *assay_term_name(assay_term term);
const char *assay_basis_name(assay_basis basis);
const char *assay_relation_name(assay_relation relation);

/* One named part of an error budget: |measured - predicted| is allowed to contain it. delta: the probability with which
 * a random part may exceed its bound (0 for certain ones). `why` is a phrase with the formula or its source. */
typedef struct {
  assay_term term;
  assay_basis basis;
  double bound, delta;
  const char *why;
} assay_budget_term;

typedef struct assay_trial assay_trial;

typedef struct {
  const char *id;                       /* paper/name */
  const char *statement;                /* one sentence */
  const char *source;                   /* paper, section, formula */
  const char *control;                  /* the nearby false statement */
  const char *sizes[ASSAY_LEVEL_COUNT]; /* n, d, N, K or the grid at each level, chosen by power, in words */
  assay_kind kind;
  size_t comparisons[ASSAY_LEVEL_COUNT]; /* items the claim will report, exactly; fixes its share of delta */
  assay_status (*gather)(assay_trial *trial, assay_context *context);
} assay_claim;

/* One line or set of points of a figure. Owned by the plot. */
typedef struct {
  char *label; /* in the key; "" leaves it out */
  bool line;   /* true: a line of theory; false: measured points */
  size_t count;
  double *x, *y;
  double *error; /* NULL, or the length of each bar below y and, unless `above` says otherwise, above it */
  double *above; /* NULL, or the length above y */
} assay_series;

typedef struct {
  assay_series **series; /* each stays where it is while others are added */
  size_t count;
} assay_plot;

typedef struct {
  const char *id, *title, *x_label, *y_label;
  bool log_x, log_y;
  const char *caption; /* what lines, points and bars are; may be NULL */
  const char
      *claim; /* id of the claim whose evidence it draws: reports draw it when that claim was run. NULL: always */
  assay_status (*draw)(assay_plot *plot, assay_trial *trial, assay_context *context);
} assay_figure;

/* Lists end with NULL (claims) and with an entry of id NULL (figures). */
typedef struct {
  const char *key;   /* folder and id prefix */
  const char *title; /* authors, title, where */
  const assay_claim *const *claims;
  const assay_figure *figures;
} assay_paper;

/* delta is split evenly over this many papers' places, then over a paper's declared comparisons. */
enum { ASSAY_PAPER_PLACES = 5 };
extern const assay_paper *const assay_papers[]; /* ends with NULL */

/* ---- what gather() calls ----------------------------------------------------------------------------------------- */

assay_level assay_trial_level(const assay_trial *trial);

/* A seed of this claim's own: a function of the run's seed and the claim's id, whatever else is selected. */
uint64_t assay_trial_seed(const assay_trial *trial);

/* This claim's share of delta per comparison; terms of one comparison may spend no more in total. Low by a part in
 * 2^40, so that fractions of it may be summed in double. */
double assay_trial_delta(const assay_trial *trial);

/* |measured - predicted| <= sum of the terms' bounds (rounded up)? And the same for the control (NULL: this item has
 * none). The test is exact: `measured` and the sum are doubles, and the whole enclosure must lie within (or outside).
 * An infinite bound holds and excludes nothing. Bounds are >= 0, not NaN; a quantile has delta > 0; experiments only
 * (a measurement proves nothing). Breaking such a rule is ASSAY_INTERNAL and ends the run. */
assay_status assay_trial_measure(assay_trial *trial, const char *item, mpfi_srcptr predicted, mpfi_srcptr control,
                                 double measured, const assay_budget_term *terms, size_t count);

/* left < right or left > right, decided when the enclosures are apart. The control takes right's place. */
assay_status assay_trial_decide(assay_trial *trial, const char *item, mpfi_srcptr left, assay_relation relation,
                                mpfi_srcptr right, mpfi_srcptr control);

/* left = right: decided for when left - right contains 0 and is narrower than 2^-bits; against when they are disjoint;
 * else undecided. The control takes right's place. */
assay_status assay_trial_agree(assay_trial *trial, const char *item, mpfi_srcptr left, mpfi_srcptr right,
                               mpfi_srcptr control, long bits);

/* An experiment shared by claims and figures: made once per run for each distinct key, and released with the run.
 * `make` receives `argument`, and a seed that depends on the run's seed and the key only, and stores what it made. A
 * failure is remembered too (except ASSAY_CANCELLED). One key belongs to one `make`. */
assay_status assay_trial_experiment(void **out, assay_trial *trial, const char *key,
                                    assay_status (*make)(void **out, const void *argument, uint64_t seed,
                                                         assay_context *context),
                                    void (*release)(void *), const void *argument, assay_context *context);

/* Adds a series of `count` points to a plot (zeroed x and y; error too when asked); `label` is copied. */
assay_status assay_plot_add(assay_series **out, assay_plot *plot, const char *label, bool line, size_t count,
                            bool errors, assay_context *context);
/* Gives a series that has errors bars of another length above (zeroed). */
assay_status assay_series_skew(assay_series *series, assay_context *context);
void assay_plot_clear(assay_plot *plot);

/* ---- running claims ---------------------------------------------------------------------------------------------- */

/* How an item was compared. */
#define ASSAY_METHODS(X)                                                                                               \
  X(ASSAY_MEASURE, "measure")                                                                                          \
  X(ASSAY_DECIDE, "decide")                                                                                            \
  X(ASSAY_AGREE, "agree")
#define ASSAY_CODE(code, name) code,
typedef enum { ASSAY_METHODS(ASSAY_CODE) } assay_method;
#undef ASSAY_CODE
const char *assay_method_name(assay_method method);

typedef struct {
  char *name;
  assay_method method;
  assay_relation relation; /* ASSAY_EQUAL for measurements */
  mpfi_t predicted;        /* decide, agree: right */
  mpfi_t control;          /* meaningful when has_control */
  mpfi_t left;             /* decide, agree: left */
  bool has_control;
  double measured;           /* measure: the value; else NaN */
  assay_budget_term *budget; /* measure */
  size_t terms;
  double allowance;            /* measure: sum of the bounds, rounded up; agree: 2^-bits; decide: 0 */
  bool holds, decided_against; /* both false: undecided */
  bool excludes_control;       /* the control is decided against */
  double resolution; /* smallest change of the prediction that this evidence would have refuted, rounded up; 0 when it
                        is refuted as it stands, NaN when an enclosure has no ends */
} assay_item;

typedef struct {
  const assay_claim *claim;
  assay_level level;
  bool control; /* the control stood in the statement's place */
  assay_verdict verdict;
  char reason[256];
  double resolution; /* smallest over items, relative to |prediction| where that is not 0; NaN when no item has one */
  size_t decisive;   /* the item with that resolution, or the one that the reason names (count > 0) */
  assay_item *items; /* with `control`: those that have a control, which stands as prediction, and the prediction as
                        control */
  size_t count;
  double seconds;
} assay_result;

typedef struct {
  const char *const *patterns; /* shell globs on ids; count 0: all. Must outlive the run */
  size_t pattern_count;
  assay_level level;
  double delta; /* (0, 1) */
  uint64_t seed;
  bool control;                     /* put each claim's negative control in its statement's place */
  const assay_paper *const *papers; /* NULL: assay_papers (tests bring their own) */
} assay_run_options;

assay_run_options assay_run_options_default(void); /* all claims, quick, 1e-6, seed 1 */

typedef struct assay_run assay_run;

/* Claims whose ids match, in order. ASSAY_INVALID when a pattern matches none (named) or delta is not in (0, 1);
 * ASSAY_INTERNAL when a paper declares an id twice, an id without its key, or a claim without comparisons. */
assay_status assay_run_init(assay_run **out, const assay_run_options *options, assay_context *context);
void assay_run_clear(assay_run *run);

/* Runs every claim; `done` (may be NULL) is called after each. A claim whose gathering fails is UNDECIDED with the
 * failure's message as reason (REFUTED when an earlier item was decided against); only ASSAY_CANCELLED and
 * ASSAY_INTERNAL (an undeclared or missing comparison, an overspent delta) end the run: claims not reached are
 * UNDECIDED, "not run". */
assay_status assay_run_verify(assay_run *run, void (*done)(void *self, const assay_result *result), void *self,
                              assay_context *context);

size_t assay_run_count(const assay_run *run);
const assay_result *assay_run_result(const assay_run *run, size_t index);
const assay_run_options *assay_run_settings(const assay_run *run);

/* A figure's data, drawn from the run's shared experiments. */
assay_status assay_run_figure(assay_plot *out, assay_run *run, const assay_figure *figure, assay_context *context);

/* ---- calibration ------------------------------------------------------------------------------------------------- */

/* `seen` in `of` runs, with Clopper and Pearson's interval for the rate, at 95 %. */
typedef struct {
  size_t seen, of;
  double low, high;
} assay_rate;

typedef struct {
  const assay_claim *claim;
  assay_rate false_alarms;     /* REFUTED, for claims that are true */
  assay_rate controls_refuted; /* an item excludes the control */
  assay_rate undecided;
} assay_calibration;

/* Runs the options' claims `seeds` >= 1 times, with seeds from options->seed on. *out has *count rows, one a claim, in
 * order; free() it. Failures as of assay_run_init and assay_run_verify. */
assay_status assay_calibrate(assay_calibration **out, size_t *count, const assay_run_options *options, size_t seeds,
                             assay_context *context);

/* ---- reports ----------------------------------------------------------------------------------------------------- */

/* Each is written to a temporary name and renamed. Schema of the JSON: docs/report.md. */
assay_status assay_report_json(const char *path, const assay_run *run, assay_context *context);
assay_status assay_report_junit(const char *path, const assay_run *run, assay_context *context);
/* The claims in words, with their controls, sizes and this run's resolutions: docs/claims.md. */
assay_status assay_report_markdown(const char *path, const assay_run *run, assay_context *context);
/* One self-contained page; figures need gnuplot on PATH and are left out, with a note, without it. */
assay_status assay_report_html(const char *path, assay_run *run, assay_context *context);
/* The same JSON as a string; free() it. */
assay_status assay_report_json_text(char **out, const assay_run *run, assay_context *context);
/* Writes each figure's SVG into `directory` as <paper>-<figure>.svg. ASSAY_UNSUPPORTED without gnuplot. */
assay_status assay_report_figures(const char *directory, assay_run *run, assay_context *context);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
