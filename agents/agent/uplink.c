#include "agents/agent/uplink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/agent/directory.h"
#include "agents/agent/receive.h"
#include "agents/agent/session.h"
#include "broker/lib/log.h"

static void
say(struct uplink *uplink, const char *dutch, const char *english)
{
	snprintf(uplink->why, sizeof(uplink->why), "%s", english);
	snprintf(uplink->why_nl, sizeof(uplink->why_nl), "%s", dutch);
}

enum sk_error
uplink_open(struct agent *agent, const struct uplink_wire *wire,
    struct uplink **out)
{
	struct uplink *uplink = calloc(1, sizeof(*uplink));

	*out = uplink;
	if (uplink == NULL)
		return SK_NO_MEMORY;
	uplink->agent = agent;
	uplink->wire = *wire;
	uplink->due = INT64_MAX;
	say(uplink, "nog geen verbinding met de broker",
	    "no connection with the broker yet");
	return SK_OK;
}

void
uplink_close(struct uplink *uplink)
{
	if (uplink == NULL)
		return;
	for (size_t i = 0; i < UPLINK_PROVES_MAX; i++)
		uplink_prove_end(uplink, i);
	free(uplink->looking.looked.rows);
	free(uplink);
}

enum sk_error
session_send(struct uplink *uplink, const Sk__Frame *frame, size_t *size)
{
	uint8_t *bytes;
	enum sk_error rc;

	rc = wire_encode(&frame->base, &uplink->agent->frame, &bytes, size);
	if (rc != SK_OK)
		return rc;
	return uplink->wire.send(uplink->wire.context, bytes, *size);
}

void
session_stop(struct uplink *uplink, enum sk_error code, const char *dutch,
    const char *english)
{
	uplink->state = UPLINK_STOPPED;
	uplink->due = INT64_MAX;
	uplink->greet = uplink->acknowledge = uplink->fetching.ask = false;
	uplink->flights = 0;
	say(uplink, dutch, english);
	log_event(LOG_ERROR, code == SK_ROLLBACK ?
	    "ROLLBACK: session stopped" : "session stopped", "code=%s why=%s",
	    error_name(code), english);
}

void
session_hold(struct uplink *uplink, int64_t until, const char *dutch,
    const char *english)
{
	uplink->state = UPLINK_HELD;
	uplink->due = until;
	uplink->flights = 0;
	uplink->greet = uplink->acknowledge = uplink->fetching.ask = false;
	say(uplink, dutch, english);
}

void
session_resync(struct uplink *uplink)
{
	if (uplink->state == UPLINK_STOPPED)
		return;
	uplink->flights = 0;
	uplink->acknowledge = uplink->fetching.ask = false;
	uplink->state = UPLINK_GREETING;
	uplink->greet = true;
}

void
session_go_on(struct uplink *uplink)
{
	const struct meta *meta = archive_meta(uplink->agent->archive);

	uplink->state = UPLINK_UP;
	uplink->due = INT64_MAX;
	uplink->flights = 0;
	uplink->next_number = meta->last_number + 1;
	memcpy(uplink->link, meta->last_link, DIGEST_SIZE);
	/* What WELCOME does not cover was not sent: batched anew. */
	uplink->next_sequence = 0;
	proving_again(uplink);
	uplink->looking.sent = false;
	submit_reseal(uplink);	/* what waited when the agent was stopped */
	say(uplink, "", "");
}

/* ---- what the link reports */

void
uplink_connected(struct uplink *uplink, int64_t ticks)
{
	uplink->connected = true;
	if (uplink->state == UPLINK_STOPPED ||
	    (uplink->state == UPLINK_HELD && ticks < uplink->due))
		return;
	say(uplink, "verbonden, de broker heeft nog niet geantwoord",
	    "connected, the broker has not answered yet");
	uplink->silent = 0;
	session_resync(uplink);
}

static void
down(struct uplink *uplink, const char *dutch, const char *english)
{
	uplink->connected = false;
	if (uplink->state == UPLINK_STOPPED || uplink->state == UPLINK_HELD)
		return;
	uplink->state = UPLINK_DOWN;
	uplink->due = INT64_MAX;
	uplink->flights = 0;
	uplink->greet = uplink->acknowledge = uplink->fetching.ask = false;
	if (strcmp(uplink->why, english) != 0)
		log_event(LOG_WARN, "not connected", "why=%s", english);
	say(uplink, dutch, english);
}

