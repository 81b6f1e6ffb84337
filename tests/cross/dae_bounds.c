/* Every number that fast gives for flow-dae with an error, against interval arithmetic at 256 bits on the same doubles:
 * within its error, and the errors are not vacuous. The intervals come straight from the definitions: vectors S_u, w
 * and X are formed entry by entry, and only their coefficients are compared. */
#include "dae_intervals.h"

#include <assay/fast.h>
#include <assay/reference.h>

#include <math.h>
#include <mpfi_io.h>
#include <stdlib.h>

typedef struct {
  size_t n, d, count, steps;
  double lambda, sigma;
  assay_schedule_kind schedule;
  uint64_t seed;
} bounds_case;

typedef struct {
  const bounds_case *at;
  pool p;
  double *x[2], *start; /* n x d twice, count x d */
  const signed char *labels;
  mpfi_ptr sum[2];         /* S_0, S_1: d each */
  mpfi_ptr q[3], g[3];     /* 00, 01, 11 */
  mpfi_ptr weight, work;   /* lambda + n; scratch */
  mpfi_ptr c, alpha, beta; /* at the time last set */
  mpfi_ptr w;              /* d */
} exact_set;

static double *read_all(const assay_stream *stream) {
  double *out = malloc(stream->rows * stream->columns * sizeof *out);
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(stream->read(stream, 0, stream->rows, 0, stream->columns, out, stream->columns, &context), ASSAY_OK);
  return out;
}

/* out += a b for doubles (exact at 256 bits) */
static void add_product(mpfi_ptr out, mpfi_ptr work, double a, double b) {
  mpfi_set_d(work, a);
  mpfi_mul_d(work, work, b);
  mpfi_add(out, out, work);
}

static void add_dot(mpfi_ptr out, mpfi_ptr work, mpfi_srcptr a, mpfi_srcptr b, size_t d) {
  for (size_t j = 0; j < d; j++) {
    mpfi_mul(work, a + j, b + j);
    mpfi_add(out, out, work);
  }
}

static exact_set exact_of(const bounds_case *at, const assay_dae_data *data) {
  exact_set e = {.at = at, .p = pool_new(8 * at->d + 200), .labels = data->labels};
  e.x[0] = read_all(&data->noise);
  e.x[1] = read_all(&data->data);
  e.weight = take(&e.p, 1);
  e.work = take(&e.p, 1);
  e.c = take(&e.p, 1);
  e.alpha = take(&e.p, 1);
  e.beta = take(&e.p, 1);
  e.w = take(&e.p, at->d);
  for (size_t u = 0; u < 2; u++) e.sum[u] = take(&e.p, at->d);
  for (size_t k = 0; k < 3; k++) {
    e.q[k] = take(&e.p, 1);
    e.g[k] = take(&e.p, 1);
  }
  mpfi_set_d(e.weight, at->lambda);
  mpfi_add_ui(e.weight, e.weight, at->n);
  for (size_t i = 0; i < at->n; i++)
    for (size_t j = 0; j < at->d; j++) {
      double x0 = e.x[0][i * at->d + j], x1 = e.x[1][i * at->d + j];
      mpfi_add_d(e.sum[0] + j, e.sum[0] + j, x0 * e.labels[i]);
      mpfi_add_d(e.sum[1] + j, e.sum[1] + j, x1 * e.labels[i]);
      add_product(e.q[0], e.work, x0, x0);
      add_product(e.q[1], e.work, x0, x1);
      add_product(e.q[2], e.work, x1, x1);
    }
  add_dot(e.g[0], e.work, e.sum[0], e.sum[0], at->d);
  add_dot(e.g[1], e.work, e.sum[0], e.sum[1], at->d);
  add_dot(e.g[2], e.work, e.sum[1], e.sum[1], at->d);
  return e;
}

static void exact_free(exact_set *e) {
  free(e->x[0]);
  free(e->x[1]);
  free(e->start);
  pool_free(&e->p);
}

