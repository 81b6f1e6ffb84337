/* The file of a learned model. */
#include "cli/gmm_model.h"

#include "io/archive.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the file holds ---- */

/* Every number of a kind is at `offset` in its struct. */
typedef struct {
  const char *key;
  size_t offset;
  bool whole; /* size_t, else double */
} field;

#define OF_FILE(key, member, whole)                                                                                    \
  { key, offsetof(gmm_file, member), whole }
static const field scalars[] = {
    OF_FILE("samples", model.samples, true),
    OF_FILE("radius", model.radius, false),
    OF_FILE("clip", model.clip, false),
    OF_FILE("limit", model.limit, false),
    OF_FILE("settings.degree", model.settings.degree, true),
    OF_FILE("settings.draws", model.settings.draws, true),
    OF_FILE("settings.ratio", model.settings.ratio, false),
    OF_FILE("settings.tau_min", model.settings.tau_min, false),
    OF_FILE("settings.radius", model.settings.radius, false),
    OF_FILE("settings.minimum_weight", model.settings.minimum_weight, false),
    OF_FILE("settings.cover", model.settings.cover, false),
    OF_FILE("settings.ridge", model.settings.ridge, false),
    OF_FILE("settings.seed", model.settings.seed, true),
    OF_FILE("certificate.initial", model.certificate.initial, false),
    OF_FILE("certificate.degree", model.certificate.degree, false),
    OF_FILE("certificate.data", model.certificate.data, false),
    OF_FILE("certificate.discretisation", model.certificate.discretisation, false),
    OF_FILE("certificate.total_variation", model.certificate.total_variation, false),
    OF_FILE("tolerance", tolerance, false),
};
#undef OF_FILE

static const field level_fields[] = {
    {"level.tau", offsetof(assay_gmm_level, tau), false},
    {"level.first_cell", offsetof(assay_gmm_level, first_cell), true},
    {"level.cells", offsetof(assay_gmm_level, cells), true},
    {"level.degree_error", offsetof(assay_gmm_level, degree_error), false},
    {"level.data_error", offsetof(assay_gmm_level, data_error), false},
    {"level.kernel", offsetof(assay_gmm_level, kernel), false},
};
static const field cell_fields[] = {
    {"cell.degree", offsetof(assay_gmm_cell, degree), true},
    {"cell.weight", offsetof(assay_gmm_cell, weight), false},
};
static const char *const others[] = {"dimension", "degree",       "levels", "cells",
                                     "centres",   "coefficients", "mean",   "covariance"};

#define COUNT(array) (sizeof(array) / sizeof *(array))
enum {
  SCALARS = COUNT(scalars),
  LEVEL_FIELDS = COUNT(level_fields),
  CELL_FIELDS = COUNT(cell_fields),
  OTHERS = COUNT(others),
  KEYS = SCALARS + LEVEL_FIELDS + CELL_FIELDS + OTHERS
};
_Static_assert(sizeof(size_t) == sizeof(uint64_t), "a seed is kept as a whole number");

/* The names above as one list, into `keys`. */
static assay_archive_format format_of(const char *keys[KEYS + 1]) {
  size_t at = 0;
  for (size_t i = 0; i < OTHERS; i++) keys[at++] = others[i];
  for (size_t i = 0; i < SCALARS; i++) keys[at++] = scalars[i].key;
  for (size_t i = 0; i < LEVEL_FIELDS; i++) keys[at++] = level_fields[i].key;
  for (size_t i = 0; i < CELL_FIELDS; i++) keys[at++] = cell_fields[i].key;
  keys[at] = NULL;
  return (assay_archive_format){"assay gmm model", 1, keys};
}

/* ---- writing ---- */

static double column_entry(const field *f, const void *row) {
  const char *at = (const char *)row + f->offset;
  return f->whole ? (double)*(const size_t *)(const void *)at : *(const double *)(const void *)at;
}

