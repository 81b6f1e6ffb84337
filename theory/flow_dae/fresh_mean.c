#include "theory/flow_dae/fresh_mean.h"
#include "theory/flow_dae/growth.h"

#include "reference/core/quantile.h"

#include <math.h>

/* q_j over what the steps after j make of it. */
static iv kick_at(iv_scope *s, const fluctuation *f, size_t steps, iv skip) {
  return iv_div(s, iv_mul(s, f->shrinkage, skip), iv_ui(s, steps));
}

/* From the last step to the first; `grown` and `still_grown` are the products of the factors so far. */
fresh_kicks fresh_kicks_of(iv_scope *s, const fluctuation *f, const fluctuation *still, size_t steps) {
  mpfi_ptr grown = iv_new(s), still_grown = iv_new(s), squares = iv_new(s), rest = iv_new(s);
  iv step = iv_inv(s, iv_ui(s, steps));
  mpfi_set_ui(grown, 1);
  mpfi_set_ui(still_grown, 1);
  for (size_t j = steps; j-- > 0;) {
    size_t mark = iv_mark(s);
    iv skip = growth_skip(s, f, steps, j), still_skip = growth_skip(s, still, steps, j);
    iv kick = iv_mul(s, kick_at(s, f, steps, skip), grown);
    iv still_kick = iv_mul(s, kick_at(s, still, steps, still_skip), still_grown);
    mpfi_set(squares, iv_add(s, squares, iv_sqr(s, still_kick)));
    mpfi_set(rest, iv_add(s, rest, iv_sqr(s, iv_sub(s, kick, still_kick))));
    mpfi_set(grown, iv_mul(s, grown, growth_factor(s, skip, step, steps, j)));
    mpfi_set(still_grown, iv_mul(s, still_grown, growth_factor(s, still_skip, step, steps, j)));
    iv_release(s, mark);
  }
  return (fresh_kicks){grown, growth_skip(s, f, steps, 0), iv_sqrt(s, squares), iv_sqrt(s, rest)};
}

/* [-x, x] for the largest |x| of an interval. */
static iv either_sign(iv_scope *s, iv x) { return iv_hull(s, iv_neg(s, x), x); }

/* <Xi, v>/d for |v|^2/d = square. */
static iv along_noise(iv_scope *s, const fluctuation *f, const fresh_kicks *q, const fresh_laws *laws, iv square) {
  iv spread = iv_add(s, iv_mul(s, laws->normal, q->length), either_sign(s, iv_mul(s, q->rest, laws->root_chi)));
  return iv_mul(s, spread, iv_sqrt(s, iv_div(s, square, iv_mul(s, f->n, f->d))));
}

/* <xi_0, v>/d likewise. */
static iv along_first(iv_scope *s, const fluctuation *f, const fresh_laws *laws, iv square) {
  return iv_mul(s, either_sign(s, laws->root_chi), iv_sqrt(s, iv_div(s, square, iv_mul(s, f->n, f->d))));
}

/* sqrt(d) <zeta, u>/d for a u of squared length square and part `along` on w_0, as in cluster_mean.c. */
static iv along_start(iv_scope *s, const cluster_mean *start, iv along, iv square) {
  iv off = iv_max(s, iv_si(s, 0), iv_sub(s, square, iv_sqr(s, along)));
  return iv_add(s, iv_mul(s, start->folded, along), iv_mul(s, start->normal, iv_sqrt(s, off)));
}

