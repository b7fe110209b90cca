/*
 * adopt.c - the broker was restored from a backup: its journal goes on under
 * the next n when operators that this agent knows signed for it, and what lies
 * behind the backup is sent again with the receipts of before.
 */
#include <string.h>

#include "agents/agent/cases.h"
#include "agents/agent/charters.h"
#include "agents/agent/directory.h"
#include "agents/agent/erase.h"
#include "agents/agent/evidence.h"
#include "agents/agent/outbox.h"
#include "agents/agent/session.h"
#include "broker/lib/log.h"
#include "proto/restore.h"

/* What a receipt and its field add to an envelope of a frame. */
#define RECEIPT_OVERHEAD 640
#define RESEND_OVERHEAD 256
#define AT_ONCE 256u

/* ---- is it so? */

/* Every restore between the journal that this agent knows and the one that
 * is welcomed, each under the name of the one before it. *kept: how much of
 * what this agent was told still stands. */
static enum sk_error
check_restores(const struct agent *agent, const Sk__Welcome *w,
    uint64_t *kept, struct fault *fault)
{
	const uint64_t mine = origin_number(agent_origin(agent));
	static struct charters charters;
	const struct charter *charter = &charters.charter;
	char origin[ORIGIN_MAX];
	struct restore restore;
	uint64_t first, number;
	enum sk_error rc;

	*kept = UINT64_MAX;
	if (!origin_is_of(agent_origin(agent), w->origin, 1) ||
	    origin_number(w->origin) <= w->n_restores)
		return fault_set(fault, SK_ORIGIN_WRONG, "welcome.origin",
		    NULL);
	rc = charters_load(agent->archive, &charters);
	if (rc == SK_OK && charters.n == 0)
		rc = charter_found(&charters.charter, (struct span){
		    w->founding_leaf.data, w->founding_leaf.len },
		    agent->identity.invitation.founding);
	if (rc != SK_OK || charter->test != agent->test)
		return fault_set(fault, SK_MALFORMED, "welcome.founding_leaf",
		    "the founding entry of the invitation");
	first = origin_number(w->origin) - w->n_restores;
	for (size_t i = 0; i < w->n_restores; i++) {
		number = first + i;
		if (number < mine)
			continue;
		if (origin_with(w->origin, number, origin) != SK_OK)
			return fault_set(fault, SK_ORIGIN_WRONG,
			    "welcome.origin", NULL);
		rc = restore_read((struct span){ w->restores[i].data,
		    w->restores[i].len }, origin,
		    (const uint8_t (*)[32])charter->operator_key,
		    charter->operators, charter->test, &restore, fault);
		if (rc != SK_OK)
			return rc;
		if (restore.size < *kept)
			*kept = restore.size;
	}
	return *kept == UINT64_MAX ? fault_set(fault, SK_ORIGIN_WRONG,
	    "welcome.restores", "none from %s on", agent_origin(agent)) :
	    SK_OK;
}

/* What the backup has of my chain must be its beginning. */
static bool
chain_goes_on(struct agent *agent, const Sk__Welcome *w)
{
	const struct meta *meta = archive_meta(agent->archive);
	struct link_row link;

	if (w->last_link.len != DIGEST_SIZE)
		return false;
	if (w->last_number > meta->last_number)
		return true;	/* fetched, and followed then */
	if (w->last_number == meta->last_number)
		return memcmp(w->last_link.data, meta->last_link,
		    DIGEST_SIZE) == 0;
	return own_link(agent->archive, w->last_number + 1, &link) == SK_OK &&
	    memcmp(link.previous, w->last_link.data, DIGEST_SIZE) == 0;
}

/* ---- from then on */

struct listing {
	uint64_t key[AT_ONCE];
	size_t n;
};

static bool
list_key(void *context, struct span key, struct span value)
{
	struct listing *listing = context;

	(void)value;
	if (key.size == sizeof(uint64_t))
		memcpy(&listing->key[listing->n++], key.bytes,
		    sizeof(uint64_t));
	return listing->n < AT_ONCE;
}

/* Rows of an integer table from a key on. */
static enum sk_error
remove_from(struct archive *archive, enum archive_table table, uint64_t from)
{
	struct listing listing;
	enum sk_error rc;

	do {
		listing.n = 0;
		rc = archive_walk(archive, table, SPAN_U64(from), list_key,
		    &listing);
		for (size_t i = 0; i < listing.n; i++)
			archive_del(archive, table, SPAN_U64(listing.key[i]));
	} while (rc == SK_OK && listing.n == AT_ONCE);
	return rc;
}

