#include "theory/vectors/file.h"
#include "theory/vectors/value.h"

#include <assay/reference.h>

#include <stdio.h>

/* count: samples (estimation) or dimension (denoising). norm2: r of the prior N(0, r I) (estimation), or |mu|^2. */
typedef struct {
  const char *name, *comment;
  size_t count;
  double sigma, norm2;
  const char *schedule; /* NULL: no path */
  vectors_place place;
} rate_row;

typedef struct {
  const char *name, *definition, *count_name;
  assay_status (*compute)(mpfi_ptr out, const void *self, long goal_bits, assay_context *context);
  const rate_row *rows;
  size_t count;
} rate_group;

/* ---- the three rates ---- */

static assay_path_point point_of(const rate_row *row) {
  return vectors_path_point(vectors_schedule_named(row->schedule), row->place);
}

static assay_status estimation(mpfi_ptr out, const void *self, long goal_bits, assay_context *context) {
  const rate_row *row = self;
  return assay_reference_bayes_estimation(out, row->count, assay_real_of(row->sigma), assay_real_of(row->norm2),
                                          goal_bits, context);
}

static assay_status denoising(mpfi_ptr out, const void *self, long goal_bits, assay_context *context) {
  const rate_row *row = self;
  assay_path_point point = point_of(row);
  return assay_reference_bayes_denoising(out, row->count, assay_real_of(row->norm2), assay_real_of(row->sigma), &point,
                                         goal_bits, context);
}

static assay_status classification(mpfi_ptr out, const void *self, long goal_bits, assay_context *context) {
  const rate_row *row = self;
  assay_path_point point = point_of(row);
  return assay_reference_bayes_classification(out, assay_real_of(row->norm2), assay_real_of(row->sigma), &point,
                                              goal_bits, context);
}

/* ---- cases ---- */

static const rate_row estimation_rows[] = {
    {"ordinary", "the paper's sigma", 16, 0.5, 1, NULL, {.time = 0}},
    {"one", "n = 1", 1, 0.5, 1, NULL, {.time = 0}},
    {"many", "n = 2^50", 1125899906842624, 0.5, 1, NULL, {.time = 0}},
    {"needle", "sigma^2 below the smallest normal double", 16, 0x1p-520, 1, NULL, {.time = 0}},
    {"cloud", "sigma^2 beyond the doubles: the prior's r remains", 16, 0x1p600, 0.1, NULL, {.time = 0}},
    {"flat", "r = 2^-40", 1024, 0.75, 0x1p-40, NULL, {.time = 0}},
};

static const rate_row denoising_rows[] = {
    {"ordinary", "one dimension, half way", 1, 0.5, 1, "linear", {.time = 0.5}},
    {"plane", "two dimensions", 2, 0.5, 2, "linear", {.time = 0.25}},
    {"overlap", "kappa = 2^-20: 1 - I is near 1", 4, 1, 0x1p-20, "linear", {.time = 0.5}},
    {"apart", "kappa = 80: 1 - I of 1e-18 beside 1 cancels", 1, 0.125, 1.25, "linear", {.time = 0.5}},
    {"far-apart", "kappa = 2^12: the labels' share is 10^-890", 1, 0x1p-8, 0.0625, "linear", {.time = 0.75}},
    {"near-noise", "t = 2^-40", 3, 0.5, 3, "linear", {.time = 0x1p-40}},
    {"near-data", "1 - t = 2^-40: alpha^2 sigma^2/v", 3, 0.5, 3, "linear", {.time = 1 - 0x1p-40}},
    {"noise", "t = 0: the variance of x_1", 3, 0.5, 3, "linear", {.time = 0}},
    {"data", "t = 1: nothing left", 3, 0.5, 3, "linear", {.time = 1}},
    {"trigonometric", "on the circle", 2, 0.75, 1.5, "trigonometric", {.time = 0.375}},
    {"vp", "variance preserving", 2, 0.75, 1.5, "vp:0.1:20", {.time = 0.75}},
    {"exploding", "beta = 1, alpha = 80", 2, 0.5, 2, "coefficients", {.alpha = 80, .beta = 1}},
};

