/* The parts of theory/flow_dae/fresh_mean.h: the chances of what is drawn to miss its intervals add up to delta, by
 * closed forms of the laws; and around what was drawn, sums over stored vectors lie in the intervals, always. */
#include "testing.h"

#include "theory/flow_dae/fresh_mean.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 160 };

typedef struct {
  size_t n, d, steps, count;
  double sigma, lambda, mean; /* mean: entries of mu */
} fresh_case;

#define CASE "n %zu d %zu steps %zu count %zu sigma %a lambda %a mean %a"
#define OF(at) (at)->n, (at)->d, (at)->steps, (at)->count, (at)->sigma, (at)->lambda, (at)->mean

static assay_dae_settings settings_of(const fresh_case *at) {
  assay_dae_settings settings = assay_dae_settings_of(at->n, assay_real_of(at->sigma), assay_real_of(at->lambda));
  settings.norm2 = assay_real_of(at->mean * at->mean);
  settings.steps = at->steps;
  settings.noise = ASSAY_NOISE_FRESH;
  return settings;
}

/* ---- chances ---- */

/* P(chi^2_nu > x) = [nu odd: erfc(sqrt(x/2))] + exp(-x/2) sum over k = nu/2 - 1, nu/2 - 2, ... >= 0 of (x/2)^k/k!. */
static double above(double nu, double x) {
  double sum = fmod(nu, 2) == 1 ? erfc(sqrt(x / 2)) : 0;
  if (x <= 0) return 1;
  for (size_t i = 1; 2 * (double)i <= nu; i++) {
    double k = nu / 2 - (double)i;
    sum += exp(k * log(x / 2) - x / 2 - lgamma(k + 1));
  }
  return sum;
}

/* That chi^2_nu is outside of [low, high]. */
static double outside(double nu, double low, double high) { return above(nu, high) + 1 - above(nu, low); }

/* That |N(0, 1)| > q. */
static double beyond(double q) { return erfc(q / sqrt(2)); }

/* That one of a training set's eight independent numbers is outside of what its Gram numbers are made of. */
static double set_misses(const fluctuation *f) {
  double n = (double)f->samples, d = (double)f->dimension, root = sqrt(n * d), sigma = iv_lower_d(f->sigma);
  double kappa = iv_lower_d(f->shrinkage) * iv_lower_d(f->lambda), norm2 = iv_lower_d(f->norm2);
  double xi_low = iv_lower_d(f->xi2), xi_high = iv_upper_d(f->xi2);
  double eta_low = iv_lower_d(f->eta2), eta_high = iv_upper_d(f->eta2);
  double eta_mu = iv_upper_d(f->eta_mu), xi_mu = iv_upper_d(f->xi_mu), xi_eta = iv_upper_d(f->xi_eta);
  double w00_low = iv_lower_d(f->a00) - kappa * xi_low, w00_high = iv_upper_d(f->a00) - kappa * xi_high;
  double w11_low = iv_lower_d(f->a11) - kappa * (norm2 - 2 * sigma * eta_mu + sigma * sigma * eta_low);
  double w11_high = iv_upper_d(f->a11) - kappa * (norm2 + 2 * sigma * eta_mu + sigma * sigma * eta_high);
  double w01 = (iv_upper_d(f->a01) - kappa * (xi_mu + sigma * xi_eta)) / sigma, s2 = sigma * sigma;
  return outside(d, n * d * xi_low, n * d * xi_high) + outside(d, n * d * eta_low, n * d * eta_high) +
         beyond(xi_eta * root / sqrt(xi_high)) + beyond(xi_mu * root / sqrt(norm2)) +
         beyond(eta_mu * root / sqrt(norm2)) + outside((n - 1) * d, d * w00_low, d * w00_high) +
         outside((n - 1) * d, d * w11_low / s2, d * w11_high / s2) + beyond(w01 * sqrt(d / w00_high));
}

