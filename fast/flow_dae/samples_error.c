/* The whole mean of samples generated from label solutions, by a second pass over starts and w's, with a proved bound.
 *
 * With p = P_K and zeta the mean of h_i X_0^i, that mean is p zeta + T, T = sum_k g_k w_k, g_k the mean of h_i
 * along_ik. Rounding is bounded a priori, entry by entry: normals are below LARGEST, entries of mu are `mean`, those of
 * eta below EDGE = (2 mean + LARGEST sigma)/sigma. If the entries of a vector of d doubles are off by e, so is its norm
 * over sqrt(d). */
#include "fast/flow_dae/gram.h"
#include "fast/flow_dae/label_solution.h"
#include "fast/flow_dae/samples.h"
#include "fast/flow_dae/slabs.h"
#include "fast/flow_dae/tile.h"
#include "fast/flow_dae/transport.h"

#include <stdlib.h>
#include <string.h>

/* Rows of a tile. */
enum { GROUP = 64 };

/* Above 8.572 by more than n roundings of it, n < 2^48. */
#define LARGEST 9.0

enum { SUM_MISSED, SUM_NOISE, SUM_NUMBERS };

typedef struct {
  const assay_dae_samples *samples;
  const dae_held_vectors *held;
  dae_slabs slabs;
  const double *turned, *signs;     /* steps: g_k; count: h_i */
  ball perp, share;                 /* P_K; n/(lambda+n) */
  double missed_error, noise_error; /* of the entries of the two vectors below */
  double sums[SUM_NUMBERS];         /* |p zeta + T - mu|^2, |T - xb_1|^2 */
} mean_pass;

/* ---- bounds ---- */

/* A number as it was computed, and a bound of its distance from the exact one. */
static ball seen_as(double computed, ball exact) {
  double off = ball_up(fabs(fabs(computed) - fabs(exact.value)));
  return ball_make(computed, ball_up_add(off, exact.error));
}

/* The bound of |entries| of w_k, and of their errors: at most 2 n + 10 roundings of each term. */
static dae_size weight_size(const assay_dae_fit *fit, const assay_dae_data *data) {
  double edge = ball_up(ball_up(2 * data->mean + LARGEST * data->sigma) / data->sigma);
  double size = ball_up_mul(ball_upper(fit->w_mu), data->mean);
  size = ball_up_add(size, ball_up_mul(ball_upper(fit->w_xi), LARGEST));
  size = ball_up_add(size, ball_up_mul(ball_upper(fit->w_eta), edge));
  double error = ball_up_mul(ball_gamma(2 * (double)data->samples + 10), size);
  error = ball_up_add(error, ball_up_mul(fit->w_mu.error, data->mean));
  error = ball_up_add(error, ball_up_mul(fit->w_xi.error, LARGEST));
  error = ball_up_add(error, ball_up_mul(fit->w_eta.error, edge));
  return (dae_size){ball_up_add(size, error), error};
}

/* g_k: sums of N equal magnitudes with signs. */
static ball turned_of(const assay_dae_samples *samples, size_t step, ball exact) {
  double sum = 0, magnitude = 0;
  for (size_t i = 0; i < samples->count; i++) {
    double along = samples->along[i * samples->steps + step];
    sum += samples->signs[i] * along;
    magnitude = fmax(magnitude, fabs(along));
  }
  double lost = ball_up_mul(ball_gamma((double)samples->count + 1), magnitude);
  return ball_make(sum / (double)samples->count, ball_up_add(seen_as(magnitude, exact).error, lost));
}

/* Fills turned, and adds up what T's entries may be and be off by. */
static dae_size find_turned(double *turned, mean_pass *pass) {
  const assay_dae_samples *samples = pass->samples;
  ball grown = ball_exact(1);
  dae_size all = {0, 0};
  for (size_t k = samples->steps; k-- > 0;) {
    const assay_dae_fit *fit = pass->held->bounded + k;
    dae_stride stride = dae_stride_at(&pass->held->settings, k);
    ball kick = ball_div(stride.stretch, stride.path.alpha);
    ball g = turned_of(samples, k, ball_mul(kick, grown));
    dae_size w = weight_size(fit, &pass->held->vectors.data);
    all.norm = ball_up_add(all.norm, ball_up_mul(ball_upper(g), w.norm));
    all.error = ball_up_add(all.error, ball_up_add(ball_up_mul(g.error, w.norm), ball_up_mul(fabs(g.value), w.error)));
    turned[k] = g.value;
    grown = ball_mul(grown, ball_div(ball_add(ball_mul(fit->c, stride.stretch), stride.alpha_end), stride.path.alpha));
  }
  pass->perp = seen_as(samples->perp[samples->steps], grown);
  all.error = ball_up_add(all.error, ball_up_mul(ball_gamma((double)samples->steps + 4), all.norm));
  return all;
}

static void find_errors(double *turned, mean_pass *pass) {
  const assay_dae_data *data = &pass->held->vectors.data;
  dae_size moved = find_turned(turned, pass);
  double few = ball_gamma(8), summed = ball_gamma((double)pass->samples->count + 8);
  double start = ball_up_mul(ball_up_add(pass->perp.error, ball_up_mul(summed, fabs(pass->perp.value))), LARGEST);
  double end = ball_up_mul(few, ball_up_add(moved.norm, data->mean));
  pass->missed_error = ball_up_add(ball_up_add(start, end), moved.error);
  double center = ball_up(3 * data->mean + LARGEST * data->sigma); /* entries of mu + sigma eta */
  double rounded = ball_up_mul(ball_gamma((double)data->samples + 10), fabs(pass->share.value));
  double mean = ball_up_mul(ball_up_add(pass->share.error, rounded), center);
  end = ball_up_mul(few, ball_up_add(moved.norm, ball_up_mul(ball_upper(pass->share), center)));
  pass->noise_error = ball_up_add(ball_up_add(mean, end), moved.error);
}

