/* Which signs are known (adam_margins.h). */
#include "fast/flow_dae/adam_margins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* More than what fewer than 1000 roundings of positive numbers amount to. */
#define SCALARS (1 + 0x1p-43)

/* gamma_m, with two roundings more: those of differences of w. */
static double gamma_of(const dae_slabs *slabs) {
  double roundings = (dae_slabs_roundings(slabs) + 2) * 0x1p-53;
  return roundings / (1 - roundings) * SCALARS;
}

static double underflow_of(const adam_margins *m) { return (double)m->rows->data->dimension * 0x1p-1074; }

/* At least the norm whose computed square this is. */
static double norm_up(const adam_margins *m, double square) {
  return square < 0x1p1000 ? sqrt((square + underflow_of(m)) / (1 - m->gamma)) * SCALARS : INFINITY;
}

assay_status adam_margins_init(adam_margins *out, adam_rows *rows, const double *w, assay_context *context) {
  size_t n = rows->data->samples, count = (2 + ANCHORS) * n + ANCHORS * rows->stride;
  *out = (adam_margins){.rows = rows, .w = w, .gamma = gamma_of(&rows->slabs)};
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, count, sizeof(double), "Adam", context);
  if (status) return status;
  rows->held += count * sizeof(double);
  double *next = out->memory = memory;
  for (size_t k = 0; k < ANCHORS; k++, next += rows->stride) out->anchors[k].w = next;
  for (size_t k = 0; k < ANCHORS; k++, next += n) out->anchors[k].products = next;
  out->norms = next;
  out->limits = next + n;
  for (size_t i = 0; i < n; i++) {
    out->norms[i] = norm_up(out, rows->squares[i]);
    out->limits[i] = -INFINITY;
  }
  return ASSAY_OK;
}

void adam_margins_clear(adam_margins *margins) { free(margins->memory); }

void adam_margins_move(adam_margins *margins, double moved) {
  margins->path = nextafter(margins->path + norm_up(margins, moved), INFINITY);
}

/* The path up to which row i's sign is known to be y's, y being off by `error`, that of z at the end included. Not
 * above the path, or not a number: it is not known. */
static double limit_of(const adam_margins *m, size_t i, double y, double error) {
  double room = fabs(y) - error * SCALARS;
  return nextafter(m->path + room / (m->norms[i] * (1 + m->gamma) * SCALARS), -INFINITY);
}

static bool is_known(const adam_margins *m, size_t i) { return m->path < m->limits[i]; }

/* M2 at this epoch: w = a A + b B + q. */
typedef struct {
  double a, b, rest, total; /* rest, total: |q| and T, rounded up */
} anchored;

static assay_status place_between(anchored *out, const adam_margins *m, double square, assay_context *context) {
  const adam_anchor *anchor = m->anchors;
  const double *vectors[ANCHORS] = {anchor[0].w, anchor[1].w};
  double with[ANCHORS], same = 0;
  assay_status status = adam_rows_products(with, &same, m->w, vectors, ANCHORS, m->rows, context);
  if (status) return status;
  double slant = m->between / anchor[0].square, height = anchor[1].square - slant * m->between;
  double b = height > 0 ? (with[1] - slant * with[0]) / height : 0, a = with[0] / anchor[0].square - b * slant;
  double total = (norm_up(m, square) + fabs(a) * anchor[0].norm + fabs(b) * anchor[1].norm) * SCALARS;
  double least = square - 2 * (a * with[0] + b * with[1]) + a * (a * anchor[0].square) + 2 * a * (b * m->between) +
                 b * (b * anchor[1].square);
  double low = 2 * m->gamma * total * total + (1 + fabs(a) + fabs(b)) * (1 + fabs(a) + fabs(b)) * underflow_of(m);
  double rest = total < 0x1p500 ? sqrt(fmax(least, 0) + low) * SCALARS : INFINITY;
  *out = (anchored){a, b, rest, total};
  return ASSAY_OK;
}

/* Leaves out the rows that M2 knows. */
static void know_more(adam_margins *m, size_t *list, size_t *count, const signed char *signs, const anchored *at) {
  size_t unknown = 0;
  double lost = (2 * (fabs(at->a) + fabs(at->b)) + 3) * underflow_of(m), relative = at->rest + 3 * m->gamma * at->total;
  for (size_t k = 0; k < *count; k++) {
    size_t i = list[k];
    double y = at->a * m->anchors[0].products[i] + at->b * m->anchors[1].products[i];
    double limit = limit_of(m, i, y, m->norms[i] * relative + lost);
    if (y * signs[i] > 0 && limit > m->limits[i]) m->limits[i] = limit;
    if (!is_known(m, i)) list[unknown++] = i;
  }
  *count = unknown;
}

assay_status adam_margins_list(size_t *list, size_t *count, adam_margins *margins, const signed char *signs,
                               double square, assay_context *context) {
  adam_margins *m = margins;
  size_t n = m->rows->data->samples;
  *count = 0;
  for (size_t i = 0; i < n; i++)
    if (!is_known(m, i)) list[(*count)++] = i;
  if (*count > ANCHORS && m->made >= ANCHORS) {
    anchored at;
    assay_status status = place_between(&at, m, square, context);
    if (status) return status;
    know_more(m, list, count, signs, &at);
  }
  m->taken += *count;
  if (m->taken < n) return ASSAY_OK;
  for (size_t i = 0; i < n; i++) list[i] = i;
  *count = n;
  return ASSAY_OK;
}

/* w becomes the newest anchor. */
static assay_status make_anchor(adam_margins *m, const double *products, double square, assay_context *context) {
  adam_anchor last = m->anchors[ANCHORS - 1];
  m->anchors[1] = m->anchors[0];
  m->anchors[0] = (adam_anchor){last.w, last.products, square, norm_up(m, square)};
  memcpy(last.w, m->w, m->rows->stride * sizeof(double));
  memcpy(last.products, products, m->rows->data->samples * sizeof(double));
  m->made++;
  m->taken = 0;
  const double *other = m->anchors[1].w;
  double same = 0;
  return adam_rows_products(&m->between, &same, m->w, &other, 1, m->rows, context);
}

assay_status adam_margins_note(adam_margins *margins, const size_t *list, size_t count, const double *products,
                               double square, assay_context *context) {
  double relative = 2 * margins->gamma * norm_up(margins, square), lost = 2 * underflow_of(margins);
  for (size_t k = 0; k < count; k++)
    margins->limits[list[k]] = limit_of(margins, list[k], products[k], margins->norms[list[k]] * relative + lost);
  return margins->taken < margins->rows->data->samples ? ASSAY_OK : make_anchor(margins, products, square, context);
}
