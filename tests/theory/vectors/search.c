/* assay_vectors_search FOLDER [CANDIDATES]: for each file, group and family of test vectors, the candidate on which
 * formulas in common use lose most digits; writes the tables of theory/vectors/choice/. For developers, once: which
 * candidate wins may depend on the C library's last bits. */
#include "naive.h"

#include "theory/vectors/candidate.h"
#include "theory/vectors/choice.h"
#include "theory/vectors/value.h"

#include <assay/reference.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(assay_status status, const assay_context *context) {
  if (!status) return;
  (void)fprintf(stderr, "search: %s\n", context->message);
  exit(1);
}

typedef struct {
  const vectors_target *target;
  const vectors_schedule *schedule;
  assay_mixture mixture;
  assay_quantity quantity;
} task;

/* ---- one candidate ---- */

typedef struct {
  const task *of;
  const assay_path_point *point;
  const double *x;
} field;

static assay_status compute(mpfi_ptr out, const void *self, long goal_bits, assay_context *context) {
  const field *f = self;
  return assay_reference_field(out, f->of->quantity, &f->of->mixture, f->point, f->x, 1, goal_bits, context);
}

/* The doubles; false when a value is too near to a tie to be written, or nothing but an underflow. */
static bool evaluate(double *exact, size_t width, const field *self, assay_context *context) {
  static const double least = 0x1p-300;
  vectors_value values[VECTORS_MOST_DIMENSION] = {0};
  if (vectors_values(values, width, "candidate", compute, self, context)) return false;
  bool good = true;
  for (size_t j = 0; j < width; j++) {
    exact[j] = values[j].binary64;
    good &= values[j].zero || fabs(exact[j]) >= least;
    vectors_value_clear(&values[j]);
  }
  return good;
}

/* Whether it will do: finite doubles. */
static bool judge(vectors_choice *out, const task *t, unsigned n, assay_context *context) {
  vectors_candidate candidate;
  vectors_candidate_make(&candidate, t->target, &t->mixture, t->schedule, n);
  assay_path_point point = vectors_path_point(t->schedule, candidate.place);
  double exact[VECTORS_MOST_DIMENSION], got[VECTORS_MOST_DIMENSION], largest = 0;
  size_t width = assay_quantity_width(t->quantity, t->mixture.dimension);
  if (!evaluate(exact, width, &(field){t, &point, candidate.x}, context)) return false;
  for (size_t j = 0; j < width; j++) largest = fmax(largest, fabs(exact[j]));
  if (!isfinite(largest)) return false;
  *out = (vectors_choice){.n = n};
  for (int formula = 0; formula < VECTORS_FORMULA_COUNT; formula++) {
    if (!vectors_formula_gives((vectors_formula)formula, t->quantity)) continue;
    naive_path path = naive_path_at(t->schedule->name, (vectors_formula)formula, candidate.place.time,
                                    candidate.place.alpha, candidate.place.beta);
    naive_field(got, t->quantity, (vectors_formula)formula, &t->mixture, path, candidate.x);
    out->lost[formula] = naive_lost(got, exact, width);
  }
  return true;
}

/* First what one formula loses beyond the guarded one (which counts as it is), then the sum over all. */
static int harm(const vectors_choice *choice, vectors_formula focus) {
  int sum = 0, lost[VECTORS_FORMULA_COUNT];
  for (int i = 0; i < VECTORS_FORMULA_COUNT; i++) {
    lost[i] = choice->lost[i] == VECTORS_ALL ? VECTORS_MOST_LOST + 1 : choice->lost[i];
    sum += lost[i];
  }
  return 1000 * (lost[focus] - (focus == VECTORS_GUARDED ? 0 : lost[VECTORS_GUARDED])) + sum;
}

/* Formulas take turns; where means are far from the origin, expanded squares are what there is to see. */
static vectors_formula focus_of(const task *t, unsigned turn) {
  if (strcmp(t->target->name, "offset") == 0) return VECTORS_EXPANDED;
  vectors_formula ways[VECTORS_FORMULA_COUNT] = {VECTORS_GUARDED};
  unsigned count = 0;
  for (int i = 0; i < VECTORS_FORMULA_COUNT; i++)
    if (vectors_formula_gives((vectors_formula)i, t->quantity)) ways[count++] = (vectors_formula)i;
  return ways[turn % count];
}

/* ---- groups ---- */

static size_t families_of(vectors_family out[VECTORS_MOST_CHOICES], const task *t) {
  static const vectors_family linear[] = {VECTORS_NEAR_DATA, VECTORS_NEAR_NOISE, VECTORS_INSIDE, VECTORS_FAR,
                                          VECTORS_END};
  static const vectors_family three[] = {VECTORS_NEAR_DATA, VECTORS_INSIDE, VECTORS_FAR};
  static const vectors_family two[] = {VECTORS_NEAR_DATA, VECTORS_NEAR_NOISE};
  const vectors_family *from = two;
  size_t count = 2;
  if (strcmp(t->schedule->name, "linear") == 0)
    from = linear, count = t->target->dimension == VECTORS_MOST_DIMENSION ? 2 : 5;
  else if (strcmp(t->schedule->name, "trigonometric") == 0)
    from = three, count = 3;
  memcpy(out, from, count * sizeof *out);
  return count;
}