/* Column f of `count` structs of `size` bytes. Whole numbers there are below 2^53. */
static void put_column(assay_archive_writer *writer, const field *f, const void *rows, size_t size, size_t count) {
  double *column = NULL;
  if (!writer->status)
    writer->status = assay_allocate((void **)&column, count, sizeof *column, writer->path, writer->context);
  if (writer->status) return;
  for (size_t i = 0; i < count; i++) column[i] = column_entry(f, (const char *)rows + i * size);
  assay_archive_put_array(writer, f->key, column, &count, 1);
  free(column);
}

static void put_scalar(assay_archive_writer *writer, const field *f, const gmm_file *file) {
  const char *at = (const char *)file + f->offset;
  if (f->whole)
    assay_archive_put_whole(writer, f->key, *(const size_t *)(const void *)at);
  else
    assay_archive_put_number(writer, f->key, *(const double *)(const void *)at);
}

assay_status gmm_file_write(const char *path, const gmm_file *file, assay_context *context) {
  const assay_gmm_model *m = &file->model;
  const char *keys[KEYS + 1];
  const assay_archive_format format = format_of(keys);
  const size_t n = m->dimension, centres[] = {m->cells, n}, coefficients[] = {m->cells, m->features, n},
               covariance[] = {n, n};
  assay_archive_writer writer = assay_archive_begin(&format, path, context);
  assay_archive_put_whole(&writer, "dimension", n);
  assay_archive_put_whole(&writer, "degree", m->degree);
  assay_archive_put_whole(&writer, "levels", m->levels);
  assay_archive_put_whole(&writer, "cells", m->cells);
  for (size_t i = 0; i < SCALARS; i++) put_scalar(&writer, &scalars[i], file);
  for (size_t i = 0; i < LEVEL_FIELDS; i++)
    put_column(&writer, &level_fields[i], m->level, sizeof *m->level, m->levels);
  for (size_t i = 0; i < CELL_FIELDS; i++) put_column(&writer, &cell_fields[i], m->cell, sizeof *m->cell, m->cells);
  assay_archive_put_array(&writer, "mean", m->mean, &n, 1);
  assay_archive_put_array(&writer, "covariance", m->covariance, covariance, 2);
  assay_archive_put_array(&writer, "centres", m->centres, centres, 2);
  assay_archive_put_array(&writer, "coefficients", m->coefficients, coefficients, 3);
  return assay_archive_write(&writer);
}

/* ---- reading ---- */

/* What arrays of the file hold, before the model's own are made: their lengths were seen then. */
typedef struct {
  size_t dimension, degree, features, levels, cells;
  double *level[LEVEL_FIELDS], *cell[CELL_FIELDS];
  double *centres, *coefficients, *mean, *covariance;
} arrays;

static void arrays_clear(arrays *a) {
  for (size_t i = 0; i < LEVEL_FIELDS; i++) free(a->level[i]);
  for (size_t i = 0; i < CELL_FIELDS; i++) free(a->cell[i]);
  free(a->centres), free(a->coefficients), free(a->mean), free(a->covariance);
}

static assay_status read_sizes(arrays *out, const assay_archive *archive) {
  assay_status status = assay_archive_whole(&out->dimension, archive, "dimension");
  if (!status) status = assay_archive_whole(&out->degree, archive, "degree");
  if (!status) status = assay_archive_whole(&out->levels, archive, "levels");
  if (!status) status = assay_archive_whole(&out->cells, archive, "cells");
  if (status) return status;
  out->features = assay_gmm_features(out->dimension, out->degree);
  if (out->features) return ASSAY_OK;
  return assay_json_refuse(&archive->reader, "degree", "is %zu, which in %zu dimensions takes more than 4096 features",
                           out->degree, out->dimension);
}

static assay_status read_columns(double **out, const field *fields, size_t count, size_t length,
                                 const assay_archive *archive) {
  const double most = 0x1p53;
  for (size_t f = 0; f < count; f++) {
    assay_status status = assay_archive_array(&out[f], archive, fields[f].key, &length, 1);
    if (status) return status;
    for (size_t i = 0; fields[f].whole && i < length; i++)
      if (!(out[f][i] >= 0 && out[f][i] <= most && out[f][i] == floor(out[f][i])))
        return assay_json_refuse(&archive->reader, fields[f].key, "[%zu] is %.17g, expected a whole number", i,
                                 out[f][i]);
  }
  return ASSAY_OK;
}

