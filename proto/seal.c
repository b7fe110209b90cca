#include "proto/seal.h"

#include <sodium.h>
#include <string.h>

#include "proto/wire.h"

/*
 * version 1 || digest of the content key || a sealed box of it for each
 * recipient || nonce || ciphertext and tag
 */
#define SEAL_VERSION 1
#define KEY_SIZE crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define BOX_SIZE (KEY_SIZE + crypto_box_SEALBYTES)
#define SEAL_NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES
#define FIRST_BOX (1 + DIGEST_SIZE)

_Static_assert(BOX_SIZE == 80, "80 bytes a recipient, for ever");

/* Few sizes, so that the size of a text says little about it. */
static const size_t bucket_sizes[] = { 512, 1024, 4096, 16384, 57344 };
#define BUCKETS (sizeof(bucket_sizes) / sizeof(bucket_sizes[0]))
#define BUCKET_MAX 57344

_Static_assert(SEAL_PLAIN_MAX == BUCKET_MAX - 1, "room for the 0x80");

static size_t
overhead(size_t n)
{
	return FIRST_BOX + n * BOX_SIZE + SEAL_NONCE_SIZE + TAG_SIZE;
}

/* The smallest that holds the text and its 0x80; 0 when none does. */
static size_t
bucket_for(size_t plain_size)
{
	for (size_t i = 0; i < BUCKETS; i++)
		if (plain_size < bucket_sizes[i])
			return bucket_sizes[i];
	return 0;
}

/* The padded size of what was sealed for n; 0 when it is none of ours. */
static size_t
bucket_of(size_t sealed_size, size_t n)
{
	for (size_t i = 0; i < BUCKETS; i++)
		if (sealed_size == overhead(n) + bucket_sizes[i])
			return bucket_sizes[i];
	return 0;
}

size_t
seal_size(size_t plain_size, size_t recipients)
{
	size_t bucket = bucket_for(plain_size);

	if (bucket == 0 || recipients == 0 || recipients > RECIPIENTS_MAX)
		return 0;
	return overhead(recipients) + bucket;
}

bool
seal_is_a_size(size_t sealed_size, size_t recipients)
{
	return recipients > 0 && recipients <= RECIPIENTS_MAX &&
	    bucket_of(sealed_size, recipients) != 0;
}

static void
key_digest(uint8_t out[DIGEST_SIZE], const uint8_t key[KEY_SIZE])
{
	digest_labelled(out, "schakel/key/v1",
	    &(struct span){ key, KEY_SIZE }, 1);
}

static void
associate(uint8_t out[2 * DIGEST_SIZE],
    const uint8_t header_digest[DIGEST_SIZE],
    const uint8_t commitment[DIGEST_SIZE])
{
	memcpy(out, header_digest, DIGEST_SIZE);
	memcpy(out + DIGEST_SIZE, commitment, DIGEST_SIZE);
}

/* Encrypt at the place where the padded text lies: libsodium allows both to
 * be one buffer, so that no second copy of the text has to be wiped. */
static enum sk_error
encrypt(const uint8_t key[KEY_SIZE], const uint8_t associated[2 * DIGEST_SIZE],
    const void *plain, size_t plain_size, size_t bucket, uint8_t *at)
{
	uint8_t *text = at + SEAL_NONCE_SIZE;

	randombytes_buf(at, SEAL_NONCE_SIZE);
	if (plain_size > 0)
		memcpy(text, plain, plain_size);
	memset(text + plain_size, 0, bucket - plain_size);
	text[plain_size] = 0x80;
	if (crypto_aead_xchacha20poly1305_ietf_encrypt(text, NULL, text,
	    bucket, associated, 2 * DIGEST_SIZE, NULL, at, key) != 0)
		return SK_CRYPTO;
	return SK_OK;
}

