/*
 * submit.c - envelopes: from a sender's SUBMIT to entries in the open batch.
 */
#include "broker/engine/internal.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "proto/chain.h"
#include "proto/civil.h"
#include "proto/fault.h"
#include "proto/seal.h"

int64_t
engine_instant(struct engine *engine, int64_t now)
{
	if (now > engine->last_instant)
		engine->last_instant = now;
	return engine->last_instant;
}

enum sk_error
engine_view(struct engine *engine, struct view *view)
{
	enum sk_error rc = catalogue_read(engine);

	memset(view, 0, sizeof(*view));
	view->policy = engine->policy;
	view->policy_version = engine->meta.policy_version;
	view->catalogue = &engine->catalogue;
	view->next_case_number = engine->meta.cases + 1;
	view->member = party_member;
	view->access_team = party_access_team;
	view->participant = party_by_code;
	view->held = held_view;
	view->person = family_person;
	view->family = family_view;
	view->other = family_other;
	view->told = engine->told;
	engine->view_failed = SK_OK;
	view->context = engine;
	return rc;
}

enum sk_error
engine_load_case(struct engine *engine, uint64_t case_number)
{
	enum sk_error rc = row_load(engine, case_number, &engine->row);

	if (rc == SK_OK)
		rc = closed_load(engine, case_number, &engine->closed,
		    &engine->has_closed);
	return rc == SK_NOT_FOUND ? SK_STORE_CORRUPT : rc;
}

static enum sk_error
refuse(struct verdict *verdict, const struct fault *fault)
{
	verdict->decision.refusal = *fault;
	verdict->decision.open = NULL;
	verdict->decision.closed = NULL;
	return SK_OK;
}

static enum sk_error
refuse_with(struct verdict *verdict, enum sk_error code, const char *field,
    const char *hint)
{
	struct fault fault;

	fault_set(&fault, code, field, hint == NULL ? NULL : "%s", hint);
	return refuse(verdict, &fault);
}

/* What reply-to names: its kind and whether it was sent to this sender. What
 * comes only later in the journal is not known yet, in replay neither. */
static enum sk_error
look_up_reply(struct engine *engine, uint64_t sender, uint64_t self_position,
    const struct envelope_ref *ref, struct replied *replied)
{
	struct fault fault;
	struct header *header;
	struct leaf leaf;
	struct span bytes;
	uint64_t position, case_number;
	enum sk_error rc;

	memset(replied, 0, sizeof(*replied));
	if (ref_is_none(ref))
		return SK_OK;
	rc = journal_id(engine->journal, ref->participant, &ref->id, &position,
	    &case_number);
	if (rc == SK_NOT_FOUND || (rc == SK_OK &&
	    (case_number == 0 || position >= self_position)))
		return SK_OK;
	if (rc == SK_OK)
		rc = journal_leaf(engine->journal, position, &bytes);
	if (rc == SK_OK)
		rc = leaf_decode(bytes.bytes, bytes.size, &leaf);
	if (rc != SK_OK)
		return rc;
	if ((header = arena_take(&engine->arena, sizeof(*header))) == NULL)
		return SK_NO_MEMORY;
	if (!leaf.header_whole || header_decode(leaf.header.bytes,
	    leaf.header.size, &engine->arena, header, &fault) != SK_OK)
		return SK_STORE_CORRUPT;
	replied->known = true;
	replied->kind = header->info->kind;
	replied->sender = ref->participant;
	replied->case_number = case_number;
	replied->position = position;
	for (size_t i = 0; i < header->recipients; i++)
		if (header->recipient[i].participant == sender &&
		    sender != ref->participant)
			replied->sent_to_me = true;
	return SK_OK;
}

static enum sk_error
check_sealed(const struct header *header, const Sk__Facts *facts, size_t size,
    struct fault *fault)
{
	if (size == 0 && header->info->sealed == SEALED_MUST)
		return fault_set(fault, SK_FIELD_MISSING, "sealed",
		    "%s needs a sealed part", header->info->name);
	if (size == 0 && facts->n_sections > 0)
		return fault_set(fault, SK_FIELD_MISSING, "sealed",
		    "facts declare sections");
	if (size == 0)
		return SK_OK;
	if (header->info->sealed == SEALED_NEVER)
		return fault_set(fault, SK_FIELD_UNEXPECTED, "sealed",
		    "%s has no sealed part", header->info->name);
	if (size > SEALED_BYTES_MAX)
		return fault_set(fault, SK_OVERSIZED, "sealed",
		    "at most %u bytes", SEALED_BYTES_MAX);
	/* Nothing but its size can be judged here. */
	if (!seal_is_a_size(size, header->recipients))
		return fault_set(fault, SK_MALFORMED, "sealed",
		    "version, key digest, a key a recipient, padded text");
	return SK_OK;
}

