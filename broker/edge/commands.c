/*
 * commands.c - the control socket: status for whoever may open it, and
 * commands that carry operators' signatures. Answers to commands wait for
 * the commit.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "broker/edge/internal.h"
#include "proto/message.h"
#include "proto/statement.h"

static void
answer_now(struct broker *broker, struct control_client *client,
    const Sk__ControlAnswer *answer)
{
	size_t size = sk__control_answer__get_packed_size(answer);
	uint8_t *bytes = malloc(size == 0 ? 1 : size);

	(void)broker;
	if (bytes == NULL)
		return;
	control_answer(client, bytes, sk__control_answer__pack(answer, bytes));
	/* Those of a backup hold the keys of cases. */
	sodium_memzero(bytes, size);
	free(bytes);
}

static void
answer_later(struct broker *broker, struct control_client *client,
    const Sk__ControlAnswer *answer)
{
	size_t size = sk__control_answer__get_packed_size(answer);
	struct reply *reply = calloc(1, sizeof(*reply));

	if (reply == NULL || (reply->bytes = malloc(size + 1)) == NULL) {
		free(reply);
		return;
	}
	reply->client = client;
	reply->size = sk__control_answer__pack(answer, reply->bytes);
	reply->next = broker->replies;
	broker->replies = reply;
}

static void
answer_fault(struct broker *broker, struct control_client *client,
    const struct fault *fault)
{
	Sk__ControlAnswer answer = SK__CONTROL_ANSWER__INIT;

	answer.has_code = 1;
	answer.code = fault->code;
	answer.field = (char *)(uintptr_t)fault->field;
	answer.hint = (char *)(uintptr_t)fault->hint;
	answer_now(broker, client, &answer);
}

void
commands_gone(void *context, struct control_client *client)
{
	struct broker *broker = context;

	for (struct reply *reply = broker->replies; reply != NULL;
	    reply = reply->next)
		if (reply->client == client)
			reply->client = NULL;
}

static void
end_replies(struct broker *broker, bool send)
{
	struct reply *reply;

	while ((reply = broker->replies) != NULL) {
		broker->replies = reply->next;
		if (send && reply->client != NULL)
			control_answer(reply->client, reply->bytes,
			    reply->size);
		free(reply->bytes);
		free(reply);
	}
}

void
commands_flush(struct broker *broker)
{
	end_replies(broker, true);
}

void
commands_discard(struct broker *broker)
{
	end_replies(broker, false);
}

/* ---- status */

static const char *
held_why(const struct broker *broker)
{
	if (clock_is_held(&broker->clock))
		return "the clock moved; look at it, then: "
		    "schakel-admin confirm-clock";
	if (broker->rolled_back)
		return "an agent keeps a checkpoint that this journal does not "
		    "lead to: an old backup, or another history";
	if (engine_in_recovery(broker->engine))
		return "the journal was restored: wait until all have "
		    "reported, then: schakel-admin recovery --end";
	if (broker->disk_low)
		return "the disk is nearly full";
	return NULL;
}

static void
status_member(struct broker *broker, uint64_t participant,
    Sk__SessionStatus *row)
{
	const struct member *member = engine_member(broker->engine,
	    participant);

	row->has_standing = row->has_revoked = 1;
	row->standing.len = DIGEST_SIZE;
	row->standing.data = (uint8_t *)(uintptr_t)member->digest;
	row->name = (char *)(uintptr_t)member->current.name;
	row->role = (char *)(uintptr_t)role_name(member->current.role);
	row->revoked = member->revoked;
}

static void
status_keys(const struct broker *broker, Sk__BrokerStatus *status)
{
	const struct broker_key *keys;
	size_t n = journal_broker_keys(broker->journal, &keys);

	status->has_key_generation = 1;
	status->has_link_key = status->has_sign_key = 1;
	status->key_generation = keys[n - 1].generation;
	status->link_key.len = status->sign_key.len = 32;
	status->link_key.data = (uint8_t *)(uintptr_t)keys[n - 1].link;
	status->sign_key.data = (uint8_t *)(uintptr_t)keys[n - 1].sign;
}

