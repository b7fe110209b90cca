#include "agents/agent/receive.h"

#include <stdio.h>
#include <string.h>

#include "agents/agent/cases.h"
#include "agents/agent/compose.h"
#include "agents/agent/directory.h"
#include "agents/agent/erase.h"
#include "agents/agent/duty.h"
#include "agents/agent/hook.h"
#include "agents/agent/inbox.h"
#include "agents/agent/joiner.h"
#include "agents/agent/outbox.h"
#include "broker/lib/log.h"
#include "proto/chain.h"

static enum sk_error
check_signer(struct agent *agent, const Sk__Deliver *deliver,
    struct fault *fault)
{
	const Sk__Provenance *p = deliver->provenance;
	uint8_t key[32];
	enum sk_error rc;

	if (p == NULL || deliver->envelope == NULL)
		return fault_set(fault, SK_FIELD_MISSING, "provenance", NULL);
	if (p->key_id.len != DIGEST_SIZE || p->origin == NULL)
		return fault_set(fault, SK_FIELD_MISSING, "provenance.key_id",
		    NULL);
	if (!agent_knows_origin(agent, p->origin))
		return fault_set(fault, SK_ORIGIN_WRONG, "provenance.origin",
		    NULL);
	rc = directory_sign_key(agent->archive, p->sender, p->key_id.data,
	    key);
	if (rc != SK_OK)
		return fault_set(fault, rc, "provenance.key_id",
		    "participant %llu", (unsigned long long)p->sender);
	return chain_check_provenance(p, deliver->envelope, key, fault);
}

static enum sk_error
check_case(struct agent *agent, const Sk__Deliver *deliver,
    const struct header *header, uint64_t sender, struct fault *fault)
{
	struct envelope_ref told;
	struct case_card card;

	if (kind_names_itself(header->info) &&
	    header->case_ref.participant != sender)
		return fault_set(fault, SK_FIELD_INVALID,
		    "header.case_ref.participant", "an opening names itself");
	if (deliver->case_ref != NULL &&
	    (!ref_from_message(deliver->case_ref, &told) ||
	    !ref_equal(&told, &header->case_ref)))
		return fault_set(fault, SK_CASE_UNKNOWN, "deliver.case_ref",
		    "the broker names another case than the sender");
	if (cases_get(agent->archive, &header->case_ref, &card) == SK_OK &&
	    card.number != 0 && card.number != deliver->case_number)
		return fault_set(fault, SK_CASE_UNKNOWN, "deliver.case_number",
		    "this case had another number before");
	if (cases_by_number(agent->archive, deliver->case_number, &card) ==
	    SK_OK && !ref_equal(&card.ref, &header->case_ref))
		return fault_set(fault, SK_CASE_UNKNOWN, "deliver.case_number",
		    "this number was another case before");
	return SK_OK;
}

static bool
is_recipient(const struct header *header, uint64_t participant)
{
	for (size_t i = 0; i < header->recipients; i++)
		if (header->recipient[i].participant == participant)
			return true;
	return false;
}

/* What a RESEAL names, proved by its own sender's signature as if it had come
 * to this agent; the resealer and the broker name the same leaf. */
static enum sk_error
check_original(struct agent *agent, const Sk__Deliver *deliver,
    const struct header *header, const Sk__Facts *facts, struct fault *fault)
{
	const Sk__Deliver original = {
		.envelope = deliver->original,
		.provenance = deliver->original_provenance,
	};
	struct header named;
	enum sk_error rc;

	if (deliver->original == NULL)
		return fault_set(fault, SK_ERASED, "original", NULL);
	if ((rc = check_signer(agent, &original, fault)) != SK_OK ||
	    (rc = header_decode(deliver->original->header.data,
	    deliver->original->header.len, &agent->scratch, &named, fault)) !=
	    SK_OK)
		return rc;
	if (deliver->original_provenance->sender !=
	    header->reply_to.participant || named.id.number !=
	    header->reply_to.id.number || memcmp(named.id.boot,
	    header->reply_to.id.boot, BOOT_SIZE) != 0 ||
	    !ref_equal(&named.case_ref, &header->case_ref))
		return fault_set(fault, SK_REPLY_WRONG, "original.header",
		    "not the message that reply_to names");
	if (named.info->kind != facts->reseal->kind ||
	    deliver->original_leaf_hash.len != DIGEST_SIZE ||
	    memcmp(deliver->original_leaf_hash.data,
	    facts->reseal->leaf_hash.data, DIGEST_SIZE) != 0)
		return fault_set(fault, SK_CONTENT_MISMATCH, "facts.reseal",
		    "another message than the broker delivered");
	return SK_OK;
}

