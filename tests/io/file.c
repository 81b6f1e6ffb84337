/* io/file: reading whole files, and files that appear complete or not at all. */
#include "io/file.h"

#include "scratch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void assert_holds(scratch *place, const char *path, const char *expected) {
  char *bytes = NULL;
  size_t size = 0;
  assert_int_equal(assay_file_read(&bytes, &size, path, &place->context), ASSAY_OK);
  assert_int_equal(size, strlen(expected));
  assert_memory_equal(bytes, expected, size + 1);
  free(bytes);
}

static void reads_whole_files(void **state) {
  scratch *place = *state;
  assert_holds(place, scratch_file(place, "empty", "", 0), "");
  assert_holds(place, scratch_file(place, "short", "abc", 3), "abc");
  enum { SIZE = 100000 };
  char *large = malloc(SIZE + 1);
  assert_non_null(large);
  for (size_t i = 0; i < SIZE; i++) large[i] = (char)('a' + i % 26);
  large[SIZE] = '\0';
  const char *path = scratch_file(place, "large", large, SIZE);
  assert_holds(place, path, large);
  free(large);
}

static void reads_pipes(void **state) {
  scratch *place = *state;
  enum { SIZE = 50000 }; /* less than a pipe holds, more than the first piece */
  const char *path = scratch_path(place, "pipe");
  assert_int_equal(mkfifo(path, 0600), 0);
  char *text = malloc(SIZE + 1);
  assert_non_null(text);
  memset(text, 'p', SIZE);
  text[SIZE] = '\0';
  pid_t child = fork();
  if (child == 0) {
    FILE *end = fopen(path, "w");
    _exit(end && fwrite(text, 1, SIZE, end) == SIZE && fclose(end) == 0 ? 0 : 1);
  }
  assert_holds(place, path, text);
  int result;
  assert_int_equal(waitpid(child, &result, 0), child);
  assert_int_equal(result, 0);
  free(text);
}

static void reading_refuses_by_name(void **state) {
  scratch *place = *state;
  char *bytes = (char *)state;
  size_t size = 77;
  const char *path = scratch_path(place, "absent");
  scratch_refused(place, assay_file_read(&bytes, &size, path, &place->context), ASSAY_IO, path, "cannot open");
  path = place->directory;
  scratch_refused(place, assay_file_read(&bytes, &size, path, &place->context), ASSAY_IO, path, "is a directory");
  path = "/dev/zero";
  scratch_refused(place, assay_file_read(&bytes, &size, path, &place->context), ASSAY_IO, path, "regular file");
  path = scratch_file(place, "large", place, sizeof *place);
  place->context.memory_cap = 100;
  scratch_refused(place, assay_file_read(&bytes, &size, path, &place->context), ASSAY_MEMORY, path, "memory cap");
  assert_true(bytes == (char *)state && size == 77);
}

static void write_appears_on_commit(void **state) {
  scratch *place = *state;
  const char *path = scratch_file(place, "out", "old", 3);
  assay_file_writer writer = {0};
  assert_int_equal(assay_file_create(&writer, path, &place->context), ASSAY_OK);
  assert_int_equal(assay_file_append(&writer, "new ", 4, &place->context), ASSAY_OK);
  assert_int_equal(assay_file_append(&writer, "text", 4, &place->context), ASSAY_OK);
  assert_int_equal(assay_file_write_at(&writer, 0, "N", 1, &place->context), ASSAY_OK);
  assert_holds(place, path, "old");
  assert_int_equal(scratch_count(place), 2);
  assert_int_equal(assay_file_commit(&writer, &place->context), ASSAY_OK);
  assert_holds(place, path, "New text");
  assert_int_equal(scratch_count(place), 1);
  assay_file_abort(&writer); /* released: nothing happens */
  assert_holds(place, path, "New text");
}

static void abort_leaves_nothing(void **state) {
  scratch *place = *state;
  assay_file_writer writer = {0};
  assert_int_equal(assay_file_create(&writer, scratch_path(place, "out"), &place->context), ASSAY_OK);
  assert_int_equal(assay_file_append(&writer, "half", 4, &place->context), ASSAY_OK);
  assert_int_equal(scratch_count(place), 1);
  assay_file_abort(&writer);
  assert_int_equal(scratch_count(place), 0);
  assay_file_abort(&writer);
}

static void failed_commit_leaves_nothing(void **state) {
  scratch *place = *state;
  const char *path = scratch_path(place, "out");
  assay_file_writer writer = {0};
  assert_int_equal(assay_file_create(&writer, path, &place->context), ASSAY_OK);
  assert_int_equal(mkdir(path, 0700), 0); /* in the way of the rename */
  scratch_refused(place, assay_file_commit(&writer, &place->context), ASSAY_IO, path, "cannot rename");
  assert_int_equal(scratch_count(place), 1);
}

/* Writes that cannot succeed: beyond the largest offset, and on a descriptor that was closed underneath. */
static void failed_write_leaves_nothing(void **state) {
  scratch *place = *state;
  const char *path = scratch_path(place, "out");
  assay_file_writer writer = {0};
  assert_int_equal(assay_file_create(&writer, path, &place->context), ASSAY_OK);
  scratch_refused(place, assay_file_write_at(&writer, INT64_MAX, "x", 1, &place->context), ASSAY_IO, path, "too large");
  close(writer.descriptor); /* the next write meets a bad descriptor */
  scratch_refused(place, assay_file_append(&writer, "x", 1, &place->context), ASSAY_IO, path, "cannot write");
  writer.descriptor = -1;
  assay_file_abort(&writer);
  assert_int_equal(scratch_count(place), 0);
}

