/*
 * events.c - what does not come in an envelope: starts, deadlines, cursors
 * of mailboxes, and what operators command.
 */
#include "broker/engine/internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "broker/core/policy.h"
#include "broker/journal/archive.h"
#include "proto/civil.h"
#include "proto/command.h"
#include "proto/note.h"

#define EVENT_BODY_MAX 256

enum sk_error
engine_start(struct engine *engine, int64_t now, const char *version)
{
	Sk__StartedBody body = SK__STARTED_BODY__INIT;
	struct verdict verdict = { 0 };
	uint8_t bytes[EVENT_BODY_MAX];

	assert(strlen(version) < 64);
	journal_next_epoch(engine->journal);
	body.version = (char *)(uintptr_t)version;
	body.has_epoch = 1;
	body.epoch = journal_epoch(engine->journal);
	arena_reset(&engine->arena);
	return engine_done(engine, append_event(engine,
	    SK__EVENT_KIND__STARTED_EVENT, now,
	    (struct span){ bytes, sk__started_body__pack(&body, bytes) },
	    &verdict, NULL, NULL));
}

/* ---- mailboxes */

static struct party *
progress(struct engine *engine, uint64_t participant, uint64_t number)
{
	struct party *party = party_find(engine, participant);

	if (party == NULL || number >= party->row.box.next)
		return NULL;
	if (!party->progress) {
		party->progress = true;
		party->delivered = party->row.box.delivered;
		party->stored = party->row.box.stored;
		engine->n_progress++;
	}
	return party;
}

void
engine_delivered(struct engine *engine, uint64_t participant, uint64_t number)
{
	struct party *party = party_find(engine, participant);

	if (party == NULL || number <= (party->progress ? party->delivered :
	    party->row.box.delivered))
		return;
	if ((party = progress(engine, participant, number)) != NULL)
		party->delivered = number;
}

void
engine_stored(struct engine *engine, uint64_t participant, uint64_t number)
{
	struct party *party = party_find(engine, participant);

	if (party == NULL || number <= (party->progress ? party->stored :
	    party->row.box.stored))
		return;
	if ((party = progress(engine, participant, number)) == NULL)
		return;
	party->stored = number;
	/* What is stored was delivered, whatever this session remembers. */
	if (party->delivered < number)
		party->delivered = number;
}

void
engine_sent_again(struct engine *engine, uint64_t participant, uint64_t number)
{
	struct party *party = party_find(engine, participant);

	if (party != NULL && number <= (party->progress ? party->delivered :
	    party->row.box.delivered))
		party->again++;
}

enum sk_error
append_progress(struct engine *engine, int64_t now, struct party *party)
{
	Sk__MailboxBody body = SK__MAILBOX_BODY__INIT;
	struct verdict verdict = { 0 };
	uint8_t bytes[EVENT_BODY_MAX];

	body.has_participant = body.has_delivered = body.has_stored = 1;
	body.participant = party->participant;
	body.delivered = party->delivered;
	body.stored = party->stored;
	body.has_again = party->again != 0;
	body.again = party->again;
	party->again = 0;
	party->progress = false;
	engine->n_progress--;
	arena_reset(&engine->arena);
	return append_event(engine, SK__EVENT_KIND__MAILBOX_EVENT, now,
	    (struct span){ bytes, sk__mailbox_body__pack(&body, bytes) },
	    &verdict, NULL, NULL);
}

/* ---- deadlines */

/* Fill the undelivered message's sender and id from its entry. False: the
 * broker's own notice, or an entry without a readable header. */
static enum sk_error
undelivered(struct engine *engine, const Sk__DeadlineBody *body,
    struct event *event, bool *found)
{
	uint64_t position, case_number;
	struct header *header = arena_take(&engine->arena, sizeof(*header));
	struct leaf leaf;
	struct span bytes;
	enum sk_error rc;

	*found = false;
	if (header == NULL)
		return SK_NO_MEMORY;
	rc = engine_mailbox_row(engine, body->participant,
	    body->mailbox_number, &position, &case_number);
	if (rc == SK_OK)
		rc = journal_leaf(engine->journal, position, &bytes);
	if (rc == SK_OK)
		rc = leaf_decode(bytes.bytes, bytes.size, &leaf);
	if (rc != SK_OK || leaf.kind != SK__EVENT_KIND__ENVELOPE_EVENT)
		return rc;
	if (!leaf.header_whole || header_decode(leaf.header.bytes,
	    leaf.header.size, &engine->arena, header, NULL) != SK_OK)
		return SK_OK;
	event->undelivered_sender = leaf.sender;
	event->undelivered.participant = leaf.sender;
	event->undelivered.id = header->id;
	event->late_recipient = body->participant;
	*found = true;
	return SK_OK;
}

