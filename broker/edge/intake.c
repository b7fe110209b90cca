/*
 * intake.c - frames in: decoded within bounds, checked against the session,
 * handed to the engine. Answers wait in the session's queue for the commit.
 */
#include <string.h>

#include "broker/edge/internal.h"
#include "proto/civil.h"

enum sk_error
intake_state(const struct broker *broker)
{
	if (broker->draining)
		return SK_DRAINING;
	if (engine_in_recovery(broker->engine))
		return SK_IN_RECOVERY;
	return broker->disk_low || broker->rolled_back ||
	    clock_is_held(&broker->clock) ? SK_INTAKE_HELD : SK_OK;
}

static ProtobufCBinaryData
bytes_of(const void *bytes, size_t size)
{
	return (ProtobufCBinaryData){ size, (uint8_t *)(uintptr_t)bytes };
}

/* ---- HELLO */

static enum sk_error
check_hello(struct broker *broker, uint64_t participant,
    const Sk__Hello *hello, struct fault *fault)
{
	const struct founding *founding = journal_founding(broker->journal);
	const struct member *member = engine_member(broker->engine,
	    participant);
	struct mailbox_state box = { .next = 1 };

	if (hello->participant != participant)
		return fault_set(fault, SK_NOT_ENROLLED, "hello.participant",
		    "this key is participant %llu",
		    (unsigned long long)participant);
	if (member == NULL || !member_is_current(member,
	    civil_date_at(clock_now(&broker->clock))))
		return fault_set(fault, SK_SENDER_REVOKED, "", NULL);
	if (!hello->has_protocol_min || hello->protocol_min > 1 ||
	    hello->protocol_max < 1)
		return fault_set(fault, SK_PROTOCOL_RANGE,
		    "hello.protocol_min", "this broker speaks 1");
	if (hello->boot.len != BOOT_SIZE)
		return fault_set(fault, SK_FIELD_INVALID, "hello.boot",
		    "8 bytes");
	if (hello->origin == NULL ||
	    !resend_knows_origin(broker, hello->origin))
		return fault_set(fault, SK_ORIGIN_WRONG, "hello.origin", "%s",
		    founding->origin);
	/* What it was told of a journal before this one may not be here. */
	if (strcmp(hello->origin, founding->origin) != 0)
		return session_contest(broker, participant, hello->boot.data);
	if (hello->has_last_position &&
	    hello->last_position >= journal_size(broker->journal))
		return fault_set(fault, SK_ROLLBACK, "hello.last_position",
		    "this journal has %llu entries",
		    (unsigned long long)journal_size(broker->journal));
	engine_mailbox(broker->engine, participant, &box);
	if (hello->mailbox_journal == founding->number &&
	    hello->mailbox_stored >= box.next)
		return fault_set(fault, SK_ROLLBACK, "hello.mailbox_stored",
		    "this mailbox goes up to %llu",
		    (unsigned long long)box.next - 1);
	return session_contest(broker, participant, hello->boot.data);
}

static void
fill_limits(Sk__Limits *limits)
{
	sk__limits__init(limits);
	limits->has_frame_bytes = limits->has_header_bytes =
	    limits->has_facts_bytes = limits->has_sealed_bytes =
	    limits->has_submit_envelopes = 1;
	limits->frame_bytes = FRAME_BYTES_MAX;
	limits->header_bytes = HEADER_BYTES_MAX;
	limits->facts_bytes = FACTS_BYTES_MAX;
	limits->sealed_bytes = SEALED_BYTES_MAX;
	limits->submit_envelopes = SUBMIT_ENVELOPES_MAX;
}

