/* Families of hard problems for the search. */
#include "problem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *accuracy_family_name(accuracy_family family) {
#define ACCURACY_NAME(code, name) name,
  static const char *const names[] = {ACCURACY_FAMILIES(ACCURACY_NAME)};
#undef ACCURACY_NAME
  return names[family];
}

const char *accuracy_kind_name(int kind) {
  static const char *const names[KIND_COUNT] = {"isotropic", "diagonal", "full", "mixed"};
  return names[kind];
}

double accuracy_nudge(double x, double largest, test_random *random) {
  double size = test_log_uniform(random, 0x1p-52, largest);
  return x * (test_bits(random) % 2 ? 1.0 + size : 1.0 - size);
}

static void *zeroed(size_t count) {
  void *memory = calloc(count + 1, sizeof(double));
  if (!memory) {
    fprintf(stderr, "out of memory\n");
    exit(3);
  }
  return memory;
}

/* What a family's mixtures are made of. */
typedef struct {
  double variance, condition, mean, offset;
} shape;

static shape shape_of(accuracy_family family, test_random *random) {
  shape s = {test_log_uniform(random, 0.1, 3.0), 10.0, 1.0, 0.0};
  if (family == FAMILY_TINY) s.variance = test_log_uniform(random, 1e-12, 1e-6);
  if (family == FAMILY_CONTESTED) {
    s.variance = test_log_uniform(random, 1e-12, 1.0);
    s.condition = 1.5;
    s.mean = test_bits(random) % 2 ? 1.0 : 3.0 * sqrt(s.variance);
    s.offset = test_bits(random) % 2 ? 10.0 * s.mean : 0.0;
  }
  if (family == FAMILY_LARGE) s.mean = test_log_uniform(random, 1e3, 1e6);
  if (family == FAMILY_STIFF) s.condition = test_log_uniform(random, 1e6, 1e12);
  return s;
}

static void fill_covariance(assay_covariance *c, size_t d, int kind, shape s, accuracy_family family,
                            test_random *random) {
  double scale = s.variance * test_uniform(random, 0.5, 2.0);
  c->kind = (assay_covariance_kind)kind;
  if (c->kind == ASSAY_COVARIANCE_ISOTROPIC) {
    if (family == FAMILY_STIFF) scale *= test_log_uniform(random, 1.0 / s.condition, 1.0);
    c->variance = assay_real_of(scale);
    if (family == FAMILY_ENDS && test_bits(random) % 2) {
      assay_context context;
      assay_context_init(&context);
      if (assay_real_copy(&c->variance, (assay_real){1.0 / 3.0, "1/3"}, &context)) exit(3);
    }
    return;
  }
  c->entries = zeroed(c->kind == ASSAY_COVARIANCE_FULL ? d * d : d);
  if (c->kind == ASSAY_COVARIANCE_FULL)
    test_covariance(c->entries, d, scale, s.condition, random);
  else
    for (size_t j = 0; j < d; j++) c->entries[j] = scale * test_log_uniform(random, 1.0 / s.condition, 1.0);
}

static size_t count_of(accuracy_family family, size_t d, test_random *random) {
  static const size_t counts[] = {1, 2, 5};
  if (family == FAMILY_CONTESTED) return 2;
  if (family == FAMILY_MANY) return d < 8 ? 32 : 8;
  return d > 8 ? 2 : counts[test_integer(random, 0, 2)];
}

