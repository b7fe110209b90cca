/*
 * recent.c - envelopes that were taken a moment ago, as they were received.
 * Most are delivered at once, and need not be decrypted for that.
 *
 * A slot is right when position and leaf are: a batch that was given up leaves
 * positions to others.
 */
#include "broker/engine/internal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define RECENT_SLOTS 512u	/* two full batches of one in flight each */
#define RECENT_BYTES 3072u	/* larger ones are read from the journal */

struct recent {
	uint64_t position;	/* 0: empty */
	uint8_t leaf_hash[DIGEST_SIZE];
	uint8_t nonce[NONCE_SIZE];
	size_t header, facts, sealed;
	uint8_t bytes[RECENT_BYTES];
};

void
recent_forget(struct engine *engine)
{
	if (engine->recent != NULL)
		sodium_memzero(engine->recent,
		    RECENT_SLOTS * sizeof(*engine->recent));
}

void
recent_close(struct engine *engine)
{
	recent_forget(engine);
	free(engine->recent);
	engine->recent = NULL;
}

static uint8_t *
put(uint8_t *to, const ProtobufCBinaryData *from)
{
	if (from->len > 0)
		memcpy(to, from->data, from->len);
	return to + from->len;
}

void
recent_keep(struct engine *engine, uint64_t position,
    const uint8_t leaf_hash[DIGEST_SIZE], const Sk__Envelope *envelope)
{
	struct recent *slot;
	uint8_t *to;

	if (envelope->header.len + envelope->facts.len + envelope->sealed.len >
	    RECENT_BYTES)
		return;
	/* Without it there is only more to read. */
	if (engine->recent == NULL && (engine->recent = calloc(RECENT_SLOTS,
	    sizeof(*engine->recent))) == NULL)
		return;
	slot = &engine->recent[position % RECENT_SLOTS];
	slot->position = position;
	memcpy(slot->leaf_hash, leaf_hash, DIGEST_SIZE);
	memcpy(slot->nonce, envelope->nonce.data, NONCE_SIZE);
	slot->header = envelope->header.len;
	slot->facts = envelope->facts.len;
	slot->sealed = envelope->sealed.len;
	to = put(slot->bytes, &envelope->header);
	to = put(to, &envelope->facts);
	(void)put(to, &envelope->sealed);
}

bool
recent_find(const struct engine *engine, uint64_t position,
    const uint8_t leaf_hash[DIGEST_SIZE], struct span *header,
    struct parts *parts, struct span *sealed)
{
	const struct recent *slot;

	if (engine->recent == NULL)
		return false;
	slot = &engine->recent[position % RECENT_SLOTS];
	if (slot->position != position ||
	    memcmp(slot->leaf_hash, leaf_hash, DIGEST_SIZE) != 0)
		return false;
	memset(parts, 0, sizeof(*parts));
	memcpy(parts->nonce, slot->nonce, NONCE_SIZE);
	*header = (struct span){ slot->bytes, slot->header };
	parts->facts = (struct span){ slot->bytes + slot->header, slot->facts };
	*sealed = (struct span){ slot->bytes + slot->header + slot->facts,
		slot->sealed };
	return true;
}
