/* Files when memory runs out: read whole or not at all, written whole or not at all. */
#include "allocation.h"
#include "io/archive.h"
#include "io/file.h"
#include "io/mixture_json.h"
#include "io/npy.h"
#include "io/plot.h"
#include "io/scratch.h"
#include "io/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  scratch *place;
  const char *name;
  size_t entries; /* of the directory, before and, with `name` in it or not, after */
} task;

static const double numbers[4] = {2, 0.5, 0.5, 1};

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static assay_status read_mixture(void *self, assay_context *context) {
  const task *of = self;
  assay_mixture mixture = {0};
  assay_status status = assay_mixture_read_json(&mixture, scratch_path(of->place, of->name), context);
  if (status != ASSAY_OK) {
    allocation_untouched(&mixture, sizeof mixture, of->name);
    return status;
  }
  assay_context other;
  assay_context_init(&other);
  test_check(mixture.dimension == 2 && mixture.count == 2 && assay_mixture_check(&mixture, &other) == ASSAY_OK,
             "%s: %zu components of dimension %zu, %s", of->name, mixture.count, mixture.dimension, other.message);
  assay_mixture_clear(&mixture);
  return ASSAY_OK;
}

static void mixtures_survive(scratch *place) {
  static const char components[] =
      "{\"dimension\": 2, \"components\": ["
      "{\"weight\": \"1/3\", \"mean\": [1, 2], \"covariance\": [[2, 0.5], [0.5, 1]]},"
      "{\"weight\": 1, \"mean\": {\"npy\": \"an_array_whose_name_makes_the_path_longer_than_a_text_begins.npy\","
      " \"row\": 1}, \"covariance\": {\"npy\": \"square.npy\"}}]}";
  static const char binary[] = "{\"binary\": {\"mean\": [1, 2], \"variance\": \"0.1\"}}";
  static const char unknown[] = "{\"binary\": {\"mean\": [1, 2], \"variance\": \"0.1\", \"extra\": 1}}";
  static const char broken[] = "{\"binary\": {\"mean\": [1, 2,], \"variance\": \"0.1\"}}";
  scratch_file(place, "components.json", components, sizeof components - 1);
  scratch_file(place, "binary.json", binary, sizeof binary - 1);
  scratch_file(place, "unknown.json", unknown, sizeof unknown - 1);
  scratch_file(place, "broken.json", broken, sizeof broken - 1);
  static const char *const arrays[] = {"an_array_whose_name_makes_the_path_longer_than_a_text_begins.npy",
                                       "square.npy"};
  for (size_t i = 0; i < 2; i++)
    test_check(assay_npy_write(scratch_path(place, arrays[i]), numbers, 2, 2, &place->context) == ASSAY_OK, "%s",
               place->context.message);
  task of = {.place = place, .name = "components.json"};
  allocation_check("mixture of components", read_mixture, &of, ASSAY_OK, 20);
  of.name = "binary.json";
  allocation_check("binary mixture", read_mixture, &of, ASSAY_OK, 10);
  of.name = "unknown.json";
  allocation_check("unknown key", read_mixture, &of, ASSAY_INVALID, 10);
  of.name = "broken.json";
  allocation_check("broken JSON", read_mixture, &of, ASSAY_INVALID, 5);
}

static assay_status read_array(void *self, assay_context *context) {
  const task *of = self;
  assay_npy_array array = {0};
  assay_status status = assay_npy_read(&array, scratch_path(of->place, of->name), context);
  if (status == ASSAY_OK) {
    test_check(array.rows == 2 && array.columns == 2, "%s: shape (%zu, %zu)", of->name, array.rows, array.columns);
    for (size_t i = 0; i < 4; i++) test_check(array.data[i] == numbers[i], "%s: entry %zu", of->name, i);
  } else {
    allocation_untouched(&array, sizeof array, of->name);
  }
  assay_npy_array_clear(&array);
  return status;
}

/* A pipe's length is not known before its end: the buffer grows. */
static assay_status read_pipe(void *self, assay_context *context) {
  (void)self;
  enum { LENGTH = 20000 };
  static const char content[LENGTH];
  int ends[2];
  test_check(pipe(ends) == 0 && write(ends[1], content, LENGTH) == LENGTH && close(ends[1]) == 0, "no pipe");
  char path[32];
  (void)snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
  char *bytes = NULL;
  size_t size = 1;
  assay_status status = assay_file_read(&bytes, &size, path, context);
  (void)close(ends[0]);
  if (status == ASSAY_OK) {
    test_check(size == LENGTH && memcmp(bytes, content, LENGTH) == 0, "%zu bytes of %d", size, LENGTH);
    allocation_release(bytes);
  } else {
    test_check(!bytes && size == 1, "outputs are touched");
  }
  return status;
}

static const char *const archive_keys[] = {"text", "array", "a key longer than sixteen bytes", NULL};
static const assay_archive_format archive_format = {"test", 1, archive_keys};
static const size_t square[2] = {2, 2};