/* alpha and beta at p/q. */
static void set_time(exact_set *e, double p, double q) {
  mpfi_set_d(e->beta, p);
  mpfi_div_d(e->beta, e->beta, q);
  if (e->at->schedule == ASSAY_LINEAR) {
    mpfi_ui_sub(e->alpha, 1, e->beta);
    return;
  }
  mpfi_const_pi(e->work);
  mpfi_div_ui(e->work, e->work, 2);
  mpfi_mul(e->work, e->work, e->beta);
  mpfi_cos(e->alpha, e->work);
  mpfi_sin(e->beta, e->work);
}

/* c and w at the time set: sum<x_t,x_1> etc. from the products, section 2. */
static void solve(exact_set *e) {
  size_t mark = e->p.used;
  mpfi_ptr top = take(&e->p, 1), bottom = take(&e->p, 1), a = take(&e->p, 3), term = take(&e->p, 1);
  for (size_t k = 0; k < 3; k++) {
    mpfi_div(a + k, e->g[k], e->weight);
    mpfi_sub(a + k, e->q[k], a + k);
  }
  mpfi_mul(top, e->alpha, a + 1);
  mpfi_mul(term, e->beta, a + 2);
  mpfi_add(top, top, term);
  mpfi_mul(bottom, e->beta, top);
  mpfi_mul(term, e->alpha, a + 0);
  mpfi_mul(e->work, e->beta, a + 1);
  mpfi_add(term, term, e->work);
  mpfi_mul(term, term, e->alpha);
  mpfi_add(bottom, bottom, term);
  mpfi_div(e->c, top, bottom);
  for (size_t j = 0; j < e->at->d; j++) {
    mpfi_mul(term, e->alpha, e->sum[0] + j);
    mpfi_mul(e->work, e->beta, e->sum[1] + j);
    mpfi_add(term, term, e->work);
    mpfi_mul(term, term, e->c);
    mpfi_sub(term, e->sum[1] + j, term);
    mpfi_div(e->w + j, term, e->weight);
  }
  e->p.used = mark;
}

/* n (1 - c beta)/(lambda+n), -n c alpha/(lambda+n), and sigma times the first: R1 before the limit. */
static void check_coefficients(exact_set *e, const assay_dae_fit *fit) {
  size_t mark = e->p.used;
  mpfi_ptr value = take(&e->p, 1);
  mpfi_mul(value, e->c, e->beta);
  mpfi_ui_sub(value, 1, value);
  mpfi_mul_ui(value, value, e->at->n);
  mpfi_div(value, value, e->weight);
  check_bounded(fit->w_mu, value, "w_mu", 1e-10);
  mpfi_mul_d(value, value, e->at->sigma);
  check_bounded(fit->w_eta, value, "w_eta", 1e-10);
  mpfi_mul(value, e->c, e->alpha);
  mpfi_mul_ui(value, value, e->at->n);
  mpfi_div(value, value, e->weight);
  mpfi_neg(value, value);
  check_bounded(fit->w_xi, value, "w_xi", 1e-10);
  e->p.used = mark;
}

/* Smallest, largest and mean of s_i <w, x_t^i>/d. */
static void check_margins(exact_set *e, const assay_dae_fit *fit) {
  size_t mark = e->p.used, d = e->at->d;
  mpfi_ptr margin = take(&e->p, 1), least = take(&e->p, 1), most = take(&e->p, 1), sum = take(&e->p, 1);
  mpfi_ptr entry = take(&e->p, 1);
  for (size_t i = 0; i < e->at->n; i++) {
    mpfi_set_d(margin, 0);
    for (size_t j = 0; j < d; j++) {
      mpfi_mul_d(entry, e->alpha, e->x[0][i * d + j]);
      mpfi_mul_d(e->work, e->beta, e->x[1][i * d + j]);
      mpfi_add(entry, entry, e->work);
      mpfi_mul(entry, entry, e->w + j);
      mpfi_add(margin, margin, entry);
    }
    mpfi_mul_si(margin, margin, e->labels[i]);
    mpfi_div_ui(margin, margin, d);
    mpfi_add(sum, sum, margin);
    if (i == 0 || mpfi_cmp(margin, least) < 0) mpfi_set(least, margin);
    if (i == 0 || mpfi_cmp(margin, most) > 0) mpfi_set(most, margin);
  }
  mpfi_div_ui(sum, sum, e->at->n);
  check_bounded((assay_bounded){fit->margin_min, fit->margin_error}, least, "margin_min", INFINITY);
  check_bounded((assay_bounded){fit->margin_max, fit->margin_error}, most, "margin_max", 1e-10);
  check_bounded((assay_bounded){fit->margin_mean, fit->margin_error}, sum, "margin_mean", 1e-9);
  e->p.used = mark;
}