void
uplink_disconnected(struct uplink *uplink)
{
	down(uplink, "de verbinding met de broker is weggevallen",
	    "the connection with the broker was lost");
}

void
uplink_refused(struct uplink *uplink)
{
	down(uplink, "de broker accepteert deze sleutel niet: nog niet "
	    "aangemeld, ingetrokken, of de uitnodiging is van een andere broker",
	    "the broker did not accept this key: not enrolled yet, revoked, or "
	    "the invitation is another broker's");
}

void
uplink_unreachable(struct uplink *uplink)
{
	/* A refusal closes the connection too, and says more. */
	if (uplink->connected || strncmp(uplink->why, "the broker did", 14) == 0)
		return;
	down(uplink, "de broker is niet bereikbaar op zijn adres",
	    "the broker cannot be reached at its address");
}

/* ---- frames */

static void
on_deliveries(struct uplink *uplink, const Sk__Deliveries *deliveries,
    size_t size)
{
	bool taken;

	for (size_t i = 0; i < deliveries->n_deliveries; i++)
		if (receive_deliver(uplink->agent, deliveries->deliveries[i],
		    &taken) != SK_OK)
			log_event(LOG_ERROR, "delivery not understood",
			    "mailbox=%llu", (unsigned long long)
			    deliveries->deliveries[i]->mailbox_number);
	submit_reseal(uplink);
	uplink->taken_messages += deliveries->n_deliveries;
	uplink->taken_bytes += size;
	uplink->acknowledge = true;
}

void
session_charter_stop(struct uplink *uplink, enum sk_error code)
{
	if (code == SK_KEY_NOT_VOUCHED)
		session_stop(uplink, code, "de regio is haar sleutel kwijt en "
		    "noemt een nieuwe; vergelijk de acht woorden aan de "
		    "telefoon en geef ze aan schakel-agent trust-region",
		    "the region lost its enrolment key and names a new one; "
		    "compare the eight words by telephone and give them to "
		    "schakel-agent trust-region");
	else
		session_stop(uplink, code, "wie er voor de regio tekent, volgt "
		    "niet uit wie dat deed; bel de regio",
		    "who signs for the region does not follow from who did; "
		    "call the region");
}

static void
on_directory(struct uplink *uplink, const Sk__Directory *directory)
{
	const struct directory_trust trust =
	    agent_trust(uplink->agent);
	struct fault fault = { 0 };
	enum sk_error rc = SK_OK;

	for (size_t i = 0; rc == SK_OK && i < directory->n_statements; i++)
		rc = directory_apply(uplink->agent->archive, &trust,
		    directory->first + i, directory->statements[i], &fault);
	if (rc == SK_CHAIN_FORK)
		session_stop(uplink, rc, "de regio heeft twee verschillende "
		    "verklaringen onder een nummer getekend; beide zijn bewaard",
		    "the enrolment key signed two statements under one serial; "
		    "both are kept");
	else if (rc == SK_KEY_NOT_VOUCHED)
		session_charter_stop(uplink, rc);
	else if (rc != SK_OK)
		log_event(LOG_ERROR, "statement does not follow",
		    "first=%llu code=%s field=%s hint=%s",
		    (unsigned long long)directory->first, error_name(rc),
		    fault.field, fault.hint);
	else if (directory->n_statements > 0) {
		receive_again(uplink->agent);
		submit_reseal(uplink);
	}
}

/* How each reason to end a session is taken. */
static const struct {
	enum sk_error code;
	bool stop;
	int64_t hold_ms;
	const char *dutch, *english;
} byes[] = {
	{ SK_ROLLBACK, true, 0,
	    "ROLLBACK: de broker kent minder dan deze agent al was verteld",
	    "ROLLBACK: the broker knows less than this agent was told before" },
	{ SK_ORIGIN_WRONG, true, 0,
	    "de broker houdt een ander journaal bij dan waarvoor is aangemeld",
	    "the broker keeps another journal than the one enrolled for" },
	{ SK_PROTOCOL_RANGE, true, 0,
	    "de broker spreekt geen protocolversie van deze agent",
	    "the broker speaks no protocol version of this agent" },
	{ SK_SESSION_CONTESTED, false, UPLINK_HOLD_MS,
	    "twee agents gebruiken dezelfde sleutel; beide moeten wachten",
	    "two agents use one key; both are held" },
	{ SK_NOT_ENROLLED, false, UPLINK_HOLD_MS,
	    "de broker laat deze deelnemer niet toe",
	    "the broker does not admit this participant" },
	{ SK_SENDER_REVOKED, false, UPLINK_HOLD_MS,
	    "de deelname is ingetrokken of afgelopen",
	    "the enrolment was revoked or has ended" },
	{ SK_SESSION_REPLACED, false, UPLINK_HOLD_MS,
	    "een andere verbinding met deze sleutel nam het over",
	    "another connection under this key took over" },
	{ SK_IN_RECOVERY, false, 200,
	    "het herstel van het journaal is klaar",
	    "the recovery of the journal has ended" },
	{ SK_FRAME_UNEXPECTED, false, 1000,
	    "de broker begon de sessie opnieuw",
	    "the broker started the session anew" },
};

