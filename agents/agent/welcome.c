/*
 * welcome.c - how a session begins: HELLO, what WELCOME must agree with, and
 * FETCH of what this agent sent and does not know of.
 */
#include <string.h>

#include "agents/agent/charters.h"
#include "agents/agent/erase.h"
#include "agents/agent/evidence.h"
#include "agents/agent/outbox.h"
#include "agents/agent/session.h"
#include "broker/lib/log.h"
#include "proto/message.h"

static ProtobufCBinaryData
bytes_of(const void *bytes, size_t size)
{
	return (ProtobufCBinaryData){ size, (uint8_t *)(uintptr_t)bytes };
}

static void
fill_hello(struct agent *agent, Sk__Hello *hello,
    Sk__ErasureDone *erased[ERASURES_TOLD_MAX])
{
	const struct meta *meta = archive_meta(agent->archive);
	struct span note;

	hello->has_protocol_min = hello->has_protocol_max = 1;
	hello->protocol_min = hello->protocol_max = 1;
	hello->has_participant = hello->has_boot = 1;
	hello->participant = agent_self(agent);
	hello->boot = bytes_of(agent->boot, BOOT_SIZE);
	hello->has_last_receipt = hello->has_last_link = 1;
	hello->last_receipt = meta->last_number;
	hello->last_link = bytes_of(meta->last_link, DIGEST_SIZE);
	hello->has_last_position = meta->last_position != 0;
	hello->last_position = meta->last_position;
	hello->has_mailbox_journal = meta->mailbox_journal != 0;
	hello->mailbox_journal = meta->mailbox_journal;
	hello->has_mailbox_stored = 1;
	hello->mailbox_stored = meta->mailbox_stored;
	hello->has_directory_count = hello->has_directory_serial = 1;
	hello->has_directory_head = 1;
	hello->directory_count = meta->directory_count;
	hello->directory_serial = meta->head.serial;
	hello->directory_head = bytes_of(meta->head.digest, DIGEST_SIZE);
	hello->has_checkpoint = evidence_kept(agent, &note, NULL) == SK_OK;
	if (hello->has_checkpoint)
		hello->checkpoint = bytes_of(note.bytes, note.size);
	hello->origin = (char *)(uintptr_t)agent_origin(agent);
	hello->has_former_last = 1;
	hello->former_last = meta->former_last;
	hello->n_erasures_done = erase_list(agent, &agent->frame, erased);
	hello->erasures_done = erased;
	hello->has_credit_messages = hello->has_credit_bytes = 1;
	hello->credit_messages = UPLINK_WINDOW_MESSAGES;
	hello->credit_bytes = UPLINK_WINDOW_BYTES;
}

bool
welcome_send_hello(struct uplink *uplink, int64_t ticks)
{
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Hello hello = SK__HELLO__INIT;
	Sk__ErasureDone *erased[ERASURES_TOLD_MAX];
	size_t size;

	arena_reset(&uplink->agent->frame);
	fill_hello(uplink->agent, &hello, erased);
	frame.hello = &hello;
	/* Tried again in a while, whether it left or not. */
	uplink->state = UPLINK_GREETING;
	uplink->due = ticks + UPLINK_HELLO_MS;
	uplink->greet = false;
	return session_send(uplink, &frame, &size) == SK_OK;
}

/* ---- what WELCOME must agree with */

static bool
check_journal(struct uplink *uplink, const Sk__Welcome *w)
{
	const struct invitation *invitation =
	    &uplink->agent->identity.invitation;

	if (w->origin == NULL || strcmp(w->origin, agent_origin(uplink->agent)) != 0 ||
	    w->founding.len != DIGEST_SIZE ||
	    memcmp(w->founding.data, invitation->founding, DIGEST_SIZE) != 0 ||
	    w->mailbox_journal == 0) {
		session_stop(uplink, SK_ORIGIN_WRONG,
		    "de broker houdt een ander journaal bij dan waarvoor is "
		    "aangemeld", "the broker keeps another journal than the "
		    "one enrolled for");
		return false;
	}
	if ((w->test != 0) != uplink->agent->test) {
		session_stop(uplink, SK_NOT_A_TEST_JOURNAL,
		    "broker en uitnodiging zijn het niet eens of dit een "
		    "testjournaal is", "broker and invitation disagree on "
		    "whether this is a test journal");
		return false;
	}
	return true;
}

