/*
 * submit.c - out of the outbox: SUBMITs, their receipts and rejections.
 */
#include <string.h>

#include "agents/agent/joiner.h"
#include "agents/agent/outbox.h"
#include "agents/agent/session.h"
#include "broker/lib/log.h"

/* What a SUBMIT adds to its envelopes: frame and submit tags, number, key id,
 * signature; and each envelope's own tag and length. */
#define SUBMIT_OVERHEAD 192
#define ENVELOPE_OVERHEAD 8

struct gathering {
	struct uplink *uplink;
	struct flight *flight;
	size_t count_max;
	size_t bytes;
	uint64_t next_sequence;
};

static bool
gather_one(void *context, uint64_t sequence, const struct envelope_id *id)
{
	struct gathering *g = context;
	struct own_row row;

	if (g->flight->count == g->count_max ||
	    own_get(g->uplink->agent->archive, id, &row) != SK_OK)
		return false;
	if (g->bytes + row.bytes + ENVELOPE_OVERHEAD > FRAME_BYTES_MAX)
		return false;
	g->bytes += row.bytes + ENVELOPE_OVERHEAD;
	g->flight->id[g->flight->count++] = *id;
	g->next_sequence = sequence + 1;
	return true;
}

/* Read the envelopes and link them: e of each, their root, the next link. */
static enum sk_error
link_envelopes(struct uplink *uplink, struct flight *flight,
    Sk__Envelope **envelopes)
{
	struct agent *agent = uplink->agent;
	uint8_t e[SUBMIT_ENVELOPES_MAX][DIGEST_SIZE], root[DIGEST_SIZE];
	enum sk_error rc;

	for (size_t i = 0; i < flight->count; i++) {
		rc = own_envelope(agent->archive, &flight->id[i],
		    &agent->frame, &envelopes[i]);
		/* What is erased may only be sent again, after a restore. */
		if (rc != SK_OK && rc != SK_ERASED)
			return rc;
		if ((rc = chain_e_of(envelopes[i], e[i], NULL)) != SK_OK)
			return rc;
	}
	digest_tree_root(root, (const uint8_t (*)[DIGEST_SIZE])e,
	    flight->count);
	flight->link.count = flight->count;
	memcpy(flight->link.previous, uplink->link, DIGEST_SIZE);
	memcpy(flight->link.key_id, agent->identity.sign_id, DIGEST_SIZE);
	chain_next_link(flight->link.link, uplink->link, flight->first_number,
	    flight->count, root);
	return chain_sign(flight->link.signature,
	    agent_origin(agent), agent_self(agent),
	    agent->identity.sign_public, agent->identity.sign_secret,
	    flight->link.link);
}

enum sk_error
submit_fill(struct uplink *uplink, struct flight *flight, Sk__Submit *submit,
    Sk__Envelope **envelopes)
{
	enum sk_error rc;

	arena_reset(&uplink->agent->frame);
	if ((rc = link_envelopes(uplink, flight, envelopes)) != SK_OK)
		return rc;
	submit->has_first_number = submit->has_key_id = 1;
	submit->has_signature = 1;
	submit->first_number = flight->first_number;
	submit->n_envelopes = flight->count;
	submit->envelopes = envelopes;
	submit->key_id.data = flight->link.key_id;
	submit->key_id.len = DIGEST_SIZE;
	submit->signature.data = flight->link.signature;
	submit->signature.len = SIGNATURE_SIZE;
	return SK_OK;
}

static enum sk_error
send_flight(struct uplink *uplink, struct flight *flight, size_t *size)
{
	Sk__Envelope *envelopes[SUBMIT_ENVELOPES_MAX];
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Submit submit = SK__SUBMIT__INIT;
	enum sk_error rc;

	if ((rc = submit_fill(uplink, flight, &submit, envelopes)) != SK_OK)
		return rc;
	frame.submit = &submit;
	return session_send(uplink, &frame, size);
}

bool
submit_send(struct uplink *uplink, int64_t ticks)
{
	struct flight *flight = &uplink->flight[uplink->flights];
	struct gathering gathering = {
		.uplink = uplink,
		.flight = flight,
		.count_max = SUBMIT_ENVELOPES_MAX,
		.bytes = SUBMIT_OVERHEAD,
		.next_sequence = uplink->next_sequence,
	};
	uint64_t credit = 0;
	size_t size;
	enum sk_error rc;

	/* What was said before the restore goes before what was not. */
	if (uplink->flights == UPLINK_IN_FLIGHT_MAX || uplink->recovery ||
	    uplink->next_number <= archive_meta(
	    uplink->agent->archive)->former_last)
		return false;
	if (uplink->credit_messages > uplink->sent_messages)
		credit = uplink->credit_messages - uplink->sent_messages;
	if (credit < gathering.count_max)
		gathering.count_max = (size_t)credit;
	flight->count = 0;
	flight->first_number = uplink->next_number;
	rc = outbox_walk(uplink->agent->archive, uplink->next_sequence,
	    gather_one, &gathering);
	if (rc != SK_OK || flight->count == 0 ||
	    (uplink->flights > 0 && uplink->sent_bytes + gathering.bytes >
	    uplink->credit_bytes))
		return false;
	if ((rc = send_flight(uplink, flight, &size)) != SK_OK) {
		if (rc != SK_TIMEOUT && rc != SK_NOT_CONNECTED)
			log_event(LOG_ERROR, "submit not made",
			    "number=%llu code=%s",
			    (unsigned long long)flight->first_number,
			    error_name(rc));
		return false;
	}
	flight->sent_at = ticks;
	uplink->flights++;
	uplink->sent_messages += flight->count;
	uplink->sent_bytes += size;
	uplink->next_number += flight->count;
	uplink->next_sequence = gathering.next_sequence;
	memcpy(uplink->link, flight->link.link, DIGEST_SIZE);
	return true;
}