/* Likewise of the generated samples' numbers. */
static double start_misses(const cluster_mean *c, double d) {
  double count = (double)c->count, folded = iv_upper_d(c->folded), nu = count * (d - 3);
  double rest_low = count * d * iv_lower_d(c->square),
         rest_high = count * (d * iv_upper_d(c->square) - folded * folded);
  return above(count, count * folded * folded) + outside(d - 1, rest_low, rest_high) +
         beyond(iv_upper_d(c->normal) * sqrt(count)) +
         outside(nu, nu * pow(iv_lower_d(c->spread), 2), nu * pow(iv_upper_d(c->spread), 2));
}

/* Of the noises' (two vectors are met with root_chi, and with normal); the singular value's by its bound. */
static double law_misses(const fresh_laws *laws, double d, double steps) {
  double low = iv_lower_d(laws->norm), high = iv_upper_d(laws->norm);
  double reach = fmax(iv_upper_d(laws->largest) * sqrt(d) - sqrt(d) - sqrt(steps), 0);
  return outside(d, d * low * low, d * high * high) + exp(-reach * reach / 2) +
         2 * above(steps, pow(iv_upper_d(laws->root_chi), 2)) + 2 * beyond(iv_upper_d(laws->normal));
}

/* Quantiles are within a thousandth of a standard deviation, where the laws fall by a factor exp(-5/1000) at most
 * (5 deviations out, for delta as here): twice that is allowed. */
static void chances_add_up(void **state) {
  (void)state;
  static const fresh_case cases[] = {
      {2, 40, 1, 3, 0.5, 1, 1}, {3, 7, 2, 1, 2, 0.25, 1.5}, {5, 200, 9, 12, 0.75, 4, 0.5}, {2, 12, 40, 5, 1, 0.5, 1}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t k = 0; k < 4; k++) {
      const fresh_case *at = &cases[i];
      const double delta = 0.5 * pow(7, -(double)k);
      assay_dae_settings settings = settings_of(at);
      iv_scope *s = iv_scope_new(BITS);
      fresh_inputs in;
      fresh_inputs_of(&in, s, &settings, at->d, at->count, delta);
      double d = (double)at->d, steps = (double)at->steps;
      const double parts[] = {set_misses(&in.one), steps * set_misses(&in.each), start_misses(&in.start, d),
                              law_misses(&in.laws, d, steps)};
      double sum = parts[0] + parts[1] + parts[2] + parts[3];
      test_check(sum <= delta * (1 + 1e-9) && sum >= 0.99 * delta, CASE ": chances %a %a %a %a of %a", OF(at), parts[0],
                 parts[1], parts[2], parts[3], delta);
      iv_scope_free(s);
    }
}

/* ---- what was drawn ---- */

/* Vectors of d entries, labels folded in: m = mu + sigma eta, v, the sums of qbar_j xi_j and of r_j xi_j, xi_0, zeta,
 * Xi, u, w at the last step, m - c_0 xi_0, the mean flow's end from 0 and from zeta. */
enum { M, V, BAR, REST, FIRST, ZETA, XI, U, W, WAY, START, END, VECTORS };

typedef struct {
  const fresh_case *at;
  double *v[VECTORS];
  double *x0, *x1; /* n x d: of the step at hand, and the data */
  double eta2, eta_mu, first_skip;
  double a_low[3], a_high[3], xi_low, xi_high, length, rest; /* over all steps: a_00, a_01, a_11, |xi|^2 */
} drawn;

static double dot(const double *a, const double *b, size_t d) {
  double sum = 0;
  for (size_t j = 0; j < d; j++) sum += a[j] * b[j];
  return sum;
}

/* Per dimension. */
static double product(const drawn *x, size_t a, size_t b) { return dot(x->v[a], x->v[b], x->at->d) / (double)x->at->d; }

static void add(double *y, double factor, const double *x, size_t d) {
  for (size_t j = 0; j < d; j++) y[j] += factor * x[j];
}

static double normal(test_random *random) {
  double radius = sqrt(-2 * log1p(-test_uniform(random, 0, 1)));
  return radius * cos(2 * acos(-1) * test_uniform(random, 0, 1));
}

