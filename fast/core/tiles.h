/* fast/core/tiles.h: work cut into tiles of a fixed shape, spread over OpenMP threads.
 *
 * A tile's work depends on its index alone, never on the thread that does it, so results do not depend on the number of
 * threads. */
#ifndef ASSAY_FAST_CORE_TILES_H
#define ASSAY_FAST_CORE_TILES_H

#include <assay/model.h>

/* Does tile `index`. `scratch`: this thread's work memory, 64-byte aligned, contents left over from its last tile
 * (zeroed at first). `context`: this thread's own, for messages and options; its progress callback is off. */
typedef assay_status (*tile_body)(void *self, size_t index, void *scratch, assay_context *context);

/* The number of threads that tiles_run would use for `count` tiles: at most context->threads (0: what OpenMP offers).
 */
size_t tiles_threads(size_t count, const assay_context *context);

/* Calls body for 0 <= index < count, each once. Allocates scratch_bytes for each thread within the context's cap;
 * `what` names the work in messages and progress (reported on the caller's thread). On failure the status and message
 * are those of the failing tile with the lowest index, whatever the number of threads; tiles after it may be left out.
 */
assay_status tiles_run(size_t count, size_t scratch_bytes, tile_body body, void *self, const char *what,
                       assay_context *context);

/* ceil(items / tile) */
size_t tiles_count(size_t items, size_t tile);

#endif