static assay_real time_of(accuracy_family family, test_random *random) {
  static const assay_real ends[] = {{0.0, NULL},
                                    {1.0, NULL},
                                    {0x1p-20, NULL},
                                    {1.0 - 0x1p-20, NULL},
                                    {0x1p-52, NULL},
                                    {1.0 - 0x1p-53, NULL},
                                    {1e-300, NULL},
                                    {0.1, "1/10"},
                                    {0.7, "0.7"},
                                    {0.999, "0.999"},
                                    /* 1 - t of the exact number is half of what its double gives */
                                    {1.0 - 0x1p-53, "0.99999999999999994"}};
  if (family == FAMILY_ENDS) {
    size_t which = test_integer(random, 0, sizeof ends / sizeof *ends);
    if (which < sizeof ends / sizeof *ends) return ends[which];
    double distance = test_log_uniform(random, 0x1p-53, 0x1p-4);
    return assay_real_of(test_bits(random) % 2 ? distance : 1.0 - distance);
  }
  if ((family == FAMILY_TINY || family == FAMILY_STIFF) && test_bits(random) % 2)
    return assay_real_of(1.0 - test_log_uniform(random, 1e-9, 0.5));
  return assay_real_of(test_uniform(random, 0.02, 0.98));
}

/* alpha and beta roughly, for drawing points. */
static void coefficients_of(double *alpha, double *beta, const assay_path_point *point) {
  double t = point->time.nearest, angle = 2.0 * atan(1.0) * t;
  *alpha = point->schedule.kind == ASSAY_LINEAR ? 1.0 - t : cos(angle);
  *beta = point->schedule.kind == ASSAY_LINEAR ? t : sin(angle);
  if (point->schedule.kind == ASSAY_COEFFICIENTS) {
    *alpha = point->alpha.nearest;
    *beta = point->beta.nearest;
  }
}

static double variance_at(const assay_covariance *s, size_t d, size_t j) {
  if (!s->entries) return s->variance.nearest;
  return s->entries[s->kind == ASSAY_COVARIANCE_FULL ? j * d + j : j];
}

/* The second component's covariance becomes the first's (where their kinds agree), so that log-weights tie half way
 * between the means; these move some 3 or 1000 deviations apart. */
static void contest(accuracy_problem *p, test_random *random) {
  assay_component *one = p->mixture.components, *two = one + 1;
  size_t d = p->mixture.dimension;
  if (one->covariance.kind == two->covariance.kind) {
    two->covariance.variance = one->covariance.variance;
    if (one->covariance.entries)
      memcpy(two->covariance.entries, one->covariance.entries,
             (one->covariance.kind == ASSAY_COVARIANCE_FULL ? d * d : d) * sizeof(double));
  }
  double alpha, beta;
  coefficients_of(&alpha, &beta, &p->point);
  double v = alpha * alpha + beta * beta * variance_at(&one->covariance, d, 0);
  double apart = (test_bits(random) % 2 ? 1e3 : 3.0) * sqrt(v) / beta;
  for (size_t j = 0; j < d; j++) {
    one->mean[j] += apart * test_normal(random);
    two->mean[j] += apart * test_normal(random);
  }
}

void accuracy_problem_make(accuracy_problem *out, accuracy_family family, int kind, assay_schedule_kind schedule,
                           size_t d, test_random *random) {
  assay_context context;
  assay_context_init(&context);
  shape s = shape_of(family, random);
  if (assay_mixture_init(&out->mixture, d, count_of(family, d, random), &context)) exit(3);
  for (size_t k = 0; k < out->mixture.count; k++) {
    assay_component *c = &out->mixture.components[k];
    int own = kind < KIND_MIXED ? kind : (int)(k == 0 ? test_integer(random, 1, 2) : test_integer(random, 0, 2));
    c->weight = assay_real_of(test_log_uniform(random, 0.05, 1.0));
    fill_covariance(&c->covariance, d, own, s, family, random);
    for (size_t j = 0; j < d; j++) c->mean[j] = s.offset + s.mean * test_normal(random);
  }
  assay_real time = time_of(family, random);
  out->point = assay_path_point_at(assay_schedule_of(schedule), time);
  if (schedule == ASSAY_COEFFICIENTS) {
    double alpha = test_uniform(random, 0.5, 2.0) * (1.0 - time.nearest);
    double beta = test_uniform(random, 0.5, 2.0) * time.nearest;
    out->point = assay_path_point_of(assay_real_of(alpha), assay_real_of(beta));
  }
  if (family == FAMILY_CONTESTED) contest(out, random);
}

