/*
 * apply.c - an entry takes effect: evolve, and what reaches beyond one case.
 *
 * Mechanical: reads effects and the broker's own event bodies, never facts
 * or sealed parts. The live path and catch-up both come through here.
 */
#include "broker/engine/internal.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "broker/core/policy.h"
#include "proto/chain.h"

static enum sk_error
decode(const ProtobufCMessageDescriptor *descriptor, struct span bytes,
    struct arena *arena, ProtobufCMessage **message)
{
	enum sk_error rc = wire_decode(descriptor, "entry", bytes.bytes,
	    bytes.size, LEAF_BYTES_MAX, arena, message, NULL);

	return rc == SK_OK || rc == SK_NO_MEMORY ? rc : SK_STORE_CORRUPT;
}

enum sk_error
apply_policy(struct engine *engine, struct span body)
{
	struct arena *arena = &engine->policy_arena;
	ProtobufCMessage *message = NULL;
	ProtobufCBinaryData command;
	enum sk_error rc;

	arena_reset(arena);
	engine->policy = NULL;
	rc = decode(&sk__signed_command__descriptor, body, arena, &message);
	if (rc != SK_OK)
		return rc;
	command = ((Sk__SignedCommand *)message)->command;
	rc = decode(&sk__command__descriptor,
	    (struct span){ command.data, command.len }, arena, &message);
	if (rc != SK_OK)
		return rc;
	if (((Sk__Command *)message)->set_policy == NULL)
		return SK_STORE_CORRUPT;
	engine->policy = ((Sk__Command *)message)->set_policy->policy;
	return SK_OK;
}

/* An envelope that is not fetched goes back to its sender in time (P4). */
static enum sk_error
watch_row(struct engine *engine, struct party *party, uint64_t number,
    int64_t instant)
{
	struct timer_key key = { 0, party->participant,
		SK__DEADLINE_KIND__DELIVERY_DUE, 0, 1 };

	party->row.overdue_number = number;
	party->row.overdue_at = key.due = instant + DAY_MS *
	    policy_term(engine->policy, 0, TERM_UNDELIVERABLE_DAYS);
	return timer_set(engine, &key);
}

/*
 * The mailbox's timer moves to its oldest envelope that is still out; notices
 * of the broker itself go back to nobody. Each row is looked at once.
 */
enum sk_error
apply_watch(struct engine *engine, struct party *party)
{
	struct party_row *row = &party->row;
	struct timer_key key = { row->overdue_at, party->participant,
		SK__DEADLINE_KIND__DELIVERY_DUE, 0, 1 };
	uint64_t number = row->box.stored > row->reported ? row->box.stored :
	    row->reported;
	uint64_t position, case_number;
	struct span bytes;
	struct leaf leaf;
	enum sk_error rc = SK_OK;

	if (row->overdue_at != 0)
		rc = timer_clear(engine, &key);
	row->overdue_at = 0;
	row->overdue_number = 0;
	party->dirty = true;
	while (rc == SK_OK && ++number < row->box.next) {
		rc = engine_mailbox_row(engine, party->participant, number,
		    &position, &case_number);
		if (rc == SK_OK)
			rc = journal_leaf(engine->journal, position, &bytes);
		if (rc == SK_OK)
			rc = leaf_decode(bytes.bytes, bytes.size, &leaf);
		if (rc == SK_OK && leaf.kind == SK__EVENT_KIND__ENVELOPE_EVENT)
			return watch_row(engine, party, number, leaf.instant);
	}
	return rc == SK_NOT_FOUND ? SK_STORE_CORRUPT : rc;
}

static enum sk_error
apply_postings(struct engine *engine, const Sk__Effects *effects,
    uint64_t position, const struct leaf *leaf)
{
	enum sk_error rc = SK_OK;

	for (size_t i = 0; i < effects->n_postings && rc == SK_OK; i++) {
		const Sk__Posting *posting = effects->postings[i];
		struct party *party = party_find(engine, posting->participant);

		if (party == NULL)
			return SK_STORE_CORRUPT;
		rc = mailbox_put(engine, posting->participant, posting->number,
		    position, posting->has_case_number ? posting->case_number :
		    effects->case_number);
		if (rc == SK_OK && party->row.overdue_at == 0 &&
		    leaf->kind == SK__EVENT_KIND__ENVELOPE_EVENT)
			rc = watch_row(engine, party, posting->number,
			    leaf->instant);
		if (posting->number >= party->row.box.next)
			party->row.box.next = posting->number + 1;
		party->dirty = true;
		party_mark_posted(engine, party);
	}
	return rc;
}