static enum sk_error
status_charter(const struct broker *broker, struct arena *arena,
    Sk__BrokerStatus *status)
{
	const struct charter *c = journal_charter(broker->journal,
	    journal_size(broker->journal));
	ProtobufCBinaryData *list = arena_take(arena,
	    c->operators * sizeof(*list));

	if (list == NULL)
		return SK_NO_MEMORY;
	for (size_t i = 0; i < c->operators; i++)
		list[i] = (ProtobufCBinaryData){ 32,
			(uint8_t *)(uintptr_t)c->operator_key[i] };
	status->n_operator_keys = c->operators;
	status->operator_keys = list;
	status->has_enrolment_key = status->has_charter_generation =
	    status->has_charter_digest = 1;
	status->enrolment_key = (ProtobufCBinaryData){ 32,
		(uint8_t *)(uintptr_t)c->enrolment_key };
	status->charter_generation = c->generation;
	status->charter_digest = (ProtobufCBinaryData){ DIGEST_SIZE,
		(uint8_t *)(uintptr_t)c->digest };
	return SK_OK;
}

static void
status_witnesses(const struct broker *broker, Sk__BrokerStatus *status)
{
	const Sk__Policy *policy = engine_policy(broker->engine);

	status->has_witness_quorum = status->has_witnessed_size =
	    status->has_witness_alert = 1;
	status->witness_quorum = policy == NULL ? 0 : policy->witness_quorum;
	status->witnessed_size = broker->witnessed_size;
	status->witness_alert = broker->witness_alert;
}

static enum sk_error
status_participants(struct broker *broker, struct arena *arena,
    Sk__BrokerStatus *status)
{
	uint64_t participant;

	for (size_t i = 0; (participant = engine_participant_at(
	    broker->engine, i)) != 0; i++) {
		Sk__SessionStatus *row = arena_new(arena, Sk__SessionStatus,
		    sk__session_status__init);
		struct mailbox_state box = { 0 };
		struct sender_state sender = { 0 };

		if (row == NULL)
			return SK_NO_MEMORY;
		engine_mailbox(broker->engine, participant, &box);
		engine_sender(broker->engine, participant, &sender);
		row->has_participant = row->has_connected =
		    row->has_last_number = row->has_mailbox_next =
		    row->has_mailbox_delivered = row->has_mailbox_stored = 1;
		row->participant = participant;
		row->connected = session_of(broker, participant) != NULL;
		row->last_number = sender.last_number;
		row->mailbox_next = box.next;
		row->mailbox_delivered = box.delivered;
		row->mailbox_stored = box.stored;
		row->has_reported = row->has_staged =
		    engine_in_recovery(broker->engine);
		row->reported = engine_reported(broker->engine, participant,
		    &row->staged);
		status_member(broker, participant, row);
		if (arena_append(arena, &status->n_participants,
		    (void ***)&status->participants, row) != 0)
			return SK_NO_MEMORY;
	}
	return SK_OK;
}

static enum sk_error
status_strangers(struct broker *broker, struct arena *arena,
    Sk__BrokerStatus *status)
{
	static struct link_stranger list[LINK_STRANGERS_MAX + 1];
	size_t n = link_server_strangers(broker->link, list,
	    LINK_STRANGERS_MAX + 1);

	for (size_t i = 0; i < n; i++) {
		Sk__StrangerCount *row = arena_new(arena, Sk__StrangerCount,
		    sk__stranger_count__init);

		if (row == NULL ||
		    (row->address = arena_string(arena, list[i].address)) ==
		    NULL)
			return SK_NO_MEMORY;
		row->has_count = 1;
		row->count = list[i].count;
		if (arena_append(arena, &status->n_strangers,
		    (void ***)&status->strangers, row) != 0)
			return SK_NO_MEMORY;
	}
	return SK_OK;
}

static void
status_journal(struct broker *broker, Sk__BrokerStatus *status,
    struct statement_head *head)
{
	const struct founding *founding = journal_founding(broker->journal);

