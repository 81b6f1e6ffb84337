#include "theory/vectors/file.h"

enum { SCHEMA = 1 };

void vectors_begin_file(assay_text *text, const char *quantity, const char *definition, size_t cases,
                        vectors_flag_set flags) {
  assay_text_format(text, "{\n \"schema\": %d,\n \"quantity\": \"%s\",\n \"definition\": \"%s\",\n", SCHEMA, quantity,
                    definition);
  assay_text_format(text, " \"case_count\": %zu,\n \"notes\": ", cases);
  vectors_add_notes(text, flags);
  assay_text_add(text, ",\n");
}

void vectors_end_file(assay_text *text, const char *name, const assay_text *body) {
  assay_text_format(text, " \"%s\": [\n", name);
  assay_text_add(text, assay_text_string(body));
  assay_text_add(text, "\n ]\n}\n");
  if (body->status) text->status = body->status;
}