/* The id must be new, and an opening must name itself. self_position is where
 * this envelope stands or will stand: replay finds its own id there. */
static enum sk_error
check_id(struct engine *engine, uint64_t sender, uint64_t self_position,
    struct verdict *verdict, bool *refused)
{
	const struct header *header = &verdict->header;
	uint64_t position, case_number;
	enum sk_error rc;

	*refused = true;
	rc = journal_id(engine->journal, sender, &header->id, &position,
	    &case_number);
	if (rc == SK_OK && position < self_position) {
		verdict->first_position = position;
		return refuse_with(verdict, SK_ENVELOPE_REPEATED, "header.id",
		    "an id is used once");
	}
	if (rc != SK_OK && rc != SK_NOT_FOUND)
		return rc;
	verdict->id_usable = true;
	if (kind_names_itself(header->info) &&
	    header->case_ref.participant != sender)
		return refuse_with(verdict, SK_FIELD_INVALID,
		    "header.case_ref.participant", "an opening names itself");
	*refused = false;
	return SK_OK;
}

static enum sk_error
find_case(struct engine *engine, uint64_t sender, uint64_t self_position,
    struct verdict *verdict, struct view *view)
{
	const struct envelope_ref *ref = &verdict->header.case_ref;
	uint64_t position, case_number = 0;
	enum sk_error rc;

	if (kind_names_itself(verdict->header.info))
		return SK_OK;
	rc = journal_id(engine->journal, ref->participant, &ref->id, &position,
	    &case_number);
	if (rc == SK_NOT_FOUND || (rc == SK_OK &&
	    (case_number == 0 || position >= self_position)))
		return SK_OK;
	if (rc == SK_OK)
		rc = engine_load_case(engine, case_number);
	if (rc != SK_OK)
		return rc;
	/* Any envelope's id leads to its case; only the opener's names it. */
	if (!ref_equal(&engine->row.ref, ref))
		return SK_OK;
	view->row = &engine->row;
	view->closed = engine->has_closed ? &engine->closed : NULL;
	family_see(engine, view);
	if (case_has_participant(&engine->row, sender))
		verdict->link_case = case_number;
	return SK_OK;
}

enum sk_error
verdict_envelope(struct engine *engine, uint64_t sender, int64_t instant,
    struct span header, struct span facts, size_t sealed_size,
    uint64_t self_position, struct verdict *verdict)
{
	struct event event = { .kind = SK__EVENT_KIND__ENVELOPE_EVENT,
		.instant = instant, .sender = sender };
	Sk__Facts *decoded = NULL;
	struct fault fault = { 0 };
	struct view view;
	bool refused;
	enum sk_error rc;

	memset(verdict, 0, sizeof(*verdict));
	if ((rc = engine_view(engine, &view)) != SK_OK)
		return rc;
	if (header_decode(header.bytes, header.size, &engine->arena,
	    &verdict->header, &fault) != SK_OK)
		return refuse(verdict, &fault);
	verdict->header_whole = true;
	rc = check_id(engine, sender, self_position, verdict, &refused);
	if (rc != SK_OK || refused)
		return rc;
	if ((rc = find_case(engine, sender, self_position, verdict, &view)) !=
	    SK_OK)
		return rc;
	if (facts_decode(verdict->header.info, facts.bytes, facts.size,
	    &engine->arena, &decoded, &fault) != SK_OK ||
	    check_sealed(&verdict->header, decoded, sealed_size, &fault) !=
	    SK_OK)
		return refuse(verdict, &fault);
	rc = look_up_reply(engine, sender, self_position,
	    &verdict->header.reply_to, &view.replied);
	if (rc != SK_OK)
		return rc;
	event.header = &verdict->header;
	event.facts = decoded;
	decide(&view, &event, &engine->arena, &verdict->decision);
	if (engine->view_failed != SK_OK)
		return engine->view_failed;
	if (verdict->decision.refusal.code == SK_OK) {
		verdict->case_number = verdict->decision.open->case_number;
		verdict->link_case = verdict->case_number;
	}
	return SK_OK;
}