	*head = engine_statement_head(broker->engine);
	status->origin = (char *)(uintptr_t)founding->origin;
	status->has_founding = status->has_entries = status->has_cases =
	    status->has_now = status->has_epoch =
	    status->has_policy_version = 1;
	status->founding.len = DIGEST_SIZE;
	status->founding.data = (uint8_t *)(uintptr_t)founding->digest;
	status->entries = journal_committed(broker->journal);
	status->cases = engine_cases(broker->engine);
	status->now = clock_now(&broker->clock);
	status->epoch = journal_epoch(broker->journal);
	status->policy_version = engine_policy_version(broker->engine);
	status->has_held = status->has_draining = 1;
	status->held = held_why(broker) != NULL;
	status->held_why = (char *)(uintptr_t)held_why(broker);
	status->draining = broker->draining;
	status->has_directory_count = status->has_directory_serial =
	    status->has_directory_head = 1;
	status->directory_count = engine_statement_count(broker->engine);
	status->directory_serial = head->serial;
	status->directory_head.len = DIGEST_SIZE;
	status->directory_head.data = head->digest;
	if (engine_quarter_waits(broker->engine, clock_now(&broker->clock),
	    broker->quarter_open, &status->quarter_waits_until)) {
		status->quarter_open = broker->quarter_open;
		status->has_quarter_waits_until = 1;
	}
	status->next_timer = engine_next_timer(broker->engine);
	status->has_next_timer = status->next_timer != INT64_MAX;
}

static void
status_scrub(const struct broker *broker, Sk__ScrubStatus *scrub)
{
	const struct scrubbing *s = &broker->scrub;

	sk__scrub_status__init(scrub);
	scrub->has_position = scrub->has_passes = scrub->has_wrong = 1;
	scrub->position = s->position;
	scrub->passes = s->passes;
	scrub->wrong = s->wrong;
	scrub->has_first_wrong = s->wrong != 0;
	scrub->first_wrong = s->first_wrong;
	if (s->wrong != 0)
		scrub->what = (char *)(uintptr_t)s->what;
}

#define CONFLICTS_TOLD 100

static enum sk_error
status_erased(struct broker *broker, struct arena *arena,
    Sk__BrokerStatus *status)
{
	struct told_erased told;

	for (size_t i = 0; i < CONFLICTS_TOLD && engine_told_erased_at(
	    broker->engine, i, &told); i++) {
		Sk__ToldErased *row = arena_new(arena, Sk__ToldErased,
		    sk__told_erased__init);

		if (row == NULL)
			return SK_NO_MEMORY;
		row->has_case_number = row->has_participant =
		    row->has_journal = row->has_position =
		    row->has_ground = 1;
		row->case_number = told.case_number;
		row->participant = told.participant;
		row->journal = told.journal;
		row->position = told.position;
		row->ground = told.ground;
		if (arena_append(arena, &status->n_told_erased,
		    (void ***)&status->told_erased, row) != 0)
			return SK_NO_MEMORY;
	}
	return SK_OK;
}

static enum sk_error
status_recovery(struct broker *broker, struct arena *arena,
    Sk__BrokerStatus *status)
{
	size_t restores = journal_restores(broker->journal);
	uint64_t position, sender, number;

	status->has_recovery = status->has_restored_at = 1;
	status->recovery = engine_in_recovery(broker->engine);
	status->restored_at = restores == 0 ? 0 :
	    journal_restored_at(broker->journal, restores - 1);
	for (size_t i = 0; i < CONFLICTS_TOLD && engine_conflict(
	    broker->engine, i, &position, &sender, &number) == SK_OK; i++) {
		Sk__Conflict *row = arena_new(arena, Sk__Conflict,
		    sk__conflict__init);

		if (row == NULL)
			return SK_NO_MEMORY;
		row->has_position = row->has_sender = row->has_number = 1;
		row->position = position;
		row->sender = sender;
		row->number = number;
		if (arena_append(arena, &status->n_conflicts,
		    (void ***)&status->conflicts, row) != 0)
			return SK_NO_MEMORY;
	}
	return SK_OK;
}

