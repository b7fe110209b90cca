/*
 * verify_event.c - what is not an envelope: statements, commands; and what
 * ties entries together: cases and mailboxes.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agents/audit/verify.h"
#include "proto/command.h"
#include "proto/wire.h"

/* A statement about the broker and the row by which its key is found. */
static bool
check_broker_key(struct verify *v)
{
	static struct statement s;
	const Sk__Statement *statement = (const Sk__Statement *)v->entry.body;
	const struct broker_key *keys;
	size_t n = journal_broker_keys(v->journal, &keys), at;

	if (statement_decode(statement->body.data, statement->body.len, &s,
	    NULL) != SK_OK || s.type != STATEMENT_BROKER)
		return true;
	at = (size_t)v->book.broker_keys;
	if (at >= n || keys[at].generation != s.generation ||
	    keys[at].reason != s.reason ||
	    keys[at].position != v->entry.position ||
	    keys[at].from_size != v->entry.position + 1 +
	    (s.reason == BROKER_PLANNED) ||
	    memcmp(keys[at].link, s.keys.link, 32) != 0 ||
	    memcmp(keys[at].sign, s.keys.sign, 32) != 0)
		return verify_wrong(v, "the journal keeps another key for the "
		    "broker than generation %" PRIu64 " that it names",
		    s.generation);
	return true;
}

/* Does the journal keep who signs for the region as its entries say? */
static bool
check_charter(struct verify *v)
{
	const struct charter *said = book_charter(&v->book, v->founding);
	const struct charter *kept = journal_charter(v->journal,
	    v->entry.position + 1);

	if (said->generation != kept->generation ||
	    memcmp(said->digest, kept->digest, DIGEST_SIZE) != 0 ||
	    memcmp(said->enrolment_key, kept->enrolment_key, 32) != 0 ||
	    said->operators != kept->operators ||
	    memcmp(said->operator_key, kept->operator_key,
	    said->operators * 32) != 0)
		return verify_wrong(v, "the journal keeps other operators or "
		    "another enrolment key than its entries name");
	return true;
}

bool
verify_statement(struct verify *v)
{
	struct fault fault = { 0 };
	int64_t from = verify_ticks();

	if (book_apply(&v->book, v->founding, &v->entry, &fault) != SK_OK)
		return verify_wrong(v, "the statement does not follow: %s %s %s",
		    error_text(fault.code), fault.field, fault.hint);
	v->report->statements++;
	verify_signed(v, from);
	return check_broker_key(v) && check_charter(v);
}

bool
verify_broker_keys(struct verify *v)
{
	const struct broker_key *keys;
	size_t n = journal_broker_keys(v->journal, &keys);

	return n == v->book.broker_keys + 1 || verify_wrong_all(v, "the "
	    "journal keeps %zu keys of the broker where the entries name %"
	    PRIu64, n, v->book.broker_keys + 1);
}

/* ---- commands */

/* Where this key's numbers are kept; NULL: more than there can be. */
static struct known_operator *
find_operator(struct verify *v, const uint8_t key[32])
{
	for (size_t i = 0; i < v->operators; i++)
		if (memcmp(v->operator[i].key, key, 32) == 0)
			return &v->operator[i];
	if (v->operators == VERIFY_OPERATORS_MAX)
		return NULL;
	memcpy(v->operator[v->operators].key, key, 32);
	return &v->operator[v->operators++];
}

static bool
check_approval(struct verify *v, const Sk__SignedCommand *command,
    const Sk__Approval *approval)
{
	const uint8_t *key = charter_operator(book_charter(&v->book,
	    v->founding), approval->key_id);
	struct known_operator *known;
	int64_t from = verify_ticks();

	if (key == NULL)
		return verify_wrong(v, "the command is signed by nobody who "
		    "is an operator at that point");
	if ((known = find_operator(v, key)) == NULL)
		return verify_wrong(v, "more than %u operators",
		    VERIFY_OPERATORS_MAX);
	if (approval->sequence <= known->last)
		return verify_wrong(v, "operator %zu used sequence number %"
		    PRIu64 " after %" PRIu64, (size_t)(known - v->operator) + 1,
		    approval->sequence, known->last);
	known->last = approval->sequence;
	if (approval->signature.len != SIGNATURE_SIZE ||
	    command_verify(approval->signature.data, v->origin, key,
	    approval->sequence, command->not_after, command->command.data,
	    command->command.len) != SK_OK)
		return verify_wrong(v, "the signature of operator %zu does not "
		    "verify", (size_t)(known - v->operator) + 1);
	verify_signed(v, from);
	return true;
}