static void
fill_known(const Sk__Effects *open, Sk__Outcome *outcome)
{
	if (open == NULL || open->information == NULL)
		return;
	outcome->n_known = open->information->n_known;
	outcome->known = open->information->known;
}

static void
fill_warnings(const Sk__Effects *open, Sk__Outcome *outcome)
{
	if (open == NULL || open->n_warnings == 0)
		return;
	outcome->n_warnings = open->n_warnings;
	outcome->warnings = open->warnings;
	outcome->hint = (char *)(uintptr_t)rules_warning_text(
	    open->warnings[0]);
}

/* Who is to name another case cannot know its reference otherwise. */
static enum sk_error
fill_use_case(struct engine *engine, const struct decision *decision,
    Sk__Outcome *outcome)
{
	if (decision->use_case == 0)
		return SK_OK;
	outcome->has_use_case = 1;
	outcome->use_case = decision->use_case;
	outcome->use_case_ref = ref_to_message(&decision->use_case_ref,
	    &engine->arena);
	return outcome->use_case_ref == NULL ? SK_NO_MEMORY : SK_OK;
}

static void
outcome_fill(const struct verdict *verdict, Sk__Outcome *outcome)
{
	const struct decision *decision = &verdict->decision;

	outcome->has_accepted = 1;
	outcome->accepted = decision->refusal.code == SK_OK;
	outcome->has_case_number = verdict->case_number != 0;
	outcome->case_number = verdict->case_number;
	outcome->has_former_journal = verdict->former.journal != 0;
	outcome->former_journal = verdict->former.journal;
	outcome->has_former_position = verdict->former.journal != 0;
	outcome->former_position = verdict->former.position;
	outcome->has_former_instant = verdict->former.instant != 0;
	outcome->former_instant = verdict->former.instant;
	outcome->has_former_erased = verdict->former.erased;
	outcome->former_erased = verdict->former.erased;
	outcome->has_former_code = verdict->former.code != 0;
	outcome->former_code = verdict->former.code;
	outcome->catalogue = decision->answer;
	outcome->waiting = decision->waiting;
	if (outcome->accepted) {
		fill_known(decision->open, outcome);
		fill_warnings(decision->open, outcome);
		return;
	}
	outcome->has_code = 1;
	outcome->code = decision->refusal.code;
	if (decision->refusal.field[0] != '\0')
		outcome->field = (char *)(uintptr_t)decision->refusal.field;
	if (decision->refusal.hint[0] != '\0')
		outcome->hint = (char *)(uintptr_t)decision->refusal.hint;
	outcome->has_use_participant = decision->use_participant != 0;
	outcome->use_participant = decision->use_participant;
	outcome->has_first_position =
	    decision->refusal.code == SK_ENVELOPE_REPEATED;
	outcome->first_position = verdict->first_position;
}

enum sk_error
verdict_pack(struct engine *engine, struct verdict *verdict)
{
	Sk__Outcome outcome = SK__OUTCOME__INIT;
	struct decision *decision = &verdict->decision;
	enum sk_error rc;

	outcome_fill(verdict, &outcome);
	if ((rc = fill_use_case(engine, decision, &outcome)) != SK_OK)
		return rc;
	rc = wire_encode(&outcome.base, &engine->arena, &verdict->outcome,
	    &verdict->outcome_size);
	if (rc != SK_OK || decision->open == NULL)
		return rc;
	for (size_t i = 0; i < decision->open->n_postings; i++) {
		Sk__Posting *posting = decision->open->postings[i];
		const struct party *party = party_find(engine,
		    posting->participant);

		assert(party != NULL);	/* decide posts to the enrolled only */
		posting->has_number = 1;
		posting->number = party->row.box.next;
	}
	rc = wire_encode(&decision->open->base, &engine->arena,
	    &verdict->effects, &verdict->effects_size);
	if (rc == SK_OK && decision->closed != NULL)
		rc = wire_encode(&decision->closed->base, &engine->arena,
		    &verdict->closed, &verdict->closed_size);
	return rc;
}

/* ---- into the journal */

static void
touch_case(struct engine *engine, const struct verdict *verdict,
    struct leaf *leaf)
{
	if (verdict->link_case == 0)
		return;
	leaf->cases = 1;
	leaf->touched[0].number = verdict->link_case;
	/* An opening has no entry before it; else the row is at hand. */
	if (engine->row.number == verdict->link_case &&
	    (verdict->decision.open == NULL ||
	    verdict->decision.open->opening == NULL))
		leaf->touched[0].previous = engine->row.last_entry;
}

