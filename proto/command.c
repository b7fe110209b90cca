#include "proto/command.h"

#include <sodium.h>
#include <string.h>

#include "proto/bytes.h"
#include "proto/chain.h"

/* All but the command itself. */
#define FRAMING_MAX (32 + 2 + CHAIN_ORIGIN_MAX + DIGEST_SIZE + 8 + 8 + 2)
#define SIGNED_BYTES_MAX (FRAMING_MAX + VAR_SIZE_MAX)

static bool
signed_bytes(struct writer *w, uint8_t bytes[SIGNED_BYTES_MAX],
    const char *origin, const uint8_t public_key[32], uint64_t sequence,
    int64_t not_after, const void *command, size_t size)
{
	uint8_t key_id[DIGEST_SIZE];

	digest_key_id(key_id, public_key);
	writer_init(w, bytes, SIGNED_BYTES_MAX);
	write_label(w, "schakel/control/v1");
	write_var(w, origin, strlen(origin));
	if (strlen(origin) > CHAIN_ORIGIN_MAX)
		w->failed = true;
	write_raw(w, key_id, sizeof(key_id));
	write_u64(w, sequence);
	write_i64(w, not_after);
	write_var(w, command, size);
	return writer_done(w);
}

enum sk_error
command_sign(uint8_t signature[64], const char *origin,
    const uint8_t public_key[32], const uint8_t secret_key[64],
    uint64_t sequence, int64_t not_after, const void *command, size_t size)
{
	uint8_t bytes[SIGNED_BYTES_MAX];
	struct writer w;

	if (!signed_bytes(&w, bytes, origin, public_key, sequence, not_after,
	    command, size))
		return SK_OVERSIZED;
	if (crypto_sign_detached(signature, NULL, bytes, w.size,
	    secret_key) != 0)
		return SK_CRYPTO;
	return SK_OK;
}

enum sk_error
command_verify(const uint8_t signature[64], const char *origin,
    const uint8_t public_key[32], uint64_t sequence, int64_t not_after,
    const void *command, size_t size)
{
	uint8_t bytes[SIGNED_BYTES_MAX];
	struct writer w;

	if (!signed_bytes(&w, bytes, origin, public_key, sequence, not_after,
	    command, size) ||
	    crypto_sign_verify_detached(signature, bytes, w.size,
	    public_key) != 0)
		return SK_SIGNATURE_WRONG;
	return SK_OK;
}