static enum sk_error
begin_anew(struct agent *agent, const Sk__Welcome *w, uint64_t kept)
{
	struct meta *meta = archive_meta(agent->archive);
	enum sk_error rc;

	if ((rc = cases_restored(agent->archive, kept)) != SK_OK ||
	    (rc = remove_from(agent->archive, TABLE_NOTICES, kept)) != SK_OK ||
	    (rc = remove_from(agent->archive, TABLE_AHEAD, 0)) != SK_OK ||
	    (rc = evidence_restored(agent, kept)) != SK_OK)
		return rc;
	erase_restored(agent, w->mailbox_journal, kept);
	if (meta->former_last < meta->last_number)
		meta->former_last = meta->last_number;
	if (w->last_number < meta->last_number) {
		meta->last_number = w->last_number;
		memcpy(meta->last_link, w->last_link.data, DIGEST_SIZE);
	}
	if (meta->last_position >= kept)
		meta->last_position = kept - 1;
	meta->mailbox_journal = w->mailbox_journal;
	meta->mailbox_stored = 0;
	memcpy(meta->origin, w->origin, strlen(w->origin) + 1);
	archive_touch(agent->archive);
	return SK_OK;
}

void
adopt(struct uplink *uplink, const Sk__Welcome *w)
{
	struct agent *agent = uplink->agent;
	struct fault fault = { 0 };
	uint64_t kept = 0;
	enum sk_error rc;

	rc = check_restores(agent, w, &kept, &fault);
	if (rc != SK_OK) {
		log_event(LOG_ERROR, "restore not accepted",
		    "code=%s field=%s hint=%s", error_name(rc), fault.field,
		    fault.hint);
		session_stop(uplink, SK_ROLLBACK,
		    "ROLLBACK: de broker zegt hersteld te zijn, maar de "
		    "beheerders tekenden daar niet voor",
		    "ROLLBACK: the broker says that it was restored, but the "
		    "operators did not sign for that");
		return;
	}
	if (!chain_goes_on(agent, w)) {
		session_stop(uplink, SK_CHAIN_FORK,
		    "de herstelde broker heeft een andere reeks berichten van "
		    "deze deelnemer",
		    "the restored broker holds another chain of this "
		    "participant's messages");
		return;
	}
	if ((rc = begin_anew(agent, w, kept)) != SK_OK) {
		log_event(LOG_ERROR, "restore not taken over", "code=%s",
		    error_name(rc));
		archive_abandon(agent->archive);
		session_hold(uplink, INT64_MAX, error_text_nl(rc),
		    error_text(rc));
		return;
	}
	log_event(LOG_WARN, "the broker was restored, its journal goes on",
	    "origin=%s kept=%llu number=%llu again_to=%llu", w->origin,
	    (unsigned long long)kept, (unsigned long long)w->last_number,
	    (unsigned long long)archive_meta(agent->archive)->former_last);
	session_resync(uplink);
}

/* ---- statements */

bool
adopt_brings_statements(const struct uplink *uplink, const Sk__Welcome *w)
{
	const struct agent *agent = uplink->agent;
	const struct meta *meta = archive_meta(agent->archive);

	return origin_number(agent_origin(agent)) > 1 &&
	    w->directory_count < meta->directory_count;
}

void
adopt_tell_statements(struct uplink *uplink, uint64_t first)
{
	struct agent *agent = uplink->agent;
	const uint64_t count = archive_meta(agent->archive)->directory_count;
	Sk__Statement *list[64];
	ProtobufCMessage *message;
	struct span value;
	size_t size;

	while (first < count) {
		Sk__Frame frame = SK__FRAME__INIT;
		Sk__Directory known = SK__DIRECTORY__INIT;

		arena_reset(&agent->scratch);
		known.has_first = 1;
		known.first = first;
		known.statements = list;
		for (; first < count && known.n_statements < 64; first++) {
			if (archive_get(agent->archive, TABLE_STATEMENTS,
			    SPAN_U64(first), &value) != SK_OK ||
			    wire_decode(&sk__statement__descriptor,
			    "statement", value.bytes, value.size,
			    STATEMENT_BYTES_MAX * 2, &agent->scratch, &message,
			    NULL) != SK_OK)
				return;
			list[known.n_statements++] = (Sk__Statement *)message;
		}
		frame.known = &known;
		arena_reset(&agent->frame);
		if (session_send(uplink, &frame, &size) != SK_OK)
			return;	/* with the next greeting */
	}
}

/* ---- messages */

