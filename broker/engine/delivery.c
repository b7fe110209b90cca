/*
 * delivery.c - what goes out: mailbox rows, own records, statements.
 */
#include "broker/engine/internal.h"

#include <string.h>

#include "proto/chain.h"

#define HEADER_KIND_FIELD 3u

#define NEEDS(pointer) do { if ((pointer) == NULL) return SK_NO_MEMORY; } while (0)

static enum sk_error
bytes_copy(struct arena *arena, const void *bytes, size_t size,
    protobuf_c_boolean *has, ProtobufCBinaryData *out)
{
	*has = 1;
	out->len = size;
	out->data = NULL;
	if (size == 0)
		return SK_OK;
	out->data = arena_copy(arena, bytes, size);
	return out->data == NULL ? SK_NO_MEMORY : SK_OK;
}

static enum sk_error
leaf_at(struct engine *engine, uint64_t position, struct leaf *leaf,
    struct span *bytes)
{
	enum sk_error rc = journal_leaf(engine->journal, position, bytes);

	return rc == SK_OK ? leaf_decode(bytes->bytes, bytes->size, leaf) : rc;
}

/* The tree over a SUBMIT from its entries. */
static enum sk_error
read_tree(struct engine *engine, uint64_t position, uint64_t count,
    struct digest_tree *tree)
{
	uint8_t e[SUBMIT_ENVELOPES_MAX][DIGEST_SIZE];
	struct leaf leaf;
	struct span bytes;
	enum sk_error rc;

	if (count == 0 || count > SUBMIT_ENVELOPES_MAX)
		return SK_STORE_CORRUPT;
	for (uint64_t i = 0; i < count; i++) {
		rc = leaf_at(engine, position + i, &leaf, &bytes);
		if (rc != SK_OK)
			return rc;
		chain_e(e[i], leaf.header_digest, leaf.commitment,
		    leaf.sealed_digest);
	}
	digest_tree_build(tree, (const uint8_t (*)[DIGEST_SIZE])e,
	    (size_t)count);
	return SK_OK;
}

/* The link before this SUBMIT: that of the one before, or link(0). */
static enum sk_error
previous_link(struct engine *engine, uint64_t sender, uint64_t first,
    uint8_t link[DIGEST_SIZE])
{
	uint64_t position;
	struct leaf leaf;
	struct span bytes;
	enum sk_error rc;

	if (first == 1) {
		chain_first_link(link, journal_founding(engine->journal)->digest,
		    sender);
		return SK_OK;
	}
	rc = journal_sent(engine->journal, sender, first - 1, &position);
	if (rc == SK_OK)
		rc = leaf_at(engine, position, &leaf, &bytes);
	if (rc == SK_OK && !leaf.closes_submit)
		rc = SK_STORE_CORRUPT;
	if (rc == SK_OK)
		memcpy(link, leaf.link, DIGEST_SIZE);
	return rc;
}

static enum sk_error
read_proof(struct engine *engine, const struct leaf *leaf,
    struct proof_cache *proof)
{
	uint64_t position, count;
	struct leaf last;
	struct span bytes;
	enum sk_error rc;

	proof->sender = 0;	/* nobody's while it is being filled */
	rc = journal_submit_of(engine->journal, leaf->sender, leaf->number,
	    &proof->first_number, &position, &count);
	if (rc == SK_OK)
		rc = leaf_at(engine, position + count - 1, &last, &bytes);
	if (rc == SK_OK)
		memcpy(proof->signature, last.signature, SIGNATURE_SIZE);
	if (rc == SK_OK)
		rc = read_tree(engine, position, count, &proof->tree);
	if (rc == SK_OK)
		rc = previous_link(engine, leaf->sender, proof->first_number,
		    proof->previous_link);
	if (rc == SK_OK)
		proof->sender = leaf->sender;
	return rc;
}

/* How the sender's SUBMIT is proved: from the cache, or from its entries. */
static enum sk_error
find_proof(struct engine *engine, const struct leaf *leaf,
    const struct proof_cache **out)
{
	struct proof_cache *proof;

	for (size_t i = 0; i < PROOF_CACHE; i++) {
		proof = &engine->proofs[i];
		if (proof->sender == leaf->sender &&
		    leaf->number >= proof->first_number &&
		    leaf->number - proof->first_number < proof->tree.n) {
			*out = proof;
			return SK_OK;
		}
	}
	proof = &engine->proofs[engine->proof_next++ % PROOF_CACHE];
	*out = proof;
	return read_proof(engine, leaf, proof);
}

