/* The exact theorem at finite d (flow-dae section 3). With Y = X - h xb_t, xb_t = alpha xb_0 + beta xb_1, the velocity
 * gamma X + h zeta (xb_1 - c xb_t) gives dY/dt = gamma Y, gamma = a_tt'/(2 a_tt), a_tt = alpha^2 a_00 + 2 alpha beta
 * a_01 + beta^2 a_11; so Y_1 = sqrt(a_11/a_00) Y_0. On the linear schedule xb_t is linear in t, Euler steps follow it
 * exactly, and Y gains 1 + dt gamma_j = a(t_j, t_{j+1})/a(t_j, t_j) per step. */
#include <assay/reference.h>

#include "reference/core/interval.h"
#include "reference/core/ziv.h"

#include <math.h>
#include <stdlib.h>

enum { TILE_ROWS = 128, TILE_COLUMNS = 128, PRODUCT_BITS = 106 /* exact for two doubles */ };
static const size_t TILE_BYTES = 2 * sizeof(double) * TILE_ROWS * TILE_COLUMNS;

typedef struct {
  const assay_stream *noise, *data, *start;
  const signed char *labels, *signs;
  const assay_dae_settings *settings;
  double *tile[2]; /* TILE_ROWS x TILE_COLUMNS each */
  double scale;    /* largest |entry| read so far */
} transport_problem;

/* One attempt's numbers. */
typedef struct {
  iv_scope *s;
  mpfi_ptr mean[2];    /* d each: S_u, then xb_u */
  mpfi_ptr product[3]; /* sums of x_0 x_0, x_0 x_1, x_1 x_1 over all samples and columns, then a_00, a_01, a_11 */
  iv perp;
  mpfi_ptr result; /* N x d */
} transport_attempt;

/* ---- reading ---- */

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static assay_status read_tile(double *tile, transport_problem *p, const assay_stream *stream, const char *name,
                              size_t row, size_t rows, size_t column, size_t columns, assay_context *context) {
  assay_status status = stream->read(stream, row, rows, column, columns, tile, TILE_COLUMNS, context);
  if (status) return status;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) {
      double value = fabs(tile[i * TILE_COLUMNS + j]);
      if (!isfinite(value))
        return assay_fail(context, ASSAY_INVALID, "%s: row %zu, column %zu is %g; finite numbers are expected", name,
                          row + i, column + j, tile[i * TILE_COLUMNS + j]);
      p->scale = fmax(p->scale, value);
    }
  return ASSAY_OK;
}

/* ---- Gram products ---- */

static void add_tile(transport_attempt *a, const transport_problem *p, size_t row, size_t rows, size_t column,
                     size_t columns) {
  mpfr_t x[2], product;
  mpfr_inits2(53, x[0], x[1], (mpfr_ptr)NULL);
  mpfr_init2(product, PRODUCT_BITS);
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) {
      for (size_t u = 0; u < 2; u++) {
        mpfr_set_d(x[u], p->tile[u][i * TILE_COLUMNS + j], MPFR_RNDD); /* exact */
        mpfi_ptr sum = &a->mean[u][column + j];
        (p->labels[row + i] > 0 ? mpfi_add_fr : mpfi_sub_fr)(sum, sum, x[u]);
      }
      for (size_t u = 0, k = 0; u < 2; u++)
        for (size_t v = u; v < 2; v++, k++) {
          mpfr_mul(product, x[u], x[v], MPFR_RNDD); /* exact */
          mpfi_add_fr(a->product[k], a->product[k], product);
        }
    }
  mpfr_clears(x[0], x[1], product, (mpfr_ptr)NULL);
}