/* c and w of the label solution at step j of the noise at hand, whose mean becomes XI; w goes to W. */
static double fit(drawn *x, size_t j) {
  const fresh_case *at = x->at;
  size_t n = at->n, d = at->d;
  double beta = (double)j / (double)at->steps, alpha = 1 - beta, weight = at->lambda + (double)n, k = (double)n;
  double *xi = x->v[XI], *w = x->v[W], *m = x->v[M], a[3];
  memset(xi, 0, d * sizeof *xi);
  for (size_t i = 0; i < n; i++) add(xi, 1 / k, x->x0 + i * d, d);
  a[0] = (dot(x->x0, x->x0, n * d) - k * k * dot(xi, xi, d) / weight) / (double)d;
  a[1] = (dot(x->x0, x->x1, n * d) - k * k * dot(xi, m, d) / weight) / (double)d;
  a[2] = (dot(x->x1, x->x1, n * d) - k * k * dot(m, m, d) / weight) / (double)d;
  for (size_t u = 0; u < 3; u++) {
    x->a_low[u] = j ? fmin(x->a_low[u], a[u]) : a[u];
    x->a_high[u] = j ? fmax(x->a_high[u], a[u]) : a[u];
  }
  double xi2 = product(x, XI, XI);
  x->xi_low = j ? fmin(x->xi_low, xi2) : xi2, x->xi_high = j ? fmax(x->xi_high, xi2) : xi2;
  double c = (alpha * a[1] + beta * a[2]) / (alpha * alpha * a[0] + 2 * alpha * beta * a[1] + beta * beta * a[2]);
  for (size_t l = 0; l < d; l++) w[l] = k / weight * (m[l] - c * (alpha * xi[l] + beta * m[l]));
  return c;
}

/* N starts, each turned to w's side. */
static void draw_start(drawn *x, test_random *random) {
  const fresh_case *at = x->at;
  double *one = x->v[U], *zeta = x->v[ZETA];
  memset(zeta, 0, at->d * sizeof *zeta);
  for (size_t i = 0; i < at->count; i++) {
    for (size_t l = 0; l < at->d; l++) one[l] = normal(random);
    add(zeta, (dot(one, x->v[W], at->d) > 0 ? 1 : -1) / (double)at->count, one, at->d);
  }
}

/* R1's c, and what steps j + 1, j + 2, ... make of a kick. */
static double limit_skip(const fresh_case *at, size_t j) {
  double beta = (double)j / (double)at->steps, alpha = 1 - beta, A = at->lambda + (double)at->n - 1;
  double B = at->lambda * (at->mean * at->mean + at->sigma * at->sigma) + ((double)at->n - 1) * at->sigma * at->sigma;
  return beta * B / (alpha * alpha * A + beta * beta * B);
}

static double limit_kick(const fresh_case *at, size_t j) {
  double K = (double)at->steps, kick = (double)at->n / (at->lambda + (double)at->n) * limit_skip(at, j) / K;
  for (size_t i = j + 1; i < at->steps; i++) kick *= 1 + (limit_skip(at, i) - 1) / (K - (double)i);
  return kick;
}

/* The mean of the flow from zeta (END) and from 0 (START), X <- X + dt (c X + w - X)/alpha; by the way the sum of
 * qbar_j xi_j. */
static void flow(drawn *x, test_random *random) {
  const fresh_case *at = x->at;
  size_t d = at->d, K = at->steps;
  double skip[64], length2 = 0, rest2 = 0;
  for (size_t j = 0; j < K; j++) {
    for (size_t l = 0; l < at->n * d; l++) x->x0[l] = normal(random);
    double c = skip[j] = fit(x, j), grow = 1 + (c - 1) / (double)(K - j);
    if (j == 0) {
      x->first_skip = c;
      draw_start(x, random);
      memcpy(x->v[END], x->v[ZETA], d * sizeof(double));
      memcpy(x->v[FIRST], x->v[XI], d * sizeof(double));
    }
    for (size_t l = 0; l < d; l++) {
      x->v[START][l] = grow * x->v[START][l] + x->v[W][l] / (double)(K - j);
      x->v[END][l] = grow * x->v[END][l] + x->v[W][l] / (double)(K - j);
    }
    add(x->v[BAR], limit_kick(at, j), x->v[XI], d);
  }
  for (size_t j = 0; j < K; j++) {
    double bar = limit_kick(at, j), kick = (double)at->n / (at->lambda + (double)at->n) * skip[j] / (double)K;
    for (size_t i = j + 1; i < K; i++) kick *= 1 + (skip[i] - 1) / (double)(K - i);
    length2 += bar * bar, rest2 += (kick - bar) * (kick - bar);
  }
  x->length = sqrt(length2), x->rest = sqrt(rest2);
}