/* Euler with h = 1 for (P, A, B): X <- X + (beta' f + alpha' e)/K in the form X + (1/K) ((kappa c + alpha') X + kappa h
 * w)/alpha, w = xb_1 - c (alpha xb_0 + beta xb_1). state: P, A, B. */
static void euler_step(exact_set *e, mpfi_ptr state) {
  size_t mark = e->p.used;
  mpfi_ptr kappa = take(&e->p, 1), slope = take(&e->p, 1), grow = take(&e->p, 1), push = take(&e->p, 1);
  mpfi_set_d(kappa, 1);
  mpfi_set_d(slope, -1);
  if (e->at->schedule == ASSAY_TRIGONOMETRIC) {
    mpfi_const_pi(kappa);
    mpfi_div_ui(kappa, kappa, 2);
    mpfi_mul(slope, kappa, e->beta);
    mpfi_neg(slope, slope);
  }
  mpfi_mul(grow, kappa, e->c);
  mpfi_add(grow, grow, slope);
  mpfi_div(grow, grow, e->alpha);
  mpfi_div_ui(grow, grow, e->at->steps);
  mpfi_add_ui(grow, grow, 1);
  mpfi_div(push, kappa, e->alpha);
  mpfi_div_ui(push, push, e->at->steps);
  for (size_t k = 0; k < 3; k++) mpfi_mul(state + k, state + k, grow);
  mpfi_mul(e->work, e->c, e->alpha);
  mpfi_mul(e->work, e->work, push);
  mpfi_sub(state + 1, state + 1, e->work);
  mpfi_mul(e->work, e->c, e->beta);
  mpfi_ui_sub(e->work, 1, e->work);
  mpfi_mul(e->work, e->work, push);
  mpfi_add(state + 2, state + 2, e->work);
  e->p.used = mark;
}

/* The mean of h_i X_K^i (d entries) with the constant signs. */
static void mean_sample(mpfi_ptr mean, exact_set *e, mpfi_srcptr state, const assay_dae_flow *flow) {
  size_t mark = e->p.used, d = e->at->d;
  mpfi_ptr term = take(&e->p, 1);
  for (size_t j = 0; j < d; j++) {
    mpfi_set_d(mean + j, 0);
    for (size_t i = 0; i < flow->count; i++) mpfi_add_d(mean + j, mean + j, e->start[i * d + j] * flow->signs[i]);
    mpfi_div_ui(mean + j, mean + j, flow->count);
    mpfi_mul(mean + j, mean + j, state);
    for (size_t u = 0; u < 2; u++) {
      mpfi_div(term, e->sum[u] + j, e->weight);
      mpfi_mul(term, term, state + 1 + u);
      mpfi_add(mean + j, mean + j, term);
    }
  }
  e->p.used = mark;
}