static void
log_refusal(const struct own_row *row)
{
	if (row->accepted)
		return;
	log_event(LOG_WARN, "message refused",
	    "number=%llu position=%llu kind=%s code=%s field=%s",
	    (unsigned long long)row->number,
	    (unsigned long long)row->position, kind_info(row->kind) == NULL ?
	    "?" : kind_info(row->kind)->name,
	    error_name((enum sk_error)row->code), row->field);
}

/* Refused for a recipient's key, not by the rules: sealed anew, as soon as
 * the directory vouches for the new key. */
static void
remember_reseal(struct uplink *uplink, const struct own_row *row)
{
	if (!row->accepted && row->code == SK_KEY_NOT_CURRENT &&
	    row->replaced_by.number == 0)
		joiner_wait_for_key(uplink->agent, &row->id);
}

void
submit_reseal(struct uplink *uplink)
{
	uplink->reseal_more = joiner_work(uplink->agent, true);
}

static enum sk_error
take_receipts(struct uplink *uplink, const struct flight *flight,
    const Sk__Receipts *receipts)
{
	struct archive *archive = uplink->agent->archive;
	struct own_row row;
	enum sk_error rc;

	for (size_t i = 0; i < flight->count; i++) {
		if (receipts->receipts[i]->number != flight->first_number + i)
			return SK_MALFORMED;
		if ((rc = own_get(archive, &flight->id[i], &row)) != SK_OK ||
		    (rc = own_receipted(archive, &row, receipts->receipts[i],
		    flight->first_number)) != SK_OK)
			return rc;
		log_refusal(&row);
		remember_reseal(uplink, &row);
		joiner_hear_own(uplink->agent, &row);
		agent_heard_time(uplink->agent, row.instant);
	}
	return SK_OK;
}

void
submit_receipts(struct uplink *uplink, const Sk__Receipts *receipts)
{
	struct meta *meta = archive_meta(uplink->agent->archive);
	const struct flight *flight = &uplink->flight[0];

	if (receipts->credit_messages > uplink->credit_messages)
		uplink->credit_messages = receipts->credit_messages;
	if (receipts->credit_bytes > uplink->credit_bytes)
		uplink->credit_bytes = receipts->credit_bytes;
	if (receipts->n_receipts == 0)
		return;
	/* A SUBMIT is answered whole and in order. What fits none in flight is
	 * of a batch before a WELCOME: its numbers may mean others now. */
	if (uplink->flights == 0 || receipts->n_receipts != flight->count ||
	    take_receipts(uplink, flight, receipts) != SK_OK) {
		log_event(LOG_WARN, "receipts do not fit", "number=%llu",
		    (unsigned long long)receipts->receipts[0]->number);
		session_resync(uplink);
		return;
	}
	own_link_put(uplink->agent->archive, flight->first_number,
	    &flight->link);
	meta->last_number = flight->first_number + flight->count - 1;
	if (meta->former_last < meta->last_number)
		meta->former_last = meta->last_number;
	memcpy(meta->last_link, flight->link.link, DIGEST_SIZE);
	archive_touch(uplink->agent->archive);
	uplink->flights--;
	memmove(&uplink->flight[0], &uplink->flight[1],
	    uplink->flights * sizeof(uplink->flight[0]));
	submit_reseal(uplink);
}

void
submit_rejected(struct uplink *uplink, const Sk__Rejected *rejected,
    int64_t ticks)
{
	enum sk_error code = (enum sk_error)rejected->code;
	int64_t wait_ms = UPLINK_HELLO_MS;
	int64_t now = agent_now(uplink->agent);

	log_event(code == SK_SIGNATURE_WRONG ? LOG_ERROR : LOG_WARN,
	    "submit rejected", "number=%llu code=%s field=%s hint=%s",
	    (unsigned long long)rejected->first_number, error_name(code),
	    rejected->field == NULL ? "" : rejected->field,
	    rejected->hint == NULL ? "" : rejected->hint);
	if (code == SK_CHAIN_GAP || code == SK_CHAIN_FORK)
		wait_ms = 1000;	/* the greeting finds out; never in a tight circle */
	if (rejected->has_not_before && !uplink->agent->test &&
	    rejected->not_before > now)
		wait_ms = rejected->not_before - now;
	else if (rejected->has_not_before)
		wait_ms = 1000;
	if (wait_ms > UPLINK_HOLD_MS)
		wait_ms = UPLINK_HOLD_MS;
	session_hold(uplink, ticks + wait_ms, error_text_nl(code),
	    error_text(code));
}
