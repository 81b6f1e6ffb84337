#include "scratch.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int scratch_make(void **state) {
  scratch *place = calloc(1, sizeof *place);
  if (!place) return -1;
  strcpy(place->directory, "/tmp/assay-io-XXXXXX");
  assay_context_init(&place->context);
  *state = place;
  return mkdtemp(place->directory) ? 0 : -1;
}

const char *scratch_path(const scratch *place, const char *name) {
  enum { KEPT = 8 };
  static char paths[KEPT][512];
  static size_t next;
  char *path = paths[next++ % KEPT];
  assert_in_range(snprintf(path, sizeof paths[0], "%s/%s", place->directory, name), 1, sizeof paths[0] - 1);
  return path;
}

static size_t each_entry(const scratch *place, bool unlink_it) {
  DIR *directory = opendir(place->directory);
  assert_non_null(directory);
  size_t count = 0;
  for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    count++;
    const char *path = scratch_path(place, entry->d_name);
    if (unlink_it && unlink(path) != 0) (void)rmdir(path);
  }
  closedir(directory);
  return count;
}

int scratch_remove(void **state) {
  scratch *place = *state;
  each_entry(place, true);
  int failed = rmdir(place->directory);
  free(place);
  return failed;
}

const char *scratch_file(const scratch *place, const char *name, const void *bytes, size_t size) {
  const char *path = scratch_path(place, name);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
  return path;
}

size_t scratch_count(const scratch *place) { return each_entry(place, false); }

void scratch_refused(const scratch *place, assay_status status, assay_status wanted, const char *path,
                     const char *expected) {
  const char *message = place->context.message;
  test_check(status == wanted, "status %s, expected %s; message \"%s\", expected \"%s\"", assay_status_name(status),
             assay_status_name(wanted), message, expected);
  test_check(strstr(message, path) != NULL, "\"%s\" does not name %s", message, path);
  test_check(strstr(message, expected) != NULL, "\"%s\" does not hold \"%s\"", message, expected);
  test_check(strchr(message, '\n') == NULL, "\"%s\" is more than one line", message);
}