static enum sk_error
fill_path(struct arena *arena, const struct digest_tree *tree, size_t index,
    Sk__Provenance *provenance)
{
	const uint8_t *path[TREE_PATH_MAX];
	ProtobufCBinaryData *items;
	size_t n = digest_tree_walk(tree, index, path);

	if (n == 0)
		return SK_OK;
	NEEDS(items = arena_take(arena, n * sizeof(*items)));
	for (size_t i = 0; i < n; i++) {
		items[i].len = DIGEST_SIZE;
		NEEDS(items[i].data = arena_copy(arena, path[i], DIGEST_SIZE));
	}
	provenance->n_path = n;
	provenance->path = items;
	return SK_OK;
}

static enum sk_error
fill_provenance(struct engine *engine, uint64_t position,
    const struct leaf *leaf, struct arena *arena, Sk__Provenance **out)
{
	Sk__Provenance *p = arena_new(arena, Sk__Provenance,
	    sk__provenance__init);
	const struct proof_cache *proof = NULL;
	char origin[ORIGIN_MAX];
	enum sk_error rc;

	NEEDS(p);
	if ((rc = find_proof(engine, leaf, &proof)) != SK_OK)
		return rc == SK_NOT_FOUND ? SK_STORE_CORRUPT : rc;
	rc = fill_path(arena, &proof->tree,
	    (size_t)(leaf->number - proof->first_number), p);
	if (rc == SK_OK)
		rc = bytes_copy(arena, proof->signature, SIGNATURE_SIZE,
		    &p->has_signature, &p->signature);
	if (rc == SK_OK)
		rc = bytes_copy(arena, proof->previous_link, DIGEST_SIZE,
		    &p->has_previous_link, &p->previous_link);
	if (rc == SK_OK)
		rc = bytes_copy(arena, leaf->key_id, DIGEST_SIZE, &p->has_key_id,
		    &p->key_id);
	if (rc != SK_OK)
		return rc;
	p->has_sender = p->has_number = p->has_first_number = p->has_count = 1;
	p->sender = leaf->sender;
	p->number = leaf->number;
	p->first_number = proof->first_number;
	p->count = proof->tree.n;
	journal_origin(engine->journal, position, origin);
	NEEDS(p->origin = arena_string(arena, origin));
	*out = p;
	return SK_OK;
}

static enum sk_error
open_envelope(struct engine *engine, uint64_t position,
    const struct leaf *leaf, struct span *header, struct parts *parts,
    struct span *sealed)
{
	const uint64_t case_number = leaf_parts_case(leaf);
	enum sk_error rc;

	*sealed = (struct span){ "", 0 };
	rc = journal_parts(engine->journal, position, case_number,
	    leaf->instant, engine->parts, sizeof(engine->parts), parts);
	if (rc != SK_OK)
		return rc;
	*header = leaf->header_whole ? leaf->header : parts->header;
	rc = journal_sealed(engine->journal, position, case_number,
	    leaf->instant, sealed);
	return rc == SK_NOT_FOUND ? SK_OK : rc;
}

/* The envelope as it was received. SK_ERASED when its parts are gone. */
static enum sk_error
fill_envelope(struct engine *engine, uint64_t position,
    const struct leaf *leaf, const uint8_t leaf_hash[DIGEST_SIZE],
    struct arena *arena, Sk__Envelope **out)
{
	Sk__Envelope *envelope = arena_new(arena, Sk__Envelope,
	    sk__envelope__init);
	struct span header, sealed;
	struct parts parts;
	enum sk_error rc = SK_OK;

