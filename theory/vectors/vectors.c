#include <assay/vectors.h>

#include "io/file.h"
#include "theory/vectors/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- the files ---- */

enum { QUANTITIES = ASSAY_DIVERGENCE + 1, DAE_THEORY = QUANTITIES, BAYES, FILES };

static const char *stem_of(int file) {
  if (file == DAE_THEORY) return "dae-theory";
  return file == BAYES ? "bayes" : assay_quantity_name((assay_quantity)file);
}

/* free() it. */
static assay_status make(char **out, int file, assay_context *context) {
  assay_text text = {0};
  assay_status status = file == DAE_THEORY ? vectors_dae_theory_file(&text, context)
                        : file == BAYES    ? vectors_bayes_file(&text, context)
                                           : vectors_field_file(&text, (assay_quantity)file, context);
  if (!status) status = assay_text_take(out, &text, stem_of(file), context);
  assay_text_clear(&text);
  return status;
}

/* directory/stem.json; free() it. */
static assay_status path_of(char **out, const char *directory, int file, assay_context *context) {
  assay_text text = {0};
  assay_text_format(&text, "%s/%s.json", directory, stem_of(file));
  assay_status status = assay_text_take(out, &text, "a file's name", context);
  assay_text_clear(&text);
  return status;
}

/* ---- writing ---- */

assay_status assay_vectors_write(const char *directory, assay_context *context) {
  if (mkdir(directory, 0777) && errno != EEXIST)
    return assay_fail(context, ASSAY_IO, "%s: cannot be made: %s", directory, strerror(errno));
  assay_status status = ASSAY_OK;
  for (int file = 0; !status && file < FILES; file++) {
    char *text = NULL, *path = NULL;
    status = make(&text, file, context);
    if (!status) status = path_of(&path, directory, file, context);
    if (!status) status = assay_file_write(path, text, strlen(text), context);
    free(text);
    free(path);
  }
  return status;
}

/* ---- checking ---- */

static const char id_key[] = "{\"id\": \"";

/* The name of the last case or group that begins at or before `end`; 0 when none does. */
static size_t last_id(const char **id, const char *text, const char *end) {
  size_t length = 0;
  for (const char *at = text; (at = strstr(at, id_key)) && at < end; at++) {
    *id = at + sizeof id_key - 1;
    length = strcspn(*id, "\"");
  }
  return length;
}

static void add_line(assay_text *differences, const char *what, const char *begin, const char *end) {
  char quote[ASSAY_QUOTE_SIZE];
  const char *stop = memchr(begin, '\n', (size_t)(end - begin));
  assay_text_quote(quote, begin, (size_t)((stop ? stop : end) - begin));
  assay_text_format(differences, "%s'%s'", what, quote);
}

/* Where two texts part: line, case, and what stands there from shortly before the first byte that differs. */
static void add_difference(assay_text *differences, int file, const char *found, size_t size, const char *expected) {
  enum { SHOWN_BEFORE = 24 };
  size_t length = strlen(expected), same = 0, line = 1, begin = 0;
  for (; same < size && same < length && found[same] == expected[same]; same++)
    if (expected[same] == '\n') line++, begin = same + 1;
  if (same - begin > SHOWN_BEFORE) begin = same - SHOWN_BEFORE;
  const char *id = NULL, *end = memchr(expected + same, '\n', length - same);
  size_t id_length = last_id(&id, expected, end ? end : expected + length);
  assay_text_format(differences, "%s.json: line %zu", stem_of(file), line);
  if (id) assay_text_format(differences, ", case %.*s", (int)id_length, id);
  add_line(differences, ": ", found + begin, found + size);
  add_line(differences, ", expected ", expected + begin, expected + length);
  assay_text_add(differences, "\n");
}

static bool exists(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 || errno != ENOENT;
}

static assay_status check_file(assay_text *differences, const char *directory, int file, assay_context *context) {
  char *path = NULL, *found = NULL, *expected = NULL;
  size_t size = 0;
  assay_status status = path_of(&path, directory, file, context);
  if (!status && !exists(path)) {
    assay_text_format(differences, "%s.json: missing\n", stem_of(file));
    free(path);
    return ASSAY_OK;
  }
  if (!status) status = assay_file_read(&found, &size, path, context);
  if (!status) status = make(&expected, file, context);
  if (!status && (size != strlen(expected) || memcmp(found, expected, size) != 0))
    add_difference(differences, file, found, size, expected);
  free(path);
  free(found);
  free(expected);
  return status;
}

static bool is_ours(const char *name) {
  if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return true;
  for (int file = 0; file < FILES; file++) {
    size_t length = strlen(stem_of(file));
    if (strncmp(name, stem_of(file), length) == 0 && strcmp(name + length, ".json") == 0) return true;
  }
  return false;
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static assay_status check_strangers(assay_text *differences, const char *directory, assay_context *context) {
  struct dirent **entries = NULL;
  int count = scandir(directory, &entries, NULL, by_name);
  if (count < 0) return assay_fail(context, ASSAY_IO, "%s: cannot be read: %s", directory, strerror(errno));
  for (int i = 0; i < count; i++) {
    char quote[ASSAY_QUOTE_SIZE];
    assay_text_quote(quote, entries[i]->d_name, strlen(entries[i]->d_name));
    if (!is_ours(entries[i]->d_name)) assay_text_format(differences, "%s: not one of the test vectors\n", quote);
    free(entries[i]);
  }
  free((void *)entries);
  return ASSAY_OK;
}

assay_status assay_vectors_check(char **differences, const char *directory, assay_context *context) {
  assay_text text = {0};
  assay_text_add(&text, "");
  assay_status status = check_strangers(&text, directory, context);
  for (int file = 0; !status && file < FILES; file++) status = check_file(&text, directory, file, context);
  if (!status) status = assay_text_take(differences, &text, "differences", context);
  assay_text_clear(&text);
  return status;
}
