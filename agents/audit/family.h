/*
 * family.h - which cases are one family, as the open effects of the entries
 * say: the engine's index is built from the same.
 */
#ifndef AUDIT_FAMILY_H
#define AUDIT_FAMILY_H

#include "agents/audit/entry.h"

struct family_view;

/* The family of this case, by all that the journal came to know; a case that
 * has none stands alone. entry is room to read in. SK_CASE_UNKNOWN,
 * SK_STORE_CORRUPT, SK_NO_MEMORY. */
enum sk_error family_view_make(struct journal *journal, uint64_t case_number,
    struct entry *entry, struct family_view **view, struct fault *fault);
void family_view_free(struct family_view *view);	/* accepts NULL */
/* The case that stands for the family. */
uint64_t family_view_number(const struct family_view *view);
bool family_view_touches(const struct family_view *view,
    const struct entry *entry);

#endif