	NEEDS(envelope);
	if (journal_key_is_gone(engine->journal, leaf_parts_case(leaf),
	    leaf->instant) || !recent_find(engine, position, leaf_hash,
	    &header, &parts, &sealed))
		rc = open_envelope(engine, position, leaf, &header, &parts,
		    &sealed);
	if (rc == SK_OK)
		rc = bytes_copy(arena, sealed.bytes, sealed.size,
		    &envelope->has_sealed, &envelope->sealed);
	if (rc == SK_OK)
		rc = bytes_copy(arena, header.bytes, header.size,
		    &envelope->has_header, &envelope->header);
	if (rc == SK_OK)
		rc = bytes_copy(arena, parts.nonce, NONCE_SIZE,
		    &envelope->has_nonce, &envelope->nonce);
	if (rc == SK_OK)
		rc = bytes_copy(arena, parts.facts.bytes, parts.facts.size,
		    &envelope->has_facts, &envelope->facts);
	*out = envelope;
	return rc;
}

/* Header and digests: e still follows, and with it the sender's word. */
static enum sk_error
fill_remains(const struct leaf *leaf, struct arena *arena,
    Sk__Envelope **out)
{
	Sk__Envelope *envelope = arena_new(arena, Sk__Envelope,
	    sk__envelope__init);
	enum sk_error rc;

	NEEDS(envelope);
	rc = leaf->header_whole ? bytes_copy(arena, leaf->header.bytes,
	    leaf->header.size, &envelope->has_header, &envelope->header) :
	    bytes_copy(arena, leaf->header_digest, DIGEST_SIZE,
	    &envelope->has_header_digest, &envelope->header_digest);
	if (rc == SK_OK)
		rc = bytes_copy(arena, leaf->commitment, DIGEST_SIZE,
		    &envelope->has_commitment, &envelope->commitment);
	if (rc == SK_OK)
		rc = bytes_copy(arena, leaf->sealed_digest, DIGEST_SIZE,
		    &envelope->has_sealed_digest, &envelope->sealed_digest);
	*out = envelope;
	return rc;
}

static enum sk_error
deliver_envelope(struct engine *engine, uint64_t position,
    const struct leaf *leaf, struct arena *arena, Sk__Deliver *deliver)
{
	Sk__ErasureGround ground = 0;
	uint64_t by = 0;
	enum sk_error rc;

	rc = fill_provenance(engine, position, leaf, arena, &deliver->provenance);
	if (rc != SK_OK)
		return rc;
	rc = fill_envelope(engine, position, leaf, deliver->leaf_hash.data,
	    arena, &deliver->envelope);
	if (rc != SK_ERASED)
		return rc;
	deliver->has_erased = deliver->erased = 1;
	rc = fill_remains(leaf, arena, &deliver->envelope);
	if (rc == SK_OK)
		rc = erase_found(engine, leaf_parts_case(leaf), position,
		    &by, &ground);
	if (rc != SK_OK || ground == 0)
		return rc;
	deliver->has_erased_by = deliver->has_erased_ground = 1;
	deliver->erased_by = by;
	deliver->erased_ground = ground;
	return SK_OK;
}

/* The message that a RESEAL names, with the word of its own sender. Where its
 * parts are gone nothing is delivered of it, and the reader is told. */
static enum sk_error
deliver_original(struct engine *engine, const struct leaf *reseal,
    struct arena *arena, Sk__Deliver *deliver)
{
	const Sk__Resealed *resealed;
	ProtobufCMessage *message = NULL;
	uint8_t hash[DIGEST_SIZE];
	struct leaf leaf;
	struct span bytes;
	enum sk_error rc;

	if (wire_decode(&sk__effects__descriptor, "effects",
	    reseal->effects.bytes, reseal->effects.size, LEAF_BYTES_MAX,
	    arena, &message, NULL) != SK_OK)
		return SK_STORE_CORRUPT;
	resealed = ((Sk__Effects *)message)->resealed;
	if (resealed == NULL)
		return SK_OK;
	deliver->has_original_position = 1;
	deliver->original_position = resealed->position;
	if ((rc = leaf_at(engine, resealed->position, &leaf, &bytes)) !=
	    SK_OK)
		return rc;
	digest_leaf(hash, bytes.bytes, bytes.size);
	rc = bytes_copy(arena, hash, DIGEST_SIZE,
	    &deliver->has_original_leaf_hash, &deliver->original_leaf_hash);
	if (rc == SK_OK)
		rc = fill_provenance(engine, resealed->position, &leaf,
		    arena, &deliver->original_provenance);
	if (rc == SK_OK)
		rc = fill_envelope(engine, resealed->position, &leaf, hash,
		    arena, &deliver->original);
	if (rc != SK_ERASED)
		return rc;
	deliver->original = NULL;
	return SK_OK;
}

