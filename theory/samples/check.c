/* Whether samples come from p_t: one pass over them, then the tests. */
#include "theory/samples/distance.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *assay_samples_kind_name(assay_samples_kind kind) {
  switch (kind) {
#define CASE(code, name)                                                                                               \
  case code:                                                                                                           \
    return name;
    ASSAY_SAMPLES_KINDS(CASE)
#undef CASE
  }
  return "unknown";
}

assay_samples_options assay_samples_options_default(void) {
  return (assay_samples_options){.delta = 1e-6, .rounding = 0x1p-53, .seed = 1, .sliced = 1 << 15};
}

void assay_samples_report_clear(assay_samples_report *report) {
  free(report->tests);
  free(report->projection.place);
  *report = (assay_samples_report){0};
}

/* What the steps share. */
typedef struct {
  const assay_mixture *mixture;
  const assay_path_point *point;
  const assay_samples_options *options;
  direction_set along;
  marginal_component *marginals;
  tally seen;
  comparisons tests;
} check_job;

static assay_status check_arguments(const assay_stream *samples, const assay_mixture *mixture,
                                    const assay_path_point *point, const assay_samples_options *options,
                                    assay_context *context) {
  assay_status status = assay_mixture_check(mixture, context);
  if (!status) status = assay_path_point_check(point, ASSAY_LOG_DENSITY, context);
  if (status) return status;
  if (samples->columns != mixture->dimension)
    return assay_fail(context, ASSAY_INVALID, "samples: %zu columns, but the mixture's dimension is %zu",
                      samples->columns, mixture->dimension);
  const size_t most = (size_t)1 << 38; /* tails.h */
  if (samples->rows == 0 || samples->rows > most / samples->columns)
    return assay_fail(context, ASSAY_INVALID, "samples: %zu rows of %zu; 1 to 2^38 entries are expected", samples->rows,
                      samples->columns);
  if (!(options->delta > 0.0 && options->delta < 1.0))
    return assay_fail(context, ASSAY_INVALID, "delta: %g is outside (0, 1)", options->delta);
  if (!(options->rounding >= 0.0 && options->rounding < 1.0))
    return assay_fail(context, ASSAY_INVALID, "rounding: %g is outside [0, 1)", options->rounding);
  return ASSAY_OK;
}

static assay_status prepare(check_job *job, const assay_stream *samples, assay_context *context) {
  size_t k = job->mixture->count;
  assay_status status = directions_init(&job->along, job->mixture, job->point, job->options->seed, context);
  if (status) return status;
  status =
      assay_allocate((void **)&job->marginals, job->along.count, k * sizeof *job->marginals, "projections", context);
  for (size_t u = 0; !status && u < job->along.count; u++)
    marginal_along(job->marginals + u * k, job->mixture, job->point, job->along.vectors + u * job->mixture->dimension);
  if (!status)
    status =
        tally_init(&job->seen, samples, job->mixture, job->point, &job->along, job->marginals, job->options, context);
  return status;
}

static assay_status run_tests(check_job *job, assay_samples_report *out, assay_context *context) {
  comparisons *c = &job->tests;
  out->comparisons = comparisons_count(job->seen.dimension, job->seen.components, job->along.count);
  out->share = job->options->delta / (double)out->comparisons * (1.0 - 0x1p-50);
  assay_status status =
      assay_allocate((void **)&out->tests, out->comparisons, sizeof *out->tests, "comparisons", context);
  if (status) return status;
  *c = (comparisons){.seen = &job->seen,
                     .along = &job->along,
                     .marginals = job->marginals,
                     .rounding = job->options->rounding,
                     .share = out->share,
                     .tests = out->tests};
  comparisons_labels(c);
  comparisons_radii(c);
  comparisons_means(c);
  status = comparisons_covariance(c, context);
  comparisons_projections(c);
  if (!status && c->count != out->comparisons)
    return assay_fail(context, ASSAY_INTERNAL, "samples: %zu comparisons were declared, %zu made", out->comparisons,
                      c->count);
  return status;
}

