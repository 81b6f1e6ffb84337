#include "reference/gmm_diffusion/mixing.h"

#include "reference/core/rational.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- reading ---- */

static assay_status read_number(mpq_ptr out, assay_real value, size_t piece, const char *member,
                                assay_context *context) {
  char name[64];
  (void)snprintf(name, sizeof name, "pieces[%zu].%s", piece, member);
  return rational_set(out, value, name, context);
}

static assay_status read_piece(mixing_piece *out, const assay_gmm_piece *in, size_t i, assay_context *context) {
  assay_status status = read_number(out->weight, in->weight, i, "weight", context);
  if (!status) status = read_number(out->left, in->left, i, "left", context);
  if (!status) status = read_number(out->right, in->right, i, "right", context);
  if (status) return status;
  if (mpq_sgn(out->weight) <= 0)
    return assay_fail(context, ASSAY_INVALID, "pieces[%zu].weight: %g must be positive", i, in->weight.nearest);
  if (mpq_cmp(out->left, out->right) > 0)
    return assay_fail(context, ASSAY_INVALID, "pieces[%zu].left: %g is beyond right, %g", i, in->left.nearest,
                      in->right.nearest);
  return ASSAY_OK;
}

/* Weights by their sum, ends to v. */
static void normalise(mixing_law *law, mpq_srcptr centre) {
  mpq_t sum;
  mpq_init(sum);
  for (size_t i = 0; i < law->count; i++) mpq_add(sum, sum, law->piece[i].weight);
  for (size_t i = 0; i < law->count; i++) {
    mixing_piece *p = &law->piece[i];
    mpq_div(p->weight, p->weight, sum);
    mpq_sub(p->left, p->left, centre), mpq_div(p->left, p->left, law->sigma);
    mpq_sub(p->right, p->right, centre), mpq_div(p->right, p->right, law->sigma);
  }
  mpq_clear(sum);
}

/* ---- radius and symmetry ---- */

/* The least and the largest v. */
static void find_ends(mpq_ptr least, mpq_ptr largest, const mixing_law *law) {
  mpq_set(least, law->piece[0].left), mpq_set(largest, law->piece[0].right);
  for (size_t i = 1; i < law->count; i++) {
    if (mpq_cmp(law->piece[i].left, least) < 0) mpq_set(least, law->piece[i].left);
    if (mpq_cmp(law->piece[i].right, largest) > 0) mpq_set(largest, law->piece[i].right);
  }
}

static void find_radius(mixing_law *law) {
  mpq_t least;
  mpq_init(least);
  find_ends(least, law->radius, law);
  mpq_neg(least, least);
  if (mpq_cmp(least, law->radius) > 0) mpq_set(law->radius, least);
  mpq_clear(least);
}

static int compare_pieces(const void *a, const void *b) {
  const mixing_piece *p = a, *q = b;
  int order = mpq_cmp(p->left, q->left);
  if (!order) order = mpq_cmp(p->right, q->right);
  return order ? order : mpq_cmp(p->weight, q->weight);
}

static void clear_pieces(mixing_piece *piece, size_t count) {
  for (size_t i = 0; i < count; i++) mpq_clears(piece[i].weight, piece[i].left, piece[i].right, (mpq_ptr)NULL);
  free(piece);
}

static assay_status new_pieces(mixing_piece **out, size_t count, assay_context *context) {
  void *memory = NULL;
  assay_status status = assay_allocate(&memory, count, sizeof **out, "pieces", context);
  if (status) return status;
  *out = memory;
  for (size_t i = 0; i < count; i++) mpq_inits((*out)[i].weight, (*out)[i].left, (*out)[i].right, (mpq_ptr)NULL);
  return ASSAY_OK;
}

static void copy_pieces(mixing_piece *out, const mixing_law *law, bool mirrored) {
  for (size_t i = 0; i < law->count; i++) {
    const mixing_piece *p = &law->piece[i];
    mpq_set(out[i].weight, p->weight);
    mpq_set(out[i].left, mirrored ? p->right : p->left), mpq_set(out[i].right, mirrored ? p->left : p->right);
    if (mirrored) mpq_neg(out[i].left, out[i].left), mpq_neg(out[i].right, out[i].right);
  }
  qsort(out, law->count, sizeof *out, compare_pieces);
}

/* The law and its mirror image are the same set of pieces. */
static assay_status find_symmetry(mixing_law *law, assay_context *context) {
  mixing_piece *own = NULL, *mirror = NULL;
  assay_status status = new_pieces(&own, law->count, context);
  if (status) return status;
  status = new_pieces(&mirror, law->count, context);
  if (!status) {
    copy_pieces(own, law, false), copy_pieces(mirror, law, true);
    law->symmetric = true;
    for (size_t i = 0; i < law->count; i++) law->symmetric &= compare_pieces(&own[i], &mirror[i]) == 0;
    clear_pieces(mirror, law->count);
  }
  clear_pieces(own, law->count);
  return status;
}

/* ---- laws ---- */