static bool
is_reseal(const struct leaf *leaf)
{
	uint64_t kind;

	return leaf->header_whole && wire_peek(leaf->header.bytes,
	    leaf->header.size, HEADER_KIND_FIELD, &kind) &&
	    kind == SK__KIND__RESEAL;
}

/* Its tag cannot be missed; what looks like it costs a decode, no more. */
static bool
may_bring_notice(const struct leaf *leaf)
{
	static const uint8_t tag[] = { 0xa2, 0x01 };	/* Effects.notice = 20 */

	return leaf->effects.size > 0 && memmem(leaf->effects.bytes,
	    leaf->effects.size, tag, sizeof(tag)) != NULL;
}

/* An envelope may bring a word of the broker's own; a deadline always does. */
static enum sk_error
deliver_notice(const struct leaf *leaf, struct arena *arena,
    Sk__Deliver *deliver)
{
	ProtobufCMessage *message = NULL;
	const Sk__Effects *effects;

	if (leaf->effects.size == 0)
		return SK_STORE_CORRUPT;
	if (wire_decode(&sk__effects__descriptor, "effects",
	    leaf->effects.bytes, leaf->effects.size, LEAF_BYTES_MAX, arena,
	    &message, NULL) != SK_OK)
		return SK_STORE_CORRUPT;
	effects = (const Sk__Effects *)message;
	deliver->notice = effects->elsewhere != NULL &&
	    deliver->case_number != effects->case_number ?
	    effects->elsewhere : effects->notice;
	return deliver->notice == NULL &&
	    leaf->kind != SK__EVENT_KIND__ENVELOPE_EVENT ? SK_STORE_CORRUPT :
	    SK_OK;
}

static enum sk_error
deliver_begin(struct engine *engine, uint64_t position,
    const struct leaf *leaf, struct span bytes, uint64_t case_number,
    struct arena *arena, Sk__Deliver **out)
{
	Sk__Deliver *deliver = arena_new(arena, Sk__Deliver, sk__deliver__init);
	uint8_t hash[DIGEST_SIZE];
	enum sk_error rc;

	NEEDS(deliver);
	deliver->has_position = deliver->has_instant = 1;
	deliver->position = position;
	deliver->instant = leaf->instant;
	digest_leaf(hash, bytes.bytes, bytes.size);
	*out = deliver;
	if (case_number != 0) {
		rc = row_load(engine, case_number, &engine->row);
		if (rc != SK_OK)
			return SK_STORE_CORRUPT;
		deliver->has_case_number = 1;
		deliver->case_number = case_number;
		NEEDS(deliver->case_ref = ref_to_message(&engine->row.ref,
		    arena));
	}
	return bytes_copy(arena, hash, DIGEST_SIZE, &deliver->has_leaf_hash,
	    &deliver->leaf_hash);
}

enum sk_error
engine_delivery(struct engine *engine, uint64_t participant, uint64_t number,
    struct arena *arena, Sk__Deliver **out)
{
	uint64_t position, case_number;
	struct leaf leaf;
	struct span bytes;
	enum sk_error rc;

	rc = engine_mailbox_row(engine, participant, number, &position,
	    &case_number);
	if (rc != SK_OK || (rc = leaf_at(engine, position, &leaf, &bytes)) !=
	    SK_OK)
		return rc;
	rc = deliver_begin(engine, position, &leaf, bytes, case_number, arena,
	    out);
	if (rc != SK_OK)
		return rc;
	(*out)->has_mailbox_number = 1;
	(*out)->mailbox_number = number;
	if (leaf.kind == SK__EVENT_KIND__ENVELOPE_EVENT)
		rc = deliver_envelope(engine, position, &leaf, arena, *out);
	if (rc == SK_OK && (*out)->envelope != NULL && is_reseal(&leaf))
		rc = deliver_original(engine, &leaf, arena, *out);
	if (rc != SK_OK || (leaf.kind == SK__EVENT_KIND__ENVELOPE_EVENT &&
	    !may_bring_notice(&leaf)))
		return rc;
	return deliver_notice(&leaf, arena, *out);
}