/* An erased case may still be answered: the leaf stands, what would lie under
 * the key does not. */
static enum sk_error
case_is_erased(struct engine *engine, uint64_t case_number, bool *erased)
{
	uint8_t key[32];
	enum sk_error rc = SK_OK;

	/* What is still to be carried out holds already. */
	*erased = case_number != 0 && engine->row.number == case_number &&
	    engine->row.erased != 0;
	if (case_number == 0 || *erased)
		return SK_OK;
	rc = journal_case_key(engine->journal, case_number, key);
	sodium_memzero(key, sizeof(key));
	*erased = rc == SK_ERASED;
	return rc == SK_ERASED ? SK_OK : rc;
}

static enum sk_error
append_parts(struct engine *engine, const struct parts *parts,
    struct append *append, bool *erased)
{
	size_t size = 0;
	enum sk_error rc;

	*erased = false;
	if (parts->facts.bytes == NULL && parts->closed.size == 0)
		return SK_OK;
	rc = case_is_erased(engine, append->parts_case, erased);
	if (*erased)
		append->sealed = (struct span){ NULL, 0 };
	if (rc != SK_OK || *erased)
		return rc;
	rc = parts_encode(parts, engine->parts, sizeof(engine->parts), &size);
	append->parts = (struct span){ engine->parts, size };
	return rc;
}

/* Drawn in blocks: a call of the system an envelope would show. */
static void
draw_nonce(struct engine *engine, uint8_t nonce[NONCE_SIZE])
{
	if (engine->nonces_left < NONCE_SIZE) {
		randombytes_buf(engine->nonces, NONCE_POOL);
		engine->nonces_left = NONCE_POOL;
	}
	engine->nonces_left -= NONCE_SIZE;
	memcpy(nonce, engine->nonces + engine->nonces_left, NONCE_SIZE);
	sodium_memzero(engine->nonces + engine->nonces_left, NONCE_SIZE);
}

static enum sk_error
append_leaf(struct engine *engine, struct leaf *leaf, struct append *append,
    const struct verdict *verdict, struct parts *parts, uint64_t *position,
    uint8_t leaf_hash[DIGEST_SIZE])
{
	size_t size = 0;
	bool erased = false;
	enum sk_error rc;

	if (verdict->closed != NULL) {
		draw_nonce(engine, parts->closed_nonce);
		parts->closed = (struct span){ verdict->closed,
			verdict->closed_size };
		chain_closed_commitment(leaf->closed_commitment,
		    parts->closed_nonce, verdict->closed, verdict->closed_size);
	}
	leaf->format = LEAF_FORMAT;
	leaf->epoch = journal_epoch(engine->journal);
	leaf->rules_version = RULES_VERSION;
	leaf->policy_version = engine->meta.policy_version;
	leaf->outcome = (struct span){ verdict->outcome,
		verdict->outcome_size };
	leaf->effects = (struct span){ verdict->effects,
		verdict->effects_size };
	touch_case(engine, verdict, leaf);
	if ((rc = leaf_encode(leaf, engine->leaf, &size)) != SK_OK)
		return rc;
	append->leaf = (struct span){ engine->leaf, size };
	append->case_number = verdict->case_number;
	append->parts_case = leaf_parts_case(leaf);
	rc = append_parts(engine, parts, append, &erased);
	if (rc == SK_OK)
		rc = journal_begin(engine->journal);
	if (rc == SK_OK)
		rc = journal_append(engine->journal, append, leaf->instant,
		    position, leaf_hash);
	if (rc != SK_OK)
		return rc;
	engine->entries_in_batch++;
	return apply_entry(engine, *position, leaf, leaf_hash,
	    verdict->decision.open, erased ? NULL : verdict->decision.closed);
}

enum sk_error
append_event(struct engine *engine, Sk__EventKind kind, int64_t instant,
    struct span body, struct verdict *verdict, const struct append *extra,
    uint64_t *position)
{
	struct append append = { 0 };
	struct parts parts = { 0 };
	struct leaf *leaf = arena_take(&engine->arena, sizeof(*leaf));
	uint8_t leaf_hash[DIGEST_SIZE];
	uint64_t at;

	if (leaf == NULL)
		return SK_NO_MEMORY;
	if (extra != NULL)
		append = *extra;
	leaf->kind = kind;
	leaf->instant = engine_instant(engine, instant);
	leaf->body = body;
	return append_leaf(engine, leaf, &append, verdict, &parts,
	    position == NULL ? &at : position, leaf_hash);
}