fresh_products fresh_products_of(iv_scope *s, const fresh_inputs *in, const fresh_kicks *q) {
  const fluctuation *f = &in->one;
  const fresh_laws *laws = &in->laws;
  iv k = f->shrinkage, missed = iv_add_si(s, k, -1), first2 = in->each.xi2;
  iv with_eta = iv_mul(s, f->sigma, f->eta_mu), eta2 = iv_mul(s, iv_sqr(s, f->sigma), f->eta2);
  /* v = k sigma eta + (k-1) mu: |v|^2, <v, m>, |m|^2 */
  iv vv = iv_add(s, iv_mul(s, iv_sqr(s, k), eta2), iv_mul(s, iv_sqr(s, missed), f->norm2));
  vv = iv_add(s, vv, iv_mul_2si(s, iv_mul(s, iv_mul(s, k, missed), with_eta), 1));
  vv = iv_max(s, vv, iv_si(s, 0));
  iv vm = iv_add(s, iv_mul(s, k, eta2), iv_mul(s, missed, f->norm2));
  vm = iv_add(s, vm, iv_mul(s, iv_add(s, k, missed), with_eta));
  iv mm = iv_add(s, iv_add(s, f->norm2, eta2), iv_mul_2si(s, with_eta, 1));

  iv size = iv_mul(s, q->length, laws->norm), rest = either_sign(s, iv_mul(s, q->rest, laws->largest));
  size = iv_div(s, iv_max(s, iv_add(s, size, rest), iv_si(s, 0)), iv_sqrt(s, f->n)); /* |Xi|/sqrt d */
  fresh_products out = {.vv = vv, .xv = along_noise(s, f, q, laws, vv), .xx = iv_sqr(s, size)};
  iv uu = iv_add(s, iv_sub(s, vv, iv_mul_2si(s, out.xv, 1)), out.xx);
  out.uu = iv_max(s, uu, iv_si(s, 0));

  iv c = q->first_skip;
  iv uw = iv_sub(s, vm, along_noise(s, f, q, laws, mm));
  uw = iv_sub(s, uw, iv_mul(s, c, along_first(s, f, laws, vv)));
  out.uw = iv_add(s, uw, iv_mul(s, c, either_sign(s, iv_mul(s, size, iv_sqrt(s, first2)))));
  iv ww = iv_add(s, mm, iv_mul(s, iv_sqr(s, c), first2));
  out.ww = iv_sub(s, ww, iv_mul_2si(s, iv_mul(s, c, along_first(s, f, laws, mm)), 1));
  return out;
}

fresh_mean fresh_mean_from(iv_scope *s, const fresh_inputs *in, size_t steps) {
  fresh_kicks kicks = fresh_kicks_of(s, &in->each, &in->still, steps);
  fresh_products at = fresh_products_of(s, in, &kicks);
  iv zeta = along_start(s, &in->start, iv_div(s, at.uw, iv_sqrt(s, at.ww)), at.uu);
  iv with_zeta = iv_div(s, iv_mul(s, kicks.perp, zeta), iv_sqrt(s, in->one.d));
  fresh_mean out = {.center = at.uu, .noise = at.xx};
  out.start = iv_add(s, iv_mul_2si(s, with_zeta, 1), iv_mul(s, iv_sqr(s, kicks.perp), in->start.square));
  return out;
}

void fresh_inputs_of(fresh_inputs *out, iv_scope *s, const assay_dae_settings *settings, size_t dimension, size_t count,
                     double delta) {
  /* Shares: the set; the steps; the start; the norm, the singular value, two vectors' normals and two chi^2_K. */
  enum { SHARES = 9 };
  double share = delta / SHARES;
  size_t steps = settings->steps;
  out->one = fluctuation_of(s, settings, dimension, share);
  out->each = fluctuation_of(s, settings, dimension, share / (double)steps);
  out->still = fluctuation_limit(s, settings, dimension);
  iv d = out->one.d, root_steps = iv_sqrt(s, iv_ui(s, steps)), zero = iv_si(s, 0);
  iv low = iv_d(s, quantile_chi2_lower(dimension, share / 2)),
     high = iv_d(s, quantile_chi2_upper(dimension, share / 2));
  iv deviation = iv_sqrt(s, iv_mul_2si(s, iv_neg(s, iv_log(s, iv_d(s, share))), 1));
  iv largest = iv_add(s, iv_sqrt(s, d), iv_add(s, root_steps, deviation));
  out->laws = (fresh_laws){.norm = iv_sqrt(s, iv_div(s, iv_hull(s, low, high), d)),
                           .largest = iv_hull(s, zero, iv_div(s, largest, iv_sqrt(s, d))),
                           .root_chi = iv_hull(s, zero, iv_sqrt(s, iv_d(s, quantile_chi2_upper(steps, share)))),
                           .normal = fluctuation_normal(s, share)};
  out->start = cluster_mean_of(s, &out->one, count, 1, share);
}

fresh_mean fresh_mean_of(iv_scope *s, const assay_dae_settings *settings, size_t dimension, size_t count,
                         double delta) {
  fresh_inputs in;
  fresh_inputs_of(&in, s, settings, dimension, count, delta);
  return fresh_mean_from(s, &in, settings->steps);
}

fresh_mean fresh_mean_limit(iv_scope *s, const assay_dae_settings *settings, size_t dimension, size_t count) {
  fluctuation still = fluctuation_limit(s, settings, dimension);
  iv zero = iv_si(s, 0), unit = iv_si(s, 1);
  fresh_inputs in = {.one = still, .each = still, .still = still};
  in.laws = (fresh_laws){.norm = unit, .largest = unit, .root_chi = zero, .normal = zero};
  in.start = cluster_mean_limit(s, &in.still, count);
  return fresh_mean_from(s, &in, settings->steps);
}