static enum sk_error
fill_receipt(const struct leaf *leaf, uint64_t position,
    const ProtobufCBinaryData *leaf_hash, struct arena *arena,
    Sk__Receipt **out)
{
	Sk__Receipt *receipt = arena_new(arena, Sk__Receipt, sk__receipt__init);
	ProtobufCMessage *message = NULL;

	NEEDS(receipt);
	receipt->has_number = receipt->has_position = receipt->has_instant =
	    receipt->has_leaf_hash = 1;
	receipt->number = leaf->number;
	receipt->position = position;
	receipt->instant = leaf->instant;
	receipt->leaf_hash = *leaf_hash;
	if (wire_decode(&sk__outcome__descriptor, "outcome",
	    leaf->outcome.bytes, leaf->outcome.size, LEAF_BYTES_MAX, arena,
	    &message, NULL) != SK_OK)
		return SK_STORE_CORRUPT;
	receipt->outcome = (Sk__Outcome *)message;
	*out = receipt;
	return SK_OK;
}

enum sk_error
engine_own(struct engine *engine, uint64_t participant, uint64_t number,
    struct arena *arena, Sk__Deliver **own, Sk__Receipt **receipt)
{
	uint64_t position, case_number = 0;
	ProtobufCMessage *outcome = NULL;
	struct leaf leaf;
	struct span bytes;
	enum sk_error rc;

	rc = journal_sent(engine->journal, participant, number, &position);
	if (rc != SK_OK || (rc = leaf_at(engine, position, &leaf, &bytes)) !=
	    SK_OK)
		return rc;
	if (wire_decode(&sk__outcome__descriptor, "outcome",
	    leaf.outcome.bytes, leaf.outcome.size, LEAF_BYTES_MAX, arena,
	    &outcome, NULL) != SK_OK)
		return SK_STORE_CORRUPT;
	if (((Sk__Outcome *)outcome)->accepted)
		case_number = ((Sk__Outcome *)outcome)->case_number;
	rc = deliver_begin(engine, position, &leaf, bytes, case_number, arena,
	    own);
	if (rc == SK_OK)
		rc = deliver_envelope(engine, position, &leaf, arena, *own);
	if (rc == SK_OK)
		rc = fill_receipt(&leaf, position, &(*own)->leaf_hash, arena,
		    receipt);
	return rc;
}

enum sk_error
engine_statement(struct engine *engine, uint64_t index, struct arena *arena,
    Sk__Statement **out)
{
	ProtobufCMessage *message = NULL;
	uint64_t position;
	struct span value, bytes;
	struct leaf leaf;
	enum sk_error rc;

	if ((rc = state_txn(engine)) != SK_OK)
		return rc;
	rc = store_get(engine->txn, STATE_STATEMENTS, SPAN_U64(index), &value);
	if (rc != SK_OK)
		return rc;
	if (value.size != sizeof(position))
		return SK_STORE_CORRUPT;
	memcpy(&position, value.bytes, sizeof(position));
	if ((rc = leaf_at(engine, position, &leaf, &bytes)) != SK_OK)
		return rc;
	if (wire_decode(&sk__statement__descriptor, "statement",
	    leaf.body.bytes, leaf.body.size, LEAF_BYTES_MAX, arena, &message,
	    NULL) != SK_OK)
		return SK_STORE_CORRUPT;
	*out = (Sk__Statement *)message;
	if (!charter_is_change((*out)->body.data, (*out)->body.len))
		return SK_OK;
	/* Whom it replaces stands in the founding entry first of all. */
	rc = journal_leaf(engine->journal, 0, &bytes);
	if (rc != SK_OK)
		return rc;
	(*out)->has_founding_leaf = 1;
	(*out)->founding_leaf.len = bytes.size;
	(*out)->founding_leaf.data = arena_copy(arena, bytes.bytes,
	    bytes.size);
	return (*out)->founding_leaf.data == NULL ? SK_NO_MEMORY : SK_OK;
}
