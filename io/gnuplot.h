/* io/gnuplot.h: runs gnuplot on a script. */
#ifndef ASSAY_IO_GNUPLOT_H
#define ASSAY_IO_GNUPLOT_H

#include <assay/model.h>

/* What gnuplot writes to its standard output when it reads `script`, without the user's own start-up files; free() it.
 * No shell is involved. `name` is the plot's, for messages. ASSAY_UNSUPPORTED: not on PATH; ASSAY_IO: it failed, with
 * the last line of its complaint. */
assay_status assay_gnuplot_run(char **output, const char *script, const char *name, assay_context *context);

#endif