static bool
check_rollback(struct uplink *uplink, const Sk__Welcome *w)
{
	const struct meta *meta = archive_meta(uplink->agent->archive);
	struct checkpoint kept = { .size = 0 };
	struct span note;

	evidence_kept(uplink->agent, &note, &kept);
	if (w->last_number >= meta->last_number &&
	    w->journal_size > meta->last_position &&
	    w->journal_size >= kept.size &&
	    w->next_mailbox_number > meta->mailbox_stored &&
	    (adopt_brings_statements(uplink, w) ||
	    (w->directory_count >= meta->directory_count &&
	    w->directory_serial >= meta->head.serial)))
		return true;
	log_event(LOG_ERROR, "ROLLBACK: the broker knows less than before",
	    "number=%llu known=%llu entries=%llu position=%llu",
	    (unsigned long long)w->last_number,
	    (unsigned long long)meta->last_number,
	    (unsigned long long)w->journal_size,
	    (unsigned long long)meta->last_position);
	session_stop(uplink, SK_ROLLBACK,
	    "ROLLBACK: de broker kent minder dan deze agent al was verteld; "
	    "bel de beheerder van de broker",
	    "ROLLBACK: the broker knows less than this agent was told before; "
	    "call the broker's operator");
	return false;
}

static bool
check_forks(struct uplink *uplink, const Sk__Welcome *w)
{
	const struct meta *meta = archive_meta(uplink->agent->archive);

	if (w->last_link.len != DIGEST_SIZE ||
	    (w->last_number == meta->last_number &&
	    memcmp(w->last_link.data, meta->last_link, DIGEST_SIZE) != 0)) {
		session_stop(uplink, SK_CHAIN_FORK,
		    "de broker heeft een andere reeks berichten van deze "
		    "deelnemer dan deze agent",
		    "the broker holds another chain of this participant's "
		    "messages than this agent");
		return false;
	}
	if (w->directory_serial == meta->head.serial &&
	    (w->directory_head.len != DIGEST_SIZE ||
	    memcmp(w->directory_head.data, meta->head.digest, DIGEST_SIZE) !=
	    0)) {
		session_stop(uplink, SK_CHAIN_FORK,
		    "de broker heeft een andere deelnemerslijst dan deze agent",
		    "the broker holds another directory than this agent");
		return false;
	}
	return true;
}

/* Who signs for the region comes first: the rest is believed for that. */
static bool
check_charters(struct uplink *uplink, const Sk__Welcome *w)
{
	const struct directory_trust trust = agent_trust(uplink->agent);
	struct fault fault = { 0 };
	enum sk_error rc;

	rc = charters_follow(uplink->agent->archive, &trust, (struct span){
	    w->founding_leaf.data, w->founding_leaf.len }, w->charters,
	    w->n_charters, &fault);
	if (rc == SK_OK)
		return true;
	log_event(LOG_ERROR, "who signs for the region does not follow",
	    "code=%s field=%s hint=%s", error_name(rc), fault.field,
	    fault.hint);
	session_charter_stop(uplink, rc);
	return false;
}

static void
begin_fetch(struct uplink *uplink, const Sk__Welcome *w, int64_t ticks)
{
	const struct meta *meta = archive_meta(uplink->agent->archive);
	struct fetching *f = &uplink->fetching;

	log_event(LOG_WARN, "fetching what was sent and is not known here",
	    "from=%llu to=%llu", (unsigned long long)meta->last_number + 1,
	    (unsigned long long)w->last_number);
	memset(f, 0, sizeof(*f));
	f->next = meta->last_number + 1;
	f->target = w->last_number;
	memcpy(f->target_link, w->last_link.data, DIGEST_SIZE);
	memcpy(f->link, meta->last_link, DIGEST_SIZE);
	f->ask = true;
	uplink->state = UPLINK_FETCHING;
	uplink->due = ticks + UPLINK_RECEIPT_MS;
}

