/* A paper of three claims, one true, one false, one open: linked in place of the papers, it lets the tests see every
 * exit status of assay verify. */
#include <assay/theory.h>

/* One comparison: a number of [low, high] = right, not control. */
static assay_status agree(assay_trial *trial, const char *item, double low, double high, double right, double control) {
  mpfi_t sides[3];
  for (int i = 0; i < 3; i++) mpfi_init2(sides[i], 53);
  mpfi_interv_d(sides[0], low, high);
  mpfi_set_d(sides[1], right);
  mpfi_set_d(sides[2], control);
  assay_status status = assay_trial_agree(trial, item, sides[0], sides[1], sides[2], 40);
  for (int i = 0; i < 3; i++) mpfi_clear(sides[i]);
  return status;
}

static assay_status one_is_one(assay_trial *trial, assay_context *context) {
  (void)context;
  return agree(trial, "one", 1, 1, 1, 2);
}

/* Its control is true. */
static assay_status one_is_two(assay_trial *trial, assay_context *context) {
  (void)context;
  return agree(trial, "one", 1, 1, 2, 1);
}

static assay_status too_wide(assay_trial *trial, assay_context *context) {
  (void)context;
  return agree(trial, "wide", 0, 4, 1, 2);
}

static const assay_claim true_claim = {.id = "false-paper/true",
                                       .statement = "1 = 1",
                                       .source = "nowhere",
                                       .control = "1 = 2",
                                       .sizes = {"one number", "one number"},
                                       .kind = ASSAY_PROOF,
                                       .comparisons = {1, 1},
                                       .gather = one_is_one};

static const assay_claim false_claim = {.id = "false-paper/false",
                                        .statement = "1 = 2",
                                        .source = "nowhere",
                                        .control = "1 = 1",
                                        .sizes = {"one number", "one number"},
                                        .kind = ASSAY_PROOF,
                                        .comparisons = {1, 1},
                                        .gather = one_is_two};

static const assay_claim open_claim = {.id = "false-paper/open",
                                       .statement = "an unknown number of [0, 4] is 1",
                                       .source = "nowhere",
                                       .control = "it is 2",
                                       .sizes = {"one number", "one number"},
                                       .kind = ASSAY_PROOF,
                                       .comparisons = {1, 1},
                                       .gather = too_wide};

static const assay_claim *const claims[] = {&true_claim, &false_claim, &open_claim, NULL};
static const assay_figure figures[] = {{.id = NULL}};
static const assay_paper paper = {"false-paper", "Nobody, nowhere", claims, figures};
const assay_paper *const assay_papers[] = {&paper, NULL};