enum sk_error
receive_verify(struct agent *agent, const Sk__Deliver *deliver,
    struct header *header, Sk__Facts **facts, struct fault *fault)
{
	const Sk__Envelope *envelope = deliver->envelope;
	enum sk_error rc;

	if (envelope == NULL || deliver->provenance == NULL) {
		fault_set(fault, SK_FIELD_MISSING, "provenance", NULL);
		return SK_FIELD_MISSING;
	}
	/* The facts' commitment is part of what the signature covers. */
	if ((rc = check_signer(agent, deliver, fault)) != SK_OK)
		return rc;
	if (chain_is_remains(envelope) != (deliver->erased != 0))
		return fault_set(fault, SK_MALFORMED, "deliver.erased",
		    "digests when erased, else the content");
	rc = header_decode(envelope->header.data, envelope->header.len,
	    &agent->scratch, header, fault);
	if (rc == SK_OK && !deliver->erased)
		rc = facts_decode(header->info, envelope->facts.data,
		    envelope->facts.len, &agent->scratch, facts, fault);
	if (rc != SK_OK)
		return rc;
	if (!is_recipient(header, agent_self(agent)))
		return fault_set(fault, SK_RECIPIENT_WRONG,
		    "header.recipients", "this agent is not among them");
	if ((rc = check_case(agent, deliver, header,
	    deliver->provenance->sender, fault)) != SK_OK)
		return rc;
	/* Who said it, in which case and that it came here is proved. */
	if (deliver->erased)
		return fault_set(fault, SK_ERASED, "", NULL);
	return (*facts)->reseal == NULL ? SK_OK :
	    check_original(agent, deliver, header, *facts, fault);
}

static void
fill_common(const Sk__Deliver *deliver, struct inbox_row *row)
{
	memset(row, 0, sizeof(*row));
	row->mailbox_number = deliver->mailbox_number;
	row->position = deliver->position;
	row->instant = deliver->instant;
	row->case_number = deliver->case_number;
	if (deliver->leaf_hash.len == DIGEST_SIZE)
		memcpy(row->leaf_hash, deliver->leaf_hash.data, DIGEST_SIZE);
}

static void
fill_header(const struct header *header, struct inbox_row *row)
{
	row->kind = header->info->kind;
	row->ref.id = header->id;
	row->case_ref = header->case_ref;
	row->reply_to = header->reply_to;
	row->written_at = header->written_at;
	row->event_date = header->event_date;
	row->has_event_date = header->has_event_date;
}

/* A header that nobody vouches for still tells which message did not arrive;
 * its text is never shown. */
static void
fill_trouble(struct agent *agent, const Sk__Deliver *deliver,
    const struct fault *fault, struct inbox_row *row)
{
	struct header header;

	row->trouble = fault->code;
	snprintf(row->trouble_text, sizeof(row->trouble_text), "%s%s%s",
	    fault->field, fault->hint[0] == '\0' ? "" : ": ", fault->hint);
	if (deliver->case_ref != NULL)
		ref_from_message(deliver->case_ref, &row->case_ref);
	if (deliver->envelope != NULL && row->ref.participant != 0 &&
	    header_decode(deliver->envelope->header.data,
	    deliver->envelope->header.len, &agent->scratch, &header, NULL) ==
	    SK_OK) {
		row->ref.id = header.id;
		row->kind = header.info->kind;
	} else {
		memset(&row->ref, 0, sizeof(row->ref));
	}
	log_event(LOG_WARN, "delivery does not verify",
	    "mailbox=%llu position=%llu code=%s field=%s",
	    (unsigned long long)row->mailbox_number,
	    (unsigned long long)row->position, error_name(fault->code),
	    fault->field);
}

/* It came, and its sender said it; by the broker's word it has no content
 * any more. */
