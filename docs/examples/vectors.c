/* Judges code of your own by Assay's test vectors: here log p_t(x) of mixtures with diagonal covariances on the linear
 * schedule, x_t = (1 - t) x_0 + t x_1. JSON is read by jansson:
 *   cc -std=c11 vectors.c -ljansson -lm -o vectors
 *   ./vectors FOLDER careful|naive      FOLDER: results/vectors, or what `assay vectors --out FOLDER` wrote
 * Exit status 1 when a case is beyond tolerance. */
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DIMENSION = 64, MOST_COMPONENTS = 64 };
static const double TOLERANCE = 32768; /* ULPs: 4e-12 to 7e-12 relatively. The vectors are chosen to hurt. */

typedef struct {
  size_t dimension, count;
  double weight[MOST_COMPONENTS], mean[MOST_COMPONENTS][MOST_DIMENSION], variance[MOST_COMPONENTS][MOST_DIMENSION];
} mixture;

/* ---- the code being judged ---- */

static double log_component(const mixture *m, size_t k, double t, const double *x) {
  const double log_two_pi = 1.8378770664093453;
  double sum = log(m->weight[k]);
  for (size_t j = 0; j < m->dimension; j++) {
    double spread = (1 - t) * (1 - t) + t * t * m->variance[k][j], away = x[j] - t * m->mean[k][j];
    sum -= (away * away / spread + log(spread) + log_two_pi) / 2;
  }
  return sum;
}

static double careful(const mixture *m, double t, const double *x) {
  double logs[MOST_COMPONENTS] = {0}, largest = -INFINITY;
  for (size_t k = 0; k < m->count; k++) largest = fmax(largest, logs[k] = log_component(m, k, t, x));
  double sum = exp(logs[0] - largest);
  for (size_t k = 1; k < m->count; k++) sum += exp(logs[k] - largest);
  return largest + log(sum);
}

/* The same in exact arithmetic; far from the data every exponential is 0. */
static double naive(const mixture *m, double t, const double *x) {
  double sum = exp(log_component(m, 0, t, x));
  for (size_t k = 1; k < m->count; k++) sum += exp(log_component(m, k, t, x));
  return log(sum);
}

/* ---- judging it ---- */

/* "0x1.8p+1" is exactly a double, and strtod reads it so. */
static double number(const json_t *text) { return strtod(json_string_value(text), NULL); }

/* d numbers; one variance stands for d of them. */
static void numbers(double *out, const json_t *value, size_t d) {
  for (size_t j = 0; j < d; j++) out[j] = number(json_is_array(value) ? json_array_get(value, j) : value);
}

static void read_mixture(mixture *out, const json_t *group) {
  const json_t *list = json_object_get(json_object_get(group, "mixture_hex"), "components");
  out->dimension = (size_t)json_integer_value(json_object_get(group, "dimension"));
  out->count = json_array_size(list);
  if (out->dimension > MOST_DIMENSION || out->count > MOST_COMPONENTS) {
    (void)fprintf(stderr, "a mixture is larger than this program foresees\n");
    exit(2);
  }
  for (size_t k = 0; k < out->count; k++) {
    const json_t *component = json_array_get(list, k);
    out->weight[k] = number(json_object_get(component, "weight"));
    numbers(out->mean[k], json_object_get(component, "mean"), out->dimension);
    numbers(out->variance[k], json_object_get(component, "covariance"), out->dimension);
  }
}

/* "double" is the double nearest to the exact number: good for errors above half an ULP. For finer ones, "lo" and "hi"
 * have 40 digits. */
static double error_in_ulps(double got, const json_t *expected) {
  double exact = number(json_object_get(expected, "double"));
  if (got == exact) return 0;
  return isfinite(got) ? fabs(got - exact) / (nextafter(fabs(exact), INFINITY) - fabs(exact)) : INFINITY;
}

static bool has_flag(const json_t *one, const char *flag) {
  const json_t *flags = json_object_get(one, "flags");
  for (size_t i = 0; i < json_array_size(flags); i++)
    if (strcmp(json_string_value(json_array_get(flags, i)), flag) == 0) return true;
  return false;
}

/* One case; true within tolerance. */
static bool judge(const mixture *m, const json_t *one, double (*code)(const mixture *, double, const double *)) {
  double x[MOST_DIMENSION];
  numbers(x, json_object_get(one, "x"), m->dimension);
  double got = code(m, number(json_object_get(one, "time")), x);
  double error = error_in_ulps(got, json_array_get(json_object_get(one, "expected"), 0));
  if (error <= TOLERANCE) return true;
  printf("%s: %g, off by %.3g ULPs\n", json_string_value(json_object_get(one, "id")), got, error);
  return false;
}

int main(int argc, char **argv) {
  if (argc != 3 || (strcmp(argv[2], "careful") != 0 && strcmp(argv[2], "naive") != 0)) {
    (void)fprintf(stderr, "usage: vectors FOLDER careful|naive\n");
    return 2;
  }
  char path[4096];
  json_error_t problem;
  (void)snprintf(path, sizeof path, "%s/log-density.json", argv[1]);
  json_t *document = json_load_file(path, JSON_REJECT_DUPLICATES, &problem);
  if (!document || json_integer_value(json_object_get(document, "schema")) != 1) {
    (void)fprintf(stderr, "%s: %s\n", path, document ? "another schema" : problem.text);
    return 2;
  }
  size_t judged = 0, failed = 0;
  const json_t *groups = json_object_get(document, "groups");
  for (size_t i = 0; i < json_array_size(groups); i++) {
    static mixture m;
    const json_t *group = json_array_get(groups, i), *cases = json_object_get(group, "cases");
    const char *kind = json_string_value(json_object_get(group, "kind"));
    if (strcmp(json_string_value(json_object_get(group, "schedule")), "linear") != 0) continue;
    if (strcmp(kind, "isotropic") != 0 && strcmp(kind, "diagonal") != 0) continue;
    read_mixture(&m, group);
    for (size_t j = 0; j < json_array_size(cases); j++) {
      const json_t *one = json_array_get(cases, j);
      if (has_flag(one, "Cancellation")) continue; /* even careful double code loses digits there */
      judged++;
      failed += !judge(&m, one, strcmp(argv[2], "careful") == 0 ? careful : naive);
    }
  }
  json_decref(document);
  printf("%zu cases, %zu beyond %g ULPs\n", judged, failed, TOLERANCE);
  return failed > 0 || judged == 0;
}