static void
on_status(struct broker *broker, struct control_client *client,
    struct arena *arena)
{
	Sk__ControlAnswer answer = SK__CONTROL_ANSWER__INIT;
	Sk__BrokerStatus status = SK__BROKER_STATUS__INIT;
	Sk__ScrubStatus scrub;
	struct statement_head head;
	struct span founding;
	struct fault fault = { .code = SK_NO_MEMORY };

	status_journal(broker, &status, &head);
	status_scrub(broker, &scrub);
	status.scrub = &scrub;
	if (journal_leaf(broker->journal, 0, &founding) == SK_OK) {
		status_keys(broker, &status);
		status_witnesses(broker, &status);
		status.has_founding_leaf = 1;
		status.founding_leaf.len = founding.size;
		status.founding_leaf.data = arena_copy(arena, founding.bytes,
		    founding.size);
		journal_read_end(broker->journal);
	}
	if (status_participants(broker, arena, &status) != SK_OK ||
	    status_charter(broker, arena, &status) != SK_OK ||
	    status_recovery(broker, arena, &status) != SK_OK ||
	    archive_status(broker, arena, &status) != SK_OK ||
	    status_erased(broker, arena, &status) != SK_OK ||
	    status_strangers(broker, arena, &status) != SK_OK) {
		answer_fault(broker, client, &fault);
		return;
	}
	answer.has_code = 1;
	answer.status = &status;
	answer_now(broker, client, &answer);
}

static void
on_operator(struct broker *broker, struct control_client *client,
    const Sk__AskOperator *ask)
{
	Sk__ControlAnswer answer = SK__CONTROL_ANSWER__INIT;
	struct fault fault;

	if (ask->key_id.len != DIGEST_SIZE) {
		fault_set(&fault, SK_FIELD_INVALID, "operator_state.key_id",
		    "32 bytes");
		answer_fault(broker, client, &fault);
		return;
	}
	answer.has_code = answer.has_next_sequence = 1;
	answer.next_sequence = engine_operator_next(broker->engine,
	    ask->key_id.data);
	answer_now(broker, client, &answer);
}

/* ---- commands */

/* The test clock moves from one timer to the next, so that every deadline
 * fires at its own instant. */
static enum sk_error
step_clock(struct broker *broker, int64_t to)
{
	int64_t next;
	enum sk_error rc = SK_OK;

	while (rc == SK_OK && (next = engine_next_timer(broker->engine)) <= to) {
		if (next > clock_now(&broker->clock) &&
		    (rc = clock_step(&broker->clock, next)) != SK_OK)
			break;
		rc = engine_tick(broker->engine, clock_now(&broker->clock));
		if (rc == SK_OK)
			rc = engine_commit(broker->engine,
			    clock_now(&broker->clock), clock_ticks());
	}
	if (rc == SK_OK)
		rc = clock_step(&broker->clock, to);
	broker->tell_time = true;
	broker->directory_changed = true;	/* validity may have ended */
	return rc;
}

static enum sk_error
copy_out(struct arena *arena, const void *bytes, size_t size,
    protobuf_c_boolean *has, ProtobufCBinaryData *out)
{
	*has = 1;
	out->len = size;
	out->data = arena_copy(arena, bytes, size);
	return out->data == NULL ? SK_NO_MEMORY : SK_OK;
}

