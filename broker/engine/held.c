/*
 * held.c - what a case holds, read back from its entries: each names the one
 * before it, so no index grows for a question that is seldom asked.
 */
#include "broker/engine/internal.h"

#include <string.h>

static void
hold(struct held *held, const struct header *header, uint64_t sender,
    uint64_t position, bool yours)
{
	if (!ref_is_none(&held->ref))
		return;		/* the latest came first */
	held->ref = (struct envelope_ref){ sender, header->id };
	held->position = position;
	held->yours = yours;
}

static void
note_asked(struct held_index *index, const Sk__InformationRequestFacts *asked)
{
	for (size_t i = 0; i < asked->n_records; i++)
		index->record[(unsigned)asked->records[i] % HELD_RECORDS]
		    .asked = true;
	for (size_t i = 0; i < asked->n_sections; i++)
		index->section[(unsigned)asked->sections[i] % HELD_SECTIONS]
		    .asked = true;
}

static bool
was_sent_to(const struct header *header, uint64_t participant)
{
	for (size_t i = 0; i < header->recipients; i++)
		if (header->recipient[i].participant == participant)
			return true;
	return false;
}

/* One entry of the case; one whose parts are gone holds nothing. */
static enum sk_error
look_at(struct engine *engine, const struct leaf *leaf, uint64_t position,
    uint64_t asker)
{
	struct header *header = arena_take(&engine->arena, sizeof(*header));
	struct held_index *index = &engine->held;
	struct parts parts;
	Sk__Facts *facts = NULL;
	bool yours;
	enum sk_error rc;

	if (header == NULL)
		return SK_NO_MEMORY;
	if (!leaf->header_whole || header_decode(leaf->header.bytes,
	    leaf->header.size, &engine->arena, header, NULL) != SK_OK)
		return SK_OK;
	rc = journal_parts(engine->journal, position, leaf_parts_case(leaf),
	    leaf->instant, engine->parts, sizeof(engine->parts), &parts);
	if (rc != SK_OK)
		return rc == SK_ERASED ? SK_OK : rc;
	if (facts_decode(header->info, parts.facts.bytes, parts.facts.size,
	    &engine->arena, &facts, NULL) != SK_OK)
		return SK_OK;
	if (facts->information_request != NULL)
		note_asked(index, facts->information_request);
	yours = leaf->sender == asker || was_sent_to(header, asker);
	hold(&index->record[(unsigned)header->info->kind % HELD_RECORDS],
	    header, leaf->sender, position, yours);
	for (size_t i = 0; i < facts->n_sections; i++)
		hold(&index->section[(unsigned)facts->sections[i]->section %
		    HELD_SECTIONS], header, leaf->sender, position, yours);
	return SK_OK;
}

static bool
was_accepted(struct engine *engine, const struct leaf *leaf)
{
	ProtobufCMessage *message = NULL;

	return wire_decode(&sk__outcome__descriptor, "outcome",
	    leaf->outcome.bytes, leaf->outcome.size, LEAF_BYTES_MAX,
	    &engine->arena, &message, NULL) == SK_OK &&
	    ((const Sk__Outcome *)message)->accepted;
}

static uint64_t
before_it(const struct leaf *leaf, uint64_t case_number)
{
	for (size_t i = 0; i < leaf->cases; i++)
		if (leaf->touched[i].number == case_number)
			return leaf->touched[i].previous;
	return 0;
}

static enum sk_error
look_back(struct engine *engine, uint64_t asker)
{
	const size_t used = engine->arena.used;
	uint64_t next = engine->row.last_entry, position;
	struct leaf leaf;
	struct span bytes;
	enum sk_error rc = SK_OK;

	memset(&engine->held, 0, sizeof(engine->held));
	for (unsigned i = 0; i < HELD_LOOKS_MAX && next != 0 && rc == SK_OK;
	    i++) {
		position = next - 1;
		rc = journal_leaf(engine->journal, position, &bytes);
		if (rc == SK_OK)
			rc = leaf_decode(bytes.bytes, bytes.size, &leaf);
		if (rc != SK_OK)
			break;
		next = before_it(&leaf, engine->row.number);
		if (leaf.kind == SK__EVENT_KIND__ENVELOPE_EVENT &&
		    was_accepted(engine, &leaf))
			rc = look_at(engine, &leaf, position, asker);
		engine->arena.used = used;
	}
	return rc == SK_NOT_FOUND ? SK_STORE_CORRUPT : rc;
}

const struct held_index *
held_view(void *context, uint64_t asker)
{
	struct engine *engine = context;
	enum sk_error rc = look_back(engine, asker);

	if (rc != SK_OK && engine->view_failed == SK_OK)
		engine->view_failed = rc;
	return rc == SK_OK ? &engine->held : NULL;
}
