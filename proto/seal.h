/*
 * seal.h - what only sender and recipients can read (PROTOCOL.md, Sealed).
 */
#ifndef PROTO_SEAL_H
#define PROTO_SEAL_H

#include <stdbool.h>

#include "proto/digest.h"

#define SEAL_PLAIN_MAX 57343u	/* leaves room for the 0x80 */

struct seal_key {		/* X25519 */
	uint8_t public_key[32];
	uint8_t secret_key[32];
};

/* Size of the sealed bytes for this plaintext and number of recipients; 0
 * when it does not fit. */
size_t seal_size(size_t plain_size, size_t recipients);
/* Has anything that was sealed for so many this size? */
bool seal_is_a_size(size_t sealed_size, size_t recipients);
/*
 * recipients in header order, the sender's own among them. sealed has room
 * for seal_size(). SK_OVERSIZED when it does not fit.
 */
enum sk_error seal_close(const uint8_t (*recipients)[32], size_t n,
    const uint8_t header_digest[DIGEST_SIZE],
    const uint8_t commitment[DIGEST_SIZE], const void *plain, size_t plain_size,
    uint8_t *sealed, size_t *sealed_size);
/*
 * index is ours in the header's recipients, n their number. plain has room
 * for sealed_size bytes. SK_SEAL_BROKEN for anything that does not open.
 */
enum sk_error seal_open(const struct seal_key *key, size_t index, size_t n,
    const uint8_t header_digest[DIGEST_SIZE],
    const uint8_t commitment[DIGEST_SIZE], const void *sealed,
    size_t sealed_size, uint8_t *plain, size_t *plain_size);

/*
 * The content key alone, and opening with it: who may read a message may let
 * another read it, and that other sees the very bytes that its sender sealed.
 */
#define SEAL_KEY_SIZE 32
enum sk_error seal_take_key(const struct seal_key *key, size_t index, size_t n,
    const void *sealed, size_t sealed_size, uint8_t content_key[SEAL_KEY_SIZE]);
enum sk_error seal_open_with(const uint8_t content_key[SEAL_KEY_SIZE], size_t n,
    const uint8_t header_digest[DIGEST_SIZE],
    const uint8_t commitment[DIGEST_SIZE], const void *sealed,
    size_t sealed_size, uint8_t *plain, size_t *plain_size);

#endif