/* |projection of v - mu onto the span of mu, S_0, S_1|^2/d by Gram-Schmidt on the vectors; v - mu is given. */
static void span_square(mpfi_ptr out, exact_set *e, mpfi_srcptr v, double mean) {
  size_t mark = e->p.used, d = e->at->d;
  mpfi_ptr basis = take(&e->p, 3 * d), dot = take(&e->p, 1), square = take(&e->p, 3);
  mpfi_set_d(out, 0);
  for (size_t k = 0; k < 3; k++) {
    mpfi_ptr own = basis + k * d;
    for (size_t j = 0; j < d; j++) {
      if (k == 0) mpfi_set_d(own + j, mean);
      if (k > 0) mpfi_set(own + j, e->sum[k - 1] + j);
    }
    for (size_t l = 0; l < k; l++) {
      mpfi_set_d(dot, 0);
      add_dot(dot, e->work, own, basis + l * d, d);
      mpfi_div(dot, dot, square + l);
      for (size_t j = 0; j < d; j++) {
        mpfi_mul(e->work, dot, basis + l * d + j);
        mpfi_sub(own + j, own + j, e->work);
      }
    }
    mpfi_set_d(square + k, 0);
    add_dot(square + k, e->work, own, own, d);
    mpfi_set_d(dot, 0);
    add_dot(dot, e->work, own, v, d);
    mpfi_sqr(dot, dot);
    mpfi_div(dot, dot, square + k);
    mpfi_add(out, out, dot);
  }
  mpfi_div_ui(out, out, d);
  e->p.used = mark;
}

static void check_means(exact_set *e, mpfi_srcptr state, const assay_dae_flow *flow, const assay_dae_data *data) {
  size_t mark = e->p.used, d = e->at->d;
  mpfi_ptr v = take(&e->p, d), square = take(&e->p, 1);
  mean_sample(v, e, state, flow);
  for (size_t j = 0; j < d; j++) mpfi_sub_d(v + j, v + j, data->mean);
  span_square(square, e, v, data->mean);
  check_bounded(flow->mse, square, "mse", 1e-10);
  mpfi_set_d(square, 0);
  add_dot(square, e->work, v, v, d);
  mpfi_div_ui(square, square, d);
  assay_bounded got;
  assay_context context;
  assay_context_init(&context);
  assert_int_equal(assay_fast_dae_flow_mean_error(&got, flow, data, &context), ASSAY_OK);
  check_bounded(got, square, "mean error", 1e-10);
  e->p.used = mark;
}

static void check_vectors(exact_set *e, const assay_dae_flow *flow) {
  size_t mark = e->p.used;
  mpfi_ptr entry = take(&e->p, 1);
  for (size_t j = 0; j < e->at->d; j++) {
    mpfi_div(entry, e->sum[0] + j, e->weight);
    check_bounded((assay_bounded){flow->xb0[j], flow->xb0_error}, entry, "xb0", INFINITY);
    mpfi_div(entry, e->sum[1] + j, e->weight);
    check_bounded((assay_bounded){flow->xb1[j], flow->xb1_error}, entry, "xb1", INFINITY);
  }
  e->p.used = mark;
}

static void check_flow(exact_set *e, const assay_dae_flow *flow, const assay_dae_data *data) {
  size_t mark = e->p.used;
  mpfi_ptr state = take(&e->p, 3), signed_value = take(&e->p, 1);
  test_check(flow->sign_changes == 0, "%zu sign changes: choose another seed", flow->sign_changes);
  e->start = read_all(&flow->start);
  mpfi_set_d(state, 1);
  for (size_t j = 0; j < flow->steps; j++) {
    set_time(e, (double)j, (double)flow->steps);
    solve(e);
    check_bounded(flow->c[j], e->c, "c", j == 0 ? INFINITY : 1e-10);
    euler_step(e, state);
    check_bounded(flow->perp[j + 1], state, "perp", 1e-10);
  }
  for (size_t i = 0; i < flow->count; i++) {
    mpfi_mul_si(signed_value, state + 1, flow->signs[i]);
    check_bounded(flow->a[i], signed_value, "a", 1e-10);
    mpfi_mul_si(signed_value, state + 2, flow->signs[i]);
    check_bounded(flow->b[i], signed_value, "b", 1e-10);
  }
  check_vectors(e, flow);
  check_means(e, state, flow, data);
  e->p.used = mark;
}

/* Generated entries against the reference's theorem: the errors of P, a, b, xb_u and the roundings of
 * P x + (a xb_0 + b xb_1). */
