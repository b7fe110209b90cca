#include "proto/chain.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "proto/bytes.h"
#include "proto/wire.h"

/* The signed bytes: label, origin, participant, key id, link. */
#define SIGNED_BYTES_MAX (32 + 2 + CHAIN_ORIGIN_MAX + 8 + DIGEST_SIZE * 2)

/* key, label || length || bytes: the length stands although the field is the
 * last, as everywhere. */
static void
commit(uint8_t out[DIGEST_SIZE], const uint8_t nonce[NONCE_SIZE],
    const char *label, const void *bytes, size_t size)
{
	uint8_t length[2] = { (uint8_t)(size >> 8), (uint8_t)size };

	digest_hmac_spans(out, nonce, NONCE_SIZE, label, (struct span[]){
	    { length, sizeof(length) }, { bytes, size } }, 2);
}

void
chain_commitment(uint8_t out[DIGEST_SIZE], const uint8_t nonce[NONCE_SIZE],
    const void *facts, size_t size)
{
	commit(out, nonce, "schakel/facts/v1", facts, size);
}

void
chain_closed_commitment(uint8_t out[DIGEST_SIZE],
    const uint8_t nonce[NONCE_SIZE], const void *closed, size_t size)
{
	commit(out, nonce, "schakel/closed/v1", closed, size);
}

void
chain_e(uint8_t e[DIGEST_SIZE], const uint8_t header_digest[DIGEST_SIZE],
    const uint8_t commitment[DIGEST_SIZE],
    const uint8_t sealed_digest[DIGEST_SIZE])
{
	digest_labelled(e, "schakel/envelope/v1", (struct span[]){
	    { header_digest, DIGEST_SIZE }, { commitment, DIGEST_SIZE },
	    { sealed_digest, DIGEST_SIZE } }, 3);
}

void
chain_envelope(const void *header, size_t header_size,
    const uint8_t nonce[NONCE_SIZE], const void *facts, size_t facts_size,
    const void *sealed, size_t sealed_size, uint8_t header_digest[DIGEST_SIZE],
    uint8_t commitment[DIGEST_SIZE], uint8_t sealed_digest[DIGEST_SIZE],
    uint8_t e[DIGEST_SIZE])
{
	digest_bytes(header_digest, header, header_size);
	chain_commitment(commitment, nonce, facts, facts_size);
	digest_bytes(sealed_digest, sealed, sealed_size);
	chain_e(e, header_digest, commitment, sealed_digest);
}

void
chain_first_link(uint8_t link[DIGEST_SIZE],
    const uint8_t founding[DIGEST_SIZE], uint64_t participant)
{
	uint8_t who[8];

	be64_put(who, participant);
	digest_labelled(link, "schakel/link0/v1", (struct span[]){
	    { founding, DIGEST_SIZE }, { who, sizeof(who) } }, 2);
}

void
chain_next_link(uint8_t link[DIGEST_SIZE],
    const uint8_t previous[DIGEST_SIZE], uint64_t first_number, uint64_t count,
    const uint8_t root[DIGEST_SIZE])
{
	uint8_t numbers[16];

	be64_put(numbers, first_number);
	be64_put(numbers + 8, count);
	digest_labelled(link, "schakel/link/v1", (struct span[]){
	    { previous, DIGEST_SIZE }, { numbers, sizeof(numbers) },
	    { root, DIGEST_SIZE } }, 3);
}

static bool
signed_bytes(struct writer *w, uint8_t bytes[SIGNED_BYTES_MAX],
    const char *origin, uint64_t participant, const uint8_t public_key[32],
    const uint8_t link[DIGEST_SIZE])
{
	uint8_t key_id[DIGEST_SIZE];

	digest_key_id(key_id, public_key);
	writer_init(w, bytes, SIGNED_BYTES_MAX);
	write_label(w, "schakel/submit/v1");
	write_var(w, origin, strlen(origin));
	if (strlen(origin) > CHAIN_ORIGIN_MAX)
		w->failed = true;
	write_u64(w, participant);
	write_raw(w, key_id, sizeof(key_id));
	write_raw(w, link, DIGEST_SIZE);
	return writer_done(w);
}

enum sk_error
chain_sign(uint8_t signature[SIGNATURE_SIZE], const char *origin,
    uint64_t participant, const uint8_t public_key[32],
    const uint8_t secret_key[64], const uint8_t link[DIGEST_SIZE])
{
	uint8_t bytes[SIGNED_BYTES_MAX];
	struct writer w;

	if (!signed_bytes(&w, bytes, origin, participant, public_key, link))
		return SK_OVERSIZED;
	if (crypto_sign_detached(signature, NULL, bytes, w.size,
	    secret_key) != 0)
		return SK_CRYPTO;
	return SK_OK;
}