static void
on_bye(struct uplink *uplink, const Sk__Bye *bye, int64_t ticks)
{
	enum sk_error code = (enum sk_error)bye->code;

	log_event(LOG_WARN, "broker ended the session", "code=%s text=%s",
	    error_name(code), bye->text == NULL ? "" : bye->text);
	for (size_t i = 0; i < sizeof(byes) / sizeof(byes[0]); i++) {
		if (byes[i].code != code)
			continue;
		if (byes[i].stop)
			session_stop(uplink, code, byes[i].dutch,
			    byes[i].english);
		else
			session_hold(uplink, ticks + byes[i].hold_ms,
			    byes[i].dutch, byes[i].english);
		return;
	}
	session_hold(uplink, ticks + UPLINK_HELLO_MS, error_text_nl(code),
	    error_text(code));
}

static void
in_session(struct uplink *uplink, const Sk__Frame *frame, size_t size,
    int64_t ticks)
{
	if (frame->receipts != NULL)
		submit_receipts(uplink, frame->receipts);
	else if (frame->rejected != NULL)
		submit_rejected(uplink, frame->rejected, ticks);
	else if (frame->deliveries != NULL)
		on_deliveries(uplink, frame->deliveries, size);
	else if (frame->directory != NULL)
		on_directory(uplink, frame->directory);
	else if (frame->fetched != NULL)
		welcome_fetched(uplink, frame->fetched, ticks);
	else if (frame->checkpoint != NULL)
		proving_checkpoint(uplink, frame->checkpoint, ticks);
	else if (frame->proof != NULL)
		proving_take(uplink, frame->proof);
	else if (frame->look_rows != NULL)
		looking_take(uplink, frame->look_rows);
	else if (frame->staged != NULL)
		adopt_staged(uplink, frame->staged);
	else if (frame->drain != NULL) {
		log_event(LOG_INFO, "broker is draining", NULL);
		uplink->draining = true;	/* until the next WELCOME */
	}
}

void
uplink_receive(struct uplink *uplink, struct span bytes, int64_t ticks)
{
	struct agent *agent = uplink->agent;
	ProtobufCMessage *message;
	const Sk__Frame *frame;
	struct fault fault = { 0 };

	if (uplink->state == UPLINK_STOPPED)
		return;
	arena_reset(&agent->frame);
	if (wire_decode(&sk__frame__descriptor, "frame", bytes.bytes,
	    bytes.size, FRAME_BYTES_MAX, &agent->frame, &message, &fault) !=
	    SK_OK) {
		log_event(LOG_ERROR, "frame of the broker not understood",
		    "code=%s field=%s size=%zu", error_name(fault.code),
		    fault.field, bytes.size);
		return;
	}
	frame = (const Sk__Frame *)message;
	if (frame->bye != NULL)
		on_bye(uplink, frame->bye, ticks);
	else if (frame->welcome != NULL)
		welcome_take(uplink, frame->welcome, ticks);
	else if (frame->pong != NULL)
		agent_heard_time(agent, frame->pong->now);
	else if (uplink->state == UPLINK_UP ||
	    uplink->state == UPLINK_FETCHING)
		/* Of a session before WELCOME: it comes again after it. */
		in_session(uplink, frame, bytes.size, ticks);
}

/* ---- after the commit */