static assay_status fill(mixing_law *law, const assay_gmm_line *line, assay_context *context) {
  mpq_t centre;
  mpq_init(centre);
  assay_status status = rational_set(law->sigma, line->sigma, "sigma", context);
  if (!status && mpq_sgn(law->sigma) <= 0)
    status = assay_fail(context, ASSAY_INVALID, "sigma: %g must be positive", line->sigma.nearest);
  if (!status) status = rational_set(centre, line->centre, "centre", context);
  for (size_t i = 0; !status && i < law->count; i++) status = read_piece(&law->piece[i], &line->pieces[i], i, context);
  if (!status) {
    normalise(law, centre);
    find_radius(law);
    status = find_symmetry(law, context);
  }
  mpq_clear(centre);
  return status;
}

assay_status mixing_law_init(mixing_law *out, const assay_gmm_line *line, assay_context *context) {
  if (line->count < 1) return assay_fail(context, ASSAY_INVALID, "pieces: 0; at least 1 is expected");
  mixing_law law = {.count = line->count};
  assay_status status = new_pieces(&law.piece, law.count, context);
  if (status) return status;
  mpq_inits(law.sigma, law.radius, (mpq_ptr)NULL);
  status = fill(&law, line, context);
  if (status)
    mixing_law_clear(&law);
  else
    *out = law;
  return status;
}

void mixing_law_clear(mixing_law *law) {
  clear_pieces(law->piece, law->count);
  mpq_clears(law->sigma, law->radius, (mpq_ptr)NULL);
}

void mixing_law_recentre(mixing_law *law) {
  mpq_t middle, half;
  mpq_inits(middle, half, (mpq_ptr)NULL);
  mpq_set_ui(half, 1, 2);
  find_ends(middle, law->radius, law);
  mpq_add(middle, middle, law->radius);
  mpq_mul(middle, middle, half);
  for (size_t i = 0; i < law->count; i++) {
    mpq_sub(law->piece[i].left, law->piece[i].left, middle);
    mpq_sub(law->piece[i].right, law->piece[i].right, middle);
  }
  find_radius(law);
  mpq_clears(middle, half, (mpq_ptr)NULL);
}

iv mixing_rational(iv_scope *s, mpq_srcptr value) {
  mpfi_ptr r = iv_new(s);
  mpfi_set_q(r, value);
  return r;
}

/* A segment's height from its exact length: ends close together lose nothing. */
static iv height(iv_scope *s, const mixing_piece *piece) {
  mpq_t value;
  mpq_init(value);
  mpq_sub(value, piece->right, piece->left);
  mpq_div(value, piece->weight, value);
  iv out = mixing_rational(s, value);
  mpq_clear(value);
  return out;
}

void mixing_law_at(mixing_piece_at *out, iv_scope *s, const mixing_law *law) {
  for (size_t i = 0; i < law->count; i++) {
    const mixing_piece *p = &law->piece[i];
    out[i].atom = mpq_equal(p->left, p->right);
    out[i].weight = mixing_rational(s, p->weight);
    out[i].left = mixing_rational(s, p->left), out[i].right = mixing_rational(s, p->right);
    out[i].height = out[i].atom ? NULL : height(s, p);
  }
}

/* ---- the posterior ---- */

/* Phi(high) - Phi(low) by lower tails where both are on one side. */
static iv normal_between(iv_scope *s, iv low, iv high) {
  if (iv_positive(low) == IV_TRUE)
    return iv_sub(s, iv_normal_cdf(s, iv_neg(s, low)), iv_normal_cdf(s, iv_neg(s, high)));
  return iv_sub(s, iv_normal_cdf(s, high), iv_normal_cdf(s, low));
}

/* int v phi(v - x) dv = x (Phi(r - x) - Phi(l - x)) - (phi(r - x) - phi(l - x)) over [l, r]. */
static void add_segment(iv *share, mpfi_ptr moment, iv_scope *s, const mixing_piece_at *p, iv x) {
  iv low = iv_sub(s, p->left, x), high = iv_sub(s, p->right, x);
  iv drop = iv_sub(s, iv_normal_density(s, high), iv_normal_density(s, low));
  *share = iv_mul(s, p->height, normal_between(s, low, high));
  mpfi_add(moment, moment, iv_sub(s, iv_mul(s, x, *share), iv_mul(s, p->height, drop)));
}

void mixing_posterior(iv *shares, iv *density, iv *moment, iv_scope *s, const mixing_piece_at *piece, size_t count,
                      iv x) {
  mpfi_ptr sum = iv_new(s), first = iv_new(s);
  for (size_t i = 0; i < count; i++) {
    const mixing_piece_at *p = &piece[i];
    iv share = NULL;
    if (p->atom) {
      share = iv_mul(s, p->weight, iv_normal_density(s, iv_sub(s, p->left, x)));
      mpfi_add(first, first, iv_mul(s, p->left, share));
    } else {
      add_segment(&share, first, s, p, x);
    }
    mpfi_add(sum, sum, share);
    if (shares) shares[i] = share;
  }
  *density = sum;
  *moment = first;
}