static assay_status read_arrays(arrays *out, const assay_archive *archive) {
  assay_status status = read_sizes(out, archive);
  if (status) return status;
  const size_t n = out->dimension, centres[] = {out->cells, n}, coefficients[] = {out->cells, out->features, n},
               covariance[] = {n, n};
  status = read_columns(out->level, level_fields, LEVEL_FIELDS, out->levels, archive);
  if (!status) status = read_columns(out->cell, cell_fields, CELL_FIELDS, out->cells, archive);
  if (!status) status = assay_archive_array(&out->mean, archive, "mean", &n, 1);
  if (!status) status = assay_archive_array(&out->covariance, archive, "covariance", covariance, 2);
  if (!status) status = assay_archive_array(&out->centres, archive, "centres", centres, 2);
  if (!status) status = assay_archive_array(&out->coefficients, archive, "coefficients", coefficients, 3);
  return status;
}

static void set_entry(void *row, const field *f, double value) {
  char *at = (char *)row + f->offset;
  if (f->whole)
    *(size_t *)(void *)at = (size_t)value;
  else
    *(double *)(void *)at = value;
}

static assay_status fill_model(assay_gmm_model *out, const arrays *a, assay_context *context) {
  assay_status status = assay_gmm_model_init(out, a->dimension, a->degree, a->levels, a->cells, context);
  if (status) return status;
  for (size_t f = 0; f < LEVEL_FIELDS; f++)
    for (size_t k = 0; k < a->levels; k++) set_entry(&out->level[k], &level_fields[f], a->level[f][k]);
  for (size_t f = 0; f < CELL_FIELDS; f++)
    for (size_t c = 0; c < a->cells; c++) set_entry(&out->cell[c], &cell_fields[f], a->cell[f][c]);
  size_t n = a->dimension;
  memcpy(out->mean, a->mean, n * sizeof *a->mean);
  memcpy(out->covariance, a->covariance, n * n * sizeof *a->covariance);
  memcpy(out->centres, a->centres, a->cells * n * sizeof *a->centres);
  memcpy(out->coefficients, a->coefficients, a->cells * a->features * n * sizeof *a->coefficients);
  return ASSAY_OK;
}

static assay_status read_scalars(gmm_file *out, const assay_archive *archive) {
  assay_status status = ASSAY_OK;
  for (size_t i = 0; !status && i < SCALARS; i++) {
    char *at = (char *)out + scalars[i].offset;
    if (scalars[i].whole)
      status = assay_archive_whole((size_t *)(void *)at, archive, scalars[i].key);
    else
      status = assay_archive_number((double *)(void *)at, archive, scalars[i].key);
  }
  if (!status && !(out->tolerance > 0 && out->tolerance < 1))
    status = assay_json_refuse(&archive->reader, "tolerance", "is %.17g, expected a number strictly between 0 and 1",
                               out->tolerance);
  return status;
}

assay_status gmm_file_read(gmm_file *out, const char *path, assay_context *context) {
  const char *keys[KEYS + 1];
  const assay_archive_format format = format_of(keys);
  assay_archive archive = {0};
  assay_status status = assay_archive_read(&archive, &format, path, context);
  if (status) return status;
  arrays a = {0};
  gmm_file file = {0};
  status = read_arrays(&a, &archive);
  if (!status) status = fill_model(&file.model, &a, context);
  if (!status) status = read_scalars(&file, &archive);
  if (!status) status = gmm_named(assay_gmm_model_check(&file.model, context), path, context);
  arrays_clear(&a);
  assay_archive_clear(&archive);
  if (status)
    assay_gmm_model_clear(&file.model);
  else
    *out = file;
  return status;
}
