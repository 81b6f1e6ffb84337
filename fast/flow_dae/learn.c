/* Training by any solver: in coordinates of the span of the training set, or, by Adam, in all d dimensions. */
#include "fast/flow_dae/adam.h"
#include "fast/flow_dae/combination.h"
#include "fast/flow_dae/label_solution.h"
#include "fast/flow_dae/products.h"
#include "fast/flow_dae/report.h"
#include "fast/flow_dae/subspace.h"
#include "fast/flow_dae/training_set.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The stream of random starts: row t is that of the t-th time. */
enum { STREAM_WEIGHTS = 4 };

/* Training at times that share their noise. Coordinates are those of the span of mu and the training set, and a last
 * one for what w has outside of it. */
typedef struct {
  const assay_dae_settings *settings;
  const assay_dae_learner *learner;
  assay_normals noise_normals, start_normals;
  assay_dae_data data; /* with the noise of these times */
  dae_training_set set;
  assay_stream vectors;
  dae_subspace span;
  dae_problem problem;
  dae_truth truth;
  size_t held;
  double *vectors_at;   /* vectors x m: their coordinates; then x_t, n x m */
  double *products;     /* vectors */
  double *work;         /* 2 m */
  signed char *pattern; /* n */
  double *w;            /* m: the last solution */
  double *wide;         /* d: Adam's, or the random start in w */
  double c;
  bool started;
} training;

static bool needs_wide(const assay_dae_learner *learner) {
  return learner->solver == ASSAY_SOLVER_ADAM ||
         (learner->solver == ASSAY_SOLVER_STATIONARY && learner->start == ASSAY_START_RANDOM);
}

static assay_status find_span(training *t, assay_context *context) {
  size_t rows = t->vectors.rows;
  void *gram = NULL;
  assay_status status = assay_allocate(&gram, rows, rows * sizeof(double), "Gram matrix", context);
  if (!status) status = dae_products(gram, NULL, &t->vectors, &t->vectors, t->held, context);
  if (!status) status = dae_subspace_init(&t->span, gram, rows, context);
  free(gram);
  return status;
}

static assay_status make_room(training *t, assay_context *context) {
  size_t n = t->data.samples, rows = t->vectors.rows, m = t->span.rank + 1;
  void *memory = NULL, *pattern = NULL;
  assay_status status = assay_allocate(&memory, (rows + n + 3) * m + rows, sizeof(double), "coordinates", context);
  if (!status) status = assay_allocate(&pattern, n, sizeof(signed char), "pattern", context);
  t->vectors_at = memory;
  t->pattern = pattern;
  if (status) return status;
  t->held += ((rows + n + 3) * m + rows + rows * t->span.rank) * sizeof(double);
  t->problem = (dae_problem){.samples = n,
                             .rank = m,
                             .x0 = t->vectors_at + m,
                             .x1 = t->vectors_at + (1 + n) * m,
                             .xt = t->vectors_at + rows * m,
                             .scale = sqrt((double)t->data.dimension),
                             .lambda = t->settings->lambda.nearest,
                             .skip = t->settings->skip,
                             .activation = t->learner->activation};
  t->w = t->problem.xt + n * m;
  t->work = t->w + m;
  t->products = t->work + 2 * m;
  t->truth = (dae_truth){.mu = t->vectors_at, .labels = t->data.labels, .sigma = t->data.sigma};
  for (size_t b = 0; b < rows; b++)
    memcpy(t->vectors_at + b * m, t->span.coordinates + b * (m - 1), (m - 1) * sizeof(double));
  return ASSAY_OK;
}

/* w from `wide`. */
static assay_status place_wide(training *t, assay_context *context) {
  assay_stream row = assay_stream_of(t->wide, 1, t->data.dimension);
  size_t rank = t->span.rank;
  double square;
  assay_status status = dae_products(t->products, &square, &row, &t->vectors, t->held, context);
  if (status) return status;
  dae_subspace_place(t->w, &t->span, t->products);
  t->w[rank] = sqrt(fmax(square - dae_inner(t->w, t->w, rank), 0));
  return ASSAY_OK;
}

static assay_status read_start(double *out, const training *t, size_t draw, assay_context *context) {
  size_t d = t->data.dimension;
  assay_stream starts = assay_fast_normals(&t->start_normals, draw + 1, d);
  return starts.read(&starts, draw, 1, 0, d, out, d, context);
}

static void start_at_labels(training *t) {
  memcpy(t->pattern, t->data.labels, t->data.samples);
  dae_pattern_fit(&t->c, t->w, &t->problem, t->pattern, t->work);
}