static void creating_refuses_by_name(void **state) {
  scratch *place = *state;
  assay_file_writer writer = {0};
  const char *path = place->directory;
  scratch_refused(place, assay_file_create(&writer, path, &place->context), ASSAY_IO, path, "not a regular file");
  path = "/dev/null";
  scratch_refused(place, assay_file_create(&writer, path, &place->context), ASSAY_IO, path, "not a regular file");
  path = scratch_path(place, "absent/out");
  scratch_refused(place, assay_file_create(&writer, path, &place->context), ASSAY_IO, path, "cannot write");
  assert_null(writer.temporary);
  assert_int_equal(scratch_count(place), 0);
}

static void links_are_followed(void **state) {
  scratch *place = *state;
  const char *target = scratch_file(place, "target", "old", 3);
  const char *link = scratch_path(place, "link");
  assert_int_equal(symlink("target", link), 0);
  assert_int_equal(assay_file_write(link, "new", 3, &place->context), ASSAY_OK);
  assert_holds(place, target, "new");
  struct stat information;
  assert_int_equal(lstat(link, &information), 0);
  assert_true(S_ISLNK(information.st_mode));
}

static void slots_are_limited_and_reused(void **state) {
  scratch *place = *state;
  enum { MORE_THAN_ALL = 200 };
  assay_file_writer *writers = calloc(MORE_THAN_ALL, sizeof *writers);
  assert_non_null(writers);
  for (int round = 0; round < 2; round++) {
    size_t open = 0;
    char name[16];
    assay_status status = ASSAY_OK;
    while (open < MORE_THAN_ALL && status == ASSAY_OK) {
      (void)snprintf(name, sizeof name, "out%zu", open);
      status = assay_file_create(&writers[open], scratch_path(place, name), &place->context);
      open += status == ASSAY_OK;
    }
    scratch_refused(place, status, ASSAY_UNSUPPORTED, name, "files are being written");
    assert_int_equal(open, 64);
    assert_int_equal(scratch_count(place), open);
    for (size_t i = 0; i < open; i++) assay_file_abort(&writers[i]);
    assert_int_equal(scratch_count(place), 0);
  }
  free(writers);
}

static void abandoned_writer_cannot_commit(void **state) {
  scratch *place = *state;
  const char *path = scratch_file(place, "out", "old", 3);
  assay_file_writer writer = {0}, other = {0};
  assert_int_equal(assay_file_create(&writer, path, &place->context), ASSAY_OK);
  assert_int_equal(assay_file_create(&other, scratch_path(place, "other"), &place->context), ASSAY_OK);
  assert_int_equal(scratch_count(place), 3);
  char *taken[] = {writer.temporary, other.temporary}; /* abandon_all never frees: the process is to end */
  errno = 77;
  assay_file_abandon_all();
  assert_int_equal(errno, 77);
  assert_int_equal(scratch_count(place), 1);
  assert_int_equal(assay_file_append(&writer, "x", 1, &place->context), ASSAY_OK);
  scratch_refused(place, assay_file_commit(&writer, &place->context), ASSAY_IO, path, "cannot rename");
  assay_file_abort(&other);
  assert_holds(place, path, "old");
  free(taken[0]);
  free(taken[1]);
}

static void end_at_signal(int number) {
  assay_file_abandon_all();
  _exit(128 + number);
}

/* Writers come and go in a child until a signal ends it at an arbitrary moment: nothing half-written stays. */
static _Noreturn void write_for_ever(scratch *place) {
  struct sigaction action = {.sa_handler = end_at_signal};
  sigaction(SIGINT, &action, NULL);
  for (;;) {
    assay_file_writer writer = {0};
    if (assay_file_create(&writer, scratch_path(place, "out"), &place->context) != ASSAY_OK) _exit(1);
    for (int i = 0; i < 20; i++) (void)assay_file_append(&writer, "0123456789", 10, &place->context);
    assay_file_abort(&writer);
  }
}

static void signal_leaves_nothing(void **state) {
  scratch *place = *state;
  test_random random = test_random_new(2);
  for (size_t i = 0; i < test_cases(40); i++) {
    pid_t child = fork();
    if (child == 0) write_for_ever(place);
    struct timespec pause = {0, (long)test_integer(&random, 1000000, 8000000)};
    nanosleep(&pause, NULL);
    kill(child, SIGINT);
    int result;
    assert_int_equal(waitpid(child, &result, 0), child);
    /* Killed before its handler stood: nothing was open yet. */
    bool early = WIFSIGNALED(result) && WTERMSIG(result) == SIGINT;
    test_check(early || (WIFEXITED(result) && WEXITSTATUS(result) == 128 + SIGINT), "child ended with %d", result);
    test_check(scratch_count(place) == 0, "round %zu left a file", i);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(reads_whole_files, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(reads_pipes, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(reading_refuses_by_name, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(write_appears_on_commit, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(abort_leaves_nothing, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(failed_commit_leaves_nothing, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(failed_write_leaves_nothing, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(creating_refuses_by_name, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(links_are_followed, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(slots_are_limited_and_reused, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(abandoned_writer_cannot_commit, scratch_make, scratch_remove),
      cmocka_unit_test_setup_teardown(signal_leaves_nothing, scratch_make, scratch_remove),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
