/* Drawn constants of isotropic components, and shared formulas. */
#include "point_problem.h"

#include <math.h>

void check_bound(const char *what, double got, long double formula, size_t number) {
  test_check(fabsl(got - formula) <= 0x1p-44L * formula + 0x1p-1070L, "case %zu, %s: %a, the formula gives %La", number,
             what, got, formula);
}

void check_value(const char *what, double got, long double value, long double size, size_t number) {
  test_check(fabsl(got - value) <= 0x1p-48L * size + 0x1p-1060L, "case %zu, %s: %a, the formula gives %La", number,
             what, got, value);
}

/* From `least` to 1, or 0. */
static double any(double least, test_random *random) {
  return test_integer(random, 0, 3) ? test_log_uniform(random, least, 1) : 0.0;
}

typedef struct {
  double error, size; /* of radii; of everything else but shares */
  double row, lean;   /* of centred means and the product row; of lean */
  test_random *random;
} scales;

/* Now and then nothing but the floors is left: all sizes 0, with large rows or without; or so small that squares
 * underflow, beside a large lean. */
static scales draw_scales(test_random *random) {
  scales s = {exp2(test_uniform(random, -56, -4)), 1, 1, 1, random};
  size_t kind = test_integer(random, 0, 15);
  if (test_integer(random, 0, 7) == 0) s.error = 0;
  if (kind <= 1) s.size = s.row = 0;
  if (kind == 1) s.row = 0x1p100;
  if (kind == 2) s.size = s.row = 0x1p-600, s.lean = 0x1p600;
  return s;
}

static double size_of(scales s) { return s.size * any(0x1p-8, s.random); }
static double error_of(scales s) { return s.error * s.size * any(0x1p-8, s.random); }
static double relative_of(scales s) { return fmin(s.error, 0x1p-22) * any(0x1p-8, s.random); }
static ball ball_of(scales s) {
  double sign = test_bits(s.random) % 2 ? 1 : -1;
  return ball_make(sign * size_of(s), error_of(s));
}
static ball ball_sized(scales s, double size) {
  s.size = size;
  return ball_of(s);
}

static void fill(double *row, double size, scales s) {
  for (size_t j = 0; j < DIMENSION; j++) row[j] = size * test_normal(s.random);
}

static void set_component(problem *p, size_t k, scales s) {
  field_component *c = &p->components[k];
  p->sources[k].mean = p->mean[k];
  fill(p->mean[k], s.size, s);
  fill(p->centred[k], s.row, s);
  *c = (field_component){.base = test_normal(s.random),
                         .slope = test_normal(s.random),
                         .bend = size_of(s),
                         .error0 = error_of(s),
                         .error1 = error_of(s),
                         .error2 = error_of(s),
                         .direct_base = test_normal(s.random),
                         .direct_error = error_of(s),
                         .half_precision = ball_make(size_of(s), error_of(s)),
                         .variance = ball_make(size_of(s), error_of(s)),
                         .weight = any(0x1p-8, s.random),
                         .slope_out = ball_of(s),
                         .lean = ball_sized(s, s.lean),
                         .tilt = ball_of(s),
                         .centred_norm = size_of(s),
                         .centred_size = size_of(s),
                         .mean_norm = size_of(s),
                         .mean_size = size_of(s)};
}

void problem_draw(problem *p, assay_quantity quantity, test_random *random) {
  scales s = draw_scales(random);
  *p = (problem){.mixture = {DIMENSION, COMPONENTS, NULL}};
  for (size_t k = 0; k < COMPONENTS; k++) set_component(p, k, s);
  p->weights[COMPONENTS] = NAN;
  p->components[COMPONENTS].mean_size = size_of(s); /* the centre */
  fill(p->centre, s.size, s);
  fill(p->x, s.size, s);
  fill(p->product, s.row, s);
  ball keep = ball_of(s);
  if (test_bits(random) % 2) keep = ball_make((double)test_integer(random, 0, 1), keep.error);
  p->plan = (field_plan){.quantity = quantity,
                         .dimension = DIMENSION,
                         .count = COMPONENTS,
                         .scalar = quantity == ASSAY_DIVERGENCE || quantity == ASSAY_LOG_DENSITY,
                         .equal = test_integer(random, 0, 3) == 0,
                         .rows = field_rows_for(ASSAY_ISA_SSE2),
                         .at = {.beta = ball_of(s)},
                         .keep = keep,
                         .gain = ball_of(s),
                         .spread = ball_sized(s, 1),
                         .beta_error = error_of(s),
                         .weight_error = relative_of(s),
                         .gamma_d = relative_of(s),
                         .gamma_k = relative_of(s),
                         .tiny_sum = error_of(s)};
  for (size_t k = 0; k < COMPONENTS; k++) {
    p->products[k] = s.size * test_normal(random);
    p->base[k] = ball_of(s);
  }
  p->square = size_of(s);
  p->grouped = test_bits(random) % 2;
}