static const rate_row classification_rows[] = {
    {"ordinary", "Phi(-2)", 0, 0.5, 1, "linear", {.time = 1}},
    {"half-way", "t = 1/2", 0, 0.5, 1, "linear", {.time = 0.5}},
    {"coin", "t = 0: 1/2", 0, 0.5, 1, "linear", {.time = 0}},
    {"near-noise", "t = 2^-40: 1/2 less a little", 0, 0.5, 1, "linear", {.time = 0x1p-40}},
    {"overlap", "|mu| = 2^-30", 0, 0.5, 0x1p-60, "linear", {.time = 0.75}},
    {"tail", "Phi(-8): 1 - Phi(8) has no digit left", 0, 0.125, 1, "linear", {.time = 1}},
    {"far-tail", "Phi(-37.5): the last normal doubles", 0, 0.125, 21.97265625, "linear", {.time = 1}},
    {"farther-tail", "Phi(-38.25): subnormal", 0, 0.125, 22.860107421875, "linear", {.time = 1}},
    {"farthest-tail", "Phi(-1024): 10^-227698", 0, 0x1p-10, 1, "linear", {.time = 1}},
    {"trigonometric", "on the circle", 0, 0.75, 1.5, "trigonometric", {.time = 0.375}},
    {"vp", "variance preserving", 0, 0.75, 1.5, "vp:0.1:20", {.time = 0.75}},
    {"exploding", "beta = 1, alpha = 80", 0, 0.5, 2, "coefficients", {.alpha = 80, .beta = 1}},
};

#define ROWS(list) list, sizeof(list) / sizeof *(list)
static const rate_group groups[] = {
    {"estimation",
     "E|mu_hat - mu|^2/d of the posterior mean of mu ~ N(0, norm2 I) from x_i = s_i mu + sigma z_i, "
     "labels s_i known",
     "samples", estimation, ROWS(estimation_rows)},
    {"denoising",
     "E|x_1 - E[x_1 | x_t]|^2 of the whole vector, x_1 from 1/2 N(mu, sigma^2 I) + 1/2 N(-mu, sigma^2 I), "
     "|mu|^2 = norm2",
     "dimension", denoising, ROWS(denoising_rows)},
    {"classification", "probability that the sign of <mu, x_t> is not the label of x_1, same mixture", NULL,
     classification, ROWS(classification_rows)},
};
enum { GROUPS = sizeof groups / sizeof *groups };

/* ---- text ---- */

static assay_status write_case(assay_text *text, vectors_flag_set *seen, const rate_group *group, const rate_row *row,
                               assay_context *context) {
  char id[96];
  (void)snprintf(id, sizeof id, "bayes/%s/%s", group->name, row->name);
  const vectors_schedule *schedule = row->schedule ? vectors_schedule_named(row->schedule) : NULL;
  vectors_value value = {0};
  assay_status status = vectors_values(&value, 1, id, group->compute, row, context);
  if (status) return status;
  vectors_flag_set flags = vectors_flags_of_values(&value, 1);
  if (schedule) flags |= vectors_flags_of_place(row->place, schedule->timed);
  *seen |= flags;
  assay_text_format(text, "    {\"id\": \"%s\", \"comment\": \"%s\", \"flags\": ", id, row->comment);
  vectors_add_flags(text, flags);
  assay_text_add(text, ",\n     ");
  if (group->count_name) assay_text_format(text, "\"%s\": %zu, ", group->count_name, row->count);
  assay_text_add(text, "\"sigma\": \"");
  vectors_add_hex(text, row->sigma);
  assay_text_add(text, "\", \"norm2\": \"");
  vectors_add_hex(text, row->norm2);
  assay_text_add(text, "\",\n     ");
  if (schedule) {
    assay_text_format(text, "\"schedule\": \"%s\", ", schedule->name);
    status = vectors_add_place(text, schedule, row->place, context);
    assay_text_add(text, ",\n     ");
  }
  assay_text_add(text, "\"expected\": ");
  vectors_add_value(text, &value);
  assay_text_add(text, "}");
  vectors_value_clear(&value);
  return status;
}

static assay_status write_group(assay_text *text, vectors_flag_set *seen, const rate_group *group,
                                assay_context *context) {
  assay_text_format(text, "  {\"id\": \"bayes/%s\", \"definition\": \"%s\",\n   \"cases\": [\n", group->name,
                    group->definition);
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < group->count; i++) {
    assay_text_add(text, i ? ",\n" : "");
    status = write_case(text, seen, group, &group->rows[i], context);
  }
  assay_text_add(text, "]}");
  return status;
}

assay_status vectors_bayes_file(assay_text *text, assay_context *context) {
  assay_text body = {0};
  vectors_flag_set seen = 0;
  size_t cases = 0;
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < GROUPS; i++) {
    assay_text_add(&body, i ? ",\n" : "");
    status = write_group(&body, &seen, &groups[i], context);
    cases += groups[i].count;
  }
  if (!status) {
    vectors_begin_file(text, "bayes", "Bayes-optimal error rates; each group says of what", cases, seen);
    vectors_end_file(text, "groups", &body);
  }
  assay_text_clear(&body);
  return status;
}