/* ---- sums ---- */

/* sum = the first rows of a stream, each times its factor. */
static assay_status add_rows(double *sum, double *tile, const assay_stream *stream, size_t rows, const double *factors,
                             size_t column, size_t columns, assay_context *context) {
  const tile_kernel *kernel = tile_kernel_of(context->isa);
  size_t stride = tile_stride(columns);
  memset(sum, 0, stride * sizeof *sum);
  for (size_t row = 0; row < rows; row += GROUP) {
    size_t part = rows - row < GROUP ? rows - row : GROUP;
    assay_status status = tile_read(stream, row, part, column, columns, tile, stride, context);
    if (status) return status;
    for (size_t i = 0; i < part; i++) kernel->add(sum, factors[row + i], tile + i * stride, stride);
  }
  return ASSAY_OK;
}

enum { BLOCK_VECTORS = 3 };

static assay_status add_block(const void *self, size_t group, size_t column, size_t columns, double *partial,
                              double *scratch, assay_context *context) {
  (void)group;
  const mean_pass *pass = self;
  const assay_dae_samples *samples = pass->samples;
  const tile_kernel *kernel = tile_kernel_of(context->isa);
  const assay_dae_data *data = &pass->held->vectors.data;
  size_t block = pass->slabs.block, stride = tile_stride(columns), count = samples->count;
  double *tile = scratch, *missed = tile + GROUP * block, *noise = missed + block, *eta = noise + block;
  assay_status status = add_rows(missed, tile, &samples->start, count, pass->signs, column, columns, context);
  if (!status)
    status = add_rows(noise, tile, &samples->vectors, samples->steps, pass->turned, column, columns, context);
  if (!status)
    status = tile_read(&samples->vectors, samples->steps + FRAME_ROWS - 1, 1, column, columns, eta, stride, context);
  if (status) return status;
  for (size_t j = 0; j < columns; j++) {
    missed[j] = pass->perp.value * (missed[j] / (double)count) + (noise[j] - data->mean);
    noise[j] -= pass->share.value * (data->mean + data->sigma * eta[j]);
  }
  double dots[4] = {0};
  kernel->dots(dots, missed, missed, missed, missed, stride);
  partial[SUM_MISSED] += dots[0];
  memset(dots, 0, sizeof dots);
  kernel->dots(dots, noise, noise, noise, noise, stride);
  partial[SUM_NOISE] += dots[0];
  return ASSAY_OK;
}

static assay_status add_slab(void *self, size_t slab, double *partial, double *scratch, assay_context *context) {
  const mean_pass *pass = self;
  return dae_slab_blocks(&pass->slabs, slab, 0, add_block, pass, partial, scratch, context);
}

static void combine_slab(void *self, size_t slab, const double *partial) {
  (void)slab;
  mean_pass *pass = self;
  for (size_t k = 0; k < SUM_NUMBERS; k++) pass->sums[k] += partial[k];
}

static ball square_of(const mean_pass *pass, double sum, double entry_error) {
  size_t d = pass->samples->dimension;
  double gamma = ball_gamma(dae_slabs_roundings(&pass->slabs)), root = ball_up(sqrt((double)d));
  dae_size v = {dae_norm(sum, gamma, d), ball_up_mul(root, entry_error)};
  return ball_div(dae_dot(sum, v, v, gamma, d), ball_exact((double)d));
}

assay_status assay_fast_dae_samples_mean_error(assay_bounded *error, assay_bounded *noise,
                                               const assay_dae_samples *samples, assay_context *context) {
  const dae_held_vectors *held = samples->held;
  if (!held->bounded)
    return assay_fail(context, ASSAY_UNSUPPORTED, "learner: bounds exist for label solutions of sign alone");
  size_t factors = samples->steps + samples->count;
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, factors, sizeof(double), "factors", context);
  if (status) return status;
  double *turned = memory, *signs = turned + samples->steps;
  for (size_t i = 0; i < samples->count; i++) signs[i] = samples->signs[i];
  ball n = ball_exact((double)samples->samples);
  mean_pass pass = {.samples = samples,
                    .held = held,
                    .slabs = dae_slabs_of(GROUP, samples->dimension),
                    .turned = turned,
                    .signs = signs,
                    .share = ball_div(n, ball_add(ball_real(held->settings.lambda), n))};
  find_errors(turned, &pass);
  dae_job job = {.what = "mean error",
                 .units = pass.slabs.slabs,
                 .partial = SUM_NUMBERS,
                 .scratch = (GROUP + BLOCK_VECTORS) * pass.slabs.block,
                 .held = factors * sizeof(double),
                 .self = &pass,
                 .work = add_slab,
                 .combine = combine_slab};
  status = dae_job_run(&job, context);
  free(memory);
  if (status) return status;
  *error = square_of(&pass, pass.sums[SUM_MISSED], pass.missed_error);
  *noise = square_of(&pass, pass.sums[SUM_NOISE], pass.noise_error);
  return ASSAY_OK;
}