static void check_transport(exact_set *e, const assay_dae_flow *flow, const assay_dae_data *data,
                            const assay_dae_settings *settings) {
  size_t d = e->at->d, count = flow->count;
  assay_context context;
  assay_context_init(&context);
  mpfi_ptr exact = NULL, perp = NULL;
  assert_int_equal(assay_enclosures_init(&exact, count * d, &context), ASSAY_OK);
  assert_int_equal(assay_enclosures_init(&perp, 1, &context), ASSAY_OK);
  assay_status status = assay_reference_dae_transport(exact, perp, &data->noise, &data->data, data->labels,
                                                      &flow->start, flow->signs, settings, 80, &context);
  test_check(status == ASSAY_OK, "reference: %s", context.message);
  check_bounded(flow->perp[flow->steps], perp, "P of the reference", 1e-10);
  double *x = read_all(&flow->generated);
  assay_bounded p = flow->perp[flow->steps];
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < d; j++) {
      assay_bounded a = flow->a[i], b = flow->b[i];
      double x0 = fabs(e->start[i * d + j]), xb0 = fabs(flow->xb0[j]), xb1 = fabs(flow->xb1[j]);
      double size = fabs(p.value) * x0 + fabs(a.value) * xb0 + fabs(b.value) * xb1;
      double error = p.error * x0 + a.error * xb0 + b.error * xb1 + fabs(a.value) * flow->xb0_error +
                     fabs(b.value) * flow->xb1_error + 4 * 0x1p-53 * size;
      check_bounded((assay_bounded){x[i * d + j], error}, exact + i * d + j, "X_K", INFINITY);
    }
  free(x);
  assay_enclosures_clear(exact, count * d);
  assay_enclosures_clear(perp, 1);
}

static void check_case(const bounds_case *at) {
  assay_context context;
  assay_context_init(&context);
  assay_dae_settings settings = assay_dae_settings_of(at->n, assay_real_of(at->sigma), assay_real_of(at->lambda));
  settings.schedule = assay_schedule_of(at->schedule);
  settings.steps = at->steps;
  assay_dae_data data;
  assay_dae_flow flow;
  assert_int_equal(assay_fast_dae_data_init(&data, &settings, at->d, 0.5, at->seed, &context), ASSAY_OK);
  const double times[] = {0.01, 0.37, 0.5, 0.9, 1 - 0x1p-30};
  enum { TIMES = sizeof times / sizeof *times };
  assay_dae_fit fits[TIMES];
  assert_int_equal(assay_fast_dae_train(fits, times, TIMES, &data, &settings, &context), ASSAY_OK);
  exact_set e = exact_of(at, &data);
  for (size_t t = 0; t < TIMES; t++) {
    set_time(&e, times[t], 1);
    solve(&e);
    check_bounded(fits[t].c, e.c, "c", t == 0 ? INFINITY : 1e-10);
    check_coefficients(&e, &fits[t]);
    check_margins(&e, &fits[t]);
  }
  assert_int_equal(assay_fast_dae_flow_init(&flow, &data, &settings, at->count, at->seed + 1, &context), ASSAY_OK);
  check_flow(&e, &flow, &data);
  if (at->schedule == ASSAY_LINEAR) check_transport(&e, &flow, &data, &settings);
  exact_free(&e);
  assay_fast_dae_flow_clear(&flow);
  assay_fast_dae_data_clear(&data);
}

static void within_errors(void **state) {
  (void)state;
  const bounds_case cases[] = {{40, 701, 9, 7, 0.1, 0.5, ASSAY_LINEAR, 21},
                               {40, 701, 9, 7, 0.1, 0.5, ASSAY_TRIGONOMETRIC, 22},
                               {3, 5003, 4, 20, 0.7, 1.25, ASSAY_LINEAR, 23},
                               {7, 300, 70, 3, 0, 0.3, ASSAY_TRIGONOMETRIC, 24}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) check_case(&cases[k]);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(within_errors)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
