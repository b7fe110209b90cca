#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker/edge/internal.h"

static bool
peer_equal(const struct link_peer *a, const struct link_peer *b)
{
	return a->id_size == b->id_size && memcmp(a->id, b->id, a->id_size) == 0;
}

struct session *
session_by_peer(struct broker *broker, const struct link_peer *peer)
{
	/* One that closes may stand beside its successor on one connection. */
	for (size_t i = 0; i < broker->n_sessions; i++)
		if (!broker->sessions[i]->closing &&
		    peer_equal(&broker->sessions[i]->peer, peer))
			return broker->sessions[i];
	return NULL;
}

struct session *
session_of(struct broker *broker, uint64_t participant)
{
	for (size_t i = 0; i < broker->n_sessions; i++)
		if (broker->sessions[i]->participant == participant &&
		    !broker->sessions[i]->closing)
			return broker->sessions[i];
	return NULL;
}

static struct contest *
contest_of(struct broker *broker, uint64_t participant)
{
	struct contest *oldest = &broker->contest[0];

	for (size_t i = 0; i < CONTESTS_MAX; i++) {
		struct contest *contest = &broker->contest[i];

		if (contest->participant == participant)
			return contest;
		if (contest->first < oldest->first)
			oldest = contest;
	}
	memset(oldest, 0, sizeof(*oldest));
	oldest->participant = participant;
	return oldest;
}

/*
 * ZeroMQ does not tell when a peer goes; only sending shows it. The time is
 * what any agent may be told unasked.
 */
static bool
is_there(struct broker *broker, const struct session *session)
{
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Pong pong = SK__PONG__INIT;
	uint8_t bytes[64];

	pong.has_token = pong.has_now = 1;
	pong.now = clock_now(&broker->clock);
	frame.pong = &pong;
	assert(sk__frame__get_packed_size(&frame) <= sizeof(bytes));
	return link_server_send(broker->link, &session->peer, bytes,
	    sk__frame__pack(&frame, bytes)) != SK_NOT_CONNECTED;
}

/*
 * Two agents under one key evict each other for ever. A takeover from a live
 * session by another boot id counts; at the third within ten minutes both
 * are held for as long, and the operator is told.
 */
enum sk_error
session_contest(struct broker *broker, uint64_t participant,
    const uint8_t boot[BOOT_SIZE])
{
	struct contest *contest = contest_of(broker, participant);
	struct session *live = session_of(broker, participant);
	int64_t ticks = clock_ticks();

	if (contest->held_until > ticks)
		return SK_SESSION_CONTESTED;
	/* One agent that falls and starts again evicts nobody. */
	if (live == NULL || memcmp(live->boot, boot, BOOT_SIZE) == 0 ||
	    !is_there(broker, live))
		return SK_OK;
	if (contest->takeovers == 0 || ticks - contest->first > CONTEST_MS) {
		contest->takeovers = 0;
		contest->first = ticks;
	}
	if (++contest->takeovers < CONTEST_TAKEOVERS)
		return SK_OK;
	contest->takeovers = 0;
	contest->held_until = ticks + CONTEST_MS;
	log_event(LOG_ERROR, "two agents use one key, both held",
	    "participant=%llu minutes=%d", (unsigned long long)participant,
	    CONTEST_MS / 60000);
	session_bye(broker, live, SK_SESSION_CONTESTED, NULL);
	return SK_SESSION_CONTESTED;
}

static void
outs_free(struct session *session)
{
	struct out *out;

	while ((out = session->out_first) != NULL) {
		session->out_first = out->next;
		free(out);
	}
	session->out_last = &session->out_first;
	session->outs = session->outs_bytes = 0;
}

struct session *
session_open(struct broker *broker, const struct link_peer *peer,
    uint64_t participant, const uint8_t boot[BOOT_SIZE])
{
	struct session *older = session_of(broker, participant), *session;
	struct session **grown;

	if (older != NULL && peer_equal(&older->peer, peer))
		session_close(broker, older);	/* HELLO again on one connection */
	else if (older != NULL)
		session_bye(broker, older, SK_SESSION_REPLACED, NULL);
	if (broker->n_sessions == broker->sessions_max) {
		grown = realloc(broker->sessions,
		    (broker->sessions_max + 64) * sizeof(struct session *));
		if (grown == NULL)
			return NULL;
		broker->sessions = grown;
		broker->sessions_max += 64;
	}
	if ((session = calloc(1, sizeof(*session))) == NULL)
		return NULL;
	session->peer = *peer;
	session->participant = participant;
	session->epoch = ++broker->epochs;
	session->out_last = &session->out_first;
	memcpy(session->boot, boot, BOOT_SIZE);
	broker->sessions[broker->n_sessions++] = session;
	return session;
}

void
session_close(struct broker *broker, struct session *session)
{
	for (size_t i = 0; i < broker->n_sessions; i++) {
		if (broker->sessions[i] != session)
			continue;
		broker->sessions[i] = broker->sessions[--broker->n_sessions];
		break;
	}
	log_event(LOG_INFO, "session closed", "participant=%llu",
	    (unsigned long long)session->participant);
	outs_free(session);
	free(session);
}