/* Linear on every target, trigonometric on all but the largest, the others on those that stand for their kinds. */
static bool wanted(const task *t) {
  if (!t->schedule->timed && (t->quantity == ASSAY_VELOCITY || t->quantity == ASSAY_DIVERGENCE)) return false;
  if (strcmp(t->schedule->name, "linear") == 0) return true;
  if (strcmp(t->schedule->name, "trigonometric") == 0) return t->target->dimension < VECTORS_MOST_DIMENSION;
  static const char *const standing[] = {"isotropic-binary", "isotropic-tiny", "diagonal-scales", "mixed-three"};
  char name[64];
  (void)snprintf(name, sizeof name, "%s-%s", t->target->kind, t->target->name);
  for (size_t i = 0; i < sizeof standing / sizeof *standing; i++)
    if (strcmp(name, standing[i]) == 0) return true;
  return false;
}

/* Trailing zeros need not be said. */
static int format_choice(char out[64], const vectors_choice *choice) {
  int length = snprintf(out, 64, "{%u, {%u", choice->n, choice->lost[0]), last = VECTORS_FORMULA_COUNT - 1;
  while (last > 0 && !choice->lost[last]) last--;
  for (int formula = 1; formula <= last; formula++)
    length += snprintf(out + length, 64 - (size_t)length, ",%u", choice->lost[formula]);
  return length + snprintf(out + length, 64 - (size_t)length, "}}");
}

/* Inputs exact in binary32 and others take turns. */
static void print_group(FILE *out, const task *t, unsigned candidates, unsigned turn, assay_context *context) {
  vectors_family families[VECTORS_MOST_CHOICES];
  size_t count = families_of(families, t);
  int column =
      fprintf(out, "    {\"%s-%s\", \"%s\", %zu, {", t->target->kind, t->target->name, t->schedule->name, count);
  for (size_t slot = 0; slot < count; slot++) {
    vectors_choice best = {0}, choice;
    vectors_formula focus = focus_of(t, turn + (unsigned)slot);
    bool found = false;
    for (unsigned i = 0; i < candidates; i++) {
      unsigned n = (2 * i + (turn + (unsigned)slot) % 2) * VECTORS_FAMILIES + (unsigned)families[slot];
      if (!judge(&choice, t, n, context) || (found && harm(&choice, focus) <= harm(&best, focus))) continue;
      best = choice;
      found = true;
    }
    if (!found) {
      (void)fprintf(stderr, "search: no candidate will do\n");
      exit(1);
    }
    char text[64];
    int length = format_choice(text, &best);
    bool breaks = slot && column + length > 114;
    column = (breaks ? 5 : column) + length + 2;
    (void)fprintf(out, "%s%s", !slot ? "" : breaks ? ",\n     " : ", ", text);
  }
  (void)fputs("}},\n", out);
}

static void print_groups(FILE *out, assay_quantity quantity, unsigned candidates, unsigned *turn,
                         assay_context *context) {
  for (size_t i = 0; i < vectors_target_count; i++) {
    task t = {.target = &vectors_targets[i], .quantity = quantity};
    must(vectors_target_mixture(&t.mixture, t.target, context), context);
    for (size_t j = 0; j < vectors_schedule_count; j++) {
      t.schedule = &vectors_schedules[j];
      if (wanted(&t)) print_group(out, &t, candidates, (*turn)++, context);
    }
    assay_mixture_clear(&t.mixture);
    (void)fprintf(stderr, "%s %s-%s\n", assay_quantity_name(t.quantity), t.target->kind, t.target->name);
  }
}

/* "log_density": a quantity's name in C. */
static void name_of(char out[32], assay_quantity quantity) {
  (void)snprintf(out, 32, "%s", assay_quantity_name(quantity));
  for (char *at = out; (at = strchr(at, '-'));) *at = '_';
}

static FILE *open_table(const char *folder, const char *name) {
  char path[4096];
  (void)snprintf(path, sizeof path, "%s/%s.c", folder, name);
  FILE *out = fopen(path, "w");
  if (out) return out;
  perror(path);
  exit(1);
}

int main(int argc, char **argv) {
  if (argc < 2) {
    (void)fprintf(stderr, "usage: assay_vectors_search FOLDER [CANDIDATES]\n");
    return 2;
  }
  unsigned candidates = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 60, turn = 0;
  assay_context context;
  assay_context_init(&context);
  for (int quantity = ASSAY_VELOCITY; quantity <= ASSAY_DIVERGENCE; quantity++) {
    char name[32];
    name_of(name, (assay_quantity)quantity);
    FILE *out = open_table(argv[1], name);
    (void)fprintf(out, "/* Written by assay_vectors_search with %u candidates. */\n", candidates);
    (void)fputs("#include \"theory/vectors/choice.h\"\n\n/* clang-format off */\n", out);
    (void)fputs("static const vectors_group groups[] = {\n", out);
    print_groups(out, (assay_quantity)quantity, candidates, &turn, &context);
    (void)fprintf(out, "};\nconst vectors_table vectors_choice_%s = {groups, sizeof groups / sizeof *groups};\n", name);
    if (fclose(out)) perror(name);
  }
  return 0;
}