static assay_status add_all(transport_attempt *a, transport_problem *p, assay_context *context) {
  size_t n = p->noise->rows, d = p->noise->columns;
  for (size_t column = 0; column < d; column += TILE_COLUMNS) {
    size_t columns = smaller(TILE_COLUMNS, d - column);
    assay_status status = assay_progress(context, "Gram products", (double)column / (double)d);
    for (size_t row = 0; !status && row < n; row += TILE_ROWS) {
      size_t rows = smaller(TILE_ROWS, n - row);
      status = read_tile(p->tile[0], p, p->noise, "noise", row, rows, column, columns, context);
      if (!status) status = read_tile(p->tile[1], p, p->data, "data", row, rows, column, columns, context);
      if (!status) add_tile(a, p, row, rows, column, columns);
    }
    if (status) return status;
  }
  return ASSAY_OK;
}

/* a_uv = sum <x_u, x_v> - <S_u, S_v>/(lambda+n), and xb_u = S_u/(lambda+n). */
static void reduce(transport_attempt *a, const transport_problem *p) {
  iv_scope *s = a->s;
  iv total = iv_add(s, iv_real(s, p->settings->lambda), iv_ui(s, p->settings->samples));
  for (size_t j = 0; j < p->noise->columns; j++) {
    size_t mark = iv_mark(s);
    iv sum[2] = {iv_copy(s, &a->mean[0][j]), iv_copy(s, &a->mean[1][j])};
    iv mean[2] = {iv_div(s, sum[0], total), iv_div(s, sum[1], total)};
    for (size_t u = 0, k = 0; u < 2; u++)
      for (size_t v = u; v < 2; v++, k++) mpfi_sub(a->product[k], a->product[k], iv_mul(s, sum[u], mean[v]));
    mpfi_set(&a->mean[0][j], mean[0]);
    mpfi_set(&a->mean[1][j], mean[1]);
    iv_release(s, mark);
  }
}

/* ---- P ---- */

/* a(t, t') for t = (p, q)/K, t' = (p', q')/K in units of 1/K^2: p p' a_00 + (p q' + q p') a_01 + q q' a_11. */
static iv form(const transport_attempt *a, size_t p, size_t q, size_t p2, size_t q2) {
  iv_scope *s = a->s;
  iv x[2] = {iv_ui(s, p), iv_ui(s, q)}, y[2] = {iv_ui(s, p2), iv_ui(s, q2)};
  iv cross = iv_add(s, iv_mul(s, x[0], y[1]), iv_mul(s, x[1], y[0]));
  iv noise = iv_mul(s, iv_mul(s, x[0], y[0]), a->product[0]), data = iv_mul(s, iv_mul(s, x[1], y[1]), a->product[2]);
  return iv_add(s, iv_add(s, noise, iv_mul(s, cross, a->product[1])), data);
}

static iv euler_perp(const transport_attempt *a, size_t steps) {
  mpfi_ptr perp = iv_new(a->s);
  mpfi_set_ui(perp, 1);
  for (size_t j = 0; j < steps; j++) {
    size_t mark = iv_mark(a->s);
    iv here = form(a, steps - j, j, steps - j, j);
    mpfi_mul(perp, perp, iv_div(a->s, form(a, steps - j, j, steps - j - 1, j + 1), here));
    iv_release(a->s, mark);
  }
  return perp;
}

static iv perp_of(const transport_attempt *a, size_t steps) {
  if (steps) return euler_perp(a, steps);
  return iv_sqrt(a->s, iv_div(a->s, a->product[2], a->product[0]));
}

/* ---- X_1 ---- */

static void move_tile(transport_attempt *a, const transport_problem *p, size_t row, size_t rows, size_t column,
                      size_t columns) {
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) {
      size_t mark = iv_mark(a->s);
      mpfi_ptr out = &a->result[(row + i) * p->start->columns + column + j];
      iv sign = iv_si(a->s, p->signs[row + i]);
      iv from = iv_mul(a->s, sign, &a->mean[0][column + j]), to = iv_mul(a->s, sign, &a->mean[1][column + j]);
      iv rest = iv_sub(a->s, iv_d(a->s, p->tile[0][i * TILE_COLUMNS + j]), from);
      mpfi_add(out, to, iv_mul(a->s, a->perp, rest));
      iv_release(a->s, mark);
    }
}