static assay_status read_archive(void *self, assay_context *context) {
  const task *of = self;
  assay_archive archive = {0};
  assay_status status = assay_archive_read(&archive, &archive_format, scratch_path(of->place, of->name), context);
  if (status != ASSAY_OK) {
    allocation_untouched(&archive, sizeof archive, of->name);
    return status;
  }
  double *array = NULL;
  status = assay_archive_array(&array, &archive, "array", square, 2);
  if (status == ASSAY_OK)
    for (size_t i = 0; i < 4; i++) test_check(array[i] == numbers[i], "%s: entry %zu", of->name, i);
  else
    test_check(!array, "the output is touched");
  allocation_release(array);
  assay_archive_clear(&archive);
  return status;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static assay_status write_array(void *self, assay_context *context) {
  const task *of = self;
  assay_status status = assay_npy_write(scratch_path(of->place, of->name), numbers, 2, 2, context);
  size_t expected = of->entries + (status == ASSAY_OK && of->name[0] == 'n');
  test_check(scratch_count(of->place) == expected, "%s: %zu files, %zu expected", of->name, scratch_count(of->place),
             expected);
  if (of->name[0] == 'n') (void)unlink(scratch_path(of->place, of->name));
  return status;
}

/* `status` of writing of->name: a file then, else none. */
static assay_status check_written(const task *of, assay_status status) {
  bool there = access(scratch_path(of->place, of->name), F_OK) == 0;
  test_check(there == (status == ASSAY_OK), "%s: %s", of->name, there ? "is there" : "is not there");
  test_check(scratch_count(of->place) == of->entries + there, "%s: other files", of->name);
  if (there) (void)unlink(scratch_path(of->place, of->name));
  return status;
}

static assay_status put_archive(const task *of, assay_context *context) {
  const char *path = scratch_path(of->place, of->name);
  assay_archive_writer writer = assay_archive_begin(&archive_format, path, context);
  assay_archive_put_text(&writer, "text", "more than the fifteen bytes that jansson copies");
  assay_archive_put_array(&writer, "array", numbers, square, 2);
  assay_archive_put_number(&writer, "a key longer than sixteen bytes", 0.1);
  return assay_archive_write(&writer);
}

static assay_status write_archive(void *self, assay_context *context) {
  return check_written(self, put_archive(self, context));
}

static assay_status write_mixture(void *self, assay_context *context) {
  const task *of = self;
  assay_mixture mixture = {0};
  assay_status status = assay_mixture_init(&mixture, 2, 2, context);
  if (status == ASSAY_OK) status = assay_mixture_write_json(scratch_path(of->place, of->name), &mixture, context);
  assay_mixture_clear(&mixture);
  return check_written(of, status);
}

/* ---- plots ------------------------------------------------------------------------------------------------------- */

static assay_status draw(void *self, assay_context *context) {
  char **baseline = self;
  static const double x[] = {1, 2, 3};
  const assay_plot_series series = {.label = "a line", .line = true, .count = 3, .x = x, .y = x, .error = NULL};
  const assay_plot_table table = {.title = "title", .x_label = "x", .y_label = "y", .series = &series, .count = 1};
  char *svg = NULL;
  assay_status status = assay_plot_svg(&svg, &table, context);
  if (status != ASSAY_OK) {
    test_check(!svg, "the output is touched");
    return status;
  }
  if (*baseline)
    test_check(strcmp(svg, *baseline) == 0, "the drawing differs from the one made in plenty");
  else
    *baseline = strdup(svg);
  allocation_release(svg);
  return ASSAY_OK;
}

void io_survives(void **state) {
  void *made = NULL;
  (void)state;
  assert_int_equal(scratch_make(&made), 0);
  scratch *place = made;
  mixtures_survive(place);
  task array = {.place = place, .name = "square.npy", .entries = scratch_count(place)};
  allocation_check("NPY file read", read_array, &array, ASSAY_OK, 3);
  allocation_check("NPY file replaced", write_array, &array, ASSAY_OK, 2);
  array.name = "new.npy";
  allocation_check("NPY file written", write_array, &array, ASSAY_OK, 2);
  task written = {.place = place, .name = "written.json", .entries = scratch_count(place)};
  allocation_check("mixture written", write_mixture, &written, ASSAY_OK, 4);
  written.name = "written.gz";
  allocation_check("archive written", write_archive, &written, ASSAY_OK, 4);
  test_check(put_archive(&written, &place->context) == ASSAY_OK, "%s", place->context.message);
  allocation_check("archive read", read_archive, &written, ASSAY_OK, 10);
  if (access("/dev/fd", F_OK) == 0) /* not in a chroot without /proc */
    allocation_check("pipe read", read_pipe, NULL, ASSAY_OK, 3);
  char *baseline = NULL;
  assay_status drawn = draw(&baseline, &place->context);
  if (drawn != ASSAY_UNSUPPORTED) allocation_check("plot", draw, &baseline, ASSAY_OK, 3);
  free(baseline);
  assert_int_equal(scratch_remove(&made), 0);
}
