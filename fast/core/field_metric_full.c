/* Components of full covariance: X = L^{-1} of V = L L', and a bound of E = X V X' - I computed from X itself, so that
 * nothing has to be known of how X was found (M5). */
#include "fast/core/field_metric.h"

#include "fast/core/field_plan.h"

#include <cblas.h>
#include <string.h>

/* The largest |E| that is used, and the largest norms of X. */
static const double LARGEST_DEFECT = 0.5, LARGEST_NORM = 0x1p480;
static const double FLOOR = 0x1p-540;

size_t field_cholesky(double *matrix, size_t d) {
  for (size_t i = 0; i < d; i++) {
    double *row = matrix + i * d;
    for (size_t j = 0; j < i; j++) {
      const double *other = matrix + j * d;
      row[j] = (row[j] - cblas_ddot((int)j, row, 1, other, 1)) / other[j];
    }
    double pivot = row[i] - cblas_ddot((int)i, row, 1, row, 1);
    if (!(pivot > 0.0 && pivot < INFINITY)) return i;
    row[i] = sqrt(pivot);
  }
  return d;
}

/* X = L^{-1}, zero above the diagonal. */
static void invert_factor(double *x, const double *factor, size_t d) {
  memset(x, 0, d * d * sizeof *x);
  for (size_t i = 0; i < d; i++) x[i * d + i] = 1.0;
  int n = (int)d;
  cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, n, n, 1.0, factor, n, x, n);
  for (size_t i = 0; i < d; i++)
    for (size_t j = i + 1; j < d; j++) x[i * d + j] = 0.0;
}

static double frobenius(const double *a, size_t entries) {
  double sum = 0.0;
  for (size_t i = 0; i < entries; i++) sum += a[i] * a[i];
  return FIELD_INFLATE * sqrt(sum);
}

/* out = |A| in, or |A'| in. */
static void multiply_sizes(double *out, const double *a, const double *in, size_t d, bool transposed) {
  memset(out, 0, d * sizeof *out);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < d; j++)
      if (transposed)
        out[j] += fabs(a[i * d + j]) * in[i];
      else
        out[i] += fabs(a[i * d + j]) * in[j];
}

static double largest_of(const double *a, size_t d) {
  double largest = 0.0;
  for (size_t j = 0; j < d; j++) largest = a[j] > largest || isnan(a[j]) ? a[j] : largest;
  return FIELD_INFLATE * largest;
}

/* Norms of X that bounds need. */
typedef struct {
  double frobenius;
  double sizes;     /* at least the 2-norm of |X| */
  double condition; /* largest row sum of |X| |V| |X'|: at least its 2-norm, as it is symmetric */
} factor_norms;

static factor_norms norms_of(const double *x, const double *v, size_t d, double *vectors) {
  double *ones = vectors, *columns = vectors + d, *rows = vectors + 2 * d, *product = vectors + 3 * d;
  for (size_t j = 0; j < d; j++) ones[j] = 1.0;
  factor_norms norms = {.frobenius = frobenius(x, d * d)};
  multiply_sizes(rows, x, ones, d, false);
  multiply_sizes(columns, x, ones, d, true);
  norms.sizes = fmin(norms.frobenius, sqrt(largest_of(rows, d)) * sqrt(largest_of(columns, d)) * FIELD_INFLATE);
  multiply_sizes(product, v, columns, d, false);
  multiply_sizes(rows, x, product, d, false);
  norms.condition = largest_of(rows, d);
  return norms;
}

/* Frobenius norm of the computed X V X' - I; `work` and `more` hold the products. */
static double residual(const double *x, const double *v, double *work, double *more, size_t d) {
  int n = (int)d;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1.0, x, n, v, n, 0.0, work, n);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, n, n, 1.0, work, n, x, n, 0.0, more, n);
  for (size_t i = 0; i < d; i++) more[i * d + i] -= 1.0;
  return frobenius(more, d * d);
}

/* M5: |E| in 2-norm, computed residual, rounding of its products and of V's entries, radii of alpha^2 and beta^2. What
 * underflows is below 8 d BALL_TINY (1 + |X|)^2, and that below the inflation of 2 BALL_UNIT. */
static double defect_bound(double computed, const factor_norms *norms, const field_metric_setting *setting,
                           double covariance_norm, size_t d) {
  ball a = setting->alpha_square, b = setting->beta_square;
  double square = norms->frobenius * norms->frobenius;
  double beta_part = b.error * covariance_norm * square;
  if (b.value > 0.0) beta_part = fmin(beta_part, 1.1 * b.error / b.value * norms->condition);
  double rounding = (2.0 * ball_gamma((double)d + 2.0) + 4.0 * BALL_UNIT) * norms->condition;
  return FIELD_INFLATE *
         (computed * (1.0 + 2.0 * BALL_UNIT) + 2.0 * BALL_UNIT + rounding + a.error * square + beta_part);
}