/* Half of what a test measures: beyond that it says nothing. */
static bool is_blunt(const assay_samples_test *test, const tally *seen) {
  const double most = 0.5;
  switch (test->kind) {
  case ASSAY_SAMPLES_MEAN:
  case ASSAY_SAMPLES_MEAN_COORDINATE:
    return !(seen->first < most * (double)seen->samples);
  case ASSAY_SAMPLES_LARGEST_RADIUS:
    return false;
  default:
    return !(test->allowance < most);
  }
}

static void summarise(check_job *job, assay_samples_report *out) {
  double square_norm = marginal_square_norm(job->mixture, job->point);
  out->total_variation_by = out->comparisons;
  for (size_t i = 0; i < out->comparisons; i++) {
    const assay_samples_test *test = &out->tests[i];
    out->failed += test->fails;
    if (test->p < out->tests[out->worst].p) out->worst = i;
    bool projection = test->kind == ASSAY_SAMPLES_PROJECTION, whole = strchr(test->name, '[') == NULL;
    if ((projection || whole) && is_blunt(test, &job->seen)) out->undecided = true;
    double apart = distance_total_variation(&job->tests, i, square_norm);
    if (apart > out->total_variation) {
      out->total_variation = apart;
      out->total_variation_by = i;
    }
  }
  out->undecided = out->undecided && out->failed == 0;
  out->uncertain = job->seen.uncertain;
}

/* A few hundred places of the worst projection. */
static assay_status keep_projection(check_job *job, assay_samples_report *out, assay_context *context) {
  enum { PLACES = 400 };
  size_t first = out->comparisons - job->along.count, worst = first;
  for (size_t i = first; i < out->comparisons; i++)
    if (out->tests[i].p < out->tests[worst].p ||
        (out->tests[i].p == out->tests[worst].p && out->tests[i].statistic > out->tests[worst].statistic))
      worst = i;
  const law *exact = &job->seen.projections[worst - first];
  const uint64_t *counts = job->seen.projection_tally[worst - first];
  size_t places = exact->count < PLACES ? exact->count : PLACES, next = 0;
  assay_samples_projection *kept = &out->projection;
  assay_status status = assay_allocate((void **)&kept->place, places, 3 * sizeof(double), "projection", context);
  if (status) return status;
  kept->exact = kept->place + places;
  kept->empirical = kept->exact + places;
  memcpy(kept->name, out->tests[worst].name, sizeof kept->name);
  kept->band = out->tests[worst].high + out->tests[worst].allowance;
  uint64_t below = 0;
  for (size_t i = 0; i < exact->count && next < places; i++) {
    below += counts[i];
    if (i != next * (exact->count - 1) / (places > 1 ? places - 1 : 1)) continue;
    kept->place[next] = exact->edge[i];
    kept->exact[next] = exact->cdf[i];
    kept->empirical[next++] = (double)below / (double)job->seen.samples;
  }
  kept->count = next;
  return ASSAY_OK;
}

static assay_status examine(check_job *job, assay_samples_report *out, const assay_stream *samples,
                            assay_context *context) {
  distance_sliced sliced = {0};
  assay_status status = prepare(job, samples, context);
  if (!status) status = run_tests(job, out, context);
  if (!status) status = distance_sliced_w2(&sliced, &job->tests, job->options->seed, context);
  if (status) return status;
  out->samples = job->seen.samples;
  out->dimension = job->seen.dimension;
  out->components = job->seen.components;
  out->delta = job->options->delta;
  out->sliced_w2 = sliced.estimate;
  out->sliced_w2_error = sliced.error;
  out->sliced_w2_exact = sliced.exact;
  out->sliced_samples = job->seen.sliced_samples;
  summarise(job, out);
  return keep_projection(job, out, context);
}

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

assay_status assay_check_samples(assay_samples_report *out, const assay_stream *samples, const assay_mixture *mixture,
                                 const assay_path_point *point, const assay_samples_options *options,
                                 assay_context *context) {
  assay_status status = check_arguments(samples, mixture, point, options, context);
  if (status) return status;
  const double start = seconds_now();
  check_job job = {.mixture = mixture, .point = point, .options = options};
  assay_samples_report made = {0};
  status = examine(&job, &made, samples, context);
  tally_clear(&job.seen);
  free(job.marginals);
  directions_clear(&job.along);
  made.seconds = seconds_now() - start;
  if (status)
    assay_samples_report_clear(&made);
  else
    *out = made;
  return status;
}