static void
fill_erased(const Sk__Deliver *deliver, struct inbox_row *row)
{
	row->trouble = SK_ERASED;
	row->erased_by = deliver->erased_by;
	row->erased_ground = (uint32_t)deliver->erased_ground;
	log_event(LOG_INFO, "delivered without its content, which is erased",
	    "mailbox=%llu position=%llu erased_by=%llu",
	    (unsigned long long)row->mailbox_number,
	    (unsigned long long)row->position,
	    (unsigned long long)row->erased_by);
}

static void
fill_notice(struct agent *agent, const Sk__Deliver *deliver,
    struct inbox_row *row)
{
	const Sk__Notice *notice = deliver->notice;
	struct own_row own;

	row->notice_kind = (uint32_t)notice->kind;
	row->deadline = notice->has_deadline ? (uint32_t)notice->deadline : 0;
	row->due = notice->due;
	row->late = notice->late;
	if (notice->about != NULL)
		ref_from_message(notice->about, &row->about);
	row->about_participant = notice->participant;
	row->settled = notice->has_settled ? (uint32_t)notice->settled : 0;
	/* Where the broker names no case, that of one's own message. */
	if (deliver->case_ref == NULL &&
	    row->about.participant == agent_self(agent) &&
	    own_get(agent->archive, &row->about.id, &own) == SK_OK)
		row->case_ref = own.case_ref;
	if (notice->has_ground) {
		row->erased_by = deliver->position;
		row->erased_ground = (uint32_t)notice->ground;
	}
	if (deliver->case_ref != NULL)
		ref_from_message(deliver->case_ref, &row->case_ref);
}

/* Into its case. Trouble joins a case that is known and makes no new one;
 * what is erased and proved has its header. */
static void
into_case(struct agent *agent, const struct inbox_row *row,
    const struct header *header)
{
	struct timeline_entry entry = {
		.position = row->position,
		.arrival = row->arrival,
	};
	const struct kind_info *info = kind_info(row->kind);
	struct case_card card;

	if (ref_is_none(&row->case_ref) ||
	    (info != NULL && kind_has_no_case(info)))
		return;
	if (row->trouble != 0 && header == NULL && cases_get(agent->archive,
	    &row->case_ref, &card) != SK_OK)
		return;
	if (cases_join(agent->archive, &row->case_ref, row->trouble == 0 ||
	    header != NULL ? row->case_number : 0, &card) != SK_OK)
		return;
	if (header != NULL) {
		cases_add_participant(&card, row->ref.participant);
		for (size_t i = 0; i < header->recipients; i++)
			cases_add_participant(&card,
			    header->recipient[i].participant);
	}
	/* what verifies only now was counted when it came */
	if (!cases_has_message(agent->archive, &card.ref, row->position))
		card.unopened++;
	cases_add_message(agent->archive, &card, &entry, row->kind,
	    row->instant);
}

/* What has a term for its receipt, and what a court waits for. A crisis is
 * not here: that a machine has it helps nobody (R59). */
static const Sk__Kind confirmed[] = {
	SK__KIND__COURT_ORDER, SK__KIND__ACCESS_REQUEST, SK__KIND__SIGNAL,
	SK__KIND__REQUEST_ASSIGNMENT, SK__KIND__REFERRAL,
	SK__KIND__HEARING_REPORT_REQUEST, SK__KIND__INVOLVEMENT_NOTICE,
};

static enum sk_error
add_receipt(struct agent *agent, const char *name, size_t index,
    struct fault *fault)
{
	const struct kind_info *info = kind_by_name(name);
	char field[32];

	snprintf(field, sizeof(field), "receipts[%zu]", index);
	if (info == NULL || info->kind == SK__KIND__RECEIPT_OF ||
	    info->kind == SK__KIND__CONTENT_MISMATCH_FOUND ||
	    kind_is_own_record(info->kind))
		return fault_set(fault, SK_CONFIG, field,
		    "a kind that can be confirmed, such as REFERRAL");
	if (info->kind == SK__KIND__CRISIS_ALERT)
		return fault_set(fault, SK_CONFIG, field,
		    "a person confirms a crisis, see schakel confirm");
	agent->receipts[info->kind / 64 % 2] |= (uint64_t)1 << info->kind % 64;
	return SK_OK;
}

enum sk_error
receive_receipts(struct agent *agent, char *const *names, size_t n,
    struct fault *fault)
{
	size_t all = sizeof(confirmed) / sizeof(confirmed[0]);
	enum sk_error rc = SK_OK;

