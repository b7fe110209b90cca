/*
 * verify_envelope.c - sender chains, the rows that find an envelope again,
 * and what lies in the vault beside it.
 */
#include <inttypes.h>
#include <string.h>

#include "agents/audit/verify.h"
#include "proto/civil.h"

/* ---- the chain */

static bool
begin_run(struct verify *v, const struct booked *party)
{
	const struct leaf *leaf = &v->entry.leaf;

	if (leaf->number != party->last_number + 1)
		return verify_wrong(v, "sender %" PRIu64 " goes on with number "
		    "%" PRIu64 " after %" PRIu64, leaf->sender, leaf->number,
		    party->last_number);
	v->run.sender = leaf->sender;
	v->run.first_number = leaf->number;
	v->run.first_position = v->entry.position;
	v->run.n = 0;
	memcpy(v->run.key_id, leaf->key_id, DIGEST_SIZE);
	return true;
}

static bool
join_run(struct verify *v)
{
	const struct leaf *leaf = &v->entry.leaf;
	struct submit_run *run = &v->run;

	if (leaf->sender != run->sender)
		return verify_wrong(v, "sender %" PRIu64 " stands within the "
		    "SUBMIT of %" PRIu64, leaf->sender, run->sender);
	if (leaf->number != run->first_number + run->n)
		return verify_wrong(v, "number %" PRIu64 " where %" PRIu64
		    " follows in the SUBMIT", leaf->number,
		    run->first_number + run->n);
	if (run->n == SUBMIT_ENVELOPES_MAX)
		return verify_wrong(v, "a SUBMIT of more than %u envelopes",
		    SUBMIT_ENVELOPES_MAX);
	if (memcmp(leaf->key_id, run->key_id, DIGEST_SIZE) != 0)
		return verify_wrong(v, "another key within one SUBMIT");
	chain_e(run->e[run->n++], leaf->header_digest, leaf->commitment,
	    leaf->sealed_digest);
	return true;
}

static bool
check_signature(struct verify *v, const struct booked *party)
{
	const struct leaf *leaf = &v->entry.leaf;
	const uint8_t *key = party->member.current.keys.sign;
	uint8_t key_id[DIGEST_SIZE];
	int64_t from;

	digest_key_id(key_id, key);
	if (memcmp(key_id, leaf->key_id, DIGEST_SIZE) != 0)
		return verify_wrong(v, "the SUBMIT is not under the signing "
		    "key that sender %" PRIu64 " has here", leaf->sender);
	if (!member_is_current(&party->member, civil_date_at(leaf->instant)))
		return verify_wrong(v, "sender %" PRIu64 " was revoked or out "
		    "of its validity", leaf->sender);
	from = verify_ticks();
	if (chain_verify(leaf->signature, v->origin, leaf->sender,
	    key, leaf->link) != SK_OK)
		return verify_wrong(v, "the signature of sender %" PRIu64
		    " does not verify", leaf->sender);
	verify_signed(v, from);
	return true;
}

/* The row by which a receipt is found again. */
static bool
check_sent(struct verify *v)
{
	const struct submit_run *run = &v->run;
	uint64_t first_number, first_position, count;

	if (journal_submit_of(v->journal, run->sender, run->first_number,
	    &first_number, &first_position, &count) != SK_OK)
		return verify_wrong(v, "no row in sent for number %" PRIu64
		    " of sender %" PRIu64, run->first_number, run->sender);
	if (first_number != run->first_number || count != run->n ||
	    first_position != run->first_position)
		return verify_wrong(v, "the row in sent for number %" PRIu64
		    " of sender %" PRIu64 " says position %" PRIu64 " and %"
		    PRIu64 " envelopes", run->first_number, run->sender,
		    first_position, count);
	v->rows.sent++;
	return true;
}