void accuracy_problem_clear(accuracy_problem *problem) { assay_mixture_clear(&problem->mixture); }

/* Half way between two components, moved so that their log-weights change by about 1. */
static void contested_point(double *x, const accuracy_problem *p, double alpha, double beta, test_random *random) {
  const assay_component *one = p->mixture.components, *two = one + 1;
  size_t d = p->mixture.dimension;
  for (size_t j = 0; j < d; j++) {
    double gap = beta * fabs(one->mean[j] - two->mean[j]);
    double v = alpha * alpha + beta * beta * variance_at(&one->covariance, d, j);
    x[j] = beta * 0.5 * (one->mean[j] + two->mean[j]) + v / (gap + sqrt(v)) * test_normal(random);
  }
}

void accuracy_problem_points(double *x, size_t points, const accuracy_problem *problem, accuracy_family family,
                             test_random *random) {
  size_t d = problem->mixture.dimension;
  double alpha, beta;
  coefficients_of(&alpha, &beta, &problem->point);
  for (size_t i = 0; i < points; i++) {
    const assay_component *c = &problem->mixture.components[test_integer(random, 0, problem->mixture.count - 1)];
    double spread = family == FAMILY_LARGE && i % 2 ? 30.0 : 1.0;
    for (size_t j = 0; j < d; j++) {
      double deviation = sqrt(variance_at(&c->covariance, d, j)), noise = test_normal(random);
      x[i * d + j] = spread * (alpha * noise + beta * (c->mean[j] + deviation * test_normal(random)));
    }
    if (family == FAMILY_CONTESTED) contested_point(x + i * d, problem, alpha, beta, random);
  }
}

/* ---- moves ---- */

enum { MOVE_PATH, MOVE_MEAN, MOVE_VARIANCE, MOVES };

static void move_real(accuracy_move *move, assay_real *real, double most, test_random *random) {
  move->real = real;
  move->old = *real;
  *real = assay_real_of(fmin(accuracy_nudge(real->nearest, 0x1p-8, random), most));
}

/* `grow`: only upwards. */
static void move_entry(accuracy_move *move, double *entry, bool grow, test_random *random) {
  move->entry = entry;
  move->old = assay_real_of(*entry);
  double moved = accuracy_nudge(*entry, 0x1p-8, random);
  *entry = grow ? fmax(moved, *entry) : moved;
}

accuracy_move accuracy_problem_move(accuracy_problem *problem, test_random *random) {
  assay_component *c = &problem->mixture.components[test_integer(random, 0, problem->mixture.count - 1)];
  assay_path_point *point = &problem->point;
  accuracy_move move = {NULL, NULL, {0.0, NULL}};
  size_t which = test_integer(random, 0, MOVES - 1), j = test_integer(random, 0, problem->mixture.dimension - 1);
  bool full = c->covariance.kind == ASSAY_COVARIANCE_FULL;
  if (which == MOVE_PATH && point->schedule.kind != ASSAY_COEFFICIENTS) move_real(&move, &point->time, 1.0, random);
  if (which == MOVE_PATH && point->schedule.kind == ASSAY_COEFFICIENTS)
    move_real(&move, test_bits(random) % 2 ? &point->alpha : &point->beta, INFINITY, random);
  if (which == MOVE_MEAN) move_entry(&move, &c->mean[j], false, random);
  /* a full matrix whose diagonal grows stays positive definite */
  if (which == MOVE_VARIANCE && c->covariance.entries)
    move_entry(&move, &c->covariance.entries[full ? j * problem->mixture.dimension + j : j], full, random);
  /* an exact string is the mixture's own: it stays */
  if (which == MOVE_VARIANCE && !c->covariance.entries && !c->covariance.variance.exact)
    move_real(&move, &c->covariance.variance, INFINITY, random);
  return move;
}

void accuracy_problem_undo(accuracy_move move) {
  if (move.real) *move.real = move.old;
  if (move.entry) *move.entry = move.old.nearest;
}