	memset(agent->receipts, 0, sizeof(agent->receipts));
	for (size_t i = 0; rc == SK_OK && i < (n > 0 ? n : all); i++)
		rc = add_receipt(agent, n > 0 ? names[i] :
		    kind_info(confirmed[i])->name, i, fault);
	return rc;
}

/* The organisation says that it has it: a layer of its own, between the
 * link's acknowledgement and a person's answer. */
static void
confirm(struct agent *agent, const struct inbox_row *row)
{
	Sk__ReceiptOfFacts receipt = SK__RECEIPT_OF_FACTS__INIT;
	Sk__Facts facts = SK__FACTS__INIT;
	struct draft draft = {
		.info = kind_info(SK__KIND__RECEIPT_OF),
		.case_ref = row->case_ref,
		.reply_to = row->ref,
		.facts = &facts,
	};
	struct own_row own;
	struct fault fault = { 0 };

	if ((agent->receipts[row->kind / 64 % 2] >> row->kind % 64 & 1) == 0)
		return;
	facts.receipt_of = &receipt;
	if (compose(agent, &draft, &own, &fault) != SK_OK)
		log_event(LOG_WARN, "receipt not written",
		    "mailbox=%llu code=%s field=%s",
		    (unsigned long long)row->mailbox_number,
		    error_name(fault.code), fault.field);
}

/* What the organisation does before a person has seen it. */
static void
answer_for_all(struct agent *agent, const struct inbox_row *row)
{
	confirm(agent, row);
	if (row->kind == SK__KIND__CRISIS_ALERT)
		duty_crisis(agent, row);
}

#define AGAIN_MAX 64	/* in one walk over the inbox */

struct again {
	uint64_t after;		/* looked at up to here */
	uint64_t arrival[AGAIN_MAX];
	size_t n;
};

static bool
find_unvouched(void *context, const struct inbox_row *row)
{
	struct again *again = context;

	if (row->trouble == SK_KEY_NOT_VOUCHED && row->arrival > again->after)
		again->arrival[again->n++] = row->arrival;
	return again->n < AGAIN_MAX;
}

static void
verify_again(struct agent *agent, uint64_t arrival)
{
	struct inbox_row row, before;
	struct header header;
	Sk__Deliver *deliver;
	Sk__Facts *facts;

	arena_reset(&agent->scratch);
	if (inbox_get(agent->archive, arrival, &row) != SK_OK ||
	    inbox_deliver(agent->archive, arrival, &agent->scratch,
	    &deliver) != SK_OK || receive_verify(agent, deliver, &header,
	    &facts, NULL) != SK_OK)
		return;
	row.ref.participant = deliver->provenance->sender;
	row.number = deliver->provenance->number;
	row.trouble = 0;
	row.trouble_text[0] = '\0';
	fill_header(&header, &row);
	/* It may have come again meanwhile, and verified. */
	if (inbox_by_ref(agent->archive, &row.ref, &before) == SK_OK &&
	    before.trouble == 0)
		return;
	/* Who looked saw nothing: there is something to open now. */
	inbox_look_again(agent->archive, &row);
	inbox_cleared(agent->archive, &row);
	into_case(agent, &row, &header);
	answer_for_all(agent, &row);
	joiner_hear_in(agent, &row, &header);
	hook_queue(agent->hook, &row);
	log_event(LOG_INFO, "delivery verifies now", "position=%llu",
	    (unsigned long long)row.position);
}

void
receive_again(struct agent *agent)
{
	struct again again = { .after = 0 };

	do {
		again.n = 0;
		if (inbox_walk(agent->archive, find_unvouched, &again) !=
		    SK_OK)
			return;
		for (size_t i = 0; i < again.n; i++)
			verify_again(agent, again.after = again.arrival[i]);
	} while (again.n == AGAIN_MAX);
}

static bool
is_repeat(struct agent *agent, const struct inbox_row *row)
{
	struct inbox_row before;

	if (row->notice_kind != 0)
		return inbox_has_notice(agent->archive, row->position);
	/* What is held verified needs no second copy, whatever that one is. */
	return !ref_is_none(&row->ref) && inbox_by_ref(agent->archive,
	    &row->ref, &before) == SK_OK && (before.trouble == 0 ||
	    (before.trouble == SK_ERASED && row->trouble == SK_ERASED));
}

