#include "theory/flow_dae/cluster_mean.h"

#include "reference/core/quantile.h"

/* chi^2_nu/nu, two-sided. */
static iv mean_square(iv_scope *s, uint64_t nu, double delta) {
  iv low = iv_d(s, quantile_chi2_lower(nu, delta / 2)), high = iv_d(s, quantile_chi2_upper(nu, delta / 2));
  return iv_div(s, iv_hull(s, low, high), iv_ui(s, nu));
}

/* <a, b>/d of two vectors given by their coefficients along mu, xi, eta. */
static iv product(iv_scope *s, const fluctuation *f, const iv a[3], const iv b[3]) {
  iv sum = iv_mul(s, iv_mul(s, a[0], b[0]), f->norm2);
  sum = iv_add(s, sum, iv_mul(s, iv_mul(s, a[1], b[1]), f->xi2));
  sum = iv_add(s, sum, iv_mul(s, iv_mul(s, a[2], b[2]), f->eta2));
  const struct {
    size_t i, j;
    iv gram;
  } mixed[] = {{0, 1, f->xi_mu}, {0, 2, f->eta_mu}, {1, 2, f->xi_eta}};
  for (size_t k = 0; k < 3; k++) {
    size_t i = mixed[k].i, j = mixed[k].j;
    sum = iv_add(s, sum, iv_mul(s, iv_add(s, iv_mul(s, a[i], b[j]), iv_mul(s, a[j], b[i])), mixed[k].gram));
  }
  return sum;
}

/* mu + sigma eta - c_0 xi over its norm per sqrt(d), by its coefficients. */
static void start_direction(iv out[3], iv_scope *s, const fluctuation *f) {
  const iv along[3] = {iv_si(s, 1), iv_neg(s, iv_div(s, f->a01, f->a00)), f->sigma};
  iv norm = iv_sqrt(s, product(s, f, along, along));
  for (size_t i = 0; i < 3; i++) out[i] = iv_div(s, along[i], norm);
}

cluster_mean cluster_mean_of(iv_scope *s, const fluctuation *f, size_t count, size_t directions, double delta) {
  enum { SQUARES = 3, SPAN = 3 };
  double share = delta / (double)(directions + SQUARES);
  iv N = iv_ui(s, count);
  iv folded = iv_sqrt(s, iv_div(s, iv_d(s, quantile_chi2_upper(count, share)), N));
  iv rest = iv_mul(s, mean_square(s, f->dimension - 1, share), iv_ui(s, f->dimension - 1));
  cluster_mean c = {.f = f, .count = count, .folded = iv_hull(s, iv_si(s, 0), folded)};
  c.normal = iv_div(s, fluctuation_normal(s, share), iv_sqrt(s, N));
  c.square = iv_div(s, iv_add(s, iv_sqr(s, c.folded), iv_div(s, rest, N)), f->d);
  c.spread = iv_sqrt(s, mean_square(s, (uint64_t)count * (f->dimension - SPAN), share));
  return c;
}

cluster_mean cluster_mean_limit(iv_scope *s, const fluctuation *limit, size_t count) {
  iv zero = iv_si(s, 0);
  return (cluster_mean){.f = limit,
                        .folded = zero,
                        .normal = zero,
                        .square = iv_inv(s, iv_ui(s, count)),
                        .spread = iv_si(s, 1),
                        .count = count};
}

/* sqrt(d) <zeta, u> for a u of squared length square/d whose part along w_0 is along/sqrt(d). */
static iv along_and_off(iv_scope *s, const cluster_mean *c, iv along, iv square) {
  iv off = iv_max(s, iv_si(s, 0), iv_sub(s, square, iv_sqr(s, along)));
  return iv_add(s, iv_mul(s, c->folded, along), iv_mul(s, c->normal, iv_sqrt(s, off)));
}

/* Inverse of the Gram matrix of mu, xi, eta (per dimension): its diagonal, by cofactors. */
static void inverse_diagonal(iv_scope *s, const fluctuation *f, iv out[3]) {
  iv a = f->norm2, b = f->xi2, c = f->eta2, ab = f->xi_mu, ac = f->eta_mu, bc = f->xi_eta;
  iv minor_a = iv_sub(s, iv_mul(s, b, c), iv_sqr(s, bc));
  iv minor_b = iv_sub(s, iv_mul(s, a, c), iv_sqr(s, ac));
  iv minor_c = iv_sub(s, iv_mul(s, a, b), iv_sqr(s, ab));
  iv off_ab = iv_sub(s, iv_mul(s, ab, c), iv_mul(s, ac, bc));
  iv off_ac = iv_sub(s, iv_mul(s, ab, bc), iv_mul(s, ac, b));
  iv determinant = iv_add(s, iv_sub(s, iv_mul(s, a, minor_a), iv_mul(s, ab, off_ab)), iv_mul(s, ac, off_ac));
  out[0] = iv_div(s, minor_a, determinant);
  out[1] = iv_div(s, minor_b, determinant);
  out[2] = iv_div(s, minor_c, determinant);
}

cluster_overlaps cluster_overlaps_at(iv_scope *s, const cluster_mean *c, iv perp, iv alpha, iv beta) {
  const fluctuation *f = c->f;
  iv start[3], inverse[3], noise[3]; /* P <zeta, dual vector>, the dual vectors having squared length inverse/d */
  start_direction(start, s, f);
  inverse_diagonal(s, f, inverse);
  for (size_t i = 0; i < 3; i++) {
    iv both = along_and_off(s, c, start[i], inverse[i]);
    noise[i] = iv_div(s, iv_mul(s, perp, both), iv_sqrt(s, f->d));
  }
  iv along = iv_mul(s, f->shrinkage, beta);
  cluster_overlaps out;
  out.mu = iv_add(s, along, noise[0]);
  out.xi = iv_add(s, iv_mul(s, f->shrinkage, iv_sub(s, alpha, perp)), noise[1]);
  out.eta = iv_add(s, iv_mul(s, along, f->sigma), noise[2]);
  out.perp = iv_mul(s, perp, c->spread);
  return out;
}

cluster_error cluster_error_of(iv_scope *s, const cluster_mean *c, iv perp) {
  return cluster_error_at(s, c, perp, iv_si(s, 0), iv_si(s, 1));
}

cluster_error cluster_error_at(iv_scope *s, const cluster_mean *c, iv perp, iv alpha, iv beta) {
  const fluctuation *f = c->f;
  iv along = iv_mul(s, f->shrinkage, beta);
  const iv missed[3] = {iv_add_si(s, along, -1), iv_mul(s, f->shrinkage, iv_sub(s, alpha, perp)),
                        iv_mul(s, along, f->sigma)};
  iv start[3];
  start_direction(start, s, f);
  cluster_error error;
  error.center = iv_max(s, iv_si(s, 0), product(s, f, missed, missed));
  iv both = along_and_off(s, c, product(s, f, missed, start), error.center);
  iv with_zeta = iv_div(s, iv_mul(s, perp, both), iv_sqrt(s, f->d));
  error.noise = iv_add(s, iv_mul_2si(s, with_zeta, 1), iv_mul(s, iv_sqr(s, perp), c->square));
  return error;
}
