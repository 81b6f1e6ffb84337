/* Components of any covariance: what the kinds share, and diagonal ones. */
#include "fast/core/field_metric.h"

#include "fast/core/field_plan.h"

/* Variances of V outside [1/LIMIT, LIMIT] are left to infinite bounds: inside, roots and products neither over- nor
 * underflow by more than FLOOR covers. */
static const double LIMIT = 0x1p1000, FLOOR = 0x1p-540;
/* What underflow of a s and of A = W X, at most 2^-1075 each, makes of W |z| = A |z|/X (M4). */
static const double GAIN_FLOOR = 0x1p-570;

size_t field_metric_entries(assay_covariance_kind kind, size_t d) { return kind == ASSAY_COVARIANCE_FULL ? d * d : d; }

/* The exponents are added exactly, the mantissas multiplied with one rounding each (M3). */
ball field_log_product(const double *factors, size_t count, size_t stride) {
  static const ball LOG_TWO = {0x1.62e42fefa39efp-1, 0x1p-54};
  double product = 1.0, exponent = 0.0;
  for (size_t j = 0; j < count; j++) {
    int shift = 0;
    product = frexp(product * factors[j * stride], &shift);
    exponent += shift;
  }
  ball mantissa = ball_log(ball_relative(product, ball_gamma((double)count + 1.0)));
  return ball_add(ball_mul(LOG_TWO, ball_exact(exponent)), mantissa);
}

/* ---- diagonal ---- */

/* Sums and maxima over the entries of one diagonal component. */
typedef struct {
  double relative;                 /* largest relative error of v, roundings apart */
  double smallest, largest;        /* v */
  double root;                     /* largest root */
  double output, output_error;     /* largest |W|, without cancellation; its error besides roundings */
  double trace, trace_size, error; /* sum A, sum |A| without cancellation, its error besides roundings */
  double mean_square, mean_largest;
} diagonal_sums;

static void set_entry(diagonal_sums *sums, field_metric *metric, const field_metric_setting *setting, size_t j,
                      double s, double s_relative) {
  ball a = setting->output.of_covariance, b = setting->output.of_identity;
  double v = setting->alpha_square.value + setting->beta_square.value * s;
  double root = 1.0 / sqrt(v), gain = (a.value * s + b.value) * root;
  double size = ((fabs(a.value) + a.error) * s + (fabs(b.value) + b.error)) * root;
  double error = ((a.error + fabs(a.value) * s_relative) * s + b.error) * root;
  double moved = fabs(metric->mean[j]) * root;
  metric->root[j] = root;
  metric->gain[j] = gain * root;
  sums->relative = fmax(sums->relative, (setting->alpha_square.error + setting->beta_square.error * s) / v);
  sums->smallest = fmin(sums->smallest, v);
  sums->largest = fmax(sums->largest, v);
  sums->root = fmax(sums->root, root);
  sums->output = fmax(sums->output, size);
  sums->output_error = fmax(sums->output_error, error);
  sums->trace += metric->gain[j];
  sums->trace_size += size * root;
  sums->error += error * root;
  sums->mean_square += moved * moved;
  sums->mean_largest = fmax(sums->mean_largest, moved);
}

/* Underflows of a s, of W and of A, for every entry. */
static double trace_floor(const diagonal_sums *sums, size_t d) {
  return (double)d * (0x1p-1074 * (sums->root * sums->root + 1.0));
}

static bool is_zero(ball a) { return a.value == 0.0 && a.error == 0.0; }

/* Of a product of the roots, so that it shares their errors: log det V = -2 log prod root (M3). */
static ball diagonal_log_det(const field_metric *metric, double root_error, size_t d) {
  ball product = field_log_product(metric->root, d, 1);
  return ball_widen(ball_neg(product), ball_up((double)d * 1.01 * root_error));
}

void field_metric_set_diagonal(field_metric *metric, ball *half_log_det, const field_metric_setting *setting,
                               const assay_covariance *covariance) {
  size_t d = setting->dimension;
  bool isotropic = covariance->kind == ASSAY_COVARIANCE_ISOTROPIC;
  ball variance = isotropic ? ball_real(covariance->variance) : ball_exact(1.0);
  double s_relative = ball_up(variance.error / variance.value), unit = BALL_UNIT;
  diagonal_sums sums = {.smallest = INFINITY};
  for (size_t j = 0; j < d; j++)
    set_entry(&sums, metric, setting, j, isotropic ? variance.value : covariance->entries[j], s_relative);

  double v_error = sums.relative + s_relative + 2.01 * unit, root_error = 0.501 * v_error + 2.01 * unit;
  metric->usable = sums.smallest >= 1.0 / LIMIT && sums.largest <= LIMIT && v_error <= FIELD_SMALL;
  metric->relative = FIELD_INFLATE * (root_error + 2.01 * unit);
  metric->fixed = FIELD_INFLATE * setting->beta_error * sqrt(sums.mean_square) + FLOOR;
  metric->fixed_largest = FIELD_INFLATE * setting->beta_error * sums.mean_largest + FLOOR;
  metric->output = FIELD_INFLATE * sums.output;
  metric->output_error = FIELD_INFLATE * (sums.output_error + sums.output * (root_error + 3.01 * unit));
  bool none = is_zero(setting->output.of_covariance) && is_zero(setting->output.of_identity);
  if (!none) metric->output_error += GAIN_FLOOR;
  metric->output_rounding = 2.0 * unit;
  metric->inverse = FIELD_INFLATE * sums.root;
  metric->inverse_error = FIELD_INFLATE * (root_error + unit);
  double gamma = ball_gamma((double)d + 8.0);
  double lost = sums.error + sums.trace_size * (gamma + 2.0 * root_error) + (none ? 0.0 : trace_floor(&sums, d));
  metric->trace = ball_make(sums.trace, FIELD_INFLATE * lost);
  *half_log_det = diagonal_log_det(metric, root_error, d);
}

/* ---- both ---- */

static void measure_mean(field_metric *metric, const field_metric_setting *setting) {
  double square = 0.0, centred_square = 0.0, largest = 0.0, centred_largest = 0.0;
  for (size_t j = 0; j < setting->dimension; j++) {
    double m = fabs(metric->mean[j]), c = fabs(metric->mean[j] - setting->centre[j]);
    metric->shift[j] = setting->beta.value * metric->mean[j];
    square += m * m;
    centred_square += c * c;
    largest = fmax(largest, m);
    centred_largest = fmax(centred_largest, c);
  }
  metric->mean_size = FIELD_INFLATE * (setting->scalar ? sqrt(square) : largest) + 0x1p-500;
  metric->centred_size = FIELD_INFLATE * (setting->scalar ? sqrt(centred_square) : centred_largest) + 0x1p-500;
}

assay_status field_metric_set(field_metric *metric, const field_metric_setting *setting,
                              const assay_component *component, size_t index, double *scratch, assay_context *context) {
  ball half_log_det;
  metric->full = component->covariance.kind == ASSAY_COVARIANCE_FULL;
  measure_mean(metric, setting);
  if (metric->full) {
    assay_status status =
        field_metric_set_full(metric, &half_log_det, setting, component->covariance.entries, index, scratch, context);
    if (status != ASSAY_OK) return status;
  } else
    field_metric_set_diagonal(metric, &half_log_det, setting, &component->covariance);
  ball base = ball_sub(ball_log(ball_real(component->weight)), half_log_det);
  metric->base = base.value;
  metric->base_error = base.error;
  metric->usable = metric->usable && isfinite(base.error) && isfinite(metric->output) && isfinite(metric->inverse);
  return ASSAY_OK;
}