static void
fill_welcome_state(struct broker *broker, struct session *session,
    Sk__Welcome *w, struct sender_state *sender, struct statement_head *head)
{
	struct mailbox_state box = { .next = 1 };

	engine_sender(broker->engine, session->participant, sender);
	engine_mailbox(broker->engine, session->participant, &box);
	*head = engine_statement_head(broker->engine);
	w->has_last_number = w->has_last_link = 1;
	w->last_number = sender->last_number;
	w->last_link = bytes_of(sender->last_link, DIGEST_SIZE);
	w->has_next_mailbox_number = w->has_journal_size = 1;
	w->next_mailbox_number = box.next;
	w->journal_size = journal_size(broker->journal);
	w->has_directory_count = w->has_directory_serial =
	    w->has_directory_head = 1;
	w->directory_count = engine_statement_count(broker->engine);
	w->directory_serial = head->serial;
	w->directory_head = bytes_of(head->digest, DIGEST_SIZE);
}

static enum sk_error
send_welcome(struct broker *broker, struct session *session)
{
	const struct founding *founding = journal_founding(broker->journal);
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Welcome w = SK__WELCOME__INIT;
	struct sender_state sender = { 0 };
	struct statement_head head;
	Sk__Limits limits;
	enum sk_error rc;

	fill_limits(&limits);
	fill_welcome_state(broker, session, &w, &sender, &head);
	w.has_protocol = w.has_epoch = w.has_founding = 1;
	w.protocol = 1;
	w.epoch = session->epoch;
	w.founding = bytes_of(founding->digest, DIGEST_SIZE);
	w.origin = (char *)(uintptr_t)founding->origin;
	w.has_mailbox_journal = w.has_now = w.has_test = 1;
	w.mailbox_journal = founding->number;
	w.limits = &limits;
	w.now = clock_now(&broker->clock);
	w.test = founding->test;
	w.has_credit_messages = w.has_credit_bytes = 1;
	w.credit_messages = SUBMIT_CREDIT_MESSAGES;
	w.credit_bytes = SUBMIT_CREDIT_BYTES;
	w.has_recovery = 1;
	w.recovery = engine_in_recovery(broker->engine);
	rc = SK_OK;
	if (session->former)
		rc = resend_welcome(broker, &w);
	else if (evidence_may_show(broker, session))
		rc = evidence_checkpoint(broker, session, &w.checkpoint);
	else
		session->receipted = true;	/* to be shown as soon as it may */
	if (rc == SK_OK)
		rc = keys_welcome(broker, &w);
	if (rc != SK_OK)
		return rc;
	frame.welcome = &w;
	session_queue(broker, session, &frame);
	return SK_OK;
}

static enum sk_error
first_of(enum sk_error a, enum sk_error b)
{
	return a != SK_OK ? a : b;
}

/* The backup is older than an erasure that this agent was told of. */
static void
hear_erased(struct broker *broker, uint64_t participant,
    const Sk__Hello *hello)
{
	struct told_erased row;

	for (size_t i = 0; i < hello->n_erasures_done &&
	    i < ERASURES_TOLD_MAX; i++)
		if (engine_told_erased(broker->engine, participant,
		    hello->erasures_done[i], &row))
			log_event(LOG_WARN, "a case was to be erased before "
			    "the restore, and stands here",
			    "participant=%llu case=%llu ground=%d",
			    (unsigned long long)participant,
			    (unsigned long long)row.case_number,
			    (int)row.ground);
}