/* The closed effects of an entry, from the vault; NULL when erased or none. */
static enum sk_error
closed_effects_read(struct engine *engine, uint64_t position,
    const struct leaf *leaf, uint64_t case_number,
    const Sk__ClosedEffects **closed)
{
	static const uint8_t none[DIGEST_SIZE];
	ProtobufCMessage *message = NULL;
	struct parts parts;
	enum sk_error rc;

	*closed = NULL;
	if (memcmp(leaf->closed_commitment, none, DIGEST_SIZE) == 0)
		return SK_OK;
	rc = journal_parts(engine->journal, position, case_number,
	    leaf->instant, engine->parts, sizeof(engine->parts), &parts);
	if (rc == SK_ERASED)
		return SK_OK;
	if (rc != SK_OK)
		return rc;
	rc = decode(&sk__closed_effects__descriptor, parts.closed,
	    &engine->arena, &message);
	if (rc == SK_OK)
		*closed = (const Sk__ClosedEffects *)message;
	return rc;
}

/* Of rows: where only what lies between members differs, one is stored once
 * too often. */
static bool
same_bytes(const void *a, const void *b, size_t size)
{
	return memcmp(a, b, size) == 0;
}

static enum sk_error
evolve_closed(struct engine *engine, struct case_row *row,
    const Sk__Effects *effects, const Sk__ClosedEffects *closed_effects)
{
	struct case_closed closed, before;
	bool found, names;
	enum sk_error rc;

	if (closed_effects == NULL) {
		rc = evolve(row, NULL, effects, NULL);
		return rc == SK_OK ? family_follow(engine, effects, NULL) : rc;
	}
	names = closed_effects->n_persons > 0 || closed_effects->n_links > 0;
	rc = closed_load(engine, effects->case_number, &closed, &found);
	before = closed;
	if (rc == SK_OK)
		rc = evolve(row, &closed, effects, closed_effects);
	if (rc == SK_OK && (!found ||
	    !same_bytes(&closed, &before, sizeof(closed))))
		rc = closed_store(engine, effects->case_number, &closed);
	if (rc == SK_OK)
		rc = family_follow(engine, effects, names ? &closed : NULL);
	sodium_memzero(&closed, sizeof(closed));
	sodium_memzero(&before, sizeof(before));
	return rc;
}

static enum sk_error
apply_case(struct engine *engine, uint64_t position, const struct leaf *leaf,
    const Sk__Effects *effects, const Sk__ClosedEffects *closed)
{
	struct case_row row = { 0 }, before = { 0 };
	enum sk_error rc = SK_OK;

	if (effects->opening == NULL) {
		rc = row_load(engine, effects->case_number, &row);
		before = row;
	} else {
		before.number = effects->case_number;
		if (effects->case_number > engine->meta.cases)
			engine->meta.cases = effects->case_number;
	}
	if (rc == SK_OK && closed == NULL)
		rc = closed_effects_read(engine, position, leaf,
		    effects->case_number, &closed);
	if (rc == SK_OK)
		rc = evolve_closed(engine, &row, effects, closed);
	row.last_entry = position + 1;
	if (rc == SK_OK)
		rc = timers_follow(engine, &before, &row);
	if (rc == SK_OK)
		rc = row_store(engine, &row);
	if (rc == SK_OK && effects->erasure != NULL)
		rc = erase_applied(engine, position, effects->case_number,
		    effects->erasure->ground);
	if (rc == SK_OK)
		rc = apply_postings(engine, effects, position, leaf);
	return rc == SK_NOT_FOUND ? SK_STORE_CORRUPT : rc;
}

/* An entry that changed nothing still stands in the history of its case. */
static enum sk_error
apply_touched(struct engine *engine, uint64_t position,
    const struct leaf *leaf, uint64_t done)
{
	struct case_row row;
	enum sk_error rc = SK_OK;

	for (size_t i = 0; i < leaf->cases && rc == SK_OK; i++) {
		if (leaf->touched[i].number == done)
			continue;
		rc = row_load(engine, leaf->touched[i].number, &row);
		row.last_entry = position + 1;
		if (rc == SK_OK)
			rc = row_store(engine, &row);
	}
	return rc == SK_NOT_FOUND ? SK_STORE_CORRUPT : rc;
}