enum sk_error
chain_verify(const uint8_t signature[SIGNATURE_SIZE],
    const char *origin, uint64_t participant, const uint8_t public_key[32],
    const uint8_t link[DIGEST_SIZE])
{
	uint8_t bytes[SIGNED_BYTES_MAX];
	struct writer w;

	if (!signed_bytes(&w, bytes, origin, participant, public_key, link) ||
	    crypto_sign_verify_detached(signature, bytes, w.size,
	    public_key) != 0)
		return SK_SIGNATURE_WRONG;
	return SK_OK;
}

/* One byte field of a hostile message: there, and within its sizes. */
struct bytes_field {
	const char *path;
	bool present;
	const ProtobufCBinaryData *data;
	size_t size_min;
	size_t size_max;
};

static enum sk_error
check_bytes(const struct bytes_field *fields, size_t n, struct fault *fault)
{
	for (const struct bytes_field *f = fields; f < fields + n; f++) {
		size_t size = f->present ? f->data->len : 0;

		if (size == 0 && f->size_min > 0)
			return fault_set(fault, SK_FIELD_MISSING, f->path, NULL);
		if (f->size_min == f->size_max && size != f->size_max)
			return fault_set(fault, SK_FIELD_INVALID, f->path,
			    "%zu bytes", f->size_max);
		if (size > f->size_max)
			return fault_set(fault, SK_OVERSIZED, f->path,
			    "at most %zu bytes", f->size_max);
	}
	return SK_OK;
}

static enum sk_error
check_envelope(const Sk__Envelope *v, struct fault *fault)
{
	const struct bytes_field fields[] = {
		{ "envelope.header", v->has_header, &v->header,
		    1, HEADER_BYTES_MAX },
		{ "envelope.nonce", v->has_nonce, &v->nonce,
		    NONCE_SIZE, NONCE_SIZE },
		{ "envelope.facts", v->has_facts, &v->facts,
		    0, FACTS_BYTES_MAX },
		{ "envelope.sealed", v->has_sealed, &v->sealed,
		    0, SEALED_BYTES_MAX },
	};

	return check_bytes(fields, sizeof(fields) / sizeof(fields[0]), fault);
}

static enum sk_error
check_remains(const Sk__Envelope *v, struct fault *fault)
{
	const struct bytes_field fields[] = {
		{ "envelope.commitment", v->has_commitment, &v->commitment,
		    DIGEST_SIZE, DIGEST_SIZE },
		{ "envelope.sealed_digest", v->has_sealed_digest,
		    &v->sealed_digest, DIGEST_SIZE, DIGEST_SIZE },
		v->has_header ? (struct bytes_field){ "envelope.header", true,
		    &v->header, 1, HEADER_BYTES_MAX } :
		(struct bytes_field){ "envelope.header_digest",
		    v->has_header_digest, &v->header_digest, DIGEST_SIZE,
		    DIGEST_SIZE },
	};

	if (v->nonce.len > 0 || v->facts.len > 0 || v->sealed.len > 0)
		return fault_set(fault, SK_FIELD_UNEXPECTED,
		    "envelope.commitment", "its content is there");
	return check_bytes(fields, sizeof(fields) / sizeof(fields[0]), fault);
}

bool
chain_is_remains(const Sk__Envelope *envelope)
{
	return envelope->has_commitment || envelope->has_sealed_digest ||
	    envelope->has_header_digest;
}

enum sk_error
chain_e_of(const Sk__Envelope *v, uint8_t e[DIGEST_SIZE], struct fault *fault)
{
	uint8_t header[DIGEST_SIZE], commitment[DIGEST_SIZE];
	uint8_t sealed[DIGEST_SIZE];
	enum sk_error rc;

	if (chain_is_remains(v)) {
		if ((rc = check_remains(v, fault)) != SK_OK)
			return rc;
		if (v->has_header)
			digest_bytes(header, v->header.data, v->header.len);
		else
			memcpy(header, v->header_digest.data, DIGEST_SIZE);
		chain_e(e, header, v->commitment.data, v->sealed_digest.data);
		return SK_OK;
	}
	if ((rc = check_envelope(v, fault)) != SK_OK)
		return rc;
	chain_envelope(v->header.data, v->header.len, v->nonce.data,
	    v->facts.data, v->has_facts ? v->facts.len : 0, v->sealed.data,
	    v->has_sealed ? v->sealed.len : 0, header, commitment, sealed, e);
	return SK_OK;
}

