#include "proto/leaf.h"

#include <assert.h>
#include <string.h>

#include "proto/chain.h"
#include "proto/wire.h"

static void
write_span(struct writer *w, const struct span *span)
{
	write_var(w, span->bytes, span->size);
}

static void
read_span(struct reader *r, struct span *span)
{
	span->bytes = read_var(r, &span->size);
}

/* 0 or 1 and nothing else: one entry has one form. */
static bool
read_bool(struct reader *r)
{
	uint64_t value = read_u64(r);

	if (value > 1)
		r->failed = true;
	return value == 1;
}

static bool
kind_known(uint64_t kind)
{
	return kind <= INT32_MAX && protobuf_c_enum_descriptor_get_value(
	    &sk__event_kind__descriptor, (int)kind) != NULL;
}

/* The last envelope of a SUBMIT closes it: no other can. */
static bool
closes(const struct leaf *leaf)
{
	return leaf->first_number >= 1 && leaf->count >= 1 &&
	    leaf->count <= SUBMIT_ENVELOPES_MAX &&
	    leaf->number >= leaf->first_number &&
	    leaf->number - leaf->first_number == leaf->count - 1;
}

static void
write_envelope(struct writer *w, const struct leaf *leaf)
{
	write_u64(w, leaf->sender);
	write_u64(w, leaf->number);
	write_raw(w, leaf->key_id, DIGEST_SIZE);
	write_u64(w, leaf->header_whole ? 1 : 0);
	if (leaf->header_whole)
		write_span(w, &leaf->header);
	else
		write_raw(w, leaf->header_digest, DIGEST_SIZE);
	write_raw(w, leaf->commitment, DIGEST_SIZE);
	write_raw(w, leaf->sealed_digest, DIGEST_SIZE);
	write_u64(w, leaf->closes_submit ? 1 : 0);
	if (!leaf->closes_submit)
		return;
	assert(closes(leaf));
	write_u64(w, leaf->first_number);
	write_u64(w, leaf->count);
	write_raw(w, leaf->link, DIGEST_SIZE);
	write_var(w, leaf->signature, sizeof(leaf->signature));
}

static void
read_envelope(struct reader *r, struct leaf *leaf)
{
	const uint8_t *signature;
	size_t size;

	leaf->sender = read_u64(r);
	leaf->number = read_u64(r);
	read_into(r, leaf->key_id, DIGEST_SIZE);
	leaf->header_whole = read_bool(r);
	if (leaf->header_whole) {
		read_span(r, &leaf->header);
		if (leaf->header.size > HEADER_BYTES_MAX)
			r->failed = true;
		if (!r->failed)
			digest_bytes(leaf->header_digest, leaf->header.bytes,
			    leaf->header.size);
	} else {
		read_into(r, leaf->header_digest, DIGEST_SIZE);
	}
	read_into(r, leaf->commitment, DIGEST_SIZE);
	read_into(r, leaf->sealed_digest, DIGEST_SIZE);
	leaf->closes_submit = read_bool(r);
	if (!leaf->closes_submit)
		return;
	leaf->first_number = read_u64(r);
	leaf->count = read_u64(r);
	read_into(r, leaf->link, DIGEST_SIZE);
	signature = read_var(r, &size);
	if (size == sizeof(leaf->signature) && closes(leaf))
		memcpy(leaf->signature, signature, size);
	else
		r->failed = true;
}

enum sk_error
leaf_encode(const struct leaf *leaf, uint8_t *bytes, size_t *size)
{
	struct writer w;

	assert(leaf->format == LEAF_FORMAT && kind_known(leaf->kind));
	*size = 0;
	if (leaf->cases > LEAF_CASES_MAX ||
	    leaf->header.size > HEADER_BYTES_MAX)
		return SK_OVERSIZED;
	writer_init(&w, bytes, LEAF_BYTES_MAX);
	write_u64(&w, leaf->format);
	write_u64(&w, leaf->kind);
	write_i64(&w, leaf->instant);
	write_u64(&w, leaf->epoch);
	if (leaf->kind == SK__EVENT_KIND__ENVELOPE_EVENT)
		write_envelope(&w, leaf);
	else
		write_span(&w, &leaf->body);
	write_span(&w, &leaf->outcome);
	write_span(&w, &leaf->effects);
	write_raw(&w, leaf->closed_commitment, DIGEST_SIZE);
	write_u64(&w, leaf->rules_version);
	write_u64(&w, leaf->policy_version);
	write_u64(&w, leaf->cases);
	for (size_t i = 0; i < leaf->cases; i++) {
		write_u64(&w, leaf->touched[i].number);
		write_u64(&w, leaf->touched[i].previous);
	}
	if (!writer_done(&w))
		return SK_OVERSIZED;
	*size = w.size;
	return SK_OK;
}

static void
read_cases(struct reader *r, struct leaf *leaf)
{
	uint64_t cases = read_u64(r);

	if (cases > LEAF_CASES_MAX) {
		r->failed = true;
		return;
	}
	leaf->cases = (size_t)cases;
	for (size_t i = 0; i < leaf->cases; i++) {
		leaf->touched[i].number = read_u64(r);
		leaf->touched[i].previous = read_u64(r);
	}
}

enum sk_error
leaf_decode(const void *bytes, size_t size, struct leaf *leaf)
{
	struct reader r;
	uint64_t kind;

	memset(leaf, 0, sizeof(*leaf));
	if (size > LEAF_BYTES_MAX)
		return SK_STORE_CORRUPT;
	reader_init(&r, bytes, size);
	leaf->format = read_u64(&r);
	kind = read_u64(&r);
	if (leaf->format != LEAF_FORMAT || !kind_known(kind))
		return SK_STORE_CORRUPT;
	leaf->kind = (Sk__EventKind)kind;
	leaf->instant = read_i64(&r);
	leaf->epoch = read_u64(&r);
	if (leaf->kind == SK__EVENT_KIND__ENVELOPE_EVENT)
		read_envelope(&r, leaf);
	else
		read_span(&r, &leaf->body);
	read_span(&r, &leaf->outcome);
	read_span(&r, &leaf->effects);
	read_into(&r, leaf->closed_commitment, DIGEST_SIZE);
	leaf->rules_version = read_u64(&r);
	leaf->policy_version = read_u64(&r);
	read_cases(&r, leaf);
	return reader_done(&r) ? SK_OK : SK_STORE_CORRUPT;
}

enum sk_error
parts_encode(const struct parts *parts, uint8_t *bytes, size_t size_max,
    size_t *size)
{
	struct writer w;

	writer_init(&w, bytes, size_max);
	write_raw(&w, parts->nonce, NONCE_SIZE);
	write_span(&w, &parts->facts);
	write_raw(&w, parts->closed_nonce, NONCE_SIZE);
	write_span(&w, &parts->closed);
	write_span(&w, &parts->header);
	*size = writer_done(&w) ? w.size : 0;
	return writer_done(&w) ? SK_OK : SK_OVERSIZED;
}

enum sk_error
parts_decode(const void *bytes, size_t size, struct parts *parts)
{
	struct reader r;

	memset(parts, 0, sizeof(*parts));
	reader_init(&r, bytes, size);
	read_into(&r, parts->nonce, NONCE_SIZE);
	read_span(&r, &parts->facts);
	read_into(&r, parts->closed_nonce, NONCE_SIZE);
	read_span(&r, &parts->closed);
	read_span(&r, &parts->header);
	return reader_done(&r) ? SK_OK : SK_STORE_CORRUPT;
}
