/*
 * watch.c - the journal walked once, for who counts what happened: entries
 * take effect as they stand, nothing is decided again.
 */
#include "broker/engine/internal.h"

#include <string.h>

#define WATCH_ARENA (2 * ENTRY_ARENA)

#define HEADER_KIND_FIELD 3u

struct watch {
	struct engine *engine;	/* NULL while only corrections are sought */
	struct journal *journal;
	observe_fn *observe;
	void *context;
	uint64_t position;
	struct leaf leaf;
	struct observation seen;
	struct case_row before;
	struct header header;
	struct arena arena;	/* what is seen outlives the entry's own */
	uint8_t arena_bytes[WATCH_ARENA];
	uint8_t parts_bytes[LEAF_BYTES_MAX * 3];
};

/* An absent part is NULL; one that this build wrote always decodes. */
static enum sk_error
decode(struct watch *w, const ProtobufCMessageDescriptor *descriptor,
    struct span bytes, const ProtobufCMessage **message)
{
	ProtobufCMessage *decoded = NULL;
	enum sk_error rc;

	*message = NULL;
	if (bytes.size == 0)
		return SK_OK;
	rc = wire_decode(descriptor, "entry", bytes.bytes, bytes.size,
	    LEAF_BYTES_MAX, &w->arena, &decoded, NULL);
	*message = decoded;
	return rc == SK_OK || rc == SK_NO_MEMORY ? rc : SK_STORE_CORRUPT;
}

static enum sk_error
see_facts(struct watch *w, uint64_t case_number)
{
	struct span header = w->leaf.header;
	struct fault fault;
	struct parts parts;
	Sk__Facts *facts = NULL;
	enum sk_error rc;

	rc = journal_parts(w->journal, w->position, case_number,
	    w->leaf.instant, w->parts_bytes, sizeof(w->parts_bytes), &parts);
	if (rc == SK_ERASED) {
		w->seen.erased = true;
		memset(&parts, 0, sizeof(parts));
	} else if (rc != SK_OK)
		return rc;
	if (!w->leaf.header_whole)
		header = parts.header;
	if (header.size == 0 || header_decode(header.bytes, header.size,
	    &w->arena, &w->header, &fault) != SK_OK)
		return SK_OK;
	w->seen.header = &w->header;
	if (!w->seen.erased && facts_decode(w->header.info, parts.facts.bytes,
	    parts.facts.size, &w->arena, &facts, &fault) == SK_OK)
		w->seen.facts = facts;
	return SK_OK;
}

static enum sk_error
see_envelope(struct watch *w)
{
	const struct party *party = party_find(w->engine, w->leaf.sender);

	w->seen.sender = w->leaf.sender;
	w->seen.member = party == NULL ? NULL : &party->row.member;
	return see_facts(w, leaf_parts_case(&w->leaf));
}

static enum sk_error
see_case(struct watch *w)
{
	enum sk_error rc = SK_OK;

	if (w->seen.effects != NULL)
		w->seen.case_number = w->seen.effects->case_number;
	if (w->seen.case_number == 0 && w->leaf.cases > 0)
		w->seen.case_number = w->leaf.touched[0].number;
	if (w->seen.case_number == 0 || (w->seen.effects != NULL &&
	    w->seen.effects->opening != NULL))
		return SK_OK;
	rc = row_load(w->engine, w->seen.case_number, &w->before);
	w->seen.before = &w->before;
	return rc == SK_NOT_FOUND ? SK_STORE_CORRUPT : rc;
}

static enum sk_error
see(struct watch *w)
{
	const ProtobufCMessage *message;
	enum sk_error rc;

	memset(&w->seen, 0, sizeof(w->seen));
	arena_reset(&w->arena);
	w->seen.position = w->position;
	w->seen.instant = w->leaf.instant;
	w->seen.event = w->leaf.kind;
	w->seen.policy = w->engine->policy;
	if ((rc = decode(w, &sk__effects__descriptor, w->leaf.effects,
	    &message)) != SK_OK)
		return rc;
	w->seen.effects = (const Sk__Effects *)message;
	if ((rc = decode(w, &sk__outcome__descriptor, w->leaf.outcome,
	    &message)) != SK_OK)
		return rc;
	w->seen.outcome = (const Sk__Outcome *)message;
	if (w->leaf.kind == SK__EVENT_KIND__ENVELOPE_EVENT)
		rc = see_envelope(w);
	else if (w->leaf.kind == SK__EVENT_KIND__DEADLINE_EVENT) {
		rc = decode(w, &sk__deadline_body__descriptor, w->leaf.body,
		    &message);
		w->seen.deadline = (const Sk__DeadlineBody *)message;
	} else if (w->leaf.kind == SK__EVENT_KIND__QUARTER_CLOSED) {
		rc = decode(w, &sk__quarter_figures__descriptor, w->leaf.body,
		    &message);
		w->seen.quarter = (const Sk__QuarterFigures *)message;
	} else if (w->leaf.kind == SK__EVENT_KIND__MAILBOX_EVENT) {
		rc = decode(w, &sk__mailbox_body__descriptor, w->leaf.body,
		    &message);
		w->seen.mailbox = (const Sk__MailboxBody *)message;
	}
	return rc == SK_OK ? see_case(w) : rc;
}