/* ---- who was told to go

 * ZeroMQ asks ZAP at the handshake only, so that a key which is not admitted
 * any more keeps the connection that it has: until it is closed here.
 */
static void
farewell(struct broker *broker, const struct link_peer *peer, int64_t wait_ms)
{
	struct farewell *place = &broker->farewell[0];

	for (size_t i = 0; i < FAREWELLS_MAX; i++) {
		struct farewell *other = &broker->farewell[i];

		/* It says more and is told again: that wins no time. */
		if (other->due != 0 && peer_equal(&other->peer, peer))
			return;
		if (other->due < place->due)
			place = other;
	}
	/* With no place left the one that waits longest goes now. */
	if (place->due != 0)
		link_server_drop(broker->link, &place->peer);
	place->peer = *peer;
	place->due = clock_ticks() + wait_ms;
	place->tries = 0;
}

void
session_farewells(struct broker *broker, int64_t ticks)
{
	for (size_t i = 0; i < FAREWELLS_MAX; i++) {
		struct farewell *one = &broker->farewell[i];

		if (one->due == 0 || one->due > ticks)
			continue;
		link_server_drop(broker->link, &one->peer);
		if (++one->tries < FAREWELL_TRIES)
			one->due = ticks + FAREWELL_MS;
		else
			memset(one, 0, sizeof(*one));
	}
}

int64_t
session_farewell_due(const struct broker *broker)
{
	int64_t due = INT64_MAX;

	for (size_t i = 0; i < FAREWELLS_MAX; i++)
		if (broker->farewell[i].due != 0 &&
		    broker->farewell[i].due < due)
			due = broker->farewell[i].due;
	return due;
}

void
session_queue(struct broker *broker, struct session *session,
    const Sk__Frame *frame)
{
	size_t size = sk__frame__get_packed_size(frame);
	struct out *out;

	assert(size <= FRAME_BYTES_MAX);
	if (session->outs >= SESSION_OUT_MAX ||
	    session->outs_bytes + size > SESSION_OUT_BYTES ||
	    (out = malloc(sizeof(*out) + size)) == NULL) {
		/* A peer that does not read costs itself its session only. */
		log_event(LOG_WARN, "peer too slow, session ends",
		    "participant=%llu frames=%zu",
		    (unsigned long long)session->participant, session->outs);
		outs_free(session);
		session->closing = true;
		farewell(broker, &session->peer, 0);
		return;
	}
	out->next = NULL;
	out->size = sk__frame__pack(frame, out->bytes);
	*session->out_last = out;
	session->out_last = &out->next;
	session->outs++;
	session->outs_bytes += size;
}

static void
bye_frame(Sk__Frame *frame, Sk__Bye *bye, enum sk_error code,
    const char *text)
{
	sk__frame__init(frame);
	sk__bye__init(bye);
	bye->has_code = 1;
	bye->code = code;
	bye->text = (char *)(uintptr_t)(text != NULL ? text : error_text(code));
	frame->bye = bye;
}

void
session_bye(struct broker *broker, struct session *session,
    enum sk_error code, const char *text)
{
	Sk__Frame frame;
	Sk__Bye bye;

	if (session->closing)
		return;
	bye_frame(&frame, &bye, code, text);
	session_queue(broker, session, &frame);
	session->closing = true;
	if (code == SK_SENDER_REVOKED)
		farewell(broker, &session->peer, FAREWELL_MS);
	log_event(LOG_WARN, "session ended by the broker",
	    "participant=%llu code=%s",
	    (unsigned long long)session->participant, error_name(code));
}

void
peer_bye(struct broker *broker, const struct link_peer *peer,
    enum sk_error code, const char *text)
{
	uint8_t bytes[512];
	Sk__Frame frame;
	Sk__Bye bye;

	bye_frame(&frame, &bye, code, text);
	if (sk__frame__get_packed_size(&frame) <= sizeof(bytes))
		link_server_send(broker->link, peer, bytes,
		    sk__frame__pack(&frame, bytes));
	if (code == SK_SENDER_REVOKED)
		farewell(broker, peer, FAREWELL_MS);
}

static void
flush_one(struct broker *broker, struct session *session)
{
	struct out *out;
	enum sk_error rc;

	while ((out = session->out_first) != NULL) {
		rc = link_server_send(broker->link, &session->peer, out->bytes,
		    out->size);
		if (rc == SK_TIMEOUT)
			return;
		if (rc != SK_OK) {
			outs_free(session);
			session->closing = true;
			return;
		}
		session->out_first = out->next;
		if (session->out_first == NULL)
			session->out_last = &session->out_first;
		session->outs--;
		session->outs_bytes -= out->size;
		free(out);
	}
}

void
session_flush_all(struct broker *broker)
{
	for (size_t i = broker->n_sessions; i-- > 0; ) {
		struct session *session = broker->sessions[i];

		flush_one(broker, session);
		if (session->closing && session->out_first == NULL)
			session_close(broker, session);
	}
}

void
session_free_all(struct broker *broker)
{
	while (broker->n_sessions > 0)
		session_close(broker, broker->sessions[0]);
	free(broker->sessions);
	broker->sessions = NULL;
	broker->sessions_max = 0;
}