/* The first approval's number finds the command again. */
static bool
check_command_row(struct verify *v, const Sk__Approval *approval)
{
	uint64_t position;

	if (journal_command(v->journal, approval->key_id.data,
	    approval->sequence, &position) != SK_OK ||
	    position != v->entry.position)
		return verify_wrong(v, "no row in commands for sequence number "
		    "%" PRIu64, approval->sequence);
	v->rows.commands++;
	return true;
}

/* Packed as the engine packs what follows: one program writes both. */
static bool
promise(struct verify *v, Sk__EventKind kind, const ProtobufCMessage *body,
    struct arena *arena)
{
	uint8_t *bytes;
	size_t size;

	if (wire_encode(body, arena, &bytes, &size) != SK_OK)
		return verify_wrong(v, "out of memory");
	v->promised.kind = kind;
	digest_bytes(v->promised.digest, bytes, size);
	return true;
}

static bool
promise_erasure(struct verify *v, const Sk__Erase *erase, struct arena *arena)
{
	Sk__EraseBody body = SK__ERASE_BODY__INIT;

	body.has_case_number = body.has_ground = body.has_commanded = 1;
	body.case_number = erase->case_number;
	body.ground = erase->ground;
	body.commanded = v->entry.position;
	return promise(v, SK__EVENT_KIND__ERASE_EVENT, &body.base, arena);
}

static bool
check_accepted(struct verify *v, const Sk__Command *command,
    struct arena *arena)
{
	if (command->step_clock != NULL && !v->founding->test)
		return verify_wrong(v, "the clock of a real journal was "
		    "stepped");
	if (command->set_policy != NULL && command->set_policy->policy != NULL) {
		v->policy_version++;
		return verify_policy(v, command->set_policy->policy);
	}
	if (command->erase != NULL)
		return promise_erasure(v, command->erase, arena);
	if (command->enter != NULL && command->enter->statement != NULL)
		return promise(v, SK__EVENT_KIND__DIRECTORY_EVENT,
		    &command->enter->statement->base, arena);
	if (command->close_quarter != NULL)
		return promise(v, SK__EVENT_KIND__QUARTER_CLOSED,
		    &command->close_quarter->base, arena);
	return true;
}

/* As the broker's own for a policy: broker/engine. */
#define COMMAND_ARENA (2560u * 1024)

static bool
take_accepted(struct verify *v, ProtobufCBinaryData bytes)
{
	uint8_t *memory = malloc(COMMAND_ARENA);
	ProtobufCMessage *message = NULL;
	struct arena arena;
	bool right;

	if (memory == NULL)
		return verify_wrong(v, "out of memory");
	arena_init(&arena, memory, COMMAND_ARENA);
	right = wire_decode(&sk__command__descriptor, "command", bytes.data,
	    bytes.len, LEAF_BYTES_MAX, &arena, &message, NULL) == SK_OK ?
	    check_accepted(v, (const Sk__Command *)message, &arena) :
	    verify_wrong(v, "a command was accepted that does not decode");
	free(memory);
	return right;
}

bool
verify_promised(struct verify *v)
{
	const Sk__EventKind kind = v->entry.leaf.kind;
	const struct promised p = v->promised;
	uint8_t digest[DIGEST_SIZE];

	v->promised.kind = 0;
	if (p.kind == 0)
		return (kind != SK__EVENT_KIND__ERASE_EVENT &&
		    kind != SK__EVENT_KIND__QUARTER_CLOSED) ||
		    verify_wrong(v, "only a command brings it, and the entry "
		    "before it is none");
	digest_bytes(digest, v->entry.leaf.body.bytes,
	    v->entry.leaf.body.size);
	return (kind == p.kind && memcmp(digest, p.digest, DIGEST_SIZE) == 0) ||
	    verify_wrong(v, "it is not what the command before it asks for");
}