static enum sk_error
watch_entry(struct watch *w)
{
	struct engine *engine = w->engine;
	uint8_t hash[DIGEST_SIZE];
	struct span bytes;
	enum sk_error rc;

	rc = journal_leaf(engine->journal, w->position, &bytes);
	if (rc != SK_OK)
		return rc;
	memcpy(engine->leaf, bytes.bytes, bytes.size);
	digest_leaf(hash, engine->leaf, bytes.size);
	if ((rc = leaf_decode(engine->leaf, bytes.size, &w->leaf)) != SK_OK ||
	    (rc = see(w)) != SK_OK)
		return rc;
	arena_reset(&engine->arena);
	rc = apply_entry(engine, w->position, &w->leaf, hash, NULL, NULL);
	if (rc != SK_OK)
		return rc;
	if (w->seen.case_number != 0) {
		rc = row_load(engine, w->seen.case_number, &engine->row);
		w->seen.after = &engine->row;
	}
	if (rc == SK_OK)
		rc = catalogue_read(engine);
	w->seen.catalogue = &engine->catalogue;
	if (rc == SK_OK)
		w->observe(w->context, engine, &w->seen);
	if (rc == SK_OK && engine->meta.size - engine->state_size >=
	    SCRATCH_COMMIT_ENTRIES)
		rc = state_commit(engine);
	return rc;
}

/* ---- corrections alone */

static bool
puts_right(const struct leaf *leaf)
{
	uint64_t kind;

	return leaf->kind == SK__EVENT_KIND__QUARTER_CLOSED ||
	    (leaf->kind == SK__EVENT_KIND__ENVELOPE_EVENT &&
	    leaf->header_whole && wire_peek(leaf->header.bytes,
	    leaf->header.size, HEADER_KIND_FIELD, &kind) &&
	    (kind == SK__KIND__CORRECTION || kind == SK__KIND__VOID));
}

static enum sk_error
see_correction(struct watch *w)
{
	const ProtobufCMessage *message;
	enum sk_error rc;

	memset(&w->seen, 0, sizeof(w->seen));
	arena_reset(&w->arena);
	w->seen.position = w->position;
	w->seen.instant = w->leaf.instant;
	w->seen.event = w->leaf.kind;
	if (w->leaf.kind == SK__EVENT_KIND__QUARTER_CLOSED) {
		rc = decode(w, &sk__quarter_figures__descriptor, w->leaf.body,
		    &message);
		w->seen.quarter = (const Sk__QuarterFigures *)message;
		return rc;
	}
	w->seen.sender = w->leaf.sender;
	w->seen.case_number = leaf_parts_case(&w->leaf);
	if ((rc = decode(w, &sk__outcome__descriptor, w->leaf.outcome,
	    &message)) != SK_OK)
		return rc;
	w->seen.outcome = (const Sk__Outcome *)message;
	return see_facts(w, w->seen.case_number);
}

static enum sk_error
find_correction(struct watch *w, uint8_t *bytes)
{
	struct span leaf;
	enum sk_error rc = journal_leaf(w->journal, w->position, &leaf);

	if (rc != SK_OK || (rc = leaf_decode(leaf.bytes, leaf.size,
	    &w->leaf)) != SK_OK || !puts_right(&w->leaf))
		return rc;
	/* its spans must outlive the next look into the journal */
	memcpy(bytes, leaf.bytes, leaf.size);
	if ((rc = leaf_decode(bytes, leaf.size, &w->leaf)) == SK_OK)
		rc = see_correction(w);
	if (rc == SK_OK && (w->seen.quarter != NULL ||
	    (w->seen.outcome != NULL && w->seen.outcome->accepted)))
		w->observe(w->context, NULL, &w->seen);
	return rc;
}

static struct watch *
watch_begin(struct journal *journal, observe_fn *observe, void *context)
{
	static struct watch w;	/* megabytes: not for the stack */

	memset(&w, 0, offsetof(struct watch, arena_bytes));
	w.journal = journal;
	w.observe = observe;
	w.context = context;
	arena_init(&w.arena, w.arena_bytes, sizeof(w.arena_bytes));
	return &w;
}

enum sk_error
engine_find_corrections(struct journal *journal, observe_fn *observe,
    void *context, struct fault *fault)
{
	static uint8_t bytes[LEAF_BYTES_MAX];
	struct watch *w = watch_begin(journal, observe, context);
	enum sk_error rc = SK_OK;

	for (; rc == SK_OK && w->position < journal_size(journal);
	    w->position++)
		rc = find_correction(w, bytes);
	if (rc != SK_OK)
		fault_set(fault, rc, "", "position %llu",
		    (unsigned long long)w->position);
	journal_read_end(journal);
	return rc;
}

enum sk_error
engine_watch(struct journal *journal, const char *scratch_path,
    observe_fn *observe, void *context, struct fault *fault)
{
	struct watch *w = watch_begin(journal, observe, context);
	bool fresh = false;
	enum sk_error rc;

	rc = engine_make(journal, scratch_path, true, &w->engine, &fresh);
	if (rc == SK_OK && !fresh)
		rc = SK_STORE_MISMATCH;	/* scratch must be empty */
	for (; rc == SK_OK && w->position < journal_size(journal); w->position++)
		rc = watch_entry(w);
	if (rc == SK_OK) {
		memset(&w->seen, 0, sizeof(w->seen));
		w->seen.policy = w->engine->policy;
		w->seen.catalogue = &w->engine->catalogue;
		observe(context, w->engine, &w->seen);
	} else
		fault_set(fault, rc, "", "position %llu",
		    (unsigned long long)w->position);
	journal_read_end(journal);
	engine_discard(w->engine);
	return rc;
}