static bool
close_run(struct verify *v, struct booked *party)
{
	const struct leaf *leaf = &v->entry.leaf;
	struct submit_run *run = &v->run;
	uint8_t root[DIGEST_SIZE], link[DIGEST_SIZE];

	if (leaf->first_number != run->first_number || leaf->count != run->n)
		return verify_wrong(v, "it closes a SUBMIT of %" PRIu64 " from "
		    "%" PRIu64 ", but %zu from %" PRIu64 " stand here",
		    leaf->count, leaf->first_number, run->n,
		    run->first_number);
	digest_tree_root(root, (const uint8_t (*)[DIGEST_SIZE])run->e, run->n);
	chain_next_link(link, party->last_link, run->first_number, run->n,
	    root);
	if (memcmp(link, leaf->link, DIGEST_SIZE) != 0)
		return verify_wrong(v, "the link of sender %" PRIu64 " does "
		    "not follow from its envelopes and its previous link",
		    leaf->sender);
	if (!check_signature(v, party) || !check_sent(v))
		return false;
	memcpy(party->last_link, link, DIGEST_SIZE);
	party->last_number = leaf->number;
	run->sender = 0;
	v->report->submits++;
	return true;
}

/* ---- the envelope's own id */

static bool
check_repeat(struct verify *v, uint64_t first)
{
	const Sk__Outcome *outcome = v->entry.outcome;

	if (outcome->accepted || outcome->code != SK_ENVELOPE_REPEATED ||
	    outcome->first_position != first)
		return verify_wrong(v, "its envelope id was used at %" PRIu64
		    ", and its outcome does not say so", first);
	return true;
}

static bool
check_id(struct verify *v)
{
	const struct entry *entry = &v->entry;
	uint64_t position, case_number;

	if (!entry->leaf.header_whole)
		return true;
	if (journal_id(v->journal, entry->leaf.sender, &entry->header.id,
	    &position, &case_number) != SK_OK)
		return verify_wrong(v, "no row in ids for its envelope id");
	if (position < entry->position)
		return check_repeat(v, position);
	if (position > entry->position)
		return verify_wrong(v, "the row in ids for its envelope id "
		    "names position %" PRIu64, position);
	if (case_number != entry_case(entry))
		return verify_wrong(v, "the row in ids for its envelope id "
		    "names case %" PRIu64, case_number);
	v->rows.ids++;
	return true;
}

static bool
check_outcome(struct verify *v)
{
	const struct entry *entry = &v->entry;
	const Sk__Outcome *outcome = entry->outcome;

	if (outcome == NULL || !outcome->has_accepted)
		return verify_wrong(v, "it has no outcome");
	if (outcome->accepted ? outcome->code != 0 :
	    !error_is_refusal((enum sk_error)outcome->code))
		return verify_wrong(v, "its outcome has code %" PRIu32,
		    outcome->code);
	if (outcome->accepted && !entry->leaf.header_whole)
		return verify_wrong(v, "it was accepted without a header");
	if (!outcome->accepted && entry->effects != NULL)
		return verify_wrong(v, "it was refused and has effects");
	return true;
}

bool
verify_envelope(struct verify *v)
{
	const struct leaf *leaf = &v->entry.leaf;
	struct booked *party = book_find(&v->book, leaf->sender);

	if (party == NULL)
		return verify_wrong(v, "no statement has named sender %" PRIu64,
		    leaf->sender);
	if (v->run.sender == 0 && !begin_run(v, party))
		return false;
	if (!join_run(v) || !check_outcome(v) || !check_id(v))
		return false;
	v->report->envelopes++;
	return !leaf->closes_submit || close_run(v, party);
}

/* ---- what lies beside an entry */

static bool
is_zero(const uint8_t digest[DIGEST_SIZE])
{
	static const uint8_t none[DIGEST_SIZE];

	return memcmp(digest, none, DIGEST_SIZE) == 0;
}

static bool
check_sealed(struct verify *v, bool *gone)
{
	uint8_t digest[DIGEST_SIZE];
	struct span sealed;
	enum sk_error rc;
	bool wanted, there = false;

	wanted = v->entry.leaf.kind == SK__EVENT_KIND__ENVELOPE_EVENT &&
	    memcmp(v->nothing, v->entry.leaf.sealed_digest, DIGEST_SIZE) != 0;
	if (journal_has_sealed(v->journal, v->entry.position, &there) != SK_OK)
		return verify_wrong(v, "its sealed part cannot be read");
	*gone = wanted && !there;
	if (!there)
		return true;
	v->rows.sealed++;
	if (!wanted)
		return verify_wrong(v, "it has a sealed part that it does not "
		    "name");
	if (!verify_there(v))
		return false;
	rc = journal_sealed(v->journal, v->entry.position,
	    leaf_parts_case(&v->entry.leaf), v->entry.leaf.instant, &sealed);
	if (rc == SK_ERASED && !v->report->keys)
		return true;
	if (rc != SK_OK)
		return verify_wrong(v, "its sealed part does not open: %s",
		    error_text(rc));
	digest_bytes(digest, sealed.bytes, sealed.size);
	if (memcmp(digest, v->entry.leaf.sealed_digest, DIGEST_SIZE) != 0)
		return verify_wrong(v, "its sealed part has another digest");
	return true;
}

