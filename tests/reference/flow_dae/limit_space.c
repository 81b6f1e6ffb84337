#include "tests/reference/flow_dae/limit_space.h"

#include "testing.h"

static size_t noise_index(const limit_space *space, size_t noise, size_t i) {
  return 1 + space->learner.samples * (1 + noise) + i;
}

static size_t start_index(const limit_space *space) { return space->learner.dimension - 1; }

void limit_space_init(limit_space *out, const assay_dae_settings *settings, const signed char *labels) {
  size_t n = settings->samples;
  out->noises = settings->noise == ASSAY_NOISE_FRESH && settings->steps ? settings->steps : 1;
  learner_oracle *learner = &out->learner;
  learner_oracle_init(learner, n, 2 + n * (1 + out->noises));
  learner->skip = settings->skip;
  arb_set_d(learner->lambda, settings->lambda.nearest);
  arb_set_d(learner->metric, settings->norm2.nearest);
  for (size_t i = 0; i < n; i++) {
    learner->labels[i] = labels[i];
    arb_set_si(arb_mat_entry(learner->data, i, 0), labels[i]);
    arb_set_d(arb_mat_entry(learner->data, i, 1 + i), settings->sigma.nearest);
  }
  out->x = _arb_vec_init((slong)learner->dimension);
  arb_one(out->x + start_index(out));
  limit_space_use_noise(out, 0);
}

void limit_space_clear(limit_space *space) {
  _arb_vec_clear(space->x, (slong)space->learner.dimension);
  learner_oracle_clear(&space->learner);
}

void limit_space_use_noise(limit_space *space, size_t j) {
  arb_mat_zero(space->learner.noise);
  for (size_t i = 0; i < space->learner.samples; i++)
    arb_one(arb_mat_entry(space->learner.noise, i, noise_index(space, j, i)));
}

void limit_summary_init(limit_summary *out) {
  arb_init(out->mu), arb_init(out->xi), arb_init(out->eta), arb_init(out->perp);
}

void limit_summary_clear(limit_summary *summary) {
  arb_clear(summary->mu), arb_clear(summary->xi), arb_clear(summary->eta), arb_clear(summary->perp);
}

/* The coefficient q of (q/n) sum_i s_i v_i, where v_0 stands at `first`. */
static void read_mean(arb_t out, const limit_space *space, arb_srcptr vector, size_t first) {
  size_t n = space->learner.samples;
  arb_t other;
  arb_init(other);
  for (size_t i = 0; i < n; i++) {
    arb_mul_si(i ? other : out, vector + first + i, (slong)n * space->learner.labels[i], ORACLE_BITS);
    test_check(!i || arb_overlaps(out, other), "coordinates %zu and %zu differ", first, first + i);
  }
  arb_clear(other);
}

void limit_space_read(limit_summary *out, const limit_space *space, arb_srcptr vector) {
  arb_set(out->mu, vector);
  arb_set(out->perp, vector + start_index(space));
  read_mean(out->eta, space, vector, 1);
  read_mean(out->xi, space, vector, noise_index(space, 0, 0));
  if (space->noises == 1) return;
  arb_t other;
  arb_init(other);
  arb_mul(out->xi, out->xi, out->xi, ORACLE_BITS);
  for (size_t j = 1; j < space->noises; j++) {
    read_mean(other, space, vector, noise_index(space, j, 0));
    arb_addmul(out->xi, other, other, ORACLE_BITS);
  }
  arb_sqrtpos(out->xi, out->xi, ORACLE_BITS);
  arb_clear(other);
}

/* |v|^2/d without the X_0 part, with `shift` subtracted from mu's coefficient. */
static void span_square(arb_t out, const limit_space *space, arb_srcptr v, slong shift) {
  arb_t entry;
  arb_init(entry);
  arb_zero(out);
  for (size_t k = 0; k < start_index(space); k++) {
    arb_sub_si(entry, v + k, k ? 0 : shift, ORACLE_BITS);
    arb_mul(entry, entry, entry, ORACLE_BITS);
    arb_addmul(out, space->learner.metric + k, entry, ORACLE_BITS);
  }
  arb_clear(entry);
}

void limit_space_mean_error(arb_t out, const limit_space *space, arb_srcptr v) { span_square(out, space, v, 1); }

void limit_space_mean_cosine(arb_t out, const limit_space *space, arb_srcptr v) {
  arb_t product;
  arb_init(product);
  span_square(out, space, v, 0);
  arb_mul(out, out, space->learner.metric, ORACLE_BITS); /* |v|^2 |mu|^2 */
  arb_rsqrt(out, out, ORACLE_BITS);
  arb_mul(product, v, space->learner.metric, ORACLE_BITS); /* <v, mu> */
  arb_mul(out, out, product, ORACLE_BITS);
  arb_clear(product);
}