static enum sk_error
look_entry(struct broker *broker, uint64_t position, struct arena *arena,
    Sk__ExportedEntry **out)
{
	static uint8_t buffer[LEAF_BYTES_MAX * 3], packed[LEAF_BYTES_MAX * 3];
	Sk__ExportedEntry *entry = arena_new(arena, Sk__ExportedEntry,
	    sk__exported_entry__init);
	struct leaf leaf;
	struct parts parts;
	struct span bytes;
	size_t size = 0;
	enum sk_error rc;

	if (entry == NULL)
		return SK_NO_MEMORY;
	rc = journal_leaf(broker->journal, position, &bytes);
	if (rc != SK_OK || (rc = leaf_decode(bytes.bytes, bytes.size, &leaf)) !=
	    SK_OK)
		return rc;
	entry->has_position = 1;
	entry->position = position;
	rc = copy_out(arena, bytes.bytes, bytes.size, &entry->has_leaf,
	    &entry->leaf);
	if (rc == SK_OK && journal_sealed(broker->journal, position,
	    leaf_parts_case(&leaf), leaf.instant, &bytes) == SK_OK)
		rc = copy_out(arena, bytes.bytes, bytes.size,
		    &entry->has_sealed, &entry->sealed);
	if (rc != SK_OK)
		return rc;
	rc = journal_parts(broker->journal, position, leaf_parts_case(&leaf),
	    leaf.instant, buffer, sizeof(buffer), &parts);
	*out = entry;
	if (rc != SK_OK || parts_encode(&parts, packed, sizeof(packed),
	    &size) != SK_OK)
		return SK_OK;	/* erased */
	return copy_out(arena, packed, size, &entry->has_parts, &entry->parts);
}

/* A copy that ends where a commit ended takes its checkpoint along. */
static enum sk_error
look_checkpoint(struct broker *broker, uint64_t end, struct arena *arena,
    Sk__ControlAnswer *answer)
{
	struct span note;
	uint64_t size = 0;
	enum sk_error rc;

	rc = journal_checkpoint(broker->journal, end, &size, &note);
	if (rc != SK_OK || size != end)
		return rc == SK_NOT_FOUND ? SK_OK : rc;
	answer->checkpoint.data = arena_copy(arena, note.bytes, note.size);
	answer->has_checkpoint = answer->checkpoint.data != NULL;
	answer->checkpoint.len = note.size;
	return SK_OK;
}

static enum sk_error
look(struct broker *broker, const Sk__Look *ask, struct arena *arena,
    Sk__ControlAnswer *answer)
{
	uint64_t position = ask->from;
	size_t bytes = 0;
	enum sk_error rc = SK_OK;

	while (rc == SK_OK && answer->n_entries < ask->count &&
	    answer->n_entries < LOOK_ENTRIES_MAX && bytes < LOOK_BYTES_MAX &&
	    position < journal_size(broker->journal)) {
		Sk__ExportedEntry *entry = NULL;

		rc = look_entry(broker, position++, arena, &entry);
		if (rc != SK_OK)
			break;
		bytes += entry->leaf.len + entry->sealed.len + entry->parts.len;
		if (arena_append(arena, &answer->n_entries,
		    (void ***)&answer->entries, entry) != 0)
			rc = SK_NO_MEMORY;
	}
	/* The answer holds as many as fit. */
	if (rc == SK_OK || rc == SK_NO_MEMORY)
		rc = look_checkpoint(broker, position, arena, answer);
	if (rc == SK_OK)
		rc = witness_rows(broker, ask->from + 1, 0, position, true,
		    arena, answer);
	journal_read_end(broker->journal);
	return rc;
}

/* Other keys for the broker: the old one, unless it was stolen or lost, signs
 * for the entry that names its successor and for nothing after it. */
static enum sk_error
change_keys(struct broker *broker)
{
	enum sk_error rc;

	rc = engine_commit(broker->engine, clock_now(&broker->clock),
	    clock_ticks());
	if (rc == SK_OK)
		keys_settle(broker);
	return rc;
}

static enum sk_error
enter(struct broker *broker, const Sk__Statement *statement)
{
	static struct statement s;

	broker->directory_changed = true;
	if (statement_decode(statement->body.data, statement->body.len, &s,
	    NULL) == SK_OK && s.type == STATEMENT_BROKER)
		return change_keys(broker);
	return SK_OK;
}

