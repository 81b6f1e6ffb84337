/* Whether a learned model's samples can be trusted, by its certificate; and small things the gmm commands share. */
#include "cli/gmm_model.h"

#include <stdio.h>
#include <string.h>

/* Not with a certificate that is no number, either. */
bool gmm_is_undecided(const gmm_file *file) { return !(file->model.certificate.total_variation <= file->tolerance); }

const char *gmm_verdict(const gmm_file *file) { return gmm_is_undecided(file) ? "undecided" : "within tolerance"; }

/* A level's part of the certificate's `degree` (gmm_fast.h). */
static double degree_part(const assay_gmm_model *m, size_t k) {
  double tau = m->level[k].tau, next = k + 1 < m->levels ? m->level[k + 1].tau : 0;
  return (tau - next) * (1 + tau) / (1 + next) * m->level[k].degree_error / 2;
}

/* Whether some cell of the level at which degree costs most has all the degree there is. */
static bool is_degree_used_up(const assay_gmm_model *m) {
  size_t worst = 0;
  for (size_t k = 1; k < m->levels; k++)
    if (degree_part(m, k) > degree_part(m, worst)) worst = k;
  const assay_gmm_level *level = &m->level[worst];
  for (size_t c = level->first_cell; c < level->first_cell + level->cells; c++)
    if (m->cell[c].degree == m->degree) return true;
  return false;
}

void gmm_reason(char out[GMM_REASON], const gmm_file *file) {
  const assay_gmm_model *m = &file->model;
  const assay_gmm_certificate *c = &m->certificate;
  if (c->degree >= c->data && c->degree >= c->discretisation && c->degree >= c->initial) {
    if (is_degree_used_up(m))
      (void)snprintf(out, GMM_REASON,
                     "polynomials of degree %zu do not follow the posterior mean; a larger --degree, or a smaller "
                     "--min-weight for more cells, may",
                     m->degree);
    else
      (void)snprintf(out, GMM_REASON,
                     "%zu samples are too few for a degree that follows the posterior mean; more may do", m->samples);
  } else if (c->data >= c->discretisation && c->data >= c->initial) {
    (void)snprintf(out, GMM_REASON,
                   "%zu samples leave too much chance in the coefficients; more samples, or more --draws of each, may "
                   "do",
                   m->samples);
  } else if (c->discretisation >= c->initial) {
    (void)snprintf(out, GMM_REASON, "the steps are too coarse; a --ratio of levels below %g may do", m->settings.ratio);
  } else {
    (void)snprintf(out, GMM_REASON,
                   "at the largest level, tau = %.6g, the law is not Gaussian yet; a --radius above %.6g may do",
                   m->level[0].tau, m->radius);
  }
}

int gmm_exit_status(const cli_command *command, const char *path, const gmm_file *file) {
  if (!gmm_is_undecided(file)) return CLI_GOOD;
  char reason[GMM_REASON];
  gmm_reason(reason, file);
  cli_error(command, "UNDECIDED: %s: total variation %.2g by its certificate, tolerance %g: %s", path,
            file->model.certificate.total_variation, file->tolerance, reason);
  return CLI_UNDECIDED;
}

assay_status gmm_named(assay_status status, const char *path, assay_context *context) {
  bool input = status == ASSAY_INVALID || status == ASSAY_UNSUPPORTED;
  if (!input || strncmp(context->message, path, strlen(path)) == 0) return status;
  char message[sizeof context->message];
  memcpy(message, context->message, sizeof message);
  return assay_fail(context, status, "%s: %.400s", path, message);
}

const char *gmm_stored(const assay_npy_file *file) { return file->header.item == ASSAY_NPY_F4 ? "float32" : "float64"; }

json_t *gmm_json_vector(const double *values, size_t count) {
  json_t *list = json_array();
  for (size_t i = 0; list && i < count; i++)
    if (json_array_append_new(list, cli_json_number(values[i]))) {
      json_decref(list);
      return NULL;
    }
  return list;
}
