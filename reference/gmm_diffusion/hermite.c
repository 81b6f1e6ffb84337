/* Hermite coefficients of the posterior mean on a line, and what polynomials leave of it. */
#include "reference/core/ziv.h"
#include "reference/gmm_diffusion/spectrum.h"

static double scale_of(const mixing_law *law, int power) {
  double radius = mpq_get_d(law->radius) * mpq_get_d(law->sigma);
  return power == 2 ? radius * radius : radius;
}

/* value sigma^power, when it is as narrow as the goal. */
typedef struct {
  mpfi_ptr out, norm2;
  size_t count;
  long goal_bits;
} wanted;

static void hand_out(mpfi_ptr out, iv value, long bits) {
  mpfi_set_prec(out, bits);
  mpfi_set(out, value);
}

static assay_status use_coefficients(bool *done, iv_scope *s, const mixing_law *law, const spectrum *at, void *self,
                                     assay_context *context) {
  (void)context;
  wanted *w = self;
  iv sigma = mixing_rational(s, law->sigma), norm2 = iv_mul(s, at->norm2, iv_sqr(s, sigma));
  *done = !w->norm2 || iv_reached(norm2, w->goal_bits, scale_of(law, 2));
  for (size_t d = 0; d < w->count; d++) {
    at->coefficient[d] = iv_mul(s, at->coefficient[d], sigma);
    *done = *done && iv_reached(at->coefficient[d], w->goal_bits, scale_of(law, 1));
  }
  if (!*done) return ASSAY_OK;
  for (size_t d = 0; d < w->count; d++) hand_out(&w->out[d], at->coefficient[d], iv_bits(s));
  if (w->norm2) hand_out(w->norm2, norm2, iv_bits(s));
  return ASSAY_OK;
}

/* tail_D, summed from E m^2 downwards: each is what the one before leaves. */
static assay_status use_tails(bool *done, iv_scope *s, const mixing_law *law, const spectrum *at, void *self,
                              assay_context *context) {
  (void)context;
  wanted *w = self;
  iv sigma2 = iv_sqr(s, mixing_rational(s, law->sigma)), zero = iv_ui(s, 0);
  mpfi_ptr rest = iv_new(s);
  mpfi_set(rest, at->norm2);
  *done = true;
  for (size_t d = 0; d < w->count; d++) {
    iv part = iv_sqr(s, at->coefficient[d]);
    at->coefficient[d] = iv_mul(s, iv_max(s, rest, zero), sigma2);
    *done = *done && iv_reached(at->coefficient[d], w->goal_bits, scale_of(law, 2));
    mpfi_sub(rest, rest, part);
  }
  if (*done)
    for (size_t d = 0; d < w->count; d++) hand_out(&w->out[d], at->coefficient[d], iv_bits(s));
  return ASSAY_OK;
}

static assay_status refine(const assay_gmm_line *line, wanted *w, const spectrum_user *user, assay_context *context) {
  mixing_law law;
  assay_status status = mixing_law_init(&law, line, context);
  if (status) return status;
  status = spectrum_refine(&law, w->count, w->goal_bits, user, context);
  mixing_law_clear(&law);
  return status;
}

assay_status assay_reference_gmm_hermite(mpfi_ptr coefficients, mpfi_ptr norm2, const assay_gmm_line *line,
                                         size_t count, long goal_bits, assay_context *context) {
  wanted w = {coefficients, norm2, count, goal_bits};
  const spectrum_user user = {use_coefficients, &w, "Hermite coefficients"};
  return refine(line, &w, &user, context);
}

assay_status assay_reference_gmm_tails(mpfi_ptr out, const assay_gmm_line *line, size_t count, long goal_bits,
                                       assay_context *context) {
  wanted w = {out, NULL, count, goal_bits};
  const spectrum_user user = {use_tails, &w, "tails"};
  return refine(line, &w, &user, context);
}