/* W = a S X' + b X', its sizes and its error, row by row (M4); `work` holds S X'. */
static void set_gain(field_metric *metric, const field_metric_setting *setting, const double *covariance, double *work,
                     double *vectors) {
  size_t d = setting->dimension;
  ball a = setting->output.of_covariance, b = setting->output.of_identity;
  double *columns = vectors, *spread = vectors + d;
  int n = (int)d;
  memset(columns, 0, d * sizeof *columns);
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j <= i; j++) columns[j] += metric->root[i * d + j] * metric->root[i * d + j];
  for (size_t j = 0; j < d; j++) columns[j] = FIELD_INFLATE * sqrt(columns[j]) + FLOOR;
  multiply_sizes(spread, covariance, columns, d, false);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, n, n, 1.0, covariance, n, metric->root, n, 0.0, work, n);

  double gamma = ball_gamma((double)d + 2.0), output_square = 0.0, output_largest = 0.0;
  double error_square = 0.0, error_largest = 0.0, trace = 0.0, trace_size = 0.0, trace_error = 0.0;
  for (size_t i = 0; i < d; i++) {
    double square = 0.0;
    for (size_t j = 0; j < d; j++) {
      double below = metric->root[j * d + i], w = a.value * work[i * d + j] + b.value * below;
      metric->gain[i * d + j] = w;
      square += w * w;
      trace += w * below;
      trace_size += fabs(w * below);
    }
    double error = (fabs(a.value) * (gamma + 4.0 * BALL_UNIT) + a.error) * spread[i] +
                   (4.0 * BALL_UNIT * fabs(b.value) + b.error) * columns[i] + FLOOR;
    output_square += square;
    output_largest = fmax(output_largest, square);
    error_square += error * error;
    error_largest = fmax(error_largest, error);
    trace_error += error * columns[i];
  }
  metric->output = FIELD_INFLATE * sqrt(setting->scalar ? output_square : output_largest) + FLOOR;
  metric->output_error = FIELD_INFLATE * (setting->scalar ? sqrt(error_square) + FLOOR : error_largest);
  metric->output_rounding = gamma;
  metric->trace = ball_make(trace, FIELD_INFLATE * (trace_error + ball_gamma((double)d * (double)d) * trace_size));
  metric->inverse = largest_of(columns, d);
  metric->inverse_error = gamma;
}

/* M6: what E does to tr A, through tr(X S X') and tr(X X'). */
static double trace_defect(const field_metric *metric, const field_metric_setting *setting, double covariance_norm,
                           double factor_norm) {
  double square = factor_norm * factor_norm, d = (double)setting->dimension;
  double of_covariance = fmin(covariance_norm * square, 2.0 * d / ball_lower(setting->beta_square));
  double of_identity = fmin(square, 2.0 * d / ball_lower(setting->alpha_square));
  return FIELD_INFLATE * metric->defect *
         (ball_upper(setting->output.of_covariance) * of_covariance +
          ball_upper(setting->output.of_identity) * of_identity);
}

static void fill_variance(double *v, const double *covariance, const field_metric_setting *setting) {
  size_t d = setting->dimension;
  for (size_t i = 0; i < d * d; i++) v[i] = setting->beta_square.value * covariance[i];
  for (size_t i = 0; i < d; i++) v[i * d + i] += setting->alpha_square.value;
}

assay_status field_metric_set_full(field_metric *metric, ball *half_log_det, const field_metric_setting *setting,
                                   const double *covariance, size_t index, double *scratch, assay_context *context) {
  size_t d = setting->dimension, row = 0;
  double *v = scratch, *work = scratch + d * d, *vectors = work + d * d;
  fill_variance(work, covariance, setting);
  row = field_cholesky(work, d);
  if (row < d)
    return assay_fail(context, ASSAY_PRECISION,
                      "components[%zu].covariance: alpha^2 I + beta^2 S cannot be factored in double (row %zu)", index,
                      row);
  invert_factor(metric->root, work, d);
  fill_variance(v, covariance, setting);
  factor_norms norms = norms_of(metric->root, v, d, vectors);
  double covariance_norm = frobenius(covariance, d * d);
  double epsilon = defect_bound(residual(metric->root, v, work, metric->gain, d), &norms, setting, covariance_norm, d);

  metric->usable = epsilon <= LARGEST_DEFECT && norms.frobenius <= LARGEST_NORM;
  metric->defect = FIELD_INFLATE * epsilon / (1.0 - epsilon);
  metric->stray = FIELD_INFLATE * norms.sizes * (ball_gamma((double)d + 2.0) + 2.0 * BALL_UNIT);
  double mean_norm = frobenius(metric->mean, d);
  metric->fixed = FIELD_INFLATE * norms.sizes * setting->beta_error * mean_norm + FLOOR;
  metric->fixed_largest = metric->fixed;
  set_gain(metric, setting, covariance, work, vectors);
  if (setting->scalar) metric->inverse = norms.sizes;
  metric->trace = ball_widen(metric->trace, trace_defect(metric, setting, covariance_norm, norms.frobenius));
  ball product = field_log_product(metric->root, d, d + 1);
  *half_log_det = ball_widen(ball_neg(product), ball_up(0.5 * (double)d * metric->defect));
  return ASSAY_OK;
}
