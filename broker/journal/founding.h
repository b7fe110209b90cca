/*
 * founding.h - the entry at position 0: which journal this is.
 */
#ifndef JOURNAL_FOUNDING_H
#define JOURNAL_FOUNDING_H

#include "broker/journal/journal.h"

#define FOUNDING_OPERATORS_MAX 16

/* Check a body and take it over; the digest is left alone. Faults name the
 * field: SK_FIELD_MISSING, SK_FIELD_INVALID. */
enum sk_error founding_check(const Sk__FoundingBody *body,
    struct founding *founding, struct fault *fault);
/* The leaf of this body; leaf has room for LEAF_BYTES_MAX. */
enum sk_error founding_leaf(const Sk__FoundingBody *body, uint8_t *leaf,
    size_t *size);
/* Back from the stored leaf, digest included. SK_STORE_CORRUPT. */
enum sk_error founding_read(struct span leaf, struct founding *founding,
    struct fault *fault);

#endif