enum sk_error
seal_close(const uint8_t (*recipients)[32], size_t n,
    const uint8_t header_digest[DIGEST_SIZE],
    const uint8_t commitment[DIGEST_SIZE], const void *plain, size_t plain_size,
    uint8_t *sealed, size_t *sealed_size)
{
	uint8_t key[KEY_SIZE], associated[2 * DIGEST_SIZE];
	size_t size = seal_size(plain_size, n);
	enum sk_error rc = SK_CRYPTO;

	*sealed_size = 0;
	if (size == 0)
		return SK_OVERSIZED;
	crypto_aead_xchacha20poly1305_ietf_keygen(key);
	sealed[0] = SEAL_VERSION;
	key_digest(sealed + 1, key);
	for (size_t i = 0; i < n; i++)
		/* Fails for a public key of small order, which opens to all. */
		if (crypto_box_seal(sealed + FIRST_BOX + i * BOX_SIZE, key,
		    sizeof(key), recipients[i]) != 0)
			goto done;
	associate(associated, header_digest, commitment);
	rc = encrypt(key, associated, plain, plain_size, bucket_for(plain_size),
	    sealed + FIRST_BOX + n * BOX_SIZE);
	if (rc == SK_OK)
		*sealed_size = size;
done:
	sodium_memzero(key, sizeof(key));
	return rc;
}

/* Take off 0x80 00..; false when the padding is another. */
static bool
unpad(const uint8_t *padded, size_t bucket, size_t *plain_size)
{
	size_t end = bucket;

	while (end > 0 && padded[end - 1] == 0)
		end--;
	if (end == 0 || padded[end - 1] != 0x80)
		return false;
	*plain_size = end - 1;
	return true;
}

enum sk_error
seal_take_key(const struct seal_key *key, size_t index, size_t n,
    const void *sealed, size_t sealed_size, uint8_t content_key[SEAL_KEY_SIZE])
{
	const uint8_t *bytes = sealed;
	uint8_t digest[DIGEST_SIZE];

	if (n == 0 || n > RECIPIENTS_MAX || index >= n ||
	    bucket_of(sealed_size, n) == 0 || bytes[0] != SEAL_VERSION ||
	    crypto_box_seal_open(content_key, bytes + FIRST_BOX +
	    index * BOX_SIZE, BOX_SIZE, key->public_key, key->secret_key) != 0)
		return SK_SEAL_BROKEN;
	/* Before anything is opened: no two recipients may read two texts. */
	key_digest(digest, content_key);
	if (sodium_memcmp(digest, bytes + 1, DIGEST_SIZE) == 0)
		return SK_OK;
	sodium_memzero(content_key, SEAL_KEY_SIZE);
	return SK_SEAL_BROKEN;
}

enum sk_error
seal_open_with(const uint8_t content_key[SEAL_KEY_SIZE], size_t n,
    const uint8_t header_digest[DIGEST_SIZE],
    const uint8_t commitment[DIGEST_SIZE], const void *sealed,
    size_t sealed_size, uint8_t *plain, size_t *plain_size)
{
	const uint8_t *bytes = sealed, *nonce;
	uint8_t associated[2 * DIGEST_SIZE], digest[DIGEST_SIZE];
	size_t bucket;

	*plain_size = 0;
	if (n == 0 || n > RECIPIENTS_MAX ||
	    (bucket = bucket_of(sealed_size, n)) == 0 ||
	    bytes[0] != SEAL_VERSION)
		return SK_SEAL_BROKEN;
	key_digest(digest, content_key);
	if (sodium_memcmp(digest, bytes + 1, DIGEST_SIZE) != 0)
		return SK_SEAL_BROKEN;
	nonce = bytes + FIRST_BOX + n * BOX_SIZE;
	associate(associated, header_digest, commitment);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL,
	    nonce + SEAL_NONCE_SIZE, bucket + TAG_SIZE, associated,
	    sizeof(associated), nonce, content_key) != 0)
		return SK_SEAL_BROKEN;
	if (unpad(plain, bucket, plain_size))
		return SK_OK;
	sodium_memzero(plain, bucket);
	return SK_SEAL_BROKEN;
}

enum sk_error
seal_open(const struct seal_key *key, size_t index, size_t n,
    const uint8_t header_digest[DIGEST_SIZE],
    const uint8_t commitment[DIGEST_SIZE], const void *sealed,
    size_t sealed_size, uint8_t *plain, size_t *plain_size)
{
	uint8_t content_key[SEAL_KEY_SIZE];
	enum sk_error rc;

	*plain_size = 0;
	rc = seal_take_key(key, index, n, sealed, sealed_size, content_key);
	if (rc == SK_OK)
		rc = seal_open_with(content_key, n, header_digest, commitment,
		    sealed, sealed_size, plain, plain_size);
	sodium_memzero(content_key, sizeof(content_key));
	return rc;
}