enum sk_error
verdict_deadline(struct engine *engine, int64_t instant,
    const Sk__DeadlineBody *body, struct verdict *verdict)
{
	struct event event = { .kind = SK__EVENT_KIND__DEADLINE_EVENT,
		.instant = instant, .deadline = body->kind,
		.handoff = body->handoff, .breach = body->breach,
		.due = body->due };
	struct view view;
	bool found = true;
	enum sk_error rc;

	memset(verdict, 0, sizeof(*verdict));
	if ((rc = engine_view(engine, &view)) != SK_OK)
		return rc;
	/* what went back undelivered may have been about no case */
	if (body->case_number != 0 || body->kind !=
	    SK__DEADLINE_KIND__DELIVERY_DUE) {
		rc = engine_load_case(engine, body->case_number);
		if (rc != SK_OK)
			return rc;
		view.row = &engine->row;
		view.closed = engine->has_closed ? &engine->closed : NULL;
		family_see(engine, &view);
	}
	if (body->kind == SK__DEADLINE_KIND__DELIVERY_DUE)
		rc = undelivered(engine, body, &event, &found);
	if (rc != SK_OK || !found)
		return rc == SK_OK ? SK_STORE_CORRUPT : rc;
	decide(&view, &event, &engine->arena, &verdict->decision);
	if (engine->view_failed != SK_OK)
		return engine->view_failed;
	verdict->link_case = body->case_number;
	if (verdict->decision.refusal.code == SK_OK)
		verdict->case_number = body->case_number;
	return SK_OK;
}

static enum sk_error
append_deadline(struct engine *engine, int64_t now, int64_t then,
    Sk__DeadlineBody *body)
{
	struct verdict *verdict;
	uint8_t bytes[EVENT_BODY_MAX];
	int64_t instant = engine_instant(engine, now);
	enum sk_error rc;

	arena_reset(&engine->arena);
	if ((verdict = arena_take(&engine->arena, sizeof(*verdict))) == NULL)
		return SK_NO_MEMORY;
	rc = verdict_deadline(engine, then != 0 ? then : instant, body,
	    verdict);
	verdict->former.instant = then;
	if (rc != SK_OK || (rc = verdict_pack(engine, verdict)) != SK_OK)
		return rc;
	return append_event(engine, SK__EVENT_KIND__DEADLINE_EVENT, instant,
	    (struct span){ bytes, sk__deadline_body__pack(body, bytes) },
	    verdict, NULL, NULL);
}

static bool
timer_equal(const struct timer_key *a, const struct timer_key *b)
{
	return a->due == b->due && a->subject == b->subject &&
	    a->kind == b->kind && a->handoff == b->handoff &&
	    a->breach == b->breach;
}

