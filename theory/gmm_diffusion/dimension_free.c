/* Claim gmm-diffusion/dimension-free: what a total degree leaves does not depend on the dimension.
 *
 * Atoms at +-a v for unit vectors v with no coordinate 0: the posterior mean is v f(<v, z>), and by rotation of the
 * Hermite polynomials the squares of all its coefficients of total degree d add up to the square of f's own in one
 * dimension. Here they are added up: C(n+D-1, n) coefficients below degree D, each an n-dimensional integral. */
#include "theory/gmm_diffusion/paper.h"
#include "theory/gmm_diffusion/tensor.h"
#include "theory/gmm_diffusion/two_atoms.h"

#include <assay/reference.h>

#include <stdio.h>

enum { TARGET_BITS = 44, AGREE_BITS = 28, GOAL_BITS = 40, WORKING_BITS = 96, NAME = 64 };

enum { LAWS_QUICK = 3, LAWS_FULL = 5, DEGREES_QUICK = 6, DEGREES_FULL = 8 };
static const tensor_law laws[LAWS_FULL] = {
    {1, {1}, 1, 1, 1, 0},          {2, {3, 4}, 5, 1, 1, 0},        {3, {1, 2, 2}, 3, 1, 1, 0},
    {4, {1, 1, 1, 1}, 2, 1, 1, 0}, {4, {1, 3, 3, 9}, 10, 1, 2, 0},
};

/* C(n+D-1, n) */
static size_t features(size_t n, size_t degree) {
  size_t count = 1;
  for (size_t i = 1; i <= n; i++) count = count * (degree + i - 1) / i;
  return count;
}

/* D = 2, 4, ...: m is odd, so that even degrees hold nothing. */
static assay_status compare(assay_trial *trial, iv_scope *s, const tensor_law *law, const char *place, const iv *own,
                            mpfi_srcptr line) {
  assay_status status = ASSAY_OK;
  for (size_t D = 2; D <= law->degrees && !status; D += 2) {
    char name[NAME];
    (void)snprintf(name, sizeof name, "n=%zu %s D=%zu (%zu features)", law->n, place, D, features(law->n, D));
    iv control = law->n > 1 ? iv_mul_si(s, &line[D], (long)law->n) : NULL;
    status = assay_trial_agree(trial, name, own[D], &line[D], control, AGREE_BITS);
  }
  return status;
}

static assay_status with_law(assay_trial *trial, iv_scope *s, const tensor_law *law, assay_context *context) {
  two_atoms atoms;
  two_atoms_set(&atoms, (atom_place){law->a_numerator, law->a_denominator});
  iv own[TENSOR_DEGREES + 1];
  mpfi_ptr line = NULL;
  assay_status status = assay_enclosures_init(&line, law->degrees + 1, context);
  if (status) return status;
  status = tensor_tails(own, s, law, TARGET_BITS, context);
  if (!status) status = assay_reference_gmm_tails(line, &atoms.line, law->degrees + 1, GOAL_BITS, context);
  if (!status) status = compare(trial, s, law, atoms.name, own, line);
  assay_enclosures_clear(line, law->degrees + 1);
  return status;
}

static assay_status gather(assay_trial *trial, assay_context *context) {
  bool quick = assay_trial_level(trial) == ASSAY_LEVEL_QUICK;
  size_t count = quick ? LAWS_QUICK : LAWS_FULL;
  assay_status status = ASSAY_OK;
  for (size_t i = 0; i < count && !status; i++) {
    iv_scope *s = iv_scope_new(WORKING_BITS);
    tensor_law law = laws[i];
    law.degrees = quick ? DEGREES_QUICK : DEGREES_FULL;
    status = with_law(trial, s, &law, context);
    iv_scope_free(s);
    if (!status) status = assay_progress(context, "dimension-free", (double)(i + 1) / (double)count);
  }
  return status;
}

const assay_claim assay_gmm_diffusion_dimension_free = {
    .id = "gmm-diffusion/dimension-free",
    .statement = "For atoms at +-a v, v a unit vector of R^n with no coordinate 0, and unit noise, what polynomials of "
                 "total degree "
                 "below D leave of E|m|^2, summed over all their coefficients, is that of u = +-a on a line, to 2^-28, "
                 "while the "
                 "number of coefficients grows like n^{D-1}.",
    .source = "derived here (gmm-diffusion section 3) for the polynomial regression of arXiv:2404.18869",
    .control = "it is n times as much",
    .sizes = {"n = 1, 2, 3, a = 1, D = 2, 4, 6", "n = 1, 2, 3, 4, a = 1, and n = 4, a = 1/2; D = 2, 4, 6, 8"},
    .kind = ASSAY_PROOF,
    .comparisons = {(size_t)LAWS_QUICK * DEGREES_QUICK / 2, (size_t)LAWS_FULL *DEGREES_FULL / 2},
    .gather = gather,
};