void
welcome_take(struct uplink *uplink, const Sk__Welcome *w, int64_t ticks)
{
	struct meta *meta = archive_meta(uplink->agent->archive);
	uint64_t known;
	bool brings;

	uplink->silent = 0;
	if (!check_charters(uplink, w))
		return;
	if (w->n_restores > 0 && w->origin != NULL &&
	    strcmp(w->origin, agent_origin(uplink->agent)) != 0) {
		adopt(uplink, w);
		return;
	}
	uplink->recovery = w->recovery;
	/* What is signed comes first: a rollback that the broker signed leaves
	 * evidence behind. */
	if (!check_journal(uplink, w) ||
	    !proving_checkpoint(uplink, w->checkpoint, ticks) ||
	    !check_rollback(uplink, w) || !check_forks(uplink, w))
		return;
	if (meta->mailbox_journal != w->mailbox_journal) {
		meta->mailbox_journal = w->mailbox_journal;
		archive_touch(uplink->agent->archive);
	}
	agent_heard_time(uplink->agent, w->now);
	uplink->taken_messages = uplink->taken_bytes = 0;
	uplink->sent_messages = uplink->sent_bytes = 0;
	uplink->credit_messages = w->credit_messages;
	uplink->credit_bytes = w->credit_bytes;
	uplink->flights = 0;
	witness_again(&uplink->agent->witness);
	uplink->acknowledge = uplink->fetching.ask = false;
	uplink->draining = false;
	log_event(LOG_INFO, "session opened",
	    "epoch=%llu number=%llu entries=%llu",
	    (unsigned long long)w->epoch, (unsigned long long)w->last_number,
	    (unsigned long long)w->journal_size);
	brings = adopt_brings_statements(uplink, w);
	known = w->directory_count;
	if (w->last_number > meta->last_number)
		begin_fetch(uplink, w, ticks);
	else
		session_go_on(uplink);
	/* It takes the frame's arena, in which WELCOME lies. */
	if (brings)
		adopt_tell_statements(uplink, known);
}

/* ---- FETCH */

bool
welcome_send_fetch(struct uplink *uplink)
{
	Sk__Frame frame = SK__FRAME__INIT;
	Sk__Fetch fetch = SK__FETCH__INIT;
	size_t size;

	fetch.has_from_number = 1;
	fetch.from_number = uplink->fetching.next;
	frame.fetch = &fetch;
	arena_reset(&uplink->agent->frame);
	if (session_send(uplink, &frame, &size) != SK_OK)
		return false;
	uplink->fetching.ask = false;
	return true;
}

/* A signing key of mine: the present one, or one that the directory knows. */
static enum sk_error
my_key(struct agent *agent, const ProtobufCBinaryData *key_id,
    uint8_t key[32])
{
	if (key_id->len != DIGEST_SIZE)
		return SK_MALFORMED;
	if (memcmp(key_id->data, agent->identity.sign_id, DIGEST_SIZE) == 0) {
		memcpy(key, agent->identity.sign_public, 32);
		return SK_OK;
	}
	return directory_sign_key(agent->archive, agent_self(agent),
	    key_id->data, key);
}

static enum sk_error
check_own(struct agent *agent, const Sk__Deliver *own, uint64_t number)
{
	const Sk__Provenance *p = own->provenance;
	uint8_t key[32];
	enum sk_error rc;

	if (p == NULL || p->number != number ||
	    p->sender != agent_self(agent) || p->origin == NULL ||
	    !agent_knows_origin(agent, p->origin))
		return SK_MALFORMED;
	if ((rc = my_key(agent, &p->key_id, key)) != SK_OK)
		return rc;
	return chain_check_provenance(p, own->envelope, key, NULL);
}

static void
row_of_header(const struct header *header, size_t bytes, struct own_row *row)
{
	memset(row, 0, sizeof(*row));
	row->id = header->id;
	row->kind = header->info->kind;
	row->case_ref = header->case_ref;
	row->reply_to = header->reply_to;
	row->person = header->person;
	row->on_behalf_of = header->on_behalf_of;
	row->written_at = header->written_at;
	row->event_date = header->event_date;
	row->has_event_date = header->has_event_date;
	row->recipients = header->recipients;
	for (size_t i = 0; i < header->recipients; i++)
		row->recipient[i] = header->recipient[i].participant;
	row->bytes = (uint32_t)bytes;
}

/* Out of the outbox when it is there, back into the archive when not. */
static enum sk_error
take_back(struct agent *agent, const Sk__Deliver *own,
    const Sk__Receipt *receipt)
{
	struct header header;
	struct own_row row;
	uint8_t *bytes;
	size_t size;
	enum sk_error rc;

	arena_reset(&agent->scratch);
	if (!own->envelope->has_header)
		return SK_OK;	/* erased, and it never decoded */
	rc = header_decode(own->envelope->header.data,
	    own->envelope->header.len, &agent->scratch, &header, NULL);
	if (rc != SK_OK)
		return SK_OK;	/* never of this build; its number is used */
	rc = own_get(agent->archive, &header.id, &row);
	if (rc == SK_NOT_FOUND) {
		rc = wire_encode(&own->envelope->base, &agent->scratch, &bytes,
		    &size);
		if (rc != SK_OK)
			return rc;
		row_of_header(&header, size, &row);
		own_restore(agent->archive, &row,
		    (struct span){ bytes, size });
	} else if (rc != SK_OK) {
		return rc;
	}
	/* A second use of an id was refused under a number of its own. */
	if (row.number != 0 && row.number != receipt->number)
		return SK_OK;
	return own_receipted(agent->archive, &row, receipt,
	    own->provenance->first_number);
}

