/* tests/theory/script.h: papers for the tests of the engine, whose claims report the items of a script. */
#ifndef ASSAY_TESTS_THEORY_SCRIPT_H
#define ASSAY_TESTS_THEORY_SCRIPT_H

#include <assay/theory.h>

typedef struct {
  double lo, hi;
} script_range;

/* A range given as none: no control. */
extern const script_range script_none;

typedef struct {
  const char *name;
  assay_method method;
  assay_relation relation;         /* decide */
  script_range predicted, control; /* decide, agree: right and what takes its place */
  double measured;                 /* measure */
  assay_budget_term terms[3];      /* measure */
  size_t count;
  script_range left; /* decide, agree */
  long bits;         /* agree */
} script_item;

/* The claim comes first: gather() finds the script from it. */
typedef struct {
  assay_claim claim;
  const script_item *items;
  size_t count;
  assay_status ends_with;         /* what gather() returns after its items */
  bool ignores;                   /* goes on whatever its comparisons return */
  uint64_t seen_seed;             /* what gather() was given */
  double seen_delta;              /* likewise */
  assay_level seen_level;         /* likewise */
  size_t calls;                   /* of gather() */
  const char *key;                /* an experiment it asks for, or NULL */
  bool made_otherwise;            /* by another function */
  void *made;                     /* and what it got */
  assay_status experiment_status; /* and with which status */
} script_claim;

/* An item |measured - predicted| <= bound, all exact; with a control at the point `control` (NaN: none). */
script_item script_measure(double predicted, double control, double measured, double bound);
script_item script_agree(script_range left, script_range right, double control, long bits);
script_item script_less(script_range left, script_range right, double control);

/* A claim of paper "test" that reports, and declares, these items at each level. */
script_claim script_of(const char *id, assay_kind kind, const script_item *items, size_t count);

/* A run of these claims as the paper "test", with all other options from `options` (NULL: default). One at a time. */
assay_status script_run(assay_run **out, script_claim *claims, size_t count, const assay_run_options *options,
                        assay_context *context);

/* Runs one claim, releases the run, and tells its verdict, reason and resolution. */
typedef struct {
  assay_status status;
  assay_verdict verdict;
  char reason[256];
  double resolution, first_resolution; /* of the claim, of its first item */
  bool first_excludes;                 /* the first item excludes the control */
  size_t decisive, count;
  char message[512];
} script_outcome;
script_outcome script_verdict(assay_kind kind, const script_item *items, size_t count, bool control);

/* The memo's experiment: how often it was made and released. */
extern size_t script_made, script_released;
extern uint64_t script_experiment_seed;
extern assay_status script_make_fails;

#endif
