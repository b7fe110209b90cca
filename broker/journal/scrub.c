#include "broker/journal/scrub.h"

#include <string.h>

#include "broker/journal/internal.h"
#include "proto/chain.h"


static const uint8_t none[DIGEST_SIZE];

static enum sk_error
wrong(struct fault *fault, const char *what)
{
	return fault_set(fault, SK_STORE_CORRUPT, "entry", "%s", what);
}

static enum sk_error
check_hash(struct journal *journal, uint64_t position, struct span leaf,
    struct fault *fault)
{
	uint8_t hash[DIGEST_SIZE], there[DIGEST_SIZE];
	struct store_txn *txn;
	enum sk_error rc;

	digest_leaf(hash, leaf.bytes, leaf.size);
	rc = journal_reader(journal, &txn);
	if (rc == SK_OK)
		rc = tree_leaf(txn, TILES, position, there);
	if (rc != SK_OK)
		return wrong(fault, "its tile cannot be read");
	if (memcmp(hash, there, DIGEST_SIZE) != 0)
		return wrong(fault, "its hash is not the one in the tree");
	if (position % TREE_TILE_WIDTH == 0 && journal_check_tile(journal, 0,
	    position / TREE_TILE_WIDTH) != SK_OK)
		return wrong(fault, "its tile is not what stands above it");
	return SK_OK;
}

/* *gone: the key of its parts was deleted. */
static enum sk_error
check_parts(struct journal *journal, uint64_t position,
    const struct leaf *leaf, bool *gone, struct fault *fault)
{
	static uint8_t bytes[JOURNAL_PARTS_MAX];
	uint8_t digest[DIGEST_SIZE];
	struct parts parts;
	bool there = false, wanted;
	enum sk_error rc;

	wanted = leaf->kind == SK__EVENT_KIND__ENVELOPE_EVENT ||
	    memcmp(leaf->closed_commitment, none, DIGEST_SIZE) != 0;
	*gone = false;
	rc = journal_has_parts(journal, position, &there);
	if (rc != SK_OK || (!there && !wanted))
		return rc;
	rc = journal_parts(journal, position, leaf_parts_case(leaf), leaf->instant,
	    bytes, sizeof(bytes), &parts);
	if (rc == SK_ERASED) {
		*gone = journal_key_is_gone(journal, leaf_parts_case(leaf),
		    leaf->instant);
		return there || *gone ? SK_OK :
		    wrong(fault, "its parts are gone and their key is not");
	}
	if (rc != SK_OK)
		return wrong(fault, "its parts do not open");
	if (leaf->kind == SK__EVENT_KIND__ENVELOPE_EVENT) {
		chain_commitment(digest, parts.nonce, parts.facts.bytes,
		    parts.facts.size);
		if (memcmp(digest, leaf->commitment, DIGEST_SIZE) != 0)
			return wrong(fault, "its facts are not those that "
			    "were committed to");
	}
	return SK_OK;
}

static enum sk_error
check_sealed(struct journal *journal, uint64_t position,
    const struct leaf *leaf, bool gone, struct fault *fault)
{
	uint8_t empty[DIGEST_SIZE], digest[DIGEST_SIZE];
	struct span sealed;
	enum sk_error rc;

	if (leaf->kind != SK__EVENT_KIND__ENVELOPE_EVENT)
		return SK_OK;
	digest_bytes(empty, "", 0);
	rc = journal_sealed(journal, position, leaf_parts_case(leaf),
	    leaf->instant, &sealed);
	if (rc == SK_ERASED)
		return SK_OK;
	if (rc == SK_NOT_FOUND)
		return gone || memcmp(empty, leaf->sealed_digest,
		    DIGEST_SIZE) == 0 ? SK_OK :
		    wrong(fault, "its sealed part is gone");
	if (rc != SK_OK)
		return wrong(fault, "its sealed part cannot be read");
	digest_bytes(digest, sealed.bytes, sealed.size);
	if (memcmp(digest, leaf->sealed_digest, DIGEST_SIZE) != 0)
		return wrong(fault, "its sealed part has another digest");
	return SK_OK;
}

enum sk_error
scrub_entry(struct journal *journal, uint64_t position, struct fault *fault)
{
	struct span bytes;
	struct leaf leaf;
	bool gone;
	enum sk_error rc;

	if (journal_leaf(journal, position, &bytes) != SK_OK)
		return wrong(fault, "it is gone");
	if ((rc = check_hash(journal, position, bytes, fault)) != SK_OK)
		return rc;
	if (leaf_decode(bytes.bytes, bytes.size, &leaf) != SK_OK)
		return wrong(fault, "it does not decode");
	rc = check_parts(journal, position, &leaf, &gone, fault);
	return rc == SK_OK ?
	    check_sealed(journal, position, &leaf, gone, fault) : rc;
}
