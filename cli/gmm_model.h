/* cli/gmm_model.h: a model that gmm learn made, with the tolerance it was judged by, as a file; whether its samples can
 * be trusted; and what the commands on it share. */
#ifndef ASSAY_CLI_GMM_MODEL_H
#define ASSAY_CLI_GMM_MODEL_H

#include "cli/command.h"

#include "io/npy.h"

typedef struct {
  assay_gmm_model model;
  double tolerance; /* of the certificate's total variation */
} gmm_file;

assay_status gmm_file_write(const char *path, const gmm_file *file, assay_context *context);
/* What is read obeys assay_gmm_model_check. Release with assay_gmm_model_clear. */
assay_status gmm_file_read(gmm_file *out, const char *path, assay_context *context);

/* ---- its verdict ---- */

/* The certificate's total variation exceeds the tolerance. */
bool gmm_is_undecided(const gmm_file *file);

const char *gmm_verdict(const gmm_file *file);

/* The largest part of the certificate in words, and what makes it smaller; one line. */
enum { GMM_REASON = 320 };
void gmm_reason(char out[GMM_REASON], const gmm_file *file);

/* The exit status of a command that used the model, and one line on stderr when that is CLI_UNDECIDED. */
int gmm_exit_status(const cli_command *command, const char *path, const gmm_file *file);

/* ---- shared by the commands ---- */

/* Puts the file's name before a message of ASSAY_INVALID or ASSAY_UNSUPPORTED without it; returns `status`. */
assay_status gmm_named(assay_status status, const char *path, assay_context *context);

/* float32 or float64 */
const char *gmm_stored(const assay_npy_file *file);

json_t *gmm_json_vector(const double *values, size_t count);

#endif