/* One SUBMIT under way: what every envelope in it shares. */
struct submission {
	const Sk__Submit *submit;
	struct party *party;
	const struct former *former;	/* NULL: it comes for the first time */
	int64_t instant;
	uint8_t key_id[DIGEST_SIZE];
	uint8_t previous_link[DIGEST_SIZE], link[DIGEST_SIZE];
	struct {
		uint8_t header[DIGEST_SIZE];
		uint8_t commitment[DIGEST_SIZE];
		uint8_t sealed[DIGEST_SIZE];
	} digest[SUBMIT_ENVELOPES_MAX];
	uint8_t e[SUBMIT_ENVELOPES_MAX][DIGEST_SIZE];
	struct proof_cache *slot;	/* its tree, on trial until it is taken */
};

/* Of what is erased nothing is left to decide on: it has its place. */
static enum sk_error
judge_envelope(struct engine *engine, const struct submission *s,
    size_t index, struct parts *parts, struct verdict *verdict)
{
	const Sk__Envelope *envelope = s->submit->envelopes[index];
	const struct span header = { envelope->header.data,
		envelope->header.len };
	const uint64_t position = journal_size(engine->journal);
	bool refused;

	if (chain_is_remains(envelope)) {
		memset(verdict, 0, sizeof(*verdict));
		if (header_decode(header.bytes, header.size, &engine->arena,
		    &verdict->header, NULL) != SK_OK)
			return refuse_with(verdict, SK_ERASED, "", NULL);
		verdict->header_whole = true;
		refuse_with(verdict, SK_ERASED, "", NULL);
		return check_id(engine, s->party->participant, position,
		    verdict, &refused);
	}
	memcpy(parts->nonce, envelope->nonce.data, NONCE_SIZE);
	parts->facts = (struct span){ envelope->facts.data == NULL ?
	    (const void *)"" : envelope->facts.data, envelope->facts.len };
	return verdict_envelope(engine, s->party->participant,
	    s->former == NULL ? s->instant : s->former[index].instant, header,
	    parts->facts, envelope->sealed.len, position, verdict);
}

static enum sk_error
take_envelope(struct engine *engine, struct submission *s, size_t index,
    struct arena *arena, struct submit_answer *answer)
{
	const Sk__Envelope *envelope = s->submit->envelopes[index];
	const struct span header = { envelope->header.data,
		envelope->header.len };
	struct verdict *verdict;
	struct parts parts = { 0 };
	struct append append = { 0 };
	struct leaf *leaf;
	enum sk_error rc;

	arena_reset(&engine->arena);
	verdict = arena_take(&engine->arena, sizeof(*verdict));
	leaf = arena_take(&engine->arena, sizeof(*leaf));
	if (verdict == NULL || leaf == NULL)
		return SK_NO_MEMORY;
	rc = judge_envelope(engine, s, index, &parts, verdict);
	if (rc == SK_OK && s->former != NULL)
		recovery_former(verdict, &s->former[index]);
	if (rc != SK_OK || (rc = verdict_pack(engine, verdict)) != SK_OK)
		return rc;
	leaf->kind = SK__EVENT_KIND__ENVELOPE_EVENT;
	leaf->instant = s->instant;
	leaf->sender = s->party->participant;
	leaf->number = s->submit->first_number + index;
	memcpy(leaf->key_id, s->key_id, DIGEST_SIZE);
	leaf->header_whole = verdict->header_whole;
	if (verdict->header_whole)
		leaf->header = header;
	else if (!chain_is_remains(envelope))
		parts.header = header;
	memcpy(leaf->header_digest, s->digest[index].header, DIGEST_SIZE);
	memcpy(leaf->commitment, s->digest[index].commitment, DIGEST_SIZE);
	memcpy(leaf->sealed_digest, s->digest[index].sealed, DIGEST_SIZE);
	leaf->closes_submit = index + 1 == s->submit->n_envelopes;
	if (leaf->closes_submit) {
		leaf->first_number = s->submit->first_number;
		leaf->count = s->submit->n_envelopes;
		memcpy(leaf->link, s->link, DIGEST_SIZE);
		memcpy(leaf->signature, s->submit->signature.data,
		    SIGNATURE_SIZE);
	}
	append.sealed = (struct span){ envelope->sealed.data,
		envelope->sealed.len };
	append.sender = leaf->sender;
	append.number = leaf->number;
	append.opens_submit = index == 0;
	append.count = s->submit->n_envelopes;
	append.id = verdict->id_usable ? &verdict->header.id : NULL;
	rc = append_leaf(engine, leaf, &append, verdict, &parts,
	    &answer->receipt[index].position, answer->receipt[index].leaf_hash);
	if (rc != SK_OK)
		return rc;
	if (verdict->decision.open != NULL)
		recent_keep(engine, answer->receipt[index].position,
		    answer->receipt[index].leaf_hash, envelope);
	answer->receipt[index].instant = leaf->instant;
	answer->receipt[index].outcome.size = verdict->outcome_size;
	answer->receipt[index].outcome.bytes = arena_copy(arena,
	    verdict->outcome, verdict->outcome_size);
	return answer->receipt[index].outcome.bytes == NULL ? SK_NO_MEMORY :
	    SK_OK;
}