static assay_dae_start start_of(const training *t) {
  if (t->learner->solver == ASSAY_SOLVER_LABELS) return ASSAY_START_LABELS;
  return t->learner->start == ASSAY_START_PREVIOUS && !t->started ? ASSAY_START_LABELS : t->learner->start;
}

static assay_status start_in_span(training *t, size_t draw, assay_context *context) {
  assay_dae_start start = start_of(t);
  assay_status status = ASSAY_OK;
  memcpy(t->pattern, t->data.labels, t->data.samples);
  if (start == ASSAY_START_LABELS) start_at_labels(t);
  if (start == ASSAY_START_RANDOM) {
    status = read_start(t->wide, t, draw, context);
    if (!status) status = place_wide(t, context);
    if (!status) t->c = dae_best_skip(&t->problem, t->w);
  }
  if (!status && start != ASSAY_START_LABELS) dae_pattern_of(t->pattern, &t->problem, t->w);
  return status;
}

static assay_status solve_in_span(training *t, assay_dae_learned *fit, size_t draw, assay_context *context) {
  assay_status status = start_in_span(t, draw, context);
  if (status || t->learner->solver == ASSAY_SOLVER_LABELS) return status;
  if (t->learner->activation == ASSAY_SIGN)
    return dae_alternate(&t->c, t->w, t->pattern, &fit->stationary, &fit->iterations, &t->problem,
                         t->learner->iterations, context);
  return dae_newton(&t->c, t->w, &fit->stationary, &fit->iterations, &t->problem, t->learner->iterations, context);
}

/* sum_b of the vectors with the coordinates in w, but for the last coordinate. */
static assay_status widen(training *t, assay_context *context) {
  dae_subspace_combine(t->products, &t->span, t->w);
  return dae_combine(t->wide, 1, t->products, &t->vectors, t->held, context);
}

static assay_status solve_by_adam(training *t, assay_dae_learned *fit, size_t draw, assay_context *context) {
  assay_dae_start start = start_of(t);
  assay_status status = ASSAY_OK;
  if (start == ASSAY_START_LABELS) {
    start_at_labels(t);
    status = widen(t, context);
  } else if (start == ASSAY_START_RANDOM) {
    t->c = 1;
    status = read_start(t->wide, t, draw, context);
  }
  fit->iterations = t->learner->iterations;
  if (!status) status = dae_adam(&t->c, t->wide, fit->time, &t->data, t->settings, t->learner, t->held, context);
  return status ? status : place_wide(t, context);
}

static assay_status solve_at(training *t, assay_dae_learned *fit, double time, size_t draw, assay_context *context) {
  bool is_adam = t->learner->solver == ASSAY_SOLVER_ADAM, turned;
  *fit = (assay_dae_learned){.time = time};
  dae_problem_at(&t->problem, t->settings->schedule, time);
  assay_status status = is_adam ? solve_by_adam(t, fit, draw, context) : solve_in_span(t, fit, draw, context);
  if (!status) status = dae_report(fit, &turned, t->c, t->w, &t->problem, &t->truth, context);
  if (status) return status;
  if (!isfinite(fit->loss + fit->c))
    return assay_fail(context, ASSAY_PRECISION, "time %.17g: the fit is not finite: the noisy data have no spread",
                      time);
  if (t->learner->solver == ASSAY_SOLVER_LABELS && t->learner->activation == ASSAY_SIGN)
    fit->stationary = fit->wrong_labels == 0;
  for (size_t k = 0; is_adam && turned && k < t->data.dimension; k++) t->wide[k] = -t->wide[k];
  t->started = true;
  return ASSAY_OK;
}

/* A random start's part outside the span, which its solution keeps a multiple of: `outside` times the start less its
 * span part. */
typedef struct {
  double *span; /* times x vectors */
  double *outside;
} weight_numbers;

static void keep_numbers(weight_numbers *out, training *t, size_t index) {
  size_t rows = t->vectors.rows, rank = t->span.rank;
  double *numbers = out->span + index * rows;
  dae_subspace_combine(numbers, &t->span, t->w);
  out->outside[index] = 0;
  if (start_of(t) != ASSAY_START_RANDOM || t->w[rank] == 0) return;
  /* t->products still holds the start's products */
  double square = dae_inner(t->wide, t->wide, t->data.dimension) / (double)t->data.dimension;
  dae_subspace_place(t->work, &t->span, t->products);
  double rest = sqrt(fmax(square - dae_inner(t->work, t->work, rank), 0));
  out->outside[index] = rest > 0 ? t->w[rank] / rest : 0;
  dae_subspace_combine(t->products, &t->span, t->work);
  dae_add(numbers, -out->outside[index], t->products, rows);
}