static assay_status move_all(transport_attempt *a, transport_problem *p, assay_context *context) {
  size_t count = p->start->rows, d = p->start->columns;
  for (size_t column = 0; column < d; column += TILE_COLUMNS) {
    size_t columns = smaller(TILE_COLUMNS, d - column);
    assay_status status = assay_progress(context, "exact transport", (double)column / (double)d);
    for (size_t row = 0; !status && row < count; row += TILE_ROWS) {
      size_t rows = smaller(TILE_ROWS, count - row);
      status = read_tile(p->tile[0], p, p->start, "start", row, rows, column, columns, context);
      if (!status) move_tile(a, p, row, rows, column, columns);
    }
    if (status) return status;
  }
  return ASSAY_OK;
}

/* ---- attempts ---- */

static void set_precision(mpfi_ptr enclosures, size_t count, long bits) {
  for (size_t i = 0; i < count; i++) {
    mpfi_set_prec(&enclosures[i], bits);
    mpfi_set_ui(&enclosures[i], 0);
  }
}

static assay_status run_attempt(transport_attempt *a, transport_problem *p, assay_context *context) {
  long bits = iv_bits(a->s);
  for (size_t u = 0; u < 2; u++) set_precision(a->mean[u], p->noise->columns, bits);
  set_precision(a->result, p->start->rows * p->start->columns, bits);
  for (size_t k = 0; k < 3; k++) a->product[k] = iv_new(a->s);
  assay_status status = add_all(a, p, context);
  if (status) return status;
  reduce(a, p);
  a->perp = perp_of(a, p->settings->steps);
  return move_all(a, p, context);
}

static bool reached(const transport_attempt *a, const transport_problem *p, long goal_bits) {
  if (!iv_reached(a->perp, goal_bits, 1)) return false;
  for (size_t i = 0; i < p->start->rows * p->start->columns; i++)
    if (!iv_reached(&a->result[i], goal_bits, p->scale)) return false;
  return true;
}

static void deliver(mpfi_ptr out, mpfi_ptr perp, const transport_attempt *a, const transport_problem *p) {
  mpfi_set_prec(perp, iv_bits(a->s));
  mpfi_set(perp, a->perp);
  for (size_t i = 0; i < p->start->rows * p->start->columns; i++) mpfi_swap(&out[i], &a->result[i]);
}

/* A generous count of the bytes that tiles and intervals take at `bits`, against the cap. */
static assay_status check_memory(const transport_problem *p, long bits, assay_context *context) {
  enum { HEADERS = 64 };
  size_t each = sizeof(__mpfi_struct) + HEADERS + (size_t)bits / 4, count = 0, bytes = 0;
  bool overflow = __builtin_add_overflow(p->start->rows, 2, &count) ||
                  __builtin_mul_overflow(count, p->start->columns, &count) ||
                  __builtin_mul_overflow(count, each, &bytes) || __builtin_add_overflow(bytes, TILE_BYTES, &bytes);
  if (!overflow && !(context->memory_cap && bytes > context->memory_cap)) return ASSAY_OK;
  return assay_fail(context, ASSAY_MEMORY,
                    "dae transport: %zu + 2 rows of %zu intervals of %ld bits exceed the memory cap", p->start->rows,
                    p->start->columns, bits);
}

static assay_status refine(mpfi_ptr out, mpfi_ptr perp, transport_attempt *a, transport_problem *p, long goal_bits,
                           assay_context *context) {
  bool degenerate = false;
  for (long bits = ziv_first(goal_bits, context); bits; bits = ziv_next(bits, context)) {
    assay_status status = check_memory(p, bits, context);
    if (status) return status;
    a->s = iv_scope_new(bits);
    status = run_attempt(a, p, context);
    bool done = !status && reached(a, p, goal_bits);
    degenerate = !status && !iv_finite(a->perp);
    if (done) deliver(out, perp, a, p);
    iv_scope_free(a->s);
    if (done || status) return status;
  }
  if (degenerate)
    return assay_fail(context, ASSAY_PRECISION, "noise: a_00 was not told from 0 within max_bits = %ld",
                      context->max_bits);
  return ziv_failed("dae transport", goal_bits, context);
}