static bool
check_facts(struct verify *v, const struct parts *parts)
{
	const struct leaf *leaf = &v->entry.leaf;
	uint8_t digest[DIGEST_SIZE];

	chain_commitment(digest, parts->nonce, parts->facts.bytes,
	    parts->facts.size);
	if (memcmp(digest, leaf->commitment, DIGEST_SIZE) != 0)
		return verify_wrong(v, "its facts do not match their "
		    "commitment");
	if (leaf->header_whole)
		return true;
	digest_bytes(digest, parts->header.bytes, parts->header.size);
	if (memcmp(digest, leaf->header_digest, DIGEST_SIZE) != 0)
		return verify_wrong(v, "its header has another digest");
	return true;
}

static bool
check_closed(struct verify *v, const struct parts *parts)
{
	const struct leaf *leaf = &v->entry.leaf;
	uint8_t digest[DIGEST_SIZE];

	if (is_zero(leaf->closed_commitment)) {
		if (parts->closed.size == 0)
			return true;
		return verify_wrong(v, "it has closed effects that it does "
		    "not name");
	}
	chain_closed_commitment(digest, parts->closed_nonce,
	    parts->closed.bytes, parts->closed.size);
	if (memcmp(digest, leaf->closed_commitment, DIGEST_SIZE) != 0)
		return verify_wrong(v, "its closed effects do not match their "
		    "commitment");
	return true;
}

/* Parts that do not open are right only where there are no keys at all: a
 * single key that is gone was taken away. */
static bool
open_parts(struct verify *v)
{
	const struct leaf *leaf = &v->entry.leaf;
	struct parts parts;
	enum sk_error rc;

	rc = journal_parts(v->journal, v->entry.position,
	    leaf_parts_case(leaf), leaf->instant, v->parts,
	    sizeof(v->parts), &parts);
	if (rc == SK_ERASED && !v->report->keys) {
		v->report->closed++;
		return true;
	}
	if (rc == SK_ERASED)
		return verify_wrong(v, "the key of its parts is gone, and no "
		    "entry says why");
	if (rc != SK_OK)
		return verify_wrong(v, "its parts do not open: %s",
		    error_text(rc));
	if (leaf->kind == SK__EVENT_KIND__ENVELOPE_EVENT &&
	    !check_facts(v, &parts))
		return false;
	return check_closed(v, &parts);
}

static bool
verify_no_content(struct verify *v)
{
	bool sealed = false, parts = false;

	if (v->entry.outcome->accepted ||
	    journal_has_sealed(v->journal, v->entry.position, &sealed) !=
	    SK_OK || journal_has_parts(v->journal, v->entry.position,
	    &parts) != SK_OK || sealed || parts)
		return verify_wrong(v, "it came without its content, and "
		    "something of it is there");
	v->report->erased++;
	return true;
}

bool
verify_parts(struct verify *v)
{
	const struct leaf *leaf = &v->entry.leaf;
	bool wanted = leaf->kind == SK__EVENT_KIND__ENVELOPE_EVENT ||
	    !is_zero(leaf->closed_commitment);
	bool there = false, gone = false;

	if (!check_sealed(v, &gone))
		return false;
	/* Sent again after a restore, of what its sender had erased. */
	if (v->entry.outcome != NULL && v->entry.outcome->former_erased)
		return verify_no_content(v);
	if (journal_has_parts(v->journal, v->entry.position, &there) != SK_OK)
		return verify_wrong(v, "its parts cannot be read");
	if ((gone || (wanted && !there)) && !verify_gone(v))
		return false;
	if (!there)
		return true;
	v->rows.parts++;
	if (!wanted)
		return verify_wrong(v, "it has parts that it does not name");
	return verify_there(v) && open_parts(v);
}