/* At the end of a SUBMIT its link follows from what came; so far it is proven
 * that I said it. */
static enum sk_error
follow_chain(struct uplink *uplink, const Sk__Deliver *own)
{
	struct meta *meta = archive_meta(uplink->agent->archive);
	struct fetching *f = &uplink->fetching;
	const Sk__Provenance *p = own->provenance;
	uint8_t root[DIGEST_SIZE];
	enum sk_error rc;

	if (f->have == 0) {
		if (p->number != p->first_number ||
		    memcmp(p->previous_link.data, f->link, DIGEST_SIZE) != 0)
			return SK_CHAIN_FORK;
		f->first_number = p->first_number;
		f->count = (size_t)p->count;
		memcpy(f->row.previous, p->previous_link.data, DIGEST_SIZE);
		memcpy(f->row.key_id, p->key_id.data, DIGEST_SIZE);
		memcpy(f->row.signature, p->signature.data, SIGNATURE_SIZE);
	} else if (p->first_number != f->first_number ||
	    p->count != f->count) {
		return SK_CHAIN_FORK;
	}
	if ((rc = chain_e_of(own->envelope, f->e[f->have++], NULL)) != SK_OK)
		return rc;
	if (f->have < f->count)
		return SK_OK;
	digest_tree_root(root, (const uint8_t (*)[DIGEST_SIZE])f->e, f->count);
	f->row.count = f->count;
	chain_next_link(f->row.link, f->row.previous, f->first_number,
	    f->count, root);
	own_link_put(uplink->agent->archive, f->first_number, &f->row);
	memcpy(f->link, f->row.link, DIGEST_SIZE);
	meta->last_number = f->first_number + f->count - 1;
	if (meta->former_last < meta->last_number)
		meta->former_last = meta->last_number;
	memcpy(meta->last_link, f->link, DIGEST_SIZE);
	archive_touch(uplink->agent->archive);
	f->have = 0;
	return SK_OK;
}

static enum sk_error
take_own(struct uplink *uplink, const Sk__Deliver *own,
    const Sk__Receipt *receipt)
{
	struct fetching *f = &uplink->fetching;
	enum sk_error rc;

	if (receipt->number != f->next)
		return SK_CHAIN_GAP;
	f->next++;
	/* Erased at the broker: the link is followed through its digests. */
	if (own->envelope == NULL ||
	    chain_is_remains(own->envelope) != (own->erased != 0))
		return SK_MALFORMED;
	if ((rc = check_own(uplink->agent, own, receipt->number)) != SK_OK ||
	    (rc = take_back(uplink->agent, own, receipt)) != SK_OK)
		return rc;
	return follow_chain(uplink, own);
}

static void
end_fetch(struct uplink *uplink)
{
	struct meta *meta = archive_meta(uplink->agent->archive);
	struct fetching *f = &uplink->fetching;

	if (meta->last_number != f->target ||
	    memcmp(meta->last_link, f->target_link, DIGEST_SIZE) != 0) {
		session_stop(uplink, SK_CHAIN_FORK,
		    "wat de broker van deze deelnemer heeft, leidt niet tot "
		    "de reeks die hij noemt",
		    "what the broker holds of this participant does not lead "
		    "to the link that it names");
		return;
	}
	log_event(LOG_INFO, "own messages taken back", "number=%llu",
	    (unsigned long long)meta->last_number);
	session_go_on(uplink);
}

void
welcome_fetched(struct uplink *uplink, const Sk__Fetched *fetched,
    int64_t ticks)
{
	struct fetching *f = &uplink->fetching;
	enum sk_error rc = SK_OK;

	if (uplink->state != UPLINK_FETCHING)
		return;
	if (fetched->n_own != fetched->n_receipts)
		rc = SK_MALFORMED;
	for (size_t i = 0; rc == SK_OK && i < fetched->n_own; i++)
		if (f->next <= f->target)
			rc = take_own(uplink, fetched->own[i],
			    fetched->receipts[i]);
	if (rc != SK_OK) {
		session_stop(uplink, rc,
		    "wat de broker als eigen berichten teruggeeft, klopt niet",
		    "what the broker gives back as own messages does not "
		    "verify");
		return;
	}
	uplink->due = ticks + UPLINK_RECEIPT_MS;
	if (fetched->last || f->next > f->target)
		end_fetch(uplink);
}