/* After a restore it stands elsewhere in the journal that goes on. */
static enum sk_error
move_repeat(struct agent *agent, const struct inbox_row *row)
{
	struct timeline_entry entry = { .position = row->position };
	struct inbox_row before;
	struct case_card card;

	if (row->notice_kind != 0 || (row->trouble != 0 &&
	    row->trouble != SK_ERASED) ||
	    inbox_by_ref(agent->archive, &row->ref, &before) != SK_OK ||
	    memcmp(before.leaf_hash, row->leaf_hash, DIGEST_SIZE) == 0)
		return SK_OK;
	cases_forget(agent->archive, &before.case_ref, before.position);
	before.position = row->position;
	before.instant = row->instant;
	before.case_number = row->case_number;
	memcpy(before.leaf_hash, row->leaf_hash, DIGEST_SIZE);
	inbox_cleared(agent->archive, &before);
	entry.arrival = before.arrival;
	if (cases_join(agent->archive, &before.case_ref, before.case_number,
	    &card) != SK_OK)
		return SK_OK;
	cases_add_message(agent->archive, &card, &entry, before.kind,
	    before.instant);
	return SK_OK;
}

static enum sk_error
keep(struct agent *agent, const Sk__Deliver *deliver, struct inbox_row *row,
    const struct header *header)
{
	uint8_t *bytes;
	size_t size;
	enum sk_error rc;

	rc = wire_encode(&deliver->base, &agent->scratch, &bytes, &size);
	if (rc != SK_OK)
		return rc;
	inbox_add(agent->archive, row, (struct span){ bytes, size });
	into_case(agent, row, header);
	if (row->notice_kind == SK__NOTICE_KIND__ERASE)
		erase_case(agent, row);
	if (row->trouble == 0 && header != NULL) {
		answer_for_all(agent, row);
	}
	if (row->trouble == 0)
		joiner_hear_in(agent, row, header);
	hook_queue(agent->hook, row);
	return SK_OK;
}

enum sk_error
receive_deliver(struct agent *agent, const Sk__Deliver *deliver, bool *taken)
{
	struct inbox_row row;
	struct header header = { 0 };
	struct fault fault = { 0 };
	Sk__Facts *facts;
	bool whole = false, proved = false;
	enum sk_error rc = SK_OK;

	*taken = false;
	if (!deliver->has_mailbox_number || deliver->mailbox_number == 0 ||
	    !deliver->has_position ||
	    (deliver->envelope == NULL && deliver->notice == NULL &&
	    !deliver->erased))
		return SK_MALFORMED;
	if (inbox_has_number(agent->archive, deliver->mailbox_number))
		return SK_OK;
	arena_reset(&agent->scratch);
	fill_common(deliver, &row);
	/* beside an envelope it is a word more, shown with it */
	if (deliver->notice != NULL && deliver->envelope == NULL &&
	    deliver->provenance == NULL) {
		fill_notice(agent, deliver, &row);
	} else {
		if (deliver->provenance != NULL)
			row.ref.participant = deliver->provenance->sender;
		whole = receive_verify(agent, deliver, &header, &facts,
		    &fault) == SK_OK;
		proved = whole || (deliver->erased &&
		    fault.code == SK_ERASED);
		if (proved && deliver->provenance != NULL &&
		    header.info != NULL) {
			row.number = deliver->provenance->number;
			fill_header(&header, &row);
		}
		if (proved && !whole) {
			fill_erased(deliver, &row);
		} else if (!whole) {
			fill_trouble(agent, deliver, &fault, &row);
		}
	}
	/* One's own copy is in the archive since it was written; but that it is
	 * one's own has to be proved too. */
	if (proved && row.ref.participant == agent_self(agent)) {
		rc = SK_OK;
	} else if (is_repeat(agent, &row)) {
		rc = move_repeat(agent, &row);
	} else {
		rc = keep(agent, deliver, &row, proved ? &header : NULL);
		*taken = rc == SK_OK;
	}
	if (rc != SK_OK)
		return rc;
	inbox_mark_number(agent->archive, deliver->mailbox_number);
	agent_heard_time(agent, deliver->instant);
	return SK_OK;
}