bool
verify_all_carried_out(struct verify *v)
{
	return v->promised.kind == 0 || verify_wrong(v, "the journal ends "
	    "before what this command asks for");
}

bool
verify_policy_version(struct verify *v)
{
	const struct leaf *leaf = &v->entry.leaf;

	/* what a restore and a founding are decided by is no policy */
	return leaf->kind == SK__EVENT_KIND__RESTORE_EVENT ||
	    leaf->policy_version == v->policy_version || verify_wrong(v,
	    "it names policy %" PRIu64 ", and %" PRIu64 " held",
	    leaf->policy_version, v->policy_version);
}

static bool
is_first(const Sk__SignedCommand *command, size_t at)
{
	const ProtobufCBinaryData *id = &command->approvals[at]->key_id;

	for (size_t i = 0; i < at; i++)
		if (memcmp(command->approvals[i]->key_id.data, id->data,
		    DIGEST_SIZE) == 0)
			return false;
	return true;
}

/* Two different operators, one on a test journal. */
static bool
check_approvals(struct verify *v, const Sk__SignedCommand *command)
{
	const size_t needed = charter_quorum(book_charter(&v->book,
	    v->founding));
	size_t signers = 0;

	for (size_t i = 0; i < command->n_approvals; i++) {
		if (!check_approval(v, command, command->approvals[i]))
			return false;
		signers += is_first(command, i);
	}
	return (signers >= needed && signers == command->n_approvals) ||
	    verify_wrong(v, "%zu operators signed the command in %zu "
	    "approvals, %zu different ones are needed", signers,
	    command->n_approvals, needed);
}

bool
verify_command(struct verify *v)
{
	const Sk__SignedCommand *command =
	    (const Sk__SignedCommand *)v->entry.body;

	if (!check_approvals(v, command))
		return false;
	if (v->entry.outcome == NULL)
		return verify_wrong(v, "it has no outcome");
	if (v->entry.outcome->accepted &&
	    command->not_after < v->entry.leaf.instant)
		return verify_wrong(v, "the command was accepted past its "
		    "not-after instant");
	v->report->commands++;
	if (v->entry.outcome->accepted && !take_accepted(v, command->command))
		return false;
	return check_command_row(v, command->approvals[0]);
}

/* ---- restores */

/* What was not stored comes again under numbers from 1. */
static void
restart_mailbox(struct booked *party)
{
	party->mailbox_next -= party->stored;
	party->delivered = party->stored = 0;
}

bool
verify_restore(struct verify *v)
{
	const struct charter *charter = book_charter(&v->book, v->founding);
	const Sk__SignedCommand *command =
	    (const Sk__SignedCommand *)v->entry.body;
	uint8_t root[DIGEST_SIZE];
	struct restore restore;
	struct fault fault = { 0 };

	if (restore_read(v->entry.leaf.body, v->origin,
	    (const uint8_t (*)[32])charter->operator_key,
	    charter->operators, charter->test, &restore, &fault) != SK_OK)
		return verify_wrong(v, "the restore does not hold: %s %s %s",
		    error_text(fault.code), fault.field, fault.hint);
	for (size_t i = 0; i < command->n_approvals; i++)
		if (!check_approval(v, command, command->approvals[i]))
			return false;
	if (restore.size != v->entry.position || journal_root(v->journal,
	    restore.size, root) != SK_OK ||
	    memcmp(root, restore.root, DIGEST_SIZE) != 0)
		return verify_wrong(v, "the restore keeps other entries than "
		    "those before it");
	for (size_t i = 0; i < v->book.n; i++)
		restart_mailbox(v->book.party[i]);
	journal_origin(v->journal, v->entry.position, v->origin);
	if (origin_number(v->origin) != restore.number)
		return verify_wrong(v, "the journal does not know it as a "
		    "restore");
	v->report->commands++;
	return check_command_row(v, command->approvals[0]);
}

/* ---- cases */