static enum sk_error
on_hello(struct broker *broker, const struct link_peer *peer,
    uint64_t participant, const Sk__Hello *hello)
{
	struct fault fault = { 0 };
	struct session *session;
	uint64_t shown = 0;
	enum sk_error code;

	/* First what it keeps under our own signature: that we know less than
	 * we signed is the operator's affair, not this session's alone. */
	code = check_hello(broker, participant, hello, &fault);
	if (code == SK_OK || code == SK_ROLLBACK)
		code = first_of(evidence_hello(broker, hello, &shown, &fault),
		    code);
	if (code != SK_OK) {
		log_event(code == SK_ROLLBACK ? LOG_ERROR : LOG_WARN,
		    "session refused", "participant=%llu code=%s field=%s",
		    (unsigned long long)participant, error_name(code),
		    fault.field);
		peer_bye(broker, peer, code,
		    fault.hint[0] == '\0' ? NULL : fault.hint);
		return SK_OK;
	}
	session = session_open(broker, peer, participant, hello->boot.data);
	if (session == NULL)
		return SK_NO_MEMORY;
	session->credit_messages = hello->credit_messages;
	session->credit_bytes = hello->credit_bytes;
	session->next = 1;
	session->former = strcmp(hello->origin,
	    journal_founding(broker->journal)->origin) != 0;
	if (!session->former)
		hear_erased(broker, participant, hello);
	if (!session->former)
		engine_heard(broker->engine, participant,
		    hello->former_last > hello->last_receipt ?
		    hello->former_last : hello->last_receipt);
	if (hello->mailbox_journal ==
	    journal_founding(broker->journal)->number) {
		session->next = hello->mailbox_stored + 1;
		engine_stored(broker->engine, participant,
		    hello->mailbox_stored);
	}
	session->directory_next = hello->directory_count;
	session->shown_size = shown;
	log_event(LOG_INFO, "session opened",
	    "participant=%llu epoch=%llu mailbox_from=%llu",
	    (unsigned long long)participant,
	    (unsigned long long)session->epoch,
	    (unsigned long long)session->next);
	resend_reported(broker, session);
	return send_welcome(broker, session);
}

/* ---- SUBMIT */

/* Who sends rubbish as fast as it can must not fill the operator's log. */
static void
say_rejected(struct session *session, uint64_t first_number,
    const struct fault *fault)
{
	int64_t ticks = clock_ticks();

	if (session->said == 0 ||
	    ticks - session->said_since >= REJECTED_SAID_MS) {
		if (session->said > REJECTED_SAID_MAX)
			log_event(LOG_WARN, "more submits rejected",
			    "participant=%llu count=%u",
			    (unsigned long long)session->participant,
			    session->said - REJECTED_SAID_MAX);
		session->said = 0;
		session->said_since = ticks;
	}
	if (session->said++ >= REJECTED_SAID_MAX)
		return;
	log_event(LOG_WARN, "submit rejected",
	    "participant=%llu number=%llu code=%s field=%s",
	    (unsigned long long)session->participant,
	    (unsigned long long)first_number, error_name(fault->code),
	    fault->field);
}

void
intake_rejected(struct broker *broker, struct session *session,
    uint64_t first_number, const struct fault *fault, int64_t not_before)
{
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Rejected rejected = SK__REJECTED__INIT;
	struct sender_state sender = { 0 };

	engine_sender(broker->engine, session->participant, &sender);
	rejected.has_first_number = rejected.has_code =
	    rejected.has_last_number = rejected.has_last_link = 1;
	rejected.first_number = first_number;
	rejected.code = fault->code;
	rejected.field = (char *)(uintptr_t)fault->field;
	rejected.hint = (char *)(uintptr_t)fault->hint;
	rejected.last_number = sender.last_number;
	rejected.last_link = bytes_of(sender.last_link, DIGEST_SIZE);
	rejected.has_not_before = not_before != 0;
	rejected.not_before = not_before;
	frame.rejected = &rejected;
	session_queue(broker, session, &frame);
	say_rejected(session, first_number, fault);
}

/* Past a sender's rate nothing is taken and no number used. */
static bool
throttled(struct broker *broker, struct session *session, size_t envelopes)
{
	int64_t second = clock_ticks() / 1000;

	if (broker->config->rate_per_second == 0)
		return false;
	if (session->rate_second != second) {
		session->rate_second = second;
		session->rate_count = 0;
	}
	/* One that is larger than the rate has a second to itself. */
	if (session->rate_count > 0 && session->rate_count + envelopes >
	    broker->config->rate_per_second)
		return true;
	session->rate_count += (uint32_t)envelopes;
	return false;
}

