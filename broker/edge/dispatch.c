/*
 * dispatch.c - frames out: deliveries within the recipient's credit, the
 * directory, and what an agent asks to have again.
 *
 * At most one delivery of a case is under way to a recipient; other cases
 * flow past it. A number that waits stays in the window as held.
 */
#include <string.h>

#include "broker/edge/internal.h"
#include "proto/civil.h"

#define FRAME_FILL 200000u	/* deliveries are packed up to here */
#define DELIVERY_BYTES_MAX 180000u	/* two envelopes with their provenance: a RESEAL */
#define OWN_BYTES_MAX 100000u	/* one envelope of one's own, with its receipt */
#define DELIVERIES_PER_FRAME 64

/* Frames that build up past this wait for the peer. */
#define OUT_BUSY 4

struct bundle {
	Sk__Deliver *deliver[DELIVERIES_PER_FRAME];
	size_t n, size;
};

static bool
case_under_way(const struct session *session, uint64_t case_number)
{
	for (size_t i = 0; i < session->flights; i++)
		if (session->flight[i].sent &&
		    session->flight[i].case_number == case_number)
			return true;
	return false;
}

uint64_t
dispatch_sent(const struct session *session)
{
	for (size_t i = 0; i < session->flights; i++)
		if (!session->flight[i].sent)
			return session->flight[i].number - 1;
	return session->next - 1;
}

void
dispatch_stored(struct session *session, uint64_t stored)
{
	size_t kept = 0;

	for (size_t i = 0; i < session->flights; i++)
		if (session->flight[i].number > stored)
			session->flight[kept++] = session->flight[i];
	session->flights = kept;
}

static void
send_bundle(struct broker *broker, struct session *session,
    struct bundle *bundle)
{
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Deliveries deliveries = SK__DELIVERIES__INIT;

	if (bundle->n == 0)
		return;
	deliveries.n_deliveries = bundle->n;
	deliveries.deliveries = bundle->deliver;
	frame.deliveries = &deliveries;
	session_queue(broker, session, &frame);
	bundle->n = bundle->size = 0;
	arena_reset(&broker->frame);
}

/* *done: the credit, the window or the queue is full. */
static enum sk_error
send_delivery(struct broker *broker, struct session *session,
    uint64_t number, struct bundle *bundle, bool *done)
{
	Sk__Deliver *deliver = NULL;
	size_t size;
	enum sk_error rc;

	session->stopped = session->outs >= OUT_BUSY;
	if (session->closing || session->stopped ||
	    session->sent_messages >= session->credit_messages ||
	    session->sent_bytes >= session->credit_bytes) {
		*done = true;
		return SK_OK;
	}
	if (bundle->n == DELIVERIES_PER_FRAME || bundle->size >= FRAME_FILL -
	    DELIVERY_BYTES_MAX)
		send_bundle(broker, session, bundle);
	rc = engine_delivery(broker->engine, session->participant, number,
	    &broker->frame, &deliver);
	if (rc != SK_OK)
		return rc;
	size = sk__deliver__get_packed_size(deliver) + 8;
	engine_sent_again(broker->engine, session->participant, number);
	bundle->deliver[bundle->n++] = deliver;
	bundle->size += size;
	session->sent_messages++;
	session->sent_bytes += size;
	return SK_OK;
}

/* Held numbers whose case is free again, oldest first. */
static enum sk_error
send_held(struct broker *broker, struct session *session,
    struct bundle *bundle, bool *done)
{
	enum sk_error rc = SK_OK;

	for (size_t i = 0; i < session->flights && !*done && rc == SK_OK; i++) {
		struct flight *flight = &session->flight[i];

		if (flight->sent || case_under_way(session,
		    flight->case_number))
			continue;
		rc = send_delivery(broker, session, flight->number, bundle,
		    done);
		flight->sent = !*done && rc == SK_OK;
	}
	return rc;
}

static enum sk_error
send_new(struct broker *broker, struct session *session,
    const struct mailbox_state *box, struct bundle *bundle, bool *done)
{
	enum sk_error rc = SK_OK;

	while (!*done && session->next < box->next &&
	    session->flights < SESSION_WINDOW) {
		struct flight flight = { .number = session->next };
		uint64_t position;

		rc = engine_mailbox_row(broker->engine, session->participant,
		    flight.number, &position, &flight.case_number);
		if (rc != SK_OK)
			return rc;
		if (!case_under_way(session, flight.case_number)) {
			rc = send_delivery(broker, session, flight.number,
			    bundle, done);
			if (rc != SK_OK || *done)
				return rc;
			flight.sent = true;
		}
		session->flight[session->flights++] = flight;
		session->next++;
	}
	return rc;
}

static enum sk_error
dispatch_deliveries(struct broker *broker, struct session *session)
{
	struct mailbox_state box;
	struct bundle bundle = { .n = 0 };
	bool done = false;
	enum sk_error rc;

	if (engine_in_recovery(broker->engine) ||
	    !engine_mailbox(broker->engine, session->participant, &box))
		return SK_OK;
	arena_reset(&broker->frame);
	rc = send_held(broker, session, &bundle, &done);
	if (rc == SK_OK)
		rc = send_new(broker, session, &box, &bundle, &done);
	if (rc != SK_OK)
		return rc;
	send_bundle(broker, session, &bundle);
	engine_delivered(broker->engine, session->participant,
	    dispatch_sent(session));
	return SK_OK;
}

