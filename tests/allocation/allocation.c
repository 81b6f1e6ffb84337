/* realpath() is an X/Open function to the C library. */
#define _XOPEN_SOURCE 700

#include "allocation.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the allocator ----------------------------------------------------------------------------------------------- */

static atomic_bool armed;
static bool forever;
static atomic_size_t before; /* allocations granted before the first refusal */
static atomic_size_t refused;
static atomic_bool parser_refused; /* jansson was among them */
static atomic_long live;

static bool refuse(void) {
  if (!atomic_load(&armed)) return false;
  size_t left = atomic_load(&before);
  if (left > 0) {
    atomic_store(&before, left - 1);
    return false;
  }
  if (!forever && atomic_load(&refused) > 0) return false;
  atomic_fetch_add(&refused, 1);
  errno = ENOMEM;
  return true;
}

static void *count(void *memory) {
  if (memory) atomic_fetch_add(&live, 1);
  return memory;
}

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t items, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_realpath(const char *path, char *resolved);
void __wrap_free(void *memory);

void *__wrap_malloc(size_t size) { return refuse() ? NULL : count(malloc(size)); }

void *__wrap_calloc(size_t items, size_t size) { return refuse() ? NULL : count(calloc(items, size)); }

void *__wrap_realloc(void *memory, size_t size) {
  if (refuse()) return NULL;
  return memory ? realloc(memory, size) : count(malloc(size));
}

char *__wrap_strdup(const char *text) { return refuse() ? NULL : count(strdup(text)); }

char *__wrap_realpath(const char *path, char *resolved) {
  if (resolved) return realpath(path, resolved);
  return refuse() ? NULL : count(realpath(path, NULL));
}

void __wrap_free(void *memory) {
  if (memory) atomic_fetch_sub(&live, 1);
  free(memory);
}

/* When memory runs out inside jansson's parser, it may take that for a mistake in the text, or lose a byte of a string
 * longer than 15: then a file is refused for other reasons, or not found. */
static void *parser_malloc(size_t size) {
  if (!refuse()) return count(malloc(size));
  atomic_store(&parser_refused, true);
  return NULL;
}

void allocation_release(void *memory) { __wrap_free(memory); }
void allocation_pause(void) { atomic_store(&armed, false); }
void allocation_resume(void) { atomic_store(&armed, true); }

int allocation_setup(void **state) {
  (void)state;
  json_set_alloc_funcs(parser_malloc, __wrap_free);
  return 0;
}

int allocation_teardown(void **state) {
  (void)state;
  json_set_alloc_funcs(malloc, free);
  return 0;
}

/* ---- the search -------------------------------------------------------------------------------------------------- */

typedef struct {
  const char *what;
  assay_status (*run)(void *self, assay_context *context);
  void *self;
  assay_status ending;
} operation;

void allocation_untouched(const void *output, size_t size, const char *what) {
  const unsigned char *bytes = output;
  for (size_t i = 0; i < size; i++) test_check(bytes[i] == 0, "%s: byte %zu of the output is touched", what, i);
}

/* The lowest free descriptor: higher than before when a file was left open. */
static int free_descriptor(void) {
  int descriptor = dup(STDERR_FILENO);
  test_check(descriptor >= 0 && close(descriptor) == 0, "no descriptor");
  return descriptor;
}

/* false: it needed no more than `granted` allocations. */
static bool refuse_at(const operation *of, size_t granted) {
  assay_context context;
  assay_context_init(&context);
  context.threads = 1;
  long held = atomic_load(&live);
  int lowest = free_descriptor();
  atomic_store(&before, granted);
  atomic_store(&refused, 0);
  atomic_store(&parser_refused, false);
  allocation_resume();
  assay_status status = of->run(of->self, &context);
  allocation_pause();
  const char *mode = forever ? "and later" : "alone";
  bool any = atomic_load(&refused) > 0;
  bool mistaken = atomic_load(&parser_refused) && (status == ASSAY_INVALID || status == ASSAY_IO);
  test_check(status == of->ending || (any && (status == ASSAY_MEMORY || mistaken)),
             "%s: allocation %zu %s refused: status %s, \"%s\"", of->what, granted, mode, assay_status_name(status),
             context.message);
  test_check(status == ASSAY_OK || (context.message[0] && !strchr(context.message, '\n')),
             "%s: allocation %zu %s refused: message \"%s\"", of->what, granted, mode, context.message);
  test_check(atomic_load(&live) == held, "%s: allocation %zu %s refused: %ld blocks are left", of->what, granted, mode,
             atomic_load(&live) - held);
  test_check(free_descriptor() == lowest, "%s: allocation %zu %s refused: a file is left open", of->what, granted,
             mode);
  return any;
}

void allocation_check(const char *what, assay_status (*run)(void *self, assay_context *context), void *self,
                      assay_status ending, size_t fewest) {
  const operation of = {what, run, self, ending};
  for (int mode = 0; mode < 2; mode++) {
    forever = mode == 1;
    size_t needed = 0;
    while (refuse_at(&of, needed)) needed++;
    test_check(needed >= fewest, "%s: %zu allocations, at least %zu expected", what, needed, fewest);
  }
}