static assay_status write_weights(double *weights, const weight_numbers *numbers, training *t, size_t times,
                                  size_t draw, assay_context *context) {
  size_t d = t->data.dimension;
  assay_status status = dae_combine(weights, times, numbers->span, &t->vectors, t->held, context);
  for (size_t k = 0; !status && k < times; k++) {
    if (numbers->outside[k] == 0) continue;
    status = read_start(t->wide, t, draw + k, context);
    if (!status) dae_add(weights + k * d, numbers->outside[k], t->wide, d);
  }
  return status;
}

static assay_status solve_all(training *t, assay_dae_learned *fits, double *weights, const double *time, size_t times,
                              size_t draw, assay_context *context) {
  bool is_adam = t->learner->solver == ASSAY_SOLVER_ADAM, keep = weights && !is_adam;
  size_t d = t->data.dimension, rows = t->vectors.rows;
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, times, (rows + 1) * sizeof(double), "weights", context);
  if (status) return status;
  weight_numbers numbers = {.span = memory, .outside = (double *)memory + times * rows};
  for (size_t k = 0; !status && k < times; k++) {
    status = solve_at(t, &fits[k], time[k], draw + k, context);
    if (!status && keep) keep_numbers(&numbers, t, k);
    if (!status && weights && is_adam) memcpy(weights + k * d, t->wide, d * sizeof *weights);
    if (!status) status = assay_progress(context, "training", (double)(k + 1) / (double)times);
  }
  if (!status && keep) status = write_weights(weights, &numbers, t, times, draw, context);
  free(memory);
  return status;
}

/* Times that share the noise of `draw`. */
static assay_status train_together(training *t, assay_dae_learned *fits, double *weights, const double *time,
                                   size_t times, const assay_dae_data *data, size_t draw, assay_context *context) {
  t->data = *data;
  t->data.noise = dae_noise_at(&t->noise_normals, data, t->settings, draw);
  t->set = (dae_training_set){&t->data, t->data.noise};
  t->vectors = dae_training_stream(&t->set);
  size_t held = t->held;
  assay_status status = find_span(t, context);
  if (!status) status = make_room(t, context);
  if (!status) status = solve_all(t, fits, weights, time, times, draw, context);
  t->held = held;
  dae_subspace_clear(&t->span);
  free(t->vectors_at), free(t->pattern);
  t->vectors_at = NULL, t->pattern = NULL;
  return status;
}

static assay_status check(const double *time, size_t times, const assay_dae_data *data,
                          const assay_dae_settings *settings, const assay_dae_learner *learner,
                          assay_context *context) {
  assay_status status = dae_check_data(data, settings, context);
  if (!status) status = assay_dae_learner_check(learner, context);
  if (!status) status = dae_check_times(time, times, context);
  if (status) return status;
  if (settings->noise == ASSAY_NOISE_FRESH && learner->solver == ASSAY_SOLVER_STATIONARY &&
      learner->start == ASSAY_START_PREVIOUS)
    return assay_fail(context, ASSAY_UNSUPPORTED, "start: previous, with fresh noise, is for Adam alone");
  return ASSAY_OK;
}

assay_status assay_fast_dae_learn(assay_dae_learned *fits, double *weights, const double *time, size_t times,
                                  const assay_dae_data *data, const assay_dae_settings *settings,
                                  const assay_dae_learner *learner, assay_context *context) {
  assay_status status = check(time, times, data, settings, learner, context);
  if (status) return status;
  size_t d = data->dimension;
  void *own = NULL, *rows = NULL, *wide = NULL;
  status = assay_allocate(&own, times, sizeof *fits, "fits", context);
  if (!status && weights) status = assay_allocate(&rows, times, d * sizeof(double), "weights", context);
  if (!status && needs_wide(learner)) status = assay_allocate(&wide, d, sizeof(double), "weights", context);
  training t = {.settings = settings, .learner = learner, .start_normals = {learner->seed, STREAM_WEIGHTS}};
  t.wide = wide;
  t.held = ((weights ? times : 0) + (wide ? 1 : 0)) * d * sizeof(double);
  size_t together = settings->noise == ASSAY_NOISE_FRESH ? 1 : times;
  for (size_t k = 0; !status && k < times; k += together)
    status = train_together(&t, (assay_dae_learned *)own + k, weights ? (double *)rows + k * d : NULL, time + k,
                            together, data, k, context);
  if (!status) memcpy(fits, own, times * sizeof *fits);
  if (!status && weights) memcpy(weights, rows, times * d * sizeof *weights);
  free(own), free(rows), free(wide);
  return status;
}
