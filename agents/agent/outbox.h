/*
 * outbox.h - what this agent said: first in the outbox, then sent with its
 * receipt. An envelope's bytes are final when they enter.
 */
#ifndef AGENT_OUTBOX_H
#define AGENT_OUTBOX_H

#include "agents/agent/archive.h"
#include "proto/session.pb-c.h"

/* Give row its sequence and keep it with its packed envelope; the case learns
 * of it when the receipt comes. */
void outbox_add(struct archive *archive, struct own_row *row,
    struct span envelope);
/* In order of sequence from this one on, until visit says false. */
typedef bool (*outbox_visit)(void *context, uint64_t sequence,
    const struct envelope_id *id);
enum sk_error outbox_walk(struct archive *archive, uint64_t from,
    outbox_visit visit, void *context);
uint64_t outbox_count(struct archive *archive);

/* SK_NOT_FOUND. */
enum sk_error own_get(struct archive *archive, const struct envelope_id *id,
    struct own_row *row);
enum sk_error own_by_number(struct archive *archive, uint64_t number,
    struct own_row *row);
/* Its bytes, decoded into the arena; SK_ERASED: what is left of them. */
enum sk_error own_envelope(struct archive *archive,
    const struct envelope_id *id, struct arena *arena,
    Sk__Envelope **envelope);
/* What the catalogue answered to this question; SK_NOT_FOUND. */
enum sk_error own_answer(struct archive *archive, const struct envelope_id *id,
    struct arena *arena, Sk__CatalogueAnswer **answer);
/* row was refused because a key is not current, and goes out sealed anew. */
void own_replaced(struct archive *archive, struct own_row *row,
    const struct envelope_id *by);
/* What became of it in the end: follows replacements. SK_NOT_FOUND. */
enum sk_error own_get_last(struct archive *archive,
    const struct envelope_id *id, struct own_row *row);
/* What the broker's Fetched gave back and is not here (an old backup). */
void own_restore(struct archive *archive, const struct own_row *row,
    struct span envelope);

/*
 * The receipt of row came: out of the outbox, into sent, into its case. A
 * receipt that came before changes nothing. first_number is its SUBMIT's.
 * SK_MALFORMED when a field is missing or the number is another's.
 */
enum sk_error own_receipted(struct archive *archive, struct own_row *row,
    const Sk__Receipt *receipt, uint64_t first_number);

/* Its content goes, unless it still waits to be sent: header and digests stay,
 * so that the chain can be followed through it. */
void own_erase(struct archive *archive, const struct envelope_id *id,
    struct arena *arena);

void own_link_put(struct archive *archive, uint64_t first_number,
    const struct link_row *link);
enum sk_error own_link(struct archive *archive, uint64_t first_number,
    struct link_row *link);

#endif