static bool
send_ack(struct uplink *uplink)
{
	const struct meta *meta = archive_meta(uplink->agent->archive);
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Ack ack = SK__ACK__INIT;
	size_t size;

	ack.has_mailbox_journal = ack.has_stored = 1;
	ack.mailbox_journal = meta->mailbox_journal;
	ack.stored = meta->mailbox_stored;
	ack.has_credit_messages = ack.has_credit_bytes = 1;
	ack.credit_messages = uplink->taken_messages + UPLINK_WINDOW_MESSAGES;
	ack.credit_bytes = uplink->taken_bytes + UPLINK_WINDOW_BYTES;
	frame.ack = &ack;
	arena_reset(&uplink->agent->frame);
	if (session_send(uplink, &frame, &size) != SK_OK)
		return false;
	uplink->acknowledge = false;
	return true;
}

/* Nothing came in time. */
static void
overdue(struct uplink *uplink, int64_t ticks)
{
	if ((uplink->state == UPLINK_HELD ||
	    uplink->state == UPLINK_FETCHING) && ticks >= uplink->due) {
		session_resync(uplink);
	} else if (uplink->state == UPLINK_GREETING && !uplink->greet &&
	    ticks >= uplink->due) {
		if (uplink->silent++ == 0)
			log_event(LOG_WARN, "no WELCOME from the broker", NULL);
		say(uplink, "de broker antwoordt niet op de begroeting: hij "
		    "laat deze deelnemer (nog) niet toe of is bezig",
		    "the broker does not answer the greeting: it does not "
		    "admit this participant (yet), or is busy");
		session_resync(uplink);
	} else if (uplink->state == UPLINK_UP && uplink->flights > 0 &&
	    ticks - uplink->flight[0].sent_at >= UPLINK_RECEIPT_MS) {
		log_event(LOG_WARN, "no receipts in time", "number=%llu",
		    (unsigned long long)uplink->flight[0].first_number);
		session_resync(uplink);
	}
}

/* What is kept is on disk by now: only then a witness may sign for it. */
static bool
cosign(struct uplink *uplink, int64_t ticks)
{
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Cosignature cosignature = SK__COSIGNATURE__INIT;
	uint8_t line[NOTE_LINE_MAX];
	size_t size;

	if (witness_sign(uplink->agent, ticks,
	    &cosignature, line) != SK_OK)
		return false;
	frame.cosignature = &cosignature;
	return session_send(uplink, &frame, &size) == SK_OK;
}

bool
uplink_push(struct uplink *uplink, int64_t ticks)
{
	bool sent = false;

	if (!uplink->connected || uplink->state == UPLINK_STOPPED)
		return false;
	overdue(uplink, ticks);
	if (uplink->reseal_more) {
		/* committed before any of it is sent: with the next step */
		submit_reseal(uplink);
		return true;
	}
	if (uplink->greet)
		return welcome_send_hello(uplink, ticks);
	if (uplink->fetching.ask)
		sent = welcome_send_fetch(uplink);
	if (uplink->acknowledge)
		sent = send_ack(uplink) || sent;
	if (uplink->state == UPLINK_UP) {
		sent = proving_send(uplink) || sent;
		sent = looking_send(uplink) || sent;
	}
	if (uplink->state == UPLINK_UP)
		sent = cosign(uplink, ticks) || sent;
	while (uplink->state == UPLINK_UP && !uplink->draining &&
	    !uplink->agent->forked && (adopt_resend(uplink, ticks) ||
	    submit_send(uplink, ticks)))
		sent = true;
	return sent;
}

void
uplink_lost(struct uplink *uplink, int64_t ticks)
{
	if (uplink->state == UPLINK_STOPPED)
		return;
	session_hold(uplink, ticks + UPLINK_HOLD_MS,
	    "de eigen opslag weigert; er wordt niets bevestigd",
	    "the own store fails; nothing is acknowledged");
}

int64_t
uplink_due(const struct uplink *uplink)
{
	int64_t due = uplink->due, sign;

	if (!uplink->connected)
		return INT64_MAX;
	if (uplink->state == UPLINK_UP && uplink->flights > 0)
		due = uplink->flight[0].sent_at + UPLINK_RECEIPT_MS;
	sign = uplink->state != UPLINK_UP ? INT64_MAX :
	    witness_due(uplink->agent, 0);
	return sign < due ? sign : due;
}

enum uplink_state
uplink_state(const struct uplink *uplink)
{
	return uplink->state;
}

void
uplink_why(const struct uplink *uplink, const char **dutch,
    const char **english)
{
	*dutch = uplink->why_nl;
	*english = uplink->why;
}