static enum sk_error
apply_effects(struct engine *engine, uint64_t position,
    const struct leaf *leaf, const Sk__Effects *effects,
    const Sk__ClosedEffects *closed)
{
	ProtobufCMessage *message = NULL;
	uint64_t done = 0;
	enum sk_error rc = SK_OK;

	if (effects == NULL && leaf->effects.size > 0) {
		rc = decode(&sk__effects__descriptor, leaf->effects,
		    &engine->arena, &message);
		effects = (const Sk__Effects *)message;
	}
	if (rc == SK_OK && effects != NULL && effects->case_number != 0) {
		done = effects->case_number;
		rc = apply_case(engine, position, leaf, effects, closed);
	} else if (rc == SK_OK && effects != NULL) {
		rc = apply_postings(engine, effects, position, leaf);
	}
	if (rc == SK_OK && effects != NULL)
		rc = catalogue_apply(engine, effects);
	if (rc == SK_OK)
		rc = apply_touched(engine, position, leaf, done);
	return rc;
}

static enum sk_error
apply_envelope(struct engine *engine, uint64_t position,
    const struct leaf *leaf, const Sk__Effects *effects,
    const Sk__ClosedEffects *closed)
{
	struct party *party = party_find(engine, leaf->sender);
	enum sk_error rc;

	if (party == NULL)
		return SK_STORE_CORRUPT;
	party->row.sender.last_number = leaf->number;
	if (leaf->closes_submit)
		memcpy(party->row.sender.last_link, leaf->link, DIGEST_SIZE);
	party->dirty = true;
	/* A conflict has no effects, and there is none without a restore. */
	if (engine->meta.restored_at != 0 && leaf->effects.size == 0 &&
	    (rc = recovery_conflict(engine, position, leaf)) != SK_OK)
		return rc;
	if (leaf->cases == 0 && (rc = erase_days_begin(engine,
	    leaf->instant)) != SK_OK)
		return rc;
	return apply_effects(engine, position, leaf, effects, closed);
}

static enum sk_error
apply_days_erased(struct engine *engine, uint64_t position,
    const struct leaf *leaf)
{
	ProtobufCMessage *message = NULL;
	enum sk_error rc;

	rc = decode(&sk__days_erased_body__descriptor, leaf->body,
	    &engine->arena, &message);
	return rc == SK_OK ? erase_days_applied(engine, position,
	    (const Sk__DaysErasedBody *)message) : rc;
}

static enum sk_error
apply_quarter(struct engine *engine, uint64_t position,
    const struct leaf *leaf)
{
	ProtobufCMessage *message = NULL;
	enum sk_error rc;

	rc = decode(&sk__quarter_figures__descriptor, leaf->body,
	    &engine->arena, &message);
	return rc == SK_OK ? quarter_apply(engine, position,
	    (const Sk__QuarterFigures *)message) : rc;
}

static enum sk_error
apply_mailbox(struct engine *engine, const struct leaf *leaf)
{
	ProtobufCMessage *message = NULL;
	const Sk__MailboxBody *body;
	struct party *party;
	enum sk_error rc;

	rc = decode(&sk__mailbox_body__descriptor, leaf->body, &engine->arena,
	    &message);
	if (rc != SK_OK)
		return rc;
	body = (const Sk__MailboxBody *)message;
	if ((party = party_find(engine, body->participant)) == NULL)
		return SK_STORE_CORRUPT;
	if (body->delivered > party->row.box.delivered)
		party->row.box.delivered = body->delivered;
	party->dirty = true;
	if (body->stored <= party->row.box.stored)
		return SK_OK;
	party->row.box.stored = body->stored;
	if (party->row.overdue_number == 0 ||
	    party->row.overdue_number > body->stored)
		return SK_OK;
	return apply_watch(engine, party);
}

static enum sk_error
apply_deadline(struct engine *engine, uint64_t position,
    const struct leaf *leaf, const Sk__Effects *effects)
{
	ProtobufCMessage *message = NULL;
	const Sk__DeadlineBody *body;
	struct party *party;
	enum sk_error rc;

	rc = decode(&sk__deadline_body__descriptor, leaf->body, &engine->arena,
	    &message);
	if (rc != SK_OK)
		return rc;
	body = (const Sk__DeadlineBody *)message;
	if (body->kind == SK__DEADLINE_KIND__DELIVERY_DUE &&
	    (party = party_find(engine, body->participant)) != NULL &&
	    body->mailbox_number > party->row.reported) {
		party->row.reported = body->mailbox_number;
		rc = apply_watch(engine, party);
	}
	if (rc != SK_OK)
		return rc;
	return apply_effects(engine, position, leaf, effects, NULL);
}

