#include "theory/vectors/file.h"

#include "reference/core/interval.h"
#include "theory/vectors/condition.h"
#include "theory/vectors/flag.h"
#include "theory/vectors/mixture.h"

#include <assay/reference.h>

#include <stdio.h>
#include <string.h>

/* Of every quantity, with f = E[x_1 | x_t = x] and e = E[x_0 | x_t = x]. */
static const char *definition_of(assay_quantity quantity) {
  switch (quantity) {
  case ASSAY_VELOCITY:
    return "b(x, t) = E[beta'(t) x_1 + alpha'(t) x_0 | x_t = x]";
  case ASSAY_SCORE:
    return "grad log p_t(x), p_t the density of x_t";
  case ASSAY_DENOISER:
    return "f(x, t) = E[x_1 | x_t = x]";
  case ASSAY_NOISE:
    return "e(x, t) = E[x_0 | x_t = x]";
  case ASSAY_LOG_DENSITY:
    return "log p_t(x), p_t the density of x_t, natural logarithm";
  case ASSAY_DIVERGENCE:
    return "div b(x, t) = sum_j d b_j/d x_j, b(x, t) = E[beta'(t) x_1 + alpha'(t) x_0 | x_t = x]";
  }
  return "";
}

/* ---- one case ---- */

typedef struct {
  assay_quantity quantity;
  const vectors_target *target;
  const vectors_schedule *schedule;
  assay_mixture mixture;
  vectors_flag_set flags; /* of the mixture */
} field_group;

typedef struct {
  const field_group *of;
  vectors_candidate candidate;
  assay_path_point point;
} field_case;

static assay_status compute(mpfi_ptr out, const void *self, long goal_bits, assay_context *context) {
  const field_case *c = self;
  return assay_reference_field(out, c->of->quantity, &c->of->mixture, &c->point, c->candidate.x, 1, goal_bits, context);
}

static assay_status log_density(double *out, const field_case *c, assay_context *context) {
  enum { BITS = 40 };
  mpfi_t value;
  mpfi_init(value);
  assay_status status =
      assay_reference_field(value, ASSAY_LOG_DENSITY, &c->of->mixture, &c->point, c->candidate.x, 1, BITS, context);
  if (!status) *out = iv_mid_d(value);
  mpfi_clear(value);
  return status;
}

/* Are 4 of 16 digits lost: in the guarded formula's hands, or by one rounding in anyone's? */
static assay_status cancels(bool *out, const field_case *c, const vectors_choice *choice, const vectors_value *values,
                            size_t width, assay_context *context) {
  static const int lost_digits = 4;
  static const double lost_factor = 1e4;
  *out = choice->lost[VECTORS_GUARDED] >= lost_digits;
  if (*out) return ASSAY_OK;
  double rounded[VECTORS_MOST_DIMENSION], condition = 0;
  for (size_t j = 0; j < width; j++) rounded[j] = values[j].binary64;
  assay_status status =
      vectors_condition(&condition, c->of->quantity, c->of->target, &c->point, c->candidate.x, rounded, context);
  *out = condition >= lost_factor;
  return status;
}

static assay_status flags_of(vectors_flag_set *out, const field_case *c, const vectors_choice *choice,
                             const vectors_value *values, size_t width, assay_context *context) {
  const field_group *of = c->of;
  double density = 0;
  bool cancelled = false;
  assay_status status = log_density(&density, c, context);
  if (!status) status = cancels(&cancelled, c, choice, values, width, context);
  *out = of->flags | vectors_flags_of_input(&c->candidate, of->schedule, &of->mixture, density) |
         vectors_flags_of_values(values, width);
  if (cancelled) *out |= (vectors_flag_set)1 << VECTORS_CANCELLATION;
  return status;
}

static void add_comment(assay_text *text, const vectors_choice *choice, assay_quantity quantity) {
  const char *before = "\"comment\": \"digits lost: ";
  for (int i = 0; i < VECTORS_FORMULA_COUNT; i++) {
    if (!vectors_formula_gives((vectors_formula)i, quantity)) continue;
    assay_text_format(text, "%s%s ", before, vectors_formula_name((vectors_formula)i));
    if (choice->lost[i] == VECTORS_ALL)
      assay_text_add(text, "all (not finite)");
    else
      assay_text_format(text, "%u", choice->lost[i]);
    before = ", ";
  }
  assay_text_add(text, "\", ");
}

static void add_numbers(assay_text *text, const field_case *c, const vectors_value *values, size_t width) {
  assay_text_add(text, ",\n     \"x\": [");
  for (size_t j = 0; j < c->of->mixture.dimension; j++) {
    assay_text_add(text, j ? ", \"" : "\"");
    vectors_add_hex(text, c->candidate.x[j]);
    assay_text_add(text, "\"");
  }
  assay_text_add(text, "],\n     \"expected\": [");
  for (size_t j = 0; j < width; j++) {
    assay_text_add(text, j ? ",\n      " : "\n      ");
    vectors_add_value(text, &values[j]);
  }
  assay_text_add(text, "]}");
}

/* After "id". */
static assay_status add_case(assay_text *text, const field_case *c, const vectors_choice *choice,
                             vectors_flag_set flags, const vectors_value *values, size_t width,
                             assay_context *context) {
  add_comment(text, choice, c->of->quantity);
  assay_text_add(text, "\"flags\": ");
  vectors_add_flags(text, flags);
  assay_text_add(text, ",\n     ");
  assay_status status = vectors_add_place(text, c->of->schedule, c->candidate.place, context);
  if (!status) add_numbers(text, c, values, width);
  return status;
}

