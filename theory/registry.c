#include "theory/registry.h"

#include <string.h>

static assay_status check_id(const assay_paper *paper, const char *id, assay_context *context) {
  size_t length = strlen(paper->key);
  if (id && strncmp(id, paper->key, length) == 0 && id[length] == '/' && id[length + 1]) return ASSAY_OK;
  return assay_fail(context, ASSAY_INTERNAL, "claim '%s': its id must be '%s/' and a name", id ? id : "(none)",
                    paper->key);
}

static assay_status check_claim(const assay_paper *paper, const assay_claim *claim, assay_context *context) {
  assay_status status = check_id(paper, claim->id, context);
  if (status) return status;
  if (!claim->statement || !claim->source || !claim->control || !claim->gather)
    return assay_fail(context, ASSAY_INTERNAL, "claim '%s': statement, source, control or gather is missing",
                      claim->id);
  if (claim->kind != ASSAY_PROOF && claim->kind != ASSAY_EXPERIMENT)
    return assay_fail(context, ASSAY_INTERNAL, "claim '%s': its kind is neither proof nor experiment", claim->id);
  for (int level = 0; level < ASSAY_LEVEL_COUNT; level++) {
    if (claim->comparisons[level] == 0)
      return assay_fail(context, ASSAY_INTERNAL, "claim '%s': declares 0 comparisons at level %s", claim->id,
                        assay_level_name((assay_level)level));
    if (!claim->sizes[level])
      return assay_fail(context, ASSAY_INTERNAL, "claim '%s': its sizes at level %s are missing", claim->id,
                        assay_level_name((assay_level)level));
  }
  return ASSAY_OK;
}

/* Appearances of an id in all papers. Quadratic in the number of claims, which is small. */
static size_t count_id(const assay_paper *const *papers, const char *id) {
  size_t count = 0;
  for (; *papers; papers++)
    for (const assay_claim *const *claim = (*papers)->claims; *claim; claim++)
      count += (*claim)->id && strcmp((*claim)->id, id) == 0;
  return count;
}

assay_status assay_papers_check(const assay_paper *const *papers, assay_context *context) {
  for (const assay_paper *const *paper = papers; *paper; paper++) {
    for (const assay_claim *const *claim = (*paper)->claims; *claim; claim++) {
      assay_status status = check_claim(*paper, *claim, context);
      if (status) return status;
      if (count_id(papers, (*claim)->id) > 1)
        return assay_fail(context, ASSAY_INTERNAL, "claim '%s': two claims have this id", (*claim)->id);
    }
  }
  return ASSAY_OK;
}

const assay_paper *assay_papers_find_figure(const assay_paper *const *papers, const assay_figure *figure) {
  for (; *papers; papers++)
    for (const assay_figure *own = (*papers)->figures; own && own->id; own++)
      if (own == figure) return *papers;
  return NULL;
}