/* About the broker: its keys stand in the journal. */
static enum sk_error
apply_broker(struct engine *engine, uint64_t position,
    const Sk__Statement *statement, const struct statement *decoded)
{
	const struct founding *founding = journal_founding(engine->journal);
	struct member member;

	member_init_broker(&member, decoded->generation - 1,
	    founding->broker_link_key, founding->broker_sign_key);
	return statement_apply(statement->body.data, statement->body.len,
	    statement->signature.data, founding->digest,
	    journal_charter(engine->journal, position)->enrolment_key,
	    &engine->meta.head, &member, NULL);
}

static enum sk_error
apply_member(struct engine *engine, uint64_t position,
    const Sk__Statement *statement, const struct statement *decoded)
{
	const struct founding *founding = journal_founding(engine->journal);
	struct party *party = party_make(engine, decoded->participant);
	enum sk_error rc;

	if (party == NULL)
		return SK_NO_MEMORY;
	rc = statement_apply(statement->body.data, statement->body.len,
	    statement->signature.data, founding->digest,
	    journal_charter(engine->journal, position)->enrolment_key,
	    &engine->meta.head, &party->row.member,
	    NULL);
	if (rc == SK_OK && party->row.sender.last_number == 0)
		chain_first_link(party->row.sender.last_link, founding->digest,
		    decoded->participant);
	party->dirty = true;
	return rc;
}

/* Who signs stands in the journal; the chain of serials goes on here. */
static enum sk_error
apply_charter(struct engine *engine, uint64_t position,
    const Sk__Statement *statement)
{
	struct charter charter = *journal_charter(engine->journal, position);

	return charter_apply(&charter, &engine->meta.head, statement, NULL);
}

static enum sk_error
apply_statement(struct engine *engine, uint64_t position,
    const struct leaf *leaf)
{
	ProtobufCMessage *message = NULL;
	const Sk__Statement *statement;
	struct statement decoded;
	uint64_t index = engine->meta.statements;
	enum sk_error rc;

	rc = decode(&sk__statement__descriptor, leaf->body, &engine->arena,
	    &message);
	if (rc != SK_OK)
		return rc;
	statement = (const Sk__Statement *)message;
	if (charter_is_change(statement->body.data, statement->body.len))
		rc = apply_charter(engine, position, statement);
	else if (statement->signature.len != 64 ||
	    statement_decode(statement->body.data, statement->body.len,
	    &decoded, NULL) != SK_OK)
		rc = SK_STORE_CORRUPT;
	else
		rc = decoded.type == STATEMENT_BROKER ?
		    apply_broker(engine, position, statement, &decoded) :
		    apply_member(engine, position, statement, &decoded);
	if (rc != SK_OK)
		return rc == SK_NO_MEMORY ? rc : SK_STORE_CORRUPT;
	engine->meta.statements++;
	if ((rc = state_txn(engine)) != SK_OK)
		return rc;
	return store_put(engine->txn, STATE_STATEMENTS, SPAN_U64(index),
	    (struct span){ &position, sizeof(position) }, PUT_ANY, NULL);
}

static enum sk_error
operator_advance(struct engine *engine, const Sk__Approval *approval)
{
	uint64_t next = approval->sequence + 1;
	enum sk_error rc;

	if (approval->key_id.len != DIGEST_SIZE)
		return SK_STORE_CORRUPT;
	if ((rc = state_txn(engine)) != SK_OK)
		return rc;
	return store_put(engine->txn, STATE_OPERATORS,
	    (struct span){ approval->key_id.data, DIGEST_SIZE },
	    (struct span){ &next, sizeof(next) }, PUT_ANY, NULL);
}

