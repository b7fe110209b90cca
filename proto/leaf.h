/*
 * leaf.h - one journal entry as it is hashed (PROTOCOL.md, Leaf).
 */
#ifndef PROTO_LEAF_H
#define PROTO_LEAF_H

#include <stdbool.h>

#include "proto/bytes.h"
#include "proto/digest.h"
#include "proto/error.h"
#include "proto/journal.pb-c.h"

#define LEAF_FORMAT 1u
#define LEAF_BYTES_MAX 65535u
#define LEAF_CASES_MAX 16

struct leaf {
	uint64_t format;
	Sk__EventKind kind;
	int64_t instant;
	uint64_t epoch;
	/* an envelope: */
	uint64_t sender;
	uint64_t number;
	uint8_t key_id[DIGEST_SIZE];
	bool header_whole;		/* else header_digest only */
	struct span header;
	uint8_t header_digest[DIGEST_SIZE];	/* always filled by decode */
	uint8_t commitment[DIGEST_SIZE];
	uint8_t sealed_digest[DIGEST_SIZE];
	bool closes_submit;		/* the last of a SUBMIT */
	uint64_t first_number;
	uint64_t count;
	uint8_t link[DIGEST_SIZE];
	uint8_t signature[64];
	/* any other event: its bytes as signed, or its packed body */
	struct span body;
	/* all: */
	struct span outcome;		/* packed Outcome, empty for none */
	struct span effects;		/* packed Effects, empty for none */
	uint8_t closed_commitment[DIGEST_SIZE];	/* zero for none */
	uint64_t rules_version;
	uint64_t policy_version;
	size_t cases;
	struct {
		uint64_t number;
		uint64_t previous;	/* position + 1 of the entry before it in the case, 0 none */
	} touched[LEAF_CASES_MAX];
};

/* Under whose key lies what is kept beside it: the case that it belongs to,
 * also when it was refused there; 0: it reached none, its day's. */
static inline uint64_t
leaf_parts_case(const struct leaf *leaf)
{
	return leaf->cases > 0 ? leaf->touched[0].number : 0;
}

/* bytes: LEAF_BYTES_MAX. SK_OVERSIZED when it does not fit. */
enum sk_error leaf_encode(const struct leaf *leaf, uint8_t *bytes,
    size_t *size);
/* Spans point into bytes. SK_STORE_CORRUPT. */
enum sk_error leaf_decode(const void *bytes, size_t size, struct leaf *leaf);

/* What lies in the vault beside a leaf, under the case's key: bytes as
 * received and drawn. */
struct parts {
	uint8_t nonce[NONCE_SIZE];
	struct span facts;
	uint8_t closed_nonce[NONCE_SIZE];
	struct span closed;		/* packed ClosedEffects, empty for none */
	struct span header;		/* when the leaf has only its digest */
};
enum sk_error parts_encode(const struct parts *parts, uint8_t *bytes,
    size_t size_max, size_t *size);
enum sk_error parts_decode(const void *bytes, size_t size, struct parts *parts);

#endif
