/* Judges a velocity field of one's own against exact values, through the library: a mixture of Gaussians in the plane
 * on the linear schedule, x_t = (1 - t) x_0 + t x_1. With Assay installed: cc -std=c11 judge.c $(pkg-config --cflags
 * --libs assay) -lm -o judge
 *   ./judge careful|naive
 * Exit status: 0 when the field holds, 1 when an entry is beyond tolerance, 2 when it could not be judged. */
#include <assay/check.h>
#include <assay/reference.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIMENSION = 2, COMPONENTS = 3, POINTS = 4096 };
static const double weight[COMPONENTS] = {0.5, 0.25, 0.25}, variance[COMPONENTS] = {0.25, 0.5, 0.125};
static const double mean[COMPONENTS][DIMENSION] = {{1, 2}, {-2, 0}, {0.5, -1}};

/* ---- the code being judged ---- */

/* b = E[x_1 - x_0 | x_t = x]: component k, N(t m_k, v_k I) with v_k = (1-t)^2 + t^2 s_k, has probability p_k given x,
 * and in it E[x_1] = m_k + t s_k (x - t m_k)/v_k, E[x_0] = (1-t) (x - t m_k)/v_k. */
static void velocity(double *b, double t, const double *x, bool careful) {
  double exponent[COMPONENTS], v[COMPONENTS], largest = -INFINITY, sum = 0;
  for (int k = 0; k < COMPONENTS; k++) {
    double distance2 = 0;
    for (int j = 0; j < DIMENSION; j++) distance2 += (x[j] - t * mean[k][j]) * (x[j] - t * mean[k][j]);
    v[k] = (1 - t) * (1 - t) + t * t * variance[k];
    exponent[k] = log(weight[k]) - distance2 / (2 * v[k]) - DIMENSION * log(v[k]) / 2;
    largest = fmax(largest, exponent[k]);
  }
  b[0] = b[1] = 0;
  for (int k = 0; k < COMPONENTS; k++) {
    double p = exp(exponent[k] - largest);
    sum += p;
    for (int j = 0; j < DIMENSION; j++) {
      double g = (x[j] - t * mean[k][j]) / v[k], denoiser = mean[k][j] + t * variance[k] * g;
      b[j] += p * (careful ? denoiser - (1 - t) * g : denoiser);
    }
  }
  for (int j = 0; j < DIMENSION; j++) {
    b[j] /= sum;
    if (!careful) b[j] = (b[j] - x[j]) / (1 - t); /* the same in exact arithmetic; loses digits towards t = 1 */
  }
}

/* ---- judging it ---- */

static double times[POINTS], points[POINTS][DIMENSION], values[POINTS][DIMENSION];

/* Times that crowd towards 1, points in the square around the clusters. */
static void fill(bool careful) {
  unsigned long long state = 1;
  for (int i = 0; i < POINTS; i++) {
    double rest = (i + 0.5) / POINTS;
    times[i] = 1 - rest * rest;
    for (int j = 0; j < DIMENSION; j++) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      points[i][j] = (double)(state >> 40) / (1 << 21) - 4;
    }
    velocity(values[i], times[i], points[i], careful);
  }
}

static assay_status make_mixture(assay_mixture *out, assay_context *context) {
  assay_status status = assay_mixture_init(out, DIMENSION, COMPONENTS, context);
  for (int k = 0; !status && k < COMPONENTS; k++) {
    assay_component *component = &out->components[k];
    component->weight = assay_real_of(weight[k]);
    component->covariance.variance = assay_real_of(variance[k]);
    memcpy(component->mean, mean[k], sizeof mean[k]);
  }
  return status;
}

static assay_status print(const assay_check_report *report, assay_context *context) {
  printf("%zu of %zu entries beyond tolerance, %zu of them NaN or infinite: the field %s\n", report->beyond,
         report->entries, report->nonfinite, report->beyond ? "FAILS" : "holds");
  if (!report->worst_count) return ASSAY_OK; /* nothing was finite */
  printf("largest relative error %.3g, at t = %.17g\n", report->relative.maximum, times[report->relative.place.row]);
  const assay_check_entry *worst = &report->worst[0];
  const double *x = points[worst->place.row];
  char *expected = NULL;
  assay_status status = assay_enclosure_decimal(&expected, worst->expected, 20, context);
  if (status) return status;
  printf("worst entry: component %zu at t = %.17g, x = (%.17g, %.17g): got %.17g, expected %s, %.3g ULPs off\n",
         worst->place.column, times[worst->place.row], x[0], x[1], worst->got, expected, worst->ulp);
  free(expected);
  return ASSAY_OK;
}

int main(int argc, char **argv) {
  if (argc != 2 || (strcmp(argv[1], "careful") != 0 && strcmp(argv[1], "naive") != 0)) {
    (void)fprintf(stderr, "usage: judge careful|naive\n");
    return 2;
  }
  fill(strcmp(argv[1], "careful") == 0);
  assay_context context;
  assay_context_init(&context);
  assay_check_options options = assay_check_options_default();
  options.tolerance_relative = 1e-13; /* of a row's largest entry: nearly a thousand roundings */
  options.worst = 1;
  assay_path_point path = assay_path_point_at(assay_schedule_of(ASSAY_LINEAR), assay_real_of(0)); /* `times` rules */
  assay_stream at = assay_stream_of(points[0], POINTS, DIMENSION), got = assay_stream_of(values[0], POINTS, DIMENSION);
  assay_mixture mixture = {0};
  assay_check_report report = {0};
  assay_status status = make_mixture(&mixture, &context);
  if (!status)
    status = assay_reference_check(&report, ASSAY_VELOCITY, &mixture, &path, times, &at, &got, ASSAY_BINARY64, &options,
                                   &context);
  if (!status) status = print(&report, &context);
  if (status) (void)fprintf(stderr, "judge: %s\n", context.message);
  int result = status ? 2 : report.beyond > 0;
  assay_check_report_clear(&report);
  assay_mixture_clear(&mixture);
  return result;
}