/* The operators' numbers go on, the mailboxes begin anew. */
static enum sk_error
apply_restore(struct engine *engine, uint64_t position,
    const struct leaf *leaf)
{
	ProtobufCMessage *message = NULL;
	const Sk__SignedCommand *command;
	enum sk_error rc;

	rc = decode(&sk__signed_command__descriptor, leaf->body,
	    &engine->arena, &message);
	if (rc != SK_OK)
		return rc;
	command = (const Sk__SignedCommand *)message;
	for (size_t i = 0; i < command->n_approvals && rc == SK_OK; i++)
		rc = operator_advance(engine, command->approvals[i]);
	return rc == SK_OK ? recovery_begin(engine, position) : rc;
}

static enum sk_error
apply_control(struct engine *engine, uint64_t position,
    const struct leaf *leaf, const Sk__Effects *effects)
{
	ProtobufCMessage *message = NULL;
	const Sk__SignedCommand *signed_command;
	const Sk__Outcome *outcome;
	enum sk_error rc;

	rc = decode(&sk__signed_command__descriptor, leaf->body,
	    &engine->arena, &message);
	if (rc != SK_OK)
		return rc;
	signed_command = (const Sk__SignedCommand *)message;
	for (size_t i = 0; i < signed_command->n_approvals && rc == SK_OK; i++)
		rc = operator_advance(engine, signed_command->approvals[i]);
	if (rc == SK_OK)
		rc = decode(&sk__outcome__descriptor, leaf->outcome,
		    &engine->arena, &message);
	outcome = (const Sk__Outcome *)message;
	if (rc != SK_OK || !outcome->accepted)
		return rc;
	rc = decode(&sk__command__descriptor,
	    (struct span){ signed_command->command.data,
	    signed_command->command.len }, &engine->arena, &message);
	if (rc != SK_OK)
		return rc;
	if (((const Sk__Command *)message)->end_recovery != NULL)
		engine->meta.recovery = 0;
	if (((const Sk__Command *)message)->settle != NULL)
		rc = recovery_settle(engine,
		    ((const Sk__Command *)message)->settle->position);
	if (rc == SK_OK && ((const Sk__Command *)message)->settle != NULL)
		rc = apply_effects(engine, position, leaf, effects, NULL);
	if (rc == SK_OK && ((const Sk__Command *)message)->set_policy != NULL) {
		engine->meta.policy_position = position + 1;
		engine->meta.policy_version++;
		rc = apply_policy(engine, leaf->body);
	}
	return rc;
}

enum sk_error
apply_entry(struct engine *engine, uint64_t position, const struct leaf *leaf,
    const uint8_t leaf_hash[DIGEST_SIZE], const Sk__Effects *effects,
    const Sk__ClosedEffects *closed)
{
	enum sk_error rc = SK_OK;

	assert(position == engine->meta.size);
	switch (leaf->kind) {
	case SK__EVENT_KIND__ENVELOPE_EVENT:
		rc = apply_envelope(engine, position, leaf, effects, closed);
		break;
	case SK__EVENT_KIND__DEADLINE_EVENT:
		rc = apply_deadline(engine, position, leaf, effects);
		break;
	case SK__EVENT_KIND__ERASE_EVENT:
		rc = apply_effects(engine, position, leaf, effects, NULL);
		break;
	case SK__EVENT_KIND__QUARTER_CLOSED:
		rc = apply_quarter(engine, position, leaf);
		break;
	case SK__EVENT_KIND__DAYS_ERASED_EVENT:
		rc = apply_days_erased(engine, position, leaf);
		break;
	case SK__EVENT_KIND__MERGER_EVENT:
		rc = apply_effects(engine, position, leaf, effects, closed);
		break;
	case SK__EVENT_KIND__MAILBOX_EVENT:
		rc = apply_mailbox(engine, leaf);
		break;
	case SK__EVENT_KIND__DIRECTORY_EVENT:
		rc = apply_statement(engine, position, leaf);
		break;
	case SK__EVENT_KIND__CONTROL_EVENT:
		rc = apply_control(engine, position, leaf, effects);
		break;
	case SK__EVENT_KIND__RESTORE_EVENT:
		rc = apply_restore(engine, position, leaf);
		break;
	case SK__EVENT_KIND__FOUNDING:
	case SK__EVENT_KIND__UNSIGNED_EVENT:
	case SK__EVENT_KIND__STARTED_EVENT:
		break;	/* told in the journal, nothing to keep */
	default:
		rc = SK_STORE_CORRUPT;
	}
	if (rc != SK_OK)
		return rc;
	engine->meta.size = position + 1;
	memcpy(engine->meta.last_leaf, leaf_hash, DIGEST_SIZE);
	return SK_OK;
}