/* The point among others that are 0, wherever it stands. */
static void weigh_group(problem *p) {
  double products[COMPONENTS * FIELD_GROUP] = {0}, weights[COMPONENTS * FIELD_GROUP], squares[FIELD_GROUP] = {0};
  double values[COMPONENTS * FIELD_GROUP], doubts[COMPONENTS * FIELD_GROUP];
  field_point records[FIELD_GROUP];
  size_t lane = (size_t)(fabs(p->products[0]) * 0x1p20) % FIELD_GROUP;
  squares[lane] = p->square;
  for (size_t k = 0; k < COMPONENTS; k++) products[k * FIELD_GROUP + lane] = p->products[k];
  p->plan.rows->weigh(records, weights, &p->plan, products, squares, values, doubts);
  p->grouped = records[lane].stretch != 0;
  if (!p->grouped) return;
  p->point = records[lane];
  for (size_t k = 0; k < COMPONENTS; k++) p->weights[k] = weights[k * FIELD_GROUP + lane];
}

void problem_weigh(problem *p) {
  p->mixture.components = p->sources;
  p->plan.mixture = &p->mixture;
  p->plan.components = p->components;
  p->plan.centre = p->centre;
  p->plan.means = p->centred[0];
  p->plan.log_density_base = p->base;
  p->posterior =
      (field_posterior){.share = p->share, .doubt = p->doubt, .weights = p->log_weights, .errors = p->errors};
  field_point_weigh(&p->point, p->weights, &p->plan, &p->posterior, p->x, p->products, p->square);
  if (p->grouped && !p->plan.scalar) weigh_group(p);
}

long double upper(ball b) { return fabsl(b.value) + b.error; }

const double *mean_of(const problem *p, size_t anchor) { return anchor == COMPONENTS ? p->centre : p->mean[anchor]; }

long double distance(const problem *p, size_t anchor) {
  long double sum = 0;
  for (size_t j = 0; j < DIMENSION; j++) {
    long double y = p->x[j] - (long double)p->plan.at.beta.value * mean_of(p, anchor)[j];
    sum += y * y;
  }
  return sum;
}

/* q of S5 */
long double square_error(const problem *p, size_t k) {
  long double f = (long double)p->plan.beta_error * p->components[k].mean_norm + 0x1p-500L, square = distance(p, k);
  return INFLATE * (p->plan.gamma_d * square + 2.1L * f * sqrtl(square) + 1.1L * f * f);
}

difference gap_of(const problem *p, size_t k) {
  ball own = p->components[p->point.leader].variance, other = p->components[k].variance;
  long double gap = (long double)own.value - other.value;
  if (p->plan.equal) return (difference){0};
  return (difference){gap, fabsl(gap), own.error + other.error + U * fabsl(gap)};
}

long double sum_relative(const problem *p) { return (long double)p->plan.gamma_k + p->plan.weight_error; }

slope slope_of(const problem *p) {
  const field_point *point = &p->point;
  ball own = p->components[point->leader].slope_out, tilt = p->components[point->leader].tilt;
  if (p->plan.equal) return (slope){own.value, own.error};
  long double size = fabsl(tilt.value);
  return (slope){own.value - (long double)tilt.value * point->gap,
                 own.error + size * point->gap_error + tilt.error * ((long double)point->gaps + point->gap_error) +
                     U * (fabsl(own.value) + 2 * size * point->gaps) + FLOOR};
}

/* S8: what the doubts make of C */
long double slope_sensitivity(const problem *p) {
  if (p->plan.equal) return 0;
  const field_point *point = &p->point;
  return upper(p->components[point->leader].tilt) * (point->doubtful_gaps + (long double)point->doubt * point->gaps);
}
