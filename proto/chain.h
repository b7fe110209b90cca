/*
 * chain.h - the sender chain: what links and signs one SUBMIT to the last
 * (PROTOCOL.md, Sender chain).
 */
#ifndef PROTO_CHAIN_H
#define PROTO_CHAIN_H

#include <stdbool.h>

#include "proto/digest.h"
#include "proto/envelope.pb-c.h"
#include "proto/session.pb-c.h"

#define SIGNATURE_SIZE 64
#define CHAIN_ORIGIN_MAX 95	/* <name>/journal/<n> */

/*
 * commitment = HMAC-SHA-256(nonce, "schakel/facts/v1" || facts), facts after
 * their uint16 length. Past 65,535 bytes, which no limit admits, that length
 * counts modulo 65,536: a commitment to refuse with, never a crash.
 */
void chain_commitment(uint8_t out[DIGEST_SIZE], const uint8_t nonce[NONCE_SIZE],
    const void *facts, size_t size);
/* The same for closed effects, label "schakel/closed/v1". */
void chain_closed_commitment(uint8_t out[DIGEST_SIZE],
    const uint8_t nonce[NONCE_SIZE], const void *closed, size_t size);

/* e of an envelope from its digests. */
void chain_e(uint8_t e[DIGEST_SIZE], const uint8_t header_digest[DIGEST_SIZE],
    const uint8_t commitment[DIGEST_SIZE],
    const uint8_t sealed_digest[DIGEST_SIZE]);
/* All four from the bytes; nonce must be 16 bytes. */
void chain_envelope(const void *header, size_t header_size,
    const uint8_t nonce[NONCE_SIZE], const void *facts, size_t facts_size,
    const void *sealed, size_t sealed_size, uint8_t header_digest[DIGEST_SIZE],
    uint8_t commitment[DIGEST_SIZE], uint8_t sealed_digest[DIGEST_SIZE],
    uint8_t e[DIGEST_SIZE]);

/* link(0) of a participant in the journal with founding leaf hash F. */
void chain_first_link(uint8_t link[DIGEST_SIZE],
    const uint8_t founding[DIGEST_SIZE], uint64_t participant);
void chain_next_link(uint8_t link[DIGEST_SIZE],
    const uint8_t previous[DIGEST_SIZE], uint64_t first_number, uint64_t count,
    const uint8_t root[DIGEST_SIZE]);

/* Over "schakel/submit/v1" || origin || participant || key id || link. */
enum sk_error chain_sign(uint8_t signature[SIGNATURE_SIZE], const char *origin,
    uint64_t participant, const uint8_t public_key[32],
    const uint8_t secret_key[64], const uint8_t link[DIGEST_SIZE]);
enum sk_error chain_verify(const uint8_t signature[SIGNATURE_SIZE],
    const char *origin, uint64_t participant, const uint8_t public_key[32],
    const uint8_t link[DIGEST_SIZE]);

/*
 * What a recipient checks before it shows anything: e from the envelope's
 * bytes, the path, the link, the signature under signing_key. The caller has
 * looked the key up by provenance->key_id in its own directory, and knows
 * whether it may be one that is erased.
 */
enum sk_error chain_check_provenance(const Sk__Provenance *provenance,
    const Sk__Envelope *envelope, const uint8_t signing_key[32],
    struct fault *fault);

/* What is left of an erased envelope: digests in place of its content. */
bool chain_is_remains(const Sk__Envelope *envelope);
/* e of an envelope, whole or erased. The bounds of its fields are checked. */
enum sk_error chain_e_of(const Sk__Envelope *envelope, uint8_t e[DIGEST_SIZE],
    struct fault *fault);

#endif