static enum sk_error
carry_out(struct broker *broker, const Sk__Command *command,
    struct arena *arena, Sk__ControlAnswer *answer)
{
	if (command->step_clock != NULL)
		return step_clock(broker, command->step_clock->to);
	if (command->enter != NULL)
		return enter(broker, command->enter->statement);
	if (command->drain != NULL)
		broker->draining = true;
	if (command->confirm_clock != NULL)
		clock_confirm(&broker->clock);
	if (command->look != NULL)
		return look(broker, command->look, arena, answer);
	if (command->end_recovery != NULL)
		resend_end(broker);
	if (command->archive != NULL)
		broker->archive.due = 0;
	if (command->backup != NULL)
		return backup_begin(broker, command->backup, arena, answer);
	return SK_OK;
}

static void
on_backup(struct broker *broker, struct control_client *client,
    const Sk__ControlRequest *ask, struct arena *arena)
{
	Sk__ControlAnswer answer = SK__CONTROL_ANSWER__INIT;
	struct fault fault = { 0 };
	enum sk_error rc;

	rc = ask->rows != NULL ?
	    backup_rows(broker, ask->rows, arena, &answer, &fault) :
	    backup_keys(broker, ask->keys, arena, &answer, &fault);
	if (rc != SK_OK) {
		if (fault.code == SK_OK)
			fault_set(&fault, rc, "", NULL);
		answer_fault(broker, client, &fault);
		return;
	}
	answer.has_code = 1;
	answer_now(broker, client, &answer);
}

static void
on_command(struct broker *broker, struct control_client *client,
    const Sk__SignedCommand *command, struct arena *arena)
{
	Sk__ControlAnswer answer = SK__CONTROL_ANSWER__INIT;
	struct command_answer done;
	enum sk_error rc;

	keys_refresh(broker);
	rc = engine_command(broker->engine, clock_now(&broker->clock), command,
	    arena, &done);
	if (rc == SK_OK && done.command != NULL)
		rc = carry_out(broker, done.command, arena, &answer);
	if (rc != SK_OK) {
		log_event(LOG_ERROR, "command failed, stopping", "error=%s",
		    error_name(rc));
		broker->failed = rc;
		fault_set(&done.fault, rc, "", NULL);
		answer_fault(broker, client, &done.fault);
		return;
	}
	answer.has_code = answer.has_position = answer.has_first_answer = 1;
	answer.code = done.code;
	answer.position = done.position;
	answer.first_answer = done.first_answer;
	if (done.code != SK_OK) {
		answer.field = done.fault.field;
		answer.hint = done.fault.hint;
	}
	log_event(LOG_INFO, "command taken", "code=%s position=%llu",
	    error_name(done.code), (unsigned long long)done.position);
	answer_later(broker, client, &answer);
}

void
commands_handle(void *context, struct control_client *client, uid_t uid,
    struct span request)
{
	struct broker *broker = context;
	ProtobufCMessage *message = NULL;
	const Sk__ControlRequest *ask;
	struct fault fault = { 0 };
	struct arena arena;
	uint8_t *bytes = malloc(ANSWER_ARENA);

	(void)uid;	/* the socket's mode says who may; signatures do the rest */
	if (bytes == NULL)
		return;
	arena_init(&arena, bytes, ANSWER_ARENA);
	if (wire_decode(&sk__control_request__descriptor, "request",
	    request.bytes, request.size, CONTROL_BYTES_MAX, &arena, &message,
	    &fault) != SK_OK) {
		answer_fault(broker, client, &fault);
		goto done;
	}
	ask = (const Sk__ControlRequest *)message;
	if (ask->command != NULL)
		on_command(broker, client, ask->command, &arena);
	else if (ask->status != NULL)
		on_status(broker, client, &arena);
	else if (ask->operator_state != NULL)
		on_operator(broker, client, ask->operator_state);
	else if (ask->rows != NULL || ask->keys != NULL)
		on_backup(broker, client, ask, &arena);
	else {
		fault_set(&fault, SK_FIELD_MISSING, "request",
		    "command, status, operator_state, rows or keys");
		answer_fault(broker, client, &fault);
	}
done:
	sodium_memzero(bytes, arena.used);
	free(bytes);
}