static void draw(drawn *x, test_random *random) {
  const fresh_case *at = x->at;
  size_t d = at->d;
  double k = (double)at->n / (at->lambda + (double)at->n);
  for (size_t u = 0; u < VECTORS; u++) memset(x->v[u], 0, d * sizeof(double));
  for (size_t i = 0; i < at->n; i++)
    for (size_t l = 0; l < d; l++) {
      x->x1[i * d + l] = at->mean + at->sigma * normal(random);
      x->v[M][l] += x->x1[i * d + l] / (double)at->n;
    }
  for (size_t l = 0; l < d; l++) x->v[V][l] = k * x->v[M][l] - at->mean;
  x->eta2 = x->eta_mu = 0;
  for (size_t l = 0; l < d; l++) {
    double eta = (x->v[M][l] - at->mean) / at->sigma;
    x->eta2 += eta * eta / (double)d, x->eta_mu += eta * at->mean / (double)d;
  }
  flow(x, random);
  for (size_t l = 0; l < d; l++) {
    x->v[U][l] = x->v[START][l] - at->mean;
    x->v[XI][l] = x->v[V][l] - x->v[U][l];
    x->v[REST][l] = x->v[XI][l] - x->v[BAR][l];
    x->v[WAY][l] = x->v[M][l] - x->first_skip * x->v[FIRST][l];
  }
}

/* A number known in double. */
static iv around(iv_scope *s, double low, double high) {
  return iv_ball(s, iv_hull(s, iv_d(s, low), iv_d(s, high)), iv_d(s, 1e-13 * (1 + fabs(low) + fabs(high))));
}

/* <a, b> as a multiple of the size that it has by chance: |b| times `length`/sqrt n. */
static double multiple(const drawn *x, size_t a, size_t b, double length) {
  double size = length * sqrt(product(x, b, b) / (double)(x->at->n * x->at->d));
  return size > 0 ? product(x, a, b) / size : 0;
}

static double ratio(double a, double b) { return b > 0 ? a / b : 0; }

/* The inputs at what was drawn, but for what depends on a vector: laws.normal and root_chi. */
static void inputs_at(fresh_inputs *in, iv_scope *s, const drawn *x) {
  const fresh_case *at = x->at;
  assay_dae_settings settings = settings_of(at);
  double root = sqrt((double)at->n);
  in->one = in->each = in->still = fluctuation_limit(s, &settings, at->d);
  in->one.eta2 = around(s, x->eta2, x->eta2), in->one.eta_mu = around(s, x->eta_mu, x->eta_mu);
  in->each.xi2 = around(s, x->xi_low, x->xi_high);
  in->each.a00 = around(s, x->a_low[0], x->a_high[0]);
  in->each.a01 = around(s, x->a_low[1], x->a_high[1]);
  in->each.a11 = around(s, x->a_low[2], x->a_high[2]);
  double norm = ratio(sqrt(product(x, BAR, BAR)) * root, x->length);
  in->laws.norm = around(s, norm, norm);
  in->laws.largest = around(s, 0, ratio(sqrt(product(x, REST, REST)) * root, x->rest));
  double w2 = product(x, WAY, WAY), share = product(x, U, WAY) / w2, off2 = product(x, U, U) - share * share * w2;
  double along = product(x, ZETA, WAY), off = product(x, ZETA, U) - share * along, scale = sqrt((double)at->d);
  in->start = cluster_mean_limit(s, &in->still, at->count);
  in->start.folded = around(s, scale * along / sqrt(w2), scale * along / sqrt(w2));
  in->start.normal = around(s, scale * off / sqrt(off2), scale * off / sqrt(off2));
  in->start.square = around(s, product(x, ZETA, ZETA), product(x, ZETA, ZETA));
}

