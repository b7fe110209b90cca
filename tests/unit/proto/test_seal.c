#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <sodium.h>

#include "proto/seal.h"
#include "proto/wire.h"

static struct seal_key keys[RECIPIENTS_MAX];
static uint8_t public_keys[RECIPIENTS_MAX][32];
static uint8_t header_digest[DIGEST_SIZE], commitment[DIGEST_SIZE];
static uint8_t plain[SEAL_PLAIN_MAX + 1], opened[SEALED_BYTES_MAX];
static uint8_t sealed[SEALED_BYTES_MAX];

static int
make_keys(void **state)
{
	uint8_t seed[32] = { 0 };

	(void)state;
	if (sodium_init() < 0)
		return -1;
	for (uint8_t i = 0; i < RECIPIENTS_MAX; i++) {
		seed[0] = i;
		crypto_box_seed_keypair(keys[i].public_key, keys[i].secret_key,
		    seed);
		memcpy(public_keys[i], keys[i].public_key, 32);
	}
	memset(header_digest, 1, DIGEST_SIZE);
	memset(commitment, 2, DIGEST_SIZE);
	memset(plain, 'x', sizeof(plain));
	return 0;
}

static enum sk_error
close_for(size_t n, size_t plain_size, size_t *size)
{
	return seal_close(public_keys, n, header_digest, commitment, plain,
	    plain_size, sealed, size);
}

static enum sk_error
open_as(size_t index, size_t n, size_t size, size_t *plain_size)
{
	return seal_open(&keys[index], index, n, header_digest, commitment,
	    sealed, size, opened, plain_size);
}

static void
test_each_text_is_padded_to_its_bucket(void **state)
{
	static const struct { size_t plain, bucket; } cases[] = {
		{ 0, 512 }, { 1, 512 }, { 511, 512 }, { 512, 1024 },
		{ 1023, 1024 }, { 1024, 4096 }, { 4095, 4096 },
		{ 4096, 16384 }, { 16383, 16384 }, { 16384, 57344 },
		{ SEAL_PLAIN_MAX, 57344 },
	};
	size_t size, plain_size;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(seal_size(cases[i].plain, 2),
		    1 + 32 + 2 * 80 + 24 + cases[i].bucket + 16);
		assert_int_equal(close_for(2, cases[i].plain, &size), SK_OK);
		assert_int_equal(size, seal_size(cases[i].plain, 2));
		assert_true(seal_is_a_size(size, 2));
		assert_false(seal_is_a_size(size - 1, 2));
		assert_false(seal_is_a_size(size + 1, 2));
		assert_false(seal_is_a_size(size, 3));
		assert_int_equal(open_as(1, 2, size, &plain_size), SK_OK);
		assert_int_equal(plain_size, cases[i].plain);
		assert_memory_equal(opened, plain, plain_size);
	}
}

static void
test_what_does_not_fit_is_refused(void **state)
{
	size_t size = 1;

	(void)state;
	assert_false(seal_is_a_size(1 + 32 + 24 + 512 + 16, 0));
	assert_false(seal_is_a_size(seal_size(0, RECIPIENTS_MAX) + 80,
	    RECIPIENTS_MAX + 1));
	assert_int_equal(seal_size(SEAL_PLAIN_MAX + 1, 1), 0);
	assert_int_equal(close_for(1, SEAL_PLAIN_MAX + 1, &size),
	    SK_OVERSIZED);
	assert_int_equal(size, 0);
	assert_int_equal(seal_size(1, 0), 0);
	assert_int_equal(seal_size(1, RECIPIENTS_MAX + 1), 0);
	assert_true(seal_size(SEAL_PLAIN_MAX, RECIPIENTS_MAX) <=
	    SEALED_BYTES_MAX);
}

static void
test_every_recipient_opens_and_nobody_else(void **state)
{
	size_t size, plain_size;

	(void)state;
	assert_int_equal(close_for(RECIPIENTS_MAX, 5, &size), SK_OK);
	for (size_t i = 0; i < RECIPIENTS_MAX; i++)
		assert_int_equal(open_as(i, RECIPIENTS_MAX, size, &plain_size),
		    SK_OK);
	assert_int_equal(close_for(2, 5, &size), SK_OK);
	assert_int_equal(seal_open(&keys[2], 1, 2, header_digest, commitment,
	    sealed, size, opened, &plain_size), SK_SEAL_BROKEN);
	assert_int_equal(open_as(2, 2, size, &plain_size), SK_SEAL_BROKEN);
	assert_int_equal(seal_open(&keys[0], (size_t)1 << 40, 2, header_digest,
	    commitment, sealed, size, opened, &plain_size), SK_SEAL_BROKEN);
	assert_int_equal(open_as(0, 0, size, &plain_size), SK_SEAL_BROKEN);
	assert_int_equal(open_as(0, 3, size, &plain_size), SK_SEAL_BROKEN);
	assert_int_equal(open_as(0, RECIPIENTS_MAX + 1, size, &plain_size),
	    SK_SEAL_BROKEN);
}

