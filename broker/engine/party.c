/*
 * party.c - participants in memory: few, read at every event, changed at
 * almost every one; written to the state with its own commits.
 */
#include "broker/engine/internal.h"

#include <stdlib.h>
#include <string.h>

static size_t
party_slot(const struct engine *engine, uint64_t participant)
{
	size_t low = 0, high = engine->n_parties;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (engine->parties[middle]->participant < participant)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct party *
party_find(const struct engine *engine, uint64_t participant)
{
	size_t slot = party_slot(engine, participant);

	if (slot < engine->n_parties &&
	    engine->parties[slot]->participant == participant)
		return engine->parties[slot];
	return NULL;
}

/* NULL when out of memory or past PARTIES_MAX. */
struct party *
party_make(struct engine *engine, uint64_t participant)
{
	size_t slot = party_slot(engine, participant);
	struct party **grown, *party = party_find(engine, participant);

	if (party != NULL)
		return party;
	if (engine->n_parties == PARTIES_MAX)
		return NULL;
	grown = realloc(engine->parties,
	    (engine->n_parties + 1) * sizeof(struct party *));
	if (grown == NULL)
		return NULL;
	engine->parties = grown;
	if ((party = calloc(1, sizeof(*party))) == NULL)
		return NULL;
	party->participant = participant;
	party->row.box.next = 1;
	memmove(grown + slot + 1, grown + slot,
	    (engine->n_parties - slot) * sizeof(struct party *));
	grown[slot] = party;
	engine->n_parties++;
	return party;
}

const struct member *
party_member(void *engine, uint64_t participant)
{
	const struct party *party = party_find(engine, participant);

	return party == NULL ? NULL : &party->row.member;
}

static bool
member_serves(const struct member *member, uint32_t municipality)
{
	for (size_t i = 0; i < member->current.areas; i++)
		if (member->current.area[i] == municipality)
			return true;
	return false;
}

uint64_t
party_access_team(void *context, uint32_t municipality, int32_t date)
{
	const struct engine *engine = context;

	for (size_t i = 0; i < engine->n_parties; i++) {
		const struct member *member = &engine->parties[i]->row.member;

		if (member->current.role == SK__ROLE__ACCESS &&
		    member_serves(member, municipality) &&
		    member_is_current(member, date))
			return engine->parties[i]->participant;
	}
	return 0;
}

uint64_t
party_by_code(void *context, Sk__Role role, const char *code, int32_t date)
{
	const struct engine *engine = context;

	for (size_t i = 0; i < engine->n_parties; i++) {
		const struct member *member = &engine->parties[i]->row.member;

		if (member->current.role == role &&
		    strcmp(member->current.code, code) == 0 &&
		    member_is_current(member, date))
			return engine->parties[i]->participant;
	}
	return 0;
}

const struct member *
engine_member(const struct engine *engine, uint64_t participant)
{
	const struct party *party = party_find(engine, participant);

	return party == NULL ? NULL : &party->row.member;
}

bool
engine_sender(const struct engine *engine, uint64_t participant,
    struct sender_state *sender)
{
	const struct party *party = party_find(engine, participant);

	if (party != NULL)
		*sender = party->row.sender;
	return party != NULL;
}

bool
engine_mailbox(const struct engine *engine, uint64_t participant,
    struct mailbox_state *mailbox)
{
	const struct party *party = party_find(engine, participant);

	if (party == NULL)
		return false;
	*mailbox = party->row.box;
	if (party->progress && party->delivered > mailbox->delivered)
		mailbox->delivered = party->delivered;
	if (party->progress && party->stored > mailbox->stored)
		mailbox->stored = party->stored;
	return true;
}

uint64_t
engine_by_link_key(const struct engine *engine, const uint8_t link_key[32],
    int32_t date)
{
	for (size_t i = 0; i < engine->n_parties; i++) {
		const struct member *member = &engine->parties[i]->row.member;

		if (memcmp(member->current.keys.link, link_key, 32) == 0 &&
		    member_is_current(member, date))
			return engine->parties[i]->participant;
	}
	return 0;
}

uint64_t
engine_participant_at(const struct engine *engine, size_t index)
{
	return index < engine->n_parties ?
	    engine->parties[index]->participant : 0;
}

void
party_mark_posted(struct engine *engine, struct party *party)
{
	if (party->posted)
		return;
	party->posted = true;
	engine->posted[engine->n_posted++] = party->participant;
}

uint64_t
engine_next_posted(struct engine *engine)
{
	struct party *party;
	uint64_t participant;

	if (engine->n_posted == 0)
		return 0;
	participant = engine->posted[--engine->n_posted];
	if ((party = party_find(engine, participant)) != NULL)
		party->posted = false;
	return participant;
}

enum sk_error
party_load_all(struct engine *engine)
{
	struct store_cursor *cursor = NULL;
	struct span key, value;
	struct party *party;
	uint64_t participant;
	enum sk_error rc;

	if ((rc = state_txn(engine)) != SK_OK)
		return rc;
	if ((rc = store_cursor_open(engine->txn, STATE_PARTIES, &cursor)) !=
	    SK_OK)
		return rc;
	rc = store_seek_ge(cursor, (struct span){ NULL, 0 }, &key, &value);
	for (; rc == SK_OK; rc = store_next(cursor, &key, &value)) {
		if (key.size != sizeof(participant) ||
		    value.size != sizeof(struct party_row)) {
			rc = SK_STORE_CORRUPT;
			break;
		}
		memcpy(&participant, key.bytes, sizeof(participant));
		if ((party = party_make(engine, participant)) == NULL) {
			rc = SK_NO_MEMORY;
			break;
		}
		memcpy(&party->row, value.bytes, sizeof(party->row));
	}
	store_cursor_close(cursor);
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

enum sk_error
party_store_dirty(struct engine *engine)
{
	enum sk_error rc = SK_OK;

	for (size_t i = 0; i < engine->n_parties && rc == SK_OK; i++) {
		struct party *party = engine->parties[i];

		if (!party->dirty)
			continue;
		rc = store_put(engine->txn, STATE_PARTIES,
		    SPAN_U64(party->participant),
		    (struct span){ &party->row, sizeof(party->row) }, PUT_ANY,
		    NULL);
		party->dirty = false;
	}
	return rc;
}

void
party_free_all(struct engine *engine)
{
	for (size_t i = 0; i < engine->n_parties; i++)
		free(engine->parties[i]);
	free(engine->parties);
	engine->parties = NULL;
	engine->n_parties = 0;
}