static assay_status with_memory(mpfi_ptr out, mpfi_ptr perp, transport_problem *p, long goal_bits,
                                assay_context *context) {
  transport_attempt a = {0};
  assay_status status = check_memory(p, ziv_first(goal_bits, context), context);
  if (status) return status;
  size_t d = p->start->columns, count = p->start->rows * d;
  void *tiles = NULL;
  status = assay_allocate(&tiles, TILE_BYTES, 1, "tiles", context);
  if (!status) status = assay_enclosures_init(&a.mean[0], d, context);
  if (!status) status = assay_enclosures_init(&a.mean[1], d, context);
  if (!status) status = assay_enclosures_init(&a.result, count, context);
  if (!status) {
    p->tile[0] = tiles;
    p->tile[1] = p->tile[0] + (size_t)TILE_ROWS * TILE_COLUMNS;
    status = refine(out, perp, &a, p, goal_bits, context);
  }
  assay_enclosures_clear(a.result, count);
  assay_enclosures_clear(a.mean[0], d);
  assay_enclosures_clear(a.mean[1], d);
  free(tiles);
  return status;
}

/* ---- checks ---- */

static assay_status check_signs(const signed char *signs, size_t count, const char *name, assay_context *context) {
  for (size_t i = 0; i < count; i++)
    if (signs[i] != 1 && signs[i] != -1)
      return assay_fail(context, ASSAY_INVALID, "%s: entry %zu is %d; +1 or -1 is expected", name, i, signs[i]);
  return ASSAY_OK;
}

static assay_status check_shapes(const transport_problem *p, assay_context *context) {
  size_t n = p->settings->samples, d = p->noise->columns;
  if (p->noise->rows != n || p->data->rows != n)
    return assay_fail(context, ASSAY_INVALID, "noise, data: %zu and %zu rows; samples = %zu of each are expected",
                      p->noise->rows, p->data->rows, n);
  if (d == 0) return assay_fail(context, ASSAY_INVALID, "noise: 0 columns; at least 1 is expected");
  if (p->data->columns != d || p->start->columns != d)
    return assay_fail(context, ASSAY_INVALID, "data, start: %zu and %zu columns; %zu as in noise are expected",
                      p->data->columns, p->start->columns, d);
  return ASSAY_OK;
}

static assay_status check_settings(const assay_dae_settings *settings, assay_context *context) {
  assay_status status = assay_dae_settings_check(settings, context);
  if (status) return status;
  if (settings->steps && settings->schedule.kind != ASSAY_LINEAR)
    return assay_fail(context, ASSAY_UNSUPPORTED, "steps: %zu on the %s schedule; Euler steps are exact on linear only",
                      settings->steps, assay_schedule_name(settings->schedule.kind));
  if (settings->steps && settings->grid != ASSAY_GRID_UNIFORM)
    return assay_fail(context, ASSAY_UNSUPPORTED, "grid: published; the theorem's steps end where the next begin");
  if (settings->noise == ASSAY_NOISE_FRESH)
    return assay_fail(context, ASSAY_UNSUPPORTED, "noise: fresh; the theorem needs the same noise at every time");
  if (!settings->skip) return assay_fail(context, ASSAY_UNSUPPORTED, "skip: the theorem needs the skip connection");
  return ASSAY_OK;
}

assay_status assay_reference_dae_transport(mpfi_ptr out, mpfi_ptr perp, const assay_stream *noise,
                                           const assay_stream *data, const signed char *labels,
                                           const assay_stream *start, const signed char *signs,
                                           const assay_dae_settings *settings, long goal_bits, assay_context *context) {
  transport_problem problem = {
      .noise = noise, .data = data, .start = start, .labels = labels, .signs = signs, .settings = settings};
  assay_status status = check_settings(settings, context);
  if (!status) status = check_shapes(&problem, context);
  if (!status) status = check_signs(labels, noise->rows, "labels", context);
  if (!status) status = check_signs(signs, start->rows, "signs", context);
  return status ? status : with_memory(out, perp, &problem, goal_bits, context);
}