enum sk_error
intake_receipts(struct broker *broker, struct session *session,
    const struct submit_answer *answer)
{
	Sk__Receipt receipt[SUBMIT_ENVELOPES_MAX];
	Sk__Receipt *list[SUBMIT_ENVELOPES_MAX];
	Sk__Receipts receipts = SK__RECEIPTS__INIT;
	Sk__Frame frame = SK__FRAME__INIT;
	ProtobufCMessage *outcome = NULL;

	for (size_t i = 0; i < answer->count; i++) {
		if (wire_decode(&sk__outcome__descriptor, "outcome",
		    answer->receipt[i].outcome.bytes,
		    answer->receipt[i].outcome.size, LEAF_BYTES_MAX,
		    &broker->frame, &outcome, NULL) != SK_OK)
			return SK_STORE_CORRUPT;
		sk__receipt__init(&receipt[i]);
		receipt[i].has_number = receipt[i].has_position =
		    receipt[i].has_instant = receipt[i].has_leaf_hash = 1;
		receipt[i].number = answer->first_number + i;
		receipt[i].position = answer->receipt[i].position;
		receipt[i].instant = answer->receipt[i].instant;
		receipt[i].leaf_hash = bytes_of(answer->receipt[i].leaf_hash,
		    DIGEST_SIZE);
		receipt[i].outcome = (Sk__Outcome *)outcome;
		list[i] = &receipt[i];
	}
	receipts.n_receipts = answer->count;
	receipts.receipts = list;
	receipts.has_credit_messages = receipts.has_credit_bytes = 1;
	receipts.credit_messages = session->taken_messages +
	    SUBMIT_CREDIT_MESSAGES;
	receipts.credit_bytes = session->taken_bytes + SUBMIT_CREDIT_BYTES;
	frame.receipts = &receipts;
	session_queue(broker, session, &frame);
	session->receipted = true;
	return SK_OK;
}

static enum sk_error
on_submit(struct broker *broker, struct session *session,
    const Sk__Submit *submit, size_t size)
{
	struct submit_answer answer;
	struct fault fault = { 0 };
	int64_t now = clock_now(&broker->clock);
	enum sk_error rc;

	if (intake_state(broker) != SK_OK) {
		fault_set(&fault, intake_state(broker), "", NULL);
		intake_rejected(broker, session, submit->first_number, &fault,
		    now + 1000);
		return SK_OK;
	}
	if (throttled(broker, session, submit->n_envelopes)) {
		fault_set(&fault, SK_THROTTLED, "submit", "at most %u a second",
		    broker->config->rate_per_second);
		intake_rejected(broker, session, submit->first_number, &fault,
		    now + 1000);
		return SK_OK;
	}
	rc = engine_submit(broker->engine, session->participant, now, submit,
	    &broker->frame, &answer);
	if (rc != SK_OK)
		return rc;
	if (answer.code == SK_SENDER_REVOKED) {
		session_bye(broker, session, answer.code, NULL);
		return SK_OK;
	}
	if (answer.code != SK_OK) {
		intake_rejected(broker, session, submit->first_number,
		    &answer.fault, 0);
		return SK_OK;
	}
	session->taken_messages += answer.count;
	session->taken_bytes += size;
	return intake_receipts(broker, session, &answer);
}

/* ---- the rest */

static void
on_ack(struct broker *broker, struct session *session, const Sk__Ack *ack)
{
	if (ack->has_credit_messages &&
	    ack->credit_messages > session->credit_messages)
		session->credit_messages = ack->credit_messages;
	if (ack->has_credit_bytes && ack->credit_bytes > session->credit_bytes)
		session->credit_bytes = ack->credit_bytes;
	if (ack->mailbox_journal != journal_founding(broker->journal)->number)
		return;
	/* What was not sent cannot be stored. */
	if (ack->stored > dispatch_sent(session))
		return;
	engine_stored(broker->engine, session->participant, ack->stored);
	dispatch_stored(session, ack->stored);
}

static void
on_ping(struct broker *broker, struct session *session, const Sk__Ping *ping)
{
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Pong pong = SK__PONG__INIT;

	pong.has_token = pong.has_now = 1;
	pong.token = ping->token;
	pong.now = clock_now(&broker->clock);
	frame.pong = &pong;
	session_queue(broker, session, &frame);
}