static enum sk_error
check_numbers(const Sk__Provenance *p, struct fault *fault)
{
	if (!p->has_sender || p->sender == 0)
		return fault_set(fault, SK_FIELD_MISSING, "provenance.sender",
		    NULL);
	if (p->origin == NULL || p->origin[0] == '\0')
		return fault_set(fault, SK_FIELD_MISSING, "provenance.origin",
		    NULL);
	if (strlen(p->origin) > CHAIN_ORIGIN_MAX)
		return fault_set(fault, SK_OVERSIZED, "provenance.origin",
		    "at most %d characters", CHAIN_ORIGIN_MAX);
	if (!p->has_first_number || p->first_number == 0)
		return fault_set(fault, SK_FIELD_MISSING,
		    "provenance.first_number", NULL);
	if (!p->has_count || p->count < 1 || p->count > SUBMIT_ENVELOPES_MAX)
		return fault_set(fault, SK_FIELD_INVALID, "provenance.count",
		    "1 to %u", SUBMIT_ENVELOPES_MAX);
	/* Subtract, never add: first_number comes from a stranger. */
	if (!p->has_number || p->number < p->first_number ||
	    p->number - p->first_number >= p->count)
		return fault_set(fault, SK_FIELD_INVALID, "provenance.number",
		    "from first_number on, within count");
	return SK_OK;
}

static enum sk_error
check_proof(const Sk__Provenance *p, const uint8_t signing_key[32],
    uint8_t path[TREE_PATH_MAX][DIGEST_SIZE], struct fault *fault)
{
	const struct bytes_field fields[] = {
		{ "provenance.previous_link", p->has_previous_link,
		    &p->previous_link, DIGEST_SIZE, DIGEST_SIZE },
		{ "provenance.key_id", p->has_key_id, &p->key_id,
		    DIGEST_SIZE, DIGEST_SIZE },
		{ "provenance.signature", p->has_signature, &p->signature,
		    SIGNATURE_SIZE, SIGNATURE_SIZE },
	};
	uint8_t key_id[DIGEST_SIZE];
	char where[40];
	enum sk_error rc;

	rc = check_bytes(fields, sizeof(fields) / sizeof(fields[0]), fault);
	if (rc != SK_OK)
		return rc;
	if (p->n_path > TREE_PATH_MAX)
		return fault_set(fault, SK_FIELD_INVALID, "provenance.path",
		    "at most %d digests", TREE_PATH_MAX);
	for (size_t i = 0; i < p->n_path; i++) {
		snprintf(where, sizeof(where), "provenance.path[%zu]", i);
		if (p->path[i].len != DIGEST_SIZE)
			return fault_set(fault, SK_FIELD_INVALID, where,
			    "%d bytes", DIGEST_SIZE);
		memcpy(path[i], p->path[i].data, DIGEST_SIZE);
	}
	digest_key_id(key_id, signing_key);
	if (memcmp(key_id, p->key_id.data, DIGEST_SIZE) != 0)
		return fault_set(fault, SK_SIGNATURE_WRONG, "provenance.key_id",
		    "of another key than the one at hand");
	return SK_OK;
}

enum sk_error
chain_check_provenance(const Sk__Provenance *provenance,
    const Sk__Envelope *envelope, const uint8_t signing_key[32],
    struct fault *fault)
{
	const Sk__Provenance *p = provenance;
	uint8_t path[TREE_PATH_MAX][DIGEST_SIZE], e[DIGEST_SIZE];
	uint8_t root[DIGEST_SIZE], link[DIGEST_SIZE];
	enum sk_error rc;

	if (p == NULL)
		return fault_set(fault, SK_FIELD_MISSING, "provenance", NULL);
	if (envelope == NULL)
		return fault_set(fault, SK_FIELD_MISSING, "envelope", NULL);
	if ((rc = chain_e_of(envelope, e, fault)) != SK_OK ||
	    (rc = check_numbers(p, fault)) != SK_OK ||
	    (rc = check_proof(p, signing_key, path, fault)) != SK_OK)
		return rc;
	rc = digest_tree_climb(root, e, p->count, p->number - p->first_number,
	    path, p->n_path);
	if (rc != SK_OK)
		return fault_set(fault, rc, "provenance.path",
		    "of another length for this count and number");
	chain_next_link(link, p->previous_link.data, p->first_number, p->count,
	    root);
	rc = chain_verify(p->signature.data, p->origin, p->sender, signing_key,
	    link);
	if (rc != SK_OK)
		return fault_set(fault, rc, "provenance.signature", NULL);
	return SK_OK;
}