static assay_status write_case(assay_text *text, vectors_flag_set *seen, const field_group *of,
                               const vectors_choice *choice, const char *id, assay_context *context) {
  size_t width = assay_quantity_width(of->quantity, of->mixture.dimension);
  field_case c = {.of = of};
  vectors_candidate_make(&c.candidate, of->target, &of->mixture, of->schedule, choice->n);
  c.point = vectors_path_point(of->schedule, c.candidate.place);
  vectors_value values[VECTORS_MOST_DIMENSION] = {0};
  assay_status status = vectors_values(values, width, id, compute, &c, context);
  if (status) return status;
  vectors_flag_set flags = 0;
  status = flags_of(&flags, &c, choice, values, width, context);
  *seen |= flags;
  assay_text_format(text, "    {\"id\": \"%s\", ", id);
  if (!status) status = add_case(text, &c, choice, flags, values, width, context);
  for (size_t j = 0; j < width; j++) vectors_value_clear(&values[j]);
  return status;
}

/* ---- one group ---- */

/* "isotropic-binary". */
static const vectors_target *target_named(const char *name) {
  for (size_t i = 0; i < vectors_target_count; i++) {
    const vectors_target *target = &vectors_targets[i];
    size_t kind = strlen(target->kind);
    if (strncmp(name, target->kind, kind) == 0 && name[kind] == '-' && strcmp(name + kind + 1, target->name) == 0)
      return target;
  }
  return NULL;
}

static assay_status write_group(assay_text *text, vectors_flag_set *seen, assay_quantity quantity,
                                const vectors_group *group, assay_context *context) {
  char id[128], case_id[160];
  (void)snprintf(id, sizeof id, "%s/%s/%s", assay_quantity_name(quantity), group->target, group->schedule);
  field_group of = {
      .quantity = quantity, .target = target_named(group->target), .schedule = vectors_schedule_named(group->schedule)};
  if (!of.target || !of.schedule) return assay_fail(context, ASSAY_INTERNAL, "vectors: no such group: %s", id);
  assay_status status = vectors_target_mixture(&of.mixture, of.target, context);
  if (status) return status;
  of.flags = vectors_flags_of_mixture(&of.mixture);
  assay_text_format(text, "  {\"id\": \"%s\", \"kind\": \"%s\", \"schedule\": \"%s\", \"dimension\": %zu,\n", id,
                    of.target->kind, of.schedule->name, of.mixture.dimension);
  assay_text_add(text, "   \"mixture\": ");
  vectors_add_mixture(text, &of.mixture, false);
  assay_text_add(text, ",\n   \"mixture_hex\": ");
  vectors_add_mixture(text, &of.mixture, true);
  assay_text_add(text, ",\n   \"cases\": [\n");
  for (size_t i = 0; !status && i < group->count; i++) {
    (void)snprintf(case_id, sizeof case_id, "%s/%u", id, group->list[i].n);
    status = write_case(text, seen, &of, &group->list[i], case_id, context);
    assay_text_add(text, i + 1 < group->count ? ",\n" : "]}");
  }
  assay_mixture_clear(&of.mixture);
  return status;
}

/* ---- the file ---- */

static size_t count_cases(assay_quantity quantity) {
  const vectors_table *table = vectors_choices_of(quantity);
  size_t count = 0;
  for (size_t i = 0; i < table->count; i++) count += table->groups[i].count;
  return count;
}

static void add_formulas(assay_text *text, assay_quantity quantity) {
  const char *before = " \"formulas\": {\n";
  for (int i = 0; i < VECTORS_FORMULA_COUNT; i++) {
    vectors_formula formula = (vectors_formula)i;
    if (!vectors_formula_gives(formula, quantity)) continue;
    assay_text_format(text, "%s  \"%s\": \"%s\"", before, vectors_formula_name(formula),
                      vectors_formula_meaning(formula));
    before = ",\n";
  }
  assay_text_add(text, "\n },\n");
}

static assay_status write_groups(assay_text *text, vectors_flag_set *seen, assay_quantity quantity,
                                 assay_context *context) {
  enum { QUANTITIES = ASSAY_DIVERGENCE + 1 };
  const vectors_table *table = vectors_choices_of(quantity);
  const char *before = "";
  for (size_t i = 0; i < table->count; i++) {
    double done = (double)quantity + (double)i / (double)table->count;
    assay_status status = assay_progress(context, "test vectors", done / QUANTITIES);
    assay_text_add(text, before);
    if (!status) status = write_group(text, seen, quantity, &table->groups[i], context);
    if (status) return status;
    before = ",\n";
  }
  return ASSAY_OK;
}

assay_status vectors_field_file(assay_text *text, assay_quantity quantity, assay_context *context) {
  assay_text groups = {0};
  vectors_flag_set seen = 0;
  assay_status status = write_groups(&groups, &seen, quantity, context);
  if (!status) {
    vectors_begin_file(text, assay_quantity_name(quantity), definition_of(quantity), count_cases(quantity), seen);
    add_formulas(text, quantity);
    vectors_end_file(text, "groups", &groups);
  }
  assay_text_clear(&groups);
  return status;
}