/* ---- the whole SUBMIT */

enum sk_error
submit_shape(const Sk__Submit *submit, bool again, struct fault *fault)
{
	uint8_t e[DIGEST_SIZE];

	if (!submit->has_first_number || submit->first_number == 0)
		return fault_set(fault, SK_FIELD_MISSING, "submit.first_number",
		    "a number from 1");
	if (submit->n_envelopes == 0 ||
	    submit->n_envelopes > SUBMIT_ENVELOPES_MAX)
		return fault_set(fault, SK_FIELD_INVALID, "submit.envelopes",
		    "1 to %u envelopes", SUBMIT_ENVELOPES_MAX);
	if (submit->first_number > UINT64_MAX - SUBMIT_ENVELOPES_MAX)
		return fault_set(fault, SK_FIELD_INVALID, "submit.first_number",
		    "within 64 bits");
	if (submit->key_id.len != DIGEST_SIZE)
		return fault_set(fault, SK_FIELD_INVALID, "submit.key_id",
		    "32 bytes");
	if (submit->signature.len != SIGNATURE_SIZE)
		return fault_set(fault, SK_FIELD_INVALID, "submit.signature",
		    "64 bytes");
	for (size_t i = 0; i < submit->n_envelopes; i++) {
		const Sk__Envelope *envelope = submit->envelopes[i];

		/* Digests alone: what was said before a restore, erased since. */
		if (chain_is_remains(envelope)) {
			if (!again)
				return fault_at(fault, SK_FIELD_UNEXPECTED,
				    "header, nonce, facts and sealed",
				    "submit.envelopes[%zu]", i);
			if (chain_e_of(envelope, e, fault) != SK_OK)
				return fault->code;
			continue;
		}
		if (envelope->nonce.len != NONCE_SIZE)
			return fault_at(fault, SK_FIELD_INVALID,
			    "a nonce of 16 bytes", "submit.envelopes[%zu]", i);
		/* Whatever has its place must fit a frame on its way back. */
		if (envelope->header.len > TAKEN_HEADER_BYTES ||
		    envelope->facts.len > TAKEN_FACTS_BYTES ||
		    envelope->sealed.len > TAKEN_SEALED_BYTES)
			return fault_at(fault, SK_OVERSIZED,
			    "header 4 KiB, facts 8 KiB, sealed 64 KiB",
			    "submit.envelopes[%zu]", i);
	}
	return SK_OK;
}

/* Their sizes were checked with the shape. */
static void
digest_remains(struct submission *s, size_t i)
{
	const Sk__Envelope *left = s->submit->envelopes[i];

	if (left->has_header)
		digest_bytes(s->digest[i].header, left->header.data,
		    left->header.len);
	else
		memcpy(s->digest[i].header, left->header_digest.data,
		    DIGEST_SIZE);
	memcpy(s->digest[i].commitment, left->commitment.data, DIGEST_SIZE);
	memcpy(s->digest[i].sealed, left->sealed_digest.data, DIGEST_SIZE);
	chain_e(s->e[i], s->digest[i].header, s->digest[i].commitment,
	    s->digest[i].sealed);
}