static bool
make_room(struct verify *v, uint64_t number)
{
	uint64_t *grown, room = v->case_room * 2 + 1024;
	struct beside *beside;

	if (number < v->case_room)
		return true;
	grown = realloc(v->case_last, room * sizeof(*grown));
	if (grown == NULL)
		return verify_wrong(v, "out of memory at %" PRIu64 " cases",
		    number);
	memset(grown + v->case_room, 0,
	    (room - v->case_room) * sizeof(*grown));
	v->case_last = grown;
	beside = realloc(v->case_beside, room * sizeof(*beside));
	if (beside == NULL)
		return verify_wrong(v, "out of memory at %" PRIu64 " cases",
		    number);
	memset(beside + v->case_room, 0,
	    (room - v->case_room) * sizeof(*beside));
	v->case_beside = beside;
	v->case_room = room;
	return true;
}

/* Numbers are dense: an opening takes the next, all else a known one. */
static bool
check_number(struct verify *v, uint64_t number)
{
	bool opening = v->entry.effects != NULL &&
	    v->entry.effects->opening != NULL &&
	    v->entry.effects->case_number == number;

	if (opening && number != v->cases + 1)
		return verify_wrong(v, "it opens case %" PRIu64 " where %"
		    PRIu64 " is next", number, v->cases + 1);
	if (!opening && (number == 0 || number > v->cases))
		return verify_wrong(v, "it touches case %" PRIu64 ", which "
		    "was never opened", number);
	if (opening)
		v->cases = number;
	return make_room(v, number);
}

bool
verify_cases(struct verify *v)
{
	const struct leaf *leaf = &v->entry.leaf;
	const Sk__Effects *effects = v->entry.effects;

	for (size_t i = 0; i < leaf->cases; i++) {
		uint64_t number = leaf->touched[i].number;

		if (!check_number(v, number))
			return false;
		if (leaf->touched[i].previous != v->case_last[number])
			return verify_wrong(v, "case %" PRIu64 " goes back to "
			    "position %" PRIi64 ", its entry before this is "
			    "%" PRIi64, number,
			    (int64_t)leaf->touched[i].previous - 1,
			    (int64_t)v->case_last[number] - 1);
		v->case_last[number] = v->entry.position + 1;
	}
	if (effects != NULL && effects->case_number != 0 &&
	    !entry_touches(&v->entry, effects->case_number))
		return verify_wrong(v, "it changes case %" PRIu64 " and does "
		    "not stand in its history", effects->case_number);
	return true;
}

/* ---- mailboxes */

static bool
check_posting(struct verify *v, const Sk__Posting *posting)
{
	struct booked *party = book_find(&v->book, posting->participant);

	if (party == NULL)
		return verify_wrong(v, "it is posted to %" PRIu64 ", whom no "
		    "statement has named", posting->participant);
	if (posting->number != party->mailbox_next)
		return verify_wrong(v, "mailbox of %" PRIu64 ": number %"
		    PRIu64 " where %" PRIu64 " is next", posting->participant,
		    posting->number, party->mailbox_next);
	party->mailbox_next++;
	return true;
}

static bool
check_progress(struct verify *v)
{
	const Sk__MailboxBody *body = (const Sk__MailboxBody *)v->entry.body;
	struct booked *party = book_find(&v->book, body->participant);

	if (party == NULL || body->delivered >= party->mailbox_next ||
	    body->stored >= party->mailbox_next)
		return verify_wrong(v, "mailbox of %" PRIu64 ": delivered or "
		    "stored beyond its last number", body->participant);
	if ((body->delivered != 0 && body->delivered < party->delivered) ||
	    (body->stored != 0 && body->stored < party->stored))
		return verify_wrong(v, "mailbox of %" PRIu64 " goes back",
		    body->participant);
	if (body->delivered != 0)
		party->delivered = body->delivered;
	if (body->stored != 0)
		party->stored = body->stored;
	return true;
}

bool
verify_mailboxes(struct verify *v)
{
	const Sk__Effects *effects = v->entry.effects;

	if (v->entry.leaf.kind == SK__EVENT_KIND__MAILBOX_EVENT)
		return check_progress(v);
	for (size_t i = 0; effects != NULL && i < effects->n_postings; i++)
		if (!check_posting(v, effects->postings[i]))
			return false;
	return true;
}