/* Who may read may let another read: the very bytes, and no others. */
static void
test_the_content_key_opens_what_was_sealed_and_nothing_else(void **state)
{
	uint8_t key[SEAL_KEY_SIZE], other[DIGEST_SIZE] = { 9 };
	size_t sealed_size, size;

	(void)state;
	assert_int_equal(close_for(2, 5, &sealed_size), SK_OK);
	assert_int_equal(seal_take_key(&keys[1], 1, 2, sealed, sealed_size,
	    key), SK_OK);
	assert_int_equal(seal_open_with(key, 2, header_digest, commitment,
	    sealed, sealed_size, opened, &size), SK_OK);
	assert_int_equal(size, 5);
	assert_memory_equal(opened, "xxxxx", 5);
	assert_int_equal(seal_open_with(key, 2, other, commitment, sealed,
	    sealed_size, opened, &size), SK_SEAL_BROKEN);
	assert_int_equal(seal_take_key(&keys[2], 1, 2, sealed, sealed_size,
	    key), SK_SEAL_BROKEN);
	memset(key, 1, sizeof(key));
	assert_int_equal(seal_open_with(key, 2, header_digest, commitment,
	    sealed, sealed_size, opened, &size), SK_SEAL_BROKEN);
	assert_int_equal(seal_open_with(key, 0, header_digest, commitment,
	    sealed, sealed_size, opened, &size), SK_SEAL_BROKEN);
}

static void
test_one_changed_byte_breaks_the_seal(void **state)
{
	/* version, key digest, our box, nonce, text, tag */
	static const size_t at[] = { 0, 1, 32, 33, 112, 113, 137, 600, 664 };
	size_t size, plain_size;

	(void)state;
	assert_int_equal(close_for(1, 5, &size), SK_OK);
	assert_int_equal(size, 665);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		sealed[at[i]] ^= 1;
		assert_int_equal(open_as(0, 1, size, &plain_size),
		    SK_SEAL_BROKEN);
		sealed[at[i]] ^= 1;
	}
	assert_int_equal(open_as(0, 1, size, &plain_size), SK_OK);
	assert_int_equal(open_as(0, 1, size - 1, &plain_size), SK_SEAL_BROKEN);
	assert_int_equal(open_as(0, 1, size + 1, &plain_size), SK_SEAL_BROKEN);
	assert_int_equal(open_as(0, 1, 0, &plain_size), SK_SEAL_BROKEN);
}

static void
test_a_seal_belongs_to_its_header_and_facts(void **state)
{
	uint8_t other[DIGEST_SIZE] = { 9 };
	size_t size, plain_size;

	(void)state;
	assert_int_equal(close_for(1, 5, &size), SK_OK);
	assert_int_equal(seal_open(&keys[0], 0, 1, other, commitment, sealed,
	    size, opened, &plain_size), SK_SEAL_BROKEN);
	assert_int_equal(seal_open(&keys[0], 0, 1, header_digest, other,
	    sealed, size, opened, &plain_size), SK_SEAL_BROKEN);
}

static void
test_padding_must_end_in_0x80_and_zeros(void **state)
{
	static const struct { uint8_t fill, last; enum sk_error want; } cases[] = {
		{ 0, 0, SK_SEAL_BROKEN },
		{ 0, 0x80, SK_OK },
		{ 0x80, 1, SK_SEAL_BROKEN },
	};
	uint8_t key[32] = { 3 }, nonce[24] = { 4 }, text[512];
	uint8_t associated[64];
	size_t plain_size;

	(void)state;
	memcpy(associated, header_digest, 32);
	memcpy(associated + 32, commitment, 32);
	for (size_t i = 0; i < 3; i++) {
		memset(text, cases[i].fill, sizeof(text));
		text[511] = cases[i].last;
		sealed[0] = 1;
		digest_labelled(sealed + 1, "schakel/key/v1",
		    &(struct span){ key, 32 }, 1);
		crypto_box_seal(sealed + 33, key, 32, public_keys[0]);
		memcpy(sealed + 113, nonce, 24);
		crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + 137, NULL,
		    text, 512, associated, 64, NULL, nonce, key);
		assert_int_equal(open_as(0, 1, 665, &plain_size),
		    cases[i].want);
	}
}

static void
test_a_key_that_opens_to_all_is_not_sealed_to(void **state)
{
	uint8_t recipients[2][32] = { { 0 } };
	size_t size;

	(void)state;
	memcpy(recipients[0], public_keys[0], 32);
	assert_int_equal(seal_close(recipients, 2, header_digest, commitment,
	    plain, 5, sealed, &size), SK_CRYPTO);
	assert_int_equal(size, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_text_is_padded_to_its_bucket),
		cmocka_unit_test(test_what_does_not_fit_is_refused),
		cmocka_unit_test(test_every_recipient_opens_and_nobody_else),
		cmocka_unit_test(
		    test_the_content_key_opens_what_was_sealed_and_nothing_else),
		cmocka_unit_test(test_one_changed_byte_breaks_the_seal),
		cmocka_unit_test(test_a_seal_belongs_to_its_header_and_facts),
		cmocka_unit_test(test_padding_must_end_in_0x80_and_zeros),
		cmocka_unit_test(test_a_key_that_opens_to_all_is_not_sealed_to),
	};

	return cmocka_run_group_tests(tests, make_keys, NULL);
}