static enum sk_error
fire_case(struct engine *engine, int64_t now, int64_t then,
    const struct timer_key *key)
{
	Sk__DeadlineBody body = SK__DEADLINE_BODY__INIT;
	struct timer_key after;
	enum sk_error rc;

	body.has_case_number = body.has_kind = body.has_handoff =
	    body.has_breach = body.has_due = 1;
	body.case_number = key->subject;
	body.kind = (Sk__DeadlineKind)key->kind;
	body.handoff = key->handoff;
	body.breach = key->breach;
	body.due = key->due;
	if ((rc = append_deadline(engine, now, then, &body)) != SK_OK)
		return rc;
	/* Each fires once: what decide left standing is our own fault. */
	memset(&after, 0, sizeof(after));
	rc = timer_first(engine, &after);
	assert(rc != SK_OK || !timer_equal(&after, key));
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

/* The oldest envelope of a mailbox was not fetched: it goes back to its sender
 * once (it stays in the mailbox), and the entry moves the timer on. */
static enum sk_error
fire_mailbox(struct engine *engine, int64_t now, int64_t then,
    const struct timer_key *key)
{
	struct party *party = party_find(engine, key->subject);
	Sk__DeadlineBody body = SK__DEADLINE_BODY__INIT;
	uint64_t position;
	enum sk_error rc;

	if (party == NULL || party->row.overdue_at != key->due)
		return SK_STORE_CORRUPT;
	/* Fetched in this very turn: that entry moves the timer as well. */
	if (party->progress && party->stored >= party->row.overdue_number)
		return append_progress(engine, now, party);
	rc = engine_mailbox_row(engine, key->subject,
	    party->row.overdue_number, &position, &body.case_number);
	if (rc != SK_OK)
		return rc == SK_NOT_FOUND ? SK_STORE_CORRUPT : rc;
	body.has_case_number = body.has_kind = body.has_breach =
	    body.has_due = body.has_participant = body.has_mailbox_number = 1;
	body.kind = SK__DEADLINE_KIND__DELIVERY_DUE;
	body.breach = 1;
	body.due = key->due;
	body.participant = key->subject;
	body.mailbox_number = party->row.overdue_number;
	return append_deadline(engine, now, then, &body);
}

/* then 0: at their present instant; else each as of the one it was due at. */
static enum sk_error
fire(struct engine *engine, int64_t now, int64_t then, bool *fired)
{
	struct timer_key key;
	int64_t at, until;
	enum sk_error rc;

	*fired = false;
	memset(&key, 0, sizeof(key));
	rc = timer_first_free(engine, then != 0 ? then : now, &key, &until);
	if (rc != SK_OK || key.due > (then != 0 ? then : now))
		return rc == SK_NOT_FOUND ? SK_OK : rc;
	*fired = true;
	if (erase_is_timer(&key))
		return erase_fire(engine, now);
	at = then != 0 ? key.due : 0;
	return key.kind == SK__DEADLINE_KIND__DELIVERY_DUE ?
	    fire_mailbox(engine, now, at, &key) :
	    fire_case(engine, now, at, &key);
}

enum sk_error
engine_tick(struct engine *engine, int64_t now)
{
	bool fired = !engine_in_recovery(engine);
	enum sk_error rc = SK_OK;

	if (!fired)
		return SK_OK;
	engine->ticked = now;
	for (unsigned i = 0; i < TIMERS_PER_TICK && rc == SK_OK && fired; i++)
		rc = fire(engine, now, 0, &fired);
	if (rc == SK_OK)
		rc = merger_tick(engine, now);
	return engine_done(engine, rc);
}

enum sk_error
events_tick_former(struct engine *engine, int64_t now, int64_t then)
{
	bool fired = true;
	enum sk_error rc = SK_OK;

	while (rc == SK_OK && fired)
		rc = fire(engine, now, then, &fired);
	return rc;
}

int64_t
engine_next_timer(struct engine *engine)
{
	struct timer_key key;
	int64_t due = merger_due(engine), until, now = engine->ticked;
	enum sk_error rc;

	if (engine_in_recovery(engine))
		return INT64_MAX;
	if (now < engine_last_instant(engine))
		now = engine_last_instant(engine);
	rc = timer_first_free(engine, now, &key, &until);
	if (rc == SK_OK && key.due < due)
		due = key.due;
	return until < due ? until : due;
}

/* ---- commands of operators */

/* Who signs for the region now. */
static const struct charter *
present(const struct engine *engine)
{
	return journal_charter(engine->journal, journal_size(engine->journal));
}

static enum sk_error
check_approval(struct engine *engine, const Sk__SignedCommand *command,
    const Sk__Approval *approval, struct fault *fault)
{
	const struct founding *founding = journal_founding(engine->journal);
	const uint8_t *key = charter_operator(present(engine),
	    approval->key_id);

	if (key == NULL)
		return fault_set(fault, SK_OPERATOR_UNKNOWN,
		    "approvals.key_id", "a present operator");
	if (approval->signature.len != 64 || command_verify(
	    approval->signature.data, founding->origin, key,
	    approval->sequence, command->not_after, command->command.data,
	    command->command.len) != SK_OK)
		return fault_set(fault, SK_SIGNATURE_WRONG,
		    "approvals.signature", NULL);
	if (approval->sequence != engine_operator_next(engine,
	    approval->key_id.data))
		return fault_set(fault, SK_SEQUENCE_USED, "approvals.sequence",
		    "next is %llu", (unsigned long long)engine_operator_next(
		    engine, approval->key_id.data));
	return SK_OK;
}

/* Two different operators on a real journal, one on a test journal. */
static enum sk_error
check_approvals(struct engine *engine, const Sk__SignedCommand *command,
    int64_t now, struct fault *fault)
{
	const size_t needed = charter_quorum(present(engine));
	enum sk_error rc;

	for (size_t i = 0; i < command->n_approvals; i++) {
		rc = check_approval(engine, command, command->approvals[i],
		    fault);
		if (rc != SK_OK)
			return rc;
		for (size_t k = 0; k < i; k++)
			if (memcmp(command->approvals[i]->key_id.data,
			    command->approvals[k]->key_id.data,
			    DIGEST_SIZE) == 0)
				return fault_set(fault, SK_SECOND_OPERATOR,
				    "approvals", "two different operators");
	}
	if (command->n_approvals < needed)
		return fault_set(fault, SK_SECOND_OPERATOR, "approvals",
		    "%zu signatures", needed);
	if (now > command->not_after)
		return fault_set(fault, SK_COMMAND_EXPIRED, "not_after", NULL);
	return SK_OK;
}

/* A connection is known by its link key alone: one that stands for another
 * would shut that other out. Revoked ones are nobody's, and stay so. */
static enum sk_error
check_link_key(const struct engine *engine, const struct statement *s,
    struct fault *fault)
{
	if (s->type == STATEMENT_REVOKE || s->type == STATEMENT_BROKER)
		return SK_OK;
	for (size_t i = 0; i < engine->n_parties; i++)
		if (engine->parties[i]->participant != s->participant &&
		    memcmp(engine->parties[i]->row.member.current.keys.link,
		    s->keys.link, sizeof(s->keys.link)) == 0)
			return fault_set(fault, SK_STATEMENT_WRONG,
			    "enter.statement.link", "a link key of its own");
	return SK_OK;
}

/* Other keys for the broker: it must hold the one that it is to sign with, or
 * nothing more could be committed. */
static enum sk_error
check_broker(const struct engine *engine, const struct statement *s,
    struct member *member, struct fault *fault)
{
	const struct broker_key *keys;
	size_t n = journal_broker_keys(engine->journal, &keys);

	member_init_broker(member, keys[n - 1].generation, keys[n - 1].link,
	    keys[n - 1].sign);
	if (n == JOURNAL_BROKER_KEYS_MAX)
		return fault_set(fault, SK_STATEMENT_WRONG,
		    "enter.statement.generation", "at most %u",
		    JOURNAL_BROKER_KEYS_MAX);
	if (!journal_can_sign(engine->journal, s->keys.sign))
		return fault_set(fault, SK_STATEMENT_WRONG,
		    "enter.statement.sign", "the key in sign.key.next of the "
		    "broker: schakel-admin broker-keys");
	return SK_OK;
}

/* Other operators, or another enrolment key. */
static enum sk_error
check_charter(const struct engine *engine, const Sk__Statement *given,
    struct fault *fault)
{
	struct statement_head head = engine->meta.head;
	struct charter charter = *present(engine);

	if (given->has_founding_leaf && given->founding_leaf.len >
	    CHARTER_FOUNDING_MAX)
		return fault_set(fault, SK_OVERSIZED,
		    "enter.statement.founding_leaf", NULL);
	if (journal_charters(engine->journal) == JOURNAL_CHARTERS_MAX)
		return fault_set(fault, SK_STATEMENT_WRONG,
		    "enter.statement.generation", "at most %u",
		    JOURNAL_CHARTERS_MAX);
	return charter_apply(&charter, &head, given, fault);
}

static enum sk_error
check_statement(struct engine *engine, const Sk__Statement *given,
    struct fault *fault)
{
	const struct founding *founding = journal_founding(engine->journal);
	struct statement_head head = engine->meta.head;
	struct statement decoded;
	struct member member = { 0 };
	const struct party *party = NULL;
	enum sk_error rc;

	if (charter_is_change(given->body.data, given->body.len))
		return check_charter(engine, given, fault);
	if (given->signature.len != 64)
		return fault_set(fault, SK_STATEMENT_WRONG,
		    "enter.statement.signature", "64 bytes");
	rc = statement_decode(given->body.data, given->body.len, &decoded,
	    fault);
	if (rc != SK_OK ||
	    (rc = check_link_key(engine, &decoded, fault)) != SK_OK)
		return rc;
	if (decoded.type == STATEMENT_BROKER) {
		rc = check_broker(engine, &decoded, &member, fault);
		if (rc != SK_OK)
			return rc;
	} else if ((party = party_find(engine, decoded.participant)) == NULL &&
	    engine->n_parties == PARTIES_MAX)
		return fault_set(fault, SK_STATEMENT_WRONG,
		    "enter.statement.participant", "at most %u participants",
		    PARTIES_MAX);
	if (party != NULL)
		member = party->row.member;
	return statement_apply(given->body.data, given->body.len,
	    given->signature.data, founding->digest,
	    present(engine)->enrolment_key,
	    &head, &member, fault);
}

/* A copy is gone on with only when it is the beginning of this journal. */
static enum sk_error
check_backup(struct engine *engine, const Sk__Backup *backup,
    struct fault *fault)
{
	uint8_t root[DIGEST_SIZE];

	if (backup->have_size == 0)
		return SK_OK;
	if (backup->have_size > journal_committed(engine->journal))
		return fault_set(fault, SK_ROLLBACK, "command.backup.have_size",
		    "this journal has %llu entries", (unsigned long long)
		    journal_committed(engine->journal));
	if (backup->have_root.len != DIGEST_SIZE || journal_root(
	    engine->journal, backup->have_size, root) != SK_OK ||
	    memcmp(root, backup->have_root.data, DIGEST_SIZE) != 0)
		return fault_set(fault, SK_CHAIN_FORK,
		    "command.backup.have_root",
		    "the copy is not the beginning of this journal");
	return SK_OK;
}

/* What the core, which knows no keys, cannot see of a policy. */
static enum sk_error
check_witnesses(const Sk__Policy *policy, struct fault *fault)
{
	struct note_key key;
	char path[64];

	for (size_t i = 0; i < policy->n_witnesses; i++) {
		const char *vkey = policy->witnesses[i]->vkey;

		if (note_key_parse(&key, (struct span){ vkey, strlen(vkey) }) ==
		    SK_OK && key.type == NOTE_COSIGNATURE)
			continue;
		snprintf(path, sizeof(path), "witnesses[%zu].vkey", i);
		return fault_set(fault, SK_POLICY_WRONG, path, "name+id+key, as "
		    "`schakel-agent witness-key` prints it");
	}
	return SK_OK;
}

static enum sk_error
check_command(struct engine *engine, const Sk__Command *command, int64_t now,
    struct fault *fault)
{
	const int given = (command->step_clock != NULL) +
	    (command->set_policy != NULL) + (command->drain != NULL) +
	    (command->enter != NULL) + (command->confirm_clock != NULL) +
	    (command->look != NULL) + (command->backup != NULL) +
	    (command->end_recovery != NULL) + (command->settle != NULL) +
	    (command->erase != NULL) + (command->archive != NULL) +
	    (command->close_quarter != NULL);

	if (given != 1)
		return fault_set(fault, SK_FIELD_INVALID, "command",
		    "exactly one command");
	if (command->step_clock != NULL) {
		if (!journal_founding(engine->journal)->test)
			return fault_set(fault, SK_NOT_A_TEST_JOURNAL,
			    "command.step_clock", NULL);
		if (command->step_clock->to < now)
			return fault_set(fault, SK_CLOCK,
			    "command.step_clock.to", "not backwards");
		if (command->step_clock->to >= civil_day_end(CIVIL_DATE_MAX))
			return fault_set(fault, SK_DATE_INVALID,
			    "command.step_clock.to", "before 2200");
	}
	if (command->look != NULL && (command->look->person == 0 ||
	    command->look->ground == NULL || command->look->ground[0] == '\0'))
		return fault_set(fault, SK_FIELD_MISSING, "command.look",
		    "who looks and on what ground");
	if (command->backup != NULL)
		return check_backup(engine, command->backup, fault);
	if (command->end_recovery != NULL)
		return recovery_check_end(engine, command->end_recovery,
		    fault);
	if (command->settle != NULL)
		return recovery_check_settle(engine, command->settle, fault);
	if (command->set_policy != NULL) {
		if (command->set_policy->policy == NULL)
			return fault_set(fault, SK_FIELD_MISSING,
			    "command.set_policy.policy", NULL);
		if (command->set_policy->replaces != engine->meta.policy_version)
			return fault_set(fault, SK_POLICY_ORDER,
			    "command.set_policy.replaces", "current is %llu",
			    (unsigned long long)engine->meta.policy_version);
		if (policy_check(command->set_policy->policy, fault) != SK_OK)
			return fault->code;
		return check_witnesses(command->set_policy->policy, fault);
	}
	if (command->enter != NULL) {
		if (command->enter->statement == NULL)
			return fault_set(fault, SK_FIELD_MISSING,
			    "command.enter.statement", NULL);
		return check_statement(engine, command->enter->statement, fault);
	}
	return SK_OK;
}

static enum sk_error
check_archive(struct engine *engine, const Sk__Archive *archive, int64_t now,
    struct fault *fault)
{
	struct segment_info info;
	enum sk_error rc;

	if (archive->year > 9999)
		return fault_set(fault, SK_FIELD_INVALID,
		    "command.archive.year", "a year");
	rc = archive_check(engine->journal, (int)archive->year, now, &info,
	    fault);
	return error_is_refusal(rc) ? SK_OK : rc;
}

/* What must be looked up: the fault is the refusal, the return value an error
 * of the state. */
static enum sk_error
check_in_state(struct engine *engine, const Sk__Command *command, int64_t now,
    struct fault *fault)
{
	char quarter[QUARTER_NAME_SIZE];
	int64_t until;

	if (command->erase != NULL && engine_quarter_waits(engine, now,
	    quarter, &until)) {
		fault_set(fault, SK_QUARTER_OPEN, "command.erase",
		    "schakel-admin close-quarter for %s first", quarter);
		return SK_OK;
	}
	if (command->erase != NULL)
		return erase_check(engine, command->erase, now, fault);
	if (command->close_quarter != NULL)
		return quarter_judge(engine, command->close_quarter, now,
		    fault);
	if (command->archive != NULL)
		return check_archive(engine, command->archive, now, fault);
	return SK_OK;
}

/* The first outcome of a sequence number that was used (never taken twice). */
static enum sk_error
command_again(struct engine *engine, const Sk__Approval *approval,
    struct arena *arena, struct command_answer *answer, bool *again)
{
	ProtobufCMessage *message = NULL;
	struct leaf leaf;
	struct span bytes;
	enum sk_error rc;

	*again = false;
	if (approval->key_id.len != DIGEST_SIZE)
		return SK_OK;
	rc = journal_command(engine->journal, approval->key_id.data,
	    approval->sequence, &answer->position);
	if (rc == SK_NOT_FOUND)
		return SK_OK;
	if (rc == SK_OK)
		rc = journal_leaf(engine->journal, answer->position, &bytes);
	if (rc == SK_OK)
		rc = leaf_decode(bytes.bytes, bytes.size, &leaf);
	if (rc == SK_OK)
		rc = wire_decode(&sk__outcome__descriptor, "outcome",
		    leaf.outcome.bytes, leaf.outcome.size, LEAF_BYTES_MAX, arena,
		    &message, NULL);
	if (rc != SK_OK)
		return rc;
	*again = true;
	answer->first_answer = true;
	if (!((Sk__Outcome *)message)->accepted)
		answer->code = fault_set(&answer->fault,
		    (enum sk_error)((Sk__Outcome *)message)->code,
		    ((Sk__Outcome *)message)->field, NULL);
	return SK_OK;
}

static enum sk_error
append_statement(struct engine *engine, int64_t now,
    const Sk__Statement *statement)
{
	struct verdict verdict = { 0 };
	Sk__Statement own = *statement;
	uint8_t *bytes;
	size_t size;
	enum sk_error rc;

	/* It came along for who has no journal. */
	own.has_founding_leaf = 0;
	arena_reset(&engine->arena);
	rc = wire_encode(&own.base, &engine->arena, &bytes, &size);
	if (rc != SK_OK)
		return rc;
	return append_event(engine, SK__EVENT_KIND__DIRECTORY_EVENT, now,
	    (struct span){ bytes, size }, &verdict, NULL, NULL);
}

enum sk_error
events_statement(struct engine *engine, int64_t now,
    const Sk__Statement *statement, struct fault *fault)
{
	enum sk_error rc = check_statement(engine, statement, fault);

	if (rc != SK_OK)
		return rc;
	fault->code = SK_OK;
	return append_statement(engine, engine_instant(engine, now),
	    statement);
}

/* The signatures hold: accepted or not, the command is journalled. */
static enum sk_error
append_command(struct engine *engine, int64_t now,
    const Sk__SignedCommand *command, const Sk__Command *said,
    struct command_answer *answer)
{
	struct append extra = { .operator_key_id =
		command->approvals[0]->key_id.data,
		.sequence = command->approvals[0]->sequence };
	struct verdict verdict = { 0 };
	uint8_t *bytes;
	size_t size;
	enum sk_error rc;

	arena_reset(&engine->arena);
	verdict.decision.refusal = answer->fault;
	verdict.decision.refusal.code = answer->code;
	if (answer->code == SK_OK && said->settle != NULL &&
	    (rc = recovery_tell_settled(engine, said->settle,
	    &verdict.decision.open)) != SK_OK)
		return rc;
	if ((rc = verdict_pack(engine, &verdict)) != SK_OK)
		return rc;
	rc = wire_encode(&command->base, &engine->arena, &bytes, &size);
	if (rc != SK_OK)
		return rc;
	return append_event(engine, SK__EVENT_KIND__CONTROL_EVENT, now,
	    (struct span){ bytes, size }, &verdict, &extra, &answer->position);
}

/* In the batch that holds the command: a crash has both or neither. */
static enum sk_error
begin_archive(struct engine *engine, int64_t now, const Sk__Archive *archive)
{
	struct segment_info info;
	enum sk_error rc;

	rc = archive_check(engine->journal, (int)archive->year, now, &info,
	    NULL);
	return rc == SK_OK ? archive_begin(engine->journal, &info) : rc;
}

enum sk_error
engine_enter(struct engine *engine, int64_t now,
    const Sk__Statement *statement, struct fault *fault)
{
	enum sk_error rc = check_statement(engine, statement, fault);

	if (rc != SK_OK)
		return rc;
	return engine_done(engine, append_statement(engine,
	    engine_instant(engine, now), statement));
}

enum sk_error
engine_command(struct engine *engine, int64_t now,
    const Sk__SignedCommand *signed_command, struct arena *arena,
    struct command_answer *answer)
{
	ProtobufCMessage *message = NULL;
	bool again = false;
	enum sk_error rc;

	memset(answer, 0, sizeof(*answer));
	now = engine_instant(engine, now);
	if (signed_command->n_approvals == 0 ||
	    signed_command->n_approvals > 8) {
		answer->code = fault_set(&answer->fault, SK_SECOND_OPERATOR,
		    "approvals", "1 to 8 signatures");
		return SK_OK;
	}
	if (signed_command->command.len > COMMAND_BYTES_MAX) {
		answer->code = fault_set(&answer->fault, SK_OVERSIZED,
		    "command", "at most %u bytes", COMMAND_BYTES_MAX);
		return SK_OK;
	}
	/* In whatever order they stand this time. */
	for (size_t i = 0; i < signed_command->n_approvals; i++) {
		rc = command_again(engine, signed_command->approvals[i], arena,
		    answer, &again);
		if (rc != SK_OK || again)
			return rc;
	}
	answer->code = check_approvals(engine, signed_command, now,
	    &answer->fault);
	if (answer->code != SK_OK)
		return SK_OK;
	answer->code = wire_decode(&sk__command__descriptor, "command",
	    signed_command->command.data, signed_command->command.len,
	    COMMAND_BYTES_MAX, arena, &message, &answer->fault);
	if (answer->code == SK_OK)
		answer->code = check_command(engine, (Sk__Command *)message, now,
		    &answer->fault);
	if (answer->code == SK_OK) {
		rc = check_in_state(engine, (Sk__Command *)message, now,
		    &answer->fault);
		if (rc != SK_OK)
			return engine_done(engine, rc);
		answer->code = answer->fault.code;
	}
	if (answer->code == SK_OK &&
	    ((Sk__Command *)message)->end_recovery != NULL &&
	    (rc = recovery_decide(engine, now)) != SK_OK)
		return engine_done(engine, rc);
	if ((rc = append_command(engine, now, signed_command,
	    (const Sk__Command *)message, answer)) != SK_OK)
		return engine_done(engine, rc);
	if (answer->code != SK_OK)
		return SK_OK;
	answer->command = (Sk__Command *)message;
	if (answer->command->enter != NULL)
		rc = append_statement(engine, now,
		    answer->command->enter->statement);
	if (answer->command->erase != NULL)
		rc = erase_append(engine, now, answer->command->erase,
		    answer->position);
	if (answer->command->close_quarter != NULL)
		rc = quarter_append(engine, now,
		    answer->command->close_quarter);
	if (answer->command->archive != NULL)
		rc = begin_archive(engine, now, answer->command->archive);
	return engine_done(engine, rc);
}