static enum sk_error
fill_receipt(struct arena *arena, const struct own_row *row,
    Sk__Receipt **out)
{
	Sk__Receipt *receipt = arena_new(arena, Sk__Receipt, sk__receipt__init);
	Sk__Outcome *outcome = arena_new(arena, Sk__Outcome, sk__outcome__init);

	if (receipt == NULL || outcome == NULL)
		return SK_NO_MEMORY;
	receipt->has_number = receipt->has_position = receipt->has_instant =
	    receipt->has_leaf_hash = 1;
	receipt->number = row->number;
	receipt->position = row->position;
	receipt->instant = row->instant;
	receipt->leaf_hash.data = arena_copy(arena, row->leaf_hash,
	    DIGEST_SIZE);
	receipt->leaf_hash.len = DIGEST_SIZE;
	receipt->outcome = outcome;
	outcome->has_accepted = 1;
	outcome->accepted = row->accepted;
	if (!row->accepted) {
		outcome->has_code = outcome->has_use_participant = 1;
		outcome->code = row->code;
		outcome->field = arena_string(arena, row->field);
		outcome->hint = arena_string(arena, row->hint);
		outcome->use_participant = row->use_participant;
	}
	*out = receipt;
	return receipt->leaf_hash.data == NULL ? SK_NO_MEMORY : SK_OK;
}

/* From next_number on, within the SUBMIT that it was of and one frame. */
static size_t
gather(struct uplink *uplink, struct flight *flight, struct own_row *rows)
{
	const uint64_t last = archive_meta(uplink->agent->archive)->former_last;
	size_t bytes = RESEND_OVERHEAD, n = 0;

	while (n < SUBMIT_ENVELOPES_MAX && uplink->next_number + n <= last &&
	    own_by_number(uplink->agent->archive, uplink->next_number + n,
	    &rows[n]) == SK_OK) {
		bytes += rows[n].bytes + RECEIPT_OVERHEAD;
		if (n > 0 && (bytes > FRAME_BYTES_MAX ||
		    rows[n].first_number != rows[0].first_number ||
		    rows[n].journal != rows[0].journal))
			break;
		flight->id[n] = rows[n].id;
		n++;
	}
	flight->first_number = uplink->next_number;
	flight->count = n;
	return n;
}

static enum sk_error
send_again(struct uplink *uplink, struct flight *flight,
    const struct own_row *rows, size_t *size)
{
	struct agent *agent = uplink->agent;
	Sk__Envelope *envelopes[SUBMIT_ENVELOPES_MAX];
	Sk__Receipt *receipts[SUBMIT_ENVELOPES_MAX];
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Submit submit = SK__SUBMIT__INIT;
	Sk__Resend resend = SK__RESEND__INIT;
	enum sk_error rc;

	rc = submit_fill(uplink, flight, &submit, envelopes);
	for (size_t i = 0; i < flight->count && rc == SK_OK; i++)
		rc = fill_receipt(&agent->frame, &rows[i], &receipts[i]);
	if (rc != SK_OK)
		return rc;
	resend.submit = &submit;
	resend.n_receipts = flight->count;
	resend.receipts = receipts;
	resend.has_journal = 1;
	resend.journal = rows[0].journal != 0 ? rows[0].journal :
	    origin_number(agent->identity.invitation.origin);
	frame.resend = &resend;
	return session_send(uplink, &frame, size);
}

/* It is kept for resend_days and no longer: from there on there is nothing to
 * bring, and the chain goes on from what the broker has. */
static void
give_up(struct uplink *uplink)
{
	struct meta *meta = archive_meta(uplink->agent->archive);

	log_event(LOG_ERROR, "what the broker lost is not kept here any more",
	    "number=%llu to=%llu", (unsigned long long)uplink->next_number,
	    (unsigned long long)meta->former_last);
	meta->former_last = uplink->next_number - 1;
	archive_touch(uplink->agent->archive);
}

bool
adopt_resend(struct uplink *uplink, int64_t ticks)
{
	static struct own_row rows[SUBMIT_ENVELOPES_MAX];
	struct flight *flight = &uplink->flight[uplink->flights];
	size_t size;
	enum sk_error rc;

	if (uplink->flights == UPLINK_IN_FLIGHT_MAX || uplink->next_number >
	    archive_meta(uplink->agent->archive)->former_last)
		return false;
	if (gather(uplink, flight, rows) == 0) {
		if (uplink->flights == 0)
			give_up(uplink);
		return false;
	}
	if ((rc = send_again(uplink, flight, rows, &size)) != SK_OK) {
		if (rc != SK_TIMEOUT && rc != SK_NOT_CONNECTED)
			log_event(LOG_ERROR, "not sent again",
			    "number=%llu code=%s",
			    (unsigned long long)flight->first_number,
			    error_name(rc));
		return false;
	}
	flight->sent_at = ticks;
	uplink->flights++;
	uplink->next_number += flight->count;
	memcpy(uplink->link, flight->link.link, DIGEST_SIZE);
	return true;
}

void
adopt_staged(struct uplink *uplink, const Sk__Staged *staged)
{
	while (uplink->flights > 0 && uplink->flight[0].first_number +
	    uplink->flight[0].count - 1 <= staged->number) {
		uplink->flights--;
		memmove(&uplink->flight[0], &uplink->flight[1],
		    uplink->flights * sizeof(uplink->flight[0]));
	}
}