static enum sk_error
dispatch_directory(struct broker *broker, struct session *session)
{
	const uint64_t count = engine_statement_count(broker->engine);
	Sk__Statement *list[DIRECTORY_FRAME_STATEMENTS];
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Directory directory = SK__DIRECTORY__INIT;
	size_t size = 0;
	enum sk_error rc;

	while (session->directory_next < count && !session->closing) {
		session->stopped = session->outs >= OUT_BUSY;
		if (session->stopped)
			break;
		arena_reset(&broker->frame);
		directory.has_first = 1;
		directory.first = session->directory_next;
		directory.n_statements = 0;
		directory.statements = list;
		size = 0;
		while (session->directory_next < count &&
		    directory.n_statements < DIRECTORY_FRAME_STATEMENTS &&
		    size < FRAME_FILL) {
			rc = engine_statement(broker->engine,
			    session->directory_next, &broker->frame,
			    &list[directory.n_statements]);
			if (rc != SK_OK)
				return rc;
			size += sk__statement__get_packed_size(
			    list[directory.n_statements++]) + 8;
			session->directory_next++;
		}
		frame.directory = &directory;
		session_queue(broker, session, &frame);
	}
	return SK_OK;
}

/* One frame of an agent's own envelopes, with their receipts. */
static enum sk_error
fetched_frame(struct broker *broker, struct session *session)
{
	Sk__Deliver *own[DELIVERIES_PER_FRAME];
	Sk__Receipt *receipt[DELIVERIES_PER_FRAME];
	Sk__Fetched fetched = SK__FETCHED__INIT;
	Sk__Frame frame = SK__FRAME__INIT;
	struct sender_state sender = { 0 };
	size_t size = 0, n = 0;
	enum sk_error rc;

	arena_reset(&broker->frame);
	engine_sender(broker->engine, session->participant, &sender);
	while (session->fetch_next <= sender.last_number &&
	    n < DELIVERIES_PER_FRAME && size < FRAME_FILL - OWN_BYTES_MAX) {
		rc = engine_own(broker->engine, session->participant,
		    session->fetch_next, &broker->frame, &own[n], &receipt[n]);
		if (rc != SK_OK)
			return rc;
		size += sk__deliver__get_packed_size(own[n]) +
		    sk__receipt__get_packed_size(receipt[n]) + 16;
		session->fetch_next++;
		n++;
	}
	fetched.n_own = fetched.n_receipts = n;
	fetched.own = own;
	fetched.receipts = receipt;
	fetched.has_last = 1;
	fetched.last = session->fetch_next > sender.last_number;
	if (fetched.last)
		session->fetch_next = 0;
	frame.fetched = &fetched;
	session_queue(broker, session, &frame);
	return SK_OK;
}

enum sk_error
dispatch_session(struct broker *broker, struct session *session)
{
	enum sk_error rc = SK_OK;

	session->stopped = false;
	if (session->closing || session->former)
		return SK_OK;
	rc = dispatch_directory(broker, session);
	while (rc == SK_OK && session->fetch_next != 0 && !session->closing &&
	    !session->stopped) {
		session->stopped = session->outs >= OUT_BUSY;
		if (!session->stopped)
			rc = fetched_frame(broker, session);
	}
	if (rc == SK_OK && !session->closing && !session->stopped)
		rc = dispatch_deliveries(broker, session);
	if (rc == SK_OK)
		rc = evidence_dispatch(broker, session);
	return rc;
}

/* What was sent made room for more: nothing else would wake the loop. */
bool
dispatch_goes_on(const struct broker *broker)
{
	for (size_t i = 0; i < broker->n_sessions; i++)
		if (broker->sessions[i]->stopped &&
		    broker->sessions[i]->outs < OUT_BUSY)
			return true;
	return false;
}

static void
tell_time(struct broker *broker)
{
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Pong pong = SK__PONG__INIT;

	pong.has_token = pong.has_now = 1;
	pong.now = clock_now(&broker->clock);
	frame.pong = &pong;
	for (size_t i = 0; i < broker->n_sessions; i++)
		if (!broker->sessions[i]->closing)
			session_queue(broker, broker->sessions[i], &frame);
	broker->tell_time = false;
}

/* Revocation takes effect at once, and a validity ends with its last day: the
 * session ends. */
static void
end_revoked(struct broker *broker, int32_t today)
{
	for (size_t i = 0; i < broker->n_sessions; i++) {
		const struct member *member = engine_member(broker->engine,
		    broker->sessions[i]->participant);

		if (member == NULL || !member_is_current(member, today))
			session_bye(broker, broker->sessions[i],
			    SK_SENDER_REVOKED, NULL);
	}
	broker->directory_changed = false;
	broker->looked_date = today;
}

enum sk_error
dispatch_all(struct broker *broker)
{
	const int32_t today = civil_date_at(clock_now(&broker->clock));
	enum sk_error rc = SK_OK;

	broker->evidence_waits = false;
	if (broker->directory_changed || broker->looked_date != today)
		end_revoked(broker, today);
	if (broker->tell_time)
		tell_time(broker);
	while (engine_next_posted(broker->engine) != 0)
		;	/* every session is looked at below */
	for (size_t i = 0; i < broker->n_sessions && rc == SK_OK; i++)
		rc = dispatch_session(broker, broker->sessions[i]);
	return rc;
}