static void
digest_submission(struct engine *engine, struct submission *s)
{
	const Sk__Submit *submit = s->submit;

	for (size_t i = 0; i < submit->n_envelopes; i++) {
		const Sk__Envelope *envelope = submit->envelopes[i];

		if (chain_is_remains(envelope)) {
			digest_remains(s, i);
			continue;
		}
		chain_envelope(envelope->header.data, envelope->header.len,
		    envelope->nonce.data, envelope->facts.data,
		    envelope->facts.len, envelope->sealed.data,
		    envelope->sealed.len, s->digest[i].header,
		    s->digest[i].commitment, s->digest[i].sealed, s->e[i]);
	}
	s->slot = &engine->proofs[engine->proof_next % PROOF_CACHE];
	s->slot->sender = 0;
	digest_tree_build(&s->slot->tree, (const uint8_t (*)[DIGEST_SIZE])s->e,
	    submit->n_envelopes);
	memcpy(s->previous_link, s->party->row.sender.last_link, DIGEST_SIZE);
	chain_next_link(s->link, s->previous_link,
	    submit->first_number, submit->n_envelopes, s->slot->tree.root);
}

/* e of an entry that is in the journal already. */
static enum sk_error
stored_e(struct engine *engine, uint64_t position, struct leaf *leaf,
    uint8_t e[DIGEST_SIZE])
{
	struct span bytes;
	enum sk_error rc;

	rc = journal_leaf(engine->journal, position, &bytes);
	if (rc == SK_OK)
		rc = leaf_decode(bytes.bytes, bytes.size, leaf);
	if (rc == SK_OK)
		chain_e(e, leaf->header_digest, leaf->commitment,
		    leaf->sealed_digest);
	return rc;
}

/* A SUBMIT that was taken before gets its first answer again (P2); other
 * content under taken numbers is a fork. */
static enum sk_error
answer_again(struct engine *engine, struct submission *s, struct arena *arena,
    struct submit_answer *answer)
{
	uint64_t first, position, count;
	uint8_t e[DIGEST_SIZE];
	struct leaf leaf;
	struct span bytes;
	enum sk_error rc;

	rc = journal_submit_of(engine->journal, s->party->participant,
	    s->submit->first_number, &first, &position, &count);
	if (rc != SK_OK)
		return rc == SK_NOT_FOUND ? SK_STORE_CORRUPT : rc;
	for (size_t i = 0; i < s->submit->n_envelopes; i++) {
		if (first != s->submit->first_number ||
		    count != s->submit->n_envelopes ||
		    (rc = stored_e(engine, position + i, &leaf, e)) != SK_OK ||
		    memcmp(e, s->e[i], DIGEST_SIZE) != 0) {
			answer->code = fault_set(&answer->fault, SK_CHAIN_FORK,
			    "submit.first_number", "these numbers were taken "
			    "by other envelopes");
			return rc;
		}
		rc = journal_leaf(engine->journal, position + i, &bytes);
		if (rc != SK_OK)
			return rc;
		digest_leaf(answer->receipt[i].leaf_hash, bytes.bytes,
		    bytes.size);
		answer->receipt[i].position = position + i;
		answer->receipt[i].instant = leaf.instant;
		answer->receipt[i].outcome.size = leaf.outcome.size;
		answer->receipt[i].outcome.bytes = arena_copy(arena,
		    leaf.outcome.bytes, leaf.outcome.size);
		if (answer->receipt[i].outcome.bytes == NULL)
			return SK_NO_MEMORY;
	}
	answer->count = s->submit->n_envelopes;
	return SK_OK;
}

/* Bytes without a good signature leave digest, size and first error; past
 * the bound of an hour they are counted in the next such entry. */
static enum sk_error
note_unsigned(struct engine *engine, struct submission *s,
    enum sk_error code)
{
	Sk__UnsignedBody body = SK__UNSIGNED_BODY__INIT;
	struct verdict verdict = { 0 };
	uint8_t bytes[128];
	uint64_t size = 0;

	if (s->instant / 3600000 != engine->unsigned_hour) {
		engine->unsigned_hour = s->instant / 3600000;
		engine->unsigned_count = 0;
	}
	if (engine->unsigned_count >= UNSIGNED_PER_HOUR) {
		engine->unsigned_more++;
		return SK_OK;
	}
	engine->unsigned_count++;
	for (size_t i = 0; i < s->submit->n_envelopes; i++)
		size += s->submit->envelopes[i]->header.len +
		    s->submit->envelopes[i]->facts.len +
		    s->submit->envelopes[i]->sealed.len + NONCE_SIZE;
	body.has_participant = body.has_digest = body.has_size =
	    body.has_code = body.has_more = 1;
	body.participant = s->party->participant;
	body.digest.data = s->link;
	body.digest.len = DIGEST_SIZE;
	body.size = size;
	body.code = code;
	body.more = engine->unsigned_more;
	engine->unsigned_more = 0;
	arena_reset(&engine->arena);
	return append_event(engine, SK__EVENT_KIND__UNSIGNED_EVENT, s->instant,
	    (struct span){ bytes, sk__unsigned_body__pack(&body, bytes) },
	    &verdict, NULL, NULL);
}

