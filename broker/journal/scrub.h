/*
 * scrub.h - one entry looked at again: does what lies on the disk still hash
 * to what stands in the tree, and do the parts beside it open?
 */
#ifndef JOURNAL_SCRUB_H
#define JOURNAL_SCRUB_H

#include "broker/journal/journal.h"

/*
 * The leaf against its hash in the tree and the tile against what stands above
 * it; the sealed part against its digest; the parts against their commitments,
 * where their key is there. Parts of which the key is gone were erased.
 * SK_STORE_CORRUPT with the words in fault->hint.
 */
enum sk_error scrub_entry(struct journal *journal, uint64_t position,
    struct fault *fault);

#endif