static enum sk_error
on_frame(struct broker *broker, const struct link_peer *peer,
    uint64_t participant, const Sk__Frame *frame, size_t size)
{
	struct session *session = session_by_peer(broker, peer);

	if (frame->hello != NULL)
		return on_hello(broker, peer, participant, frame->hello);
	if (session == NULL || session->participant != participant) {
		peer_bye(broker, peer, SK_FRAME_UNEXPECTED, "HELLO first");
		return SK_OK;
	}
	/* It greets again under this journal's origin before anything else. */
	if (session->former)
		return SK_OK;
	if (frame->submit != NULL)
		return on_submit(broker, session, frame->submit, size);
	if (frame->resend != NULL)
		return resend_take(broker, session, frame->resend, size);
	if (frame->known != NULL)
		return resend_known(broker, session, frame->known);
	if (frame->ack != NULL)
		on_ack(broker, session, frame->ack);
	else if (frame->ping != NULL)
		on_ping(broker, session, frame->ping);
	else if (frame->fetch != NULL)
		session->fetch_next = frame->fetch->from_number == 0 ? 1 :
		    frame->fetch->from_number;
	else if (frame->prove != NULL)
		return evidence_prove(broker, session, frame->prove->position);
	else if (frame->look != NULL)
		return look_ask(broker, session, frame->look);
	else if (frame->cosignature != NULL)
		return witness_take(broker, session, frame->cosignature);
	else if (frame->bye != NULL)
		session->closing = true;
	else
		session_bye(broker, session, SK_FRAME_UNEXPECTED, NULL);
	return SK_OK;
}

/* A frame that does not decode costs no number; its sender is told, and the
 * session goes on. */
static void
refuse_frame(struct broker *broker, const struct link_peer *peer,
    const struct fault *fault)
{
	struct session *session = session_by_peer(broker, peer);

	if (session != NULL)
		intake_rejected(broker, session, 0, fault, 0);
	else
		peer_bye(broker, peer, fault->code, fault->field);
}

/* Also what only a broker says: on_frame ends a session over it. */
static int
count_parts(const Sk__Frame *frame)
{
	return (frame->hello != NULL) + (frame->submit != NULL) +
	    (frame->ack != NULL) + (frame->ping != NULL) +
	    (frame->fetch != NULL) + (frame->bye != NULL) +
	    (frame->resend != NULL) + (frame->known != NULL) +
	    (frame->staged != NULL) +
	    (frame->prove != NULL) + (frame->checkpoint != NULL) +
	    (frame->cosignature != NULL) +
	    (frame->proof != NULL) + (frame->look != NULL) +
	    (frame->look_rows != NULL) +
	    (frame->welcome != NULL) + (frame->receipts != NULL) +
	    (frame->rejected != NULL) + (frame->deliveries != NULL) +
	    (frame->directory != NULL) + (frame->fetched != NULL) +
	    (frame->pong != NULL) + (frame->drain != NULL);
}

enum sk_error
intake_frame(struct broker *broker, const struct link_peer *peer,
    uint64_t participant, struct span bytes)
{
	ProtobufCMessage *message = NULL;
	struct fault fault = { 0 };
	const Sk__Frame *frame;

	arena_reset(&broker->frame);
	if (wire_decode(&sk__frame__descriptor, "frame", bytes.bytes,
	    bytes.size, FRAME_BYTES_MAX, &broker->frame, &message, &fault) !=
	    SK_OK) {
		/* Thousands of empty parts: its memory, not ours, was spent. */
		if (!error_is_refusal(fault.code))
			fault_set(&fault, SK_OVERSIZED, "frame", NULL);
		refuse_frame(broker, peer, &fault);
		return SK_OK;
	}
	frame = (const Sk__Frame *)message;
	if (count_parts(frame) != 1) {
		fault_set(&fault, SK_FRAME_UNEXPECTED, "frame",
		    "exactly one of hello, submit, ack, fetch, ping, prove, "
		    "resend, known, bye");
		refuse_frame(broker, peer, &fault);
		return SK_OK;
	}
	return on_frame(broker, peer, participant, frame, bytes.size);
}