enum sk_error
submit_signed(struct engine *engine, struct party *party,
    const Sk__Submit *submit, const uint8_t link[DIGEST_SIZE],
    struct fault *fault)
{
	const struct founding *founding = journal_founding(engine->journal);
	const uint8_t *key = party->row.member.current.keys.sign;
	uint8_t key_id[DIGEST_SIZE];

	digest_key_id(key_id, key);
	if (memcmp(submit->key_id.data, key_id, DIGEST_SIZE) != 0)
		return fault_set(fault, SK_SIGNATURE_WRONG, "submit.key_id",
		    "the key of the current statement");
	if (chain_verify(submit->signature.data, founding->origin,
	    party->participant, key, link) != SK_OK)
		return fault_set(fault, SK_SIGNATURE_WRONG,
		    "submit.signature", "signed over link, origin, participant "
		    "and key id");
	return SK_OK;
}

static enum sk_error
check_signature(struct engine *engine, struct submission *s,
    struct submit_answer *answer)
{
	answer->code = submit_signed(engine, s->party, s->submit, s->link,
	    &answer->fault);
	memcpy(s->key_id, s->submit->key_id.data, DIGEST_SIZE);
	if (answer->code == SK_OK)
		return SK_OK;
	return note_unsigned(engine, s, answer->code);
}

/* Taken: its deliveries will ask for this. */
static void
keep_proof(struct engine *engine, const struct submission *s)
{
	engine->proof_next++;
	s->slot->sender = s->party->participant;
	s->slot->first_number = s->submit->first_number;
	memcpy(s->slot->previous_link, s->previous_link, DIGEST_SIZE);
	memcpy(s->slot->signature, s->submit->signature.data, SIGNATURE_SIZE);
}

enum sk_error
engine_submit(struct engine *engine, uint64_t participant, int64_t now,
    const Sk__Submit *submit, struct arena *arena,
    struct submit_answer *answer)
{
	return submit_take(engine, participant, now, submit, NULL, arena,
	    answer);
}

enum sk_error
submit_take(struct engine *engine, uint64_t participant, int64_t now,
    const Sk__Submit *submit, const struct former *former,
    struct arena *arena, struct submit_answer *answer)
{
	struct submission s = { .submit = submit, .former = former,
		.party = party_find(engine, participant) };
	uint64_t last;
	enum sk_error rc;

	answer->code = SK_OK;
	answer->count = 0;
	answer->first_number = submit->first_number;
	s.instant = engine_instant(engine, now);
	if (s.party == NULL || !member_is_current(&s.party->row.member,
	    civil_date_at(s.instant))) {
		answer->code = fault_set(&answer->fault, SK_SENDER_REVOKED,
		    "", NULL);
		return SK_OK;
	}
	if ((answer->code = submit_shape(submit, former != NULL,
	    &answer->fault)) != SK_OK)
		return SK_OK;
	digest_submission(engine, &s);
	last = s.party->row.sender.last_number;
	if (submit->first_number + submit->n_envelopes - 1 <= last)
		return answer_again(engine, &s, arena, answer);
	if (submit->first_number != last + 1) {
		answer->code = fault_set(&answer->fault,
		    submit->first_number > last ? SK_CHAIN_GAP : SK_CHAIN_FORK,
		    "submit.first_number", "go on from %llu",
		    (unsigned long long)last + 1);
		return SK_OK;
	}
	rc = check_signature(engine, &s, answer);
	if (rc != SK_OK || answer->code != SK_OK)
		return engine_done(engine, rc);
	for (size_t i = 0; i < submit->n_envelopes; i++)
		if ((rc = take_envelope(engine, &s, i, arena, answer)) != SK_OK)
			return engine_done(engine, rc);
	answer->count = submit->n_envelopes;
	keep_proof(engine, &s);
	return SK_OK;
}