/* Sums of up to n d terms, in fits with a condition below 1e3. */
static void check_in(iv image, double value, const char *what, const fresh_case *at, size_t draw_number) {
  double room = 1e-9 * (1 + fabs(value));
  test_check(iv_lower_d(image) <= value + room && iv_upper_d(image) >= value - room,
             CASE ": draw %zu: %s is %a, not in [%a, %a]", OF(at), draw_number, what, value, iv_lower_d(image),
             iv_upper_d(image));
}

static void check_draw(const drawn *x, size_t number) {
  const fresh_case *at = x->at;
  iv_scope *s = iv_scope_new(BITS);
  fresh_inputs in;
  inputs_at(&in, s, x);
  fresh_kicks q = fresh_kicks_of(s, &in.each, &in.still, at->steps);
  const double normal_v = multiple(x, BAR, V, x->length), rest_v = fabs(multiple(x, REST, V, x->rest));
  const double normal_m = multiple(x, BAR, M, x->length), rest_m = fabs(multiple(x, REST, M, x->rest));
  const double first_v = fabs(multiple(x, FIRST, V, 1)), first_m = fabs(multiple(x, FIRST, M, 1));

  in.laws.normal = around(s, normal_v, normal_v), in.laws.root_chi = around(s, 0, rest_v);
  fresh_products with_v = fresh_products_of(s, &in, &q);
  check_in(with_v.vv, product(x, V, V), "|v|^2", at, number);
  check_in(with_v.xv, product(x, XI, V), "<Xi, v>", at, number);
  check_in(with_v.xx, product(x, XI, XI), "|Xi|^2", at, number);
  check_in(with_v.uu, product(x, U, U), "|u|^2", at, number);
  in.laws.normal = around(s, normal_m, normal_m), in.laws.root_chi = around(s, 0, fmax(rest_m, first_v));
  check_in(fresh_products_of(s, &in, &q).uw, product(x, U, WAY), "<u, w_0>", at, number);
  in.laws.root_chi = around(s, 0, first_m);
  check_in(fresh_products_of(s, &in, &q).ww, product(x, WAY, WAY), "|w_0|^2", at, number);

  in.laws.normal = around(s, fmin(normal_v, normal_m), fmax(normal_v, normal_m));
  in.laws.root_chi = around(s, 0, fmax(fmax(rest_v, rest_m), fmax(first_v, first_m)));
  fresh_mean all = fresh_mean_from(s, &in, at->steps);
  double center = product(x, U, U), error = 0;
  for (size_t l = 0; l < at->d; l++) error += pow(x->v[END][l] - at->mean, 2) / (double)at->d;
  check_in(all.center, center, "center", at, number);
  check_in(all.noise, product(x, XI, XI), "noise", at, number);
  check_in(all.start, error - center, "start", at, number);
  iv_scope_free(s);
}

/* Few dimensions, so that what vanishes as they grow is as large as the rest; with one step nothing is an interval but
 * for signs. */
static void what_is_drawn_lies_inside(void **state) {
  (void)state;
  static const fresh_case cases[] = {{2, 8, 1, 2, 1.5, 0.5, 1}, {3, 30, 1, 1, 0.5, 2, 0.5},
                                     {2, 300, 2, 3, 1, 4, 1.5}, {6, 200, 2, 2, 2, 0.5, 0.1},
                                     {2, 800, 3, 1, 0.5, 1, 1}, {4, 400, 8, 5, 0.7, 0.1, 1}};
  test_random random = test_random_new(0xf3e5);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const fresh_case *at = &cases[i];
    drawn x = {.at = at};
    double *memory = calloc((VECTORS + 2 * at->n) * at->d, sizeof *memory);
    test_check(memory != NULL, "no memory for %zu dimensions", at->d);
    for (size_t u = 0; u < VECTORS; u++) x.v[u] = memory + u * at->d;
    x.x0 = memory + VECTORS * at->d, x.x1 = x.x0 + at->n * at->d;
    for (size_t k = 0; k < test_cases(150); k++) {
      draw(&x, &random);
      check_draw(&x, k);
    }
    free(memory);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(chances_add_up), cmocka_unit_test(what_is_drawn_lies_inside)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
